/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-network-address.h"

G_BEGIN_DECLS

/* Whether an interface of this machine has address now: then the other end is a service of this machine, behind its packet filter. */
gboolean glb_network_is_own_address (const GlbNetworkAddress *address);

G_END_DECLS
