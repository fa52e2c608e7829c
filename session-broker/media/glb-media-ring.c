/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-ring.h"

#define MASK       (GLB_MEDIA_RING_SIZE - 1)
/* What lies between writer and reader: some cycles of the graph, 85 ms at 48 kHz. */
#define TARGET     4096
#define FULL       (GLB_MEDIA_RING_SIZE - 1)
/* Nobody hears half a percent. */
#define CORRECTION 0.005

void
glb_media_ring_clear (GlbMediaRing *self)
{
  memset (self, 0, sizeof *self);
}

void
glb_media_ring_write (GlbMediaRing *self, const float *const channels[GLB_MEDIA_CHANNELS], guint n)
{
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
      self->samples[c][(self->written + i) & MASK] = channels[c] != NULL ? channels[c][i] : 0;
  self->written += n;

  /* the reader sleeps, or is much too slow */
  if (self->written - self->read > FULL)
    self->read = self->written - TARGET;
}

static double
get_step (const GlbMediaRing *self, guint write_rate, guint read_rate)
{
  double level = (double) self->written - self->read;
  double correction = CLAMP ((level - TARGET) / TARGET, -1, 1) * CORRECTION;

  return (double) write_rate / read_rate * (1 + correction);
}

void
glb_media_ring_read (GlbMediaRing *self, float *const channels[GLB_MEDIA_CHANNELS], guint n, guint write_rate, guint read_rate)
{
  double step = get_step (self, write_rate, read_rate);

  if (!self->flowing && self->written - self->read >= TARGET)
    {
      self->flowing = TRUE;
      self->read = self->written - TARGET;
    }
  for (guint i = 0; i < n; i++)
    {
      guint64 at = self->read;
      float part = self->read - at;

      if (self->flowing && at + 1 >= self->written)
        self->flowing = FALSE;
      for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
        {
          const float *samples = self->samples[c];

          if (channels[c] != NULL)
            channels[c][i] = self->flowing ? samples[at & MASK] * (1 - part) + samples[(at + 1) & MASK] * part : 0;
        }
      if (self->flowing)
        self->read += step;
    }
}

/* Beyond full scale is full scale; what is no number is silence. */
static gint16
to_s16 (float sample)
{
  if (!(sample > -1))
    return sample <= -1 ? -G_MAXINT16 : 0;
  return sample >= 1 ? G_MAXINT16 : (gint16) (sample * G_MAXINT16);
}

gsize
glb_media_piece_fill (guint8 piece[GLB_MEDIA_PIECE], const float *const channels[GLB_MEDIA_CHANNELS], guint at, guint frames)
{
  gsize size = 0;

  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
      {
        guint16 sample = channels[c] != NULL ? (guint16) to_s16 (channels[c][at + i]) : 0;

        piece[size++] = sample & 0xff;
        piece[size++] = sample >> 8;
      }
  return size;
}
