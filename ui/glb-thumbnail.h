/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>

#include "session-broker/client/glb-frame-stream.h"

G_BEGIN_DECLS

/**
 * GlbThumbnail:
 *
 * A small picture of a screen. Only what changed is scaled, each small pixel
 * being the mean of those that it stands for.
 */
typedef struct _GlbThumbnail GlbThumbnail;

/* As large as fits, never larger than the screen. */
GlbThumbnail *glb_thumbnail_new         (guint screen_width, guint screen_height, guint max_width, guint max_height);
void          glb_thumbnail_free        (GlbThumbnail *self);
/* It was made for frames of this size. */
gboolean      glb_thumbnail_fits        (const GlbThumbnail *self, const GlbFrame *frame);
/* The first time all of it. Returns the number of small pixels that were scaled. */
guint         glb_thumbnail_update      (GlbThumbnail *self, const GlbFrame *frame);
/* (transfer full) */
GdkTexture   *glb_thumbnail_dup_texture (const GlbThumbnail *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbThumbnail, glb_thumbnail_free)

G_END_DECLS
