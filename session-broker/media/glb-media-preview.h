/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pipewire/pipewire.h>

#include "session-broker/media/glb-media-protocol.h"

G_BEGIN_DECLS

/**
 * GlbMediaPreview:
 *
 * One look at a device before anybody is asked about it: that it is there,
 * what it is called, and of a camera one picture. The session sees nothing
 * of it. Of sound nothing is heard: the device is found, and not opened.
 */
typedef struct _GlbMediaPreview GlbMediaPreview;

typedef struct
{
  /* Exactly one of the two, once; the owner frees it from the main loop, not from here. Name and description are valid meanwhile.
   * pixels: (nullable): a camera's picture, XRGB8888, of at most GLB_MEDIA_PREVIEW_WIDTH and _HEIGHT. */
  void (*seen)   (GlbMediaPreview *preview, const char *name, const char *description, const guint32 *pixels, guint width, guint height,
                  gpointer user_data);
  void (*failed) (GlbMediaPreview *preview, GlbMediaWhy why, const char *detail, gpointer user_data);
} GlbMediaPreviewEvents;

/* Takes fd (-1: a generated source). NULL: it can't even begin. It gives up by itself after some seconds. */
GlbMediaPreview *glb_media_preview_new  (struct pw_context *context, const GlbMediaGrant *grant, int fd,
                                         const GlbMediaPreviewEvents *events, gpointer user_data);
void             glb_media_preview_free (GlbMediaPreview *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaPreview, glb_media_preview_free)

G_END_DECLS
