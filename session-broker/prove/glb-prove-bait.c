/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

#include "session-broker/prove/glb-prove.h"

#include <json-glib/json-glib.h>

GlbBait *
glb_bait_new_from_json (const char  *json,
                        GError     **error)
{
  g_autoptr(JsonNode) root = json_from_string (json, error);
  GlbBait *bait;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "The description of the bait is no object");
      return NULL;
    }

  bait = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, json_node_get_object (root));
  while (json_object_iter_next (&iter, &name, &value))
    if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
      glb_bait_set (bait, name, json_node_get_string (value));
  return bait;
}

char *
glb_bait_to_json (GlbBait *bait)
{
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  g_hash_table_iter_init (&iter, bait);
  while (g_hash_table_iter_next (&iter, &name, &value))
    json_object_set_string_member (object, name, value);
  json_node_set_object (root, object);
  return json_to_string (root, FALSE);
}

const char *
glb_bait_get (GlbBait    *bait,
              const char *name)
{
  return g_hash_table_lookup (bait, name);
}

gboolean
glb_bait_is_control (GlbBait *bait)
{
  return glb_bait_get (bait, "is-control") != NULL;
}

gint64
glb_bait_get_number (GlbBait    *bait,
                     const char *name)
{
  const char *value = glb_bait_get (bait, name);

  return value != NULL ? g_ascii_strtoll (value, NULL, 10) : 0;
}

guint16
glb_bait_get_port (GlbBait    *bait,
                   const char *name)
{
  return (guint16) glb_bait_get_number (bait, name);
}

void
glb_bait_set (GlbBait    *bait,
              const char *name,
              const char *value)
{
  g_hash_table_insert (bait, g_strdup (name), g_strdup (value));
}

void
glb_bait_set_number (GlbBait    *bait,
                     const char *name,
                     gint64      value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  glb_bait_set (bait, name, text);
}
