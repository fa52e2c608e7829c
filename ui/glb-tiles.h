/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "session-broker/client/glb-client.h"

G_BEGIN_DECLS

/**
 * GlbTiles:
 *
 * A session's screen as a grid of textures. Only the tiles that a frame
 * changed get a new texture, so GTK redraws (and uploads) only these.
 */
typedef struct _GlbTiles GlbTiles;

GlbTiles *glb_tiles_new      (guint width, guint height);
void      glb_tiles_free     (GlbTiles *self);
guint     glb_tiles_get_width  (const GlbTiles *self);
guint     glb_tiles_get_height (const GlbTiles *self);
/* Copies what changed; the frame may be released right after. Returns the number of tiles replaced. */
guint     glb_tiles_update   (GlbTiles *self, const GlbFrame *frame);
/* In session pixels; the caller has set scale and offset. */
void      glb_tiles_snapshot (const GlbTiles *self, GtkSnapshot *snapshot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTiles, glb_tiles_free)

G_END_DECLS
