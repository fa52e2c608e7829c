/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

/* What a session takes of the host: asks the broker once a second, while it is shown. */
#define GLB_TYPE_USAGE_VIEW (glb_usage_view_get_type ())
G_DECLARE_FINAL_TYPE (GlbUsageView, glb_usage_view, GLB, USAGE_VIEW, AdwBin)

GtkWidget *glb_usage_view_new         (void);
/* session: (nullable) */
void       glb_usage_view_set_session (GlbUsageView *self, GlbDBusSession1 *session);

G_END_DECLS
