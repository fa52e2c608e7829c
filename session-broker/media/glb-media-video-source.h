/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pipewire/pipewire.h>

#include "session-broker/media/glb-media-mode.h"
#include "session-broker/media/glb-media-protocol.h"

G_BEGIN_DECLS

/**
 * GlbMediaVideoSource:
 *
 * Where frames come from: a test pattern, a file, or a camera of the person. It runs
 * between start and stop only, so that a camera's light is on while a program
 * of the session looks through it, and not a moment longer.
 */
typedef struct _GlbMediaVideoSource GlbMediaVideoSource;

typedef struct
{
  /* Name, description and modes are known. Never from within new. */
  void (*ready) (GlbMediaVideoSource *source, gpointer user_data);
  /* source's frame has been filled, in its mode. */
  void (*frame) (GlbMediaVideoSource *source, gpointer user_data);
  /* Once, nothing after it. The owner frees it, later. */
  void (*ended) (GlbMediaVideoSource *source, GlbMediaWhy why, const char *detail, gpointer user_data);
} GlbMediaVideoSourceEvents;

typedef struct
{
  void (*start) (GlbMediaVideoSource *self);
  void (*stop)  (GlbMediaVideoSource *self);
  void (*free)  (GlbMediaVideoSource *self);
} GlbMediaVideoSourceClass;

struct _GlbMediaVideoSource
{
  const GlbMediaVideoSourceClass *klass;
  const GlbMediaVideoSourceEvents *events;
  gpointer user_data;

  const char *name, *description;   /* the class's */
  GArray *modes;                    /* GlbMediaMode, at least one when ready */
  gboolean running;
  GlbMediaMode mode;                /* while running, like the two below */
  GlbMediaLayout layout;
  guint8 *frame;
};

/* What a grant asks for. Takes fd. NULL: no memory, or the connection is none. */
GlbMediaVideoSource *glb_media_video_source_new   (struct pw_context *context, const GlbMediaGrant *grant, int fd,
                                                   const GlbMediaVideoSourceEvents *events, gpointer user_data);
GlbMediaVideoSource *glb_media_pattern_source_new (struct pw_loop *loop, const GlbMediaVideoSourceEvents *events, gpointer user_data);
GlbMediaVideoSource *glb_media_file_source_new    (struct pw_loop *loop, int fd, const char *description,
                                                   const GlbMediaVideoSourceEvents *events, gpointer user_data);
GlbMediaVideoSource *glb_media_camera_source_new  (struct pw_context *context, int fd, const char *target,
                                                   const GlbMediaVideoSourceEvents *events, gpointer user_data);

/* mode: one of modes. Restarts one that runs in another mode. */
void glb_media_video_source_start (GlbMediaVideoSource *self, const GlbMediaMode *mode);
void glb_media_video_source_stop  (GlbMediaVideoSource *self);
void glb_media_video_source_free  (GlbMediaVideoSource *self);

/* For the classes. */
void glb_media_video_source_init  (GlbMediaVideoSource *self, const GlbMediaVideoSourceClass *klass,
                                   const GlbMediaVideoSourceEvents *events, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaVideoSource, glb_media_video_source_free)

G_END_DECLS
