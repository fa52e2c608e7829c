/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLB_MEDIA_CHANNELS  2
#define GLB_MEDIA_RING_SIZE 16384   /* samples a channel; a power of two */

/**
 * GlbMediaRing:
 *
 * Sound between two clocks. One side writes at its pace, the other reads at
 * its own; what is missing is silence, what is too much is dropped, and the
 * reader goes a little faster or slower to keep the middle. For one thread.
 */
typedef struct
{
  float   samples[GLB_MEDIA_CHANNELS][GLB_MEDIA_RING_SIZE];
  guint64 written;
  double  read;          /* position, as of written */
  gboolean flowing;      /* enough was there once */
} GlbMediaRing;

void  glb_media_ring_clear (GlbMediaRing *self);
/* A channel may be NULL: silence. */
void  glb_media_ring_write (GlbMediaRing *self, const float *const channels[GLB_MEDIA_CHANNELS], guint n);
/* Rates of the two sides, in Hz. A channel may be NULL. */
void  glb_media_ring_read  (GlbMediaRing *self, float *const channels[GLB_MEDIA_CHANNELS], guint n,
                            guint write_rate, guint read_rate);

/* Of samples as they go to a listener: S16LE, channel by channel. PIPE_BUF, so that a pipe takes it whole or not at all. */
#define GLB_MEDIA_PIECE        4096
#define GLB_MEDIA_PIECE_FRAMES (GLB_MEDIA_PIECE / (GLB_MEDIA_CHANNELS * 2))
/* frames of channels (NULL: silence), from at on; at most GLB_MEDIA_PIECE_FRAMES. Gives the bytes. */
gsize glb_media_piece_fill (guint8 piece[GLB_MEDIA_PIECE], const float *const channels[GLB_MEDIA_CHANNELS], guint at, guint frames);

G_END_DECLS
