/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-strict-json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/*
 * A strict RFC 8259 parser for hostile text
 * =========================================
 *
 * json-glib's tree is good and its parser is not: deep nesting overflows its
 * stack, duplicate keys are accepted, numbers wrap, "\u0000" cuts strings, and
 * several dialects of JavaScript pass. A checker in front of it would have to
 * agree with it about each byte for ever, so this file reads the text itself
 * and only builds the tree from json-glib's types.
 *
 * What bounds the work: the size is checked before anything else, the depth
 * before each recursion, the members of one object (json-glib's tables use a
 * hash that is easily collided), the length of a key and of a number. All of
 * the text is checked as UTF-8 first, so the rest may look at single bytes.
 * Text quoted in messages is made printable and short.
 */

#define DEFAULT_MAX_BYTES  (64 * 1024)
#define DEFAULT_MAX_DEPTH  16
#define HARD_MAX_DEPTH     256
#define MAX_MEMBERS        256
#define MAX_KEY_BYTES      1024
#define MAX_NUMBER_BYTES   128
#define MAX_POINTER_BYTES  512
#define MAX_QUOTED_CHARS   40

typedef struct
{
  const char *cursor;
  const char *end;
  guint       line;
  gboolean    comments;
  guint       max_depth;
  guint       depth;
  GString    *scratch;   /* the string just read */
  GHashTable *lines;     /* (nullable) */
  GString    *pointer;   /* (nullable): where we are */
  GError    **error;
} Parser;

static JsonNode *parse_value (Parser *self);

G_DEFINE_QUARK (glb-strict-json-error-quark, glb_strict_json_error)

static gboolean fail (Parser *self, GlbStrictJsonError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Always FALSE, so that callers can return it. */
static gboolean
fail (Parser             *self,
      GlbStrictJsonError  code,
      const char         *format,
      ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (self->error, GLB_STRICT_JSON_ERROR, code, "%u: %s", self->line, what);
  return FALSE;
}

static gboolean
fail_unexpected (Parser     *self,
                 const char *expected)
{
  g_autofree char *found = NULL;

  if (self->cursor == self->end)
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "the text ends where %s should be", expected);

  found = glb_strict_json_printable (self->cursor, self->end - self->cursor, 1);
  return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "found '%.*s' where %s should be",
               (int) (g_utf8_next_char (found) - found), found, expected);
}

static gboolean
at_byte (Parser *self,
         char    byte)
{
  return self->cursor < self->end && *self->cursor == byte;
}

static void
skip_comment (Parser *self)
{
  const char *newline = memchr (self->cursor, '\n', self->end - self->cursor);

  self->cursor = newline ? newline : self->end;
}

static void
skip_space (Parser *self)
{
  for (; self->cursor < self->end; self->cursor++)
    {
      switch (*self->cursor)
        {
        case '\n':
          self->line++;
          break;
        case ' ':
        case '\t':
        case '\r':
          break;
        case '/':
          if (!self->comments || self->end - self->cursor < 2 || self->cursor[1] != '/')
            return;
          skip_comment (self);
          self->cursor--;
          break;
        default:
          return;
        }
    }
}

static gboolean
parse_hex4 (Parser   *self,
            gunichar *unit)
{
  gunichar value = 0;

  if (self->end - self->cursor < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (self->cursor[i]);

      if (digit < 0)
        return FALSE;
      value = value << 4 | digit;
    }
  self->cursor += 4;
  *unit = value;
  return TRUE;
}

/* The cursor is behind "\u". */
static gboolean
parse_unicode_escape (Parser *self)
{
  gunichar unit, low;

  if (!parse_hex4 (self, &unit))
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "'\\u' needs four hexadecimal digits");
  if (unit == 0)
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "'\\u0000' is not accepted in a string");
  if (unit >= 0xdc00 && unit <= 0xdfff)
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "'\\u%04x' is the second half of a character without the first", unit);
  if (unit >= 0xd800 && unit <= 0xdbff)
    {
      if (self->end - self->cursor < 6 || self->cursor[0] != '\\' || self->cursor[1] != 'u')
        return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX,
                     "'\\u%04x' is the first half of a character without the second", unit);
      self->cursor += 2;
      if (!parse_hex4 (self, &low) || low < 0xdc00 || low > 0xdfff)
        return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX,
                     "'\\u%04x' is the first half of a character without the second", unit);
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
  g_string_append_unichar (self->scratch, unit);
  return TRUE;
}

/* The cursor is behind the backslash. */
static gboolean
parse_escape (Parser *self)
{
  char escape;

  if (self->cursor == self->end)
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "the text ends within a string");

  escape = *self->cursor++;
  switch (escape)
    {
    case '"': case '\\': case '/': break;
    case 'b': escape = '\b'; break;
    case 'f': escape = '\f'; break;
    case 'n': escape = '\n'; break;
    case 'r': escape = '\r'; break;
    case 't': escape = '\t'; break;
    case 'u': return parse_unicode_escape (self);
    default:
      return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX,
                   "only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u may follow a backslash in a string");
    }
  g_string_append_c (self->scratch, escape);
  return TRUE;
}

/* Into self->scratch; the cursor is at the opening quote. */
static gboolean
parse_string (Parser *self)
{
  self->cursor++;
  g_string_truncate (self->scratch, 0);

  for (;;)
    {
      const char *run = self->cursor;

      while (self->cursor < self->end && *self->cursor != '"' && *self->cursor != '\\' &&
             (guchar) *self->cursor >= 0x20)
        self->cursor++;
      g_string_append_len (self->scratch, run, self->cursor - run);

      if (self->cursor == self->end)
        return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "the text ends within a string");
      if (*self->cursor == '"')
        {
          self->cursor++;
          return TRUE;
        }
      if (*self->cursor != '\\')
        return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX,
                     "control character 0x%02x in a string; write it as an escape", (guchar) *self->cursor);
      self->cursor++;
      if (!parse_escape (self))
        return FALSE;
    }
}

/* One digit or more. */
static gboolean
skip_digits (Parser *self)
{
  const char *start = self->cursor;

  while (self->cursor < self->end && g_ascii_isdigit (*self->cursor))
    self->cursor++;
  return self->cursor > start;
}

/* Checks the grammar; is_double: has a fraction or an exponent. */
static gboolean
scan_number (Parser   *self,
             gboolean *is_double)
{
  *is_double = FALSE;

  if (at_byte (self, '-'))
    self->cursor++;
  if (at_byte (self, '0'))
    {
      self->cursor++;
      if (self->cursor < self->end && g_ascii_isdigit (*self->cursor))
        return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "a number may not begin with a zero");
    }
  else if (!skip_digits (self))
    return fail_unexpected (self, "a digit");

  if (at_byte (self, '.'))
    {
      *is_double = TRUE;
      self->cursor++;
      if (!skip_digits (self))
        return fail_unexpected (self, "a digit");
    }
  if (at_byte (self, 'e') || at_byte (self, 'E'))
    {
      *is_double = TRUE;
      self->cursor++;
      if (at_byte (self, '+') || at_byte (self, '-'))
        self->cursor++;
      if (!skip_digits (self))
        return fail_unexpected (self, "a digit");
    }
  return TRUE;
}

static JsonNode *
parse_number (Parser *self)
{
  const char *start = self->cursor;
  char digits[MAX_NUMBER_BYTES + 1];
  gboolean is_double;
  gsize length;

  if (!scan_number (self, &is_double))
    return NULL;

  length = self->cursor - start;
  if (length > MAX_NUMBER_BYTES)
    {
      fail (self, GLB_STRICT_JSON_ERROR_LIMIT, "a number has more than %u characters", MAX_NUMBER_BYTES);
      return NULL;
    }
  memcpy (digits, start, length);
  digits[length] = '\0';

  if (is_double)
    {
      double value = g_ascii_strtod (digits, NULL);

      if (!isfinite (value))
        {
          fail (self, GLB_STRICT_JSON_ERROR_LIMIT, "the number %s is too large", digits);
          return NULL;
        }
      return json_node_init_double (json_node_alloc (), value);
    }
  else
    {
      gint64 value;

      errno = 0;
      value = g_ascii_strtoll (digits, NULL, 10);
      if (errno != 0)
        {
          fail (self, GLB_STRICT_JSON_ERROR_LIMIT, "the number %s does not fit 64 bits", digits);
          return NULL;
        }
      return json_node_init_int (json_node_alloc (), value);
    }
}

static gboolean
enter (Parser *self)
{
  if (self->depth >= self->max_depth)
    return fail (self, GLB_STRICT_JSON_ERROR_LIMIT, "nested deeper than %u levels", self->max_depth);
  self->depth++;
  self->cursor++;
  skip_space (self);
  return TRUE;
}

/* Notes the line of a child and makes it the current place. Returns what
 * pop_pointer() needs. */
static gsize
push_pointer (Parser     *self,
              const char *key)
{
  gsize before;

  if (!self->lines)
    return 0;

  before = self->pointer->len;
  g_string_append_c (self->pointer, '/');
  for (const char *c = key; *c != '\0'; c++)
    {
      if (*c == '~')
        g_string_append (self->pointer, "~0");
      else if (*c == '/')
        g_string_append (self->pointer, "~1");
      else
        g_string_append_c (self->pointer, *c);
    }
  if (self->pointer->len <= MAX_POINTER_BYTES)
    g_hash_table_insert (self->lines, g_strdup (self->pointer->str), GUINT_TO_POINTER (self->line));
  return before;
}

static gsize
push_index (Parser *self,
            guint   index)
{
  char key[16];

  if (!self->lines)
    return 0;

  g_snprintf (key, sizeof key, "%u", index);
  return push_pointer (self, key);
}

static void
pop_pointer (Parser *self,
             gsize   before)
{
  if (self->lines)
    g_string_truncate (self->pointer, before);
}

/* After an element: TRUE and *more, or an error. */
static gboolean
parse_separator (Parser   *self,
                 char      closing,
                 gboolean *more)
{
  skip_space (self);
  if (at_byte (self, closing))
    {
      self->cursor++;
      self->depth--;
      *more = FALSE;
      return TRUE;
    }
  if (!at_byte (self, ','))
    return fail_unexpected (self, closing == '}' ? "',' or '}'" : "',' or ']'");

  self->cursor++;
  skip_space (self);
  if (at_byte (self, closing))
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "a comma before '%c' is not accepted; remove it", closing);
  *more = TRUE;
  return TRUE;
}

static JsonNode *
parse_array (Parser *self)
{
  g_autoptr(JsonArray) array = NULL;
  gboolean more = TRUE;

  if (!enter (self))
    return NULL;

  array = json_array_new ();
  if (at_byte (self, ']'))
    {
      self->cursor++;
      self->depth--;
      more = FALSE;
    }
  while (more)
    {
      gsize place = push_index (self, json_array_get_length (array));
      JsonNode *element = parse_value (self);

      if (!element)
        return NULL;
      json_array_add_element (array, element);
      pop_pointer (self, place);
      if (!parse_separator (self, ']', &more))
        return NULL;
    }
  return json_node_init_array (json_node_alloc (), array);
}

/* Into self->scratch, with the colon. */
static gboolean
parse_key (Parser     *self,
           JsonObject *object)
{
  if (!at_byte (self, '"'))
    return fail_unexpected (self, "a key in double quotes");
  if (!parse_string (self))
    return FALSE;
  if (self->scratch->len > MAX_KEY_BYTES)
    return fail (self, GLB_STRICT_JSON_ERROR_LIMIT, "a key has more than %u bytes", MAX_KEY_BYTES);
  if (json_object_get_size (object) >= MAX_MEMBERS)
    return fail (self, GLB_STRICT_JSON_ERROR_LIMIT, "an object has more than %u members", MAX_MEMBERS);
  if (json_object_has_member (object, self->scratch->str))
    {
      g_autofree char *key = glb_strict_json_printable (self->scratch->str, self->scratch->len, MAX_QUOTED_CHARS);

      return fail (self, GLB_STRICT_JSON_ERROR_DUPLICATE, "the key \"%s\" is there twice; remove one", key);
    }
  return TRUE;
}

static gboolean
parse_member (Parser     *self,
              JsonObject *object)
{
  g_autofree char *key = NULL;
  JsonNode *value;
  gsize place;

  if (!parse_key (self, object))
    return FALSE;

  key = g_strndup (self->scratch->str, self->scratch->len);
  place = push_pointer (self, key);
  skip_space (self);
  if (!at_byte (self, ':'))
    return fail_unexpected (self, "':'");
  self->cursor++;
  skip_space (self);

  value = parse_value (self);
  if (!value)
    return FALSE;
  json_object_set_member (object, key, value);
  pop_pointer (self, place);
  return TRUE;
}

static JsonNode *
parse_object (Parser *self)
{
  g_autoptr(JsonObject) object = NULL;
  gboolean more = TRUE;

  if (!enter (self))
    return NULL;

  object = json_object_new ();
  if (at_byte (self, '}'))
    {
      self->cursor++;
      self->depth--;
      more = FALSE;
    }
  while (more)
    if (!parse_member (self, object) || !parse_separator (self, '}', &more))
      return NULL;
  return json_node_init_object (json_node_alloc (), object);
}

static gboolean
skip_word (Parser     *self,
           const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->cursor) < length || memcmp (self->cursor, word, length) != 0)
    return FALSE;
  self->cursor += length;
  return TRUE;
}

static JsonNode *
parse_word (Parser *self)
{
  if (skip_word (self, "true"))
    return json_node_init_boolean (json_node_alloc (), TRUE);
  if (skip_word (self, "false"))
    return json_node_init_boolean (json_node_alloc (), FALSE);
  if (skip_word (self, "null"))
    return json_node_init_null (json_node_alloc ());

  fail_unexpected (self, "a value");
  return NULL;
}

static JsonNode *
parse_value (Parser *self)
{
  if (self->cursor == self->end)
    {
      fail_unexpected (self, "a value");
      return NULL;
    }

  switch (*self->cursor)
    {
    case '{':
      return parse_object (self);
    case '[':
      return parse_array (self);
    case '"':
      if (!parse_string (self))
        return NULL;
      return json_node_init_string (json_node_alloc (), self->scratch->str);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return parse_number (self);
    default:
      return parse_word (self);
    }
}

/* Before anything reads single bytes. */
static gboolean
check_encoding (Parser *self)
{
  const char *bad;

  if (self->end - self->cursor >= 3 && memcmp (self->cursor, "\xef\xbb\xbf", 3) == 0)
    return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, "the text begins with a byte order mark; save it as UTF-8 without one");

  if (g_utf8_validate_len (self->cursor, self->end - self->cursor, &bad))
    return TRUE;

  for (const char *c = self->cursor; c < bad; c++)
    if (*c == '\n')
      self->line++;
  return fail (self, GLB_STRICT_JSON_ERROR_SYNTAX, *bad == '\0' ? "byte 0x%02x is not accepted" : "byte 0x%02x is not valid UTF-8",
               (guchar) *bad);
}

static JsonNode *
parse_document (Parser *self)
{
  g_autoptr(JsonNode) root = NULL;

  if (!check_encoding (self))
    return NULL;

  skip_space (self);
  if (self->lines)
    g_hash_table_insert (self->lines, g_strdup (""), GUINT_TO_POINTER (self->line));
  root = parse_value (self);
  if (!root)
    return NULL;

  skip_space (self);
  if (self->cursor != self->end)
    {
      fail_unexpected (self, "the end of the text");
      return NULL;
    }
  return g_steal_pointer (&root);
}

JsonNode *
glb_strict_json_parse (const char                 *text,
                       gsize                       length,
                       GlbStrictJsonFlags          flags,
                       const GlbStrictJsonLimits  *limits,
                       GHashTable                **lines,
                       GError                    **error)
{
  static const GlbStrictJsonLimits default_limits = { DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH };
  g_autoptr(GHashTable) line_table = NULL;
  Parser self = { 0 };
  JsonNode *root;

  g_return_val_if_fail (text != NULL || length == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!text)
    text = "";
  if (!limits)
    limits = &default_limits;
  if (lines)
    {
      *lines = NULL;
      line_table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      self.pointer = g_string_new (NULL);
    }

  self.cursor = text;
  self.end = text + length;
  self.line = 1;
  self.comments = (flags & GLB_STRICT_JSON_COMMENTS) != 0;
  self.max_depth = MIN (limits->max_depth, HARD_MAX_DEPTH);
  self.lines = line_table;
  self.error = error;

  if (length > limits->max_bytes)
    {
      fail (&self, GLB_STRICT_JSON_ERROR_LIMIT, "the text is larger than %" G_GSIZE_FORMAT " bytes", limits->max_bytes);
      root = NULL;
    }
  else
    {
      self.scratch = g_string_sized_new (128);
      root = parse_document (&self);
      g_string_free (self.scratch, TRUE);
    }

  if (self.pointer)
    g_string_free (self.pointer, TRUE);
  if (root && lines)
    *lines = g_steal_pointer (&line_table);
  return root;
}

guint
glb_strict_json_get_line (GHashTable *lines,
                          const char *pointer)
{
  g_autofree char *place = g_strdup (pointer);

  g_return_val_if_fail (lines != NULL, 0);
  g_return_val_if_fail (pointer != NULL, 0);

  for (;;)
    {
      gpointer line;
      char *slash;

      if (g_hash_table_lookup_extended (lines, place, NULL, &line))
        return GPOINTER_TO_UINT (line);
      slash = strrchr (place, '/');
      if (!slash)
        return 1;
      *slash = '\0';
    }
}

char *
glb_strict_json_printable (const char *untrusted_text,
                           gssize      length,
                           guint       max_chars)
{
  const char *cursor = untrusted_text;
  const char *end = untrusted_text + (length < 0 ? strlen (untrusted_text) : (gsize) length);
  GString *printable = g_string_new (NULL);

  for (guint n = 0; cursor < end; n++)
    {
      gunichar c = g_utf8_get_char_validated (cursor, end - cursor);

      if (n == max_chars)
        {
          g_string_append (printable, "…");
          break;
        }
      if (c >= (gunichar) -2 || c == 0)
        {
          g_string_append_c (printable, '?');
          cursor++;
          continue;
        }
      if (g_unichar_isprint (c) && !g_unichar_iszerowidth (c))
        g_string_append_unichar (printable, c);
      else
        g_string_append_c (printable, '?');
      cursor = g_utf8_next_char (cursor);
    }
  return g_string_free (printable, FALSE);
}
