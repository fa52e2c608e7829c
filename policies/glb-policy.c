/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policies/glb-policies-resources.h"
#include "policies/glb-policy-key.h"
#include "policies/glb-strict-json.h"

/*
 * The policy parser
 * =================
 *
 * A document becomes a tree (glb-strict-json), the tree is walked along the
 * tables of glb-policy-key.c, and the result is written out again in the one
 * canonical form whose SHA-256 identifies the policy: keys sorted, every
 * default said outright, lists sorted, no white space. Parsing the canonical
 * form gives the same policy, so what the audit holds can be run again.
 *
 * The first thing wrong ends it. Messages are one line, name source, line and
 * JSON pointer, and say what to write instead.
 */

#define MAX_BYTES         (256 * 1024)
#define MAX_DEPTH         16
#define MAX_PATHS         256
#define MAX_NAME          64
#define MAX_QUOTED_CHARS  60
#define TEMPLATE_FOLDER   "/org/glovebox/policies/templates/"

static const GlbStrictJsonLimits policy_limits = { MAX_BYTES, MAX_DEPTH };

typedef struct
{
  GlbPolicy   *policy;
  const char  *source;
  GHashTable  *lines;
  GString     *pointer;
  GError     **error;
} Reader;

static gboolean read_key (Reader *self, const GlbPolicyKey *key, JsonNode *node);

G_DEFINE_QUARK (glb-policy-error-quark, glb_policy_error)

static gboolean fail (Reader *self, GlbPolicyError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Always FALSE, so that callers can return it. */
static gboolean
fail (Reader         *self,
      GlbPolicyError  code,
      const char     *format,
      ...)
{
  g_autofree char *what = NULL;
  g_autofree char *place = glb_strict_json_printable (self->pointer->str, self->pointer->len, 200);
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (self->error, GLB_POLICY_ERROR, code, "%s:%u: %s: %s", self->source,
               glb_strict_json_get_line (self->lines, self->pointer->str), *place ? place : "/", what);
  return FALSE;
}

static const char *
describe_type (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "an object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "a list";
  if (JSON_NODE_HOLDS_NULL (node))
    return "null";
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return "a string";
    case G_TYPE_BOOLEAN:
      return "true or false";
    case G_TYPE_INT64:
      return "a whole number";
    default:
      return "a number with a fraction";
    }
}

static gboolean
fail_type (Reader     *self,
           JsonNode   *node,
           const char *expected)
{
  return fail (self, GLB_POLICY_ERROR_INVALID, "is %s, must be %s", describe_type (node), expected);
}

static gboolean
holds_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
holds_boolean (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
}

static void
set_string (char       **field,
            const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

/* "a", "b" or "c": what can be enforced. (transfer full) */
static char *
list_choices (const GlbPolicyChoice *choices)
{
  GString *list = g_string_new (NULL);
  guint n = 0;

  for (const GlbPolicyChoice *c = choices; c->word; c++)
    n += !c->refused;
  for (const GlbPolicyChoice *c = choices; c->word; c++)
    if (!c->refused)
      {
        g_string_append_printf (list, "\"%s%s\"", c->word, strcmp (c->word, GLB_POLICY_FILE) == 0 ? "PATH" : "");
        n--;
        if (n > 0)
          g_string_append (list, n == 1 ? " or " : ", ");
      }
  return g_string_free (list, FALSE);
}

static gboolean
read_choice (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *node)
{
  g_autofree char *possible = list_choices (key->choices);
  g_autofree char *word = NULL;

  if (!holds_string (node))
    return fail_type (self, node, possible);

  for (const GlbPolicyChoice *c = key->choices; c->word; c++)
    if (strcmp (json_node_get_string (node), c->word) == 0)
      {
        if (c->refused)
          return fail (self, GLB_POLICY_ERROR_UNSUPPORTED, "\"%s\" " GLB_POLICY_NOT_YET "; use %s", c->word, possible);
        if (key->kind == GLB_POLICY_KEY_WORD)
          set_string (glb_policy_key_string (self->policy, key), c->word);
        else if (key->offset != GLB_POLICY_KEY_NOT_STORED)
          *glb_policy_key_int (self->policy, key) = c->value;
        return TRUE;
      }

  word = glb_strict_json_printable (json_node_get_string (node), -1, MAX_QUOTED_CHARS);
  return fail (self, GLB_POLICY_ERROR_INVALID, "\"%s\" is not known; use %s", word, possible);
}

/* A word, or a file. */
static gboolean
read_source (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *node)
{
  char **path = G_STRUCT_MEMBER_P (self->policy, key->flag);
  const char *text = holds_string (node) ? json_node_get_string (node) : "";
  const GlbPolicyChoice *choice = key->choices;
  g_autofree char *what = NULL;
  g_autofree char *quoted = NULL;

  if (!g_str_has_prefix (text, GLB_POLICY_FILE))
    return read_choice (self, key, node);

  what = glb_policy_check_file (text + strlen (GLB_POLICY_FILE));
  if (what)
    {
      quoted = glb_strict_json_printable (text, -1, MAX_QUOTED_CHARS);
      return fail (self, GLB_POLICY_ERROR_INVALID, "\"%s\": %s", quoted, what);
    }
  while (strcmp (choice->word, GLB_POLICY_FILE) != 0)
    choice++;
  *glb_policy_key_int (self->policy, key) = choice->value;
  set_string (path, text + strlen (GLB_POLICY_FILE));
  return TRUE;
}

static gboolean
read_number (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *node)
{
  gint64 value;

  if (key->nullable && JSON_NODE_HOLDS_NULL (node))
    {
      *glb_policy_key_int (self->policy, key) = 0;
      return TRUE;
    }
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return fail_type (self, node, "a whole number");

  value = json_node_get_int (node);
  if (value < key->minimum || value > key->maximum)
    return fail (self, GLB_POLICY_ERROR_INVALID, "%" G_GINT64_FORMAT " is out of range %u to %u%s", value,
                 key->minimum, key->maximum, key->nullable ? "; leave the key out for no limit" : "");
  *glb_policy_key_int (self->policy, key) = (int) value;
  return TRUE;
}

static gboolean
read_boolean (Reader             *self,
              const GlbPolicyKey *key,
              JsonNode           *node)
{
  if (!holds_boolean (node))
    return fail_type (self, node, "true or false");
  *glb_policy_key_int (self->policy, key) = json_node_get_boolean (node);
  return TRUE;
}

static gboolean
read_false (Reader   *self,
            JsonNode *node)
{
  if (!holds_boolean (node))
    return fail_type (self, node, "false");
  if (json_node_get_boolean (node))
    return fail (self, GLB_POLICY_ERROR_UNSUPPORTED, "true " GLB_POLICY_NOT_YET "; use false");
  return TRUE;
}

static gboolean
is_name (const char *text)
{
  gsize length = strlen (text);

  return length >= 1 && length <= MAX_NAME && g_ascii_isalnum (text[0]) &&
         strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") == length;
}

static gboolean
check_path (Reader        *self,
            JsonNode      *node,
            GlbFileAccess  access)
{
  g_autofree char *what = NULL;

  if (!holds_string (node))
    return fail_type (self, node, "a string");
  what = glb_policy_check_pattern (json_node_get_string (node), access);
  if (what)
    {
      g_autofree char *pattern = glb_strict_json_printable (json_node_get_string (node), -1, MAX_QUOTED_CHARS);

      return fail (self, GLB_POLICY_ERROR_INVALID, "\"%s\": %s", pattern, what);
    }
  return TRUE;
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* The order of a list means nothing, so the canonical form has one. (transfer full) */
static GStrv
sort_strings (GPtrArray *strings)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  g_ptr_array_sort (strings, compare_strings);
  for (guint i = 0; i < strings->len; i++)
    if (i == 0 || strcmp (strings->pdata[i - 1], strings->pdata[i]) != 0)
      g_strv_builder_add (builder, strings->pdata[i]);
  return g_strv_builder_end (builder);
}

/* One step of a JSON pointer. */
static void
append_name (GString    *pointer,
             const char *untrusted_name)
{
  g_string_append_c (pointer, '/');
  for (const char *c = untrusted_name; *c != '\0'; c++)
    if (*c == '~')
      g_string_append (pointer, "~0");
    else if (*c == '/')
      g_string_append (pointer, "~1");
    else
      g_string_append_c (pointer, *c);
}

/* What reads one element of a list; the pointer names it. */
typedef gboolean (*ReadElement) (Reader *self, const GlbPolicyKey *key, JsonNode *element, gpointer elements);

static gboolean
read_list (Reader             *self,
           const GlbPolicyKey *key,
           JsonNode           *node,
           ReadElement         read_element,
           gpointer            elements)
{
  JsonArray *list = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      gsize before = self->pointer->len;

      g_string_append_printf (self->pointer, "/%u", i);
      if (!read_element (self, key, json_array_get_element (list, i), elements))
        return FALSE;
      g_string_truncate (self->pointer, before);
    }
  return TRUE;
}

/* Lists that each action is held against are short. */
static gboolean
check_list (Reader             *self,
            const GlbPolicyKey *key,
            JsonNode           *node,
            const char         *expected)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail_type (self, node, expected);
  if (json_array_get_length (json_node_get_array (node)) > key->maximum)
    return fail (self, GLB_POLICY_ERROR_INVALID, "has %u entries, at most %u are possible",
                 json_array_get_length (json_node_get_array (node)), key->maximum);
  return TRUE;
}

static gboolean
read_path (Reader             *self,
           const GlbPolicyKey *key,
           JsonNode           *element,
           gpointer            elements)
{
  if (!check_path (self, element, key->fallback))
    return FALSE;
  g_ptr_array_add (elements, (char *) json_node_get_string (element));
  return TRUE;
}

static gboolean
read_paths (Reader             *self,
            const GlbPolicyKey *key,
            JsonNode           *node)
{
  g_autoptr(GPtrArray) patterns = g_ptr_array_new ();
  GStrv *field = glb_policy_key_strv (self->policy, key);

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail_type (self, node, "a list of paths");
  if (json_array_get_length (json_node_get_array (node)) > MAX_PATHS)
    return fail (self, GLB_POLICY_ERROR_INVALID, "has %u paths, at most %u are possible; name folders instead of files",
                 json_array_get_length (json_node_get_array (node)), MAX_PATHS);
  if (!read_list (self, key, node, read_path, patterns))
    return FALSE;

  g_strfreev (*field);
  *field = sort_strings (patterns);
  return TRUE;
}

static gboolean
check_string (Reader         *self,
              JsonNode       *node,
              GlbPolicyCheck  check)
{
  g_autofree char *what = NULL;
  g_autofree char *quoted = NULL;

  if (!holds_string (node))
    return fail_type (self, node, "a string");
  what = check (json_node_get_string (node));
  if (!what)
    return TRUE;
  quoted = glb_strict_json_printable (json_node_get_string (node), -1, MAX_QUOTED_CHARS);
  return fail (self, GLB_POLICY_ERROR_INVALID, "\"%s\": %s", quoted, what);
}

static gboolean
read_name (Reader             *self,
           const GlbPolicyKey *key,
           JsonNode           *node)
{
  if (!holds_string (node))
    return fail_type (self, node, "a string");
  if (key->check != NULL && !check_string (self, node, key->check))
    return FALSE;
  if (key->check == NULL && !is_name (json_node_get_string (node)))
    return fail (self, GLB_POLICY_ERROR_INVALID,
                 "a name has 1 to %u of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit", MAX_NAME);
  set_string (glb_policy_key_string (self->policy, key), json_node_get_string (node));
  return TRUE;
}

static gboolean
read_string (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *element,
             gpointer            elements)
{
  if (!check_string (self, element, key->check))
    return FALSE;
  g_ptr_array_add (elements, (char *) json_node_get_string (element));
  return TRUE;
}

static gboolean
read_strings (Reader             *self,
              const GlbPolicyKey *key,
              JsonNode           *node)
{
  g_autoptr(GPtrArray) strings = g_ptr_array_new ();
  GStrv *field = glb_policy_key_strv (self->policy, key);

  if (!check_list (self, key, node, "a list of strings") || !read_list (self, key, node, read_string, strings))
    return FALSE;

  g_strfreev (*field);
  *field = sort_strings (strings);
  return TRUE;
}

static gboolean
read_rect (Reader        *self,
           JsonNode      *node,
           const char    *expected,
           GlbPolicyRect *rect)
{
  int *numbers[] = { &rect->x, &rect->y, &rect->width, &rect->height };
  JsonArray *list;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail_type (self, node, expected);
  list = json_node_get_array (node);
  if (json_array_get_length (list) != G_N_ELEMENTS (numbers))
    return fail (self, GLB_POLICY_ERROR_INVALID, "has %u numbers, must be [x, y, width, height]", json_array_get_length (list));

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      JsonNode *element = json_array_get_element (list, i);
      gint64 minimum = i < 2 ? 0 : 1;
      gint64 maximum = GLB_POLICY_SCREEN_MAX - (i < 2 ? 1 : 0);
      gsize before = self->pointer->len;
      gint64 value;

      g_string_append_printf (self->pointer, "/%u", i);
      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_INT64)
        return fail_type (self, element, "a whole number");
      value = json_node_get_int (element);
      if (value < minimum || value > maximum)
        return fail (self, GLB_POLICY_ERROR_INVALID, "%" G_GINT64_FORMAT " is out of range %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                     value, minimum, maximum);
      *numbers[i] = (int) value;
      g_string_truncate (self->pointer, before);
    }
  return TRUE;
}

static gboolean
read_confinement (Reader             *self,
                  const GlbPolicyKey *key,
                  JsonNode           *node)
{
  gboolean *flag = G_STRUCT_MEMBER_P (self->policy, key->flag);
  GlbPolicyRect *field = G_STRUCT_MEMBER_P (self->policy, key->offset);

  *flag = !JSON_NODE_HOLDS_NULL (node);
  return !*flag || read_rect (self, node, "[x, y, width, height] or null", field);
}

static gboolean
read_region (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *element,
             gpointer            elements)
{
  GlbPolicyRect rect;

  if (!read_rect (self, element, "[x, y, width, height]", &rect))
    return FALSE;
  g_array_append_val ((GArray *) elements, rect);
  return TRUE;
}

static int
compare_rects (gconstpointer a,
               gconstpointer b)
{
  const GlbPolicyRect *left = a;
  const GlbPolicyRect *right = b;

  if (left->x != right->x)
    return left->x - right->x;
  if (left->y != right->y)
    return left->y - right->y;
  return left->width != right->width ? left->width - right->width : left->height - right->height;
}

static gboolean
read_rects (Reader             *self,
            const GlbPolicyKey *key,
            JsonNode           *node)
{
  GArray *field = *(GArray **) G_STRUCT_MEMBER_P (self->policy, key->offset);

  if (!check_list (self, key, node, "a list of [x, y, width, height]") || !read_list (self, key, node, read_region, field))
    return FALSE;

  g_array_sort (field, compare_rects);
  for (guint i = field->len; i-- > 1;)
    if (compare_rects (&g_array_index (field, GlbPolicyRect, i - 1), &g_array_index (field, GlbPolicyRect, i)) == 0)
      g_array_remove_index (field, i);
  return TRUE;
}

static gboolean
read_window (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *element,
             gpointer            elements)
{
  GlbWindowPattern *pattern;
  g_autoptr(GList) names = NULL;
  JsonObject *object;

  if (!JSON_NODE_HOLDS_OBJECT (element))
    return fail_type (self, element, "an object");
  object = json_node_get_object (element);
  if (json_object_get_size (object) == 0)
    return fail (self, GLB_POLICY_ERROR_INVALID, "names no window; add \"appId\", \"title\" or both");

  pattern = g_new0 (GlbWindowPattern, 1);
  g_ptr_array_add (elements, pattern);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next)
    {
      gboolean is_title = strcmp (l->data, GLB_POLICY_WINDOW_TITLE) == 0;
      gsize before = self->pointer->len;

      append_name (self->pointer, l->data);
      if (!is_title && strcmp (l->data, GLB_POLICY_WINDOW_APP_ID) != 0)
        return fail (self, GLB_POLICY_ERROR_INVALID, "is not known; possible here: appId, title");
      if (!check_string (self, json_object_get_member (object, l->data), glb_policy_check_glob))
        return FALSE;
      set_string (is_title ? &pattern->title : &pattern->app_id, json_object_get_string_member (object, l->data));
      g_string_truncate (self->pointer, before);
    }
  return TRUE;
}

static int
compare_windows (gconstpointer a,
                 gconstpointer b)
{
  const GlbWindowPattern *left = *(GlbWindowPattern * const *) a;
  const GlbWindowPattern *right = *(GlbWindowPattern * const *) b;
  int order = g_strcmp0 (left->app_id, right->app_id);

  return order != 0 ? order : g_strcmp0 (left->title, right->title);
}

static gboolean
read_windows (Reader             *self,
              const GlbPolicyKey *key,
              JsonNode           *node)
{
  GPtrArray *field = *(GPtrArray **) G_STRUCT_MEMBER_P (self->policy, key->offset);

  if (!check_list (self, key, node, "a list of { \"appId\": …, \"title\": … }") ||
      !read_list (self, key, node, read_window, field))
    return FALSE;

  g_ptr_array_sort (field, compare_windows);
  for (guint i = field->len; i-- > 1;)
    if (compare_windows (&field->pdata[i - 1], &field->pdata[i]) == 0)
      g_ptr_array_remove_index (field, i);
  return TRUE;
}

static gboolean
read_rule (Reader             *self,
           const GlbPolicyKey *key,
           JsonNode           *element,
           gpointer            elements)
{
  g_autofree char *why = NULL;
  g_autofree char *quoted = NULL;
  gpointer rule;

  if (!holds_string (element))
    return fail_type (self, element, "a string");
  rule = key->rules->parse (json_node_get_string (element), &why);
  if (rule)
    {
      g_ptr_array_add (elements, rule);
      return TRUE;
    }
  quoted = glb_strict_json_printable (json_node_get_string (element), -1, MAX_QUOTED_CHARS);
  return fail (self, GLB_POLICY_ERROR_INVALID, "\"%s\": %s", quoted, why);
}

/* user_data: the rules' kind */
static int
compare_rules (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  const GlbPolicyRules *kind = user_data;

  return strcmp (kind->get_canonical (*(const gpointer *) a), kind->get_canonical (*(const gpointer *) b));
}

static gboolean
read_rules (Reader             *self,
            const GlbPolicyKey *key,
            JsonNode           *node)
{
  GPtrArray *field = *glb_policy_key_rules (self->policy, key);
  gpointer kind = (gpointer) key->rules;

  if (!check_list (self, key, node, "a list of strings") || !read_list (self, key, node, read_rule, field))
    return FALSE;

  g_ptr_array_sort_with_data (field, compare_rules, kind);
  for (guint i = field->len; i-- > 1;)
    if (compare_rules (&field->pdata[i - 1], &field->pdata[i], kind) == 0)
      g_ptr_array_remove_index (field, i);
  return TRUE;
}

/* (transfer full) */
static char *
list_keys (const GlbPolicyKey *keys)
{
  GString *list = g_string_new (NULL);

  for (const GlbPolicyKey *key = keys; key->name; key++)
    g_string_append_printf (list, "%s%s", list->len ? ", " : "", key->name);
  return g_string_free (list, FALSE);
}

static gboolean
read_member (Reader             *self,
             const GlbPolicyKey *keys,
             const char         *untrusted_name,
             JsonNode           *node)
{
  const GlbPolicyKey *key = glb_policy_find_child (keys, untrusted_name);
  g_autofree char *possible = NULL;
  gsize before = self->pointer->len;

  if (key)
    {
      append_name (self->pointer, key->name);
      if (!read_key (self, key, node))
        return FALSE;
      g_string_truncate (self->pointer, before);
      return TRUE;
    }

  append_name (self->pointer, untrusted_name);
  possible = list_keys (keys);
  return fail (self, GLB_POLICY_ERROR_INVALID, "is not known; possible here: %s", possible);
}

static gboolean
read_object (Reader             *self,
             const GlbPolicyKey *key,
             JsonNode           *node)
{
  JsonObject *object;
  g_autoptr(GList) names = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail_type (self, node, "an object");

  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next)
    if (!read_member (self, key->children, l->data, json_object_get_member (object, l->data)))
      return FALSE;

  for (const GlbPolicyKey *child = key->children; child->name; child++)
    if (child->required && !json_object_has_member (object, child->name))
      return fail (self, GLB_POLICY_ERROR_INVALID, "\"%s\" is missing; add \"%s\": \"%s\"",
                   child->name, child->name, child->text);
  return TRUE;
}

static gboolean
read_key (Reader             *self,
          const GlbPolicyKey *key,
          JsonNode           *node)
{
  switch (key->kind)
    {
    case GLB_POLICY_KEY_OBJECT:
      return read_object (self, key, node);
    case GLB_POLICY_KEY_BOOLEAN:
      return read_boolean (self, key, node);
    case GLB_POLICY_KEY_NUMBER:
      return read_number (self, key, node);
    case GLB_POLICY_KEY_CHOICE:
    case GLB_POLICY_KEY_WORD:
      return read_choice (self, key, node);
    case GLB_POLICY_KEY_SOURCE:
      return read_source (self, key, node);
    case GLB_POLICY_KEY_NAME:
      return read_name (self, key, node);
    case GLB_POLICY_KEY_PATHS:
      return read_paths (self, key, node);
    case GLB_POLICY_KEY_STRINGS:
      return read_strings (self, key, node);
    case GLB_POLICY_KEY_RECT:
      return read_confinement (self, key, node);
    case GLB_POLICY_KEY_RECTS:
      return read_rects (self, key, node);
    case GLB_POLICY_KEY_WINDOWS:
      return read_windows (self, key, node);
    case GLB_POLICY_KEY_RULES:
      return read_rules (self, key, node);
    case GLB_POLICY_KEY_FALSE:
      return read_false (self, node);
    }
  g_assert_not_reached ();
}

/* "shareInput": false says that neither agent nor person has input, "shareClipboard": false that nothing crosses. */
static gboolean
check_short_forms (Reader *self)
{
  const GlbPolicy *policy = self->policy;
  const struct { const char *pointer; gboolean contradicts; const char *other; } forms[] = {
    { "/desktop/shareClipboard", policy->desktop.clipboard.host_to_session != GLB_VERDICT_DENY, "clipboard/hostToSession" },
    { "/desktop/shareClipboard", policy->desktop.clipboard.session_to_host != GLB_VERDICT_DENY, "clipboard/sessionToHost" },
    { "/desktop/shareInput", policy->desktop.agent_input != GLB_VERDICT_DENY, "input/agent" },
    { "/desktop/shareInput", policy->desktop.human_input != GLB_HUMAN_NEVER, "input/human" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (forms[i].contradicts && g_hash_table_contains (self->lines, forms[i].pointer))
      {
        g_string_assign (self->pointer, forms[i].pointer);
        return fail (self, GLB_POLICY_ERROR_INVALID, "false contradicts /desktop/%s; leave one of them out", forms[i].other);
      }
  return TRUE;
}

/* A rectangle beside the screen would be a rule without effect, or leave the pointer no place. */
static gboolean
check_on_screen (Reader              *self,
                 const char          *pointer,
                 const GlbPolicyRect *rect)
{
  guint width = self->policy->desktop.width;
  guint height = self->policy->desktop.height;

  if ((guint) rect->x < width && (guint) rect->y < height)
    return TRUE;
  g_string_assign (self->pointer, pointer);
  return fail (self, GLB_POLICY_ERROR_INVALID, "[%d, %d, %d, %d] lies beside the screen of %ux%u",
               rect->x, rect->y, rect->width, rect->height, width, height);
}

static gboolean
check_rectangles (Reader *self)
{
  const GArray *regions = self->policy->desktop.input_rules.deny_regions;

  for (guint i = 0; i < regions->len; i++)
    if (!check_on_screen (self, "/desktop/input/denyRegions", &g_array_index (regions, GlbPolicyRect, i)))
      return FALSE;
  return !self->policy->desktop.input_rules.confine ||
         check_on_screen (self, "/desktop/input/confinePointer", &self->policy->desktop.input_rules.confine_to);
}

static gboolean
check_effect (Reader *self)
{
  const char *remedy = NULL;
  const char *pointer = glb_policy_find_without_effect (self->policy, &remedy);

  g_autofree char *secret = NULL;

  if (pointer)
    {
      g_string_assign (self->pointer, pointer);
      return fail (self, GLB_POLICY_ERROR_INVALID, "%s", remedy);
    }
  secret = glb_policy_check_secrets (self->policy);
  if (!secret)
    return TRUE;
  g_string_assign (self->pointer, "/network/secrets");
  return fail (self, GLB_POLICY_ERROR_INVALID, "%s", secret);
}

static void
make_canonical (GlbPolicy *self)
{
  GString *out = g_string_sized_new (1024);

  glb_policy_value_write (out, self, &glb_policy_root_key);
  self->canonical = g_string_free (out, FALSE);
  self->hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->canonical, -1);
}

static GlbPolicy *
policy_new (void)
{
  GlbPolicy *self = g_new0 (GlbPolicy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  glb_policy_value_reset (self, &glb_policy_root_key);
  return self;
}

/* source: printable */
static GlbPolicy *
parse (GBytes      *bytes,
       const char  *source,
       GError     **error)
{
  g_autoptr(GlbPolicy) policy = policy_new ();
  g_autoptr(GError) local_error = NULL;
  g_autoptr(GHashTable) lines = NULL;
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GString) pointer = g_string_new (NULL);
  Reader reader;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  root = glb_strict_json_parse (text, length, GLB_STRICT_JSON_COMMENTS, &policy_limits, &lines, &local_error);
  if (!root)
    {
      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_SYNTAX, "%s:%s", source, local_error->message);
      return NULL;
    }

  reader = (Reader) { policy, source, lines, pointer, error };
  if (!read_key (&reader, &glb_policy_root_key, root) || !check_short_forms (&reader) || !check_rectangles (&reader) ||
      !check_effect (&reader))
    return NULL;

  policy->source = g_strdup (source);
  policy->lines = g_steal_pointer (&lines);
  make_canonical (policy);
  return g_steal_pointer (&policy);
}

/**
 * glb_policy_new_from_bytes:
 * @bytes: the document; hostile
 * @source_name: (nullable): what messages call it
 *
 * Returns: (transfer full): the policy, or %NULL with a %GLB_POLICY_ERROR
 */
GlbPolicy *
glb_policy_new_from_bytes (GBytes      *bytes,
                           const char  *source_name,
                           GError     **error)
{
  g_autofree char *source = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  source = glb_strict_json_printable (source_name ? source_name : "policy", -1, 4096);
  return parse (bytes, source, error);
}

/* Regular files only: a pipe or a device could hold us for ever. Takes the
 * first MAX_BYTES + 1, so that what is too large is seen as that. */
static GBytes *
read_file (int         fd,
           const char **reason)
{
  g_autofree char *content = g_malloc (MAX_BYTES + 1);
  gsize length = 0;
  struct stat st;

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    {
      *reason = "not a regular file";
      return NULL;
    }
  while (length < MAX_BYTES + 1)
    {
      gssize n = read (fd, content + length, MAX_BYTES + 1 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          *reason = g_strerror (errno);
          return NULL;
        }
      if (n == 0)
        break;
      length += n;
    }
  return g_bytes_new (content, length);
}

GlbPolicy *
glb_policy_new_from_file (const char  *path,
                          GError     **error)
{
  g_autofree char *source = NULL;
  g_autoptr(GBytes) bytes = NULL;
  const char *reason = NULL;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  source = glb_strict_json_printable (path, -1, 4096);
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    {
      reason = g_strerror (errno);
    }
  else
    {
      bytes = read_file (fd, &reason);
      close (fd);
    }
  if (!bytes)
    {
      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND,
                   "%s: %s; name a readable policy file", source, reason);
      return NULL;
    }
  return parse (bytes, source, error);
}

/**
 * glb_policy_list_templates:
 *
 * Returns: (transfer full): the names for glb_policy_new_from_template(), sorted
 */
GStrv
glb_policy_list_templates (void)
{
  g_auto(GStrv) files = g_resource_enumerate_children (glb_policies_get_resource (), TEMPLATE_FOLDER,
                                                       G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  g_assert (files != NULL);
  for (guint i = 0; files[i]; i++)
    {
      g_assert (g_str_has_suffix (files[i], ".json"));
      files[i][strlen (files[i]) - strlen (".json")] = '\0';
      g_ptr_array_add (names, files[i]);
    }
  return sort_strings (names);
}

GlbPolicy *
glb_policy_new_from_template (const char  *name,
                              GError     **error)
{
  g_auto(GStrv) names = glb_policy_list_templates ();
  g_autofree char *path = NULL;
  g_autofree char *source = NULL;
  g_autoptr(GBytes) bytes = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  if (!g_strv_contains ((const char * const *) names, name))
    {
      g_autofree char *printable = glb_strict_json_printable (name, -1, MAX_QUOTED_CHARS);
      g_autofree char *possible = g_strjoinv (", ", names);

      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_NOT_FOUND,
                   "template '%s': there is none of this name; possible: %s", printable, possible);
      return NULL;
    }

  path = g_strconcat (TEMPLATE_FOLDER, name, ".json", NULL);
  source = g_strdup_printf ("template '%s'", name);
  bytes = g_resource_lookup_data (glb_policies_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  return bytes ? parse (bytes, source, error) : NULL;
}

/**
 * glb_policy_with_tier:
 *
 * At the tier process all is denied that needs a desktop: the policy that
 * comes of it says what the session has.
 *
 * Returns: (transfer full): the same policy at another tier, with its own
 *   canonical form and hash
 */
GlbPolicy *
glb_policy_with_tier (const GlbPolicy  *self,
                      GlbTier           tier,
                      GError          **error)
{
  GlbPolicy *policy;

  g_return_val_if_fail (self != NULL, NULL);

  if (tier != GLB_TIER_PROCESS && tier != GLB_TIER_SESSION)
    {
      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED,
                   "tier %s " GLB_POLICY_NOT_YET "; use process or session", glb_tier_to_string (tier));
      return NULL;
    }

  policy = policy_new ();
  glb_policy_value_copy (policy, self, &glb_policy_root_key);
  policy->isolation.tier = tier;
  glb_policy_deny_without_effect (policy);
  policy->source = g_strdup (self->source);
  policy->lines = g_hash_table_ref (self->lines);
  make_canonical (policy);
  return policy;
}

GlbPolicy *
glb_policy_ref (GlbPolicy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glb_policy_unref (GlbPolicy *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  glb_policy_value_clear (self, &glb_policy_root_key);
  g_free (self->canonical);
  g_free (self->hash);
  g_free (self->source);
  g_clear_pointer (&self->lines, g_hash_table_unref);
  g_free (self);
}

const char *
glb_policy_get_canonical (const GlbPolicy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->canonical;
}

const char *
glb_policy_get_hash (const GlbPolicy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->hash;
}

static const char * const tier_names[] = { "process", "session", "micro-vm" };

gboolean
glb_policy_wants_devices (const GlbPolicy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->isolation.tier != GLB_TIER_PROCESS &&
         (self->devices.camera != GLB_VERDICT_DENY || self->devices.microphone != GLB_VERDICT_DENY ||
          self->devices.speaker != GLB_VERDICT_DENY || self->desktop.listen != GLB_VERDICT_DENY);
}

gboolean
glb_policy_wants_freeze (const GlbPolicy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->isolation.tier != GLB_TIER_PROCESS && self->desktop.human_input != GLB_HUMAN_NEVER &&
         self->desktop.input_rules.freeze_on_takeover;
}

gboolean
glb_policy_has_layout (const GlbPolicy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return !g_str_equal (self->desktop.keyboard_layout, "us");
}

const char *
glb_tier_to_string (GlbTier tier)
{
  g_return_val_if_fail ((guint) tier < G_N_ELEMENTS (tier_names), "unknown");

  return tier_names[tier];
}

gboolean
glb_tier_from_string (const char *string,
                      GlbTier    *tier)
{
  g_return_val_if_fail (string != NULL, FALSE);
  g_return_val_if_fail (tier != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (tier_names); i++)
    if (strcmp (string, tier_names[i]) == 0)
      {
        *tier = i;
        return TRUE;
      }
  return FALSE;
}
