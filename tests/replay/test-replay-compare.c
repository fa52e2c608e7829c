/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/replay/glb-replay-compare.h"

#include <string.h>

#define WIDTH  64u
#define HEIGHT 48u
#define PAPER  0xfff0f0f0u
#define INK    0xff101010u
#define HALF   0xff808080u

static GlbReplayPicture *
make_paper (void)
{
  GlbReplayPicture *picture = glb_replay_picture_new (WIDTH, HEIGHT);

  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    picture->pixels[i] = PAPER;
  return picture;
}

static void
fill (GlbReplayPicture *picture,
      guint             x,
      guint             y,
      guint             width,
      guint             height,
      guint32           colour)
{
  for (guint dy = 0; dy < height; dy++)
    for (guint dx = 0; dx < width; dx++)
      picture->pixels[(y + dy) * picture->width + x + dx] = colour;
}

static void
assert_rect (const GlbReplayRect *rect,
             int                  x,
             int                  y,
             int                  width,
             int                  height)
{
  g_assert_cmpint (rect->x, ==, x);
  g_assert_cmpint (rect->y, ==, y);
  g_assert_cmpint (rect->width, ==, width);
  g_assert_cmpint (rect->height, ==, height);
}

static void
test_exact (void)
{
  const GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_EXACT };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = make_paper ();
  g_auto(GlbReplayComparison) same = { 0 };
  g_auto(GlbReplayComparison) other = { 0 };

  glb_replay_compare (a, b, &rules, &same);
  g_assert_true (same.same);
  g_assert_cmpuint (same.n_different, ==, 0);
  g_assert_null (same.difference);

  /* nobody sees it, and exact is exact */
  fill (b, 5, 7, 1, 1, PAPER - 1);
  fill (b, 60, 40, 2, 3, INK);
  glb_replay_compare (a, b, &rules, &other);
  g_assert_false (other.same);
  g_assert_cmpuint (other.n_different, ==, 7);
  assert_rect (&other.bounds, 5, 7, 57, 36);
}

static void
test_difference_picture (void)
{
  const GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_EXACT };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = make_paper ();
  g_auto(GlbReplayComparison) result = { 0 };

  fill (b, 10, 11, 3, 2, INK);
  glb_replay_compare (a, b, &rules, &result);
  g_assert_nonnull (result.difference);
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++)
      {
        gboolean changed = x >= 10 && x < 13 && y >= 11 && y < 13;

        g_assert_cmpint (result.difference->pixels[y * WIDTH + x] == 0xffe01b24, ==, changed);
      }
}

static void
test_threshold (void)
{
  GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_EXACT, .threshold = 6 };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = make_paper ();
  g_auto(GlbReplayComparison) enough = { 0 };
  g_auto(GlbReplayComparison) too_few = { 0 };

  fill (b, 10, 11, 3, 2, INK);
  glb_replay_compare (a, b, &rules, &enough);
  g_assert_true (enough.same);
  g_assert_cmpuint (enough.n_different, ==, 6);

  rules.threshold = 5;
  glb_replay_compare (a, b, &rules, &too_few);
  g_assert_false (too_few.same);
}

static void
test_masks (void)
{
  const GlbReplayRect masks[] = { { 10, 11, 3, 2 }, { 50, -5, 1000, 10 } };
  GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_EXACT, .masks = masks, .n_masks = 2 };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = make_paper ();
  g_auto(GlbReplayComparison) hidden = { 0 };
  g_auto(GlbReplayComparison) beside = { 0 };
  g_auto(GlbReplayComparison) unmasked = { 0 };

  fill (b, 10, 11, 3, 2, INK);
  fill (b, 55, 0, 9, 5, INK);
  glb_replay_compare (a, b, &rules, &hidden);
  g_assert_true (hidden.same);

  fill (b, 13, 11, 1, 1, INK);
  glb_replay_compare (a, b, &rules, &beside);
  g_assert_false (beside.same);
  g_assert_cmpuint (beside.n_different, ==, 1);
  assert_rect (&beside.bounds, 13, 11, 1, 1);

  rules.n_masks = 0;
  glb_replay_compare (a, b, &rules, &unmasked);
  g_assert_cmpuint (unmasked.n_different, ==, 6 + 45 + 1);
}

static void
test_colours (void)
{
  const struct { guint32 a, b; double colour; gboolean same; } cases[] = {
    { 0xff202020, 0xff252525, 0.1, TRUE },
    { 0xff202020, 0xff606060, 0.1, FALSE },
    { 0xffff0000, 0xff00ff00, 0.1, FALSE },
    /* as bright as each other, and another colour */
    { 0xff800000, 0xff004100, 0.1, FALSE },
    { 0xff000000, 0xffffffff, 0.96, FALSE },
    { 0xff000000, 0xffffffff, 0.97, TRUE },
    { 0xff202020, 0xff212121, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_PERCEPTUAL, .colour = cases[i].colour };
      g_autoptr(GlbReplayPicture) a = make_paper ();
      g_autoptr(GlbReplayPicture) b = make_paper ();
      g_auto(GlbReplayComparison) result = { 0 };

      fill (a, 8, 8, 10, 10, cases[i].a);
      fill (b, 8, 8, 10, 10, cases[i].b);
      glb_replay_compare (a, b, &rules, &result);
      g_assert_cmpint (result.same, ==, cases[i].same);
    }
}

/* A slanted edge, smoothed, that moves by half a pixel; and the same edge moved by four. */
static void
draw_edge (GlbReplayPicture *picture,
           guint             shift,
           guint32           between)
{
  for (guint y = 0; y < HEIGHT; y++)
    {
      const guint x = 10 + y / 4 + shift;

      fill (picture, x, y, 30 - y / 4, 1, INK);
      fill (picture, x - 1, y, 1, 1, between);
    }
}

static void
test_smoothing (void)
{
  const GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_PERCEPTUAL, .colour = GLB_REPLAY_COLOUR_DEFAULT };
  const GlbReplayCompareRules exact = { .mode = GLB_REPLAY_COMPARE_EXACT };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = make_paper ();
  g_autoptr(GlbReplayPicture) c = make_paper ();
  g_auto(GlbReplayComparison) smoothed = { 0 };
  g_auto(GlbReplayComparison) same_exactly = { 0 };
  g_auto(GlbReplayComparison) moved = { 0 };

  draw_edge (a, 0, HALF);
  draw_edge (b, 0, 0xffc0c0c0);
  draw_edge (c, 4, HALF);

  glb_replay_compare (a, b, &rules, &smoothed);
  g_assert_true (smoothed.same);
  g_assert_cmpuint (smoothed.n_smoothed, ==, HEIGHT);
  glb_replay_compare (a, b, &exact, &same_exactly);
  g_assert_false (same_exactly.same);
  glb_replay_compare (a, c, &rules, &moved);
  g_assert_false (moved.same);
  g_assert_cmpuint (moved.n_different, >, 3 * HEIGHT);
}

/* A letter is not an edge: it is thinner than an area. */
static void
test_text_counts (void)
{
  const GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_PERCEPTUAL, .colour = GLB_REPLAY_COLOUR_DEFAULT };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = make_paper ();
  g_auto(GlbReplayComparison) result = { 0 };

  fill (b, 20, 20, 1, 8, INK);
  fill (b, 20, 27, 5, 1, INK);
  glb_replay_compare (a, b, &rules, &result);
  g_assert_false (result.same);
  assert_rect (&result.bounds, 20, 20, 5, 8);
  g_assert_cmpuint (result.n_different, ==, 12);
}

static void
test_sizes (void)
{
  const GlbReplayCompareRules rules = { .mode = GLB_REPLAY_COMPARE_EXACT, .threshold = G_MAXUINT };
  g_autoptr(GlbReplayPicture) a = make_paper ();
  g_autoptr(GlbReplayPicture) b = glb_replay_picture_new (WIDTH + 1, HEIGHT);
  g_autoptr(GlbReplayPicture) dot = glb_replay_picture_new (1, 1);
  g_autoptr(GlbReplayPicture) other_dot = glb_replay_picture_new (1, 1);
  const GlbReplayCompareRules perceptual = { .mode = GLB_REPLAY_COMPARE_PERCEPTUAL };
  g_auto(GlbReplayComparison) result = { 0 };
  g_auto(GlbReplayComparison) dots = { 0 };

  glb_replay_compare (a, b, &rules, &result);
  g_assert_false (result.same);
  g_assert_false (result.same_size);
  g_assert_null (result.difference);

  other_dot->pixels[0] = PAPER;
  glb_replay_compare (dot, other_dot, &perceptual, &dots);
  g_assert_cmpuint (dots.n_different, ==, 1);
}

static void
test_png (void)
{
  g_autoptr(GlbReplayPicture) picture = make_paper ();
  g_autoptr(GlbReplayPicture) again = NULL;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(GBytes) cut = NULL;
  g_autoptr(GError) error = NULL;

  fill (picture, 3, 4, 5, 6, 0xff123456);
  png = glb_replay_picture_to_png (picture, &error);
  g_assert_no_error (error);
  again = glb_replay_picture_new_from_png (png, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (picture->pixels, 4 * WIDTH * HEIGHT, again->pixels, 4 * again->width * again->height);

  cut = g_bytes_new_from_bytes (png, 0, g_bytes_get_size (png) - 20);
  g_assert_null (glb_replay_picture_new_from_png (cut, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay/compare/exact", test_exact);
  g_test_add_func ("/replay/compare/difference-picture", test_difference_picture);
  g_test_add_func ("/replay/compare/threshold", test_threshold);
  g_test_add_func ("/replay/compare/masks", test_masks);
  g_test_add_func ("/replay/compare/colours", test_colours);
  g_test_add_func ("/replay/compare/smoothing", test_smoothing);
  g_test_add_func ("/replay/compare/text-counts", test_text_counts);
  g_test_add_func ("/replay/compare/sizes", test_sizes);
  g_test_add_func ("/replay/compare/png", test_png);
  return g_test_run ();
}
