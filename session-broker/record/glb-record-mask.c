/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-mask.h"

#include <string.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "input-filter/glb-glob.h"
#include "session-broker/record/glb-record-json.h"

/* One window that is or was masked. */
typedef struct
{
  gint64   window;
  GlbRect  area;
  gboolean present;          /* it is masked by the newest list, too, in this area */
  gboolean focused;
  gint64   until_ms;         /* where it is not present */
  guint64  gone_frame;       /* likewise: the newest frame that may show it */
} Masked;

struct _GlbRecordMask
{
  GPtrArray *patterns;       /* (element-type utf8) */
  GArray *masked;            /* of Masked */
  GArray *areas;             /* of GlbRect */
  GPtrArray *titles;         /* of windows that were ever masked, (element-type utf8) */
  GlbRect screen;
};

/* Titles are kept to be found in what prompts say; programs can think of any number. */
#define TITLES_MAX 256u

GlbRecordMask *
glb_record_mask_new (const char * const *patterns,
                     guint               width,
                     guint               height)
{
  GlbRecordMask *self = g_new0 (GlbRecordMask, 1);

  self->patterns = g_ptr_array_new_with_free_func (g_free);
  self->masked = g_array_new (FALSE, FALSE, sizeof (Masked));
  self->areas = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  self->titles = g_ptr_array_new_with_free_func (g_free);
  self->screen = (GlbRect) { 0, 0, width, height };
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    g_ptr_array_add (self->patterns, g_strdup (patterns[i]));
  if (self->patterns->len > 0)
    g_array_append_val (self->areas, self->screen);
  return self;
}

void
glb_record_mask_free (GlbRecordMask *self)
{
  g_ptr_array_unref (self->patterns);
  g_array_unref (self->masked);
  g_array_unref (self->areas);
  g_ptr_array_unref (self->titles);
  g_free (self);
}

gboolean
glb_record_mask_is_used (GlbRecordMask *self)
{
  return self->patterns->len > 0;
}

GArray *
glb_record_mask_get_areas (GlbRecordMask *self)
{
  return self->areas;
}

/* ---- windows -------------------------------------------------------------- */

static gboolean
matches (GlbRecordMask *self,
         const char    *text)
{
  for (guint i = 0; text != NULL && i < self->patterns->len; i++)
    if (glb_glob_match (g_ptr_array_index (self->patterns, i), text))
      return TRUE;
  return FALSE;
}

static gboolean
object_matches (GlbRecordMask *self,
                JsonObject    *window)
{
  return matches (self, glb_record_json_get_string (window, "appId")) || matches (self, glb_record_json_get_string (window, "title"));
}

static JsonObject *
find_window (JsonArray *windows,
             gint64     id)
{
  for (guint i = 0; i < json_array_get_length (windows); i++)
    {
      JsonNode *node = json_array_get_element (windows, i);
      gint64 other;

      if (JSON_NODE_HOLDS_OBJECT (node) && glb_record_json_get_int (json_node_get_object (node), "window", &other) && other == id)
        return json_node_get_object (node);
    }
  return NULL;
}

/* It, or one of those that it belongs to. */
static gboolean
is_masked_window (GlbRecordMask *self,
                  JsonArray     *windows,
                  JsonObject    *window)
{
  gint64 parent;

  /* A list that goes in a circle ends here, too. */
  for (guint i = 0; window != NULL && i <= json_array_get_length (windows); i++)
    {
      if (object_matches (self, window))
        return TRUE;
      window = glb_record_json_get_int (window, "parent", &parent) && parent != 0 ? find_window (windows, parent) : NULL;
    }
  return FALSE;
}

static void
keep_title (GlbRecordMask *self,
            const char    *title)
{
  if (title == NULL || title[0] == '\0' || g_ptr_array_find_with_equal_func (self->titles, title, g_str_equal, NULL))
    return;
  if (self->titles->len == TITLES_MAX)
    g_ptr_array_remove_index (self->titles, 0);
  g_ptr_array_add (self->titles, g_strdup (title));
}

/* FALSE: it has no area that makes sense. */
static gboolean
add_window (GlbRecordMask *self,
            JsonObject    *window)
{
  JsonNode *focused = json_object_get_member (window, "focused");
  gint64 id, x, y, width, height;
  Masked masked = { .present = TRUE };

  keep_title (self, glb_record_json_get_string (window, "title"));
  if (!glb_record_json_get_int (window, "window", &id)
      || !glb_record_json_get_int (window, "x", &x) || !glb_record_json_get_int (window, "y", &y)
      || !glb_record_json_get_int (window, "width", &width) || !glb_record_json_get_int (window, "height", &height))
    return FALSE;
  masked.window = id;
  masked.area = (GlbRect) { CLAMP (x, G_MININT, G_MAXINT), CLAMP (y, G_MININT, G_MAXINT), CLAMP (width, 0, G_MAXINT), CLAMP (height, 0, G_MAXINT) };
  masked.focused = focused != NULL && JSON_NODE_HOLDS_VALUE (focused) && json_node_get_boolean (focused);
  g_array_append_val (self->masked, masked);
  return TRUE;
}

static void
add_all (GlbRecordMask *self)
{
  const Masked masked = { .area = self->screen, .present = TRUE, .focused = TRUE };

  g_array_append_val (self->masked, masked);
}

static void
retire (GlbRecordMask *self,
        gint64         now_ms,
        guint64        frame)
{
  for (guint i = 0; i < self->masked->len; i++)
    {
      Masked *masked = &g_array_index (self->masked, Masked, i);

      if (!masked->present)
        continue;
      masked->until_ms = now_ms + GLB_RECORD_MASK_LINGER_MS;
      masked->gone_frame = frame;
      masked->present = FALSE;
    }
}

static void
collect_areas (GlbRecordMask *self)
{
  g_array_set_size (self->areas, 0);
  for (guint i = 0; i < self->masked->len; i++)
    g_array_append_val (self->areas, g_array_index (self->masked, Masked, i).area);
}

void
glb_record_mask_set_windows (GlbRecordMask *self,
                             JsonObject    *untrusted_record,
                             gint64         now_ms)
{
  JsonNode *node = json_object_get_member (untrusted_record, "windows");
  JsonArray *windows = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = windows != NULL ? json_array_get_length (windows) : 0;
  gint64 frame = 0;

  if (self->patterns->len == 0)
    return;

  glb_record_json_get_int (untrusted_record, "frame", &frame);
  retire (self, now_ms, MAX (frame, 0));
  /* There may be more windows than a list has. */
  if (windows == NULL || n >= GLB_SHIM_WINDOWS_MAX)
    add_all (self);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (windows, i);

      if (!JSON_NODE_HOLDS_OBJECT (element))
        add_all (self);
      else if (is_masked_window (self, windows, json_node_get_object (element)) && !add_window (self, json_node_get_object (element)))
        add_all (self);
    }
  collect_areas (self);
}

static gboolean
rects_are_equal (const GlbRect *a,
                 const GlbRect *b)
{
  return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

gboolean
glb_record_mask_expire (GlbRecordMask *self,
                        gint64         now_ms,
                        guint64        frame,
                        GArray        *freed)
{
  guint n_before = self->masked->len;

  for (guint i = self->masked->len; i > 0; i--)
    {
      const Masked masked = g_array_index (self->masked, Masked, i - 1);
      gboolean still = FALSE;

      if (masked.present || masked.until_ms > now_ms || frame <= masked.gone_frame)
        continue;
      g_array_remove_index (self->masked, i - 1);
      for (guint k = 0; k < self->masked->len; k++)
        still = still || rects_are_equal (&g_array_index (self->masked, Masked, k).area, &masked.area);
      if (!still)
        g_array_append_val (freed, masked.area);
    }
  collect_areas (self);
  return self->masked->len < n_before;
}

gboolean
glb_record_mask_lingers (GlbRecordMask *self,
                         guint64        frame)
{
  for (guint i = 0; i < self->masked->len; i++)
    {
      const Masked *masked = &g_array_index (self->masked, Masked, i);

      if (!masked->present && frame > masked->gone_frame)
        return TRUE;
    }
  return FALSE;
}

/* ---- records -------------------------------------------------------------- */

static gboolean
is_masked_id (GlbRecordMask *self,
              gint64         window)
{
  for (guint i = 0; i < self->masked->len; i++)
    if (g_array_index (self->masked, Masked, i).window == window)
      return TRUE;
  return FALSE;
}

/* Now, or a moment ago. */
static gboolean
has_masked_focus (GlbRecordMask *self)
{
  for (guint i = 0; i < self->masked->len; i++)
    if (g_array_index (self->masked, Masked, i).focused)
      return TRUE;
  return FALSE;
}

/* An object about a window that is masked: the window itself, an element in it, its tree. */
static gboolean
is_about_masked (GlbRecordMask *self,
                 JsonObject    *object)
{
  gint64 window;

  return object_matches (self, object) || (glb_record_json_get_int (object, "window", &window) && is_masked_id (self, window));
}

/* A copy of those members. */
static JsonObject *
pick (JsonObject         *object,
      const char * const *names)
{
  JsonObject *picked = json_object_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (json_object_has_member (object, names[i]))
      json_object_set_member (picked, names[i], json_node_copy (json_object_get_member (object, names[i])));
  return picked;
}

static JsonObject *
leave_window_out (JsonObject *window)
{
  static const char * const harmless[] = { "window", "parent", "x", "y", "width", "height", "focused", "maximized", "x11", NULL };
  JsonObject *left = pick (window, harmless);

  json_object_set_boolean_member (left, "masked", TRUE);
  return left;
}

static JsonNode *redact_node (GlbRecordMask *self, JsonNode *node);

static JsonObject *
redact_object (GlbRecordMask *self,
               JsonObject    *object)
{
  JsonObject *redacted;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (is_about_masked (self, object))
    return leave_window_out (object);

  redacted = json_object_new ();
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (redacted, name, redact_node (self, node));
  return redacted;
}

static JsonNode *
redact_array (GlbRecordMask *self,
              JsonArray     *array)
{
  JsonArray *redacted = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (redacted, redact_node (self, json_array_get_element (array, i)));
  json_node_take_array (node, redacted);
  return node;
}

/* (transfer full) */
static JsonNode *
redact_node (GlbRecordMask *self,
             JsonNode      *node)
{
  JsonNode *redacted;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return redact_array (self, json_node_get_array (node));
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return json_node_copy (node);
  redacted = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (redacted, redact_object (self, json_node_get_object (node)));
  return redacted;
}

/* How much was typed: characters of a text, keys of a "key". */
static gint64
count_characters (const char *kind,
                  const char *text)
{
  gint64 n = 0;

  if (g_strcmp0 (kind, "type") == 0)
    return g_utf8_strlen (text, -1);
  for (const char *c = text; *c != '\0'; c++)
    n += *c != ' ' && (c[1] == ' ' || c[1] == '\0');
  return n;
}

static JsonObject *
leave_text_out (JsonObject *action)
{
  static const char * const harmless[] = {
    "action", "coordinate", "start_coordinate", "region", "duration", "scroll_direction", "scroll_amount", "settle", "screenshot", "frameId",
    NULL
  };
  JsonObject *left = pick (action, harmless);
  const char *text = glb_record_json_get_string (action, "text");
  JsonObject *count;

  if (text == NULL)
    return left;
  count = json_object_new ();
  json_object_set_int_member (count, "characters", count_characters (glb_record_json_get_string (action, "action"), text));
  json_object_set_object_member (left, "text", count);
  return left;
}

/* Of an action in a masked window: that it was, where, and how much was typed. */
static JsonObject *
redact_masked_action (JsonObject *record)
{
  static const char * const harmless[] = { "type", "timeUs", "frame", "number", "actor", "beganUs", "frameBefore", NULL };
  static const char * const harmless_results[] = { "status", "code", "frameId", "changed", "settled", "pointer", NULL };
  JsonObject *left = pick (record, harmless);
  JsonObject *action = glb_record_json_get_object (record, "action");
  JsonObject *result = glb_record_json_get_object (record, "result");
  JsonObject *window = glb_record_json_get_object (record, "window");

  json_object_set_boolean_member (left, "masked", TRUE);
  if (action != NULL)
    json_object_set_object_member (left, "action", leave_text_out (action));
  if (result != NULL)
    json_object_set_object_member (left, "result", pick (result, harmless_results));
  if (window != NULL)
    json_object_set_object_member (left, "window", leave_window_out (window));
  return left;
}

static gboolean
is_masked_action (GlbRecordMask *self,
                  JsonObject    *record)
{
  JsonObject *action = glb_record_json_get_object (record, "action");
  JsonObject *window = glb_record_json_get_object (record, "window");

  if (window != NULL && is_about_masked (self, window))
    return TRUE;
  /* The window that had the focus when a text began may not be the one that got the end of it. */
  return action != NULL && json_object_has_member (action, "text") && has_masked_focus (self);
}

static gboolean
node_has_title (GlbRecordMask *self,
                JsonNode      *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  for (guint i = 0; i < self->titles->len; i++)
    {
      g_autoptr(JsonNode) title = json_node_init_string (json_node_alloc (), g_ptr_array_index (self->titles, i));
      g_autofree char *quoted = json_to_string (title, FALSE);

      /* As JSON writes it, without its quotes. */
      quoted[strlen (quoted) - 1] = '\0';
      if (strstr (text, quoted + 1) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* What is asked while a masked window has the focus may be about what is in it. */
static gboolean
is_masked_prompt (GlbRecordMask *self,
                  JsonObject    *record)
{
  g_autoptr(JsonNode) node = NULL;

  if (has_masked_focus (self))
    return TRUE;
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, record);
  return node_has_title (self, node);
}

static JsonObject *
redact_masked_prompt (JsonObject *record)
{
  static const char * const harmless[] = { "type", "timeUs", "frame", "prompt", "kind", "verdict", "scope", "why", "actor", NULL };
  JsonObject *left = pick (record, harmless);

  json_object_set_boolean_member (left, "masked", TRUE);
  return left;
}

JsonObject *
glb_record_mask_redact (GlbRecordMask *self,
                        JsonObject    *record)
{
  const char *type = glb_record_json_get_string (record, "type");

  if (self->patterns->len == 0)
    return json_object_ref (record);
  if (g_strcmp0 (type, "action") == 0 && is_masked_action (self, record))
    return redact_masked_action (record);
  if ((g_strcmp0 (type, "prompt") == 0 || g_strcmp0 (type, "answer") == 0) && is_masked_prompt (self, record))
    return redact_masked_prompt (record);
  return redact_object (self, record);
}
