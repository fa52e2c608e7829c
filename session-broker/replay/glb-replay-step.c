/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-step.h"

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/replay/glb-replay-json.h"

#define DESCRIPTION_CHARACTERS 160

GlbReplayStep *
glb_replay_step_new (void)
{
  return g_new0 (GlbReplayStep, 1);
}

GlbReplayWindow *
glb_replay_window_new (const char *app_id,
                       const char *title)
{
  GlbReplayWindow *self = g_new0 (GlbReplayWindow, 1);

  self->app_id = g_strdup (app_id);
  self->title = g_strdup (title);
  return self;
}

void
glb_replay_window_free (GlbReplayWindow *self)
{
  g_free (self->app_id);
  g_free (self->title);
  g_free (self);
}

void
glb_replay_anchor_free (GlbReplayAnchor *self)
{
  g_clear_pointer (&self->element, json_object_unref);
  g_clear_pointer (&self->window, glb_replay_window_free);
  g_free (self);
}

void
glb_replay_when_free (GlbReplayWhen *self)
{
  g_clear_pointer (&self->window, glb_replay_window_free);
  g_clear_pointer (&self->element, json_object_unref);
  g_clear_pointer (&self->colour, json_object_unref);
  g_free (self->text);
  g_free (self);
}

void
glb_replay_compare_wish_clear (GlbReplayCompareWish *self)
{
  g_clear_pointer (&self->masks, g_array_unref);
}

void
glb_replay_step_free (GlbReplayStep *self)
{
  g_free (self->note);
  g_clear_pointer (&self->when, glb_replay_when_free);
  g_clear_pointer (&self->action, json_object_unref);
  g_clear_pointer (&self->at, glb_replay_anchor_free);
  g_clear_pointer (&self->from, glb_replay_anchor_free);
  g_free (self->screen);
  glb_replay_compare_wish_clear (&self->compare);
  g_free (self);
}

static char *
describe_action (JsonObject *action)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), action);
  g_autofree char *text = glb_json_write (node);

  return glb_strict_json_printable (text, -1, DESCRIPTION_CHARACTERS);
}

/* As people call it: push button "Save". */
static void
append_place (GString               *out,
              const GlbReplayAnchor *place)
{
  const char *kind = "window", *name = NULL;

  if (place == NULL)
    return;
  if (place->element != NULL)
    {
      kind = *glb_replay_json_get_string (place->element, "role") != '\0' ? glb_replay_json_get_string (place->element, "role") : "element";
      name = glb_replay_json_get_string (place->element, "name");
    }
  else if (place->window != NULL)
    name = place->window->title != NULL ? place->window->title : place->window->app_id;
  g_string_append_printf (out, " at %s \"%s\"", kind, name != NULL && *name != '\0' ? name : "*");
  if (place->has_offset)
    g_string_append_printf (out, ", %d, %d in it", place->x, place->y);
}

static char *
describe_action_and_place (const GlbReplayStep *self)
{
  g_autofree char *action = describe_action (self->action);
  g_autoptr(GString) out = g_string_new (action);

  append_place (out, self->from != NULL ? self->from : self->at);
  return glb_strict_json_printable (out->str, -1, 2 * DESCRIPTION_CHARACTERS);
}

char *
glb_replay_step_describe (const GlbReplayStep *self)
{
  if (self->note != NULL)
    return glb_strict_json_printable (self->note, -1, DESCRIPTION_CHARACTERS);
  if (self->action != NULL)
    return describe_action_and_place (self);
  return g_strdup (self->when != NULL ? "wait, and look at the screen" : "look at the screen");
}

static void
add_masks (GArray                     *masks,
           const GlbReplayCompareWish *wish)
{
  if (wish->masks != NULL)
    g_array_append_vals (masks, wish->masks->data, wish->masks->len);
}

void
glb_replay_compare_wish_resolve (const GlbReplayCompareWish  *first,
                                 const GlbReplayCompareWish  *second,
                                 GlbReplayCompareRules       *rules,
                                 GArray                     **masks)
{
  *rules = (GlbReplayCompareRules) { .mode = GLB_REPLAY_COMPARE_PERCEPTUAL, .colour = GLB_REPLAY_COLOUR_DEFAULT };
  if (first->has_mode || second->has_mode)
    rules->mode = first->has_mode ? first->mode : second->mode;
  if (first->has_colour || second->has_colour)
    rules->colour = first->has_colour ? first->colour : second->colour;
  if (first->has_threshold || second->has_threshold)
    rules->threshold = first->has_threshold ? first->threshold : second->threshold;

  *masks = g_array_new (FALSE, FALSE, sizeof (GlbReplayRect));
  add_masks (*masks, first);
  add_masks (*masks, second);
  rules->masks = (const GlbReplayRect *) (*masks)->data;
  rules->n_masks = (*masks)->len;
}
