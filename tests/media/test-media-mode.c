/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-mode.h"

static void
test_valid (void)
{
  static const struct { GlbMediaMode mode; gboolean valid; } rows[] = {
    { { GLB_MEDIA_N_PIXELS, 640, 480, 30 }, FALSE },
    { { -1, 640, 480, 30 }, FALSE },
    { { GLB_MEDIA_I420, 0, 480, 30 }, FALSE },
    { { GLB_MEDIA_I420, 14, 480, 30 }, FALSE },
    { { GLB_MEDIA_I420, 641, 480, 30 }, FALSE },
    { { GLB_MEDIA_I420, 640, 481, 30 }, FALSE },
    { { GLB_MEDIA_I420, 4098, 480, 30 }, FALSE },
    { { GLB_MEDIA_I420, 640, 4294967294u, 30 }, FALSE },
    { { GLB_MEDIA_I420, 640, 480, 0 }, FALSE },
    { { GLB_MEDIA_I420, 640, 480, 121 }, FALSE },
    { { GLB_MEDIA_I420, 16, 16, 1 }, TRUE },
    { { GLB_MEDIA_RGBX, 4096, 4096, 120 }, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (glb_media_mode_is_valid (&rows[i].mode), ==, rows[i].valid);
}

/* As GStreamer lays them out. */
static void
test_layout (void)
{
  static const struct { GlbMediaMode mode; guint n_planes; gsize stride[3], offset[3], size; } rows[] = {
    { { GLB_MEDIA_RGBX, 18, 16, 30 }, 1, { 72 }, { 0 }, 1152 },
    { { GLB_MEDIA_RGB, 18, 16, 30 }, 1, { 56 }, { 0 }, 896 },
    { { GLB_MEDIA_YUY2, 18, 16, 30 }, 1, { 36 }, { 0 }, 576 },
    { { GLB_MEDIA_I420, 18, 16, 30 }, 3, { 20, 12, 12 }, { 0, 320, 416 }, 512 },
    { { GLB_MEDIA_NV12, 18, 16, 30 }, 2, { 20, 20 }, { 0, 320 }, 480 },
    { { GLB_MEDIA_I420, 640, 480, 30 }, 3, { 640, 320, 320 }, { 0, 307200, 384000 }, 460800 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GlbMediaLayout layout;

      glb_media_layout_init (&layout, &rows[i].mode);
      g_assert_cmpuint (layout.n_planes, ==, rows[i].n_planes);
      g_assert_cmpuint (layout.size, ==, rows[i].size);
      for (guint plane = 0; plane < layout.n_planes; plane++)
        {
          g_assert_cmpuint (layout.stride[plane], ==, rows[i].stride[plane]);
          g_assert_cmpuint (layout.offset[plane], ==, rows[i].offset[plane]);
        }
    }
}

/* What another process says of its memory: nothing outside is read, and nothing written, where it does not hold. */
static void
test_copy_refused (void)
{
  static const GlbMediaMode mode = { GLB_MEDIA_I420, 32, 16, 30 };
  static const struct { guint n_planes; gsize size; gint64 stride; } rows[] = {
    { 0, 768, 32 }, { 2, 768, 32 }, { 4, 768, 32 },
    { 1, 767, 32 }, { 1, 0, 32 }, { 1, 768, 31 }, { 1, 768, 0 }, { 1, 768, -32 }, { 1, 768, 33 },
    { 1, 768, G_MAXINT64 }, { 1, 768, G_MININT64 }, { 1, 768, 65537 }, { 3, 511, 32 }, { 3, 0, 32 },
  };
  GlbMediaLayout layout;
  g_autofree guint8 *frame = NULL;

  glb_media_layout_init (&layout, &mode);
  frame = g_malloc (layout.size);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      /* of exactly the size, so that a sanitizer sees a byte too many */
      g_autofree guint8 *memory = g_malloc0 (MAX (1, rows[i].size));
      GlbMediaPlane planes[4];

      for (guint plane = 0; plane < G_N_ELEMENTS (planes); plane++)
        planes[plane] = (GlbMediaPlane) { memory, rows[i].size, rows[i].stride };
      memset (frame, 0xaa, layout.size);
      g_assert_false (glb_media_frame_copy (frame, &layout, planes, rows[i].n_planes));
      for (gsize at = 0; at < layout.size; at++)
        g_assert_cmpuint (frame[at], ==, 0xaa);
    }
}

/* The same picture, from one block with wide rows, and from a block each plane. */
static void
test_copy (void)
{
  for (GlbMediaPixels pixels = 0; pixels < GLB_MEDIA_N_PIXELS; pixels++)
    {
      const GlbMediaMode mode = { pixels, 32, 16, 30 };
      g_autofree guint8 *from = NULL;
      g_autofree guint8 *wide = NULL;
      g_autofree guint8 *to = NULL;
      GlbMediaPlane planes[3], one;
      GlbMediaLayout layout;
      gsize at = 0, wide_stride;

      glb_media_layout_init (&layout, &mode);
      from = g_malloc0 (layout.size);
      to = g_malloc0 (layout.size);
      glb_media_frame_pattern (from, &mode, &layout, 0xdeadbeef);
      for (guint i = 0; i < layout.n_planes; i++)
        planes[i] = (GlbMediaPlane) { from + layout.offset[i], layout.stride[i] * layout.rows[i], layout.stride[i] };
      g_assert_true (glb_media_frame_copy (to, &layout, planes, layout.n_planes));
      g_assert_cmpmem (from, layout.size, to, layout.size);

      wide_stride = layout.stride[0] + 32;
      wide = g_malloc0 (2 * wide_stride * mode.height);
      for (guint i = 0; i < layout.n_planes; i++)
        {
          gsize stride = layout.row_bytes[i] == layout.row_bytes[0] ? wide_stride : wide_stride / 2;

          for (guint row = 0; row < layout.rows[i]; row++, at += stride)
            memcpy (wide + at, from + layout.offset[i] + row * layout.stride[i], layout.row_bytes[i]);
        }
      one = (GlbMediaPlane) { wide, at, wide_stride };
      memset (to, 0, layout.size);
      g_assert_true (glb_media_frame_copy (to, &layout, &one, 1));
      g_assert_cmpmem (from, layout.size, to, layout.size);
    }
}

/* All kinds show the same colours, and the counter in the topmost rows. */
static void
test_pattern (void)
{
  for (GlbMediaPixels pixels = 0; pixels < GLB_MEDIA_N_PIXELS; pixels++)
    {
      const GlbMediaMode mode = { pixels, 128, 64, 30 };
      const guint32 counter = 0xa5000001;
      g_autofree guint8 *frame = NULL;
      g_autofree guint32 *picture = NULL;
      GlbMediaLayout layout;
      guint width, height;
      guint32 read = 0;

      glb_media_layout_init (&layout, &mode);
      frame = g_malloc (layout.size);
      glb_media_frame_pattern (frame, &mode, &layout, counter);
      picture = glb_media_frame_shrink (frame, &mode, &layout, 640, 640, &width, &height);
      g_assert_cmpuint (width, ==, 128);
      g_assert_cmpuint (height, ==, 64);
      for (guint bit = 0; bit < 32; bit++)
        {
          guint32 pixel = picture[8 * width + bit * 4 + 2];

          g_assert_true ((pixel & 0xffffff) >= 0xfefefe || (pixel & 0xffffff) <= 0x010101);
          read = read << 1 | (pixel & 1 << 7) >> 7;
        }
      g_assert_cmphex (read, ==, counter);

      glb_media_frame_pattern (frame, &mode, &layout, 0);
      g_free (picture);
      picture = glb_media_frame_shrink (frame, &mode, &layout, 64, 640, &width, &height);
      g_assert_cmpuint (width, ==, 64);
      g_assert_cmpuint (height, ==, 32);
      /* the third bar from the right is red, the first white */
      g_assert_cmphex (picture[20 * width + 5 * 8 + 4] & 0xf0f0f0, ==, 0xf00000);
      g_assert_cmphex (picture[20 * width + 4] & 0xf0f0f0, ==, 0xf0f0f0);

      glb_media_frame_blank (frame, &mode, &layout);
      g_free (picture);
      picture = glb_media_frame_shrink (frame, &mode, &layout, 640, 640, &width, &height);
      for (guint i = 0; i < width * height; i++)
        g_assert_cmphex (picture[i], ==, 0xff000000);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/media/mode/valid", test_valid);
  g_test_add_func ("/media/mode/layout", test_layout);
  g_test_add_func ("/media/mode/copy-refused", test_copy_refused);
  g_test_add_func ("/media/mode/copy", test_copy);
  g_test_add_func ("/media/mode/pattern", test_pattern);

  return g_test_run ();
}
