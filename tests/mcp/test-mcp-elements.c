/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/mcp/mcp-session.h"

/* A calculator that is used without pixels: looked at, clicked on and waited for by its elements. */

static char *
open_calculator (BrokerFixture *fixture,
                 McpClient    **client)
{
  char *session;

  if (!broker_fixture_can_run (TRUE))
    return NULL;
  if (!g_file_test ("/usr/bin/gnome-calculator", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("gnome-calculator is missing; install the package gnome-calculator");
      return NULL;
    }

  *client = mcp_start_client (fixture, TRUE);
  session = mcp_start_session (fixture, *client, NULL);
  json_object_unref (mcp_call (*client, "launch_app", session, ",\"command\":[\"gnome-calculator\"]"));
  json_object_unref (mcp_call (*client, "wait_for", session, ",\"element\":{\"role\":\"push button\",\"name\":\"=*\"},\"quietMs\":100,\"timeoutMs\":60000"));
  return session;
}

/* The names of its buttons begin with what is on them. */
static gboolean
has_node (JsonObject *node,
          const char *name)
{
  JsonArray *children;

  if (g_str_has_prefix (json_object_get_string_member_with_default (node, "name", ""), name))
    return TRUE;
  if (!json_object_has_member (node, "children"))
    return FALSE;
  children = json_object_get_array_member (node, "children");
  for (guint i = 0; i < json_array_get_length (children); i++)
    if (has_node (json_array_get_object_element (children, i), name))
      return TRUE;
  return FALSE;
}

static void
test_calculates (BrokerFixture *fixture,
                 gconstpointer  data)
{
  static const char * const keys[] = { "7", "×", "6", "=" };
  McpClient *client;
  g_autofree char *session = open_calculator (fixture, &client);
  g_autoptr(JsonObject) look = NULL;
  JsonArray *windows;

  if (session == NULL)
    return;

  look = mcp_call (client, "get_ui_tree", session, ",\"appId\":\"*alculator\"");
  windows = json_object_get_array_member (look, "windows");
  g_assert_cmpuint (json_array_get_length (windows), ==, 1);
  g_assert_true (has_node (json_object_get_object_member (json_array_get_object_element (windows, 0), "tree"), "×"));

  mcp_call_refused (client, "wait_for", session, ",\"text\":\"42\",\"timeoutMs\":1", "timeout");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *target = g_strdup_printf (",\"role\":\"push button\",\"name\":\"%s*\",\"image\":\"changed\"", keys[i]);
      g_autoptr(JsonObject) clicked = mcp_call (client, "find_and_click", session, target);

      g_assert_true (json_object_has_member (clicked, "target"));
    }
  json_object_unref (mcp_call (client, "wait_for", session, ",\"element\":{\"role\":\"text\",\"text\":\"42\"}"));
  mcp_client_close (client);
}

static void
test_refused (BrokerFixture *fixture,
              gconstpointer  data)
{
  McpClient *client;
  g_autofree char *session = open_calculator (fixture, &client);

  if (session == NULL)
    return;

  mcp_call_refused (client, "find_and_click", session, ",\"name\":\"no such button\"", "not_found");
  mcp_call_refused (client, "find_and_click", session, ",\"role\":\"push button\"", "ambiguous");
  mcp_call_refused (client, "find_and_click", session, "", "malformed");
  mcp_call_refused (client, "wait_for", session, ",\"gone\":true", "malformed");
  mcp_call_refused (client, "wait_for", session, ",\"element\":{\"name\":\"7*\"},\"gone\":true,\"timeoutMs\":1", "timeout");
  json_object_unref (mcp_call (client, "wait_for", session, ",\"element\":{\"name\":\"nothing\"},\"gone\":true,\"quietMs\":50"));
  mcp_client_close (client);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *path; void (*test) (BrokerFixture *, gconstpointer); } tests[] = {
    { "/mcp-elements/calculates", test_calculates },
    { "/mcp-elements/refused", test_refused },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  mcp_set_program (argv[1]);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, BrokerFixture, NULL, broker_fixture_set_up, tests[i].test, broker_fixture_tear_down);
  return g_test_run ();
}
