/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-wait.h"

#include <string.h>

#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "input-filter/glb-member.h"

GlbWait *
glb_wait_new (void)
{
  GlbWait *self = g_new0 (GlbWait, 1);

  self->timeout_ms = GLB_WAIT_MS_DEFAULT;
  return self;
}

void
glb_wait_free (GlbWait *self)
{
  if (self == NULL)
    return;
  g_free (self->app_id);
  g_free (self->title);
  g_clear_pointer (&self->element, glb_target_free);
  g_free (self->text);
  g_free (self);
}

static gboolean
malformed (GError **error, const char *what, const char *expected)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "wait_for: %s must be %s", what, expected);
  return FALSE;
}

static gboolean
parse_window_member (GlbWait *self, const char *untrusted_name, JsonNode *untrusted_node, GError **error)
{
  gint64 id;

  if (g_str_equal (untrusted_name, "appId"))
    return glb_member_get_glob (untrusted_node, "window.appId", &self->app_id, error);
  if (g_str_equal (untrusted_name, "title"))
    return glb_member_get_glob (untrusted_node, "window.title", &self->title, error);
  if (!g_str_equal (untrusted_name, "id"))
    return glb_member_unknown (untrusted_name, "window", "appId, title, id", error);
  if (!glb_member_get_number (untrusted_node, "window.id", 1, G_MAXUINT32, &id, error))
    return FALSE;

  self->window = (guint32) id;
  return TRUE;
}

static gboolean
parse_rgb (GlbWait *self, JsonNode *untrusted_node, GError **error)
{
  const char *untrusted_text = glb_member_peek_string (untrusted_node);

  if (untrusted_text == NULL || untrusted_text[0] != '#' || strlen (untrusted_text) != 7)
    return malformed (error, "colour.rgb", "a string such as \"#ff8000\"");
  for (guint i = 0; i < 6; i++)
    if (!g_ascii_isxdigit (untrusted_text[i + 1]))
      return malformed (error, "colour.rgb", "a string such as \"#ff8000\"");

  for (guint i = 0; i < G_N_ELEMENTS (self->rgb); i++)
    self->rgb[i] = (guint8) (g_ascii_xdigit_value (untrusted_text[1 + 2 * i]) * 16 + g_ascii_xdigit_value (untrusted_text[2 + 2 * i]));
  return TRUE;
}

static gboolean
parse_place (GlbWait *self, gboolean is_point, JsonNode *untrusted_node, GError **error)
{
  if (!glb_member_get_pixels (untrusted_node, is_point ? "colour.coordinate" : "colour.region", self->region, is_point ? 2 : 4, error))
    return FALSE;
  if (is_point)
    {
      self->region[2] = self->region[0] + 1;
      self->region[3] = self->region[1] + 1;
    }
  self->is_point = is_point;
  return self->region[0] < self->region[2] && self->region[1] < self->region[3] ? TRUE
         : malformed (error, "colour.region", "[x1, y1, x2, y2] with x1 < x2 and y1 < y2");
}

static gboolean
parse_colour (GlbWait *self, JsonObject *untrusted_object, GError **error)
{
  gboolean has_point = json_object_has_member (untrusted_object, "coordinate"), has_region = json_object_has_member (untrusted_object, "region");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  gint64 tolerance = 0;

  if (has_point == has_region || !json_object_has_member (untrusted_object, "rgb"))
    return malformed (error, "colour", "an object with rgb, and either coordinate or region; and tolerance, if need be");

  json_object_iter_init (&iter, untrusted_object);
  while (json_object_iter_next (&iter, &name, &node))
    if (g_str_equal (name, "coordinate") || g_str_equal (name, "region"))
      {
        if (!parse_place (self, has_point, node, error))
          return FALSE;
      }
    else if (g_str_equal (name, "rgb"))
      {
        if (!parse_rgb (self, node, error))
          return FALSE;
      }
    else if (!g_str_equal (name, "tolerance"))
      return glb_member_unknown (name, "colour", "coordinate, region, rgb, tolerance", error);
    else if (!glb_member_get_number (node, "colour.tolerance", 0, 255, &tolerance, error))
      return FALSE;

  self->has_colour = TRUE;
  self->tolerance = (guint) tolerance;
  return TRUE;
}

static gboolean
parse_window (GlbWait *self, JsonObject *untrusted_object, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, untrusted_object);
  while (json_object_iter_next (&iter, &name, &node))
    if (!parse_window_member (self, name, node, error))
      return FALSE;
  self->has_window = TRUE;
  return json_object_get_size (untrusted_object) > 0 || malformed (error, "window", "an object with at least one of appId, title, id");
}

gboolean
glb_wait_parse (GlbWait *self, const char *name, JsonNode *untrusted_node, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (untrusted_node) ? json_node_get_object (untrusted_node) : NULL;
  gint64 number = 0;

  if (g_str_equal (name, "window"))
    return object != NULL ? parse_window (self, object, error) : malformed (error, name, "an object with at least one of appId, title, id");
  if (g_str_equal (name, "colour"))
    return object != NULL ? parse_colour (self, object, error) : malformed (error, name, "an object");
  if (g_str_equal (name, "element"))
    return (self->element = glb_target_new_from_node (untrusted_node, "element", error)) != NULL;
  if (g_str_equal (name, "text"))
    return glb_member_get_glob (untrusted_node, "text", &self->text, error);
  if (g_str_equal (name, "gone"))
    return glb_member_get_boolean (untrusted_node, "gone", &self->gone, error);
  if (g_str_equal (name, "timeoutMs"))
    {
      gboolean valid = glb_member_get_number (untrusted_node, "timeoutMs", 0, GLB_WAIT_MS_MAX, &number, error);

      self->timeout_ms = (guint) number;
      return valid;
    }
  if (!glb_member_get_number (untrusted_node, "quietMs", 1, GLB_ACTION_QUIET_MS_MAX, &number, error))
    return FALSE;
  self->quiet_ms = (guint) number;
  return TRUE;
}

gboolean
glb_wait_is_complete (const GlbWait *self, GError **error)
{
  if (self->has_window || self->element != NULL || self->text != NULL || self->has_colour || (self->quiet_ms > 0 && !self->gone))
    return TRUE;

  g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                       self->gone ? "wait_for with gone needs at least one of window, element, text, colour"
                                  : "wait_for needs at least one of window, element, text, colour, quietMs");
  return FALSE;
}

static void
describe_window (const GlbWait *self, JsonObject *object)
{
  JsonObject *window = json_object_new ();

  if (self->app_id != NULL)
    json_object_set_string_member (window, "appId", self->app_id);
  if (self->title != NULL)
    json_object_set_string_member (window, "title", self->title);
  if (self->window != 0)
    json_object_set_int_member (window, "id", self->window);
  json_object_set_object_member (object, "window", window);
}

static void
describe_colour (const GlbWait *self, JsonObject *object)
{
  g_autofree char *rgb = g_strdup_printf ("#%02x%02x%02x", self->rgb[0], self->rgb[1], self->rgb[2]);
  JsonObject *colour = json_object_new ();
  JsonArray *place = json_array_new ();

  for (guint i = 0; i < (self->is_point ? 2u : 4u); i++)
    json_array_add_int_element (place, self->region[i]);
  json_object_set_array_member (colour, self->is_point ? "coordinate" : "region", place);
  json_object_set_string_member (colour, "rgb", rgb);
  if (self->tolerance > 0)
    json_object_set_int_member (colour, "tolerance", self->tolerance);
  json_object_set_object_member (object, "colour", colour);
}

void
glb_wait_describe (const GlbWait *self, JsonObject *object)
{
  if (self->has_window)
    describe_window (self, object);
  if (self->element != NULL)
    json_object_set_member (object, "element", glb_target_to_node (self->element));
  if (self->text != NULL)
    json_object_set_string_member (object, "text", self->text);
  if (self->has_colour)
    describe_colour (self, object);
  if (self->quiet_ms > 0)
    json_object_set_int_member (object, "quietMs", self->quiet_ms);
  if (self->gone)
    json_object_set_boolean_member (object, "gone", TRUE);
  json_object_set_int_member (object, "timeoutMs", self->timeout_ms);
}

gboolean
glb_wait_needs_elements (const GlbWait *self)
{
  return self->element != NULL || self->text != NULL;
}

/* ---- whether it is so --------------------------------------------------------------- */

static gboolean
has_window (const GlbWait *self, const GlbInputScene *scene)
{
  for (guint i = 0; i < scene->n_windows; i++)
    if ((self->window == 0 || scene->windows[i].id == self->window) && glb_window_matches (&scene->windows[i], self->app_id, self->title))
      return TRUE;
  return FALSE;
}

static gboolean
has_element (const GlbWait *self, const GlbWaitState *state)
{
  g_autoptr(GPtrArray) found = glb_target_find (self->element, state->scene, state->trees);

  return found->len > (self->element->has_index ? self->element->index : 0);
}

static gboolean
has_text (const char *glob, const GlbElement *element)
{
  if (element->visible.width > 0 && element->visible.height > 0 &&
      (glb_glob_match (glob, element->name) || (element->text != NULL && glb_glob_match (glob, element->text))))
    return TRUE;

  for (guint i = 0; i < element->children->len; i++)
    if (has_text (glob, g_ptr_array_index (element->children, i)))
      return TRUE;
  return FALSE;
}

static gboolean
has_text_anywhere (const GlbWait *self, const GlbWaitState *state)
{
  for (guint i = 0; i < state->trees->len; i++)
    if (has_text (self->text, g_ptr_array_index (state->trees, i)))
      return TRUE;
  return FALSE;
}

static void
add_missing (GString *missing, gboolean is_so, const char *what)
{
  if (!is_so)
    g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", what);
}

gboolean
glb_wait_check (const GlbWait *self, const GlbWaitState *state, char **missing)
{
  g_autoptr(GString) list = g_string_new (NULL);

  if (self->has_window)
    add_missing (list, has_window (self, state->scene) != self->gone, "window");
  if (self->element != NULL)
    add_missing (list, state->trees != NULL && has_element (self, state) != self->gone, "element");
  if (self->text != NULL)
    add_missing (list, state->trees != NULL && has_text_anywhere (self, state) != self->gone, "text");
  if (self->has_colour)
    add_missing (list, state->has_colour && state->colour_matches != self->gone, "colour");
  add_missing (list, state->quiet_ms >= self->quiet_ms, "quietMs");
  if (list->len == 0)
    return TRUE;

  *missing = g_string_free (g_steal_pointer (&list), FALSE);
  return FALSE;
}

gboolean
glb_wait_check_colour (const GlbWait *self, const guint8 *pixels, guint width, guint height, gsize stride)
{
  if (self->region[2] > (int) width || self->region[3] > (int) height)
    return FALSE;

  for (int y = self->region[1]; y < self->region[3]; y++)
    for (int x = self->region[0]; x < self->region[2]; x++)
      {
        const guint8 *pixel = pixels + (gsize) y * stride + (gsize) x * 4;

        for (guint i = 0; i < G_N_ELEMENTS (self->rgb); i++)
          if ((guint) ABS ((int) pixel[2 - i] - (int) self->rgb[i]) > self->tolerance)
            return FALSE;
      }
  return TRUE;
}
