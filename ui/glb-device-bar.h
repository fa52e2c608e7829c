/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

#define GLB_TYPE_DEVICE_BAR (glb_device_bar_get_type ())
G_DECLARE_FINAL_TYPE (GlbDeviceBar, glb_device_bar, GLB, DEVICE_BAR, AdwBin)

/* session: (nullable) */
void glb_device_bar_set_session (GlbDeviceBar *self, GlbDBusSession1 *session);

G_END_DECLS
