/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/portal/glb-portal-link.h"

G_BEGIN_DECLS

/* Lives as long as the program. What features do not have is as if there were no such portal: toolkits then use their own. */
gboolean glb_portal_front_export (GDBusConnection *bus, GlbPortalLink *link, const GlbPortalFeatures *features, GError **error);

G_END_DECLS
