/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policies/glb-json-writer.h"

#include <math.h>
#include <string.h>

#include "policies/glb-strict-json.h"

static JsonNode *
parse (const char *text)
{
  const GlbStrictJsonLimits limits = { 64 * 1024, 16 };
  g_autoptr(GError) error = NULL;
  JsonNode *node = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, &limits, NULL, &error);

  g_assert_no_error (error);
  return node;
}

/* Written as read. */
static const char * const same[] = {
  "{}", "[]", "null", "true", "0", "-1", "9223372036854775807", "-9223372036854775808", "0.5", "1.0", "0.1", "-0.25",
  "1e+300", "1e-07", "1.7976931348623157e+308", "5e-324", "0.30000000000000004",
  "\"\"", "\"a\\\"b\\\\c/\"", "\"\\n\\r\\t\"", "\"\\u0001\\u0008\\u000c\\u001f\\u007f\\u009b\\u2028\\u2029\"",
  "\"zażółć 你好 😀\"", "{\"b\":1,\"a\":[1,2,{\"c\":null}],\"\\u0007\":{}}",
};

static void
test_same (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autoptr(JsonNode) node = parse (same[i]);
      g_autofree char *text = glb_json_write (node);
      g_autoptr(JsonNode) again = parse (text);

      g_assert_true (json_node_equal (node, again));
      /* The least number has many spellings. */
      if (strcmp (same[i], "5e-324") != 0)
        g_assert_cmpstr (text, ==, same[i]);
    }
}

/* Each string of one or two bytes, as name and as value. */
static void
test_hostile_strings (void)
{
  for (guint first = 1; first < 256; first++)
    for (guint second = 0; second < 256; second++)
      {
        const char string[] = { first, second, '\0' };
        g_autofree char *valid = g_utf8_make_valid (string, -1);
        g_autoptr(JsonObject) object = json_object_new ();
        g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
        g_autoptr(JsonNode) again = NULL;
        g_autofree char *text = NULL;

        json_object_set_string_member (object, string, string);
        json_node_set_object (node, object);
        text = glb_json_write (node);
        g_assert_null (strpbrk (text, "\n\r\x1f\x7f"));
        again = parse (text);
        g_assert_cmpstr (json_object_get_string_member (json_node_get_object (again), valid), ==, valid);
      }
}

static void
test_no_numbers (void)
{
  const double numbers[] = { NAN, INFINITY, -INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(JsonNode) node = json_node_init_double (json_node_alloc (), numbers[i]);
      g_autofree char *text = glb_json_write (node);

      g_assert_cmpstr (text, ==, "null");
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-writer/hostile-strings", test_hostile_strings);
  g_test_add_func ("/json-writer/no-numbers", test_no_numbers);
  g_test_add_func ("/json-writer/same", test_same);
  return g_test_run ();
}
