/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include <string.h>

#include "policies/glb-strict-json.h"

#define STOP_DEADLINE_MS (30 * 1000)
#define POLICY_BYTES_MAX (4 * 1024 * 1024)

static void
set_string (JsonObject *object,
            const char *name,
            const char *value)
{
  json_object_set_string_member (object, name, value != NULL ? value : "");
}

static JsonObject *
describe (GlbMcpSession *session)
{
  GlbDBusSession1 *proxy = glb_mcp_session_get_proxy (session);
  JsonObject *result = json_object_new ();

  set_string (result, "session", glb_mcp_session_get_handle (session));
  set_string (result, "id", glb_dbus_session1_get_id (proxy));
  set_string (result, "name", glb_dbus_session1_get_name (proxy));
  json_object_set_int_member (result, "width", glb_dbus_session1_get_width (proxy));
  json_object_set_int_member (result, "height", glb_dbus_session1_get_height (proxy));
  return result;
}

/* ---- session_start -------------------------------------------------------------------- */

static void
declare_model (GlbMcpCall    *call,
               GlbMcpSession *session)
{
  JsonObject *arguments = glb_mcp_call_get_arguments (call);
  JsonArray *size = json_object_has_member (arguments, "modelSize") ? json_object_get_array_member (arguments, "modelSize") : NULL;
  GlbDialect dialect = GLB_DIALECT_AUTO;

  glb_dialect_from_string (json_object_get_string_member_with_default (arguments, "dialect", "auto"), &dialect);
  glb_mcp_session_set_model (session, dialect, size != NULL ? (int) json_array_get_int_element (size, 0) : 0,
                             size != NULL ? (int) json_array_get_int_element (size, 1) : 0);
}

static void
start_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbMcpCall) call = user_data;
  g_autoptr(GlbMcpSession) session = NULL;
  GError *error = NULL;

  session = glb_mcp_sessions_start_finish (GLB_MCP_SESSIONS (source), result, &error);
  if (session == NULL)
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }
  declare_model (call, session);
  /* nobody will hear of it */
  if (glb_mcp_call_is_cancelled (call))
    glb_mcp_session_stop (session, STOP_DEADLINE_MS, NULL, NULL);

  glb_mcp_call_return (call, describe (session), NULL, FALSE);
}

void
glb_mcp_tool_session_start (GlbMcpCall *call)
{
  /* a session is as long as its first command, and this one is as long as nobody ends it */
  static const char * const nothing[] = { "sleep", "infinity", NULL };
  g_auto(GStrv) argv = glb_mcp_call_dup_strings (call, "command");

  glb_mcp_sessions_start_async (glb_mcp_call_get_sessions (call), argv != NULL ? (const char * const *) argv : nothing,
                                glb_mcp_call_get_string (call, "name"), glb_mcp_call_get_string (call, "workspace"), start_cb,
                                glb_mcp_call_ref (call));
}

/* ---- session_info, session_stop --------------------------------------------------------- */

void
glb_mcp_tool_session_info (GlbMcpCall *call)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, TRUE);
  GlbDBusSession1 *proxy;
  const char *driver;
  JsonObject *answer;

  if (session == NULL)
    return;

  proxy = glb_mcp_session_get_proxy (session);
  driver = glb_dbus_session1_get_driver (proxy);
  answer = describe (session);
  set_string (answer, "state", glb_mcp_session_get_state (session));
  set_string (answer, "reason", glb_mcp_session_get_reason (session));
  set_string (answer, "driver", glb_mcp_session_has_ended (session) || driver == NULL ? "nobody" : driver);
  set_string (answer, "policyHash", glb_dbus_session1_get_policy_hash (proxy));
  glb_mcp_call_return (call, answer, NULL, FALSE);
}

typedef struct
{
  GlbMcpCall *call;
  GlbMcpSession *session;
} Stop;

static void
return_stopped (GlbMcpCall    *call,
                GlbMcpSession *session,
                const char    *reason)
{
  JsonObject *answer = json_object_new ();

  set_string (answer, "session", glb_mcp_session_get_handle (session));
  set_string (answer, "state", "ended");
  set_string (answer, "reason", reason);
  glb_mcp_call_return (call, answer, NULL, FALSE);
}

static void
stop_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autofree Stop *stop = user_data;
  g_autoptr(GlbMcpCall) call = stop->call;
  g_autoptr(GlbMcpSession) session = stop->session;
  GError *error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  const char *reason = glb_mcp_session_get_reason (session);

  if (reply != NULL)
    return_stopped (call, session, *reason != '\0' ? reason : "stopped");
  else
    glb_mcp_call_refuse_error (call, error);
}

void
glb_mcp_tool_session_stop (GlbMcpCall *call)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, TRUE);
  Stop *stop;

  if (session == NULL)
    return;
  if (glb_mcp_session_has_ended (session))
    {
      return_stopped (call, session, glb_mcp_session_get_reason (session));
      return;
    }

  stop = g_new (Stop, 1);
  stop->call = glb_mcp_call_ref (call);
  stop->session = g_object_ref (session);
  glb_mcp_session_stop (session, STOP_DEADLINE_MS, stop_cb, stop);
}

/* ---- policy_show ------------------------------------------------------------------------ */

static void
return_policy (GlbMcpCall *call,
               const char *hash,
               const char *policy)
{
  static const GlbStrictJsonLimits limits = { POLICY_BYTES_MAX, 16 };
  GError *error = NULL;
  g_autoptr(JsonNode) node = glb_strict_json_parse (policy, strlen (policy), GLB_STRICT_JSON_DEFAULT, &limits, NULL, &error);
  JsonObject *answer;

  if (node == NULL)
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }

  answer = json_object_new ();
  set_string (answer, "hash", hash);
  json_object_set_member (answer, "policy", g_steal_pointer (&node));
  glb_mcp_call_return (call, answer, NULL, FALSE);
}

void
glb_mcp_tool_policy_show (GlbMcpCall *call)
{
  const GlbPolicy *policy = glb_mcp_sessions_get_policy (glb_mcp_call_get_sessions (call));
  GlbMcpSession *session;
  GlbDBusSession1 *proxy;

  if (glb_mcp_call_get_string (call, "session") == NULL)
    {
      return_policy (call, glb_policy_get_hash (policy), glb_policy_get_canonical (policy));
      return;
    }

  session = glb_mcp_call_find_session (call, TRUE);
  if (session == NULL)
    return;
  proxy = glb_mcp_session_get_proxy (session);
  if (glb_dbus_session1_get_policy (proxy) == NULL)
    glb_mcp_call_refuse (call, "session_ended", "the session had ended before its policy was known");
  else
    return_policy (call, glb_dbus_session1_get_policy_hash (proxy), glb_dbus_session1_get_policy (proxy));
}
