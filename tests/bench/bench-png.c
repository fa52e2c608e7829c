/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Times the PNG encoder against libpng at levels 1 and 6, interleaved, on a
 * screen of dense text (or on images given as PNG files). Medians.
 */

#include "session-broker/capture/glb-png.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#define RUNS 21

typedef struct
{
  guint   width, height;
  guint8 *pixels;            /* XRGB */
} Image;

/* Glyphs of noise on lines of text: about as hard as a full terminal. */
static void
make_text (Image *image)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  guint32 glyphs[96][8 * 16];

  *image = (Image) { 1280, 800, g_malloc (1280 * 800 * 4) };
  for (guint g = 0; g < G_N_ELEMENTS (glyphs); g++)
    for (guint i = 0; i < G_N_ELEMENTS (glyphs[g]); i++)
      {
        guint shade = g_rand_int_range (rand, 0, 10) < 7 ? 255 : g_rand_int_range (rand, 0, 255);

        glyphs[g][i] = shade << 16 | shade << 8 | shade;
      }

  for (guint row = 0; row < 50; row++)
    for (guint column = 0; column < 160; column++)
      {
        guint glyph = g_rand_int_range (rand, 0, G_N_ELEMENTS (glyphs));
        gboolean blank = g_rand_int_range (rand, 0, 6) == 0;

        for (guint y = 0; y < 16; y++)
          for (guint x = 0; x < 8; x++)
            ((guint32 *) image->pixels)[(row * 16 + y) * 1280 + column * 8 + x] = blank ? 0xffffff : glyphs[glyph][y * 8 + x];
      }
}

static gboolean
load (Image      *image,
      const char *path)
{
  png_image png = { .version = PNG_IMAGE_VERSION };

  if (!png_image_begin_read_from_file (&png, path))
    {
      g_printerr ("bench-png: %s: %s\n", path, png.message);
      return FALSE;
    }
  png.format = PNG_FORMAT_BGRA;
  *image = (Image) { png.width, png.height, g_malloc (PNG_IMAGE_SIZE (png)) };
  return png_image_finish_read (&png, NULL, image->pixels, 0, NULL);
}

static void
write_cb (png_structp png,
          png_bytep   data,
          size_t      length)
{
  g_byte_array_append (png_get_io_ptr (png), data, length);
}

static void
flush_cb (png_structp png)
{
}

static gsize
encode_libpng (const Image *image,
               int          level,
               gboolean     filter)
{
  g_autoptr(GByteArray) out = g_byte_array_new ();
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);

  if (setjmp (png_jmpbuf (png)) != 0)
    abort ();
  png_set_write_fn (png, out, write_cb, flush_cb);
  png_set_IHDR (png, info, image->width, image->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, 0, 0);
  png_set_compression_level (png, level);
  if (!filter)
    png_set_filter (png, 0, PNG_FILTER_NONE);
  png_write_info (png, info);
  png_set_filler (png, 0, PNG_FILLER_AFTER);
  png_set_bgr (png);
  for (guint y = 0; y < image->height; y++)
    png_write_row (png, image->pixels + (gsize) y * image->width * 4);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  return out->len;
}

static gsize
encode (const Image *image,
        guint        which)
{
  g_autoptr(GBytes) png = NULL;

  switch (which)
    {
    case 0:
      png = glb_png_encode (image->pixels, image->width, image->height, image->width * 4, NULL);
      return g_bytes_get_size (png);
    case 1:
      return encode_libpng (image, 1, FALSE);
    default:
      return encode_libpng (image, 6, TRUE);
    }
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return *(const gint64 *) a < *(const gint64 *) b ? -1 : 1;
}

static void
bench (const Image *image,
       const char  *name)
{
  static const char * const encoders[] = { "glb_png_encode", "libpng 1, no filter", "libpng 6" };
  gint64 times[G_N_ELEMENTS (encoders)][RUNS];
  gsize sizes[G_N_ELEMENTS (encoders)];

  for (guint run = 0; run < RUNS; run++)
    for (guint i = 0; i < G_N_ELEMENTS (encoders); i++)
      {
        gint64 start = g_get_monotonic_time ();

        sizes[i] = encode (image, i);
        times[i][run] = g_get_monotonic_time () - start;
      }

  g_print ("%s, %u x %u\n", name, image->width, image->height);
  for (guint i = 0; i < G_N_ELEMENTS (encoders); i++)
    {
      qsort (times[i], RUNS, sizeof times[i][0], compare);
      g_print ("  %-20s %7.2f ms (least %.2f)  %6" G_GSIZE_FORMAT " kB\n",
               encoders[i], times[i][RUNS / 2] / 1000.0, times[i][0] / 1000.0, sizes[i] / 1000);
    }
}

int
main (int    argc,
      char **argv)
{
  Image image;

  make_text (&image);
  bench (&image, "dense text");
  g_free (image.pixels);

  for (int i = 1; i < argc; i++)
    {
      if (!load (&image, argv[i]))
        return 1;
      bench (&image, argv[i]);
      g_free (image.pixels);
    }
  return 0;
}
