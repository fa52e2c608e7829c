/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Gemini's predefined functions: a name and its arguments, with coordinates in
 * thousandths of the screen. Both vocabularies, that of 3.5 and the one before
 * (click_at and so on), have different names, so one table serves both.
 */

#include "input-filter/glb-dialect-reader.h"

#include <string.h>

#include "policies/glb-strict-json.h"

#define MAGNITUDE_DEFAULT     800   /* thousandths of the screen */
#define MAGNITUDE_PIXELS_MAX  12000
#define WAIT_SECONDS_DEFAULT  1
#define WAIT_5_SECONDS        5
#define EXPLANATION_CHARACTERS_MAX 200

/* What each function may have beside its own arguments: why the model does it, which is for the reader, and what the provider's
 * safety system says of it. */
#define COMMON " intent safety_decision"

#define INSTEAD_BROWSER "a desktop has no browser of its own: open one as any application, and use "

static gboolean
add_at (GlbDialectReader  *self,
        const char        *action,
        GError           **error)
{
  int x, y;

  return glb_dialect_reader_get_point (self, "x", "y", &x, &y, error) &&
         glb_dialect_reader_add (self, glb_dialect_object_new_at (action, x, y), error);
}

static gboolean
translate_at (GlbDialectReader  *self,
              GError           **error)
{
  return add_at (self, self->argument, error);
}

static gboolean
add_key (GlbDialectReader  *self,
         const char        *chord,
         GError           **error)
{
  JsonObject *object = glb_dialect_object_new ("key");

  json_object_set_string_member (object, "text", chord);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
add_text (GlbDialectReader  *self,
          const char        *untrusted_text,
          GError           **error)
{
  JsonObject *object = glb_dialect_object_new ("type");

  json_object_set_string_member (object, "text", untrusted_text);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
translate_type (GlbDialectReader  *self,
                GError           **error)
{
  const char *untrusted_text = NULL;
  gboolean enter = FALSE;

  if (!glb_dialect_reader_get_string (self, "text", &untrusted_text, error) ||
      !glb_dialect_reader_get_boolean (self, "press_enter", &enter, error))
    return FALSE;
  if ((*untrusted_text != '\0' || !enter) && !add_text (self, untrusted_text, error))
    return FALSE;
  return !enter || add_key (self, "Return", error);
}

/* A text field: gets the focus by a click, and is emptied unless the model says otherwise. */
static gboolean
translate_type_at (GlbDialectReader  *self,
                   GError           **error)
{
  const char *untrusted_text = NULL;
  gboolean enter = FALSE, clear = TRUE;

  if (!glb_dialect_reader_get_string (self, "text", &untrusted_text, error) ||
      !glb_dialect_reader_get_boolean (self, "press_enter", &enter, error) ||
      !glb_dialect_reader_get_boolean (self, "clear_before_typing", &clear, error) ||
      !add_at (self, "left_click", error))
    return FALSE;
  if (clear && !add_key (self, "ctrl+a BackSpace", error))
    return FALSE;
  if (*untrusted_text != '\0' && !add_text (self, untrusted_text, error))
    return FALSE;
  return !enter || add_key (self, "Return", error);
}

/* argument: the member that has the keys */
static gboolean
translate_keys (GlbDialectReader  *self,
                GError           **error)
{
  g_autofree char *chord = NULL;

  if (!glb_dialect_reader_get_chord (self, self->argument, TRUE, &chord, error))
    return FALSE;
  if (chord == NULL)
    return glb_dialect_reader_malformed (self, self->argument, "at least one key", error);
  return add_key (self, chord, error);
}

/* 3.5's documents have either pair of names. */
static gboolean
translate_drag (GlbDialectReader  *self,
                GError           **error)
{
  static const char * const spellings[][4] = {
    { "x", "y", "destination_x", "destination_y" }, { "start_x", "start_y", "end_x", "end_y" },
  };
  const char * const *names = spellings[glb_dialect_reader_peek (self, "start_x") != NULL];
  const char * const *others = spellings[glb_dialect_reader_peek (self, "start_x") == NULL];
  int start_x, start_y, x, y;
  JsonObject *object;

  for (guint i = 0; i < 4; i++)
    if (glb_dialect_reader_peek (self, names[i]) == NULL || glb_dialect_reader_peek (self, others[i]) != NULL)
      return glb_dialect_reader_malformed (self, "the way",
                                           "x, y, destination_x, destination_y, or start_x, start_y, end_x, end_y", error);
  if (!glb_dialect_reader_get_point (self, names[0], names[1], &start_x, &start_y, error) ||
      !glb_dialect_reader_get_point (self, names[2], names[3], &x, &y, error))
    return FALSE;

  object = glb_dialect_object_new_at ("left_click_drag", x, y);
  glb_dialect_object_set_point (object, "start_coordinate", start_x, start_y);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
get_direction (GlbDialectReader  *self,
               const char       **direction,
               gboolean          *horizontal,
               GError           **error)
{
  if (!glb_dialect_reader_get_string (self, "direction", direction, error))
    return FALSE;
  *horizontal = strcmp (*direction, "left") == 0 || strcmp (*direction, "right") == 0;
  return *horizontal || strcmp (*direction, "up") == 0 || strcmp (*direction, "down") == 0 ||
         glb_dialect_reader_malformed (self, "direction", "\"up\", \"down\", \"left\" or \"right\"", error);
}

static gboolean
add_grid_scroll (GlbDialectReader  *self,
                 const char        *direction,
                 gboolean           horizontal,
                 int                x,
                 int                y,
                 int                magnitude,
                 GError           **error)
{
  gint64 size = horizontal ? self->screen.width : self->screen.height;

  return glb_dialect_reader_add_scroll (self, direction, x, y, magnitude * size, GLB_MODEL_GRID, NULL, error);
}

static gboolean
translate_scroll (GlbDialectReader  *self,
                  GError           **error)
{
  const char *direction = NULL;
  gboolean horizontal;
  int x, y, magnitude = MAGNITUDE_DEFAULT, pixels = 0;

  if (!glb_dialect_reader_get_point (self, "x", "y", &x, &y, error) ||
      !get_direction (self, &direction, &horizontal, error) ||
      !glb_dialect_reader_get_int (self, "magnitude", 1, GLB_MODEL_GRID, &magnitude, error) ||
      !glb_dialect_reader_get_int (self, "magnitude_in_pixels", 1, MAGNITUDE_PIXELS_MAX, &pixels, error))
    return FALSE;
  if (pixels == 0)
    return add_grid_scroll (self, direction, horizontal, x, y, magnitude, error);
  if (glb_dialect_reader_peek (self, "magnitude") != NULL)
    return glb_dialect_reader_malformed (self, "either magnitude or magnitude_in_pixels", "given, and not both", error);
  return glb_dialect_reader_add_scroll (self, direction, x, y, pixels, 1, NULL, error);
}

/* In the middle of the screen, where the document most likely is. */
static gboolean
translate_scroll_document (GlbDialectReader  *self,
                           GError           **error)
{
  const char *direction = NULL;
  gboolean horizontal;

  return get_direction (self, &direction, &horizontal, error) &&
         add_grid_scroll (self, direction, horizontal, self->screen.width / 2, self->screen.height / 2, MAGNITUDE_DEFAULT, error);
}

static gboolean
translate_screenshot (GlbDialectReader  *self,
                      GError           **error)
{
  return glb_dialect_reader_add (self, glb_dialect_object_new ("screenshot"), error);
}

static gboolean
add_wait (GlbDialectReader  *self,
          JsonNode          *untrusted_seconds,
          int                seconds,
          GError           **error)
{
  JsonObject *object = glb_dialect_object_new ("wait");

  if (untrusted_seconds != NULL)
    json_object_set_member (object, "duration", json_node_copy (untrusted_seconds));
  else
    json_object_set_int_member (object, "duration", seconds);
  return glb_dialect_reader_add (self, object, error);
}

static gboolean
translate_wait (GlbDialectReader  *self,
                GError           **error)
{
  return add_wait (self, glb_dialect_reader_peek (self, "seconds"), WAIT_SECONDS_DEFAULT, error);
}

static gboolean
translate_wait_5_seconds (GlbDialectReader  *self,
                          GError           **error)
{
  return add_wait (self, NULL, WAIT_5_SECONDS, error);
}

#define DRAG_MEMBERS "x y destination_x destination_y start_x start_y end_x end_y"

static const GlbDialectRow rows[] = {
  /* 3.5 and later */
  { "click",           "x y", COMMON, translate_at, "left_click" },
  { "double_click",    "x y", COMMON, translate_at, "double_click" },
  { "triple_click",    "x y", COMMON, translate_at, "triple_click" },
  { "middle_click",    "x y", COMMON, translate_at, "middle_click" },
  { "right_click",     "x y", COMMON, translate_at, "right_click" },
  { "mouse_down",      "x y", COMMON, translate_at, "left_mouse_down" },
  { "mouse_up",        "x y", COMMON, translate_at, "left_mouse_up" },
  { "move",            "x y", COMMON, translate_at, "mouse_move" },
  { "type",            "text", "press_enter" COMMON, translate_type },
  { "drag_and_drop",   "", DRAG_MEMBERS COMMON, translate_drag },
  { "wait",            "", "seconds" COMMON, translate_wait },
  { "press_key",       "key", COMMON, translate_keys, "key" },
  { "hotkey",          "keys", COMMON, translate_keys, "keys" },
  { "take_screenshot", "", COMMON, translate_screenshot },
  { "scroll",          "x y direction", "magnitude magnitude_in_pixels" COMMON, translate_scroll },
  { "key_down",        "", "", NULL, "no key stays down from one call to the next: use hotkey with all keys at once" },
  { "key_up",          "", "", NULL, "no key stays down from one call to the next: use hotkey with all keys at once" },
  /* its predecessors */
  { "click_at",        "x y", COMMON, translate_at, "left_click" },
  { "hover_at",        "x y", COMMON, translate_at, "mouse_move" },
  { "type_text_at",    "x y text", "press_enter clear_before_typing" COMMON, translate_type_at },
  { "scroll_at",       "x y direction", "magnitude" COMMON, translate_scroll },
  { "scroll_document", "direction", COMMON, translate_scroll_document },
  { "key_combination", "keys", COMMON, translate_keys, "keys" },
  { "wait_5_seconds",  "", COMMON, translate_wait_5_seconds },
  /* both */
  { "open_web_browser", "", "", NULL, INSTEAD_BROWSER "click on its window or its launcher" },
  { "navigate",        "", "", NULL, INSTEAD_BROWSER "control+l in its window, then type the address and press Enter" },
  { "search",          "", "", NULL, INSTEAD_BROWSER "control+k in its window, then type what to look for and press Enter" },
  { "go_back",         "", "", NULL, INSTEAD_BROWSER "alt+left in its window" },
  { "go_forward",      "", "", NULL, INSTEAD_BROWSER "alt+right in its window" },
  { NULL }
};

static gboolean
check_intent (GlbDialectReader  *self,
              GError           **error)
{
  const char *untrusted_intent = NULL;

  return glb_dialect_reader_get_string (self, "intent", &untrusted_intent, error);
}

/* All but a plain yes of the provider's safety system is for a person to decide. */
static gboolean
read_safety (GlbDialectReader  *self,
             GError           **error)
{
  JsonNode *untrusted_node = glb_dialect_reader_peek (self, "safety_decision");
  JsonObject *untrusted_object;
  const char *untrusted_decision, *untrusted_why;

  if (untrusted_node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node))
    return glb_dialect_reader_malformed (self, "safety_decision", "an object with \"decision\"", error);

  untrusted_object = json_node_get_object (untrusted_node);
  untrusted_decision = glb_dialect_node_peek_string (json_object_get_member (untrusted_object, "decision"));
  if (g_strcmp0 (untrusted_decision, "regular") == 0 || g_strcmp0 (untrusted_decision, "allowed") == 0)
    return TRUE;

  untrusted_why = glb_dialect_node_peek_string (json_object_get_member (untrusted_object, "explanation"));
  if (untrusted_why == NULL)
    untrusted_why = untrusted_decision != NULL ? untrusted_decision : "a decision without an explanation";
  self->call->confirm = glb_strict_json_printable (untrusted_why, -1, EXPLANATION_CHARACTERS_MAX);
  return TRUE;
}

/* (nullable): there are none */
static JsonNode *
peek_arguments (GlbDialectReader *self)
{
  JsonNode *untrusted_arguments = glb_dialect_reader_peek (self, "args");

  return untrusted_arguments != NULL ? untrusted_arguments : glb_dialect_reader_peek (self, "arguments");
}

static gboolean
check_call (GlbDialectReader  *self,
            GError           **error)
{
  JsonNode *untrusted_arguments = peek_arguments (self);
  JsonNode *untrusted_type = glb_dialect_reader_peek (self, "type");

  if (!glb_dialect_check_members (self->untrusted, self->action, "type id call_id name args arguments", error))
    return FALSE;
  if (untrusted_type != NULL && g_strcmp0 (glb_dialect_node_peek_string (untrusted_type), "function_call") != 0)
    return glb_dialect_reader_malformed (self, "type", "\"function_call\"", error);
  if ((untrusted_arguments != NULL && !JSON_NODE_HOLDS_OBJECT (untrusted_arguments)) ||
      (glb_dialect_reader_peek (self, "args") != NULL && glb_dialect_reader_peek (self, "arguments") != NULL))
    return glb_dialect_reader_malformed (self, "args, or arguments,", "one object", error);
  return TRUE;
}

static gboolean
read_function (GlbDialectReader  *self,
               const char        *untrusted_name,
               GError           **error)
{
  g_autoptr(JsonObject) none = json_object_new ();
  JsonNode *untrusted_arguments = peek_arguments (self);
  JsonNode *untrusted_id = glb_dialect_reader_peek (self, "id");

  if (untrusted_id == NULL)
    untrusted_id = glb_dialect_reader_peek (self, "call_id");
  self->call->id = g_strdup (glb_dialect_node_peek_string (untrusted_id));
  self->call->name = g_strdup (untrusted_name);
  return glb_dialect_reader_translate (self, rows, NULL, untrusted_name,
                                       untrusted_arguments != NULL ? json_node_get_object (untrusted_arguments) : none, error) &&
         check_intent (self, error) && read_safety (self, error);
}

gboolean
glb_dialect_gemini_read (GlbDialectReader  *self,
                         JsonNode          *untrusted_node,
                         GError           **error)
{
  JsonObject *untrusted_object = JSON_NODE_HOLDS_OBJECT (untrusted_node) ? json_node_get_object (untrusted_node) : NULL;
  JsonNode *untrusted_member = untrusted_object != NULL ? json_object_get_member (untrusted_object, "name") : NULL;
  const char *untrusted_name = glb_dialect_node_peek_string (untrusted_member);

  if (untrusted_name == NULL)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "A function call of Gemini's is an object with the string \"name\" and its \"args\", as "
                           "{\"name\": \"click\", \"args\": {\"x\": 500, \"y\": 500}}");
      return FALSE;
    }

  self->call->wants_screenshot = TRUE;
  self->action = "A function call";
  self->untrusted = untrusted_object;
  return check_call (self, error) && read_function (self, untrusted_name, error);
}
