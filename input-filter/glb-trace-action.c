/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-trace-action.h"

static JsonNode *
make_action (const char *action)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "action", action);
  json_node_take_object (node, object);
  return node;
}

static void
set_point (JsonNode   *node,
           const char *name,
           int         x,
           int         y)
{
  JsonArray *point = json_array_sized_new (2);

  json_array_add_int_element (point, x);
  json_array_add_int_element (point, y);
  json_object_set_array_member (json_node_get_object (node), name, point);
}

static void
set_text (JsonNode   *node,
          const char *text)
{
  if (text != NULL)
    json_object_set_string_member (json_node_get_object (node), "text", text);
}

JsonNode *
glb_trace_action_new_pointer (const char *action,
                              int         x,
                              int         y,
                              const char *held)
{
  JsonNode *node = make_action (action);

  set_point (node, "coordinate", x, y);
  set_text (node, held);
  return node;
}

JsonNode *
glb_trace_action_new_drag (int         from_x,
                           int         from_y,
                           int         x,
                           int         y,
                           const char *held)
{
  JsonNode *node = make_action ("left_click_drag");

  set_point (node, "start_coordinate", from_x, from_y);
  set_point (node, "coordinate", x, y);
  set_text (node, held);
  return node;
}

JsonNode *
glb_trace_action_new_scroll (int         x,
                             int         y,
                             const char *direction,
                             guint       clicks,
                             const char *held)
{
  JsonNode *node = make_action ("scroll");
  JsonObject *object = json_node_get_object (node);

  set_point (node, "coordinate", x, y);
  json_object_set_string_member (object, "scroll_direction", direction);
  json_object_set_int_member (object, "scroll_amount", clicks);
  set_text (node, held);
  return node;
}

JsonNode *
glb_trace_action_new_text (const char *action,
                           const char *text)
{
  JsonNode *node = make_action (action);

  set_text (node, text);
  return node;
}

JsonNode *
glb_trace_action_new_hold (const char *chord,
                           gint64      duration_us)
{
  JsonNode *node = make_action ("hold_key");

  set_text (node, chord);
  json_object_set_double_member (json_node_get_object (node), "duration", (double) (duration_us / 1000) / 1000);
  return node;
}
