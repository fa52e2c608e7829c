/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "tests/media/media-files.h"

static void
append_number (GByteArray *file, guint32 number, guint bytes)
{
  for (guint i = 0; i < bytes; i++)
    g_byte_array_append (file, &(guint8) { number >> 8 * i }, 1);
}

static void
append_text (GByteArray *file, const char *text)
{
  g_byte_array_append (file, (const guint8 *) text, strlen (text));
}

static void
append_format (GByteArray *file, guint kind, guint n_channels, guint rate, guint bits)
{
  append_number (file, kind, 2);
  append_number (file, n_channels, 2);
  append_number (file, rate, 4);
  append_number (file, rate * n_channels * bits / 8, 4);
  append_number (file, n_channels * bits / 8, 2);
  append_number (file, bits, 2);
}

GByteArray *
test_wav_pcm (const gint16 *samples, guint n_frames, guint n_channels, guint rate)
{
  GByteArray *file = g_byte_array_new ();
  guint n = n_frames * n_channels;

  append_text (file, "RIFF");
  append_number (file, 36 + n * 2, 4);
  append_text (file, "WAVEfmt ");
  append_number (file, 16, 4);
  append_format (file, 1, n_channels, rate, 16);
  append_text (file, "data");
  append_number (file, n * 2, 4);
  for (guint i = 0; i < n; i++)
    append_number (file, (guint16) samples[i], 2);
  return file;
}

/* With a comment of an odd length before the samples, as some programs write it. */
GByteArray *
test_wav_float_extensible (const float *samples, guint n_frames, guint rate)
{
  static const guint8 guid[] = { 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71 };
  GByteArray *file = g_byte_array_new ();

  append_text (file, "RIFF");
  append_number (file, 0, 4);
  append_text (file, "WAVEfmt ");
  append_number (file, 40, 4);
  append_format (file, 0xfffe, 1, rate, 32);
  append_number (file, 22, 2);
  append_number (file, 32, 2);
  append_number (file, 4, 4);
  append_number (file, 3, 2);
  g_byte_array_append (file, guid, sizeof guid);
  append_text (file, "LIST");
  append_number (file, 3, 4);
  append_text (file, "abc");
  append_number (file, 0, 1);
  append_text (file, "data");
  append_number (file, n_frames * 4, 4);
  for (guint i = 0; i < n_frames; i++)
    {
      guint32 bits;

      memcpy (&bits, &samples[i], sizeof bits);
      append_number (file, bits, 4);
    }
  return file;
}

guint8
test_y4m_byte (guint frame, guint plane)
{
  return plane == 0 ? 20 + frame * 8 : plane == 1 ? 100 + frame * 2 : 160 - frame * 2;
}

GByteArray *
test_y4m (guint width, guint height, const char *rate, guint n)
{
  g_autofree char *head = g_strdup_printf ("YUV4MPEG2 W%u H%u F%s Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n", width, height, rate);
  GByteArray *file = g_byte_array_new ();

  append_text (file, head);
  for (guint i = 0; i < n; i++)
    {
      append_text (file, "FRAME\n");
      for (guint plane = 0; plane < 3; plane++)
        {
          guint bytes = plane == 0 ? width * height : width * height / 4;
          guint at = file->len;

          g_byte_array_set_size (file, at + bytes);
          memset (file->data + at, test_y4m_byte (i, plane), bytes);
        }
    }
  return file;
}
