/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/media/glb-media-video-source.h"

void
glb_media_video_source_init (GlbMediaVideoSource             *self,
                             const GlbMediaVideoSourceClass  *klass,
                             const GlbMediaVideoSourceEvents *events,
                             gpointer                         user_data)
{
  self->klass = klass;
  self->events = events;
  self->user_data = user_data;
  self->modes = g_array_new (FALSE, FALSE, sizeof (GlbMediaMode));
}

GlbMediaVideoSource *
glb_media_video_source_new (struct pw_context               *context,
                            const GlbMediaGrant             *grant,
                            int                              fd,
                            const GlbMediaVideoSourceEvents *events,
                            gpointer                         user_data)
{
  if (grant->source == GLB_MEDIA_SOURCE_HOST)
    return glb_media_camera_source_new (context, fd, grant->target, events, user_data);
  if (grant->source == GLB_MEDIA_SOURCE_FILE)
    return glb_media_file_source_new (pw_context_get_main_loop (context), fd, grant->target, events, user_data);
  return glb_media_pattern_source_new (pw_context_get_main_loop (context), events, user_data);
}

void
glb_media_video_source_start (GlbMediaVideoSource *self, const GlbMediaMode *mode)
{
  if (self->running && glb_media_mode_equal (&self->mode, mode))
    return;

  glb_media_video_source_stop (self);
  self->mode = *mode;
  glb_media_layout_init (&self->layout, mode);
  self->frame = g_malloc0 (self->layout.size);
  self->running = TRUE;
  self->klass->start (self);
}

void
glb_media_video_source_stop (GlbMediaVideoSource *self)
{
  if (!self->running)
    return;

  self->running = FALSE;
  self->klass->stop (self);
  g_clear_pointer (&self->frame, g_free);
}

void
glb_media_video_source_free (GlbMediaVideoSource *self)
{
  glb_media_video_source_stop (self);
  g_array_unref (self->modes);
  self->klass->free (self);
}
