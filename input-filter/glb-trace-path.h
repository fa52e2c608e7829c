/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Points that are kept of a path, and the most that it is told in. */
#define GLB_TRACE_POINTS_MAX 256u
#define GLB_TRACE_MOVES_MAX  64u

typedef struct
{
  int x, y;
} GlbTracePoint;

/**
 * GlbTracePath:
 *
 * The way of a pointer, in whole pixels. Of a long one fewer points are kept.
 * Plain value.
 */
typedef struct
{
  GlbTracePoint points[GLB_TRACE_POINTS_MAX];
  guint         n_points;
  int           reach;         /* how far it ever was from its first point, along x or y */
} GlbTracePath;

void     glb_trace_path_begin     (GlbTracePath *self, int x, int y);
void     glb_trace_path_add       (GlbTracePath *self, int x, int y);
/* From the first to the last point without a detour, as far as hands go. */
gboolean glb_trace_path_is_direct (const GlbTracePath *self);
/* The corners of it, without the first point; at most GLB_TRACE_MOVES_MAX. */
guint    glb_trace_path_get_moves (const GlbTracePath *self, GlbTracePoint *moves);

G_END_DECLS
