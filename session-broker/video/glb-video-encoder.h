/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/**
 * GlbVideoEncoder:
 *
 * Writes frames as a WebM (VP8) through GStreamer, into a file beside the one
 * that is wanted, which it becomes when all is written. No wait is longer than
 * GLB_VIDEO_DEADLINE_S.
 */
typedef struct _GlbVideoEncoder GlbVideoEncoder;

#define GLB_VIDEO_DEADLINE_S 30

/* gst_init() was called. */
GlbVideoEncoder *glb_video_encoder_new    (const char *path, guint width, guint height, GError **error);
/* Takes frame, of the size of all. number: of frames of GLB_VIDEO_FRAME_MS; greater than the last one. */
gboolean         glb_video_encoder_push   (GlbVideoEncoder *self, GlbRecordImage *frame, gint64 number, GError **error);
/* The file is there under its name. */
gboolean         glb_video_encoder_finish (GlbVideoEncoder *self, GError **error);
/* Without a finish that succeeded nothing is left. */
void             glb_video_encoder_free   (GlbVideoEncoder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbVideoEncoder, glb_video_encoder_free)

G_END_DECLS
