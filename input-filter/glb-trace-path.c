/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-trace-path.h"

#include <math.h>
#include <string.h>

/* A hand's way to a point beside is never straight. */
#define DETOUR_PIXELS 8.0
#define DETOUR_PART   0.1
/* What a corner is, at first. */
#define CORNER_PIXELS 2.0

void
glb_trace_path_begin (GlbTracePath *self,
                      int           x,
                      int           y)
{
  self->points[0] = (GlbTracePoint) { x, y };
  self->n_points = 1;
  self->reach = 0;
}

/* Every second one goes, but the first and the last. */
static void
thin_out (GlbTracePath *self)
{
  guint n_kept = 1;

  for (guint i = 2; i < self->n_points - 1; i += 2)
    self->points[n_kept++] = self->points[i];
  self->points[n_kept++] = self->points[self->n_points - 1];
  self->n_points = n_kept;
}

void
glb_trace_path_add (GlbTracePath *self,
                    int           x,
                    int           y)
{
  const GlbTracePoint *first = &self->points[0];

  if (self->n_points == GLB_TRACE_POINTS_MAX)
    thin_out (self);
  self->points[self->n_points++] = (GlbTracePoint) { x, y };
  self->reach = MAX (self->reach, MAX (ABS (x - first->x), ABS (y - first->y)));
}

/* From point to the line between a and b, which ends at both. */
static double
get_distance (const GlbTracePoint *point,
              const GlbTracePoint *a,
              const GlbTracePoint *b)
{
  double dx = b->x - a->x, dy = b->y - a->y;
  double length = dx * dx + dy * dy;
  double at = length > 0 ? CLAMP (((point->x - a->x) * dx + (point->y - a->y) * dy) / length, 0.0, 1.0) : 0.0;

  return hypot (point->x - (a->x + at * dx), point->y - (a->y + at * dy));
}

gboolean
glb_trace_path_is_direct (const GlbTracePath *self)
{
  const GlbTracePoint *first = &self->points[0], *last = &self->points[self->n_points - 1];
  double allowed = MAX (DETOUR_PIXELS, DETOUR_PART * hypot (last->x - first->x, last->y - first->y));

  for (guint i = 1; i + 1 < self->n_points; i++)
    if (get_distance (&self->points[i], first, last) > allowed)
      return FALSE;
  return TRUE;
}

/* Marks the corners between two that are marked (Ramer, Douglas and Peucker). */
static void
mark_corners (const GlbTracePath *self,
              guint               from,
              guint               to,
              double              tolerance,
              gboolean           *marked)
{
  double farthest = tolerance;
  guint corner = 0;

  for (guint i = from + 1; i < to; i++)
    {
      double distance = get_distance (&self->points[i], &self->points[from], &self->points[to]);

      if (distance > farthest)
        {
          farthest = distance;
          corner = i;
        }
    }
  if (corner == 0)
    return;

  marked[corner] = TRUE;
  mark_corners (self, from, corner, tolerance, marked);
  mark_corners (self, corner, to, tolerance, marked);
}

guint
glb_trace_path_get_moves (const GlbTracePath *self,
                          GlbTracePoint      *moves)
{
  for (double tolerance = CORNER_PIXELS;; tolerance *= 2)
    {
      gboolean marked[GLB_TRACE_POINTS_MAX] = { FALSE };
      guint n_moves = 0;

      if (self->n_points < 2)
        return 0;
      marked[self->n_points - 1] = TRUE;
      mark_corners (self, 0, self->n_points - 1, tolerance, marked);
      for (guint i = 1; i < self->n_points; i++)
        n_moves += marked[i];
      if (n_moves > GLB_TRACE_MOVES_MAX)
        continue;

      n_moves = 0;
      for (guint i = 1; i < self->n_points; i++)
        if (marked[i])
          moves[n_moves++] = self->points[i];
      return n_moves;
    }
}
