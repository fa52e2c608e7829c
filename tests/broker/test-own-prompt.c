/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nobody inside a session answers its prompts, or reads its trace: hostile-agent tries, with a real question open. */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "session-broker/client/glb-broker-error.h"
#include "tests/broker/terminal-fixture.h"

/* Longer than the attack, on a slow machine too; then the question is to time out. */
#define TIMEOUT_S "60"

typedef struct
{
  gboolean done;
  GVariant *reply;
  GError *error;
} Call;

static void
call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call->reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL, result, &call->error);
  if (call->error != NULL)
    g_dbus_error_strip_remote_error (call->error);
  call->done = TRUE;
}

static TestSession *
start (BrokerFixture *fixture)
{
  const char *argv[] = { "tail", "-f", "/dev/null", NULL };
  g_autofree char *policy = test_policy ("session",
    ",\"filesystem\":{\"allowWrite\":[\"${WORKSPACE}/**\"]},\"prompts\":{\"timeoutSeconds\":" TIMEOUT_S "}"
    ",\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"allow\"},\"clipboard\":{\"hostToSession\":\"prompt\"}}");
  g_autoptr(GError) error = NULL;
  GVariantDict dict;
  TestSession *session;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "detach", "b", TRUE);
  g_variant_dict_insert (&dict, "workspace", "s", fixture->workspace);
  session = broker_fixture_run (fixture, NULL, g_variant_dict_end (&dict), argv, &error);
  g_assert_no_error (error);
  return session;
}

static void
put (Call *call, BrokerFixture *fixture, TestSession *session)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  int fd = memfd_create ("test", MFD_CLOEXEC);

  g_assert_cmpint (pwrite (fd, "the person's", 12, 0), ==, 12);
  g_unix_fd_list_append (fds, fd, NULL);
  close (fd);
  g_dbus_connection_call_with_unix_fd_list (glb_client_get_connection (fixture->client), NULL,
                                            g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), "org.glovebox.Session1",
                                            "ClipboardPut", g_variant_new ("(@a{sv}h)", g_variant_new ("a{sv}", NULL), 0), NULL,
                                            G_DBUS_CALL_FLAGS_NONE, 120000, fds, NULL, call_cb, call);
}

/* How many prompts and grants there are. */
static guint
count (BrokerFixture *fixture, const char *folder)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_sync (glb_client_get_connection (fixture->client), NULL, "/org/glovebox/Broker1",
                                                           "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL,
                                                           G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_autofree char *text = NULL;
  g_auto(GStrv) parts = NULL;

  g_assert_no_error (error);
  text = g_variant_print (reply, FALSE);
  parts = g_strsplit (text, folder, -1);
  return g_strv_length (parts) - 1;
}

static gboolean
has_prompt (gpointer user_data)
{
  return count (user_data, "'/org/glovebox/Broker1/prompts/") == 1;
}

static char *
find_agent (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);

  return g_build_filename (folder, "hostile-agent", NULL);
}

static void
install_agent (BrokerFixture *fixture)
{
  g_autofree char *agent = find_agent ();
  g_autofree char *copy = g_build_filename (fixture->workspace, "hostile-agent", NULL);
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  g_file_get_contents (agent, &content, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (copy, content, length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
}

static guint
find_number (const char *report, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("%s ", name);
  const char *at = strstr (report, pattern);

  g_assert_nonnull (at);
  return strtoul (at + strlen (pattern), NULL, 10);
}

static char *
attack (BrokerFixture *fixture, TestSession *session)
{
  g_autofree char *script = g_strdup_printf ("./hostile-agent %s/bus 2>&1", fixture->runtime_dir);
  guint64 command;
  char *report;
  int fds[3];

  command = test_session_exec (session, script, fds);
  close (fds[0]);
  close (fds[2]);
  report = test_read_all (&fds[1]);
  g_assert_cmpint (test_session_wait_exit (session, command), ==, 0);
  return report;
}

/* The same program, as the person. */
static char *
attack_outside (BrokerFixture *fixture, TestSession *session)
{
  g_autofree char *agent = find_agent ();
  g_autofree char *bus = g_build_filename (fixture->runtime_dir, "bus", NULL);
  const char *argv[] = { agent, "--control", bus, NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "GLOVEBOX_SESSION", glb_dbus_session1_get_id (session->proxy), TRUE);
  g_autoptr(GError) error = NULL;
  char *report = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, env, G_SPAWN_DEFAULT, NULL, NULL, &report, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return report;
}

static char *
read_audit (BrokerFixture *fixture, TestSession *session)
{
  g_autofree char *name = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->audit_dir, name, NULL);
  g_autoptr(GError) error = NULL;
  char *content = NULL;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  return content;
}

static void
wait_long (Call *call)
{
  gint64 end = g_get_monotonic_time () + 90 * G_USEC_PER_SEC;

  while (!call->done && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (call->done);
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_own_prompt (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *report = NULL;
  g_autofree char *control = NULL;
  g_autofree char *before = NULL;
  g_autofree char *trace = NULL;
  Call denied = { FALSE }, allowed = { FALSE };
  guint tick;

  SKIP_WITHOUT_DESKTOP (fixture);

  tick = g_timeout_add (100, on_tick, NULL);
  install_agent (fixture);
  session = start (fixture);
  put (&denied, fixture, session);
  test_wait (has_prompt, fixture, "a prompt");
  report = attack (fixture, session);
  g_test_message ("%s", report);
  g_assert_cmpuint (find_number (report, "answered"), ==, 0);
  /* it did try: its compositor's and its action socket at least, and hundreds of events that came through */
  g_assert_cmpuint (find_number (report, "sockets"), >=, 3);
  g_assert_cmpuint (find_number (report, "connected"), >=, 2);
  g_assert_cmpuint (find_number (report, "inputs"), >=, 300);

  /* the question is as open as it was, nobody has looked, and it ends as a no */
  g_assert_false (denied.done);
  g_assert_true (has_prompt (fixture));
  g_assert_cmpuint (count (fixture, "'/org/glovebox/Broker1/grants/"), ==, 0);
  wait_long (&denied);
  g_assert_error (denied.error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_assert_cmpstr (denied.error->message, ==, "clipboard: no-approver: the person did not allow it");
  before = read_audit (fixture, session);
  g_assert_null (strstr (before, "\"grant-made\""));
  g_assert_nonnull (strstr (before, "\"prompt-answered\""));
  g_assert_null (strstr (before, "\"clipboard-transfer\""));
  g_assert_null (strstr (before, "\"trace-began\""));

  /* the control: the same calls, from the person's side of the glass */
  put (&allowed, fixture, session);
  test_wait (has_prompt, fixture, "a prompt");
  control = attack_outside (fixture, session);
  g_assert_cmpuint (find_number (control, "buses"), ==, 1);
  g_assert_nonnull (strstr (control, "answered /org/glovebox/Broker1/prompts/2 Allow\n"));
  trace = g_strdup_printf ("answered %s Trace\n", g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)));
  g_assert_nonnull (strstr (control, trace));
  wait_long (&allowed);
  g_assert_no_error (allowed.error);

  glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  g_clear_error (&denied.error);
  g_clear_pointer (&allowed.reply, g_variant_unref);
  g_source_remove (tick);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/own-prompt/nobody-inside-answers", BrokerFixture, NULL, broker_fixture_set_up, test_own_prompt, broker_fixture_tear_down);
  return g_test_run ();
}
