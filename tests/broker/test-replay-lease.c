/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A replay at the seat of a real session: it drives under its own name, under the agent's rules, and gives way to a person. */

#include "config.h"

#include <string.h>

#include "session-broker/client/glb-broker-error.h"
#include "tests/broker/terminal-fixture.h"

/* Another client of the person's, at the same session. */
typedef struct
{
  GlbClient *client;
  GlbDBusSession1 *session;
} Other;

static void
other_clear (Other *other)
{
  g_clear_object (&other->session);
  g_clear_object (&other->client);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Other, other_clear)

static void
other_open (Other *other, TestSession *session)
{
  g_autoptr(GError) error = NULL;

  other->client = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  other->session = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (other->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                     g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), NULL, &error);
  g_assert_no_error (error);
}

static void
assert_acts (GlbDBusSession1 *session, const char *action, const char *words)
{
  g_autofree char *result = NULL;
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_act_sync (session, action, NULL, &result, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  if (strstr (result, words) == NULL)
    g_error ("%s gave %s, not %s", action, result, words);
}

static void
take (GlbDBusSession1 *session)
{
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_take_replay_lease_sync (session, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_no_take (GlbDBusSession1 *session, GlbBrokerError code, const char *words)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_dbus_session1_call_take_replay_lease_sync (session, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
release (GlbDBusSession1 *session)
{
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_release_lease_sync (session, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_drives (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(JsonObject) taken = NULL;
  g_autoptr(JsonObject) record = NULL;
  g_auto(Other) other = { NULL };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  other_open (&other, session);
  take (session->proxy);
  assert_acts (session->proxy, "{\"action\":\"lease_status\"}", "\"driver\":\"replay\"");
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"replayed\\n\"}", "delivered");
  terminal_wait_lines (session, "replayed\n");
  taken = test_session_find_record (fixture, session, "lease-taken", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (taken, "actor"), ==, "replay");
  record = test_session_find_record (fixture, session, "action", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (record, "actor"), ==, "replay");

  /* the agent has not the seat meanwhile, and no second replay gets it */
  assert_acts (other.session, "{\"action\":\"type\",\"text\":\"agent\"}", "policy_denied");
  assert_no_take (other.session, GLB_BROKER_ERROR_STATE, "another replay drives");

  release (session->proxy);
  assert_acts (other.session, "{\"action\":\"type\",\"text\":\"agent\\n\"}", "delivered");
  terminal_wait_lines (session, "replayed\nagent\n");
}

/* The rules for agents bind it. The same chord is the person's to press. */
static void
test_rules (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"denyChords\":[\"ctrl+u\"]"));
  take (session->proxy);
  assert_acts (session->proxy, "{\"action\":\"key\",\"text\":\"ctrl+u\"}", "policy_denied");
  release (session->proxy);
  glb_dbus_session1_call_take_lease_sync (session->proxy, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_acts (session->proxy, "{\"action\":\"key\",\"text\":\"ctrl+u\"}", "delivered");
}

/* Where no agent may drive, a replay would be the way around it. */
static void
test_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, ",\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"deny\",\"human\":\"on-takeover\"}}");
  assert_no_take (session->proxy, GLB_BROKER_ERROR_POLICY, "lets no agent drive");
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"x\"}", "policy_denied");
}

/* A person takes over. What the replay still does is not done in the agent's name, before and after the person gave back. */
static void
test_person (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Other) person = { NULL };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  other_open (&person, session);
  take (session->proxy);
  glb_dbus_session1_call_take_lease_sync (person.session, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"a\"}", "lease_human");
  assert_no_take (session->proxy, GLB_BROKER_ERROR_STATE, "a person drives");

  release (person.session);
  assert_acts (person.session, "{\"action\":\"lease_status\"}", "\"driver\":\"agent\"");
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"a\"}", "policy_denied");
  take (session->proxy);
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"again\\n\"}", "delivered");
  terminal_wait_lines (session, "again\n");
}

static gboolean
agent_drives (gpointer user_data)
{
  TestSession *session = user_data;

  return g_strcmp0 (glb_dbus_session1_get_driver (session->proxy), "agent") == 0;
}

/* Its client dies: the seat is the agent's again. */
static void
test_gone (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Other) replay = { NULL };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  other_open (&replay, session);
  take (replay.session);
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"a\"}", "policy_denied");
  g_dbus_connection_close_sync (glb_client_get_connection (replay.client), NULL, &error);
  g_assert_no_error (error);
  test_wait (agent_drives, session, "the seat to be the agent's");
  assert_acts (session->proxy, "{\"action\":\"type\",\"text\":\"agent\\n\"}", "delivered");
  terminal_wait_lines (session, "agent\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/broker/replay-lease/" name, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)
  ADD ("drives", test_drives);
  ADD ("rules", test_rules);
  ADD ("policy", test_denied);
  ADD ("person", test_person);
  ADD ("gone", test_gone);
  return g_test_run ();
}
