/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "policies/glb-strict-json.h"

#define S GLB_STRICT_JSON_ERROR_SYNTAX
#define D GLB_STRICT_JSON_ERROR_DUPLICATE
#define L GLB_STRICT_JSON_ERROR_LIMIT

typedef struct
{
  const char *text;
  GlbStrictJsonError code;
  const char *message;
} Refusal;

/* The text is put in a block of exactly its size: a byte read behind it is
 * seen by AddressSanitizer. */
static JsonNode *
parse (const char                 *text,
       gsize                       length,
       GlbStrictJsonFlags          flags,
       const GlbStrictJsonLimits  *limits,
       GHashTable                **lines,
       GError                    **error)
{
  g_autofree char *block = g_memdup2 (text, length);

  return glb_strict_json_parse (block, length, flags, limits, lines, error);
}

static void
assert_refused (const char         *text,
                gsize               length,
                GlbStrictJsonFlags  flags,
                GlbStrictJsonError  code,
                const char         *message)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = parse (text, length, flags, NULL, NULL, &error);

  g_assert_null (node);
  g_assert_cmpstr (error ? error->message : NULL, ==, message);
  g_assert_error (error, GLB_STRICT_JSON_ERROR, (int) code);
}

static void
assert_all_refused (const Refusal *refusals,
                    guint          n)
{
  for (guint i = 0; i < n; i++)
    assert_refused (refusals[i].text, strlen (refusals[i].text), GLB_STRICT_JSON_DEFAULT, refusals[i].code,
                    refusals[i].message);
}

static JsonNode *
accept (const char *text)
{
  g_autoptr(GError) error = NULL;
  JsonNode *node = parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static void
test_structure_refused (void)
{
  const Refusal refusals[] = {
    { "", S, "1: the text ends where a value should be" },
    { " \n\t\r\n ", S, "3: the text ends where a value should be" },
    { "{", S, "1: the text ends where a key in double quotes should be" },
    { "[", S, "1: the text ends where a value should be" },
    { "[1", S, "1: the text ends where ',' or ']' should be" },
    { "{\"a\"", S, "1: the text ends where ':' should be" },
    { "{\"a\":", S, "1: the text ends where a value should be" },
    { "{\"a\":1", S, "1: the text ends where ',' or '}' should be" },
    { "[1,]", S, "1: a comma before ']' is not accepted; remove it" },
    { "{\"a\":1,\n}", S, "2: a comma before '}' is not accepted; remove it" },
    { "[,1]", S, "1: found ',' where a value should be" },
    { "[1 2]", S, "1: found '2' where ',' or ']' should be" },
    { "[1}", S, "1: found '}' where ',' or ']' should be" },
    { "{\"a\":1]", S, "1: found ']' where ',' or '}' should be" },
    { "{a:1}", S, "1: found 'a' where a key in double quotes should be" },
    { "{'a':1}", S, "1: found ''' where a key in double quotes should be" },
    { "{1:1}", S, "1: found '1' where a key in double quotes should be" },
    { "{\"a\" 1}", S, "1: found '1' where ':' should be" },
    { "'a'", S, "1: found ''' where a value should be" },
    { "var x={};", S, "1: found 'v' where a value should be" },
    { "True", S, "1: found 'T' where a value should be" },
    { "nul", S, "1: found 'n' where a value should be" },
    { "nullx", S, "1: found 'x' where the end of the text should be" },
    { "NaN", S, "1: found 'N' where a value should be" },
    { "{}\n{}", S, "2: found '{' where the end of the text should be" },
    { "{}x", S, "1: found 'x' where the end of the text should be" },
    { "\f{}", S, "1: found '?' where a value should be" },
    { "\xc2\xa0{}", S, "1: found '\xc2\xa0' where a value should be" },
    { "// comment\n{}", S, "1: found '/' where a value should be" },
    { "{} // comment", S, "1: found '/' where the end of the text should be" },
    { "\xef\xbb\xbf{}", S, "1: the text begins with a byte order mark; save it as UTF-8 without one" },
    { "\xe2\x80\xae", S, "1: found '?' where a value should be" },
  };

  assert_all_refused (refusals, G_N_ELEMENTS (refusals));
}

static void
test_numbers_refused (void)
{
  const Refusal refusals[] = {
    { "01", S, "1: a number may not begin with a zero" },
    { "-01", S, "1: a number may not begin with a zero" },
    { "00", S, "1: a number may not begin with a zero" },
    { "+1", S, "1: found '+' where a value should be" },
    { ".5", S, "1: found '.' where a value should be" },
    { "-", S, "1: the text ends where a digit should be" },
    { "-x", S, "1: found 'x' where a digit should be" },
    { "1.", S, "1: the text ends where a digit should be" },
    { "1.e5", S, "1: found 'e' where a digit should be" },
    { "1e", S, "1: the text ends where a digit should be" },
    { "1e+", S, "1: the text ends where a digit should be" },
    { "0x10", S, "1: found 'x' where the end of the text should be" },
    { "1_000", S, "1: found '_' where the end of the text should be" },
    { "Infinity", S, "1: found 'I' where a value should be" },
    { "-Infinity", S, "1: found 'I' where a digit should be" },
    { "1e999", L, "1: the number 1e999 is too large" },
    { "-1e999", L, "1: the number -1e999 is too large" },
    { "9223372036854775808", L, "1: the number 9223372036854775808 does not fit 64 bits" },
    { "-9223372036854775809", L, "1: the number -9223372036854775809 does not fit 64 bits" },
    { "18446744073709551617", L, "1: the number 18446744073709551617 does not fit 64 bits" },
  };
  g_autofree char *digits = g_strnfill (129, '1');

  assert_all_refused (refusals, G_N_ELEMENTS (refusals));
  assert_refused (digits, 129, 0, L, "1: a number has more than 128 characters");
}

static void
test_strings_refused (void)
{
  const Refusal refusals[] = {
    { "\"", S, "1: the text ends within a string" },
    { "\"abc", S, "1: the text ends within a string" },
    { "\"abc\\", S, "1: the text ends within a string" },
    { "\"\\u12", S, "1: '\\u' needs four hexadecimal digits" },
    { "\"\\u12g4\"", S, "1: '\\u' needs four hexadecimal digits" },
    { "\"\\u+123\"", S, "1: '\\u' needs four hexadecimal digits" },
    { "\"\\u0000\"", S, "1: '\\u0000' is not accepted in a string" },
    { "\"\\ud800\"", S, "1: '\\ud800' is the first half of a character without the second" },
    { "\"\\ud83dx\"", S, "1: '\\ud83d' is the first half of a character without the second" },
    { "\"\\ud83d\\n12345\"", S, "1: '\\ud83d' is the first half of a character without the second" },
    { "\"\\ud83d\\ud83d\"", S, "1: '\\ud83d' is the first half of a character without the second" },
    { "\"\\ud83d\\u0041\"", S, "1: '\\ud83d' is the first half of a character without the second" },
    { "\"\\ude00\"", S, "1: '\\ude00' is the second half of a character without the first" },
    { "\"\\x41\"", S, "1: only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u may follow a backslash in a string" },
    { "\"\\'\"", S, "1: only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u may follow a backslash in a string" },
    { "\"\\U0041\"", S, "1: only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u may follow a backslash in a string" },
    { "\"a\nb\"", S, "1: control character 0x0a in a string; write it as an escape" },
    { "\"a\tb\"", S, "1: control character 0x09 in a string; write it as an escape" },
    { "\"a\x01\"", S, "1: control character 0x01 in a string; write it as an escape" },
  };

  assert_all_refused (refusals, G_N_ELEMENTS (refusals));
}

static void
test_encoding_refused (void)
{
  const Refusal refusals[] = {
    { "\"\xff\"", S, "1: byte 0xff is not valid UTF-8" },
    { "\n\n\"\x80\"", S, "3: byte 0x80 is not valid UTF-8" },
    { "\"\xc0\xaf\"", S, "1: byte 0xc0 is not valid UTF-8" },           /* overlong '/' */
    { "\"\xe0\x80\xaf\"", S, "1: byte 0xe0 is not valid UTF-8" },       /* longer still */
    { "\"\xc0\x80\"", S, "1: byte 0xc0 is not valid UTF-8" },           /* overlong NUL */
    { "\"\xed\xa0\x80\"", S, "1: byte 0xed is not valid UTF-8" },       /* a surrogate */
    { "\"\xf4\x90\x80\x80\"", S, "1: byte 0xf4 is not valid UTF-8" },   /* above U+10FFFF */
    { "\"\xe2\x82", S, "1: byte 0xe2 is not valid UTF-8" },             /* cut off */
    { "{} \xfe", S, "1: byte 0xfe is not valid UTF-8" },                /* behind the value, too */
  };

  assert_all_refused (refusals, G_N_ELEMENTS (refusals));
  assert_refused ("{\"a\0\":1}", 8, 0, S, "1: byte 0x00 is not accepted");
  assert_refused ("{}\0", 3, 0, S, "1: byte 0x00 is not accepted");
  assert_refused ("// \0\n{}", 7, GLB_STRICT_JSON_COMMENTS, S, "1: byte 0x00 is not accepted");
}

static void
test_duplicates_refused (void)
{
  const Refusal refusals[] = {
    { "{\"a\":1,\"a\":1}", D, "1: the key \"a\" is there twice; remove one" },
    { "{\"tier\":1,\n\"b\":2,\n\"\\u0074ier\":3}", D, "3: the key \"tier\" is there twice; remove one" },
    { "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", D, "1: the key \"\xf0\x9f\x98\x80\" is there twice; remove one" },
    { "{\"a/b\":1,\"a\\/b\":2}", D, "1: the key \"a/b\" is there twice; remove one" },
    { "{\"\":1,\"\":2}", D, "1: the key \"\" is there twice; remove one" },
    { "[{\"x\":{\"k\":1,\"k\":2}}]", D, "1: the key \"k\" is there twice; remove one" },
    { "{\"\\n\":1,\"\\n\":2}", D, "1: the key \"?\" is there twice; remove one" },
  };
  g_autoptr(JsonNode) elsewhere = accept ("[{\"a\":{\"a\":1}},{\"a\":1,\"A\":2,\"b\":3}]");

  assert_all_refused (refusals, G_N_ELEMENTS (refusals));
  g_assert_true (JSON_NODE_HOLDS_ARRAY (elsewhere));
}

static void
test_limits (void)
{
  const GlbStrictJsonLimits limits = { 10, 2 };
  g_autofree char *deep = g_strnfill (200000, '[');
  g_autoptr(GString) objects = g_string_new (NULL);
  g_autoptr(GString) members = g_string_new ("{\"first\":0");
  g_autoptr(GString) key = g_string_new ("{\"");
  g_autoptr(JsonNode) exact = NULL;
  g_autoptr(JsonNode) large = NULL;
  g_autoptr(JsonNode) scalar = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append (objects, "{\"a\":");
  for (guint i = 0; i < 256; i++)
    g_string_append_printf (members, ",\"%u\":%u", i, i);
  for (guint i = 0; i < 1025; i++)
    g_string_append_c (key, 'k');

  g_assert_null (parse (deep, 200000, 0, &(GlbStrictJsonLimits) { G_MAXSIZE, 16 }, NULL, &error));
  g_assert_cmpstr (error->message, ==, "1: nested deeper than 16 levels");
  g_clear_error (&error);
  g_assert_null (parse (deep, 200000, 0, &(GlbStrictJsonLimits) { G_MAXSIZE, G_MAXUINT }, NULL, &error));
  g_assert_cmpstr (error->message, ==, "1: nested deeper than 256 levels");
  g_clear_error (&error);
  g_assert_null (parse (objects->str, objects->len, 0, &(GlbStrictJsonLimits) { G_MAXSIZE, 256 }, NULL, &error));
  g_assert_cmpstr (error->message, ==, "1: nested deeper than 256 levels");
  g_clear_error (&error);
  g_assert_null (parse ("[[[]]]", 6, 0, &limits, NULL, &error));
  g_assert_error (error, GLB_STRICT_JSON_ERROR, L);
  g_clear_error (&error);
  g_assert_null (parse ("[]", 2, 0, &(GlbStrictJsonLimits) { 10, 0 }, NULL, &error));
  g_assert_cmpstr (error->message, ==, "1: nested deeper than 0 levels");
  g_clear_error (&error);
  g_assert_null (parse ("[1       ]x", 11, 0, &limits, NULL, &error));
  g_assert_cmpstr (error->message, ==, "1: the text is larger than 10 bytes");
  g_clear_error (&error);
  assert_refused (deep, 65537, 0, L, "1: the text is larger than 65536 bytes");
  assert_refused (members->str, members->len, 0, L, "1: an object has more than 256 members");
  g_string_append (key, "\":1}");
  assert_refused (key->str, key->len, 0, L, "1: a key has more than 1024 bytes");

  exact = parse ("[[      ]]", 10, 0, &limits, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (exact);
  scalar = parse ("7", 1, 0, &(GlbStrictJsonLimits) { 1, 0 }, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_node_get_int (scalar), ==, 7);
  /* Siblings do not add up. */
  large = accept ("[[[]],[[]],{},{\"a\":[]},[[]],[[[[[[[[]]]]]]]],[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]");
  g_assert_cmpuint (json_array_get_length (json_node_get_array (large)), ==, 7);
}

/* Keys whose hashes collide in json-glib's table must not make it slow. */
static void
test_colliding_keys (void)
{
  g_autoptr(GString) text = g_string_new ("[");
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = NULL;
  gint64 start;

  for (guint object = 0; object < 160; object++)
    {
      g_string_append (text, object ? ",{" : "{");
      for (guint i = 0; i < 256; i++)
        {
          g_string_append (text, i ? ",\"" : "\"");
          for (guint bit = 0; bit < 8; bit++)
            g_string_append (text, i & 1u << bit ? "Ab" : "BA");
          g_string_append (text, "\":0");
        }
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, ']');
  g_assert_cmpuint (g_str_hash ("AbBA"), ==, g_str_hash ("BAAb"));

  start = g_get_monotonic_time ();
  node = parse (text->str, text->len, 0, &(GlbStrictJsonLimits) { G_MAXSIZE, 2 }, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 160);
  g_test_message ("%" G_GSIZE_FORMAT " bytes in %" G_GINT64_FORMAT " us", text->len, g_get_monotonic_time () - start);
}

static void
test_numbers (void)
{
  const struct { const char *text; gint64 value; } whole[] = {
    { "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-12", -12 }, { " 42 ", 42 },
    { "9223372036854775807", G_MAXINT64 }, { "-9223372036854775808", G_MININT64 },
  };
  const struct { const char *text; double value; } fractions[] = {
    { "0.5", 0.5 }, { "-0.25", -0.25 }, { "1e3", 1000 }, { "1E+3", 1000 }, { "25e-2", 0.25 }, { "1.0", 1 },
    { "0e0", 0 }, { "1e308", 1e308 }, { "1e-999", 0 },
    { "9223372036854775808.0", 9223372036854775808.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      g_autoptr(JsonNode) node = accept (whole[i].text);

      g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
      g_assert_cmpint (json_node_get_int (node), ==, whole[i].value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fractions); i++)
    {
      g_autoptr(JsonNode) node = accept (fractions[i].text);

      g_assert_true (json_node_get_value_type (node) == G_TYPE_DOUBLE);
      g_assert_cmpfloat (json_node_get_double (node), ==, fractions[i].value);
    }
}

static void
test_strings (void)
{
  const struct { const char *text; const char *value; } strings[] = {
    { "\"\"", "" },
    { "\"plain\"", "plain" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    { "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
    { "\"\\ud83d\\ude00\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80" },
    { "\"za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 // no comment\"", "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 // no comment" },
    { "\"\x7f\"", "\x7f" },
    { "\"\\u0001\"", "\x01" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr(JsonNode) node = accept (strings[i].text);

      g_assert_cmpstr (json_node_get_string (node), ==, strings[i].value);
    }
}

static void
test_tree (void)
{
  g_autoptr(JsonNode) node = accept (" {\r\n\"a\" : [ 1 , true,false , null, \"s\" ] ,\t\"b\":{ } , \"c\":[ ]}\n");
  JsonObject *object = json_node_get_object (node);
  JsonArray *array = json_object_get_array_member (object, "a");
  g_autoptr(GList) members = json_object_get_members (object);

  g_assert_cmpuint (g_list_length (members), ==, 3);
  g_assert_cmpstr (g_list_nth_data (members, 0), ==, "a");
  g_assert_cmpstr (g_list_nth_data (members, 2), ==, "c");
  g_assert_cmpuint (json_array_get_length (array), ==, 5);
  g_assert_cmpint (json_array_get_int_element (array, 0), ==, 1);
  g_assert_true (json_array_get_boolean_element (array, 1));
  g_assert_false (json_array_get_boolean_element (array, 2));
  g_assert_true (json_array_get_null_element (array, 3));
  g_assert_cmpstr (json_array_get_string_element (array, 4), ==, "s");
  g_assert_cmpuint (json_object_get_size (json_object_get_object_member (object, "b")), ==, 0);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "c")), ==, 0);
}

static void
test_comments (void)
{
  const Refusal refusals[] = {
    { "{/* */}", S, "1: found '/' where a key in double quotes should be" },
    { "{# x\n}", S, "1: found '#' where a key in double quotes should be" },
    { "{}/", S, "1: found '/' where the end of the text should be" },
    { "{ // }", S, "1: the text ends where a key in double quotes should be" },
    { "// a\n// b\n{ \"a\" // c\n 1}", S, "4: found '1' where ':' should be" },
    { "1// \xff", S, "1: byte 0xff is not valid UTF-8" },
  };
  const char text[] = "// head \"quoted\"\n{ // one {\n\"a\": // two\n\"http://x\", //\n\"b\" // three\n: [1, // four\n2] }\n// end";
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = NULL;
  JsonObject *object;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (refusals[i].text, strlen (refusals[i].text), GLB_STRICT_JSON_COMMENTS, refusals[i].code,
                    refusals[i].message);

  node = parse (text, strlen (text), GLB_STRICT_JSON_COMMENTS, NULL, NULL, &error);
  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "a"), ==, "http://x");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "b")), ==, 2);
}

static void
test_lines (void)
{
  const char text[] = "\n{\n \"a\": {\n  \"b/c~d\": [1,\n2, {\"e\":\n3}]\n },\n \"f\": 4 }";
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) lines = NULL;
  g_autoptr(JsonNode) node = NULL;

  g_assert_null (parse ("{]", 2, 0, NULL, &lines, &error));
  g_assert_null (lines);
  g_clear_error (&error);

  node = parse (text, strlen (text), 0, NULL, &lines, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glb_strict_json_get_line (lines, ""), ==, 2);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a"), ==, 3);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a/b~1c~0d"), ==, 4);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a/b~1c~0d/0"), ==, 4);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a/b~1c~0d/1"), ==, 5);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a/b~1c~0d/2/e"), ==, 5);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/f"), ==, 8);
  /* Not there: the nearest above. */
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a/b~1c~0d/9"), ==, 4);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/a/x/y/z"), ==, 3);
  g_assert_cmpuint (glb_strict_json_get_line (lines, "/x"), ==, 2);
  g_assert_cmpuint (g_hash_table_size (lines), ==, 8);
}

static void
test_printable (void)
{
  const struct { const char *text; const char *printable; } texts[] = {
    { "plain \xc3\xa9", "plain \xc3\xa9" },
    { "a\nb\x1b[31m\x7f", "a?b?[31m?" },
    { "\xff\xc0\xafx", "???x" },
    { "\xe2\x80\xae\xe2\x80\x8b\xc2\x85", "???" },
    { "0123456789abcdef", "0123456789\xe2\x80\xa6" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *printable = glb_strict_json_printable (texts[i].text, -1, 10);

      g_assert_cmpstr (printable, ==, texts[i].printable);
    }
}

/* Decimal commas of a locale do not reach numbers. */
static void
test_locale (void)
{
  g_autoptr(JsonNode) node = NULL;

  if (!setlocale (LC_ALL, "de_DE.UTF-8") && !setlocale (LC_ALL, "pl_PL.UTF-8"))
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }
  node = accept ("1.5");
  setlocale (LC_ALL, "C");
  g_assert_cmpfloat (json_node_get_double (node), ==, 1.5);
}

static void
test_speed (void)
{
  const char action[] = "{\"action\":\"left_click\",\"coordinate\":[640,400],\"settle\":true,\"screenshot\":true}";
  gint64 start = g_get_monotonic_time ();
  guint n = g_test_perf () ? 200000 : 2000;
  double nanoseconds;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(JsonNode) node = glb_strict_json_parse (action, sizeof action - 1, 0, NULL, NULL, NULL);

      g_assert_nonnull (node);
    }
  nanoseconds = (g_get_monotonic_time () - start) * 1000.0 / n;
  g_test_minimized_result (nanoseconds, "%.0f ns an action", nanoseconds);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/strict-json/refused/structure", test_structure_refused);
  g_test_add_func ("/strict-json/refused/numbers", test_numbers_refused);
  g_test_add_func ("/strict-json/refused/strings", test_strings_refused);
  g_test_add_func ("/strict-json/refused/encoding", test_encoding_refused);
  g_test_add_func ("/strict-json/refused/duplicates", test_duplicates_refused);
  g_test_add_func ("/strict-json/limits", test_limits);
  g_test_add_func ("/strict-json/colliding-keys", test_colliding_keys);
  g_test_add_func ("/strict-json/numbers", test_numbers);
  g_test_add_func ("/strict-json/strings", test_strings);
  g_test_add_func ("/strict-json/tree", test_tree);
  g_test_add_func ("/strict-json/comments", test_comments);
  g_test_add_func ("/strict-json/lines", test_lines);
  g_test_add_func ("/strict-json/printable", test_printable);
  g_test_add_func ("/strict-json/locale", test_locale);
  g_test_add_func ("/strict-json/speed", test_speed);

  return g_test_run ();
}
