/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/mcp/glb-mcp-server.h"
#include "tests/mcp/mcp-session.h"

/* The program `glovebox mcp`, driven as its clients do, with a real broker, real sessions and a real terminal. */

#define READ_ONLY \
  "{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"t\"},\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]}," \
  "\"process\":{\"allowSpawn\":true}}"

#define ASKS \
  "{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"t\"},\"isolation\":{\"tier\":\"session\"}," \
  "\"process\":{\"allowSpawn\":true},\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"allow\"},\"clipboard\":{\"sessionToHost\":\"prompt\"}}}"

static const char *glovebox;

/* ---- a whole task ------------------------------------------------------------------- */

static void
use_terminal (McpClient  *client,
              const char *session)
{
  g_autofree char *screenshot = g_strconcat (session, ",\"action\":\"screenshot\"", NULL);
  g_autofree char *type = g_strconcat (session, ",\"action\":\"type\",\"text\":\"echo from foot > typed\\n\"", NULL);
  g_autoptr(JsonObject) launched = mcp_call (client, "launch_app", session, ",\"command\":[\"foot\"]");
  g_autoptr(JsonObject) come = mcp_call (client, "wait_for", session, ",\"appId\":\"fo?t\",\"quietMs\":50");
  g_autoptr(JsonObject) windows = mcp_call (client, "list_windows", session, "");
  g_autoptr(GBytes) before = NULL;
  g_autoptr(GBytes) after = NULL;
  g_autoptr(JsonObject) seen = mcp_client_call (client, "computer", screenshot, FALSE, &before);
  g_autoptr(JsonObject) typed = mcp_client_call (client, "computer", type, FALSE, &after);

  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (come, "window"), "appId"), ==, "foot");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (windows, "windows")), ==, 1);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (seen, "image"), "width"), ==, 1280);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (seen, "image"), "height"), ==, 800);
  /* one call: it came back settled, with the picture of the change */
  g_assert_true (json_object_get_boolean_member (typed, "settled"));
  g_assert_false (json_object_get_null_member (typed, "changed"));
  g_assert_cmpint (json_object_get_int_member (typed, "frameId"), >, json_object_get_int_member (seen, "frameId"));
  g_assert_nonnull (before);
  g_assert_nonnull (after);
  g_assert_false (g_bytes_equal (before, after));
}

static gboolean
is_written (gpointer user_data)
{
  g_autofree char *content = NULL;

  return g_file_get_contents (user_data, &content, NULL, NULL) && g_str_equal (content, "from foot\n");
}

static void
test_task (BrokerFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *path = NULL;
  g_autofree char *session = NULL;
  g_autoptr(JsonObject) file = NULL;
  g_autoptr(JsonObject) policy = NULL;
  g_autoptr(JsonObject) stopped = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, GPOINTER_TO_INT (data));
  session = mcp_start_session (fixture, client, NULL);
  use_terminal (client, session);
  path = g_build_filename (fixture->workspace, "typed", NULL);
  test_wait (is_written, path, "what was typed");
  mcp_check_output (client, session, "cat typed", "from foot\n");
  file = mcp_call (client, "read_file", session, ",\"path\":\"typed\"");
  g_assert_cmpstr (json_object_get_string_member (file, "content"), ==, "from foot\n");
  json_object_unref (mcp_call (client, "write_file", session, ",\"path\":\"note\",\"content\":\"AP8=\",\"encoding\":\"base64\""));
  mcp_check_output (client, session, "od -An -tx1 note", " 00 ff\n");
  policy = mcp_call (client, "policy_show", session, "");
  g_assert_true (json_object_has_member (json_object_get_object_member (policy, "policy"), "desktop"));
  stopped = mcp_call (client, "session_stop", session, "");
  g_assert_cmpstr (json_object_get_string_member (stopped, "state"), ==, "ended");
  broker_fixture_wait_clean (fixture);
  mcp_client_close (client);
}

/* ---- refusals ----------------------------------------------------------------------- */

static void
test_computer_refused (BrokerFixture *fixture,
                       gconstpointer  data)
{
  g_autofree char *session = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  mcp_call_refused (client, "computer", session, ",\"action\":\"left_click\",\"coordinate\":[5000,5000]", "out_of_bounds");
  mcp_call_refused (client, "computer", session, ",\"action\":\"key\",\"text\":\"no-such-key\"", "malformed");
  mcp_call_refused (client, "computer", session, ",\"action\":\"key\",\"text\":\"a\",\"expect\":{\"title\":\"x\"}", "expectation_failed");
  mcp_call_refused (client, "wait_for", session, ",\"title\":\"none\",\"timeoutMs\":50", "timeout");
  mcp_call_refused (client, "wait_for", session, "", "invalid_arguments");
  mcp_client_close (client);
}

static void
test_exec (BrokerFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autoptr(JsonObject) failed = NULL;
  g_autoptr(JsonObject) killed = NULL;
  g_autoptr(JsonObject) much = NULL;
  g_autoptr(JsonObject) late = NULL;
  g_autofree char *slow = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  failed = mcp_call (client, "exec", session, ",\"command\":[\"sh\",\"-c\",\"echo out; echo err >&2; exit 3\"]");
  g_assert_cmpint (json_object_get_int_member (failed, "exitCode"), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (failed, "stdout"), ==, "out\n");
  g_assert_cmpstr (json_object_get_string_member (failed, "stderr"), ==, "err\n");
  killed = mcp_call (client, "exec", session, ",\"command\":[\"sh\",\"-c\",\"kill -TERM $$\"]");
  g_assert_cmpint (json_object_get_int_member (killed, "exitCode"), ==, 128 + SIGTERM);
  much = mcp_call (client, "exec", session, ",\"command\":[\"head\",\"-c\",\"300000\",\"/dev/zero\"],\"maxBytes\":4");
  g_assert_cmpint (json_object_get_int_member (much, "stdoutBytes"), ==, 300000);
  /* no program's bytes break a message */
  g_assert_cmpstr (json_object_get_string_member (much, "stdout"), ==, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  /* what a command leaves behind does not keep its answer */
  mcp_check_output (client, session, "sleep 1000 & echo started", "started\n");

  slow = g_strconcat (session, ",\"command\":[\"sleep\",\"1000\"],\"timeoutMs\":50", NULL);
  late = mcp_client_call (client, "exec", slow, TRUE, NULL);
  g_assert_true (json_object_get_boolean_member (late, "timedOut"));
  mcp_call_refused (client, "exec", session, ",\"command\":[\"/no/such/program\"]", "not_found");
  mcp_client_close (client);
}

/* Each tool that takes a session, so that none forgets to look. */
static const char * const session_tools[][2] = {
  { "session_info", "" },
  { "session_stop", "" },
  { "exec", ",\"command\":[\"true\"]" },
  { "launch_app", ",\"command\":[\"true\"]" },
  { "list_windows", "" },
  { "computer", ",\"action\":\"screenshot\"" },
  { "wait_for", ",\"quietMs\":1" },
  { "read_file", ",\"path\":\"a\"" },
  { "write_file", ",\"path\":\"a\",\"content\":\"\"" },
  { "policy_show", "" },
  { "policy_request", ",\"patch\":{},\"reason\":\"r\"" },
  { "network_request", ",\"host\":\"example.org\"" },
  { "clipboard_request", "" },
  { "device_request", ",\"device\":\"camera\"" },
  { "get_ui_tree", "" },
  { "find_and_click", ",\"role\":\"entry\"" },
};

static void
check_unknown (McpClient  *client,
               const char *handle)
{
  g_autofree char *session = g_strdup_printf ("\"session\":\"%s\"", handle);

  for (gsize i = 0; i < G_N_ELEMENTS (session_tools); i++)
    mcp_call_refused (client, session_tools[i][0], session, session_tools[i][1], "unknown_session");
}

static void
test_handles (BrokerFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(JsonObject) started = NULL;
  g_autoptr(GlbDBusSession1) proxy = NULL;
  g_autofree char *mine = NULL;
  g_autofree char *theirs = NULL;
  McpClient *client, *other;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  other = mcp_start_client (fixture, TRUE);
  g_assert_cmpuint (json_array_get_length (client->tools), ==, G_N_ELEMENTS (session_tools) + 1);
  mine = mcp_start_session (fixture, client, NULL);
  started = mcp_client_call (other, "session_start", "\"name\":\"theirs\"", FALSE, NULL);
  proxy = mcp_remember (fixture, json_object_get_string_member (started, "id"));

  check_unknown (client, "00000000000000000000000000000000");
  check_unknown (client, json_object_get_string_member (started, "session"));
  check_unknown (client, json_object_get_string_member (started, "id"));
  check_unknown (client, "theirs");
  /* whose it is may */
  theirs = g_strdup_printf ("\"session\":\"%s\"", json_object_get_string_member (started, "session"));
  mcp_check_output (client, mine, "echo mine", "mine\n");
  mcp_check_output (other, theirs, "echo theirs", "theirs\n");
  mcp_client_close (client);
  mcp_check_output (other, theirs, "echo still", "still\n");
  mcp_client_close (other);
}

static void
test_ended (BrokerFixture *fixture,
            gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autoptr(JsonObject) info = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  json_object_unref (mcp_call (client, "session_stop", session, ""));
  for (gsize i = 0; i < G_N_ELEMENTS (session_tools); i++)
    if (g_str_equal (session_tools[i][0], "session_info") || g_str_equal (session_tools[i][0], "session_stop") ||
        g_str_equal (session_tools[i][0], "policy_show"))
      json_object_unref (mcp_call (client, session_tools[i][0], session, session_tools[i][1]));
    else
      mcp_call_refused (client, session_tools[i][0], session, session_tools[i][1], "session_ended");
  info = mcp_call (client, "session_info", session, "");
  g_assert_cmpstr (json_object_get_string_member (info, "state"), ==, "ended");
  g_assert_cmpstr (json_object_get_string_member (info, "reason"), ==, "stopped");
  mcp_client_close (client);
}

/* The end of a session ends what waits for something in it. */
static void
test_ends_meanwhile (BrokerFixture *fixture,
                     gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *sleep_arguments = NULL;
  g_autofree char *wait_arguments = NULL;
  gint64 ids[2];
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  sleep_arguments = g_strconcat (session, ",\"command\":[\"sleep\",\"1000\"]", NULL);
  wait_arguments = g_strconcat (session, ",\"title\":\"none\",\"timeoutMs\":60000", NULL);
  ids[0] = mcp_client_send_call (client, "exec", sleep_arguments);
  ids[1] = mcp_client_send_call (client, "wait_for", wait_arguments);
  json_object_unref (mcp_call (client, "session_stop", session, ""));
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr(JsonObject) answer = mcp_client_wait (client, ids[i]);

      g_assert_true (json_object_has_member (answer, "result"));
    }
  mcp_client_close (client);
}

/* ---- the person's word ---------------------------------------------------------------- */

static void
test_workspace (BrokerFixture *fixture,
                gconstpointer  data)
{
  g_autofree char *inner = g_build_filename (fixture->root != NULL ? fixture->workspace : "", "inner", NULL);
  g_autofree char *link = g_build_filename (fixture->root != NULL ? fixture->workspace : "", "link", NULL);
  g_autofree char *session = NULL;
  g_autoptr(JsonObject) started = NULL;
  g_autoptr(GlbDBusSession1) proxy = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_cmpint (symlink (fixture->root, link), ==, 0);
  client = mcp_start_client (fixture, FALSE);
  mcp_client_call_refused (client, "session_start", "\"workspace\":\"..\"", "invalid_path");
  mcp_client_call_refused (client, "session_start", "\"workspace\":\"/\"", "invalid_path");
  mcp_client_call_refused (client, "session_start", "\"workspace\":\"link\"", "invalid_path");
  mcp_client_call_refused (client, "session_start", "\"policy\":\"{}\"", "invalid_arguments");
  mcp_client_call_refused (client, "session_start", "\"name\":\"../x\"", "failed");

  started = mcp_client_call (client, "session_start", "\"workspace\":\"inner\"", FALSE, NULL);
  proxy = mcp_remember (fixture, json_object_get_string_member (started, "id"));
  session = g_strdup_printf ("\"session\":\"%s\"", json_object_get_string_member (started, "session"));
  json_object_unref (mcp_call (client, "write_file", session, ",\"path\":\"a\",\"content\":\"inside\""));
  mcp_check_output (client, session, "ls; cat a", "a\ninside");
  /* its session may not see what is beside its folder, and neither may the file tools */
  mcp_call_refused (client, "read_file", session, ",\"path\":\"../link\"", "invalid_path");
  mcp_client_close (client);
}

/* write_file is the person's, and yet does no more than the session may: the same call is let through where the policy says so,
 * and only there. */
static void
test_read_only (BrokerFixture *fixture,
                gconstpointer  data)
{
  g_autofree char *policy = g_build_filename (fixture->root != NULL ? fixture->root : "", "policy.json", NULL);
  const char *options[] = { "--policy", policy, "--workspace", fixture->workspace, NULL };
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  g_assert_true (g_file_set_contents (policy, READ_ONLY, -1, NULL));
  client = mcp_client_new (glovebox, FALSE, options);
  {
    g_autofree char *session = mcp_start_session (fixture, client, NULL);

    /* the file is read once: who changes it changes nothing */
    g_assert_true (g_file_set_contents (policy, "{}", -1, NULL));
    mcp_call_refused (client, "write_file", session, ",\"path\":\"a\",\"content\":\"x\"", "policy_denied");
    mcp_call_refused (client, "computer", session, ",\"action\":\"left_click\"", "policy_denied");
    g_free (mcp_start_session (fixture, client, NULL));
    mcp_client_close (client);
  }

  client = mcp_start_client (fixture, FALSE);
  {
    g_autofree char *session = mcp_start_session (fixture, client, NULL);

    json_object_unref (mcp_call (client, "write_file", session, ",\"path\":\"a\",\"content\":\"x\""));
    json_object_unref (mcp_call (client, "computer", session, ",\"action\":\"left_click\""));
    mcp_client_close (client);
  }
}

/* Nothing that the client says answers the question; the person's word does. */
static void
test_prompt (BrokerFixture *fixture,
             gconstpointer  data)
{
  g_autofree char *policy = g_build_filename (fixture->root != NULL ? fixture->root : "", "policy.json", NULL);
  g_autofree char *session = NULL;
  g_autofree char *request = NULL;
  const char *options[] = { "--policy", policy, NULL };
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  g_assert_true (g_file_set_contents (policy, ASKS, -1, NULL));
  client = mcp_client_new (glovebox, FALSE, options);
  session = mcp_start_session (fixture, client, NULL);
  request = g_strconcat (session, ",\"action\":\"clipboard_request\"", NULL);
  mcp_check_output (client, session, "wl-copy copied", "");
  for (guint yes = 0; yes < 2; yes++)
    {
      gint64 id = mcp_client_send_call (client, "computer", request);
      g_autoptr(JsonObject) answer = NULL;
      JsonObject *result;

      test_wait (mcp_has_prompt, fixture, "the question");
      mcp_try_to_answer (client);
      g_assert_true (mcp_has_prompt (fixture));
      g_assert_false (mcp_client_has (client, id));

      mcp_answer_prompt (fixture, yes ? "Allow" : "Deny", yes ? g_variant_new ("(su)", "once", 0) : NULL);
      answer = mcp_client_wait (client, id);
      result = json_object_get_object_member (answer, "result");
      g_assert_cmpint (json_object_get_boolean_member (result, "isError"), ==, !yes);
    }
  mcp_client_close (client);
}

/* ---- hostile and hasty clients -------------------------------------------------------- */

static void
check_error (McpClient  *client,
             const char *line,
             const char *id,
             int         code)
{
  g_autoptr(JsonObject) answer = NULL;

  mcp_client_send_line (client, line);
  answer = mcp_client_wait_for (client, id);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (answer, "error"), "code"), ==, code);
}

static void
test_malformed (BrokerFixture *fixture,
                gconstpointer  data)
{
  g_autofree char *long_line = g_strnfill (5 * 1024 * 1024, 'x');
  g_autofree char *deep = g_strnfill (1000, '[');
  McpClient *client;

  if (!broker_fixture_can_run (FALSE))
    return;

  client = mcp_start_client (fixture, FALSE);
  check_error (client, "{", "null", -32700);
  check_error (client, "\xff\xfe", "null", -32700);
  check_error (client, deep, "null", -32700);
  check_error (client, "[{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}]", "null", -32600);
  check_error (client, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"no/such\"}", "\"x\"", -32601);
  check_error (client, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}", "\"x\"", -32602);
  check_error (client, long_line, "null", -32600);
  mcp_client_send_line (client, "\n \r\n");
  mcp_client_send_line (client, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/nobody-knows\"}");
  mcp_client_send_line (client, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":77}}");
  mcp_check_alive (client);
  g_assert_cmpuint (g_hash_table_size (client->answers), ==, 0);
  mcp_client_close (client);
}

static void
test_huge (BrokerFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *text = g_strnfill (1100 * 1024, 'x');
  g_autofree char *write = g_strdup_printf (",\"path\":\"a\",\"content\":\"%s\"", text);
  g_autofree char *type = g_strdup_printf (",\"action\":\"type\",\"text\":\"%s\"", text);
  g_autofree char *command = g_strdup_printf (",\"command\":[\"echo\",\"%s\"]", text);
  g_autofree char *session = NULL;
  g_autoptr(GString) many = g_string_new (",\"command\":[\"echo\"");
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  for (guint i = 0; i < 2000; i++)
    g_string_append (many, ",\"x\"");
  g_string_append_c (many, ']');
  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  mcp_call_refused (client, "write_file", session, write, "invalid_arguments");
  mcp_call_refused (client, "computer", session, type, "out_of_bounds");
  mcp_call_refused (client, "exec", session, command, "failed");
  mcp_call_refused (client, "exec", session, many->str, "invalid_arguments");
  mcp_check_output (client, session, "ls", "");
  mcp_client_close (client);
}

static void
test_too_many (BrokerFixture *fixture,
               gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *arguments = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  arguments = g_strconcat (session, ",\"title\":\"none\",\"timeoutMs\":60000", NULL);
  for (guint i = 0; i < GLB_MCP_CALLS_MAX; i++)
    mcp_client_send_call (client, "wait_for", arguments);
  mcp_call_refused (client, "session_info", session, "", "too_many");
  mcp_check_alive (client);
  g_assert_cmpuint (g_hash_table_size (client->answers), ==, 0);
  mcp_client_close (client);
}

typedef struct
{
  guint uid;
  gboolean there;
} Tail;

static gboolean
is_tail (gpointer user_data)
{
  const Tail *tail = user_data;

  return (test_find_process (tail->uid, "tail") != 0) == tail->there;
}

/* A command that never ends by itself, begun. */
static gint64
start_tail (McpClient  *client,
            const char *session,
            guint       uid)
{
  g_autofree char *arguments = g_strconcat (session, ",\"command\":[\"tail\",\"-f\",\"/dev/null\"]", NULL);
  gint64 id = mcp_client_send_call (client, "exec", arguments);
  Tail tail = { uid, TRUE };

  test_wait (is_tail, &tail, "the command to begin");
  return id;
}

static void
cancel (McpClient *client,
        gint64     id)
{
  g_autofree char *line = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%"
                                           G_GINT64_FORMAT "}}", id);

  mcp_client_send_line (client, line);
}

static void
test_cancelled (BrokerFixture *fixture,
                gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *again = NULL;
  Tail gone = { 0, FALSE };
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, &gone.uid);
  id = start_tail (client, session, gone.uid);
  /* others do not wait for it, and it has its id for itself */
  mcp_check_alive (client);
  mcp_check_output (client, session, "echo beside", "beside\n");
  again = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT ",\"method\":\"tools/call\",\"params\":"
                           "{\"name\":\"policy_show\",\"arguments\":{}}}", id);
  {
    g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, id);

    check_error (client, again, key, -32600);
  }

  cancel (client, id);
  test_wait (is_tail, &gone, "the command to end");
  mcp_check_alive (client);
  g_assert_false (mcp_client_has (client, id));
  mcp_client_close (client);
}

/* Sessions of the broker that have not ended. */
static guint
count_sessions (BrokerFixture *fixture)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariantIter) objects = NULL;
  GVariant *interfaces;
  guint n = 0;

  reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, "/org/glovebox/Broker1",
                                       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                                       NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &objects);
  while (g_variant_iter_next (objects, "{&o@a{sa{sv}}}", NULL, &interfaces))
    {
      g_autoptr(GVariant) owned = interfaces;
      g_autoptr(GVariant) session = g_variant_lookup_value (interfaces, "org.glovebox.Session1", G_VARIANT_TYPE_VARDICT);
      const char *state;

      if (session != NULL && g_variant_lookup (session, "State", "&s", &state) && !g_str_equal (state, "ended"))
        n++;
    }
  return n;
}

static gboolean
is_one_session (gpointer user_data)
{
  return count_sessions (user_data) == 1;
}

/* A session that was asked for and then not wanted does not stay, and what waits stops waiting. */
static void
test_cancelled_early (BrokerFixture *fixture,
                      gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *window = NULL;
  g_autofree char *wait = NULL;
  McpClient *client;
  gint64 ids[3];

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  ids[0] = mcp_client_send_call (client, "session_start", "");
  cancel (client, ids[0]);
  /* the broker takes them in order: when this one is there, the other has been */
  session = mcp_start_session (fixture, client, NULL);
  test_wait (is_one_session, fixture, "the session that nobody wants to end");

  window = g_strconcat (session, ",\"title\":\"none\",\"timeoutMs\":60000", NULL);
  wait = g_strconcat (session, ",\"action\":\"wait\",\"duration\":100", NULL);
  ids[1] = mcp_client_send_call (client, "wait_for", window);
  ids[2] = mcp_client_send_call (client, "computer", wait);
  cancel (client, ids[1]);
  cancel (client, ids[2]);
  /* twice, and of what is no call */
  cancel (client, ids[2]);
  cancel (client, 12345);
  json_object_unref (mcp_call (client, "session_stop", session, ""));
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_false (mcp_client_has (client, ids[i]));
  mcp_check_alive (client);
  mcp_client_close (client);
}

/* How the client goes: politely, or not. */
typedef enum { CLOSES, KILLED, TERMINATED } Going;

/* Calls of all kinds, and half a line. */
static void
leave_unfinished (McpClient  *client,
                  const char *session)
{
  static const char * const calls[][2] = {
    { "computer", ",\"action\":\"wait\",\"duration\":100" },
    { "computer", ",\"action\":\"type\",\"text\":\"x\"" },
    { "wait_for", ",\"title\":\"none\",\"timeoutMs\":60000" },
  };
  static const char half[] = "{\"jsonrpc\":\"2.0\",\"id\":99,\"method\":\"tools/c";
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *arguments = g_strconcat (session, calls[i][1], NULL);

      mcp_client_send_call (client, calls[i][0], arguments);
    }
  mcp_client_send_call (client, "session_start", "");
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (client->process), half, strlen (half), NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_goes (BrokerFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *session = NULL;
  guint uid;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, TRUE);
  session = mcp_start_session (fixture, client, &uid);
  start_tail (client, session, uid);
  leave_unfinished (client, session);
  if (GPOINTER_TO_INT (data) == CLOSES)
    mcp_client_close (client);
  else
    {
      g_subprocess_send_signal (client->process, GPOINTER_TO_INT (data) == KILLED ? SIGKILL : SIGTERM);
      g_subprocess_wait (client->process, NULL, NULL);
      mcp_client_free (client);
    }
  /* the broker lives on, and has nothing of it any more */
  broker_fixture_wait_clean (fixture);
  g_assert_false (test_is_gone (fixture->pid));
}

static void
test_keep (BrokerFixture *fixture,
           gconstpointer  data)
{
  const char *options[] = { "--keep", "--workspace", fixture->workspace, NULL };
  g_autoptr(JsonObject) started = NULL;
  g_autoptr(GlbDBusSession1) proxy = NULL;
  g_autoptr(GError) error = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_client_new (glovebox, FALSE, options);
  started = mcp_client_call (client, "session_start", "", FALSE, NULL);
  proxy = mcp_remember (fixture, json_object_get_string_member (started, "id"));
  mcp_client_close (client);
  g_assert_cmpstr (glb_dbus_session1_get_state (proxy), ==, "running");
  glb_dbus_session1_call_stop_sync (proxy, NULL, &error);
  g_assert_no_error (error);
}

static void
test_broker_dies (BrokerFixture *fixture,
                  gconstpointer  data)
{
  g_autofree char *session = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  kill (fixture->pid, SIGKILL);
  broker_fixture_wait_clean (fixture);
  mcp_call_refused (client, "wait_for", session, ",\"quietMs\":1", "session_ended");
  mcp_check_alive (client);
  mcp_client_close (client);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *path; void (*test) (BrokerFixture *, gconstpointer); int data; } tests[] = {
    { "/mcp/task/handshake", test_task, FALSE },
    { "/mcp/task/stateless", test_task, TRUE },
    { "/mcp/exec", test_exec, 0 },
    { "/mcp/computer-refused", test_computer_refused, 0 },
    { "/mcp/handles", test_handles, 0 },
    { "/mcp/ended", test_ended, 0 },
    { "/mcp/ends-meanwhile", test_ends_meanwhile, 0 },
    { "/mcp/workspace", test_workspace, 0 },
    { "/mcp/read-only", test_read_only, 0 },
    { "/mcp/prompt", test_prompt, 0 },
    { "/mcp/malformed", test_malformed, 0 },
    { "/mcp/huge", test_huge, 0 },
    { "/mcp/too-many", test_too_many, 0 },
    { "/mcp/cancelled", test_cancelled, 0 },
    { "/mcp/cancelled-early", test_cancelled_early, 0 },
    { "/mcp/client-closes", test_goes, CLOSES },
    { "/mcp/server-killed", test_goes, KILLED },
    { "/mcp/server-terminated", test_goes, TERMINATED },
    { "/mcp/keep", test_keep, 0 },
    { "/mcp/broker-dies", test_broker_dies, 0 },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  glovebox = argv[1];
  mcp_set_program (argv[1]);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, BrokerFixture, GINT_TO_POINTER (tests[i].data), broker_fixture_set_up, tests[i].test,
                broker_fixture_tear_down);
  return g_test_run ();
}
