/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What programs say of their windows: elements by role and name, instead of pixels. */

#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include "session-broker/mcp/glb-mcp-act.h"

/* Beyond what the broker waits for programs that do not answer. */
#define ACT_DEADLINE_MS (60 * 1000)

static const char * const target_members[] = { "role", "name", "text", "appId", "title", "states", "index", NULL };

static JsonObject *
copy_members (JsonObject         *from,
              const char * const *names)
{
  JsonObject *to = json_object_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (json_object_has_member (from, names[i]))
      json_object_set_member (to, names[i], json_node_copy (json_object_get_member (from, names[i])));
  return to;
}

/* ---- get_ui_tree ---------------------------------------------------------------------- */

typedef struct
{
  GlbMcpCall *call;
  GlbMcpSession *session;
} Look;

static void
tree_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autofree Look *look = user_data;
  g_autoptr(GlbMcpCall) call = look->call;
  g_autoptr(GlbMcpSession) session = look->session;
  g_autoptr(GBytes) png = NULL;
  GError *error = NULL;
  JsonObject *answer = glb_mcp_act_finish (session, result, &png, &error);

  if (answer == NULL)
    glb_mcp_call_refuse_error (call, error);
  else
    glb_mcp_call_return (call, answer, NULL,
                         !g_str_equal (json_object_get_string_member_with_default (answer, "status", ""), "delivered"));
}

void
glb_mcp_tool_get_ui_tree (GlbMcpCall *call)
{
  static const char * const members[] = { "window", "appId", "title", "maxNodes", "maxDepth", NULL };
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  g_autoptr(JsonObject) action = NULL;
  Look *look;

  if (session == NULL)
    return;

  action = copy_members (glb_mcp_call_get_arguments (call), members);
  json_object_set_string_member (action, "action", "ui_tree");
  look = g_new (Look, 1);
  look->call = glb_mcp_call_ref (call);
  look->session = g_object_ref (session);
  glb_mcp_act_async (session, action, ACT_DEADLINE_MS, glb_mcp_call_get_cancellable (call), tree_cb, look);
}

/* ---- find_and_click --------------------------------------------------------------------- */

void
glb_mcp_tool_find_and_click (GlbMcpCall *call)
{
  static const char * const members[] = { "session", "image", NULL };
  JsonObject *given = glb_mcp_call_get_arguments (call);
  g_autoptr(JsonObject) arguments = copy_members (given, members);

  json_object_set_string_member (arguments, "action", json_object_get_string_member_with_default (given, "click", "left_click"));
  json_object_set_string_member (arguments, "dialect", "glovebox");
  json_object_set_object_member (arguments, "target", copy_members (given, target_members));
  glb_mcp_computer_run (call, arguments);
}
