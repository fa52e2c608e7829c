/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/glb-session-item.h"

G_BEGIN_DECLS

/**
 * GlbTilePicture:
 *
 * The screen of a session, small and a few times a second at the most. It
 * watches only while it is in sight and the session lives; the last picture
 * stays, also for the next widget that shows the session.
 */
#define GLB_TYPE_TILE_PICTURE (glb_tile_picture_get_type ())
G_DECLARE_FINAL_TYPE (GlbTilePicture, glb_tile_picture, GLB, TILE_PICTURE, GtkWidget)

GtkWidget *glb_tile_picture_new          (void);
/* item: (nullable) */
void       glb_tile_picture_set_item     (GlbTilePicture *self, GlbSessionItem *item);
/* It can be seen, as far as the one knows who scrolls it. */
void       glb_tile_picture_set_in_sight (GlbTilePicture *self, gboolean in_sight);
/* The session began or ceased to live. */
void       glb_tile_picture_update       (GlbTilePicture *self);
/* A stream is open. For tests. */
gboolean   glb_tile_picture_is_watching  (GlbTilePicture *self);

G_END_DECLS
