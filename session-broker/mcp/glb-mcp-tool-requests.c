/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the policy gives only after a person's yes. The answer is the person's, at the seat: these calls wait for it. */

#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

/* As long as a person may think. */
#define ANSWER_DEADLINE_MS ((3600 + 30) * 1000)

/* The arguments as the action of this name. */
static void
run_action (GlbMcpCall *call,
            const char *action)
{
  g_autoptr(JsonNode) copy = json_node_init_object (json_node_alloc (), glb_mcp_call_get_arguments (call));
  g_autoptr(JsonNode) arguments = json_node_copy (copy);

  json_object_set_string_member (json_node_get_object (arguments), "action", action);
  glb_mcp_computer_run (call, json_node_get_object (arguments));
}

void
glb_mcp_tool_clipboard_request (GlbMcpCall *call)
{
  run_action (call, "clipboard_request");
}

void
glb_mcp_tool_device_request (GlbMcpCall *call)
{
  run_action (call, "device_request");
}

/* ---- the network ---------------------------------------------------------------------- */

static void
network_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GlbMcpCall) call = user_data;
  GError *error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  const char *code, *message, *by;
  JsonObject *answer;

  if (reply == NULL)
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }

  g_variant_get (reply, "(&s&s&s)", &code, &message, &by);
  if (!g_str_equal (code, "allowed"))
    {
      glb_mcp_call_refuse (call, code, "%s", message);
      return;
    }
  answer = json_object_new ();
  json_object_set_string_member (answer, "verdict", code);
  json_object_set_string_member (answer, "by", by);
  glb_mcp_call_return (call, answer, NULL, FALSE);
}

void
glb_mcp_tool_network_request (GlbMcpCall *call)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);

  if (session == NULL)
    return;

  glb_mcp_call_set_doing (call, "waiting for the person's answer");
  g_dbus_proxy_call (G_DBUS_PROXY (glb_mcp_session_get_proxy (session)), "RequestNetwork",
                     g_variant_new ("(su)", glb_mcp_call_get_string (call, "host"), (guint) glb_mcp_call_get_int (call, "port", 443)),
                     G_DBUS_CALL_FLAGS_NONE, ANSWER_DEADLINE_MS, glb_mcp_call_get_cancellable (call), network_cb,
                     glb_mcp_call_ref (call));
}
