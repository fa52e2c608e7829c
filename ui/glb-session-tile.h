/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-session-item.h"

G_BEGIN_DECLS

/**
 * GlbSessionTile:
 *
 * One session on the wall. Everything but the picture in its middle is ours:
 * the colour of the frame and the words above and below say how the session is,
 * and no agent can draw there.
 *
 * signal ::problem (GlbSessionTile *self, const char *message): plain text
 */
#define GLB_TYPE_SESSION_TILE (glb_session_tile_get_type ())
G_DECLARE_FINAL_TYPE (GlbSessionTile, glb_session_tile, GLB, SESSION_TILE, AdwBin)

GtkWidget      *glb_session_tile_new          (void);
/* item: (nullable) */
void            glb_session_tile_set_item     (GlbSessionTile *self, GlbSessionItem *item);
GlbSessionItem *glb_session_tile_get_item     (GlbSessionTile *self);
void            glb_session_tile_set_in_sight (GlbSessionTile *self, gboolean in_sight);

G_END_DECLS
