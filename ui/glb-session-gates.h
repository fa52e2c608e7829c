/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

#define GLB_TYPE_SESSION_GATES (glb_session_gates_get_type ())
G_DECLARE_FINAL_TYPE (GlbSessionGates, glb_session_gates, GLB, SESSION_GATES, GObject)

/* manager: of the broker; session: object path. */
GlbSessionGates *glb_session_gates_new          (GDBusObjectManager *manager, const char *session);
/* (nullable) (transfer none): the oldest that is open */
GlbDBusPrompt1  *glb_session_gates_get_prompt   (GlbSessionGates *self);
/* (element-type GlbDBusPrompt1) (transfer none): oldest first */
GPtrArray       *glb_session_gates_get_prompts (GlbSessionGates *self);
guint            glb_session_gates_get_n_prompts (GlbSessionGates *self);
/* (element-type GlbDBusGrant1) (transfer none): oldest first */
GPtrArray       *glb_session_gates_get_grants   (GlbSessionGates *self);

G_END_DECLS
