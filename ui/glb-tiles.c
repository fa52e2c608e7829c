/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-tiles.h"

#include <math.h>

/*
 * Measured without a GPU: one texture for the whole frame costs an upload of
 * 4 MiB for each blinking cursor, whichever way the pixels got there; that is
 * why the frame is copied tile by tile and the ring's slot goes back at once,
 * instead of wrapping the slot in one texture without a copy.
 *
 * GTK redraws what differs from the nodes of the frame before, so an unchanged
 * tile gives the same node again. The scale is in each tile's place, not in a
 * transform around them: GTK 4.8 redraws all that is below a transform which
 * does more than move. And GTK's cairo renderer copies and converts each
 * texture of the window whenever anything in it changes, so for that renderer
 * tiles are images of cairo, which cost nothing where nothing is redrawn.
 *
 * Each tile has some pixels around it: where the view is scaled, its edge is
 * blended with what is next to it, and no seam shows.
 */

#define TILE_SIZE 128
#define OVERLAP   2

/* Down to this no pixel is left out between two that are blended; what cairo does by itself below 0.75 takes four times as long. */
#define BILINEAR_MIN 0.5

typedef struct
{
  cairo_rectangle_int_t place;    /* in the screen */
  cairo_rectangle_int_t area;     /* what its pixels cover, with the overlap */
  GBytes *pixels;
  GskRenderNode *node;            /* (nullable): of these pixels, as they are shown now */
} Tile;

struct _GlbTiles
{
  guint width;
  guint height;
  guint columns;
  guint rows;
  gboolean complete;              /* each tile has pixels */
  double scale;                   /* of the nodes */
  gboolean textures;              /* the nodes are textures */
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
  tile->place.x = column * TILE_SIZE;
  tile->place.y = row * TILE_SIZE;
  tile->place.width = MIN (TILE_SIZE, width - column * TILE_SIZE);
  tile->place.height = MIN (TILE_SIZE, height - row * TILE_SIZE);
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

  for (int row = 0; row < tile->area.height; row++)
    {
      const guint32 *from = (const guint32 *) (frame->pixels + (gsize) (tile->area.y + row) * frame->stride) + tile->area.x;
      guint32 *to = copy + (gsize) row * tile->area.width;

      /* The fourth byte of XRGB is undefined; GTK 4.8 has no format that ignores it. */
      for (int column = 0; column < tile->area.width; column++)
        to[column] = from[column] | 0xff000000u;
    }

  g_clear_pointer (&tile->pixels, g_bytes_unref);
  tile->pixels = g_bytes_new_take (copy, stride * tile->area.height);
  g_clear_pointer (&tile->node, gsk_render_node_unref);
}

/* ---- how a tile is shown ------------------------------------------------------- */

/* Of a tile scaled, to whole pixels: each pixel of the view belongs to one tile. */
static cairo_rectangle_int_t
tile_get_shown (const Tile *tile,
                double      scale)
{
  int left = (int) round (tile->place.x * scale);
  int top = (int) round (tile->place.y * scale);
  int right = (int) round ((tile->place.x + tile->place.width) * scale);
  int bottom = (int) round ((tile->place.y + tile->place.height) * scale);

  return (cairo_rectangle_int_t) { left, top, right - left, bottom - top };
}

static void
tile_draw (const Tile *tile,
           double      scale,
           cairo_t    *cr)
{
  static const cairo_user_data_key_t pixels_key;
  const guint8 *data = g_bytes_get_data (tile->pixels, NULL);
  cairo_rectangle_int_t shown = tile_get_shown (tile, scale);
  cairo_surface_t *surface;

  surface = cairo_image_surface_create_for_data ((guint8 *) data, CAIRO_FORMAT_RGB24, tile->area.width, tile->area.height,
                                                 tile->area.width * 4);
  cairo_surface_set_user_data (surface, &pixels_key, g_bytes_ref (tile->pixels), (cairo_destroy_func_t) g_bytes_unref);
  cairo_save (cr);
  cairo_rectangle (cr, shown.x, shown.y, shown.width, shown.height);
  cairo_scale (cr, scale, scale);
  cairo_set_source_surface (cr, surface, tile->area.x, tile->area.y);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  if (scale >= BILINEAR_MIN)
    cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_BILINEAR);
  cairo_fill (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static GskRenderNode *
tile_make_image (const Tile *tile,
                 double      scale)
{
  cairo_rectangle_int_t shown = tile_get_shown (tile, scale);
  GskRenderNode *node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (shown.x, shown.y, shown.width, shown.height));
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);

  tile_draw (tile, scale, cr);
  cairo_destroy (cr);

  return node;
}

static GskRenderNode *
tile_make_texture (const Tile *tile,
                   double      scale)
{
  g_autoptr(GdkTexture) texture = gdk_memory_texture_new (tile->area.width, tile->area.height, GDK_MEMORY_DEFAULT, tile->pixels,
                                                          (gsize) tile->area.width * 4);

  return gsk_texture_node_new (texture, &GRAPHENE_RECT_INIT (tile->area.x * scale, tile->area.y * scale,
                                                             tile->area.width * scale, tile->area.height * scale));
}

static void
forget_nodes (GlbTiles *self)
{
  for (guint i = 0; i < self->columns * self->rows; i++)
    g_clear_pointer (&self->tiles[i].node, gsk_render_node_unref);
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
  forget_nodes (self);
  for (guint i = 0; i < self->columns * self->rows; i++)
    g_clear_pointer (&self->tiles[i].pixels, g_bytes_unref);
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
glb_tiles_snapshot (GlbTiles    *self,
                    GtkSnapshot *snapshot,
                    double       scale,
                    gboolean     textures)
{
  if (!self->complete)
    return;

  if (self->scale != scale || self->textures != textures)
    forget_nodes (self);
  self->scale = scale;
  self->textures = textures;

  for (guint i = 0; i < self->columns * self->rows; i++)
    {
      Tile *tile = &self->tiles[i];

      if (tile->node == NULL)
        tile->node = textures ? tile_make_texture (tile, scale) : tile_make_image (tile, scale);
      gtk_snapshot_append_node (snapshot, tile->node);
    }
}

GdkTexture *
glb_tiles_take_picture (const GlbTiles *self,
                        guint           width)
{
  double scale = (double) width / self->width;
  guint height = MAX (1, (guint) round (self->height * scale));
  gsize stride = (gsize) width * 4;
  guint8 *pixels = g_malloc0 (stride * height);
  g_autoptr(GBytes) bytes = g_bytes_new_take (pixels, stride * height);
  cairo_surface_t *surface = cairo_image_surface_create_for_data (pixels, CAIRO_FORMAT_ARGB32, width, height, stride);
  cairo_t *cr = cairo_create (surface);

  for (guint i = 0; self->complete && i < self->columns * self->rows; i++)
    tile_draw (&self->tiles[i], scale, cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);

  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}
