/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>

#include "compositor-shim/glb-placement.h"

static const GlbShimRect screen = { 0, 0, 800, 600 };

static void
assert_rect (GlbShimRect rect,
             int         x,
             int         y)
{
  g_assert_cmpint (rect.x, ==, x);
  g_assert_cmpint (rect.y, ==, y);
}

static void
test_never_out_of_sight (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 100, 50 }, { 700, 590 }, { 800, 600 }, { 2000, 10 }, { 5000, 5000 } };
  static const GlbShimRect parents[] = { { 0, 0, 10, 10 }, { 790, 590, 100, 100 }, { -500, -500, 20, 20 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint n = 0; n < 40; n++)
      for (guint p = 0; p <= G_N_ELEMENTS (parents); p++)
        {
          GlbShimRect rect = glb_placement_choose (screen, sizes[i][0], sizes[i][1],
                                                   p < G_N_ELEMENTS (parents) ? &parents[p] : NULL, n);

          g_assert_cmpint (rect.x, >=, 0);
          g_assert_cmpint (rect.y, >=, 0);
          if (sizes[i][0] <= screen.width)
            g_assert_cmpint (rect.x + rect.width, <=, screen.width);
          else
            g_assert_cmpint (rect.x, ==, 0);
          if (sizes[i][1] <= screen.height)
            g_assert_cmpint (rect.y + rect.height, <=, screen.height);
          else
            g_assert_cmpint (rect.y, ==, 0);
        }
}

static void
test_cascade (void)
{
  assert_rect (glb_placement_choose (screen, 200, 100, NULL, 0), 300, 250);
  assert_rect (glb_placement_choose (screen, 200, 100, NULL, 1), 332, 282);
  assert_rect (glb_placement_choose (screen, 200, 100, NULL, 8), 300, 250);
}

static void
test_over_parent (void)
{
  GlbShimRect parent = { 100, 100, 300, 200 };

  assert_rect (glb_placement_choose (screen, 100, 100, &parent, 5), 200, 150);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/placement/never-out-of-sight", test_never_out_of_sight);
  g_test_add_func ("/placement/cascade", test_cascade);
  g_test_add_func ("/placement/over-parent", test_over_parent);
  return g_test_run ();
}
