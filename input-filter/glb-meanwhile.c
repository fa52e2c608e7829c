/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-meanwhile.h"

#include <string.h>

GlbMeanwhile *
glb_meanwhile_new (const GlbInputScene *scene,
                   guint64              frame)
{
  GlbMeanwhile *self = g_new0 (GlbMeanwhile, 1);

  self->before = g_array_new (FALSE, FALSE, sizeof (GlbShimWindow));
  if (scene->n_windows > 0)
    g_array_append_vals (self->before, scene->windows, scene->n_windows);
  self->focus_before = scene->focus;
  self->frame_before = self->frame_after = frame;
  return self;
}

void
glb_meanwhile_free (GlbMeanwhile *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->before);
  g_free (self);
}

void
glb_meanwhile_note (GlbMeanwhile      *self,
                    guint64            frame,
                    const GlbShimRect *bounds)
{
  GlbShimRect *changed = &self->changed;
  int right, bottom;

  self->frame_after = MAX (self->frame_after, frame);
  if (bounds->width <= 0 || bounds->height <= 0)
    return;
  if (changed->width == 0)
    {
      *changed = *bounds;
      return;
    }

  right = MAX (changed->x + changed->width, bounds->x + bounds->width);
  bottom = MAX (changed->y + changed->height, bounds->y + bounds->height);
  changed->x = MIN (changed->x, bounds->x);
  changed->y = MIN (changed->y, bounds->y);
  changed->width = right - changed->x;
  changed->height = bottom - changed->y;
}

/* Both are what applications say, made valid UTF-8 by the message parser. */
static JsonObject *
describe (const GlbShimWindow *window)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "window", window->id);
  json_object_set_string_member (object, "appId", window->app_id);
  json_object_set_string_member (object, "title", window->title);
  return object;
}

static void
set_window (JsonObject          *object,
            const char          *name,
            const GlbShimWindow *window)
{
  if (window == NULL)
    json_object_set_null_member (object, name);
  else
    json_object_set_object_member (object, name, describe (window));
}

static void
set_changed (JsonObject        *object,
             const GlbShimRect *rect)
{
  JsonObject *changed;

  if (rect->width <= 0)
    {
      json_object_set_null_member (object, "changed");
      return;
    }

  changed = json_object_new ();
  json_object_set_int_member (changed, "x", rect->x);
  json_object_set_int_member (changed, "y", rect->y);
  json_object_set_int_member (changed, "width", rect->width);
  json_object_set_int_member (changed, "height", rect->height);
  json_object_set_object_member (object, "changed", changed);
}

/* Those of scene that are not in other. */
static JsonArray *
list_without (const GlbInputScene *scene,
              const GlbInputScene *other)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < scene->n_windows; i++)
    if (glb_input_scene_find (other, scene->windows[i].id) == NULL)
      json_array_add_object_element (array, describe (&scene->windows[i]));
  return array;
}

static JsonArray *
list_retitled (const GlbInputScene *before,
               const GlbInputScene *after)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < after->n_windows; i++)
    {
      const GlbShimWindow *now = &after->windows[i];
      const GlbShimWindow *then = glb_input_scene_find (before, now->id);
      JsonObject *object;

      if (then == NULL || strcmp (then->title, now->title) == 0)
        continue;
      object = describe (now);
      json_object_set_string_member (object, "titleBefore", then->title);
      json_array_add_object_element (array, object);
    }
  return array;
}

JsonNode *
glb_meanwhile_to_node (const GlbMeanwhile  *self,
                       const GlbInputScene *scene)
{
  const GlbInputScene before = { (const GlbShimWindow *) self->before->data, self->before->len, self->focus_before, 0, 0 };
  JsonObject *object = json_object_new ();
  JsonObject *windows = json_object_new ();
  JsonArray *frames = json_array_new ();
  JsonObject *focus = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_array_add_int_element (frames, self->frame_before);
  json_array_add_int_element (frames, self->frame_after);
  json_object_set_array_member (object, "frames", frames);
  set_changed (object, &self->changed);
  json_object_set_array_member (windows, "opened", list_without (scene, &before));
  json_object_set_array_member (windows, "closed", list_without (&before, scene));
  json_object_set_array_member (windows, "retitled", list_retitled (&before, scene));
  json_object_set_object_member (object, "windows", windows);
  set_window (focus, "before", glb_input_scene_find (&before, before.focus));
  set_window (focus, "after", glb_input_scene_find (scene, scene->focus));
  json_object_set_object_member (object, "focus", focus);
  json_node_take_object (node, object);
  return node;
}
