/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

#define GLB_TYPE_NETWORK_POPOVER (glb_network_popover_get_type ())
G_DECLARE_FINAL_TYPE (GlbNetworkPopover, glb_network_popover, GLB, NETWORK_POPOVER, GtkPopover)

/* session: (nullable): whose network; kept */
void glb_network_popover_set_session (GlbNetworkPopover *self, GlbDBusSession1 *session);

G_END_DECLS
