/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files in place of a camera or a microphone, as pure parsers: each refusal with its words, then what comes out. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "session-broker/capture/glb-png.h"
#include "session-broker/media/glb-media-file.h"
#include "session-broker/media/glb-media-mode.h"
#include "session-broker/media/glb-media-picture.h"
#include "session-broker/media/glb-media-wav.h"
#include "session-broker/media/glb-media-y4m.h"
#include "tests/media/media-files.h"

#define WAV_REMEDY "; write it anew, for example with ffmpeg -i FILE -c:a pcm_s16le NEW.wav"
#define Y4M_REMEDY "; write it anew, for example with ffmpeg -i FILE -pix_fmt yuv420p -r 25 NEW.y4m"

static void
assert_refused (GError **error, const char *message)
{
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpstr ((*error)->message, ==, message);
  g_clear_error (error);
}

/* ---- WAV ----------------------------------------------------------------------- */

/* What a test changes in a sound file: a byte at a place, and how long it then is. */
typedef struct
{
  gsize at;
  guint8 byte;
  int length;                  /* 0: as it was; less than nothing: so much less */
  const char *message;
} Damage;

static void
test_wav_refused (void)
{
  static const gint16 samples[] = { 1, 2, 3, 4 };
  static const Damage rows[] = {
    { 0, 'X', 0, "no WAV file; a microphone takes WAV (PCM of 16 bits, or floating point of 32)" },
    { 8, 'X', 0, "no WAV file; a microphone takes WAV (PCM of 16 bits, or floating point of 32)" },
    { 0, 'R', 11, "no WAV file; a microphone takes WAV (PCM of 16 bits, or floating point of 32)" },
    { 0, 'R', 12, "a WAV file without samples" WAV_REMEDY },
    { 12, 'X', 0, "a damaged WAV file: its samples come before their format" WAV_REMEDY },
    { 16, 15, 0, "a damaged WAV file: its format is too short" WAV_REMEDY },
    { 20, 2, 0, "a WAV file of kind 2 with 16 bits; what can be played is PCM of 16 bits and floating point of 32" WAV_REMEDY },
    { 34, 24, 0, "a WAV file of kind 1 with 24 bits; what can be played is PCM of 16 bits and floating point of 32" WAV_REMEDY },
    { 22, 0, 0, "a WAV file of 0 channels; 1 to 8 can be played" WAV_REMEDY },
    { 22, 9, 0, "a WAV file of 9 channels; 1 to 8 can be played" WAV_REMEDY },
    { 22, 3, 0, "a damaged WAV file: its samples have another size than its format says" WAV_REMEDY },
    { 27, 1, 0, "a WAV file of 16825216 Hz; 8000 to 192000 can be played" WAV_REMEDY },
    { 40, 0, 0, "a WAV file without a sample" WAV_REMEDY },
    { 40, 9, 0, "a WAV file that is cut off" WAV_REMEDY },
    { 43, 0x80, 0, "a WAV file that is cut off" WAV_REMEDY },
    { 0, 'R', -1, "a WAV file that is cut off" WAV_REMEDY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GByteArray) file = test_wav_pcm (samples, 2, 2, 48000);
      g_autoptr(GError) error = NULL;
      GlbMediaWav wav;

      file->data[rows[i].at] = rows[i].byte;
      if (rows[i].length != 0)
        g_byte_array_set_size (file, rows[i].length > 0 ? rows[i].length : (int) file->len + rows[i].length);
      g_assert_false (glb_media_wav_parse (file->data, file->len, &wav, &error));
      assert_refused (&error, rows[i].message);
    }
}

static void
test_wav_played (void)
{
  static const gint16 stereo[] = { 16384, -16384, 8192, -8192, -32768, 32767 };
  static const gint16 mono[] = { 0, 16384 };
  g_autoptr(GByteArray) two = test_wav_pcm (stereo, 3, 2, 48000);
  g_autoptr(GByteArray) one = test_wav_pcm (mono, 2, 1, 24000);
  float left[8], right[8], *channels[GLB_MEDIA_CHANNELS] = { left, right }, *silent[GLB_MEDIA_CHANNELS] = { NULL, NULL };
  g_autoptr(GError) error = NULL;
  double position = 0;
  GlbMediaWav wav;

  g_assert_true (glb_media_wav_parse (two->data, two->len, &wav, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (wav.n_frames, ==, 3);
  glb_media_wav_play (&wav, &position, channels, 8, 48000);
  for (guint i = 0; i < 8; i++)
    {
      g_assert_cmpfloat (left[i], ==, stereo[i % 3 * 2] / 32768.0f);
      g_assert_cmpfloat (right[i], ==, stereo[i % 3 * 2 + 1] / 32768.0f);
    }
  /* who has no room for it hears nothing of it, and it goes on */
  glb_media_wav_play (&wav, &position, silent, 2, 48000);
  glb_media_wav_play (&wav, &position, channels, 1, 48000);
  g_assert_cmpfloat (left[0], ==, stereo[1 * 2] / 32768.0f);

  /* at half the pace: what lies between; one channel is heard in both */
  position = 0;
  g_assert_true (glb_media_wav_parse (one->data, one->len, &wav, &error));
  glb_media_wav_play (&wav, &position, channels, 8, 48000);
  for (guint i = 0; i < 8; i++)
    {
      static const float expected[] = { 0, 0.25f, 0.5f, 0.25f };

      g_assert_cmpfloat (left[i], ==, expected[i % 4]);
      g_assert_cmpfloat (right[i], ==, expected[i % 4]);
    }
}

/* Numbers that are none are silence, what is too loud is as loud as can be. */
static void
test_wav_float (void)
{
  const float samples[] = { 0.5f, NAN, INFINITY, 7.0f, -7.0f, -0.25f };
  static const float expected[] = { 0.5f, 0, 0, 1, -1, -0.25f };
  g_autoptr(GByteArray) file = test_wav_float_extensible (samples, G_N_ELEMENTS (samples), 48000);
  float left[6], *channels[GLB_MEDIA_CHANNELS] = { left, NULL };
  g_autoptr(GError) error = NULL;
  double position = 0;
  GlbMediaWav wav;

  g_assert_true (glb_media_wav_parse (file->data, file->len, &wav, &error));
  g_assert_no_error (error);
  glb_media_wav_play (&wav, &position, channels, G_N_ELEMENTS (left), 48000);
  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    g_assert_cmpfloat (left[i], ==, expected[i]);
}

/* ---- y4m ----------------------------------------------------------------------- */

static void
test_y4m_refused (void)
{
  static const struct { const char *head; gsize frame; const char *message; } rows[] = {
    { "YUV4MPEG W16 H16 F30:1\nFRAME\n", 384, "no y4m file, or one with a damaged first line" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1", 0, "no y4m file, or one with a damaged first line" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16\nFRAME\n", 384, "a y4m file without a usable frame rate; from one a minute to 120 a second can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F0:0\nFRAME\n", 384, "a y4m file without a usable frame rate; from one a minute to 120 a second can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F121:1\nFRAME\n", 384, "a y4m file without a usable frame rate; from one a minute to 120 a second can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F1:60\nFRAME\n", 384, "a y4m file without a usable frame rate; from one a minute to 120 a second can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30\nFRAME\n", 384, "a y4m file without a usable frame rate; from one a minute to 120 a second can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W-16 H16 F30:1\nFRAME\n", 384, "a y4m file whose width is no number" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H4294967312 F30:1\nFRAME\n", 384, "a y4m file whose height is no number" Y4M_REMEDY },
    { "YUV4MPEG2 W15 H16 F30:1\nFRAME\n", 384, "a y4m file of 15x16 pixels; from 16x16 to 4096x4096, both even, can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H8192 F30:1\nFRAME\n", 384, "a y4m file of 16x8192 pixels; from 16x16 to 4096x4096, both even, can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 F30:1\nFRAME\n", 384, "a y4m file of 0x0 pixels; from 16x16 to 4096x4096, both even, can be shown" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1 C420p10\nFRAME\n", 768,
      "a y4m file with colours of kind '420p10'; what can be shown is 420, 422, 444 and mono of 8 bits" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1 C\x1b[31m\nFRAME\n", 384,
      "a y4m file with colours of kind '?[31m'; what can be shown is 420, 422, 444 and mono of 8 bits" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1 It\nFRAME\n", 384,
      "an interlaced y4m file; make it progressive, for example with ffmpeg -i FILE -vf yadif NEW.y4m" },
    { "YUV4MPEG2 W16 H16 F30:1\n", 0, "a y4m file without a frame" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1\nFRAME\n", 383, "a y4m file that is cut off in frame 1" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1\nFRAMES\n", 384, "a damaged y4m file: no frame begins where number 1 should" Y4M_REMEDY },
    { "YUV4MPEG2 W16 H16 F30:1\nFRAME\n", 385, "a damaged y4m file: no frame begins where number 2 should" Y4M_REMEDY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GByteArray) file = g_byte_array_new ();
      g_autofree guint8 *frame = g_malloc0 (rows[i].frame + 1);
      g_autoptr(GError) error = NULL;

      g_byte_array_append (file, (const guint8 *) rows[i].head, strlen (rows[i].head));
      g_byte_array_append (file, frame, rows[i].frame);
      g_assert_null (glb_media_y4m_new (file->data, file->len, &error));
      assert_refused (&error, rows[i].message);
    }
}

static void
test_y4m_frames (void)
{
  g_autoptr(GByteArray) file = test_y4m (18, 16, "30000:1001", 3);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaY4m) film = glb_media_y4m_new (file->data, file->len, &error);
  g_autofree guint8 *frame = NULL;
  GlbMediaLayout layout;

  g_assert_no_error (error);
  g_assert_cmpuint (film->n_frames, ==, 3);
  g_assert_cmpuint (film->rate, ==, 30000);
  g_assert_cmpuint (film->per, ==, 1001);
  g_assert_cmpuint (film->mode.fps, ==, 29);
  glb_media_layout_init (&layout, &film->mode);
  frame = g_malloc (layout.size);
  for (guint i = 0; i < 3; i++)
    {
      glb_media_y4m_get_frame (film, i, frame);
      for (guint plane = 0; plane < 3; plane++)
        for (guint row = 0; row < layout.rows[plane]; row++)
          for (guint x = 0; x < layout.row_bytes[plane]; x++)
            g_assert_cmpuint (frame[layout.offset[plane] + row * layout.stride[plane] + x], ==, test_y4m_byte (i, plane));
    }
}

/* Other colours become the ones that are carried: the first of those that share a place. */
static void
test_y4m_colours (void)
{
  static const struct { const char *kind; gsize chroma; guint8 first, second_row; } rows[] = {
    { "C420jpeg", 64, 0, 8 }, { "C422", 128, 0, 16 }, { "C444", 256, 0, 32 }, { "Cmono", 0, 128, 128 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *head = g_strdup_printf ("YUV4MPEG2 W16 H16 F30:1 %s\nFRAME Ip\n", rows[i].kind);
      g_autoptr(GByteArray) file = g_byte_array_new ();
      g_autofree guint8 *frame = g_malloc (384);
      g_autoptr(GlbMediaY4m) film = NULL;
      g_autoptr(GError) error = NULL;

      g_byte_array_append (file, (const guint8 *) head, strlen (head));
      for (guint plane = 0; plane < 3; plane++)
        for (guint n = 0; n < (plane == 0 ? 256 : rows[i].chroma); n++)
          g_byte_array_append (file, &(guint8) { n }, 1);
      film = glb_media_y4m_new (file->data, file->len, &error);
      g_assert_no_error (error);
      glb_media_y4m_get_frame (film, 0, frame);
      for (guint n = 0; n < 256; n++)
        g_assert_cmpuint (frame[n], ==, n);
      for (guint plane = 0; plane < 2; plane++)
        {
          g_assert_cmpuint (frame[256 + plane * 64], ==, rows[i].first);
          g_assert_cmpuint (frame[256 + plane * 64 + 8], ==, rows[i].second_row);
        }
    }
}

/* ---- PNG ----------------------------------------------------------------------- */

static guint32
colour_at (guint x, guint y)
{
  return 0xff000000u | (x * 7 & 0xff) << 16 | (y * 5 & 0xff) << 8 | ((x + y) & 0xff);
}

static GBytes *
make_png (guint width, guint height)
{
  g_autofree guint32 *pixels = g_new (guint32, width * height);
  g_autoptr(GError) error = NULL;
  GBytes *png;

  for (guint i = 0; i < width * height; i++)
    pixels[i] = colour_at (i % width, i / width);
  png = glb_png_encode ((const guint8 *) pixels, width, height, width * 4, &error);
  g_assert_no_error (error);
  return png;
}

static void
test_picture_refused (void)
{
  g_autoptr(GBytes) png = make_png (32, 24);
  g_autoptr(GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  g_autofree guint8 *large = g_memdup2 (data, size);

  g_assert_null (glb_media_picture_new ((const guint8 *) "GIF89a, which has another end", 28, &error));
  assert_refused (&error, "not a sound PNG: Not a PNG file; save it anew as PNG");
  g_assert_null (glb_media_picture_new (data, size - 20, &error));
  assert_refused (&error, "not a sound PNG: it ends too early; save it anew as PNG");
  large[17] = 1;
  g_assert_null (glb_media_picture_new (large, size, &error));
  assert_refused (&error, "65568 x 24 pixels are too many; 8192 a side and 33000000 in all are the limits; save it anew as PNG");
}

static void
test_picture_pixels (void)
{
  static const struct { guint width, height, shown_width, shown_height; } rows[] = {
    { 32, 24, 32, 24 }, { 33, 25, 32, 24 }, { 1, 1, 16, 16 }, { 2400, 600, 1920, 480 }, { 100, 2160, 50, 1080 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GBytes) png = make_png (rows[i].width, rows[i].height);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbMediaPicture) picture = NULL;
      gsize size;
      const guint8 *data = g_bytes_get_data (png, &size);

      g_assert_cmpint (glb_media_file_detect (data, size), ==, GLB_MEDIA_FILE_PNG);
      picture = glb_media_picture_new (data, size, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (picture->width, ==, rows[i].shown_width);
      g_assert_cmpuint (picture->height, ==, rows[i].shown_height);
      for (guint n = 0; i == 0 && n < 32 * 24; n++)
        g_assert_cmphex (picture->pixels[n] & 0xffffff, ==, colour_at (n % 32, n / 32) & 0xffffff);
    }
}

/* ---- what is drawn ---------------------------------------------------------------- */

/* Each kind of pixels, and back: the same but for what two share. */
static void
test_draw_same (void)
{
  guint32 pixels[32 * 24];

  for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
    pixels[i] = 0xff000000u | (i % 32 / 2 * 8) << 16 | (i / 64 * 16) << 8 | 100;
  for (guint kind = 0; kind < GLB_MEDIA_N_PIXELS; kind++)
    {
      const GlbMediaMode mode = { kind, 32, 24, 30 };
      gboolean exact = kind <= GLB_MEDIA_RGB;
      g_autofree guint32 *shown = NULL;
      g_autofree guint8 *frame = NULL;
      GlbMediaLayout layout;
      guint width, height;

      glb_media_layout_init (&layout, &mode);
      frame = g_malloc (layout.size);
      glb_media_frame_draw (frame, &mode, &layout, pixels, 32, 24);
      shown = glb_media_frame_shrink (frame, &mode, &layout, 32, 24, &width, &height);
      for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
        for (guint shift = 0; shift < 24; shift += 8)
          g_assert_cmpint (ABS ((int) (shown[i] >> shift & 0xff) - (int) (pixels[i] >> shift & 0xff)), <=, exact ? 0 : 4);
    }
}

/* What was packed otherwise shows the same picture. */
static void
test_repack (void)
{
  static const GlbMediaPixels kinds[] = { GLB_MEDIA_I420, GLB_MEDIA_NV12, GLB_MEDIA_YUY2 };
  const GlbMediaMode from = { GLB_MEDIA_I420, 18, 16, 30 };
  g_autofree guint32 *wanted = NULL;
  g_autofree guint8 *i420 = NULL;
  GlbMediaLayout source;
  guint width, height;

  glb_media_layout_init (&source, &from);
  i420 = g_malloc (source.size);
  for (guint i = 0; i < source.size; i++)
    i420[i] = 40 + i * 37 % 170;
  wanted = glb_media_frame_shrink (i420, &from, &source, 18, 16, &width, &height);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const GlbMediaMode mode = { kinds[i], 18, 16, 30 };
      g_autofree guint32 *shown = NULL;
      g_autofree guint8 *frame = NULL;
      GlbMediaLayout layout;

      glb_media_layout_init (&layout, &mode);
      frame = g_malloc0 (layout.size);
      glb_media_frame_repack (frame, &mode, &layout, i420);
      shown = glb_media_frame_shrink (frame, &mode, &layout, 18, 16, &width, &height);
      g_assert_cmpmem (shown, 18 * 16 * 4, wanted, 18 * 16 * 4);
    }
}

/* Two by two pixels become one, and beside what is narrower than the screen it is black. */
static void
test_draw_fit (void)
{
  const GlbMediaMode mode = { GLB_MEDIA_RGBX, 32, 16, 30 };
  guint32 pixels[32 * 32];
  guint8 frame[32 * 16 * 4];
  GlbMediaLayout layout;

  for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
    pixels[i] = (i % 2 + i / 32 % 2) * 100 << 16 | 50;
  glb_media_layout_init (&layout, &mode);
  glb_media_frame_draw (frame, &mode, &layout, pixels, 32, 32);
  for (guint y = 0; y < 16; y++)
    for (guint x = 0; x < 32; x++)
      {
        gboolean shown = x >= 8 && x < 24;

        g_assert_cmpuint (frame[(y * 32 + x) * 4], ==, shown ? 100 : 0);
        g_assert_cmpuint (frame[(y * 32 + x) * 4 + 2], ==, shown ? 50 : 0);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media-file/wav/refused", test_wav_refused);
  g_test_add_func ("/media-file/wav/played", test_wav_played);
  g_test_add_func ("/media-file/wav/float", test_wav_float);
  g_test_add_func ("/media-file/y4m/refused", test_y4m_refused);
  g_test_add_func ("/media-file/y4m/frames", test_y4m_frames);
  g_test_add_func ("/media-file/y4m/colours", test_y4m_colours);
  g_test_add_func ("/media-file/picture/refused", test_picture_refused);
  g_test_add_func ("/media-file/picture/pixels", test_picture_pixels);
  g_test_add_func ("/media-file/draw/same", test_draw_same);
  g_test_add_func ("/media-file/draw/fit", test_draw_fit);
  g_test_add_func ("/media-file/draw/repack", test_repack);
  return g_test_run ();
}
