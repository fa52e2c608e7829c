/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-weston-compat.h"

/*
 * What has to be put right in Weston's clipboard.  There is no way into its
 * data devices, so this looks at their messages as they pass.
 */
typedef struct GlbDataDevices GlbDataDevices;

/* A client begins to read the clipboard; or Weston's bridge to X11 a client's, with the pipe @x11_fd, otherwise -1. */
typedef void (*GlbDataDevicesRead) (int x11_fd, void *data);

GlbDataDevices *glb_data_devices_new (struct wl_display  *display,
                                      struct weston_seat *seat,
                                      GlbDataDevicesRead  read,
                                      void               *data);
void glb_data_devices_free (GlbDataDevices *self);

/* Whether it is a client's request to read that is being served, which counts once; otherwise Weston's bridge to X11 reads. */
bool glb_data_devices_take_receiving (GlbDataDevices *self);
