/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-placement.h"

#include <stddef.h>

/* How far the next window of a cascade is from the one before, and how many make one. */
#define CASCADE_STEP   32
#define CASCADE_LENGTH 8

static int
clamp_axis (int position,
            int size,
            int screen_position,
            int screen_size)
{
  if (position + size > screen_position + screen_size)
    position = screen_position + screen_size - size;
  return position < screen_position ? screen_position : position;
}

GlbShimRect
glb_placement_clamp (GlbShimRect screen,
                     GlbShimRect window)
{
  window.x = clamp_axis (window.x, window.width, screen.x, screen.width);
  window.y = clamp_axis (window.y, window.height, screen.y, screen.height);
  return window;
}

GlbShimRect
glb_placement_choose (GlbShimRect        screen,
                      int                width,
                      int                height,
                      const GlbShimRect *parent,
                      unsigned           n_placed)
{
  const GlbShimRect *around = parent != NULL ? parent : &screen;
  int step = parent != NULL ? 0 : (int) (n_placed % CASCADE_LENGTH) * CASCADE_STEP;
  GlbShimRect window = {
    .x = around->x + (around->width - width) / 2 + step,
    .y = around->y + (around->height - height) / 2 + step,
    .width = width,
    .height = height,
  };

  return glb_placement_clamp (screen, window);
}
