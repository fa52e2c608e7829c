/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-member.h"

#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "policies/glb-strict-json.h"

#define QUOTE_CHARACTERS_MAX 40

static gboolean
malformed (GError **error, const char *what, const char *expected)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s must be %s", what, expected);
  return FALSE;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

const char *
glb_member_peek_string (JsonNode *untrusted_node)
{
  return holds (untrusted_node, G_TYPE_STRING) ? json_node_get_string (untrusted_node) : NULL;
}

gboolean
glb_member_get_glob (JsonNode *untrusted_node, const char *what, char **glob, GError **error)
{
  const char *untrusted_glob = glb_member_peek_string (untrusted_node);

  if (untrusted_glob == NULL || !g_utf8_validate (untrusted_glob, -1, NULL))
    return malformed (error, what, "a string, in which * is any text and ? any character");
  if (g_utf8_strlen (untrusted_glob, -1) > GLB_GLOB_CHARACTERS_MAX)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "%s must be at most %u characters", what, GLB_GLOB_CHARACTERS_MAX);
      return FALSE;
    }

  g_free (*glob);
  *glob = g_strdup (untrusted_glob);
  return TRUE;
}

gboolean
glb_member_get_number (JsonNode *untrusted_node, const char *what, gint64 min, gint64 max, gint64 *value, GError **error)
{
  if (!holds (untrusted_node, G_TYPE_INT64))
    return malformed (error, what, "a whole number");

  *value = json_node_get_int (untrusted_node);
  if (*value >= min && *value <= max)
    return TRUE;
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
               "%s must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, what, min, max);
  return FALSE;
}

gboolean
glb_member_get_boolean (JsonNode *untrusted_node, const char *what, gboolean *value, GError **error)
{
  if (!holds (untrusted_node, G_TYPE_BOOLEAN))
    return malformed (error, what, "true or false");

  *value = json_node_get_boolean (untrusted_node);
  return TRUE;
}

gboolean
glb_member_get_pixels (JsonNode *untrusted_node, const char *what, int *values, guint n_values, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;

  if (array == NULL || json_array_get_length (array) != n_values)
    return malformed (error, what, n_values == 2 ? "[x, y] in whole pixels" : "[x1, y1, x2, y2] in whole pixels");

  for (guint i = 0; i < n_values; i++)
    {
      gint64 value;

      if (!glb_member_get_number (json_array_get_element (array, i), what, 0, GLB_ACTION_COORDINATE_MAX, &value, error))
        return FALSE;
      values[i] = (int) value;
    }
  return TRUE;
}

gboolean
glb_member_unknown (const char *untrusted_name, const char *what, const char *possible, GError **error)
{
  g_autofree char *quoted = glb_strict_json_printable (untrusted_name, -1, QUOTE_CHARACTERS_MAX);

  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s does not take \"%s\"; possible are %s", what, quoted, possible);
  return FALSE;
}
