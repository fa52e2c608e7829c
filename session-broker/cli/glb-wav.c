/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/cli/glb-wav.h"

/* What lies on the way may be late by so much, and is not silence yet. */
#define LATE  (GLB_WAV_RATE / 4)
/* What is silence then goes nearer to the present than that: what follows may be late, too, without a hole in it; */
#define NEAR  (GLB_WAV_RATE / 16)
/* and what was on its way when we began, or clocks that differ, is so much ahead. */
#define AHEAD GLB_WAV_RATE

static void
put_16 (guint8 *at, guint16 number)
{
  at[0] = number & 0xff;
  at[1] = number >> 8;
}

static void
put_32 (guint8 *at, guint32 number)
{
  put_16 (at, number & 0xffff);
  put_16 (at + 2, number >> 16);
}

void
glb_wav_fill_header (guint8 header[GLB_WAV_HEADER], guint64 n_bytes)
{
  gboolean known = n_bytes <= GLB_WAV_BYTES_MAX;

  memcpy (header, "RIFF....WAVEfmt ", 16);
  put_32 (header + 4, known ? n_bytes + GLB_WAV_HEADER - 8 : G_MAXUINT32);
  put_32 (header + 16, 16);
  put_16 (header + 20, 1);
  put_16 (header + 22, GLB_WAV_FRAME / 2);
  put_32 (header + 24, GLB_WAV_RATE);
  put_32 (header + 28, GLB_WAV_RATE * GLB_WAV_FRAME);
  put_16 (header + 32, GLB_WAV_FRAME);
  put_16 (header + 34, 16);
  memcpy (header + 36, "data", 4);
  put_32 (header + 40, known ? n_bytes : G_MAXUINT32);
}

GlbWavPlan
glb_wav_plan (guint64 elapsed_us, guint64 written, guint64 arrived)
{
  guint64 now = elapsed_us / 1000 * (GLB_WAV_RATE / 1000);
  GlbWavPlan plan = { 0 };

  if (now > LATE && written + arrived < now - LATE)
    plan.silence = now - NEAR - written - arrived;
  if (written + plan.silence < now + AHEAD)
    plan.take = MIN (arrived, now + AHEAD - written - plan.silence);
  return plan;
}
