/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/mcp/glb-mcp-config.h"

G_BEGIN_DECLS

/**
 * GlbMcpServer:
 *
 * One MCP client over two descriptors, until it closes them or a signal ends us. Calls run beside each other on the main loop; at
 * the end those in flight are cancelled, and the sessions end.
 */
typedef struct _GlbMcpServer GlbMcpServer;

/* So many calls may be in flight. */
#define GLB_MCP_CALLS_MAX 64

/* config: has to outlive it */
GlbMcpServer *glb_mcp_server_new  (const GlbMcpConfig *config, int in, int out);
/* Until the end. */
void          glb_mcp_server_run  (GlbMcpServer *self);
void          glb_mcp_server_free (GlbMcpServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpServer, glb_mcp_server_free)

G_END_DECLS
