/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/accessibility/glb-accessible-bus.h"

G_BEGIN_DECLS

/* The deepest object of a toplevel that has the keyboard's focus, as far as programs say within deadline_ms. */
void      glb_accessible_focus_async  (GDBusConnection *bus, const GlbAccessibleRef *toplevel, guint deadline_ms,
                                       GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full) (nullable) */
JsonNode *glb_accessible_focus_finish (GAsyncResult *result);

G_END_DECLS
