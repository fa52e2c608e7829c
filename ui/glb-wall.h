/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-broker-link.h"

G_BEGIN_DECLS

/**
 * GlbWall:
 *
 * All sessions, live: searched, sorted, and of one state where that is wanted.
 * Only tiles in sight watch their sessions. Where there is nothing to show it
 * says why, and what to do.
 *
 * signal ::opened (GlbWall *self, GlbSessionItem *item): the person wants to see it
 */
#define GLB_TYPE_WALL (glb_wall_get_type ())
G_DECLARE_FINAL_TYPE (GlbWall, glb_wall, GLB, WALL, AdwBin)

GtkWidget *glb_wall_new        (void);
void       glb_wall_set_link   (GlbWall *self, GlbBrokerLink *link);
/* The tile that had it, or the first. */
void       glb_wall_grab_focus (GlbWall *self);

G_END_DECLS
