/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/media/glb-media-video-source.h"

typedef struct
{
  GlbMediaVideoSource parent;
  struct pw_loop *loop;
  struct spa_source *timer;
  struct spa_source *event;
  guint32 counter;
} PatternSource;

static const GlbMediaMode pattern_modes[] = {
  { GLB_MEDIA_YUY2, 1280, 720, 30 }, { GLB_MEDIA_YUY2, 640, 480, 30 }, { GLB_MEDIA_YUY2, 320, 240, 30 },
  { GLB_MEDIA_I420, 1280, 720, 30 }, { GLB_MEDIA_I420, 640, 480, 30 }, { GLB_MEDIA_I420, 320, 240, 30 },
  { GLB_MEDIA_RGBX, 1280, 720, 30 }, { GLB_MEDIA_RGBX, 640, 480, 30 }, { GLB_MEDIA_RGBX, 320, 240, 30 },
};

static void
on_tick (void *data, guint64 expirations)
{
  PatternSource *self = data;
  GlbMediaVideoSource *parent = &self->parent;

  glb_media_frame_pattern (parent->frame, &parent->mode, &parent->layout, self->counter++);
  parent->events->frame (parent, parent->user_data);
}

static void
on_ready (void *data, guint64 count)
{
  PatternSource *self = data;

  self->parent.events->ready (&self->parent, self->parent.user_data);
}

static void
pattern_start (GlbMediaVideoSource *parent)
{
  PatternSource *self = (PatternSource *) parent;
  struct timespec first = { .tv_nsec = 1 }, interval = { .tv_nsec = SPA_NSEC_PER_SEC / parent->mode.fps };

  pw_loop_update_timer (self->loop, self->timer, &first, &interval, FALSE);
}

static void
pattern_stop (GlbMediaVideoSource *parent)
{
  PatternSource *self = (PatternSource *) parent;

  pw_loop_update_timer (self->loop, self->timer, NULL, NULL, FALSE);
}

static void
pattern_free (GlbMediaVideoSource *parent)
{
  PatternSource *self = (PatternSource *) parent;

  pw_loop_destroy_source (self->loop, self->timer);
  pw_loop_destroy_source (self->loop, self->event);
  g_free (self);
}

static const GlbMediaVideoSourceClass pattern_class = { pattern_start, pattern_stop, pattern_free };

GlbMediaVideoSource *
glb_media_pattern_source_new (struct pw_loop *loop, const GlbMediaVideoSourceEvents *events, gpointer user_data)
{
  PatternSource *self = g_new0 (PatternSource, 1);

  glb_media_video_source_init (&self->parent, &pattern_class, events, user_data);
  self->loop = loop;
  self->timer = pw_loop_add_timer (loop, on_tick, self);
  self->event = pw_loop_add_event (loop, on_ready, self);
  self->parent.name = "glovebox.test-pattern";
  self->parent.description = "Test pattern";
  g_array_append_vals (self->parent.modes, pattern_modes, G_N_ELEMENTS (pattern_modes));
  pw_loop_signal_event (loop, self->event);

  return &self->parent;
}
