/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/**
 * GlbMcpWorkspace:
 *
 * The files of a session's workspace, for its agent outside: no more than the policy lets the session itself have of them.
 * The session is hostile and writes there at the same time, so that each path is walked by the kernel, from the folder that the
 * person meant, and neither leaves it nor follows a link.
 */
typedef struct _GlbMcpWorkspace GlbMcpWorkspace;

#define GLB_MCP_FILE_MAX (1024 * 1024)

/* A folder inside folder; relative: (nullable): folder itself. -1 with error. */
int glb_mcp_workspace_open (int folder, const char *untrusted_relative, GError **error);

/* Takes fd. */
GlbMcpWorkspace *glb_mcp_workspace_new   (int fd, const GlbPolicy *policy, GError **error);
GlbMcpWorkspace *glb_mcp_workspace_ref   (GlbMcpWorkspace *self);
void             glb_mcp_workspace_unref (GlbMcpWorkspace *self);
const char      *glb_mcp_workspace_get_path (GlbMcpWorkspace *self);
int              glb_mcp_workspace_get_fd   (GlbMcpWorkspace *self);

/* What the policy says about it. Pure. */
GlbFileAccess glb_mcp_workspace_get_access (GlbMcpWorkspace *self, const char *untrusted_relative);

/* At most max_bytes from offset. G_IO_ERROR_PERMISSION_DENIED: the policy, G_IO_ERROR_INVALID_FILENAME: not a path inside.
 * They block. */
GBytes  *glb_mcp_workspace_read  (GlbMcpWorkspace *self, const char *untrusted_relative, guint64 offset, gsize max_bytes,
                                  guint64 *total, GError **error);
/* The whole file, whole or not at all. */
gboolean glb_mcp_workspace_write (GlbMcpWorkspace *self, const char *untrusted_relative, GBytes *content, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpWorkspace, glb_mcp_workspace_unref)

G_END_DECLS
