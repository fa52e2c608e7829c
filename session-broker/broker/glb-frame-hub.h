/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-compositor.h"

G_BEGIN_DECLS

/* Of its ring. */
#define GLB_FRAME_HUB_SLOTS 2

/**
 * GlbFrameHub:
 *
 * Hands one compositor's frames to any number of readers. A slot of the ring
 * goes back to the compositor when all readers have given it back.
 */
#define GLB_TYPE_FRAME_HUB (glb_frame_hub_get_type ())
G_DECLARE_FINAL_TYPE (GlbFrameHub, glb_frame_hub, GLB, FRAME_HUB, GObject)

/* One frame that cannot be overwritten while this lives. */
typedef struct _GlbHeldFrame GlbHeldFrame;

GlbFrameHub  *glb_frame_hub_new (GlbCompositor *compositor);
/* The reader's end of a new stream: RING, FRAME and RELEASE. -1 on error. (transfer full) */
/* interval_ms: it gets frames no more often than that; 0: all */
int           glb_frame_hub_add_viewer (GlbFrameHub *self, guint interval_ms, GError **error);
guint         glb_frame_hub_get_n_viewers (GlbFrameHub *self);
/* The present content. */
void          glb_frame_hub_acquire_async (GlbFrameHub *self, GAsyncReadyCallback callback, gpointer user_data);
GlbHeldFrame *glb_frame_hub_acquire_finish (GlbFrameHub *self, GAsyncResult *result, GError **error);

const guint8 *glb_held_frame_get_pixels (GlbHeldFrame *self);   /* thread-safe */
const GlbShimRing *glb_held_frame_get_info (GlbHeldFrame *self);
guint64       glb_held_frame_get_frame (GlbHeldFrame *self);
void          glb_held_frame_free (GlbHeldFrame *self);         /* in the main thread */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbHeldFrame, glb_held_frame_free)

G_END_DECLS
