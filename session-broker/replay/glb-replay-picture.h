/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLB_REPLAY_PNG_BYTES_MAX (64u * 1024 * 1024)

/**
 * GlbReplayPicture:
 *
 * The pixels of a screen, opaque: 0xffRRGGBB each, rows without a gap. Files are PNG, read by the strict reader that also reads
 * what hostile programs put on the clipboard: a picture of a test may come from anywhere.
 */
typedef struct
{
  gatomicrefcount refs;
  guint width, height;
  guint32 *pixels;
} GlbReplayPicture;

/* All black. */
GlbReplayPicture *glb_replay_picture_new          (guint width, guint height);
GlbReplayPicture *glb_replay_picture_new_from_png (GBytes *untrusted_png, GError **error);
GlbReplayPicture *glb_replay_picture_ref          (GlbReplayPicture *self);
void              glb_replay_picture_unref        (GlbReplayPicture *self);
/* (transfer full) */
GBytes           *glb_replay_picture_to_png       (const GlbReplayPicture *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbReplayPicture, glb_replay_picture_unref)

G_END_DECLS
