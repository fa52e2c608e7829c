/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/client/glb-broker-dbus-generated.h"
#include "input-filter/glb-action-dialect.h"
#include "session-broker/mcp/glb-mcp-workspace.h"

G_BEGIN_DECLS

/**
 * GlbMcpSession:
 *
 * A session that this server started. Its handle is random and the only way to it.
 *
 * Signals: "changed": a property changed, or it ended. "exited" (number, status): of a command.
 */
#define GLB_TYPE_MCP_SESSION (glb_mcp_session_get_type ())
G_DECLARE_FINAL_TYPE (GlbMcpSession, glb_mcp_session, GLB, MCP_SESSION, GObject)

/* proxy: of a session that runs. workspace: (nullable) */
GlbMcpSession   *glb_mcp_session_new (GlbDBusSession1 *proxy, GlbMcpWorkspace *workspace);
const char      *glb_mcp_session_get_handle    (GlbMcpSession *self);
GlbDBusSession1 *glb_mcp_session_get_proxy     (GlbMcpSession *self);
GlbMcpWorkspace *glb_mcp_session_get_workspace (GlbMcpSession *self);   /* (nullable) */
const char      *glb_mcp_session_get_state     (GlbMcpSession *self);
const char      *glb_mcp_session_get_reason    (GlbMcpSession *self);
gboolean         glb_mcp_session_has_ended     (GlbMcpSession *self);
/* Of the models that use it, where a call says nothing else. model_width, model_height: 0: the screen's own. */
void             glb_mcp_session_set_model     (GlbMcpSession *self, GlbDialect dialect, int model_width, int model_height);
/* What has to be known to understand their calls. FALSE with error: it has no screen. */
gboolean         glb_mcp_session_get_dialect   (GlbMcpSession *self, GlbDialectContext *context, GError **error);
/* The broker has gone, and with it the session. */
void             glb_mcp_session_set_lost      (GlbMcpSession *self);

/* callback: (nullable): of the proxy's call, when nothing of it is left */
void             glb_mcp_session_stop (GlbMcpSession *self, guint deadline_ms, GAsyncReadyCallback callback, gpointer user_data);

/* Starts a command. stdio: its three descriptors, which are the caller's then. 0 with error. */
void     glb_mcp_session_exec_async  (GlbMcpSession *self, const char * const *argv, const char *cwd,
                                      GAsyncReadyCallback callback, gpointer user_data);
guint64  glb_mcp_session_exec_finish (GlbMcpSession *self, GAsyncResult *result, int stdio[3], GError **error);
/* Whether a command ended before it was known that it had begun: to be asked at once after exec_finish(). */
gboolean glb_mcp_session_take_exit   (GlbMcpSession *self, guint64 number, int *status);
void     glb_mcp_session_kill        (GlbMcpSession *self, guint64 number);

/* The descriptors of a command that nobody waits for: its input ends, its outputs are read and forgotten. */
void     glb_mcp_session_drain (int stdio[3]);
/* Takes one output: who still writes there is not killed by it. */
void     glb_mcp_session_drain_output (int fd);
/* fds: (nullable): of a reply, handles: "ah". All three, or FALSE. */
gboolean glb_mcp_session_take_stdio (GUnixFDList *fds, GVariant *handles, int stdio[3]);

G_END_DECLS
