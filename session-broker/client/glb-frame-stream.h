/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "session-broker/client/glb-frame-message.h"

G_BEGIN_DECLS

/**
 * GlbFrameStream:
 *
 * The reader of one Session1.Watch socket: maps the ring, checks every message
 * (the pixels come from an untrusted compositor), releases slots. At most two
 * slots are kept: the frame held by the user and the newest one after it; what
 * comes between is released at once and its changes are added to the newest.
 *
 * The broker ends the stream of a reader that holds a slot for more than
 * 250 ms: take what you need and release.
 *
 * signal ::frame (GlbFrameStream *self): glb_frame_stream_peek() gives it; emitted in the default main context
 * signal ::closed (GlbFrameStream *self): once; nothing comes any more; see glb_frame_stream_get_error()
 */
#define GLB_TYPE_FRAME_STREAM (glb_frame_stream_get_type ())
G_DECLARE_FINAL_TYPE (GlbFrameStream, glb_frame_stream, GLB, FRAME_STREAM, GObject)

typedef struct
{
  const guint8 *pixels;        /* XRGB8888, valid until the slot is released */
  guint width, height;
  gsize stride;
  guint64 frame;
  gint64 time_us;              /* CLOCK_MONOTONIC of the repaint */
  const GlbRect *rects;        /* changed since the frame before, all inside the image */
  guint n_rects;
} GlbFrame;

GlbFrameStream *glb_frame_stream_new  (int fd, GError **error);             /* takes fd, also on error */
const GlbFrame *glb_frame_stream_peek (GlbFrameStream *self);               /* NULL: none held */
void            glb_frame_stream_release (GlbFrameStream *self);            /* the frame held goes back; the next may come */
/* Why it was closed; NULL: the other end closed, or it is open. (transfer none) (nullable) */
const GError   *glb_frame_stream_get_error (GlbFrameStream *self);

G_END_DECLS
