/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The machine's broker, whole: glovebox-broker --system with the rights that its unit leaves it, a session with a real
 * clipboard question, the real polkitd, and glovebox --system of other accounts, a session's own ones among them.
 */

#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>

#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/system-fixture.h"
#include "tests/broker/terminal-fixture.h"

#define APPROVER "games"
#define OTHER    "backup"

static const char *why_not;   /* (nullable): this host cannot */

typedef struct
{
  BrokerFixture broker;
  SystemFixture bus;
  char *programs;             /* GLOVEBOX_PRIVATE_PATH before */
} Fixture;

typedef struct
{
  gboolean done;
  GError *error;
} Call;

/* ---- the world ------------------------------------------------------------------------------ */

/* "-sys_module,-sys_boot": what the unit takes away, as setpriv(1) has it. (transfer full) */
static char *
read_unit_capabilities (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *unit = NULL;
  g_auto(GStrv) names = NULL;
  GString *text = g_string_new (NULL);
  const char *line;

  g_file_get_contents (SOURCE_ROOT "/data/glovebox-broker.service.in", &unit, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (unit, "\nNoNewPrivileges=yes\n"));
  line = strstr (unit, "\nCapabilityBoundingSet=~");
  g_assert_nonnull (line);
  line += strlen ("\nCapabilityBoundingSet=~");
  *strchrnul (line, '\n') = '\0';
  names = g_strsplit (line, " ", -1);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = g_ascii_strdown (names[i], -1);

      g_assert_true (g_str_has_prefix (name, "cap_"));
      g_string_append_printf (text, "%s-%s", i > 0 ? "," : "", name + strlen ("cap_"));
    }
  return g_string_free (text, FALSE);
}

/* Clients start the broker of the first folder: this one, which is the unit's. */
static void
install_unit (Fixture *fixture)
{
  g_autofree char *program = glb_paths_find_program ("glovebox-broker", NULL);
  g_autofree char *capabilities = read_unit_capabilities ();
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\nexec setpriv --no-new-privs --bounding-set '%s' %s --system --polkit-timeout 20 \"$@\"\n",
                                             capabilities, program);
  g_autofree char *path = g_build_filename (fixture->bus.root, "glovebox-broker", NULL);
  g_autofree char *folders = NULL;
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, script, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  fixture->programs = g_strdup (g_getenv ("GLOVEBOX_PRIVATE_PATH"));
  folders = g_strconcat (fixture->bus.root, ":", fixture->programs, NULL);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", folders, TRUE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  if (why_not != NULL)
    {
      g_test_skip (why_not);
      return;
    }
  system_fixture_start_bus (&fixture->bus);
  install_unit (fixture);
  broker_fixture_set_up (&fixture->broker, data);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (why_not != NULL)
    return;
  broker_fixture_tear_down (&fixture->broker, data);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", fixture->programs, TRUE);
  g_free (fixture->programs);
  system_fixture_stop (&fixture->bus);
}

/* ---- what the test does ------------------------------------------------------------------------- */

static TestSession *
start (Fixture *fixture)
{
  const char *argv[] = { "tail", "-f", "/dev/null", NULL };
  g_autofree char *policy = test_policy ("session", ",\"desktop\":{\"width\":640,\"height\":480,\"clipboard\":{\"hostToSession\":\"prompt\"}}");
  g_autoptr(GError) error = NULL;
  TestSession *session = broker_fixture_run (&fixture->broker, NULL, test_options (policy, TRUE), argv, &error);

  g_assert_no_error (error);
  return session;
}

static void
call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr(GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL, result, &call->error);

  call->done = TRUE;
}

static gboolean
is_done (gpointer user_data)
{
  return ((Call *) user_data)->done;
}

static void
put (Call *call, Fixture *fixture, TestSession *session)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  int fd = memfd_create ("test", MFD_CLOEXEC);

  g_assert_cmpint (pwrite (fd, "the person's", 12, 0), ==, 12);
  g_unix_fd_list_append (fds, fd, NULL);
  close (fd);
  g_dbus_connection_call_with_unix_fd_list (glb_client_get_connection (fixture->broker.client), NULL,
                                            g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), "org.glovebox.Session1",
                                            "ClipboardPut", g_variant_new ("(@a{sv}h)", g_variant_new ("a{sv}", NULL), 0), NULL,
                                            G_DBUS_CALL_FLAGS_NONE, 120000, fds, NULL, call_cb, call);
}

static void
assert_cli (guint uid, const char *line, int code, const char *part)
{
  g_auto(GStrv) arguments = g_strsplit (line, " ", -1);
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int exit_code = system_cli_run (uid, (const char * const *) arguments, &output, &errors);

  g_test_message ("glovebox --system %s: %d: %s%s", line, exit_code, output, errors);
  g_assert_cmpint (exit_code, ==, code);
  g_assert_nonnull (strstr (code == 0 ? output : errors, part));
}

typedef struct
{
  guint uid;
} Viewer;

static gboolean
sees_question (gpointer user_data)
{
  Viewer *viewer = user_data;
  const char *arguments[] = { "prompts", NULL };
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;

  return system_cli_run (viewer->uid, arguments, &output, &errors) == 0 && strstr (output, "   | the person's\n") != NULL;
}

static void
assert_recorded (Fixture *fixture, TestSession *session, guint uid)
{
  g_autofree char *name = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->broker.audit_dir, name, NULL);
  g_autofree char *by = g_strdup_printf ("\"uid\":%u", uid);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "\"event\":\"prompt-answered\"") != NULL)
      {
        n++;
        g_assert_nonnull (strstr (lines[i], by));
        g_assert_nonnull (strstr (lines[i], "\"polkitAction\":\"org.glovebox.broker.answer-prompt\""));
        g_assert_nonnull (strstr (lines[i], "\"verdict\":\"allow\""));
      }
  g_assert_cmpuint (n, ==, 1);
}

/* The accounts of the session itself, known to the bus, with a rule that allows everybody everything. */
static void
assert_session_refused (TestSession *session)
{
  const guint uids[] = { glb_dbus_session1_get_agent_uid (session->proxy), glb_dbus_session1_get_compositor_uid (session->proxy) };

  for (guint i = 0; i < G_N_ELEMENTS (uids); i++)
    {
      g_autofree char *refusal = g_strdup_printf ("glovebox: broker: user id %u may not call: its user id is one of sessions, which nobody "
                                                  "answers from; call as a person\n", uids[i]);

      system_fixture_add_account (uids[i]);
      assert_cli (uids[i], "allow 1", 126, refusal);
      assert_cli (uids[i], "deny 1", 126, refusal);
      assert_cli (uids[i], "prompts", 126, refusal);
    }
}

static void
test_answered (Fixture *fixture, gconstpointer data)
{
  guint approver = why_not == NULL ? system_fixture_uid (APPROVER) : 0, other = why_not == NULL ? system_fixture_uid (OTHER) : 0;
  Viewer viewer = { approver };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  Call call = { FALSE };

  SKIP_WITHOUT_DESKTOP (&fixture->broker);

  session = start (fixture);
  assert_cli (approver, "prompts", 126, "glovebox: polkit: org.glovebox.broker.view: polkit does not run");
  put (&call, fixture, session);
  system_fixture_start_polkit (&fixture->bus, "polkit.addRule (function (action, subject) { return polkit.Result.YES; });");
  test_wait (sees_question, &viewer, "the question");
  assert_session_refused (session);

  system_fixture_kill (&fixture->bus.polkit_pid);
  system_fixture_start_polkit (&fixture->bus, "polkit.addRule (function (action, subject) {"
                                              " return subject.user == '" APPROVER "' ? polkit.Result.YES : polkit.Result.NO; });");
  assert_cli (other, "prompts", 126, "glovebox: polkit: org.glovebox.broker.view: is not allowed for you");
  assert_cli (other, "allow 1", 126, "glovebox: polkit: org.glovebox.broker.answer-prompt: is not allowed for you");
  g_assert_false (call.done);
  assert_cli (approver, "ps", 0, "tail -f /dev/null");
  assert_cli (approver, "allow 1", 0, "");
  test_wait (is_done, &call, "the transfer");
  g_assert_no_error (call.error);
  assert_recorded (fixture, session, approver);

  glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
}

/* Every escape is refused under the unit's broker as under any: it has what it needs to make the sandbox hold. */
static void
test_prove (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = glb_paths_find_program ("glovebox", NULL);
  const char *argv[] = { program, "prove", NULL };
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  SKIP_WITHOUT_DESKTOP (&fixture->broker);

  g_spawn_sync (fixture->broker.workspace, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors, &status, &error);
  g_assert_no_error (error);
  g_test_message ("%s%s", output, errors);
  g_assert_true (g_spawn_check_wait_status (status, &error));
}

/* Without the bus there is no such broker: a machine that relies on it must see that. */
static void
test_no_bus (void)
{
  g_autofree char *program = glb_paths_find_program ("glovebox-broker", NULL);
  g_autofree char *root = g_dir_make_tmp ("glb-system-XXXXXX", NULL);
  const char *argv[] = { program, "--system", NULL };
  g_auto(GStrv) environment = g_environ_setenv (g_get_environ (), "XDG_RUNTIME_DIR", root, TRUE);
  g_autofree char *errors = NULL;
  g_autoptr(GError) error = NULL;
  gboolean root_runs = geteuid () == 0;
  int status, expected = root_runs ? 1 : 2;

  environment = g_environ_setenv (environment, "XDG_STATE_HOME", root, TRUE);
  environment = g_environ_setenv (environment, "DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", TRUE);
  g_spawn_sync ("/", (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL, &errors, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_error (error, G_SPAWN_EXIT_ERROR, expected);
  g_assert_true (g_str_has_prefix (errors, root_runs ? "glovebox-broker: system bus: no connection: "
                                   : "glovebox-broker: --system: only root's broker is the machine's; "));
  glb_sandbox_remove_tree (root, NULL);
}

int
main (int argc, char **argv)
{
  system_fixture_enter (&why_not);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/system-mode/answered", Fixture, NULL, set_up, test_answered, tear_down);
  g_test_add ("/system-mode/prove", Fixture, NULL, set_up, test_prove, tear_down);
  g_test_add_func ("/system-mode/no-bus", test_no_bus);
  return g_test_run ();
}
