/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Answers the session's questions for names. Nothing is asked of a server: the broker says whether a name may be connected to, and then
 * it gets an address that stands for it. */

#include "session-broker/network/glb-network-gate.h"

/* Takes fd. */
GlbNetworkResolver *glb_network_resolver_new       (GlbNetworkGate *gate, int fd);
void                glb_network_resolver_free      (GlbNetworkResolver *self);
void                glb_network_resolver_looked_up (GlbNetworkResolver *self, const GlbNetworkLookedUp *looked_up);
