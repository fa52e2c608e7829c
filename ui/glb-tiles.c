/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-tiles.h"

/*
 * Measured without a GPU: one texture for the whole frame costs an upload of
 * 4 MiB for each blinking cursor, whichever way the pixels got there; that is
 * why the frame is copied tile by tile and the ring's slot goes back at once,
 * instead of wrapping the slot in one texture without a copy.
 *
 * Each texture covers its tile and one pixel around it: where the view is
 * scaled, neighbours overlap, and no seam shows between their blended edges.
 */

#define TILE_SIZE 128
#define OVERLAP   1

typedef struct
{
  GdkTexture *texture;
  cairo_rectangle_int_t area;     /* what the texture covers, with the overlap */
} Tile;

struct _GlbTiles
{
  guint width;
  guint height;
  guint columns;
  guint rows;
  gboolean complete;              /* each tile has a texture */
  Tile *tiles;
};

static void
tile_set_area (Tile  *tile,
               guint  column,
               guint  row,
               guint  width,
               guint  height)
{
  int left = MAX ((int) (column * TILE_SIZE) - OVERLAP, 0);
  int top = MAX ((int) (row * TILE_SIZE) - OVERLAP, 0);
  int right = MIN ((column + 1) * TILE_SIZE + OVERLAP, width);
  int bottom = MIN ((row + 1) * TILE_SIZE + OVERLAP, height);

  tile->area = (cairo_rectangle_int_t) { left, top, right - left, bottom - top };
}

static gboolean
tile_is_damaged (const Tile     *tile,
                 const GlbFrame *frame)
{
  for (guint i = 0; i < frame->n_rects; i++)
    {
      const GlbRect *rect = &frame->rects[i];

      if (rect->x < tile->area.x + tile->area.width && tile->area.x < rect->x + rect->width &&
          rect->y < tile->area.y + tile->area.height && tile->area.y < rect->y + rect->height)
        return TRUE;
    }

  return FALSE;
}

static void
tile_load (Tile           *tile,
           const GlbFrame *frame)
{
  gsize stride = (gsize) tile->area.width * 4;
  guint32 *copy = g_malloc (stride * tile->area.height);
  g_autoptr(GBytes) bytes = NULL;

  for (int row = 0; row < tile->area.height; row++)
    {
      const guint32 *from = (const guint32 *) (frame->pixels + (gsize) (tile->area.y + row) * frame->stride) + tile->area.x;
      guint32 *to = copy + (gsize) row * tile->area.width;

      /* The fourth byte of XRGB is undefined; GTK 4.8 has no format that ignores it. */
      for (int column = 0; column < tile->area.width; column++)
        to[column] = from[column] | 0xff000000u;
    }

  bytes = g_bytes_new_take (copy, stride * tile->area.height);
  g_clear_object (&tile->texture);
  tile->texture = gdk_memory_texture_new (tile->area.width, tile->area.height, GDK_MEMORY_DEFAULT, bytes, stride);
}

GlbTiles *
glb_tiles_new (guint width,
               guint height)
{
  GlbTiles *self = g_new0 (GlbTiles, 1);

  self->width = width;
  self->height = height;
  self->columns = (width + TILE_SIZE - 1) / TILE_SIZE;
  self->rows = (height + TILE_SIZE - 1) / TILE_SIZE;
  self->tiles = g_new0 (Tile, (gsize) self->columns * self->rows);

  for (guint row = 0; row < self->rows; row++)
    for (guint column = 0; column < self->columns; column++)
      tile_set_area (&self->tiles[row * self->columns + column], column, row, width, height);

  return self;
}

void
glb_tiles_free (GlbTiles *self)
{
  for (guint i = 0; i < self->columns * self->rows; i++)
    g_clear_object (&self->tiles[i].texture);
  g_free (self->tiles);
  g_free (self);
}

guint
glb_tiles_get_width (const GlbTiles *self)
{
  return self->width;
}

guint
glb_tiles_get_height (const GlbTiles *self)
{
  return self->height;
}

guint
glb_tiles_update (GlbTiles       *self,
                  const GlbFrame *frame)
{
  guint n_loaded = 0;

  g_return_val_if_fail (frame->width == self->width && frame->height == self->height, 0);

  for (guint i = 0; i < self->columns * self->rows; i++)
    {
      if (self->complete && !tile_is_damaged (&self->tiles[i], frame))
        continue;
      tile_load (&self->tiles[i], frame);
      n_loaded++;
    }
  self->complete = TRUE;

  return n_loaded;
}

void
glb_tiles_snapshot (const GlbTiles *self,
                    GtkSnapshot    *snapshot)
{
  for (guint i = 0; i < self->columns * self->rows; i++)
    {
      const Tile *tile = &self->tiles[i];

      if (tile->texture != NULL)
        gtk_snapshot_append_texture (snapshot, tile->texture,
                                     &GRAPHENE_RECT_INIT (tile->area.x, tile->area.y,
                                                          tile->area.width, tile->area.height));
    }
}
