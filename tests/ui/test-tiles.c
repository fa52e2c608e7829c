/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-tiles.h"

#define WIDTH  300
#define HEIGHT 200

typedef struct
{
  guint32 pixels[WIDTH * HEIGHT];
  GlbRect rect;
  GlbFrame frame;
} Screen;

static void
screen_init (Screen *screen)
{
  /* The unused byte is noise on purpose: it must not become transparency. */
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    screen->pixels[i] = (i * 2654435761u);
  screen->rect = (GlbRect) { 0, 0, WIDTH, HEIGHT };
  screen->frame = (GlbFrame) {
    .pixels = (const guint8 *) screen->pixels,
    .width = WIDTH, .height = HEIGHT, .stride = WIDTH * 4,
    .rects = &screen->rect, .n_rects = 1,
  };
}

static cairo_surface_t *
render (GlbTiles *tiles)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  GskRenderNode *node;

  glb_tiles_snapshot (tiles, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  gsk_render_node_draw (node, cr);
  gsk_render_node_unref (node);
  cairo_destroy (cr);
  cairo_surface_flush (surface);

  return surface;
}

static void
assert_shows (GlbTiles     *tiles,
              const Screen *screen)
{
  cairo_surface_t *surface = render (tiles);
  const guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      g_assert_cmphex (((const guint32 *) (data + y * stride))[x], ==, screen->pixels[y * WIDTH + x] | 0xff000000u);
  cairo_surface_destroy (surface);
}

static void
test_first_frame_fills_all (void)
{
  g_autoptr(GlbTiles) tiles = glb_tiles_new (WIDTH, HEIGHT);
  g_autofree Screen *screen = g_new (Screen, 1);

  screen_init (screen);
  screen->frame.n_rects = 0;   /* a first frame is taken whole, whatever it says changed */
  g_assert_cmpuint (glb_tiles_update (tiles, &screen->frame), ==, 6);
  assert_shows (tiles, screen);
}

static void
test_damage_replaces_its_tile_only (void)
{
  g_autoptr(GlbTiles) tiles = glb_tiles_new (WIDTH, HEIGHT);
  g_autofree Screen *screen = g_new (Screen, 1);

  screen_init (screen);
  glb_tiles_update (tiles, &screen->frame);

  screen->pixels[50 * WIDTH + 50] = 0x00112233;
  screen->rect = (GlbRect) { 50, 50, 1, 1 };
  g_assert_cmpuint (glb_tiles_update (tiles, &screen->frame), ==, 1);
  assert_shows (tiles, screen);

  screen->frame.n_rects = 0;
  g_assert_cmpuint (glb_tiles_update (tiles, &screen->frame), ==, 0);
}

static void
test_damage_at_an_edge_reaches_the_neighbours (void)
{
  g_autoptr(GlbTiles) tiles = glb_tiles_new (WIDTH, HEIGHT);
  g_autofree Screen *screen = g_new (Screen, 1);

  screen_init (screen);
  glb_tiles_update (tiles, &screen->frame);

  screen->pixels[128 * WIDTH + 128] = 0x00445566;
  screen->rect = (GlbRect) { 128, 128, 1, 1 };
  g_assert_cmpuint (glb_tiles_update (tiles, &screen->frame), ==, 4);
  assert_shows (tiles, screen);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();   /* for the types of render nodes; a display is not needed */
  g_test_add_func ("/tiles/first-frame-fills-all", test_first_frame_fills_all);
  g_test_add_func ("/tiles/damage-replaces-its-tile-only", test_damage_replaces_its_tile_only);
  g_test_add_func ("/tiles/damage-at-an-edge-reaches-the-neighbours", test_damage_at_an_edge_reaches_the_neighbours);

  return g_test_run ();
}
