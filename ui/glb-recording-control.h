/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

/**
 * GlbRecordingControl:
 *
 * The button that records a session into the default folder, by `glovebox
 * record`, for as long as the person wants, whatever page is shown. What it
 * records ends with the app.
 *
 * signal ::ended (GlbRecordingControl *self, const char *folder, const char *problem): a recording is over; problem: (nullable)
 */
#define GLB_TYPE_RECORDING_CONTROL (glb_recording_control_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingControl, glb_recording_control, GLB, RECORDING_CONTROL, AdwBin)

/* session: (nullable) */
void glb_recording_control_set_session (GlbRecordingControl *self, GlbDBusSession1 *session);

G_END_DECLS
