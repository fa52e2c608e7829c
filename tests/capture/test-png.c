/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/capture/glb-png.h"

#include <png.h>
#include <string.h>

/* What fills an image. */
typedef enum { FILL_FLAT, FILL_NOISE, FILL_TEXT, FILL_GRADIENT, N_FILLS } Fill;

static guint32
make_pixel (Fill    fill,
            guint   x,
            guint   y,
            GRand  *rand)
{
  switch (fill)
    {
    case FILL_NOISE:
      return g_rand_int (rand);
    case FILL_TEXT:
      return (x / 3 * 2654435761u ^ y / 2 * 40503u) & 0x40 ? 0xff202020 : 0x00f0f0e8;
    case FILL_GRADIENT:
      return (x & 255) << 16 | (y & 255) << 8 | ((x + y) & 255);
    case FILL_FLAT:
    default:
      return 0xab123456;
    }
}

/* Bytes beyond width are noise: they must not show. */
static guint8 *
make_image (Fill  fill,
            guint width,
            guint height,
            gsize stride)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  guint8 *pixels = g_malloc (stride * (height - 1) + 4 * width);

  for (guint y = 0; y < height; y++)
    {
      guint32 *row = (guint32 *) (pixels + y * stride);

      for (guint x = 0; x < (y + 1 < height ? stride / 4 : width); x++)
        row[x] = x < width ? make_pixel (fill, x, y, rand) : g_rand_int (rand);
    }
  return pixels;
}

static void
assert_decodes (GBytes       *png,
                const guint8 *pixels,
                guint         width,
                guint         height,
                gsize         stride)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  g_autofree guint8 *decoded = NULL;

  g_assert_true (png_image_begin_read_from_memory (&image, data, size));
  g_assert_cmpuint (image.width, ==, width);
  g_assert_cmpuint (image.height, ==, height);
  g_assert_cmpuint (image.format, ==, PNG_FORMAT_RGB);
  decoded = g_malloc (PNG_IMAGE_SIZE (image));
  if (!png_image_finish_read (&image, NULL, decoded, 0, NULL))
    g_error ("%s", image.message);
  /* Checksums count: a warning is a fault. */
  g_assert_cmpstr (image.message, ==, "");

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        const guint8 *rgb = decoded + 3 * ((gsize) y * width + x);
        guint32 pixel;

        memcpy (&pixel, pixels + y * stride + 4 * (gsize) x, sizeof pixel);
        if ((guint32) (rgb[0] << 16 | rgb[1] << 8 | rgb[2]) != (pixel & 0xffffff))
          g_error ("pixel %u, %u is %02x%02x%02x instead of %06x", x, y, rgb[0], rgb[1], rgb[2], pixel & 0xffffff);
      }
}

static void
check (Fill  fill,
       guint width,
       guint height,
       gsize stride)
{
  g_autofree guint8 *pixels = make_image (fill, width, height, stride);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) png = glb_png_encode (pixels, width, height, stride, &error);

  g_assert_no_error (error);
  assert_decodes (png, pixels, width, height, stride);
}

static void
test_refused (void)
{
  static const struct { guint width, height; gsize stride; } bad[] = {
    { 0, 10, 40 }, { 10, 0, 40 }, { 10, 10, 39 }, { 10, 10, 0 }, { 16385, 1, 4 * 16385 }, { 1, 16385, 4 },
    { G_MAXUINT, 1, G_MAXSIZE }, { 1u << 30, 1, 0 },
  };
  guint8 pixels[400] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_png_encode (pixels, bad[i].width, bad[i].height, bad[i].stride, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

/* Each width around the converter's steps of four, the image in a block of exactly its size. */
static void
test_sizes (void)
{
  for (guint fill = 0; fill < N_FILLS; fill++)
    for (guint width = 1; width <= 17; width++)
      for (guint height = 1; height <= 5; height++)
        check (fill, width, height, 4 * width);
}

static void
test_odd (void)
{
  static const struct { guint width, height; gsize stride; } sizes[] = {
    { 1, 1, 4 }, { 1, 1, 64 }, { 1, 5000, 4 }, { 16384, 1, 4 * 16384 }, { 1, 16384, 4 }, { 1279, 799, 4 * 1280 },
    { 1366, 768, 4 * 1366 + 128 }, { 333, 777, 4 * 333 + 4 }, { 16384, 7, 4 * 16384 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint fill = 0; fill < N_FILLS; fill++)
      check (fill, sizes[i].width, sizes[i].height, sizes[i].stride);
}

static void
test_screen (void)
{
  for (guint fill = 0; fill < N_FILLS; fill++)
    check (fill, 1280, 800, 4 * 1280);
}

/* Noise is the largest file that can be, flat the smallest. */
static void
test_large (void)
{
  check (FILL_NOISE, 4096, 4096, 4 * 4096);
  check (FILL_FLAT, 4096, 4096, 4 * 4096);
}

/* Flat colour is small: compression works at all. */
static void
test_small_file (void)
{
  g_autofree guint8 *pixels = make_image (FILL_FLAT, 1280, 800, 4 * 1280);
  g_autoptr(GBytes) png = glb_png_encode (pixels, 1280, 800, 4 * 1280, NULL);

  g_assert_cmpuint (g_bytes_get_size (png), <, 40 * 1024);
}

static gpointer
encode_many (gpointer data)
{
  guint width = 200 + GPOINTER_TO_UINT (data) * 13;

  for (guint i = 0; i < 20; i++)
    check (i % N_FILLS, width, 150, 4 * width);
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("encode", encode_many, GUINT_TO_POINTER (i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/png/refused", test_refused);
  g_test_add_func ("/png/sizes", test_sizes);
  g_test_add_func ("/png/odd", test_odd);
  g_test_add_func ("/png/screen", test_screen);
  g_test_add_func ("/png/large", test_large);
  g_test_add_func ("/png/small-file", test_small_file);
  g_test_add_func ("/png/threads", test_threads);
  return g_test_run ();
}
