/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * OpenAI's computer tools: actions that are told apart by "type", with x and y
 * in pixels and keys as arrays. The newer tool emits lists of them.
 */

#include "input-filter/glb-dialect-reader.h"

#include <string.h>

#include "policies/glb-strict-json.h"

/* How long "wait" is, which has no duration. */
#define WAIT_SECONDS 1

#define SCROLL_PIXELS_MAX 12000
#define CHECKS_MAX        16
#define CHECK_CHARACTERS_MAX 200

static gboolean
add_at (GlbDialectReader  *self,
        const char        *action,
        GError           **error)
{
  g_autofree char *held = NULL;
  JsonObject *object;
  int x, y;

  if (!glb_dialect_reader_get_point (self, "x", "y", &x, &y, error) ||
      !glb_dialect_reader_get_chord (self, "keys", FALSE, &held, error))
    return FALSE;

  object = glb_dialect_object_new_at (action, x, y);
  if (held != NULL)
    json_object_set_string_member (object, "text", held);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
translate_click (GlbDialectReader  *self,
                 GError           **error)
{
  static const struct { const char *button, *action; } buttons[] = {
    { "left", "left_click" }, { "right", "right_click" }, { "wheel", "middle_click" },
  };
  const char *untrusted_button = NULL;

  if (!glb_dialect_reader_get_string (self, "button", &untrusted_button, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (buttons); i++)
    if (strcmp (untrusted_button, buttons[i].button) == 0)
      return add_at (self, buttons[i].action, error);

  if (strcmp (untrusted_button, "back") == 0)
    return glb_dialect_reader_unsupported (self, "the mouse has no button back: use keypress [\"ALT\", \"ARROWLEFT\"]", error);
  if (strcmp (untrusted_button, "forward") == 0)
    return glb_dialect_reader_unsupported (self, "the mouse has no button forward: use keypress [\"ALT\", \"ARROWRIGHT\"]",
                                           error);
  return glb_dialect_reader_malformed (self, "button", "\"left\", \"right\" or \"wheel\"", error);
}

static gboolean
translate_at (GlbDialectReader  *self,
              GError           **error)
{
  return add_at (self, self->argument, error);
}

typedef struct { int x, y; } Point;

static gboolean
read_path_point (GlbDialectReader  *self,
                 JsonNode          *untrusted_node,
                 Point             *point,
                 GError           **error)
{
  GlbDialectReader reader = *self;

  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node))
    return glb_dialect_reader_malformed (self, "path", "an array of {\"x\": X, \"y\": Y}", error);

  reader.untrusted = json_node_get_object (untrusted_node);
  if (!glb_dialect_check_members (reader.untrusted, "drag: a point of path", "x y", error))
    return FALSE;
  if (glb_dialect_reader_peek (&reader, "x") == NULL || glb_dialect_reader_peek (&reader, "y") == NULL)
    return glb_dialect_reader_malformed (self, "path", "an array of {\"x\": X, \"y\": Y}", error);
  return glb_dialect_reader_get_point (&reader, "x", "y", &point->x, &point->y, error);
}

/* (transfer full) (element-type Point) */
static GArray *
read_path (GlbDialectReader  *self,
           GError           **error)
{
  JsonNode *untrusted_node = glb_dialect_reader_peek (self, "path");
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;
  guint length = array != NULL ? json_array_get_length (array) : 0;
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (Point));

  if (length < 2)
    {
      glb_dialect_reader_malformed (self, "path", "an array of at least two points {\"x\": X, \"y\": Y}", error);
      return NULL;
    }
  for (guint i = 0; i < length; i++)
    {
      Point point;

      if (!read_path_point (self, json_array_get_element (array, i), &point, error))
        return NULL;
      g_array_append_val (path, point);
    }
  return g_steal_pointer (&path);
}

static gboolean
add_straight_drag (GlbDialectReader  *self,
                   Point              from,
                   Point              to,
                   const char        *held,
                   GError           **error)
{
  JsonObject *object = glb_dialect_object_new_at ("left_click_drag", to.x, to.y);

  glb_dialect_object_set_point (object, "start_coordinate", from.x, from.y);
  if (held != NULL)
    json_object_set_string_member (object, "text", held);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
add_path (GlbDialectReader  *self,
          GArray            *path,
          GError           **error)
{
  Point first = g_array_index (path, Point, 0);

  if (!glb_dialect_reader_add (self, glb_dialect_object_new_at ("left_mouse_down", first.x, first.y), error))
    return FALSE;
  for (guint i = 1; i < path->len; i++)
    {
      Point point = g_array_index (path, Point, i);

      if (!glb_dialect_reader_add (self, glb_dialect_object_new_at ("mouse_move", point.x, point.y), error))
        return FALSE;
    }
  return glb_dialect_reader_add (self, glb_dialect_object_new ("left_mouse_up"), error);
}

static gboolean
translate_drag (GlbDialectReader  *self,
                GError           **error)
{
  g_autoptr(GArray) path = read_path (self, error);
  g_autofree char *held = NULL;

  if (path == NULL || !glb_dialect_reader_get_chord (self, "keys", FALSE, &held, error))
    return FALSE;
  if (path->len == 2)
    return add_straight_drag (self, g_array_index (path, Point, 0), g_array_index (path, Point, 1), held, error);
  if (held != NULL)
    return glb_dialect_reader_unsupported (self, "keys are held along a straight line only: give a path of two points", error);
  return add_path (self, path, error);
}

static gboolean
translate_keypress (GlbDialectReader  *self,
                    GError           **error)
{
  g_autofree char *chord = NULL;
  JsonObject *object;

  if (!glb_dialect_reader_get_chord (self, "keys", FALSE, &chord, error))
    return FALSE;
  if (chord == NULL)
    return glb_dialect_reader_malformed (self, "keys", "at least one key", error);

  object = glb_dialect_object_new ("key");
  json_object_set_string_member (object, "text", chord);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
translate_screenshot (GlbDialectReader  *self,
                      GError           **error)
{
  return glb_dialect_reader_add (self, glb_dialect_object_new ("screenshot"), error);
}

static gboolean
add_distance (GlbDialectReader  *self,
              int                distance,
              const char        *forward,
              const char        *backward,
              int                x,
              int                y,
              int                size,
              int                model_size,
              const char        *held,
              GError           **error)
{
  return distance == 0 || glb_dialect_reader_add_scroll (self, distance > 0 ? forward : backward, x, y,
                                                         (gint64) ABS (distance) * size, model_size, held, error);
}

static gboolean
translate_scroll (GlbDialectReader  *self,
                  GError           **error)
{
  g_autofree char *held = NULL;
  int x, y, scroll_x = 0, scroll_y = 0;

  if (!glb_dialect_reader_get_point (self, "x", "y", &x, &y, error) ||
      !glb_dialect_reader_get_int (self, "scroll_x", -SCROLL_PIXELS_MAX, SCROLL_PIXELS_MAX, &scroll_x, error) ||
      !glb_dialect_reader_get_int (self, "scroll_y", -SCROLL_PIXELS_MAX, SCROLL_PIXELS_MAX, &scroll_y, error) ||
      !glb_dialect_reader_get_chord (self, "keys", FALSE, &held, error))
    return FALSE;
  if (scroll_x == 0 && scroll_y == 0)
    return glb_dialect_reader_malformed (self, "scroll_x or scroll_y", "a distance in pixels that is not 0", error);

  return add_distance (self, scroll_y, "down", "up", x, y, self->screen.height, self->screen.model_height, held, error) &&
         add_distance (self, scroll_x, "right", "left", x, y, self->screen.width, self->screen.model_width, held, error);
}

static gboolean
translate_type (GlbDialectReader  *self,
                GError           **error)
{
  const char *untrusted_text = NULL;
  JsonObject *object;

  if (!glb_dialect_reader_get_string (self, "text", &untrusted_text, error))
    return FALSE;
  object = glb_dialect_object_new ("type");
  json_object_set_string_member (object, "text", untrusted_text);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
translate_wait (GlbDialectReader  *self,
                GError           **error)
{
  JsonObject *object = glb_dialect_object_new ("wait");

  json_object_set_int_member (object, "duration", WAIT_SECONDS);
  return glb_dialect_reader_add (self, object, error);
}

static const GlbDialectRow rows[] = {
  { "click",        "button x y", "keys", translate_click },
  { "double_click", "x y", "keys", translate_at, "double_click" },
  { "drag",         "path", "keys", translate_drag },
  { "keypress",     "keys", "", translate_keypress },
  { "move",         "x y", "keys", translate_at, "mouse_move" },
  { "screenshot",   "", "", translate_screenshot },
  { "scroll",       "x y scroll_x scroll_y", "keys", translate_scroll },
  { "type",         "text", "", translate_type },
  { "wait",         "", "", translate_wait },
  { NULL }
};

static gboolean
read_action (GlbDialectReader  *self,
             JsonNode          *untrusted_node,
             GError           **error)
{
  JsonObject *untrusted_object = JSON_NODE_HOLDS_OBJECT (untrusted_node) ? json_node_get_object (untrusted_node) : NULL;
  JsonNode *untrusted_type = untrusted_object != NULL ? json_object_get_member (untrusted_object, "type") : NULL;
  const char *untrusted_name = glb_dialect_node_peek_string (untrusted_type);

  if (untrusted_name == NULL)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "An action of OpenAI's computer tool is an object with the string \"type\", as "
                           "{\"type\": \"screenshot\"}");
      return FALSE;
    }
  return glb_dialect_reader_translate (self, rows, "type", untrusted_name, untrusted_object, error);
}

static gboolean
read_actions (GlbDialectReader  *self,
              JsonNode          *untrusted_node,
              GError           **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;

  if (array == NULL || json_array_get_length (array) == 0)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "actions must be an array of at least one action, as [{\"type\": \"screenshot\"}]");
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_action (self, json_array_get_element (array, i), error))
      {
        g_prefix_error (error, "actions[%u]: ", i);
        return FALSE;
      }
  return TRUE;
}

/* Its message, or its code. (transfer full) */
static char *
describe_check (JsonNode *untrusted_node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (untrusted_node) ? json_node_get_object (untrusted_node) : NULL;
  const char *untrusted_text = NULL;

  if (object != NULL)
    untrusted_text = glb_dialect_node_peek_string (json_object_get_member (object, "message"));
  if (object != NULL && untrusted_text == NULL)
    untrusted_text = glb_dialect_node_peek_string (json_object_get_member (object, "code"));
  if (untrusted_text == NULL)
    return g_strdup ("a check without a message");
  return glb_strict_json_printable (untrusted_text, -1, CHECK_CHARACTERS_MAX);
}

/* What a person has to confirm. */
static gboolean
read_checks (GlbDialectReader  *self,
             JsonNode          *untrusted_node,
             GError           **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;
  guint length = array != NULL ? json_array_get_length (array) : 0;
  g_autoptr(GString) checks = g_string_new (NULL);

  if (array == NULL || length > CHECKS_MAX)
    return glb_dialect_reader_malformed (self, "pending_safety_checks", "an array of at most " G_STRINGIFY (CHECKS_MAX) " checks",
                                         error);

  for (guint i = 0; i < length; i++)
    {
      g_autofree char *text = describe_check (json_array_get_element (array, i));

      g_string_append_printf (checks, "%s%s", i > 0 ? "; " : "", text);
    }
  if (length > 0)
    self->call->confirm = g_strdup (checks->str);
  return TRUE;
}

/* An item of the response's output. */
static gboolean
read_computer_call (GlbDialectReader  *self,
                    JsonObject        *untrusted_item,
                    GError           **error)
{
  JsonNode *untrusted_action, *untrusted_actions, *untrusted_checks;

  self->action = "computer_call";
  self->untrusted = untrusted_item;
  if (!glb_dialect_check_members (untrusted_item, self->action, "type id call_id action actions pending_safety_checks status",
                                  error))
    return FALSE;

  untrusted_checks = glb_dialect_reader_peek (self, "pending_safety_checks");
  if (untrusted_checks != NULL && !read_checks (self, untrusted_checks, error))
    return FALSE;

  self->call->id = g_strdup (glb_dialect_node_peek_string (json_object_get_member (untrusted_item, "call_id")));
  untrusted_action = glb_dialect_reader_peek (self, "action");
  untrusted_actions = glb_dialect_reader_peek (self, "actions");
  if ((untrusted_action != NULL) == (untrusted_actions != NULL))
    return glb_dialect_reader_malformed (self, "either action or actions", "given, and not both", error);
  return untrusted_action != NULL ? read_action (self, untrusted_action, error) : read_actions (self, untrusted_actions, error);
}

gboolean
glb_dialect_openai_read (GlbDialectReader  *self,
                         JsonNode          *untrusted_node,
                         GError           **error)
{
  JsonObject *untrusted_object = JSON_NODE_HOLDS_OBJECT (untrusted_node) ? json_node_get_object (untrusted_node) : NULL;
  JsonNode *untrusted_type = untrusted_object != NULL ? json_object_get_member (untrusted_object, "type") : NULL;

  self->call->wants_screenshot = TRUE;
  if (JSON_NODE_HOLDS_ARRAY (untrusted_node))
    return read_actions (self, untrusted_node, error);
  if (g_strcmp0 (glb_dialect_node_peek_string (untrusted_type), "computer_call") == 0)
    return read_computer_call (self, untrusted_object, error);
  if (untrusted_type != NULL || untrusted_object == NULL || !json_object_has_member (untrusted_object, "actions"))
    return read_action (self, untrusted_node, error);
  return glb_dialect_check_members (untrusted_object, "A list of actions", "actions", error) &&
         read_actions (self, json_object_get_member (untrusted_object, "actions"), error);
}
