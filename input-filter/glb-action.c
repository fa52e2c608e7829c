/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The vocabulary as a table: which parameters each action takes and needs.
 * Everything that is not in the table is refused, with a message that says
 * what would be possible.
 */

#include "input-filter/glb-action.h"

#include <string.h>

#include "input-filter/glb-key-map.h"
#include "input-filter/glb-member.h"
#include "policies/glb-strict-json.h"

#define QUOTE_CHARACTERS_MAX 40

G_DEFINE_QUARK (glb-action-error-quark, glb_action_error)

typedef enum
{
  PARAMETER_COORDINATE       = 1 << 0,
  PARAMETER_START_COORDINATE = 1 << 1,
  PARAMETER_REGION           = 1 << 2,
  PARAMETER_TEXT             = 1 << 3,
  PARAMETER_KEY              = 1 << 4,   /* another spelling of text where it means held keys */
  PARAMETER_DURATION         = 1 << 5,
  PARAMETER_SCROLL_DIRECTION = 1 << 6,
  PARAMETER_SCROLL_AMOUNT    = 1 << 7,
  PARAMETER_SETTLE           = 1 << 8,
  PARAMETER_SCREENSHOT       = 1 << 9,
  PARAMETER_FRAME_ID         = 1 << 10,
  PARAMETER_EXPECT           = 1 << 11,
  PARAMETER_TYPE             = 1 << 12,
  PARAMETER_SELECTION        = 1 << 13,
  PARAMETER_DEVICE           = 1 << 14,
  PARAMETER_TARGET           = 1 << 15,
  PARAMETER_WINDOW           = 1 << 16,
  PARAMETER_APP_ID           = 1 << 17,
  PARAMETER_TITLE            = 1 << 18,
  PARAMETER_MAX_NODES        = 1 << 19,
  PARAMETER_MAX_DEPTH        = 1 << 20,
  PARAMETER_ELEMENT          = 1 << 21,
  PARAMETER_COLOUR           = 1 << 22,
  PARAMETER_QUIET_MS         = 1 << 23,
  PARAMETER_GONE             = 1 << 24,
  PARAMETER_TIMEOUT_MS       = 1 << 25,

  PARAMETERS_COMMON          = PARAMETER_SETTLE | PARAMETER_SCREENSHOT | PARAMETER_FRAME_ID | PARAMETER_EXPECT,
  PARAMETERS_HELD            = PARAMETER_TEXT | PARAMETER_KEY,
  PARAMETERS_PLACE           = PARAMETER_COORDINATE | PARAMETER_TARGET,
  PARAMETERS_CLICK           = PARAMETERS_PLACE | PARAMETERS_HELD,
  PARAMETERS_SCROLL          = PARAMETER_SCROLL_DIRECTION | PARAMETER_SCROLL_AMOUNT,
  PARAMETERS_TREE            = PARAMETER_WINDOW | PARAMETER_APP_ID | PARAMETER_TITLE | PARAMETER_MAX_NODES | PARAMETER_MAX_DEPTH,
  PARAMETERS_WAIT            = PARAMETER_WINDOW | PARAMETER_ELEMENT | PARAMETER_TEXT | PARAMETER_COLOUR | PARAMETER_QUIET_MS |
                               PARAMETER_GONE | PARAMETER_TIMEOUT_MS,
} Parameters;

static const struct
{
  const char *name;
  Parameters  needed;
  Parameters  optional;      /* besides the common ones */
  gboolean    input;
} vocabulary[] = {
  [GLB_ACTION_SCREENSHOT]      = { "screenshot",      0, 0, FALSE },
  [GLB_ACTION_ZOOM]            = { "zoom",            PARAMETER_REGION, 0, FALSE },
  [GLB_ACTION_MOUSE_MOVE]      = { "mouse_move",      PARAMETER_COORDINATE, PARAMETERS_HELD | PARAMETER_TARGET, TRUE },
  [GLB_ACTION_LEFT_CLICK]      = { "left_click",      0, PARAMETERS_CLICK, TRUE },
  [GLB_ACTION_RIGHT_CLICK]     = { "right_click",     0, PARAMETERS_CLICK, TRUE },
  [GLB_ACTION_MIDDLE_CLICK]    = { "middle_click",    0, PARAMETERS_CLICK, TRUE },
  [GLB_ACTION_DOUBLE_CLICK]    = { "double_click",    0, PARAMETERS_CLICK, TRUE },
  [GLB_ACTION_TRIPLE_CLICK]    = { "triple_click",    0, PARAMETERS_CLICK, TRUE },
  [GLB_ACTION_LEFT_MOUSE_DOWN] = { "left_mouse_down", 0, PARAMETERS_PLACE, TRUE },
  [GLB_ACTION_LEFT_MOUSE_UP]   = { "left_mouse_up",   0, PARAMETERS_PLACE, TRUE },
  [GLB_ACTION_LEFT_CLICK_DRAG] = { "left_click_drag", PARAMETER_COORDINATE,
                                   PARAMETER_START_COORDINATE | PARAMETERS_HELD | PARAMETER_TARGET, TRUE },
  [GLB_ACTION_SCROLL]          = { "scroll",          PARAMETERS_SCROLL, PARAMETERS_CLICK, TRUE },
  [GLB_ACTION_KEY]             = { "key",             PARAMETER_TEXT, 0, TRUE },
  [GLB_ACTION_HOLD_KEY]        = { "hold_key",        PARAMETER_TEXT | PARAMETER_DURATION, 0, TRUE },
  [GLB_ACTION_TYPE]            = { "type",            PARAMETER_TEXT, 0, TRUE },
  [GLB_ACTION_WAIT]            = { "wait",            PARAMETER_DURATION, 0, FALSE },
  [GLB_ACTION_CURSOR_POSITION] = { "cursor_position", 0, 0, FALSE },
  [GLB_ACTION_LEASE_STATUS]    = { "lease_status",    0, 0, FALSE },
  [GLB_ACTION_CLIPBOARD_REQUEST] = { "clipboard_request", 0, PARAMETER_TYPE | PARAMETER_SELECTION, FALSE },
  [GLB_ACTION_DEVICE_REQUEST]  = { "device_request",  PARAMETER_DEVICE, 0, FALSE },
  [GLB_ACTION_UI_TREE]         = { "ui_tree",         0, PARAMETERS_TREE, FALSE },
  [GLB_ACTION_FIND]            = { "find",            PARAMETER_TARGET, 0, FALSE },
  [GLB_ACTION_WAIT_FOR]        = { "wait_for",        0, PARAMETERS_WAIT, FALSE },
  [GLB_ACTION_CLIPBOARD_READ]  = { "clipboard_read",  0, PARAMETER_TYPE | PARAMETER_SELECTION, FALSE },
  [GLB_ACTION_CLIPBOARD_WRITE] = { "clipboard_write", PARAMETER_TEXT, PARAMETER_TYPE | PARAMETER_SELECTION, TRUE },
  [GLB_ACTION_LIST_WINDOWS]    = { "list_windows",    0, 0, FALSE },
  [GLB_ACTION_ACTIVATE_WINDOW] = { "activate_window", PARAMETER_WINDOW, 0, TRUE },
  [GLB_ACTION_CLOSE_WINDOW]    = { "close_window",    PARAMETER_WINDOW, 0, TRUE },
};

static const char * const directions[] = { "up", "down", "left", "right" };

typedef gboolean (*ParameterFunc) (GlbAction *self, const char *name, JsonNode *untrusted_node, GError **error);

static gboolean
malformed (GError     **error,
           GlbAction   *self,
           const char  *name,
           const char  *expected)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "%s: %s must be %s", glb_action_kind_to_string (self->kind), name, expected);
  return FALSE;
}

static gboolean
out_of_range (GError     **error,
              GlbAction   *self,
              const char  *name,
              const char  *range)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
               "%s: %s must be %s", glb_action_kind_to_string (self->kind), name, range);
  return FALSE;
}

static gboolean
node_get_int (JsonNode *node,
              gint64   *value)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}

static gboolean
node_get_boolean (JsonNode *node,
                  gboolean *value)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

static gboolean
node_get_number (JsonNode *node,
                 double   *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = json_node_get_double (node);
  return TRUE;
}

static const char *
node_peek_string (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

static gboolean
parse_integers (GlbAction   *self,
                const char  *name,
                JsonNode    *untrusted_node,
                int         *values,
                guint        n_values,
                const char  *expected,
                GError     **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;

  if (array == NULL || json_array_get_length (array) != n_values)
    return malformed (error, self, name, expected);

  for (guint i = 0; i < n_values; i++)
    {
      gint64 value;

      if (!node_get_int (json_array_get_element (array, i), &value))
        return malformed (error, self, name, expected);
      if (value < 0 || value > GLB_ACTION_COORDINATE_MAX)
        return out_of_range (error, self, name, "within 0 to " G_STRINGIFY (GLB_ACTION_COORDINATE_MAX));
      values[i] = value;
    }
  return TRUE;
}

static gboolean
parse_coordinate (GlbAction   *self,
                  const char  *name,
                  JsonNode    *untrusted_node,
                  GError     **error)
{
  int point[2];

  if (!parse_integers (self, name, untrusted_node, point, 2, "[x, y] in whole pixels", error))
    return FALSE;
  self->has_coordinate = TRUE;
  self->x = point[0];
  self->y = point[1];
  return TRUE;
}

static gboolean
parse_start_coordinate (GlbAction   *self,
                        const char  *name,
                        JsonNode    *untrusted_node,
                        GError     **error)
{
  int point[2];

  if (!parse_integers (self, name, untrusted_node, point, 2, "[x, y] in whole pixels", error))
    return FALSE;
  self->has_start_coordinate = TRUE;
  self->start_x = point[0];
  self->start_y = point[1];
  return TRUE;
}

static gboolean
parse_region (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  if (!parse_integers (self, name, untrusted_node, self->region, 4, "[x1, y1, x2, y2] in whole pixels", error))
    return FALSE;
  if (self->region[0] >= self->region[2] || self->region[1] >= self->region[3])
    return out_of_range (error, self, name, "[x1, y1, x2, y2] with x1 < x2 and y1 < y2");
  return TRUE;
}

/* What may be typed: printable characters, newline and tab; "\r\n" counts as "\n". (transfer full) */
static char *
clean_typed_text (const char *untrusted_text)
{
  GString *clean = g_string_sized_new (strlen (untrusted_text));

  for (const char *p = untrusted_text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      if (character == '\r' && p[1] == '\n')
        continue;
      if (g_unichar_iscntrl (character) && character != '\n' && character != '\t')
        {
          g_string_free (clean, TRUE);
          return NULL;
        }
      g_string_append_unichar (clean, character);
    }
  return g_string_free (clean, FALSE);
}

static gboolean
parse_typed_text (GlbAction   *self,
                  const char  *name,
                  const char  *untrusted_text,
                  GError     **error)
{
  if (untrusted_text[0] == '\0')
    return malformed (error, self, name, "not empty");
  if (strlen (untrusted_text) > GLB_ACTION_BYTES_MAX)
    return out_of_range (error, self, name, "at most 64 KiB");

  self->text = clean_typed_text (untrusted_text);
  if (self->text == NULL)
    return malformed (error, self, name, "printable text with newlines and tabs; use the action key for other keys");
  return TRUE;
}

/* What a program copies may hold anything that is text. */
static gboolean
parse_copied_text (GlbAction   *self,
                   const char  *name,
                   const char  *untrusted_text,
                   GError     **error)
{
  if (untrusted_text[0] == '\0')
    return malformed (error, self, name, "not empty");

  self->text = g_strdup (untrusted_text);
  return TRUE;
}

/* Held keys and hold_key are one chord of keys; key takes several and may take characters that no key has. */
static gboolean
check_chords (GlbAction   *self,
              const char  *name,
              GArray      *chords,
              GError     **error)
{
  if (self->kind == GLB_ACTION_KEY)
    return TRUE;
  if (chords->len != 1)
    return malformed (error, self, name, "one chord such as ctrl+shift, without spaces");
  if (g_array_index (chords, GlbChord, 0).n_codes == 0)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
                   "%s: %s names a character that is not on the \"%s\" keyboard: it can be typed, but not held",
                   glb_action_kind_to_string (self->kind), name, glb_key_map_get_layout (self->keys));
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_wait (GlbAction   *self,
            const char  *name,
            JsonNode    *untrusted_node,
            GError     **error)
{
  return glb_wait_parse (self->wait, name, untrusted_node, error);
}

static gboolean
parse_text (GlbAction   *self,
            const char  *name,
            JsonNode    *untrusted_node,
            GError     **error)
{
  const char *untrusted_text = node_peek_string (untrusted_node);
  g_autoptr(GArray) chords = NULL;

  if (self->kind == GLB_ACTION_WAIT_FOR)
    return parse_wait (self, name, untrusted_node, error);
  if (untrusted_text == NULL || !g_utf8_validate (untrusted_text, -1, NULL))
    return malformed (error, self, name, "a string");
  if (self->text != NULL)
    return malformed (error, self, "text", "given once: text and key mean the same");
  if (self->kind == GLB_ACTION_TYPE)
    return parse_typed_text (self, name, untrusted_text, error);
  if (self->kind == GLB_ACTION_CLIPBOARD_WRITE)
    return parse_copied_text (self, name, untrusted_text, error);

  chords = glb_key_map_parse_chords (self->keys, untrusted_text, error);
  if (chords == NULL)
    {
      g_prefix_error (error, "%s: %s: ", glb_action_kind_to_string (self->kind), name);
      return FALSE;
    }
  if (!check_chords (self, name, chords, error))
    return FALSE;
  self->text = g_strdup (untrusted_text);
  return TRUE;
}

static gboolean
parse_duration (GlbAction   *self,
                const char  *name,
                JsonNode    *untrusted_node,
                GError     **error)
{
  double seconds;

  if (!node_get_number (untrusted_node, &seconds))
    return malformed (error, self, name, "a number of seconds");
  if (!(seconds >= 0 && seconds <= GLB_ACTION_SECONDS_MAX))
    return out_of_range (error, self, name, "0 to " G_STRINGIFY (GLB_ACTION_SECONDS_MAX) " seconds");
  /* To the millisecond, so that what is done and what is recorded are the same. */
  self->duration = (int) (seconds * 1000 + 0.5) / 1000.0;
  return TRUE;
}

static gboolean
parse_scroll_direction (GlbAction   *self,
                        const char  *name,
                        JsonNode    *untrusted_node,
                        GError     **error)
{
  const char *untrusted_direction = node_peek_string (untrusted_node);

  for (guint i = 0; untrusted_direction != NULL && i < G_N_ELEMENTS (directions); i++)
    {
      if (strcmp (untrusted_direction, directions[i]) == 0)
        {
          self->scroll_direction = i;
          return TRUE;
        }
    }
  return malformed (error, self, name, "\"up\", \"down\", \"left\" or \"right\"");
}

static gboolean
parse_scroll_amount (GlbAction   *self,
                     const char  *name,
                     JsonNode    *untrusted_node,
                     GError     **error)
{
  gint64 amount;

  if (!node_get_int (untrusted_node, &amount))
    return malformed (error, self, name, "a whole number of wheel clicks");
  if (amount < 1 || amount > GLB_ACTION_SCROLL_MAX)
    return out_of_range (error, self, name, "1 to " G_STRINGIFY (GLB_ACTION_SCROLL_MAX) " wheel clicks");
  self->scroll_amount = amount;
  return TRUE;
}

static gboolean
parse_type (GlbAction   *self,
            const char  *name,
            JsonNode    *untrusted_node,
            GError     **error)
{
  const char *untrusted_type = node_peek_string (untrusted_node);
  gsize length = untrusted_type != NULL ? strlen (untrusted_type) : 0;

  if (length == 0 || length > GLB_ACTION_TYPE_MAX)
    return malformed (error, self, name, "a MIME type such as text/plain");
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (untrusted_type[i]) && untrusted_type[i] != ' ')
      return malformed (error, self, name, "a MIME type such as text/plain");

  g_free (self->type);
  self->type = g_strdup (untrusted_type);
  return TRUE;
}

static gboolean
parse_selection (GlbAction   *self,
                 const char  *name,
                 JsonNode    *untrusted_node,
                 GError     **error)
{
  const char *untrusted_name = node_peek_string (untrusted_node);

  self->primary = g_strcmp0 (untrusted_name, "primary") == 0;
  return self->primary || g_strcmp0 (untrusted_name, "clipboard") == 0 || malformed (error, self, name, "clipboard or primary");
}

static gboolean
parse_device (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  static const char * const devices[] = { "camera", "microphone", "speaker" };
  const char *untrusted_name = node_peek_string (untrusted_node);

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    if (g_strcmp0 (untrusted_name, devices[i]) == 0)
      {
        self->device = devices[i];
        return TRUE;
      }

  return malformed (error, self, name, "camera, microphone or speaker");
}

static gboolean
parse_milliseconds (GlbAction   *self,
                    const char  *name,
                    JsonNode    *untrusted_node,
                    guint        max,
                    guint       *value,
                    GError     **error)
{
  g_autofree char *range = g_strdup_printf ("1 to %u milliseconds", max);
  gint64 milliseconds;

  if (!node_get_int (untrusted_node, &milliseconds))
    return malformed (error, self, name, "a whole number of milliseconds");
  if (milliseconds < 1 || milliseconds > max)
    return out_of_range (error, self, name, range);
  *value = milliseconds;
  return TRUE;
}

static gboolean
parse_settle_object (GlbAction   *self,
                     JsonObject  *untrusted_object,
                     GError     **error)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init (&iter, untrusted_object);
  while (json_object_iter_next (&iter, &member, &node))
    {
      if (strcmp (member, "quietMs") == 0)
        {
          if (!parse_milliseconds (self, "settle.quietMs", node, GLB_ACTION_QUIET_MS_MAX, &self->quiet_ms, error))
            return FALSE;
        }
      else if (strcmp (member, "maxMs") == 0)
        {
          if (!parse_milliseconds (self, "settle.maxMs", node, GLB_ACTION_SETTLE_MS_MAX, &self->max_ms, error))
            return FALSE;
        }
      else
        return malformed (error, self, "settle", "true, false or {\"quietMs\": Q, \"maxMs\": M}");
    }
  if (self->quiet_ms > self->max_ms)
    return out_of_range (error, self, "settle.quietMs", "at most settle.maxMs");
  return TRUE;
}

static gboolean
parse_settle (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  if (node_get_boolean (untrusted_node, &self->settle))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node))
    return malformed (error, self, name, "true, false or {\"quietMs\": Q, \"maxMs\": M}");
  self->settle = TRUE;
  return parse_settle_object (self, json_node_get_object (untrusted_node), error);
}

static gboolean
parse_screenshot (GlbAction   *self,
                  const char  *name,
                  JsonNode    *untrusted_node,
                  GError     **error)
{
  return node_get_boolean (untrusted_node, &self->screenshot) || malformed (error, self, name, "true or false");
}

static gboolean
parse_frame_id (GlbAction   *self,
                const char  *name,
                JsonNode    *untrusted_node,
                GError     **error)
{
  gint64 frame_id;

  if (!node_get_int (untrusted_node, &frame_id))
    return malformed (error, self, name, "the whole number of a frame");
  if (frame_id < 0)
    return out_of_range (error, self, name, "0 or more");
  self->has_frame_id = TRUE;
  self->frame_id = frame_id;
  return TRUE;
}

static gboolean
parse_expect (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  self->expect = glb_expect_new_from_node (untrusted_node, error);
  if (self->expect == NULL)
    g_prefix_error (error, "%s: ", glb_action_kind_to_string (self->kind));
  return self->expect != NULL;
}

static gboolean
parse_target (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  self->target = glb_target_new_from_node (untrusted_node, name, error);
  if (self->target == NULL)
    g_prefix_error (error, "%s: ", glb_action_kind_to_string (self->kind));
  return self->target != NULL;
}

static gboolean
parse_window (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  gint64 window;

  if (self->kind == GLB_ACTION_WAIT_FOR)
    return parse_wait (self, name, untrusted_node, error);
  if (!node_get_int (untrusted_node, &window))
    return malformed (error, self, name, "the whole number of a window; see list_windows");
  if (window < 1 || window > G_MAXUINT32)
    return out_of_range (error, self, name, "the number of a window; see list_windows");
  self->window = (guint32) window;
  return TRUE;
}

static gboolean
parse_app_id (GlbAction   *self,
              const char  *name,
              JsonNode    *untrusted_node,
              GError     **error)
{
  return glb_member_get_glob (untrusted_node, "ui_tree: appId", &self->app_id, error);
}

static gboolean
parse_title (GlbAction   *self,
             const char  *name,
             JsonNode    *untrusted_node,
             GError     **error)
{
  return glb_member_get_glob (untrusted_node, "ui_tree: title", &self->title, error);
}

static gboolean
parse_max_nodes (GlbAction   *self,
                 const char  *name,
                 JsonNode    *untrusted_node,
                 GError     **error)
{
  gint64 max = 0;
  gboolean valid = glb_member_get_number (untrusted_node, "ui_tree: maxNodes", 1, GLB_ACTION_NODES_MAX, &max, error);

  self->max_nodes = (guint) max;
  return valid;
}

static gboolean
parse_max_depth (GlbAction   *self,
                 const char  *name,
                 JsonNode    *untrusted_node,
                 GError     **error)
{
  gint64 max = 0;
  gboolean valid = glb_member_get_number (untrusted_node, "ui_tree: maxDepth", 1, GLB_ACTION_TREE_DEPTH_MAX, &max, error);

  self->max_depth = (guint) max;
  return valid;
}

/* In the order of the audit's records. */
static const struct
{
  const char    *name;
  Parameters     parameter;
  ParameterFunc  parse;
} parameters[] = {
  { "coordinate",       PARAMETER_COORDINATE,       parse_coordinate },
  { "start_coordinate", PARAMETER_START_COORDINATE, parse_start_coordinate },
  { "region",           PARAMETER_REGION,           parse_region },
  { "text",             PARAMETER_TEXT,             parse_text },
  { "key",              PARAMETER_KEY,              parse_text },
  { "duration",         PARAMETER_DURATION,         parse_duration },
  { "scroll_direction", PARAMETER_SCROLL_DIRECTION, parse_scroll_direction },
  { "scroll_amount",    PARAMETER_SCROLL_AMOUNT,    parse_scroll_amount },
  { "type",             PARAMETER_TYPE,             parse_type },
  { "selection",        PARAMETER_SELECTION,        parse_selection },
  { "device",           PARAMETER_DEVICE,           parse_device },
  { "target",           PARAMETER_TARGET,           parse_target },
  { "window",           PARAMETER_WINDOW,           parse_window },
  { "appId",            PARAMETER_APP_ID,           parse_app_id },
  { "title",            PARAMETER_TITLE,            parse_title },
  { "maxNodes",         PARAMETER_MAX_NODES,        parse_max_nodes },
  { "maxDepth",         PARAMETER_MAX_DEPTH,        parse_max_depth },
  { "element",          PARAMETER_ELEMENT,          parse_wait },
  { "colour",           PARAMETER_COLOUR,           parse_wait },
  { "quietMs",          PARAMETER_QUIET_MS,         parse_wait },
  { "gone",             PARAMETER_GONE,             parse_wait },
  { "timeoutMs",        PARAMETER_TIMEOUT_MS,       parse_wait },
  { "settle",           PARAMETER_SETTLE,           parse_settle },
  { "screenshot",       PARAMETER_SCREENSHOT,       parse_screenshot },
  { "frameId",          PARAMETER_FRAME_ID,         parse_frame_id },
  { "expect",           PARAMETER_EXPECT,           parse_expect },
};

static char *
list_parameters (Parameters which)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    if ((parameters[i].parameter & which) != 0)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", parameters[i].name);
  return g_string_free (list, FALSE);
}

static char *
list_actions (void)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (vocabulary); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", vocabulary[i].name);
  return g_string_free (list, FALSE);
}

static gboolean
parse_kind (JsonObject     *untrusted_object,
            GlbActionKind  *kind,
            GError        **error)
{
  JsonNode *untrusted_node = json_object_get_member (untrusted_object, "action");
  const char *untrusted_name = untrusted_node != NULL ? node_peek_string (untrusted_node) : NULL;
  g_autofree char *possible = list_actions ();
  g_autofree char *quoted = NULL;

  for (guint i = 0; untrusted_name != NULL && i < G_N_ELEMENTS (vocabulary); i++)
    {
      if (strcmp (untrusted_name, vocabulary[i].name) == 0)
        {
          *kind = i;
          return TRUE;
        }
    }

  quoted = untrusted_name != NULL ? glb_strict_json_printable (untrusted_name, -1, QUOTE_CHARACTERS_MAX) : NULL;
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "%s\"%s\"; possible actions: %s",
               quoted != NULL ? "There is no action " : "An action needs the string ",
               quoted != NULL ? quoted : "action", possible);
  return FALSE;
}

/* found: (out): which parameter member is. */
static gboolean
parse_parameter (GlbAction   *self,
                 const char  *untrusted_member,
                 JsonNode    *untrusted_node,
                 Parameters  *found,
                 GError     **error)
{
  Parameters possible = vocabulary[self->kind].needed | vocabulary[self->kind].optional | PARAMETERS_COMMON;
  g_autofree char *list = NULL;
  g_autofree char *quoted = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      if ((parameters[i].parameter & possible) != 0 && strcmp (untrusted_member, parameters[i].name) == 0)
        {
          *found |= parameters[i].parameter;
          return parameters[i].parse (self, parameters[i].name, untrusted_node, error);
        }
    }

  list = list_parameters (possible);
  quoted = glb_strict_json_printable (untrusted_member, -1, QUOTE_CHARACTERS_MAX);
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "%s does not take \"%s\"; possible parameters: %s", vocabulary[self->kind].name, quoted, list);
  return FALSE;
}

/* A target stands for a coordinate. */
static gboolean
check_place (GlbAction   *self,
             Parameters   found,
             GError     **error)
{
  if ((found & PARAMETERS_PLACE) != PARAMETERS_PLACE)
    return TRUE;

  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s takes target or coordinate, not both", vocabulary[self->kind].name);
  return FALSE;
}

static gboolean
parse_parameters (GlbAction   *self,
                  JsonObject  *untrusted_object,
                  GError     **error)
{
  Parameters found = 0;
  Parameters missing;
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init (&iter, untrusted_object);
  while (json_object_iter_next (&iter, &member, &node))
    if (strcmp (member, "action") != 0 && !parse_parameter (self, member, node, &found, error))
      return FALSE;

  if (!check_place (self, found, error) || (self->wait != NULL && !glb_wait_is_complete (self->wait, error)))
    return FALSE;

  missing = vocabulary[self->kind].needed & ~found;
  if ((found & PARAMETER_TARGET) != 0)
    missing &= ~PARAMETER_COORDINATE;
  if (missing != 0)
    {
      g_autofree char *list = list_parameters (missing);

      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                   "%s needs %s", vocabulary[self->kind].name, list);
      return FALSE;
    }
  return TRUE;
}

GlbAction *
glb_action_new_from_node (const GlbKeyMap  *keys,
                          JsonNode         *node,
                          GError          **error)
{
  g_autoptr(GlbAction) self = NULL;
  GlbActionKind kind;

  g_return_val_if_fail (node != NULL, NULL);

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "An action is a JSON object such as {\"action\": \"left_click\", \"coordinate\": [10, 20]}");
      return NULL;
    }
  if (!parse_kind (json_node_get_object (node), &kind, error))
    return NULL;

  self = g_new0 (GlbAction, 1);
  self->kind = kind;
  self->keys = keys;
  self->quiet_ms = GLB_ACTION_QUIET_MS_DEFAULT;
  self->max_ms = GLB_ACTION_SETTLE_MS_DEFAULT;
  self->max_nodes = GLB_ACTION_NODES_DEFAULT;
  self->max_depth = GLB_ACTION_TREE_DEPTH_DEFAULT;
  self->wait = kind == GLB_ACTION_WAIT_FOR ? glb_wait_new () : NULL;
  if (!parse_parameters (self, json_node_get_object (node), error))
    return NULL;
  return g_steal_pointer (&self);
}

GlbAction *
glb_action_new_from_json (const GlbKeyMap  *keys,
                          const char       *text,
                          gsize             length,
                          GError          **error)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_ACTION_BYTES_MAX, .max_depth = GLB_ACTION_DEPTH_MAX };
  g_autoptr(GError) json_error = NULL;
  g_autoptr(JsonNode) node = NULL;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  node = glb_strict_json_parse (text, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &json_error);
  if (node == NULL)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "Not strict JSON: line %s", json_error->message);
      return NULL;
    }
  return glb_action_new_from_node (keys, node, error);
}

void
glb_action_free (GlbAction *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->expect, glb_expect_free);
  g_clear_pointer (&self->target, glb_target_free);
  g_clear_pointer (&self->wait, glb_wait_free);
  g_free (self->app_id);
  g_free (self->title);
  g_free (self->text);
  g_free (self->type);
  g_free (self);
}

static void
set_integers (JsonObject *object,
              const char *name,
              const int  *values,
              guint       n_values)
{
  JsonArray *array = json_array_sized_new (n_values);

  for (guint i = 0; i < n_values; i++)
    json_array_add_int_element (array, values[i]);
  json_object_set_array_member (object, name, array);
}

static void
set_text (JsonObject      *object,
          const GlbAction *self,
          gboolean         redact)
{
  g_autofree char *hash = NULL;
  JsonObject *redacted;

  if (!redact || (self->kind != GLB_ACTION_TYPE && self->kind != GLB_ACTION_CLIPBOARD_WRITE))
    {
      json_object_set_string_member (object, "text", self->text);
      return;
    }

  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->text, -1);
  redacted = json_object_new ();
  json_object_set_int_member (redacted, "characters", g_utf8_strlen (self->text, -1));
  json_object_set_string_member (redacted, "sha256", hash);
  json_object_set_object_member (object, "text", redacted);
}

static void
set_vendor_parameters (JsonObject      *object,
                       const GlbAction *self,
                       gboolean         redact)
{
  Parameters possible = vocabulary[self->kind].needed | vocabulary[self->kind].optional;

  /* that of a target is found out anew each time */
  if (self->has_coordinate && self->target == NULL)
    set_integers (object, "coordinate", (int[]) { self->x, self->y }, 2);
  if (self->has_start_coordinate)
    set_integers (object, "start_coordinate", (int[]) { self->start_x, self->start_y }, 2);
  if ((possible & PARAMETER_REGION) != 0)
    set_integers (object, "region", self->region, 4);
  if (self->text != NULL)
    set_text (object, self, redact);
  if ((possible & PARAMETER_DURATION) != 0)
    json_object_set_double_member (object, "duration", self->duration);
  if ((possible & PARAMETER_SCROLL_DIRECTION) != 0)
    {
      json_object_set_string_member (object, "scroll_direction", directions[self->scroll_direction]);
      json_object_set_int_member (object, "scroll_amount", self->scroll_amount);
    }
  if (self->type != NULL)
    json_object_set_string_member (object, "type", self->type);
  if (self->primary)
    json_object_set_string_member (object, "selection", "primary");
  if (self->device != NULL)
    json_object_set_string_member (object, "device", self->device);
}

static void
set_element_parameters (JsonObject      *object,
                        const GlbAction *self)
{
  if (self->target != NULL)
    json_object_set_member (object, "target", glb_target_to_node (self->target));
  if (self->wait != NULL)
    glb_wait_describe (self->wait, object);
  if (self->window != 0)
    json_object_set_int_member (object, "window", self->window);
  if (self->kind != GLB_ACTION_UI_TREE)
    return;

  if (self->app_id != NULL)
    json_object_set_string_member (object, "appId", self->app_id);
  if (self->title != NULL)
    json_object_set_string_member (object, "title", self->title);
  json_object_set_int_member (object, "maxNodes", self->max_nodes);
  json_object_set_int_member (object, "maxDepth", self->max_depth);
}

static void
set_settle (JsonObject      *object,
            const GlbAction *self)
{
  JsonObject *settle = json_object_new ();

  json_object_set_int_member (settle, "quietMs", self->quiet_ms);
  json_object_set_int_member (settle, "maxMs", self->max_ms);
  json_object_set_object_member (object, "settle", settle);
}

JsonNode *
glb_action_to_node (const GlbAction *self,
                    gboolean         redact)
{
  JsonObject *object;
  JsonNode *node;

  g_return_val_if_fail (self != NULL, NULL);

  object = json_object_new ();
  json_object_set_string_member (object, "action", glb_action_kind_to_string (self->kind));
  set_vendor_parameters (object, self, redact);
  set_element_parameters (object, self);
  if (self->settle)
    set_settle (object, self);
  if (self->screenshot)
    json_object_set_boolean_member (object, "screenshot", TRUE);
  if (self->has_frame_id)
    json_object_set_int_member (object, "frameId", self->frame_id);
  if (self->expect != NULL)
    json_object_set_member (object, "expect", glb_expect_to_node (self->expect));

  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

const char *
glb_action_kind_to_string (GlbActionKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (vocabulary), NULL);

  return vocabulary[kind].name;
}

gboolean
glb_action_is_input (GlbActionKind kind)
{
  /* Of an unknown kind the careful answer: it needs the lease. */
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (vocabulary), TRUE);

  return vocabulary[kind].input;
}

gboolean
glb_action_is_pointer (GlbActionKind kind)
{
  return glb_action_is_input (kind) && kind != GLB_ACTION_KEY && kind != GLB_ACTION_HOLD_KEY && kind != GLB_ACTION_TYPE
         && kind != GLB_ACTION_CLIPBOARD_WRITE && kind != GLB_ACTION_ACTIVATE_WINDOW && kind != GLB_ACTION_CLOSE_WINDOW;
}

gboolean
glb_action_is_own_clipboard (GlbActionKind kind)
{
  return kind == GLB_ACTION_CLIPBOARD_READ || kind == GLB_ACTION_CLIPBOARD_WRITE;
}
