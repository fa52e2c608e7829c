/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-model-screen.h"

/* The pixel that has the middle of pixel. */
static int
scale_pixel (int pixel,
             int from,
             int to)
{
  return (2 * (gint64) pixel + 1) * to / (2 * (gint64) from);
}

static int
scale_line_down (int line,
                 int from,
                 int to)
{
  return (gint64) line * to / from;
}

static int
scale_line_up (int line,
               int from,
               int to)
{
  return ((gint64) line * to + from - 1) / from;
}

static int
scale_line (int line,
            int from,
            int to)
{
  return (2 * (gint64) line * to + from) / (2 * (gint64) from);
}

static void
scale_range (int *first,
             int *end,
             int  from,
             int  to)
{
  *first = MIN (scale_line (*first, from, to), to - 1);
  *end = CLAMP (scale_line (*end, from, to), *first + 1, to);
}

void
glb_model_screen_to_screen (const GlbModelScreen *self,
                            int                   model_x,
                            int                   model_y,
                            int                  *x,
                            int                  *y)
{
  int (*scale) (int, int, int) = self->grid ? scale_line_down : scale_pixel;

  g_return_if_fail (model_x >= 0 && model_x < self->model_width);
  g_return_if_fail (model_y >= 0 && model_y < self->model_height);

  *x = scale (model_x, self->model_width, self->width);
  *y = scale (model_y, self->model_height, self->height);
}

void
glb_model_screen_to_model (const GlbModelScreen *self,
                           int                   x,
                           int                   y,
                           int                  *model_x,
                           int                  *model_y)
{
  g_return_if_fail (x >= 0 && x < self->width);
  g_return_if_fail (y >= 0 && y < self->height);

  *model_x = scale_pixel (x, self->width, self->model_width);
  *model_y = scale_pixel (y, self->height, self->model_height);
}

void
glb_model_screen_region_to_screen (const GlbModelScreen *self,
                                   int                   region[4])
{
  scale_range (&region[0], &region[2], self->model_width, self->width);
  scale_range (&region[1], &region[3], self->model_height, self->height);
}

void
glb_model_screen_region_to_model (const GlbModelScreen *self,
                                  int                   region[4])
{
  region[0] = scale_line_down (region[0], self->width, self->model_width);
  region[1] = scale_line_down (region[1], self->height, self->model_height);
  region[2] = scale_line_up (region[2], self->width, self->model_width);
  region[3] = scale_line_up (region[3], self->height, self->model_height);
}
