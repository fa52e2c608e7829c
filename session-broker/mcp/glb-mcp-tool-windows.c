/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include "session-broker/mcp/glb-mcp-window.h"

void
glb_mcp_tool_list_windows (GlbMcpCall *call)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  GVariant *windows;
  JsonObject *answer;
  JsonArray *array;

  if (session == NULL)
    return;

  windows = glb_dbus_session1_get_windows (glb_mcp_session_get_proxy (session));
  array = json_array_new ();
  for (gsize i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr(GVariant) window = g_variant_get_child_value (windows, i);

      json_array_add_object_element (array, glb_mcp_window_to_json (window));
    }
  answer = json_object_new ();
  json_object_set_array_member (answer, "windows", array);
  glb_mcp_call_return (call, answer, NULL, FALSE);
}
