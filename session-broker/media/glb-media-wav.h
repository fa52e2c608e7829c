/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/media/glb-media-ring.h"

G_BEGIN_DECLS

#define GLB_MEDIA_WAV_RATE_MIN     8000u
#define GLB_MEDIA_WAV_RATE_MAX     192000u
#define GLB_MEDIA_WAV_CHANNELS_MAX 8u

/**
 * GlbMediaWav:
 *
 * The samples of a WAV file: PCM of 16 bits, or floating point of 32. Plain
 * value, pure functions; the file stays the caller's, and where it was.
 */
typedef struct
{
  const guint8 *samples;       /* in the file; little-endian, interleaved, not aligned */
  gsize         n_frames;      /* at least one */
  guint         rate;          /* GLB_MEDIA_WAV_RATE_MIN to _MAX */
  guint         n_channels;    /* 1 to GLB_MEDIA_WAV_CHANNELS_MAX */
  gboolean      is_float;
} GlbMediaWav;

/* FALSE: G_IO_ERROR_INVALID_DATA with what is wrong and what to do. */
gboolean glb_media_wav_parse (const guint8 *untrusted, gsize size, GlbMediaWav *self, GError **error);

/* The first two channels, or the one there is in both; -1 to 1. frame: less than n_frames. */
void     glb_media_wav_get   (const GlbMediaWav *self, gsize frame, float sample[GLB_MEDIA_CHANNELS]);

/* n samples at rate from position on, round and round. position: in frames, less than n_frames; moves on. A channel may be NULL. */
void     glb_media_wav_play  (const GlbMediaWav *self, double *position, float *const channels[GLB_MEDIA_CHANNELS], guint n, guint rate);

G_END_DECLS
