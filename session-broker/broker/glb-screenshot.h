/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-frame-hub.h"

G_BEGIN_DECLS

/* One PNG. Immutable, counted references. */
typedef struct
{
  GBytes *png;
  guint64 frame;
  guint width, height;
  int memfd;                 /* -1: not made yet */
  gatomicrefcount ref_count;
} GlbImage;

GlbImage *glb_image_ref   (GlbImage *self);
void      glb_image_unref (GlbImage *self);
/* A sealed memfd of its own file position. (transfer full) -1 on error. */
int       glb_image_open  (GlbImage *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbImage, glb_image_unref)

/**
 * GlbScreenshot:
 *
 * Encodes the present frame in a thread, and keeps the result until the next
 * damage: an unchanged screen costs nothing.
 */
#define GLB_TYPE_SCREENSHOT (glb_screenshot_get_type ())
G_DECLARE_FINAL_TYPE (GlbScreenshot, glb_screenshot, GLB, SCREENSHOT, GObject)

GlbScreenshot *glb_screenshot_new (GlbCompositor *compositor, GlbFrameHub *hub);
/* region: (nullable): x1, y1, x2, y2 on the screen, not empty. */
void           glb_screenshot_take_async  (GlbScreenshot *self, const int *region, GAsyncReadyCallback callback, gpointer user_data);
GlbImage      *glb_screenshot_take_finish (GlbScreenshot *self, GAsyncResult *result, GError **error);

G_END_DECLS
