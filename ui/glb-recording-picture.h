/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/**
 * GlbRecordingPicture:
 *
 * A screen of a recording as large as fits, with a frame around what changed
 * and a ring where something was done.
 */
#define GLB_TYPE_RECORDING_PICTURE (glb_recording_picture_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingPicture, glb_recording_picture, GLB, RECORDING_PICTURE, GtkWidget)

/* image: (nullable): nothing is shown */
void glb_recording_picture_set_image   (GlbRecordingPicture *self, const GlbRecordImage *image);
/* rect: (nullable) */
void glb_recording_picture_set_changed (GlbRecordingPicture *self, const GlbRect *rect);
/* x < 0: nowhere */
void glb_recording_picture_set_place   (GlbRecordingPicture *self, int x, int y, gboolean refused);

G_END_DECLS
