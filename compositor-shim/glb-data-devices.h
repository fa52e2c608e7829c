/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-weston-compat.h"

/*
 * What has to be put right in Weston's clipboard.  There is no way into its
 * data devices, so this looks at their messages as they pass.
 */
typedef struct GlbDataDevices GlbDataDevices;

GlbDataDevices *glb_data_devices_new (struct wl_display  *display,
                                      struct weston_seat *seat);
void glb_data_devices_free (GlbDataDevices *self);
