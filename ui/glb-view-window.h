/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

#define GLB_TYPE_VIEW_WINDOW (glb_view_window_get_type ())
G_DECLARE_FINAL_TYPE (GlbViewWindow, glb_view_window, GLB, VIEW_WINDOW, AdwApplicationWindow)

GlbViewWindow *glb_view_window_new         (GtkApplication *application);
void           glb_view_window_set_session (GlbViewWindow *self, GDBusObjectManager *manager, GlbDBusSession1 *session);
/* Nothing to show, and why. */
void           glb_view_window_set_problem (GlbViewWindow *self, const char *title, const char *description);

G_END_DECLS
