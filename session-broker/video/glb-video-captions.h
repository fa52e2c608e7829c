/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/**
 * GlbVideoCaptions:
 *
 * The last captions, drawn as lines below the picture, the newest last.
 */
typedef struct _GlbVideoCaptions GlbVideoCaptions;

/* Rows of pixels that they take. */
#define GLB_VIDEO_CAPTIONS_HEIGHT 72u

GlbVideoCaptions *glb_video_captions_new  (void);
void              glb_video_captions_free (GlbVideoCaptions *self);
void              glb_video_captions_add  (GlbVideoCaptions *self, const char *caption);
/* Paints the lowest rows of the frame. */
void              glb_video_captions_draw (GlbVideoCaptions *self, GlbRecordImage *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbVideoCaptions, glb_video_captions_free)

G_END_DECLS
