/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a model's normalised coordinates are thousandths of: 0 to 999 on any screen. */
#define GLB_MODEL_GRID 1000

/**
 * GlbModelScreen:
 *
 * The screen as a model was told that it is, and as it is. A model that was
 * told a smaller one (display_width_px, display_height_px) points at pixels of
 * that; one with normalised coordinates (@grid) at thousandths.
 *
 * Pixels are areas: the middle of the model's pixel is in the screen's pixel
 * that it is translated to. So all of one are inside all of the other, and
 * where the screen is not the smaller of the two, there and back is where it
 * began. A region's sides are lines between pixels, and are rounded to the
 * nearest.
 */
typedef struct
{
  int      width, height;               /* pixels of the screen, 1 to GLB_ACTION_COORDINATE_MAX */
  int      model_width, model_height;   /* the same as the model knows them */
  gboolean grid;                        /* model_width and model_height are GLB_MODEL_GRID, and its points are no areas */
} GlbModelScreen;

/* A pixel; it has to be inside. */
void glb_model_screen_to_screen (const GlbModelScreen *self, int model_x, int model_y, int *x, int *y);
void glb_model_screen_to_model  (const GlbModelScreen *self, int x, int y, int *model_x, int *model_y);
/* x1, y1, x2, y2, of which the second corner is outside; inside the screen, and never empty. */
void glb_model_screen_region_to_screen (const GlbModelScreen *self, int region[4]);
/* The other way the region grows to whole pixels of the model: nothing of it is left out. */
void glb_model_screen_region_to_model  (const GlbModelScreen *self, int region[4]);

G_END_DECLS
