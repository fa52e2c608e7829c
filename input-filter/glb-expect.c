/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-expect.h"

#include <string.h>

#include "input-filter/glb-action-result.h"
#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "policies/glb-strict-json.h"

#define QUOTE_CHARACTERS_MAX 80

static gboolean
malformed (GError     **error,
           const char  *name,
           const char  *expected)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "expect%s must be %s", name, expected);
  return FALSE;
}

static gboolean
out_of_range (GError     **error,
              const char  *name,
              const char  *range)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "expect%s must be %s", name, range);
  return FALSE;
}

static gboolean
parse_glob (JsonNode    *untrusted_node,
            const char  *name,
            char       **glob,
            GError     **error)
{
  const char *untrusted_glob;

  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_STRING)
    return malformed (error, name, "a string, in which * is any text and ? any character");

  untrusted_glob = json_node_get_string (untrusted_node);
  if (!g_utf8_validate (untrusted_glob, -1, NULL))
    return malformed (error, name, "a string, in which * is any text and ? any character");
  if (g_utf8_strlen (untrusted_glob, -1) > GLB_GLOB_CHARACTERS_MAX)
    return out_of_range (error, name, "at most " G_STRINGIFY (256) " characters");
  *glob = g_strdup (untrusted_glob);
  return TRUE;
}

static gboolean
parse_number (JsonNode    *untrusted_node,
              const char  *name,
              gint64       min,
              gint64       max,
              const char  *range,
              gint64      *value,
              GError     **error)
{
  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_INT64)
    return malformed (error, name, "a whole number");

  *value = json_node_get_int (untrusted_node);
  return (*value >= min && *value <= max) || out_of_range (error, name, range);
}

static gboolean
parse_focus (GlbExpect  *self,
             JsonNode   *untrusted_node,
             GError    **error)
{
  const char *possible = "true or {\"appId\": …, \"title\": …}";
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (JSON_NODE_HOLDS_VALUE (untrusted_node) && json_node_get_value_type (untrusted_node) == G_TYPE_BOOLEAN
      && json_node_get_boolean (untrusted_node))
    {
      self->focus = TRUE;
      return TRUE;
    }
  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node) || json_object_get_size (json_node_get_object (untrusted_node)) == 0)
    return malformed (error, ".focus", possible);

  json_object_iter_init (&iter, json_node_get_object (untrusted_node));
  while (json_object_iter_next (&iter, &member, &node))
    {
      if (g_str_equal (member, "appId"))
        {
          if (!parse_glob (node, ".focus.appId", &self->focus_app_id, error))
            return FALSE;
        }
      else if (g_str_equal (member, "title"))
        {
          if (!parse_glob (node, ".focus.title", &self->focus_title, error))
            return FALSE;
        }
      else
        return malformed (error, ".focus", possible);
    }
  return TRUE;
}

static gboolean
parse_member (GlbExpect   *self,
              const char  *untrusted_member,
              JsonNode    *untrusted_node,
              GError     **error)
{
  g_autofree char *quoted = NULL;
  gint64 number;

  if (g_str_equal (untrusted_member, "window"))
    {
      if (!parse_number (untrusted_node, ".window", 1, G_MAXUINT32, "the id of a window, 1 or more", &number, error))
        return FALSE;
      self->window = number;
      return TRUE;
    }
  if (g_str_equal (untrusted_member, "appId"))
    return parse_glob (untrusted_node, ".appId", &self->app_id, error);
  if (g_str_equal (untrusted_member, "title"))
    return parse_glob (untrusted_node, ".title", &self->title, error);
  if (g_str_equal (untrusted_member, "focus"))
    return parse_focus (self, untrusted_node, error);
  if (g_str_equal (untrusted_member, "frameId"))
    {
      if (!parse_number (untrusted_node, ".frameId", 0, G_MAXINT64, "0 or more", &number, error))
        return FALSE;
      self->has_frame_id = TRUE;
      self->frame_id = number;
      return TRUE;
    }

  quoted = glb_strict_json_printable (untrusted_member, -1, QUOTE_CHARACTERS_MAX);
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "expect does not take \"%s\"; possible are window, appId, title, focus, frameId", quoted);
  return FALSE;
}

GlbExpect *
glb_expect_new_from_node (JsonNode  *untrusted_node,
                          GError   **error)
{
  g_autoptr(GlbExpect) self = NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node) || json_object_get_size (json_node_get_object (untrusted_node)) == 0)
    {
      malformed (error, "", "an object with at least one of window, appId, title, focus, frameId");
      return NULL;
    }

  self = g_new0 (GlbExpect, 1);
  json_object_iter_init (&iter, json_node_get_object (untrusted_node));
  while (json_object_iter_next (&iter, &member, &node))
    if (!parse_member (self, member, node, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
glb_expect_free (GlbExpect *self)
{
  if (self == NULL)
    return;
  g_free (self->app_id);
  g_free (self->title);
  g_free (self->focus_app_id);
  g_free (self->focus_title);
  g_free (self);
}

static void
set_globs (JsonObject *object,
           const char *app_id,
           const char *title)
{
  if (app_id != NULL)
    json_object_set_string_member (object, "appId", app_id);
  if (title != NULL)
    json_object_set_string_member (object, "title", title);
}

JsonNode *
glb_expect_to_node (const GlbExpect *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  if (self->window != 0)
    json_object_set_int_member (object, "window", self->window);
  set_globs (object, self->app_id, self->title);
  if (self->focus)
    json_object_set_boolean_member (object, "focus", TRUE);
  else if (self->focus_app_id != NULL || self->focus_title != NULL)
    {
      JsonObject *focus = json_object_new ();

      set_globs (focus, self->focus_app_id, self->focus_title);
      json_object_set_object_member (object, "focus", focus);
    }
  if (self->has_frame_id)
    json_object_set_int_member (object, "frameId", self->frame_id);
  json_node_take_object (node, object);
  return node;
}

/* (transfer full) */
static char *
describe (const GlbShimWindow *window)
{
  g_autofree char *app_id = NULL;
  g_autofree char *title = NULL;

  if (window == NULL)
    return g_strdup ("no window");

  app_id = glb_strict_json_printable (window->app_id, -1, QUOTE_CHARACTERS_MAX);
  title = glb_strict_json_printable (window->title, -1, QUOTE_CHARACTERS_MAX);
  return g_strdup_printf ("window %u, appId \"%s\", title \"%s\"", window->id, app_id, title);
}

static gboolean
is_target (const GlbExpect     *self,
           const GlbShimWindow *target)
{
  if (self->window == 0 && self->app_id == NULL && self->title == NULL)
    return TRUE;
  return target != NULL && (self->window == 0 || self->window == target->id)
         && glb_window_matches (target, self->app_id, self->title);
}

static gboolean
is_focus (const GlbExpect     *self,
          const GlbShimWindow *target,
          const GlbShimWindow *focus)
{
  if (self->focus)
    return focus != NULL && focus == target;
  if (self->focus_app_id == NULL && self->focus_title == NULL)
    return TRUE;
  return focus != NULL && glb_window_matches (focus, self->focus_app_id, self->focus_title);
}

const char *
glb_expect_check (const GlbExpect      *self,
                  const GlbInputScene  *scene,
                  const GlbShimWindow  *target,
                  guint64               newest_frame,
                  char                **message)
{
  const GlbShimWindow *focus = glb_input_scene_find (scene, scene->focus);
  g_autofree char *found = NULL;

  if (self->has_frame_id && self->frame_id != newest_frame)
    {
      *message = g_strdup ("the screen changed since that frame; look again");
      return GLB_REFUSED_STALE_FRAME;
    }
  if (!is_target (self, target))
    {
      found = describe (target);
      *message = g_strdup_printf ("it would act on %s, which is not what it expects; look again", found);
      return GLB_REFUSED_EXPECTATION_FAILED;
    }
  if (!is_focus (self, target, focus))
    {
      found = describe (focus);
      *message = g_strdup_printf ("the focus is on %s, which is not what it expects; look again", found);
      return GLB_REFUSED_EXPECTATION_FAILED;
    }
  return NULL;
}
