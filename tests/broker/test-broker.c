/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>

#include "session-broker/audit/glb-audit-log.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/sandbox/glb-cgroup.h"
#include "tests/broker/broker-fixture.h"

#define SKIP_WITHOUT_BROKER(fixture) if ((fixture)->root == NULL) return

/* ---- denials ------------------------------------------------------------------ */

static void
assert_refused (BrokerFixture *fixture, GVariant *options, const char *command, GlbBrokerError code, const char *words)
{
  const char *argv[] = { command, NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session = broker_fixture_run (fixture, NULL, options, argv, &error);

  g_assert_null (session);
  g_assert_error (error, GLB_BROKER_ERROR, (int) code);
  g_assert_null (strchr (error->message, '\n'));
  if (strstr (error->message, words) == NULL)
    g_error ("'%s' does not say '%s'", error->message, words);
}

static GVariant *
option (const char *name, GVariant *value)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "template", "s", "locked-down");
  g_variant_dict_insert_value (&dict, name, value);
  return g_variant_dict_end (&dict);
}

static void
test_refusals (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *process = test_policy ("process", "");
  g_autofree char *vm = test_policy ("micro-vm", "");
  g_autofree char *unknown = test_policy ("process", ",\"colour\":1");
  g_autofree char *gamepad = test_policy ("process", ",\"desktop\":{\"input\":{\"gamepad\":true}}");
  g_autofree char *outside = test_policy ("process", ",\"filesystem\":{\"allowWrite\":[\"/usr/local/**\"]}");

  SKIP_WITHOUT_BROKER (fixture);

  assert_refused (fixture, test_options ("{", FALSE), "true", GLB_BROKER_ERROR_FAILED, "policy:1");
  assert_refused (fixture, test_options (unknown, FALSE), "true", GLB_BROKER_ERROR_FAILED, "/colour");
  assert_refused (fixture, test_options (vm, FALSE), "true", GLB_BROKER_ERROR_POLICY, "tier");
  assert_refused (fixture, test_options (gamepad, FALSE), "true", GLB_BROKER_ERROR_POLICY,
                  "/desktop/input/gamepad: true cannot be enforced by this version; use false");
  assert_refused (fixture, option ("colour", g_variant_new_string ("red")), "true", GLB_BROKER_ERROR_FAILED, "unknown option");
  assert_refused (fixture, option ("name", g_variant_new_string ("../x")), "true", GLB_BROKER_ERROR_FAILED, "name");
  assert_refused (fixture, option ("tier", g_variant_new_string ("cardboard")), "true", GLB_BROKER_ERROR_FAILED, "cardboard");
  assert_refused (fixture, option ("workspace", g_variant_new_string ("/nonexistent")), "true", GLB_BROKER_ERROR_FAILED, "/nonexistent");
  assert_refused (fixture, option ("workspace", g_variant_new_string ("/")), "true", GLB_BROKER_ERROR_FAILED, "workspace");
  assert_refused (fixture, option ("cwd", g_variant_new_string ("tmp")), "true", GLB_BROKER_ERROR_FAILED, "cwd");
  assert_refused (fixture, option ("persist", g_variant_new_string ("x")), "true", GLB_BROKER_ERROR_POLICY, "ephemeral");
  assert_refused (fixture, test_options (process, FALSE), "", GLB_BROKER_ERROR_FAILED, "command");
  assert_refused (fixture, test_options (process, FALSE), "no-such-command", GLB_BROKER_ERROR_NOT_FOUND, "no-such-command");
  if (geteuid () != 0)
    assert_refused (fixture, test_options (outside, FALSE), "true", GLB_BROKER_ERROR_POLICY, "not yours");
}

/* Nothing asks yet; a call for what is not there gets the broker's own answer, not the bus's. */
static void
test_no_prompts (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, "/org/glovebox/Broker1/prompts/1",
                                       "org.glovebox.Prompt1", "Allow", g_variant_new ("(su)", "session", 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_null (reply);
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, "/org/glovebox/Broker1/grants/1",
                                       "org.glovebox.Grant1", "Revoke", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_null (reply);
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
}

static gboolean
run_true_with (BrokerFixture *fixture, const char *policy, const char *workspace, GError **error)
{
  const char *argv[] = { "sh", "-c", "ls -R . >&2; cat state/glovebox/audit/* runtime/glovebox/* 2>/dev/null | head -c 1", NULL };
  g_autofree char *out = NULL;
  GVariantDict dict;
  TestSession *session;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "workspace", "s", workspace);
  session = broker_fixture_run (fixture, NULL, g_variant_dict_end (&dict), argv, error);
  if (session == NULL)
    return FALSE;

  out = test_read_all (&session->fds[1]);
  g_assert_cmpstr (out, ==, "");
  test_session_wait_exit (session, session->command);
  test_session_free (session);
  return TRUE;
}

/* Sockets, records and homes of the broker: not to write, not to see. */
static void
test_own_folders (BrokerFixture *fixture, gconstpointer data)
{
  static const char * const parts[] = { "state", "state/glovebox", "state/glovebox/audit", "runtime", "runtime/glovebox", "" };
  g_autofree char *write = test_policy ("process", ",\"filesystem\":{\"allowWrite\":[\"${WORKSPACE}/**\"]}");
  g_autofree char *read = test_policy ("process", ",\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]}");
  g_autofree char *link = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (fixture->root, parts[i], NULL);

      g_assert_false (run_true_with (fixture, write, path, &error));
      g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
      g_clear_error (&error);
    }

  link = g_build_filename (fixture->root, "link", NULL);
  g_assert_cmpint (symlink ("state", link), ==, 0);
  g_assert_false (run_true_with (fixture, write, link, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_clear_error (&error);

  g_assert_true (run_true_with (fixture, write, fixture->workspace, &error));
  g_assert_no_error (error);
  g_assert_true (run_true_with (fixture, read, fixture->root, &error));
  g_assert_no_error (error);
}

static gboolean
exec_with (TestSession *session, const char *key, GVariant *value, GError **error)
{
  const char *argv[] = { "true", NULL };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, key, value);
  return glb_dbus_session1_call_exec_sync (session->proxy, g_variant_dict_end (&dict), argv, NULL, NULL, NULL, NULL, NULL, error);
}

/* An option of another type, or of another name, is not one that was left out. */
static void
test_bad_options (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  assert_refused (fixture, option ("timeout", g_variant_new_int32 (5)), "true", GLB_BROKER_ERROR_FAILED, "'timeout'");
  assert_refused (fixture, option ("detach", g_variant_new_string ("no")), "true", GLB_BROKER_ERROR_FAILED, "'detach'");
  assert_refused (fixture, option ("env", g_variant_new ("a{sv}", NULL)), "true", GLB_BROKER_ERROR_FAILED, "'env'");
  assert_refused (fixture, option ("tier", g_variant_new_uint32 (0)), "true", GLB_BROKER_ERROR_FAILED, "'tier'");

  session = broker_fixture_run_shell (fixture, policy, "read x");
  g_assert_false (exec_with (session, "colour", g_variant_new_string ("red"), &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (exec_with (session, "env", g_variant_new_string ("A=1"), &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_true (exec_with (session, "cwd", g_variant_new_string ("/tmp"), &error));
  g_assert_no_error (error);
}

static void
test_debug_refused (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[] = { "true", NULL };
  GVariantDict dict;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x");
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "debug", "b", TRUE);
  g_assert_false (glb_dbus_session1_call_exec_sync (session->proxy, g_variant_dict_end (&dict), argv, NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_clear_error (&error);
  g_assert_false (glb_dbus_session1_call_screenshot_sync (session->proxy, g_variant_new ("a{sv}", NULL), NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
}

static gboolean
broker_answers (BrokerFixture *fixture)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;

  return !glb_dbus_broker1_call_find_sync (fixture->broker, "nobody", &path, NULL, &error) &&
         g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
}

static void
test_garbage (BrokerFixture *fixture, gconstpointer data)
{
  static const char *garbage[] = { "GET / HTTP/1.0\r\n\r\n", "", "AUTH ANONYMOUS\r\n", "\n\n\n\n\n", "AUTH EXTERNAL 30\r\nBEGIN\r\nxxxx" };
  int fds[G_N_ELEMENTS (garbage)];

  SKIP_WITHOUT_BROKER (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    {
      struct sockaddr_un address = { .sun_family = AF_UNIX };
      g_autofree char *path = g_build_filename (fixture->runtime_dir, "bus", NULL);

      g_strlcpy (address.sun_path, path, sizeof address.sun_path);
      fds[i] = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (connect (fds[i], (struct sockaddr *) &address, sizeof address), ==, 0);
      g_assert_cmpint (send (fds[i], garbage[i], strlen (garbage[i]), MSG_NOSIGNAL), >=, 0);
      g_assert_true (broker_answers (fixture));
    }
  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    close (fds[i]);
  g_assert_true (broker_answers (fixture));
}

/* ---- commands -------------------------------------------------------------------- */

static void
test_streams (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x; echo \"got $x in $PWD as $USER\"; echo oops >&2; exit 7");
  g_assert_cmpint (write (session->fds[0], "word\n", 5), ==, 5);
  out = test_read_all (&session->fds[1]);
  err = test_read_all (&session->fds[2]);
  g_assert_cmpstr (out, ==, "got word in /workspace as agent\n");
  g_assert_cmpstr (err, ==, "oops\n");
  g_assert_cmpint (WEXITSTATUS (test_session_wait_exit (session, session->command)), ==, 7);
  test_session_wait_reason (session, "exited");
}

/* The descriptors are the caller's alone: the end of the input arrives. */
static void
test_end_of_input (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autofree char *out = NULL;
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "cat");
  g_assert_cmpint (write (session->fds[0], "all", 3), ==, 3);
  close (session->fds[0]);
  session->fds[0] = -1;
  out = test_read_all (&session->fds[1]);
  g_assert_cmpstr (out, ==, "all");
  test_session_wait_reason (session, "exited");
}

static void
test_workspace (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", ",\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"],\"allowWrite\":[\"${WORKSPACE}/out/**\"],"
                                                    "\"denyRead\":[\"${WORKSPACE}/secret/**\"]}");
  g_autofree char *out_dir = NULL;
  g_autofree char *secret = NULL;
  g_autofree char *file = NULL;
  g_autofree char *out = NULL;
  g_autofree char *content = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[] = { "/bin/sh", "-c", "touch no 2>/dev/null && echo bad; cat secret/key 2>/dev/null; echo yes >out/file; echo $? $A", NULL };
  GVariantDict dict;
  GVariantBuilder env;
  GStatBuf st;

  SKIP_WITHOUT_BROKER (fixture);

  out_dir = g_build_filename (fixture->workspace, "out", NULL);
  secret = g_build_filename (fixture->workspace, "secret", NULL);
  file = g_build_filename (secret, "key", NULL);
  g_assert_cmpint (g_mkdir (out_dir, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (secret, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "key", -1, NULL));
  g_variant_builder_init (&env, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&env, "{ss}", "A", "a value");
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "workspace", "s", fixture->workspace);
  g_variant_dict_insert_value (&dict, "env", g_variant_builder_end (&env));

  session = broker_fixture_run (fixture, NULL, g_variant_dict_end (&dict), argv, &error);
  g_assert_no_error (error);
  out = test_read_all (&session->fds[1]);
  g_assert_cmpstr (out, ==, "0 a value\n");
  test_session_wait_reason (session, "exited");
  g_free (file);
  file = g_build_filename (out_dir, "file", NULL);
  g_assert_true (g_file_get_contents (file, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "yes\n");
  g_assert_cmpint (g_stat (file, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, geteuid ());
}

static void
test_exec_and_signal (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autofree char *out = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  guint64 command;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x");
  command = test_session_exec (session, "echo $$; exec sleep 1000", fds);
  g_assert_cmpuint (command, !=, session->command);
  g_assert_false (glb_dbus_session1_call_signal_sync (session->proxy, command + 1000, SIGTERM, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  glb_dbus_session1_call_signal_sync (session->proxy, command, SIGTERM, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (WTERMSIG (test_session_wait_exit (session, command)), ==, SIGTERM);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
  g_assert_cmpstr (glb_dbus_session1_get_state (session->proxy), ==, "running");
}

static void
test_pause (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[] = { "true", NULL };

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x; exit 3");
  g_assert_false (glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);
  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_state (session, "paused");
  g_assert_false (glb_dbus_session1_call_exec_sync (session->proxy, g_variant_new ("a{sv}", NULL), argv, NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_state (session, "running");
  g_assert_cmpint (write (session->fds[0], "\n", 1), ==, 1);
  g_assert_cmpint (WEXITSTATUS (test_session_wait_exit (session, session->command)), ==, 3);
}

/* A paused session can be stopped. */
static void
test_stop_paused (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x");
  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_reason (session, "stopped");
}

/* Who ignores SIGTERM is killed after the grace time, or at once by Kill. */
static void
test_kill (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  gint64 before;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "trap '' TERM; echo; while :; do sleep 1000; done");
  before = g_get_monotonic_time ();
  glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - before, <, G_USEC_PER_SEC);
  test_session_wait_reason (session, "killed");
  broker_fixture_wait_clean (fixture);
}

static void
test_timeout (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", ",\"resources\":{\"timeoutSeconds\":1}");
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x");
  test_session_wait_exit (session, session->command);
  /* known before the command's end is */
  g_assert_cmpstr (glb_dbus_session1_get_reason (session->proxy), ==, "timeout");
  test_session_wait_reason (session, "timeout");
}

static void
test_client_gone (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(TestSession) detached = NULL;
  g_autoptr(GlbDBusSession1) seen = NULL;
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[] = { "sleep", "1000", NULL };
  TestSession watched = { 0 };

  SKIP_WITHOUT_BROKER (fixture);

  client = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  session = broker_fixture_run (fixture, client, test_options (policy, FALSE), argv, &error);
  g_assert_no_error (error);
  detached = broker_fixture_run (fixture, client, test_options (policy, TRUE), argv, &error);
  g_assert_no_error (error);
  g_assert_cmpint (detached->fds[0], ==, -1);
  seen = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (fixture->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                           g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), NULL, &error);
  g_assert_no_error (error);

  g_dbus_connection_close_sync (glb_client_get_connection (client), NULL, &error);
  g_assert_no_error (error);
  watched.proxy = seen;
  test_session_wait_reason (&watched, "client-gone");

  g_clear_object (&seen);
  seen = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (fixture->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                           g_dbus_proxy_get_object_path (G_DBUS_PROXY (detached->proxy)), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (glb_dbus_session1_get_state (seen), ==, "running");
}

static void
test_out_of_memory (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", ",\"resources\":{\"memoryMb\":64}");
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  if ((glb_cgroup_probe (NULL) & GLB_CGROUP_MEMORY) == 0)
    {
      assert_refused (fixture, test_options (policy, FALSE), "true", GLB_BROKER_ERROR_POLICY, "memory");
      return;
    }

  session = broker_fixture_run_shell (fixture, policy, "a=0123456789; while :; do a=$a$a; done");
  test_session_wait_reason (session, "out-of-memory");
}

static void
test_records (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  gboolean complete = FALSE;
  guint64 n = 0;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "exit 1");
  test_session_wait_reason (session, "exited");
  name = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  path = g_build_filename (fixture->audit_dir, name, NULL);
  g_assert_true (glb_audit_verify_file (path, &n, &complete, &error));
  g_assert_no_error (error);
  g_assert_true (complete);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_nonnull (strstr (content, "\"policyDocument\":{"));
  g_assert_nonnull (strstr (content, "\"event\":\"command-start\""));
  g_assert_nonnull (strstr (content, "\"event\":\"command-exit\""));
  g_assert_nonnull (strstr (content, "\"reason\":\"exited\""));
}

/* ---- violent ends ------------------------------------------------------------------- */

static void
test_kill_init (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  int pid;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "read x");
  pid = test_find_process (glb_dbus_session1_get_agent_uid (session->proxy), "init");
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  test_session_wait_reason (session, "sandbox-died");
  broker_fixture_wait_clean (fixture);
}

static gboolean
bus_is_gone (gpointer user_data)
{
  BrokerFixture *fixture = user_data;

  return g_dbus_connection_is_closed (glb_client_get_connection (fixture->client));
}

/* The janitor does what the broker cannot any more, and the next broker finds nothing. */
static void
test_kill_broker (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbClient) next = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "(setsid sleep 1000 &); trap '' TERM HUP; while :; do sleep 1000; done");
  g_dbus_connection_set_exit_on_close (glb_client_get_connection (fixture->client), FALSE);
  g_assert_cmpint (kill (fixture->pid, SIGKILL), ==, 0);
  test_wait (bus_is_gone, fixture, "the connection to close");
  broker_fixture_wait_clean (fixture);

  next = glb_client_new_sync (TRUE, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&fixture->broker);
  g_set_object (&fixture->client, next);
  fixture->broker = glb_dbus_broker1_proxy_new_sync (glb_client_get_connection (next), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                     "/org/glovebox/Broker1", NULL, &error);
  g_assert_no_error (error);
  fixture->pid = glb_dbus_broker1_get_pid (fixture->broker);
  g_assert_true (glb_audit_verify_directory (fixture->audit_dir, NULL, &error));
  g_assert_no_error (error);
}

static void
test_second_broker (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *program = NULL;
  g_autofree char *err = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  SKIP_WITHOUT_BROKER (fixture);

  program = glb_paths_find_program ("glovebox-broker", &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_sync (NULL, (char *[]) { program, NULL }, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &err, &status, &error));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  g_assert_nonnull (strstr (err, "another one"));
  g_assert_true (broker_answers (fixture));
}

static int
find_janitor (BrokerFixture *fixture)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *cmdline_path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *environ_path = g_build_filename ("/proc", name, "environ", NULL);
      g_autofree char *cmdline = NULL;
      g_autofree char *environ = NULL;
      gsize length, environ_length;

      if (g_ascii_isdigit (name[0]) && g_file_get_contents (cmdline_path, &cmdline, &length, NULL) &&
          memmem (cmdline, length, "--janitor", strlen ("--janitor")) != NULL &&
          g_file_get_contents (environ_path, &environ, &environ_length, NULL) &&
          memmem (environ, environ_length, fixture->root, strlen (fixture->root)) != NULL)
        return atoi (name);
    }
  g_error ("there is no janitor");
}

/* Whoever kills all processes of that name kills the janitor too: then the next broker cleans up. */
static void
test_kill_both (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbClient) next = NULL;
  g_autoptr(GError) error = NULL;
  int janitor;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "(setsid sleep 1000 &); trap '' TERM HUP; while :; do sleep 1000; done");
  g_dbus_connection_set_exit_on_close (glb_client_get_connection (fixture->client), FALSE);
  janitor = find_janitor (fixture);
  g_assert_cmpint (kill (janitor, SIGSTOP), ==, 0);
  g_assert_cmpint (kill (fixture->pid, SIGKILL), ==, 0);
  g_assert_cmpint (kill (janitor, SIGKILL), ==, 0);
  test_wait (bus_is_gone, fixture, "the connection to close");

  next = glb_client_new_sync (TRUE, NULL, &error);
  g_assert_no_error (error);
  broker_fixture_wait_clean (fixture);
  g_clear_object (&fixture->broker);
  g_set_object (&fixture->client, next);
  fixture->broker = glb_dbus_broker1_proxy_new_sync (glb_client_get_connection (next), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                     "/org/glovebox/Broker1", NULL, &error);
  g_assert_no_error (error);
  fixture->pid = glb_dbus_broker1_get_pid (fixture->broker);
}

/* ---- what a session takes ------------------------------------------------------------------ */

typedef struct
{
  TestSession *session;
  guint64 cpu_us;
} Usage;

static GVariant *
read_usage (TestSession *session)
{
  GVariant *usage = NULL;
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_usage_sync (session->proxy, &usage, NULL, &error);
  g_assert_no_error (error);
  return usage;
}

static gboolean
has_run_on (gpointer user_data)
{
  Usage *last = user_data;
  g_autoptr(GVariant) usage = read_usage (last->session);
  guint64 cpu_us = 0;

  g_assert_true (g_variant_lookup (usage, "cpu-us", "t", &cpu_us));
  return cpu_us > last->cpu_us + 50000;
}

/* A program that never rests takes ever more time; where the host does not count, there is no number instead of a wrong one. */
static void
test_usage (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GVariant) usage = NULL;
  g_autoptr(GError) error = NULL;
  GVariant *none = NULL;
  guint64 memory = 0;
  guint processes = 0;
  Usage last;

  SKIP_WITHOUT_BROKER (fixture);

  session = broker_fixture_run_shell (fixture, policy, "while :; do :; done");
  usage = read_usage (session);
  last = (Usage) { session, 0 };
  if (g_variant_lookup (usage, "cpu-us", "t", &last.cpu_us))
    test_wait (has_run_on, &last, "more processor time");
  if (g_variant_lookup (usage, "processes", "u", &processes))
    g_assert_cmpuint (processes, >=, 1);
  if (g_variant_lookup (usage, "memory", "t", &memory))
    g_assert_cmpuint (memory, >, 64 * 1024);

  glb_dbus_session1_call_kill_sync (session->proxy, NULL, NULL);
  test_session_wait_state (session, "ended");
  g_assert_false (glb_dbus_session1_call_usage_sync (session->proxy, &none, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
}

#define ADD(path, function) \
  g_test_add ("/broker/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refusals", test_refusals);
  ADD ("no-prompts", test_no_prompts);
  ADD ("own-folders", test_own_folders);
  ADD ("bad-options", test_bad_options);
  ADD ("debug-refused", test_debug_refused);
  ADD ("garbage", test_garbage);
  ADD ("streams", test_streams);
  ADD ("end-of-input", test_end_of_input);
  ADD ("workspace", test_workspace);
  ADD ("exec-and-signal", test_exec_and_signal);
  ADD ("pause", test_pause);
  ADD ("stop-paused", test_stop_paused);
  ADD ("kill", test_kill);
  ADD ("timeout", test_timeout);
  ADD ("client-gone", test_client_gone);
  ADD ("out-of-memory", test_out_of_memory);
  ADD ("records", test_records);
  ADD ("kill-init", test_kill_init);
  ADD ("kill-broker", test_kill_broker);
  ADD ("kill-both", test_kill_both);
  ADD ("second-broker", test_second_broker);
  ADD ("usage", test_usage);
  return g_test_run ();
}
