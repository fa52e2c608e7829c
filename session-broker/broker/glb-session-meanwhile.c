/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a person's drive changed, for the agent that goes on. It is noted from
 * the takeover to the hand-back; where a person takes over again before the
 * agent heard of the first time, both are one.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"

static void
on_damage (GlbCompositor *compositor, guint64 frame, const GlbShimRect *bounds, gpointer user_data)
{
  GlbSession *self = user_data;

  if (self->lease.driver == GLB_DRIVER_HUMAN && self->meanwhile != NULL)
    glb_meanwhile_note (self->meanwhile, frame, bounds);
}

void
glb_session_watch_meanwhile (GlbSession *self)
{
  g_signal_connect_object (self->compositor, "damage", G_CALLBACK (on_damage), self, 0);
}

void
glb_session_begin_meanwhile (GlbSession *self)
{
  GlbInputScene scene;

  if (self->meanwhile != NULL)
    return;

  glb_compositor_get_scene (self->compositor, &scene);
  self->meanwhile = glb_meanwhile_new (&scene, glb_compositor_get_newest_frame (self->compositor));
}

void
glb_session_end_meanwhile (GlbSession *self)
{
  GlbInputScene scene;

  if (self->meanwhile == NULL)
    return;

  glb_compositor_get_scene (self->compositor, &scene);
  g_clear_pointer (&self->last_meanwhile, json_node_unref);
  self->last_meanwhile = glb_meanwhile_to_node (self->meanwhile, &scene);
}

JsonNode *
glb_session_tell_meanwhile (GlbSession *self, gboolean heard)
{
  if (!heard)
    return self->last_meanwhile;
  if (self->meanwhile == NULL)
    return NULL;

  g_clear_pointer (&self->meanwhile, glb_meanwhile_free);
  return self->last_meanwhile;
}
