/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/mcp/glb-mcp-config.h"
#include "session-broker/mcp/glb-mcp-session.h"

G_BEGIN_DECLS

/**
 * GlbMcpSessions:
 *
 * The sessions of one server: started through the person's broker, which is connected to when the first one is wanted. They are
 * the connection's, so that none outlives the server, however it ends, unless they are kept.
 */
#define GLB_TYPE_MCP_SESSIONS (glb_mcp_sessions_get_type ())
G_DECLARE_FINAL_TYPE (GlbMcpSessions, glb_mcp_sessions, GLB, MCP_SESSIONS, GObject)

/* So many are known at a time, with those that ended last. */
#define GLB_MCP_SESSIONS_MAX 32

/* config: has to outlive it */
GlbMcpSessions     *glb_mcp_sessions_new (const GlbMcpConfig *config);
const GlbMcpConfig *glb_mcp_sessions_get_config (GlbMcpSessions *self);
/* Of sessions that start from now on: the config's, or the one that the person agreed to last. (transfer none) */
GlbPolicy          *glb_mcp_sessions_get_policy (GlbMcpSessions *self);
/* policy: the person's yes was to this very one. */
void                glb_mcp_sessions_set_policy (GlbMcpSessions *self, GlbPolicy *policy);
/* (nullable) (transfer none) */
GlbMcpSession      *glb_mcp_sessions_find (GlbMcpSessions *self, const char *untrusted_handle);

/* name, workspace: (nullable): the workspace is a path inside the server's own. */
void           glb_mcp_sessions_start_async  (GlbMcpSessions *self, const char * const *argv, const char *name,
                                              const char *workspace, GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full) */
GlbMcpSession *glb_mcp_sessions_start_finish (GlbMcpSessions *self, GAsyncResult *result, GError **error);
/* Ends all that are not kept; done: when nothing of them is left, or a deadline is over. */
void           glb_mcp_sessions_stop_all (GlbMcpSessions *self, void (*done) (gpointer user_data), gpointer user_data);

G_END_DECLS
