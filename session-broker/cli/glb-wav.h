/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLB_WAV_RATE        48000u
#define GLB_WAV_FRAME       4u                /* bytes: two channels of S16LE */
#define GLB_WAV_HEADER      44u
/* Of samples, in a file: its header has 32 bits for them. Six hours. */
#define GLB_WAV_BYTES_MAX   ((guint64) G_MAXUINT32 - GLB_WAV_HEADER - GLB_WAV_FRAME)

/* Pure. n_bytes of samples follow; G_MAXUINT64: nobody knows how many (of a stream). */
void glb_wav_fill_header (guint8 header[GLB_WAV_HEADER], guint64 n_bytes);

/* What becomes of frames that arrive, so that the recording lasts as long as the listening. */
typedef struct
{
  guint64 silence;               /* frames to write first */
  guint64 take;                  /* of those that arrived; the others are too many */
} GlbWavPlan;

/* Pure. elapsed_us: since the beginning; written: frames so far; arrived: frames that there are now. A session sends nothing while
 * nothing plays, and, if it lies, more than can be heard in that time. */
GlbWavPlan glb_wav_plan (guint64 elapsed_us, guint64 written, guint64 arrived);

G_END_DECLS
