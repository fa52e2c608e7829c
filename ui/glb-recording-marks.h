/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/glb-recording.h"

G_BEGIN_DECLS

/**
 * GlbRecordingMarks:
 *
 * Above the slider of a recording: a line for each action, in the colour of who
 * did it. However many there are, no more are drawn than it has pixels.
 */
#define GLB_TYPE_RECORDING_MARKS (glb_recording_marks_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingMarks, glb_recording_marks, GLB, RECORDING_MARKS, GtkWidget)

/* range: the slider, from 0 to the recording's milliseconds, which is right below and as wide */
void glb_recording_marks_set_recording (GlbRecordingMarks *self, GtkRange *range, GlbRecording *recording);

G_END_DECLS
