/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "session-broker/client/glb-client.h"

G_BEGIN_DECLS

/**
 * GlbTiles:
 *
 * A session's screen as a grid of tiles. Only those that a frame changed
 * are copied and get a new node, so GTK redraws (and uploads) only these.
 */
typedef struct _GlbTiles GlbTiles;

GlbTiles *glb_tiles_new      (guint width, guint height);
void      glb_tiles_free     (GlbTiles *self);
guint     glb_tiles_get_width  (const GlbTiles *self);
guint     glb_tiles_get_height (const GlbTiles *self);
/* Copies what changed; the frame may be released right after. Returns the number of tiles replaced. */
guint     glb_tiles_update   (GlbTiles *self, const GlbFrame *frame);
/*
 * At the origin, scaled; the caller has set the offset. Textures are what a GPU
 * draws best; without them GTK's cairo renderer copies least.
 */
void      glb_tiles_snapshot (GlbTiles *self, GtkSnapshot *snapshot, double scale, gboolean textures);
/* (transfer full): of the whole screen, so many pixels wide */
GdkTexture *glb_tiles_take_picture (const GlbTiles *self, guint width);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTiles, glb_tiles_free)

G_END_DECLS
