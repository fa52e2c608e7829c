/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-recording.h"

G_BEGIN_DECLS

/**
 * GlbRecordingView:
 *
 * A recording that is looked at: the screen as of any moment, before and after
 * what happened, and the difference; who did it; all that happened as a list.
 * Left and Right go from action to action, space plays.
 *
 * signal ::closed (GlbRecordingView *self): the person goes back
 */
#define GLB_TYPE_RECORDING_VIEW (glb_recording_view_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingView, glb_recording_view, GLB, RECORDING_VIEW, AdwBin)

/* recording: (nullable): none any more */
void glb_recording_view_set_recording (GlbRecordingView *self, GlbRecording *recording);

G_END_DECLS
