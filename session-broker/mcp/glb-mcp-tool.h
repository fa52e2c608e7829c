/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/mcp/glb-mcp-call.h"

G_BEGIN_DECLS

/* What a tool does. It borrows call, keeps a reference as long as it needs one, and answers once. */
typedef void (*GlbMcpTool) (GlbMcpCall *call);

/* NULL: there is none of that name, which tools.json then must not have */
GlbMcpTool glb_mcp_tool_find (const char *name);

void glb_mcp_tool_session_start (GlbMcpCall *call);
void glb_mcp_tool_session_info  (GlbMcpCall *call);
void glb_mcp_tool_session_stop  (GlbMcpCall *call);
void glb_mcp_tool_policy_show   (GlbMcpCall *call);
void glb_mcp_tool_policy_request    (GlbMcpCall *call);
void glb_mcp_tool_clipboard_request (GlbMcpCall *call);
void glb_mcp_tool_device_request    (GlbMcpCall *call);
void glb_mcp_tool_network_request   (GlbMcpCall *call);
void glb_mcp_tool_get_ui_tree   (GlbMcpCall *call);
void glb_mcp_tool_find_and_click (GlbMcpCall *call);
void glb_mcp_tool_exec          (GlbMcpCall *call);
void glb_mcp_tool_launch_app    (GlbMcpCall *call);
void glb_mcp_tool_list_windows  (GlbMcpCall *call);
void glb_mcp_tool_wait_for      (GlbMcpCall *call);
void glb_mcp_tool_computer      (GlbMcpCall *call);
void glb_mcp_tool_read_file     (GlbMcpCall *call);
void glb_mcp_tool_write_file    (GlbMcpCall *call);

/* What the tool computer does with these arguments: answers call. */
void glb_mcp_computer_run (GlbMcpCall *call, JsonObject *arguments);

G_END_DECLS
