/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "session-broker/media/glb-media-wav.h"

#define FORMAT_PCM        1
#define FORMAT_FLOAT      3
#define FORMAT_EXTENSIBLE 0xfffe
#define CHUNK_HEADER      8
#define FMT_MIN           16
#define FMT_EXTENSIBLE    40
/* Tags, cue points and the like come before the samples; a file with more of them is none. */
#define CHUNKS_MAX        256

#define REMEDY "; write it anew, for example with ffmpeg -i FILE -c:a pcm_s16le NEW.wav"

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, message);
  return FALSE;
}

static guint
get_16 (const guint8 *at)
{
  return at[0] | at[1] << 8;
}

static guint32
get_32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

static gboolean
read_format (const guint8 *chunk, guint32 size, GlbMediaWav *self, GError **error)
{
  /* what follows the first two bytes of the kind in an extensible one */
  static const guint8 guid[14] = { 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71 };
  guint format, bits, block;

  if (size < FMT_MIN)
    return fail (error, "a damaged WAV file: its format is too short" REMEDY);

  format = get_16 (chunk);
  self->n_channels = get_16 (chunk + 2);
  self->rate = get_32 (chunk + 4);
  block = get_16 (chunk + 12);
  bits = get_16 (chunk + 14);
  if (format == FORMAT_EXTENSIBLE && size >= FMT_EXTENSIBLE && memcmp (chunk + 26, guid, sizeof guid) == 0)
    format = get_16 (chunk + 24);
  if (!(format == FORMAT_PCM && bits == 16) && !(format == FORMAT_FLOAT && bits == 32))
    return fail (error, "a WAV file of kind %u with %u bits; what can be played is PCM of 16 bits and floating point of 32" REMEDY,
                 format, bits);
  if (self->n_channels < 1 || self->n_channels > GLB_MEDIA_WAV_CHANNELS_MAX)
    return fail (error, "a WAV file of %u channels; 1 to %u can be played" REMEDY, self->n_channels, GLB_MEDIA_WAV_CHANNELS_MAX);
  if (self->rate < GLB_MEDIA_WAV_RATE_MIN || self->rate > GLB_MEDIA_WAV_RATE_MAX)
    return fail (error, "a WAV file of %u Hz; %u to %u can be played" REMEDY, self->rate, GLB_MEDIA_WAV_RATE_MIN, GLB_MEDIA_WAV_RATE_MAX);
  if (block != self->n_channels * bits / 8)
    return fail (error, "a damaged WAV file: its samples have another size than its format says" REMEDY);

  self->is_float = format == FORMAT_FLOAT;
  return TRUE;
}

static gboolean
read_samples (const guint8 *chunk, guint32 size, GlbMediaWav *self, GError **error)
{
  gsize block = self->n_channels * (self->is_float ? 4u : 2u);

  if (self->n_channels == 0)
    return fail (error, "a damaged WAV file: its samples come before their format" REMEDY);
  if (size < block)
    return fail (error, "a WAV file without a sample" REMEDY);

  self->samples = chunk;
  self->n_frames = size / block;
  return TRUE;
}

gboolean
glb_media_wav_parse (const guint8 *untrusted, gsize size, GlbMediaWav *self, GError **error)
{
  gsize at = 12;

  memset (self, 0, sizeof *self);
  if (size < 12 || memcmp (untrusted, "RIFF", 4) != 0 || memcmp (untrusted + 8, "WAVE", 4) != 0)
    return fail (error, "no WAV file; a microphone takes WAV (PCM of 16 bits, or floating point of 32)");

  for (guint i = 0; i < CHUNKS_MAX && size - at >= CHUNK_HEADER; i++)
    {
      const guint8 *chunk = untrusted + at + CHUNK_HEADER;
      guint32 length = get_32 (untrusted + at + 4);

      if (length > size - at - CHUNK_HEADER)
        return fail (error, "a WAV file that is cut off" REMEDY);
      if (memcmp (untrusted + at, "data", 4) == 0)
        return read_samples (chunk, length, self, error);
      if (memcmp (untrusted + at, "fmt ", 4) == 0 && !read_format (chunk, length, self, error))
        return FALSE;
      at += CHUNK_HEADER + length;
      /* chunks begin at even places; the last one may do without the byte that fills up */
      at += MIN (length % 2, size - at);
    }

  return fail (error, "a WAV file without samples" REMEDY);
}

static float
get_sample (const GlbMediaWav *self, gsize frame, guint channel)
{
  gsize index = frame * self->n_channels + channel;
  guint32 bits;
  float sample;

  if (!self->is_float)
    return (gint16) get_16 (self->samples + index * 2) / 32768.0f;

  bits = get_32 (self->samples + index * 4);
  memcpy (&sample, &bits, sizeof sample);
  return isfinite (sample) ? CLAMP (sample, -1.0f, 1.0f) : 0;
}

void
glb_media_wav_get (const GlbMediaWav *self, gsize frame, float sample[GLB_MEDIA_CHANNELS])
{
  for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
    sample[c] = get_sample (self, frame, MIN (c, self->n_channels - 1));
}

void
glb_media_wav_play (const GlbMediaWav *self, double *position, float *const channels[GLB_MEDIA_CHANNELS], guint n, guint rate)
{
  double step = (double) self->rate / rate;

  for (guint i = 0; i < n; i++)
    {
      gsize at = MIN ((gsize) *position, self->n_frames - 1);
      float part = *position - at, here[GLB_MEDIA_CHANNELS], next[GLB_MEDIA_CHANNELS];

      glb_media_wav_get (self, at, here);
      glb_media_wav_get (self, at + 1 < self->n_frames ? at + 1 : 0, next);
      for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
        if (channels[c] != NULL)
          channels[c][i] = part == 0 ? here[c] : here[c] * (1 - part) + next[c] * part;
      *position += step;
      if (*position >= self->n_frames)
        *position = fmod (*position, self->n_frames);
    }
}
