/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/mcp/glb-mcp-session.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One action in a session, as docs/actions.md has it. deadline_ms: of the broker's answer */
void        glb_mcp_act_async  (GlbMcpSession *session, JsonObject *action, guint deadline_ms, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
/* png: (out) (nullable). (transfer full): the broker's result, delivered or refused */
JsonObject *glb_mcp_act_finish (GlbMcpSession *session, GAsyncResult *result, GBytes **png, GError **error);

G_END_DECLS
