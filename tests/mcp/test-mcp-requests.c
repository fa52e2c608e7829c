/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "policies/glb-policy.h"
#include "tests/mcp/mcp-session.h"

/* What an agent asks the person for by MCP, with a person who says yes and no, and an agent who says it himself. */

#define ASKS \
  "{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"t\"},\"isolation\":{\"tier\":\"session\"}," \
  "\"filesystem\":{\"allowWrite\":[\"${WORKSPACE}/**\"]}," \
  "\"process\":{\"allowSpawn\":true},\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"allow\"}}," \
  "\"network\":{\"default\":\"prompt\",\"allowDomains\":[\"allowed.example:80\"]}}"

static McpClient *
start (BrokerFixture *fixture)
{
  g_autofree char *policy = g_build_filename (fixture->root, "policy.json", NULL);
  const char *options[] = { "--policy", policy, "--workspace", fixture->workspace, NULL };

  g_assert_true (g_file_set_contents (policy, ASKS, -1, NULL));
  return mcp_client_new (mcp_get_program (), FALSE, options);
}

static void
answer (BrokerFixture *fixture,
        gboolean       yes)
{
  test_wait (mcp_has_prompt, fixture, "the question");
  mcp_answer_prompt (fixture, yes ? "Allow" : "Deny", yes ? g_variant_new ("(su)", "once", 0) : NULL);
}

/* (transfer full): a property of the one question that is open */
static char *
get_prompt_text (BrokerFixture *fixture,
                 const char    *name)
{
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  test_wait (mcp_has_prompt, fixture, "the question");
  path = mcp_find_prompt (fixture);
  reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, path, "org.freedesktop.DBus.Properties", "Get",
                                       g_variant_new ("(ss)", "org.glovebox.Prompt1", name), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return g_variant_dup_string (value, NULL);
}

static gint64
ask (McpClient  *client,
     const char *tool,
     const char *session,
     const char *more)
{
  g_autofree char *arguments = g_strconcat (session, more, NULL);

  return mcp_client_send_call (client, tool, arguments);
}

/* The code of the answer to id; NULL: it is no error. (transfer full) */
static char *
wait_code (McpClient *client,
           gint64     id)
{
  g_autoptr(JsonObject) message = mcp_client_wait (client, id);
  JsonObject *result = json_object_get_object_member (message, "result");
  JsonObject *structured = json_object_get_object_member (result, "structuredContent");

  if (!json_object_get_boolean_member (result, "isError"))
    return NULL;
  return g_strdup (json_object_get_string_member (structured, "code"));
}

static void
check_code (McpClient  *client,
            gint64      id,
            const char *expected)
{
  g_autofree char *code = wait_code (client, id);

  g_assert_cmpstr (code, ==, expected);
}

/* ---- a policy -------------------------------------------------------------------------- */

#define WIDER ",\"patch\":{\"network\":{\"allowDomains\":[\"allowed.example:80\",\"new.example:443\"]}},\"reason\":\"to fetch it\""
#define OTHER ",\"patch\":{\"desktop\":{\"width\":800}},\"reason\":\"to see more\""

static char *
get_hash (McpClient  *client,
          const char *session)
{
  g_autoptr(JsonObject) shown = mcp_client_call (client, "policy_show", session, FALSE, NULL);

  return g_strdup (json_object_get_string_member (shown, "hash"));
}

/* The person reads what differs, in lines, and the agent's words in one; and what the yes is bound to is the policy's hash. */
static void
test_policy_asked (BrokerFixture *fixture,
                   gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *before = NULL;
  g_autofree char *running = NULL;
  g_autofree char *after = NULL;
  g_autofree char *preview = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *later = NULL;
  g_autofree char *of_later = NULL;
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  before = get_hash (client, "");
  id = ask (client, "policy_request", session,
             ",\"patch\":{\"network\":{\"allowDomains\":[\"allowed.example:80\",\"new.example:443\"]}},\"reason\":\"to fetch it\\n+ innocent: line\"");
  preview = get_prompt_text (fixture, "Preview");
  sha256 = get_prompt_text (fixture, "Sha256");
  g_assert_true (g_str_has_prefix (preview, "network.allowDomains: + \"https://new.example:443\"\nThe agent's reason: to fetch it"));
  g_assert_null (strchr (strchr (preview, '\n') + 1, '\n'));
  mcp_try_to_answer (client);
  g_assert_true (mcp_has_prompt (fixture));
  g_assert_false (mcp_client_has (client, id));

  answer (fixture, TRUE);
  check_code (client, id, NULL);
  after = get_hash (client, "");
  running = get_hash (client, session);
  g_assert_cmpstr (after, ==, sha256);
  g_assert_cmpstr (running, ==, before);
  later = mcp_start_session (fixture, client, NULL);
  of_later = get_hash (client, later);
  g_assert_cmpstr (of_later, ==, sha256);
  mcp_client_close (client);
}

static void
test_policy_denied (BrokerFixture *fixture,
                    gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  before = get_hash (client, "");
  id = ask (client, "policy_request", session, WIDER);
  answer (fixture, FALSE);
  check_code (client, id, "policy_denied");

  mcp_call_refused (client, "policy_request", session, ",\"patch\":{\"network\":{\"allowDomains\":1}},\"reason\":\"r\"", "invalid_arguments");
  mcp_call_refused (client, "policy_request", session, ",\"patch\":{\"noSuchThing\":{}},\"reason\":\"r\"", "invalid_arguments");
  mcp_call_refused (client, "policy_request", session, ",\"patch\":{\"schemaVersion\":null},\"reason\":\"r\"", "invalid_arguments");
  mcp_call_refused (client, "policy_request", session, ",\"patch\":{},\"reason\":\"r\"", "failed");
  mcp_call_refused (client, "policy_request", session, ",\"patch\":[],\"reason\":\"r\"", "invalid_arguments");
  mcp_call_refused (client, "policy_request", session, ",\"patch\":{}", "invalid_arguments");
  g_assert_false (mcp_has_prompt (fixture));
  after = get_hash (client, "");
  g_assert_cmpstr (before, ==, after);
  mcp_client_close (client);
}

/* More than a person can read is not asked at all: what is cut off could be anything. */
static void
test_policy_unreadable (BrokerFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(GString) many = g_string_new (",\"patch\":{\"network\":{\"allowDomains\":[");
  g_autofree char *session = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  for (guint i = 0; i < 200; i++)
    g_string_append_printf (many, "%s\"host%u.example:443\"", i > 0 ? "," : "", i);
  g_string_append (many, "]}},\"reason\":\"r\"");
  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  mcp_call_refused (client, "policy_request", session, many->str, "failed");
  g_assert_false (mcp_has_prompt (fixture));
  mcp_client_close (client);
}

/* Two proposals, one yes: only the one that was shown with it is used. One that was taken back is not used either. */
static void
test_policy_other (BrokerFixture *fixture,
                   gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *hash_later = NULL;
  g_autofree char *cancel = NULL;
  g_autoptr(JsonObject) info = NULL;
  g_autofree char *next = NULL;
  McpClient *client;
  gint64 ids[3];

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  ids[0] = ask (client, "policy_request", session, OTHER);
  shown = get_prompt_text (fixture, "Sha256");
  ids[1] = ask (client, "policy_request", session, WIDER);
  mcp_check_alive (client);
  answer (fixture, TRUE);
  check_code (client, ids[0], NULL);
  hash = get_hash (client, "");
  g_assert_cmpstr (hash, ==, shown);
  answer (fixture, FALSE);
  check_code (client, ids[1], "policy_denied");

  ids[2] = ask (client, "policy_request", session, ",\"patch\":{\"desktop\":{\"width\":900}},\"reason\":\"r\"");
  test_wait (mcp_has_prompt, fixture, "the question");
  cancel = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%" G_GINT64_FORMAT "}}",
                            ids[2]);
  mcp_client_send_line (client, cancel);
  mcp_check_alive (client);
  answer (fixture, TRUE);
  next = mcp_start_session (fixture, client, NULL);
  info = mcp_call (client, "session_info", next, "");
  hash_later = get_hash (client, "");
  g_assert_cmpint (json_object_get_int_member (info, "width"), ==, 800);
  g_assert_cmpstr (hash_later, ==, shown);
  mcp_client_close (client);
}

/* ---- the network ------------------------------------------------------------------------- */

static void
test_network (BrokerFixture *fixture,
              gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autoptr(JsonObject) allowed = NULL;
  g_autofree char *target = NULL;
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  allowed = mcp_call (client, "network_request", session, ",\"host\":\"allowed.example\",\"port\":80");
  g_assert_cmpstr (json_object_get_string_member (allowed, "by"), ==, "allowed.example:80");
  mcp_call_refused (client, "network_request", session, ",\"host\":\"0x7f.1\"", "bad_name");
  mcp_call_refused (client, "network_request", session, ",\"host\":\"\"", "invalid_arguments");
  mcp_call_refused (client, "network_request", session, ",\"host\":\"a.example\",\"port\":0", "invalid_arguments");
  mcp_call_refused (client, "network_request", session, ",\"host\":\"127.0.0.1\"", "policy_denied");

  id = ask (client, "network_request", session, ",\"host\":\"Other.Example\"");
  target = get_prompt_text (fixture, "Target");
  g_assert_cmpstr (target, ==, "other.example:443");
  mcp_try_to_answer (client);
  g_assert_false (mcp_client_has (client, id));
  answer (fixture, TRUE);
  check_code (client, id, NULL);
  /* kept: the next who asks does not ask the person */
  json_object_unref (mcp_call (client, "network_request", session, ",\"host\":\"other.example\""));

  id = ask (client, "network_request", session, ",\"host\":\"bad.example\"");
  answer (fixture, FALSE);
  check_code (client, id, "denied");
  mcp_call_refused (client, "network_request", session, ",\"host\":\"bad.example\"", "denied");
  id = ask (client, "network_request", session, ",\"host\":\"late.example\"");
  test_wait (mcp_has_prompt, fixture, "the question");
  json_object_unref (mcp_call (client, "session_stop", session, ""));
  check_code (client, id, "session-ended");
  mcp_client_close (client);
}

/* ---- a provider's confirmation ------------------------------------------------------------ */

#define CHECKED \
  ",\"type\":\"computer_call\",\"call_id\":\"c\",\"action\":{\"type\":\"move\",\"x\":7,\"y\":9}," \
  "\"pending_safety_checks\":[{\"id\":\"s\",\"code\":\"malicious_instructions\",\"message\":\"Sure?\"}]"

#define CHECKED_LIST \
  ",\"actions\":[{\"name\":\"move\",\"args\":{\"x\":250,\"y\":250}},{\"name\":\"move\",\"args\":{\"x\":500,\"y\":500," \
  "\"safety_decision\":{\"decision\":\"require_confirmation\",\"explanation\":\"Really?\"}}}]"

static void
test_confirm (BrokerFixture *fixture,
              gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *preview = NULL;
  g_autoptr(JsonObject) before = NULL;
  g_autoptr(JsonObject) after = NULL;
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  id = ask (client, "computer", session, CHECKED);
  preview = get_prompt_text (fixture, "Preview");
  g_assert_nonnull (strstr (preview, "Sure?"));
  g_assert_nonnull (strstr (preview, "\"coordinate\":[7,9]"));
  mcp_try_to_answer (client);
  answer (fixture, FALSE);
  check_code (client, id, "unconfirmed");
  before = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\"");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (before, "pointer"), 0), ==, 0);

  id = ask (client, "computer", session, CHECKED);
  answer (fixture, TRUE);
  check_code (client, id, NULL);
  after = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\"");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (after, "pointer"), 0), ==, 7);
  mcp_client_close (client);
}

/* One of a list that has to be confirmed holds back all of them, those before it too. */
static void
test_confirm_list (BrokerFixture *fixture,
                   gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *preview = NULL;
  g_autoptr(JsonObject) before = NULL;
  g_autoptr(JsonObject) after = NULL;
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  session = mcp_start_session (fixture, client, NULL);
  id = ask (client, "computer", session, CHECKED_LIST);
  preview = get_prompt_text (fixture, "Preview");
  g_assert_nonnull (strstr (preview, "Really?"));
  answer (fixture, FALSE);
  check_code (client, id, "unconfirmed");
  before = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\"");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (before, "pointer"), 0), ==, 0);

  id = ask (client, "computer", session, CHECKED_LIST);
  answer (fixture, TRUE);
  check_code (client, id, NULL);
  after = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\"");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (after, "pointer"), 0), ==, 320);
  mcp_client_close (client);
}

/* ---- the record --------------------------------------------------------------------------- */

/* Who started a command, by the record. (transfer full) */
static char *
find_starter (BrokerFixture *fixture,
              const char    *id,
              const char    *word)
{
  g_autofree char *name = g_strconcat (id, ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->audit_dir, name, NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "\"command-start\"") != NULL && strstr (lines[i], word) != NULL)
      {
        g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);

        return g_strdup (json_object_get_string_member (json_node_get_object (node), "actor"));
      }
  g_error ("no record of %s", word);
}

static void
test_actor (BrokerFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(JsonObject) started = NULL;
  g_autoptr(GlbDBusSession1) proxy = NULL;
  g_autofree char *session = NULL;
  g_autofree char *of_mcp = NULL;
  g_autofree char *of_launch = NULL;
  g_autofree char *of_first = NULL;
  g_autofree char *of_person = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[] = { "echo", "by-the-person", NULL };
  const char *id;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = start (fixture);
  started = mcp_client_call (client, "session_start", "", FALSE, NULL);
  id = json_object_get_string_member (started, "id");
  proxy = mcp_remember (fixture, id);
  session = g_strdup_printf ("\"session\":\"%s\"", json_object_get_string_member (started, "session"));
  mcp_check_output (client, session, "echo by-mcp", "by-mcp\n");
  json_object_unref (mcp_call (client, "launch_app", session, ",\"command\":[\"echo\",\"by-launch\"]"));
  reply = g_dbus_proxy_call_sync (G_DBUS_PROXY (proxy), "Exec", g_variant_new ("(a{sv}^as)", NULL, argv), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                  &error);
  g_assert_no_error (error);
  of_mcp = find_starter (fixture, id, "by-mcp");
  of_launch = find_starter (fixture, id, "by-launch");
  of_first = find_starter (fixture, id, "infinity");
  of_person = find_starter (fixture, id, "by-the-person");
  g_assert_cmpstr (of_mcp, ==, "agent");
  g_assert_cmpstr (of_launch, ==, "agent");
  g_assert_cmpstr (of_first, ==, "agent");
  g_assert_cmpstr (of_person, ==, "human");
  mcp_client_close (client);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *path; void (*test) (BrokerFixture *, gconstpointer); } tests[] = {
    { "/mcp-requests/policy", test_policy_asked },
    { "/mcp-requests/policy-denied", test_policy_denied },
    { "/mcp-requests/policy-unreadable", test_policy_unreadable },
    { "/mcp-requests/policy-other", test_policy_other },
    { "/mcp-requests/network", test_network },
    { "/mcp-requests/confirm", test_confirm },
    { "/mcp-requests/confirm-list", test_confirm_list },
    { "/mcp-requests/actor", test_actor },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  mcp_set_program (argv[1]);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, BrokerFixture, NULL, broker_fixture_set_up, tests[i].test, broker_fixture_tear_down);
  return g_test_run ();
}
