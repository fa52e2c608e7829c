/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-schema.h"

#include <string.h>

#include "policies/glb-strict-json.h"

#define NAME_CHARACTERS 64

static char *check (JsonObject *schema, const char *what, JsonNode *untrusted_value);

static const char *
get_type_name (JsonNode *value)
{
  if (JSON_NODE_HOLDS_OBJECT (value))
    return "object";
  if (JSON_NODE_HOLDS_ARRAY (value))
    return "array";
  if (JSON_NODE_HOLDS_NULL (value))
    return "null";
  switch (json_node_get_value_type (value))
    {
    case G_TYPE_STRING:
      return "string";
    case G_TYPE_BOOLEAN:
      return "boolean";
    case G_TYPE_INT64:
      return "integer";
    default:
      return "number";
    }
}

static gboolean
is_type (const char *type,
         const char *wanted)
{
  return g_str_equal (type, wanted) || (g_str_equal (wanted, "number") && g_str_equal (type, "integer"));
}

static char *
check_type (JsonObject *schema,
            const char *what,
            JsonNode   *value)
{
  const char *wanted = json_object_get_string_member_with_default (schema, "type", NULL);
  const char *type = get_type_name (value);

  if (wanted == NULL || is_type (type, wanted))
    return NULL;
  return g_strdup_printf ("%s: is of type %s; it must be %s", what, type, wanted);
}

/* FALSE: the schema has no such limit. */
static gboolean
get_limit (JsonObject *schema,
           const char *keyword,
           double     *limit)
{
  if (!json_object_has_member (schema, keyword))
    return FALSE;

  *limit = json_object_get_double_member (schema, keyword);
  return TRUE;
}

static char *
check_range (JsonObject *schema,
             const char *what,
             const char *unit,
             double      size,
             const char *minimum,
             const char *maximum)
{
  double limit;

  if (get_limit (schema, minimum, &limit) && size < limit)
    return g_strdup_printf ("%s: must be at least %.0f%s", what, limit, unit);
  if (get_limit (schema, maximum, &limit) && size > limit)
    return g_strdup_printf ("%s: must be at most %.0f%s", what, limit, unit);
  return NULL;
}

static char *
check_enum (JsonObject *schema,
            const char *what,
            const char *text)
{
  JsonArray *allowed = json_object_has_member (schema, "enum") ? json_object_get_array_member (schema, "enum") : NULL;
  g_autoptr(GString) list = g_string_new (NULL);

  if (allowed == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (allowed); i++)
    {
      if (g_str_equal (json_array_get_string_element (allowed, i), text))
        return NULL;
      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", json_array_get_string_element (allowed, i));
    }
  return g_strdup_printf ("%s: must be one of %s", what, list->str);
}

static char *
check_items (JsonObject *schema,
             const char *what,
             JsonArray  *array)
{
  JsonObject *items = json_object_has_member (schema, "items") ? json_object_get_object_member (schema, "items") : NULL;
  char *wrong = check_range (schema, what, " long", json_array_get_length (array), "minItems", "maxItems");

  for (guint i = 0; wrong == NULL && items != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s[%u]", what, i);

      wrong = check (items, name, json_array_get_element (array, i));
    }
  return wrong;
}

static char *
check_required (JsonObject *schema,
                const char *what,
                JsonObject *object)
{
  JsonArray *required = json_object_has_member (schema, "required") ? json_object_get_array_member (schema, "required") : NULL;

  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    if (!json_object_has_member (object, json_array_get_string_element (required, i)))
      return g_strdup_printf ("%s: has no %s, which it must have", what, json_array_get_string_element (required, i));
  return NULL;
}

static char *
check_members (JsonObject *schema,
               const char *what,
               JsonObject *object)
{
  JsonNode *properties = json_object_get_member (schema, "properties");
  gboolean closed = !json_object_get_boolean_member_with_default (schema, "additionalProperties", TRUE);
  JsonObjectIter iter;
  const char *untrusted_name;
  JsonNode *value;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &untrusted_name, &value))
    {
      g_autofree char *name = glb_strict_json_printable (untrusted_name, -1, NAME_CHARACTERS);
      char *wrong = NULL;

      if (properties != NULL && json_object_has_member (json_node_get_object (properties), untrusted_name))
        wrong = check (json_object_get_object_member (json_node_get_object (properties), untrusted_name), name, value);
      else if (closed)
        wrong = g_strdup_printf ("%s: has no member %s", what, name);
      if (wrong != NULL)
        return wrong;
    }
  return NULL;
}

static char *
check_any_of (JsonObject *schema,
              const char *what,
              JsonNode   *value)
{
  JsonArray *choices = json_object_has_member (schema, "anyOf") ? json_object_get_array_member (schema, "anyOf") : NULL;
  g_autofree char *wrong = NULL;

  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      g_free (wrong);
      wrong = check (json_array_get_object_element (choices, i), what, value);
      if (wrong == NULL)
        return NULL;
    }
  return g_steal_pointer (&wrong);
}

static char *
check_object (JsonObject *schema,
              const char *what,
              JsonNode   *value)
{
  JsonObject *object = json_node_get_object (value);
  char *wrong = check_required (schema, what, object);

  if (wrong == NULL)
    wrong = check_members (schema, what, object);
  return wrong;
}

static char *
check_string (JsonObject *schema,
              const char *what,
              const char *text)
{
  char *wrong = check_range (schema, what, " characters long", g_utf8_strlen (text, -1), "minLength", "maxLength");

  return wrong != NULL ? wrong : check_enum (schema, what, text);
}

static char *
check (JsonObject *schema,
       const char *what,
       JsonNode   *untrusted_value)
{
  char *wrong = check_type (schema, what, untrusted_value);

  if (wrong == NULL)
    wrong = check_any_of (schema, what, untrusted_value);
  if (wrong != NULL)
    return wrong;

  if (JSON_NODE_HOLDS_OBJECT (untrusted_value))
    return check_object (schema, what, untrusted_value);
  if (JSON_NODE_HOLDS_ARRAY (untrusted_value))
    return check_items (schema, what, json_node_get_array (untrusted_value));
  if (JSON_NODE_HOLDS_NULL (untrusted_value))
    return NULL;
  if (json_node_get_value_type (untrusted_value) == G_TYPE_STRING)
    return check_string (schema, what, json_node_get_string (untrusted_value));
  if (json_node_get_value_type (untrusted_value) != G_TYPE_BOOLEAN)
    return check_range (schema, what, "", json_node_get_double (untrusted_value), "minimum", "maximum");
  return NULL;
}

char *
glb_mcp_schema_check (JsonObject *schema,
                      JsonNode   *untrusted_value)
{
  return check (schema, "arguments", untrusted_value);
}
