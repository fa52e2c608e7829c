/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-tiles.h"

#include <math.h>

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

static GskRenderNode *
get_node (GlbTiles *tiles,
          double    scale,
          gboolean  textures)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;

  glb_tiles_snapshot (tiles, snapshot, scale, textures);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);

  return node;
}

static cairo_surface_t *
render (GlbTiles *tiles,
        double    scale,
        gboolean  textures)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) round (WIDTH * scale),
                                                         (int) round (HEIGHT * scale));
  cairo_t *cr = cairo_create (surface);
  g_autoptr(GskRenderNode) node = get_node (tiles, scale, textures);

  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);

  return surface;
}

static void
assert_shows (GlbTiles     *tiles,
              const Screen *screen)
{
  for (gboolean textures = FALSE; textures <= TRUE; textures++)
    {
      cairo_surface_t *surface = render (tiles, 1, textures);
      const guint8 *data = cairo_image_surface_get_data (surface);
      int stride = cairo_image_surface_get_stride (surface);

      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          g_assert_cmphex (((const guint32 *) (data + y * stride))[x], ==, screen->pixels[y * WIDTH + x] | 0xff000000u);
      cairo_surface_destroy (surface);
    }
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

/* The ground would shine through between two tiles, or a neighbour be blended twice. */
static void
test_no_seam_where_scaled (void)
{
  static const double scales[] = { 0.3, 0.5, 0.7534, 0.99, 1.25, 2 };
  g_autoptr(GlbTiles) tiles = glb_tiles_new (WIDTH, HEIGHT);
  g_autofree Screen *screen = g_new (Screen, 1);

  screen_init (screen);
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    screen->pixels[i] = 0x00b000b5;
  glb_tiles_update (tiles, &screen->frame);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      cairo_surface_t *surface = render (tiles, scales[i], FALSE);
      const guint8 *data = cairo_image_surface_get_data (surface);
      int stride = cairo_image_surface_get_stride (surface);

      for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
        for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
          g_assert_cmphex (((const guint32 *) (data + y * stride))[x], ==, 0xffb000b5);
      cairo_surface_destroy (surface);
    }
}

/* GTK redraws the nodes that are others than before: one tile of six, and all of them at another scale. */
static void
test_unchanged_tiles_keep_their_nodes (gconstpointer data)
{
  gboolean textures = GPOINTER_TO_INT (data);
  g_autoptr(GlbTiles) tiles = glb_tiles_new (WIDTH, HEIGHT);
  g_autofree Screen *screen = g_new (Screen, 1);
  g_autoptr(GskRenderNode) before = NULL;
  g_autoptr(GskRenderNode) after = NULL;
  g_autoptr(GskRenderNode) scaled = NULL;
  guint n_same = 0;

  screen_init (screen);
  glb_tiles_update (tiles, &screen->frame);
  before = get_node (tiles, 0.75, textures);
  screen->rect = (GlbRect) { 50, 50, 1, 1 };
  glb_tiles_update (tiles, &screen->frame);
  after = get_node (tiles, 0.75, textures);
  scaled = get_node (tiles, 0.8, textures);

  g_assert_cmpuint (gsk_container_node_get_n_children (before), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      n_same += gsk_container_node_get_child (before, i) == gsk_container_node_get_child (after, i);
      g_assert_true (gsk_container_node_get_child (scaled, i) != gsk_container_node_get_child (after, i));
    }
  g_assert_cmpuint (n_same, ==, 5);
}

static void
test_picture (void)
{
  g_autoptr(GlbTiles) tiles = glb_tiles_new (WIDTH, HEIGHT);
  g_autofree Screen *screen = g_new (Screen, 1);
  g_autoptr(GdkTexture) picture = NULL;
  guint32 pixels[100 * 67];

  screen_init (screen);
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    screen->pixels[i] = i % WIDTH < WIDTH / 2 ? 0x00ff0000 : 0x000000ff;
  glb_tiles_update (tiles, &screen->frame);
  picture = glb_tiles_take_picture (tiles, 100);
  g_assert_cmpint (gdk_texture_get_width (picture), ==, 100);
  g_assert_cmpint (gdk_texture_get_height (picture), ==, 67);
  gdk_texture_download (picture, (guchar *) pixels, 400);
  g_assert_cmphex (pixels[30 * 100 + 20], ==, 0xffff0000);
  g_assert_cmphex (pixels[30 * 100 + 80], ==, 0xff0000ff);
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
  g_test_add_func ("/tiles/no-seam-where-scaled", test_no_seam_where_scaled);
  g_test_add_data_func ("/tiles/unchanged-tiles-keep-their-nodes/image", GINT_TO_POINTER (FALSE), test_unchanged_tiles_keep_their_nodes);
  g_test_add_data_func ("/tiles/unchanged-tiles-keep-their-nodes/texture", GINT_TO_POINTER (TRUE), test_unchanged_tiles_keep_their_nodes);
  g_test_add_func ("/tiles/picture", test_picture);

  return g_test_run ();
}
