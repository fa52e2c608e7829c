/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/mcp/mcp-session.h"

static const char *glovebox;

void
mcp_set_program (const char *program)
{
  glovebox = program;
}

const char *
mcp_get_program (void)
{
  return glovebox;
}

McpClient *
mcp_start_client (BrokerFixture *fixture,
                  gboolean       stateless)
{
  const char *options[] = { "--workspace", fixture->workspace, NULL };

  return mcp_client_new (glovebox, stateless, options);
}

GlbDBusSession1 *
mcp_remember (BrokerFixture *fixture,
              const char    *id)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  GlbDBusSession1 *proxy;

  glb_dbus_broker1_call_find_sync (fixture->broker, id, &path, NULL, &error);
  g_assert_no_error (error);
  proxy = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (fixture->client), G_DBUS_PROXY_FLAGS_NONE, NULL, path, NULL,
                                            &error);
  g_assert_no_error (error);
  g_hash_table_add (fixture->ids, g_strdup (id));
  g_hash_table_add (fixture->pids, GUINT_TO_POINTER (glb_dbus_session1_get_pid (proxy)));
  g_hash_table_add (fixture->uids, GUINT_TO_POINTER (glb_dbus_session1_get_agent_uid (proxy)));
  if (glb_dbus_session1_get_compositor_uid (proxy) != 0)
    g_hash_table_add (fixture->uids, GUINT_TO_POINTER (glb_dbus_session1_get_compositor_uid (proxy)));
  return proxy;
}

char *
mcp_start_session (BrokerFixture *fixture,
                   McpClient     *client,
                   guint         *uid)
{
  g_autoptr(JsonObject) started = mcp_client_call (client, "session_start", "", FALSE, NULL);
  g_autoptr(GlbDBusSession1) proxy = mcp_remember (fixture, json_object_get_string_member (started, "id"));

  if (uid != NULL)
    *uid = glb_dbus_session1_get_agent_uid (proxy);
  return g_strdup_printf ("\"session\":\"%s\"", json_object_get_string_member (started, "session"));
}

JsonObject *
mcp_call (McpClient  *client,
          const char *tool,
          const char *session,
          const char *more)
{
  g_autofree char *arguments = g_strconcat (session, more, NULL);

  return mcp_client_call (client, tool, arguments, FALSE, NULL);
}

void
mcp_call_refused (McpClient  *client,
                  const char *tool,
                  const char *session,
                  const char *more,
                  const char *code)
{
  g_autofree char *arguments = g_strconcat (session, more, NULL);

  mcp_client_call_refused (client, tool, arguments, code);
}

void
mcp_check_output (McpClient  *client,
                  const char *session,
                  const char *command,
                  const char *expected)
{
  g_autofree char *more = g_strdup_printf (",\"command\":[\"sh\",\"-c\",\"%s\"]", command);
  g_autoptr(JsonObject) result = mcp_call (client, "exec", session, more);

  g_assert_cmpint (json_object_get_int_member (result, "exitCode"), ==, 0);
  g_assert_cmpstr (json_object_get_string_member (result, "stdout"), ==, expected);
}

void
mcp_check_alive (McpClient *client)
{
  g_autoptr(JsonObject) pong = mcp_client_wait (client, mcp_client_send (client, "ping", NULL));

  g_assert_true (json_object_has_member (pong, "result"));
}

char *
mcp_find_prompt (BrokerFixture *fixture)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariantIter) objects = NULL;
  char *found = NULL;
  const char *path;

  reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, "/org/glovebox/Broker1",
                                       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                                       NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &objects);
  while (found == NULL && g_variant_iter_next (objects, "{&o@a{sa{sv}}}", &path, NULL))
    if (g_str_has_prefix (path, "/org/glovebox/Broker1/prompts/"))
      found = g_strdup (path);
  return found;
}

gboolean
mcp_has_prompt (gpointer user_data)
{
  g_autofree char *path = mcp_find_prompt (user_data);

  return path != NULL;
}

void
mcp_answer_prompt (BrokerFixture *fixture,
                   const char    *method,
                   GVariant      *parameters)
{
  g_autofree char *path = mcp_find_prompt (fixture);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, path, "org.glovebox.Prompt1", method, parameters,
                                       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

void
mcp_try_to_answer (McpClient *client)
{
  static const char * const methods[] = { "elicitation/create", "prompts/allow", "prompts/list" };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr(JsonObject) answer = mcp_client_wait (client, mcp_client_send (client, methods[i], "\"action\":\"accept\""));

      g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (answer, "error"), "code"), ==, -32601);
    }
  for (guint id = 0; id < 20; id++)
    {
      g_autofree char *line = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"action\":\"accept\"}}", id);

      mcp_client_send_line (client, line);
    }
  mcp_check_alive (client);
}
