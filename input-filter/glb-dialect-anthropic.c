/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Anthropic's names and parameters are ours, so this only checks that a call
 * has nothing that is ours alone, unwraps it, and puts its coordinates on the
 * screen.
 */

#include "input-filter/glb-dialect-reader.h"

#include <string.h>

#define HELD_CLICK "coordinate text key"

static gboolean translate_own (GlbDialectReader *self, GError **error);

static const GlbDialectRow rows[] = {
  { "screenshot",      "", "", translate_own },
  { "zoom",            "region", "", translate_own },
  { "mouse_move",      "coordinate", "text key", translate_own },
  { "left_click",      "", HELD_CLICK, translate_own },
  { "right_click",     "", HELD_CLICK, translate_own },
  { "middle_click",    "", HELD_CLICK, translate_own },
  { "double_click",    "", HELD_CLICK, translate_own },
  { "triple_click",    "", HELD_CLICK, translate_own },
  { "left_mouse_down", "", "", translate_own },
  { "left_mouse_up",   "", "", translate_own },
  { "left_click_drag", "coordinate", "start_coordinate text key", translate_own },
  { "scroll",          "scroll_direction scroll_amount", HELD_CLICK, translate_own },
  { "key",             "text", "", translate_own },
  { "hold_key",        "text duration", "", translate_own },
  { "type",            "text", "", translate_own },
  { "wait",            "duration", "", translate_own },
  { "cursor_position", "", "", translate_own },
  { NULL }
};

static gboolean
check_inside (GlbDialectReader  *self,
              const char        *name,
              int                value,
              int                max,
              GError           **error)
{
  if (value <= max)
    return TRUE;
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "%s: %s is outside the screen of %d x %d pixels",
               self->action, name, self->screen.model_width, self->screen.model_height);
  return FALSE;
}

static gboolean
scale_point (GlbDialectReader  *self,
             const char        *name,
             int               *x,
             int               *y,
             GError           **error)
{
  if (!check_inside (self, name, *x, self->screen.model_width - 1, error) ||
      !check_inside (self, name, *y, self->screen.model_height - 1, error))
    return FALSE;
  glb_model_screen_to_screen (&self->screen, *x, *y, x, y);
  return TRUE;
}

static gboolean
scale_action (GlbDialectReader  *self,
              GlbAction         *action,
              GError           **error)
{
  if (action->has_coordinate && !scale_point (self, "coordinate", &action->x, &action->y, error))
    return FALSE;
  if (action->has_start_coordinate && !scale_point (self, "start_coordinate", &action->start_x, &action->start_y, error))
    return FALSE;
  if (action->kind != GLB_ACTION_ZOOM)
    return TRUE;

  if (!check_inside (self, "region", action->region[2], self->screen.model_width, error) ||
      !check_inside (self, "region", action->region[3], self->screen.model_height, error))
    return FALSE;
  glb_model_screen_region_to_screen (&self->screen, action->region);
  return TRUE;
}

/* An object that is an action of ours as it is. */
static gboolean
translate_own (GlbDialectReader  *self,
               GError           **error)
{
  GPtrArray *actions = self->call->actions;

  return glb_dialect_reader_add (self, json_object_ref (self->untrusted), error) &&
         scale_action (self, g_ptr_array_index (actions, actions->len - 1), error);
}

gboolean
glb_dialect_glovebox_read (GlbDialectReader  *self,
                           JsonNode          *untrusted_node,
                           GError           **error)
{
  g_autoptr(GlbAction) action = glb_action_new_from_node (self->keys, untrusted_node, error);

  if (action == NULL)
    return FALSE;
  self->action = glb_action_kind_to_string (action->kind);
  if (!scale_action (self, action, error))
    return FALSE;
  g_ptr_array_add (self->call->actions, g_steal_pointer (&action));
  return TRUE;
}

gboolean
glb_dialect_anthropic_takes (JsonObject *untrusted_object)
{
  const char *untrusted_name = glb_dialect_node_peek_string (json_object_get_member (untrusted_object, "action"));

  for (const GlbDialectRow *row = rows; untrusted_name != NULL && row->name != NULL; row++)
    if (strcmp (row->name, untrusted_name) == 0)
      {
        g_autofree char *possible = g_strjoin (" ", "action", row->needed, row->optional, NULL);

        return glb_dialect_check_members (untrusted_object, row->name, possible, NULL);
      }
  return FALSE;
}

static gboolean
read_input (GlbDialectReader  *self,
            JsonObject        *untrusted_input,
            GError           **error)
{
  const char *untrusted_name = glb_dialect_node_peek_string (json_object_get_member (untrusted_input, "action"));

  if (untrusted_name == NULL)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "The input of Anthropic's computer tool needs the string \"action\", as {\"action\": \"screenshot\"}");
      return FALSE;
    }
  return glb_dialect_reader_translate (self, rows, "action", untrusted_name, untrusted_input, error);
}

/* A content block of the message: {"type": "tool_use", "id": …, "name": "computer", "input": {…}} */
static gboolean
read_tool_use (GlbDialectReader  *self,
               JsonObject        *untrusted_block,
               GError           **error)
{
  JsonNode *untrusted_input = json_object_get_member (untrusted_block, "input");

  if (!glb_dialect_check_members (untrusted_block, "tool_use", "type id name input", error))
    return FALSE;

  self->action = "tool_use";
  self->untrusted = untrusted_block;
  if (g_strcmp0 (glb_dialect_node_peek_string (json_object_get_member (untrusted_block, "name")), "computer") != 0)
    return glb_dialect_reader_malformed (self, "name", "\"computer\": another tool's call is not Glovebox's to do", error);
  if (untrusted_input == NULL || !JSON_NODE_HOLDS_OBJECT (untrusted_input))
    return glb_dialect_reader_malformed (self, "input", "an object with \"action\"", error);

  self->call->id = g_strdup (glb_dialect_node_peek_string (json_object_get_member (untrusted_block, "id")));
  self->call->name = g_strdup ("computer");
  return read_input (self, json_node_get_object (untrusted_input), error);
}

gboolean
glb_dialect_anthropic_read (GlbDialectReader  *self,
                            JsonNode          *untrusted_node,
                            GError           **error)
{
  JsonObject *untrusted_object;

  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node))
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "A call of Anthropic's computer tool is one object: {\"action\": …}, or its tool_use block");
      return FALSE;
    }

  untrusted_object = json_node_get_object (untrusted_node);
  if (g_strcmp0 (glb_dialect_node_peek_string (json_object_get_member (untrusted_object, "type")), "tool_use") == 0)
    return read_tool_use (self, untrusted_object, error);
  return read_input (self, untrusted_object, error);
}
