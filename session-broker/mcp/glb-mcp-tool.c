/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

static const struct { const char *name; GlbMcpTool tool; } tools[] = {
  { "session_start", glb_mcp_tool_session_start },
  { "session_info", glb_mcp_tool_session_info },
  { "session_stop", glb_mcp_tool_session_stop },
  { "exec", glb_mcp_tool_exec },
  { "launch_app", glb_mcp_tool_launch_app },
  { "list_windows", glb_mcp_tool_list_windows },
  { "computer", glb_mcp_tool_computer },
  { "wait_for", glb_mcp_tool_wait_for },
  { "read_file", glb_mcp_tool_read_file },
  { "write_file", glb_mcp_tool_write_file },
  { "policy_show", glb_mcp_tool_policy_show },
  { "policy_request", glb_mcp_tool_policy_request },
  { "clipboard_request", glb_mcp_tool_clipboard_request },
  { "device_request", glb_mcp_tool_device_request },
  { "network_request", glb_mcp_tool_network_request },
  { "get_ui_tree", glb_mcp_tool_get_ui_tree },
  { "find_and_click", glb_mcp_tool_find_and_click },
};

GlbMcpTool
glb_mcp_tool_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    if (g_str_equal (tools[i].name, name))
      return tools[i].tool;
  return NULL;
}
