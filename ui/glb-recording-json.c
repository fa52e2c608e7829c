/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-recording-json.h"

#include "session-broker/record/glb-record-json.h"

JsonArray *
glb_recording_json_get_array (JsonObject *object,
                              const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

gint64
glb_recording_json_get_int (JsonObject *object,
                            const char *name,
                            gint64      otherwise)
{
  glb_record_json_get_int (object, name, &otherwise);

  return otherwise;
}

char *
glb_recording_json_dup_text (JsonObject *object,
                             const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL ? json_to_string (node, FALSE) : NULL;
}
