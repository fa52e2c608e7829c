/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/record/record-fixture.h"

#include <string.h>

static GBytes *
encode (guint width,
        guint height)
{
  g_autoptr(GlbRecordImage) image = glb_record_image_new (width, height);
  g_autoptr(GError) error = NULL;
  GBytes *png;

  for (guint i = 0; i < width * height; i++)
    image->pixels[i] = i * 2654435761u >> 8;
  png = glb_record_image_encode (image, &error);
  g_assert_no_error (error);
  return png;
}

static void
test_round_trip (void)
{
  g_autoptr(GBytes) png = encode (31, 17);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecordImage) image = glb_record_image_decode (png, 31, 17, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 31 * 17; i++)
    g_assert_cmphex (image->pixels[i], ==, i * 2654435761u >> 8);
}

static void
test_other_size (void)
{
  g_autoptr(GBytes) png = encode (31, 17);
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_record_image_decode (png, 17, 31, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "31 x 17"));
}

static void
test_cut (void)
{
  g_autoptr(GBytes) png = encode (9, 5);

  for (gsize size = 0; size < g_bytes_get_size (png); size++)
    {
      g_autoptr(GBytes) cut = g_bytes_new_from_bytes (png, 0, size);
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_record_image_decode (cut, 9, 5, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

static void
test_sizes (void)
{
  g_assert_true (glb_record_image_size_is_valid (1, 1));
  g_assert_true (glb_record_image_size_is_valid (4096, 4096));
  g_assert_false (glb_record_image_size_is_valid (0, 1));
  g_assert_false (glb_record_image_size_is_valid (GLB_RECORD_SIDE_MAX + 1, 1));
  g_assert_false (glb_record_image_size_is_valid (GLB_RECORD_SIDE_MAX, GLB_RECORD_SIDE_MAX));
  g_assert_false (glb_record_image_size_is_valid (G_MAXUINT64, G_MAXUINT64));
}

/* What lies outside is left out, whatever the numbers. */
static void
test_fill (void)
{
  static const GlbRect rects[] = {
    { -5, -5, 6, 6 }, { 3, 3, 100, 100 }, { G_MININT, G_MININT, G_MAXINT, G_MAXINT }, { G_MAXINT, 0, G_MAXINT, 1 }, { 1, 1, 0, 5 },
    { 2, 2, -3, -3 },
  };
  g_autoptr(GlbRecordImage) image = record_fixture_new_image (4, 4, 0xffffff);
  guint n_black = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rects); i++)
    glb_record_image_fill (image, &rects[i], 0);
  for (guint i = 0; i < 16; i++)
    n_black += image->pixels[i] == 0;
  g_assert_cmpuint (n_black, ==, 2);
  g_assert_cmphex (image->pixels[0], ==, 0);
  g_assert_cmphex (image->pixels[15], ==, 0);
}

static void
test_crop_and_put (void)
{
  g_autoptr(GlbRecordImage) image = record_fixture_new_image (8, 8, 0x111111);
  g_autoptr(GlbRecordImage) part = record_fixture_new_image (2, 3, 0x222222);
  g_autoptr(GlbRecordImage) crop = NULL;

  glb_record_image_put (image, part, 5, 5);
  crop = glb_record_image_crop (image, &(GlbRect) { 4, 4, 4, 4 });
  for (guint y = 0; y < 4; y++)
    for (guint x = 0; x < 4; x++)
      g_assert_cmphex (crop->pixels[y * 4 + x], ==, x >= 1 && x < 3 && y >= 1 ? 0x222222 : 0x111111);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/image/round-trip", test_round_trip);
  g_test_add_func ("/record/image/other-size", test_other_size);
  g_test_add_func ("/record/image/cut", test_cut);
  g_test_add_func ("/record/image/sizes", test_sizes);
  g_test_add_func ("/record/image/fill", test_fill);
  g_test_add_func ("/record/image/crop-and-put", test_crop_and_put);
  return g_test_run ();
}
