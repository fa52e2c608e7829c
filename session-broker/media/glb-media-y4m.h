/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/media/glb-media-mode.h"

G_BEGIN_DECLS

/**
 * GlbMediaY4m:
 *
 * A YUV4MPEG2 file, of 8 bits and not interlaced. Pure; the file stays the
 * caller's, and where it was. All of it was looked at when this exists: each
 * frame is there as a whole.
 */
typedef struct
{
  GlbMediaMode  mode;             /* GLB_MEDIA_I420 */
  guint         rate, per;        /* frames: rate in per seconds */
  guint         n_frames;         /* at least one */

  /*< private >*/
  const guint8 *bytes;
  GArray       *offsets;          /* gsize: of each frame's first byte */
  guint         chroma_x, chroma_y;   /* how many pixels lie under one number of colour; 0: none */
} GlbMediaY4m;

/* NULL: G_IO_ERROR_INVALID_DATA with what is wrong and what to do. (transfer full) */
GlbMediaY4m *glb_media_y4m_new       (const guint8 *untrusted, gsize size, GError **error);
void         glb_media_y4m_free      (GlbMediaY4m *self);
/* frame: of the layout of mode. index: less than n_frames. */
void         glb_media_y4m_get_frame (const GlbMediaY4m *self, guint index, guint8 *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaY4m, glb_media_y4m_free)

G_END_DECLS
