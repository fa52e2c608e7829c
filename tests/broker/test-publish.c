/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session's screen for recorders, with everything real around it: the broker, a session with a terminal in it, a PipeWire
 * as a person has it, GStreamer as the recorder. What the recorder gets has to be what a screenshot shows.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <json-glib/json-glib.h>

#include "session-broker/capture/glb-png.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/media/glb-publisher.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "tests/broker/broker-fixture.h"
#include "tests/media/recorder-fixture.h"

#define WIDTH  640
#define HEIGHT 480

#define SKIP_WITHOUT_PUBLISHER(fixture) \
  if ((fixture)->root == NULL || !broker_fixture_can_run (TRUE) || !can_run ()) return;

static gboolean
can_run (void)
{
  static const char * const programs[][2] = {
    { "gst-launch-1.0", "gst-launch-1.0 is missing; install gstreamer1.0-tools and gstreamer1.0-pipewire" },
    { "foot", "foot is missing; install the package foot" },
    { "pipewire", "pipewire is missing; install the package pipewire-bin" },
  };
  g_autofree char *missing = glb_publisher_diagnose ();

  if (missing != NULL)
    {
      g_test_skip (missing);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i][0]);

      if (path == NULL)
        {
          g_test_skip (programs[i][1]);
          return FALSE;
        }
    }
  return TRUE;
}

/* ---- the person's PipeWire, and a session ------------------------------------------------ */

typedef struct
{
  Fixture pipewire;
  char *folder, *socket;
  Program *manager;
} Person;

static void
person_set_up (Person *self, BrokerFixture *fixture)
{
  self->folder = g_build_filename (fixture->root, "runtime", NULL);
  self->socket = g_build_filename (self->folder, "pipewire-0", NULL);
  self->pipewire.folder = self->folder;
  self->pipewire.host_socket = self->socket;
  fixture_start_host (&self->pipewire, FALSE);
  self->manager = manager_start (self->socket);
}

static void
person_clear (Person *self)
{
  g_clear_pointer (&self->manager, program_free);
  fixture_stop_host (&self->pipewire);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->socket, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Person, person_clear)

static TestSession *
run (BrokerFixture *fixture, const char *desktop, const char *more, const char *script)
{
  g_autofree char *members = g_strdup_printf (",\"desktop\":{\"width\":%d,\"height\":%d,\"input\":{\"agent\":\"allow\"}%s}%s",
                                              WIDTH, HEIGHT, desktop, more);
  g_autofree char *policy = test_policy ("session", members);

  return broker_fixture_run_shell (fixture, policy, script);
}

#define ALLOW ",\"publish\":\"allow\""

/* FALSE: the error has lost its remote part. */
static gboolean
call (TestSession *session, const char *method, GError **error)
{
  g_autoptr(GVariant) reply = g_dbus_proxy_call_sync (G_DBUS_PROXY (session->proxy), method, NULL, G_DBUS_CALL_FLAGS_NONE, 20000, NULL, error);

  if (reply == NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply != NULL;
}

static void
must_call (TestSession *session, const char *method)
{
  g_autoptr(GError) error = NULL;

  call (session, method, &error);
  g_assert_no_error (error);
}

static void
assert_no (TestSession *session, const char *method, GlbBrokerError code, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (call (session, method, &error));
  g_assert_error (error, GLB_BROKER_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

/* A member of the screen in the property Outputs, as text. (transfer full) */
static char *
describe (TestSession *session, const char *member)
{
  GVariant *outputs = glb_dbus_session1_get_outputs (session->proxy);

  for (gsize i = 0; i < g_variant_n_children (outputs); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (outputs, i);
      g_autoptr(GVariant) value = g_variant_lookup_value (entry, member, NULL);
      const char *name = NULL;

      g_variant_lookup (entry, "output", "&s", &name);
      if (g_str_equal (name, "screen"))
        return g_variant_print (value, FALSE);
    }
  return NULL;
}

static gboolean
is_described (TestSession *session, const char *member, const char *text)
{
  g_autofree char *value = describe (session, member);

  return g_strcmp0 (value, text) == 0;
}

/* ---- records -------------------------------------------------------------------------- */

/* nodes: what it says; -1: it says nothing of them. */
static void
assert_unpublished (BrokerFixture *fixture, TestSession *session, const char *why, int nodes)
{
  g_autoptr(JsonObject) record = NULL;
  guint n;

  wait_until (test_session_count_records (fixture, session, "screen-unpublished", NULL) > 0);
  record = test_session_find_record (fixture, session, "screen-unpublished", NULL, &n);
  g_assert_cmpstr (json_object_get_string_member (record, "why"), ==, why);
  g_assert_cmpint (json_object_get_int_member_with_default (record, "nodes", -1), ==, nodes);
}

/* ---- pictures ------------------------------------------------------------------------- */

/* (transfer full) */
static GBytes *
take_screenshot (TestSession *session)
{
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) info = NULL;
  g_autoptr(GVariant) image = NULL;
  g_autoptr(GMappedFile) map = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  glb_dbus_session1_call_screenshot_sync (session->proxy, g_variant_new ("a{sv}", NULL), NULL,
                                          &image, &info, &fds, NULL, &error);
  g_assert_no_error (error);
  fd = g_unix_fd_list_get (fds, g_variant_get_handle (image), &error);
  g_assert_no_error (error);
  map = g_mapped_file_new_from_fd (fd, FALSE, &error);
  g_assert_no_error (error);
  close (fd);
  return g_mapped_file_get_bytes (map);
}

static gboolean
shows_screenshot (Recorder *recorder, TestSession *session)
{
  g_autoptr(GBytes) screenshot = NULL;
  g_autoptr(GBytes) png = NULL;

  if (recorder->n == 0)
    return FALSE;
  screenshot = take_screenshot (session);
  png = glb_png_encode (recorder->frame, WIDTH, HEIGHT, WIDTH * 4, NULL);
  return g_bytes_equal (png, screenshot);
}

/* Nothing comes while nothing changes. */
static gboolean
is_still (Recorder *recorder, TestSession *session)
{
  guint n = recorder->n;

  for (guint i = 0; i < 20; i++)
    if (!shows_screenshot (recorder, session) || g_main_context_iteration (NULL, FALSE))
      return FALSE;
  return recorder->n == n;
}

static void
type (TestSession *session, const char *text)
{
  g_autofree char *action = g_strdup_printf ("{\"action\":\"type\",\"text\":\"%s\"}", text);
  g_autofree char *result = test_session_act (session, action, NULL);

  g_assert_nonnull (strstr (result, "\"delivered\""));
}

/* ---- denials ---------------------------------------------------------------------------- */

static void
test_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(TestSession) without = NULL;
  g_autoptr(JsonObject) record = NULL;
  g_autofree char *process = test_policy ("process", "");
  guint n;

  SKIP_WITHOUT_PUBLISHER (fixture);

  person_set_up (&person, fixture);
  session = run (fixture, "", "", "exec sleep 100000");
  assert_no (session, "PublishOn", GLB_BROKER_ERROR_POLICY,
             "publish: policy_denied: the policy does not let the screen out; see desktop.publish in it");
  record = test_session_find_record (fixture, session, "screen-refused", NULL, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (record, "code"), ==, "policy_denied");
  g_assert_true (is_described (session, "verdict", "'deny'"));
  must_call (session, "PublishOff");
  g_assert_cmpuint (test_session_count_records (fixture, session, "screen-published", NULL), ==, 0);

  without = broker_fixture_run_shell (fixture, process, "exec sleep 100000");
  assert_no (without, "PublishOn", GLB_BROKER_ERROR_POLICY, "publish: policy_denied: a session of the tier process has no screen");
  g_assert_cmpuint (program_count (person.manager, "screen "), ==, 0);
}

static void
test_no_host (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *message = NULL;

  SKIP_WITHOUT_PUBLISHER (fixture);

  session = run (fixture, ALLOW, "", "exec sleep 100000");
  message = g_strdup_printf ("publish: no PipeWire answers at %s/runtime/pipewire-0 (No such file or directory); start it "
                             "(systemctl --user start pipewire)", fixture->root);
  assert_no (session, "PublishOn", GLB_BROKER_ERROR_POLICY, message);
  assert_unpublished (fixture, session, message, -1);
  assert_no (session, "PublishOn", GLB_BROKER_ERROR_POLICY, message);
  g_assert_true (is_described (session, "on", "false"));
}

/* ---- what a recorder gets ------------------------------------------------------------------ */

static void
test_screen (BrokerFixture *fixture, gconstpointer data)
{
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autofree char *target = NULL;
  g_autofree char *ending = NULL;
  guint n;

  SKIP_WITHOUT_PUBLISHER (fixture);

  person_set_up (&person, fixture);
  session = run (fixture, ALLOW, "", "exec foot");
  test_session_wait_window (session);
  must_call (session, "PublishOn");
  assert_no (session, "PublishOn", GLB_BROKER_ERROR_STATE, "publish: it is on, or about to be, already");
  wait_until (is_described (session, "on", "true"));
  target = g_strdup_printf ("'glovebox.screen.%s'", glb_dbus_session1_get_id (session->proxy));
  g_assert_true (is_described (session, "target", target));
  g_assert_true (is_described (session, "in-use", "false"));
  wait_until (program_count (person.manager, "screen ") == 1);
  ending = g_strdup_printf (" glovebox.screen.%s Glovebox: %s", glb_dbus_session1_get_id (session->proxy),
                            glb_dbus_session1_get_name (session->proxy));
  g_assert_true (g_str_has_suffix (program_last (person.manager, "screen "), ending));

  recorder = recorder_start (person.socket, WIDTH, HEIGHT);
  wait_until (is_described (session, "in-use", "true"));
  wait_until (shows_screenshot (recorder, session));
  type (session, "echo glass\\n");
  wait_until (shows_screenshot (recorder, session));
  wait_until (is_still (recorder, session));
  /* paused, it stands still, and can be recorded */
  must_call (session, "Pause");
  g_assert_true (is_described (session, "in-use", "true"));
  must_call (session, "Resume");
  type (session, "echo more\\n");
  wait_until (shows_screenshot (recorder, session));

  must_call (session, "PublishOff");
  wait_until (is_described (session, "on", "false"));
  assert_unpublished (fixture, session, "switched off", 0);
  wait_until (program_count (person.manager, "gone ") == 1);
  wait_until (is_described (session, "in-use", "false"));
  n = recorder->n;
  type (session, "echo unseen\\n");
  g_assert_cmpuint (recorder->n, ==, n);
  g_assert_cmpuint (test_session_count_records (fixture, session, "screen-published", NULL), ==, 1);
  g_assert_cmpuint (test_session_count_records (fixture, session, "screen-in-use", NULL), >=, 1);

  /* again, and to the session's end */
  must_call (session, "PublishOn");
  wait_until (program_count (person.manager, "screen ") == 2);
  must_call (session, "Kill");
  wait_until (program_count (person.manager, "gone ") == 2);
  assert_unpublished (fixture, session, "session-ended", 0);
}

/* ---- attacks from inside ---------------------------------------------------------------------- */

/* Output of a short program in the session. (transfer full) */
static char *
run_inside (TestSession *session, const char *script)
{
  int fds[3];
  guint64 command = test_session_exec (session, script, fds);

  close (fds[0]);
  close (fds[2]);
  test_session_wait_exit (session, command);
  return test_read_all (&fds[1]);
}

static void
test_inside (BrokerFixture *fixture, gconstpointer data)
{
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autofree char *nodes = NULL;
  g_autofree char *remote = NULL;
  g_autofree char *script = NULL;
  g_autofree char *processes = NULL;
  g_autofree char *destroyed = NULL;

  SKIP_WITHOUT_PUBLISHER (fixture);

  person_set_up (&person, fixture);
  /* with a PipeWire of its own, which is the nearest that a program inside can get to */
  session = run (fixture, ALLOW, ",\"devices\":{\"microphone\":\"allow\",\"microphoneSource\":\"tone\"}", "exec foot");
  test_session_wait_window (session);
  must_call (session, "PublishOn");
  recorder = recorder_start (person.socket, WIDTH, HEIGHT);
  wait_until (shows_screenshot (recorder, session));

  /* see: not among the nodes of the session's PipeWire, and the person's is nowhere */
  nodes = run_inside (session, "pw-cli ls Node 2>&1 | grep -c 'glovebox.screen'; pw-cli ls Core | grep -c 'id 0'");
  g_assert_cmpstr (nodes, ==, "0\n1\n");
  script = g_strdup_printf ("PIPEWIRE_REMOTE=%s pw-cli ls Core 2>&1 | grep -c 'id 0'; ls %s 2>&1 | grep -c pipewire",
                            person.socket, person.folder);
  remote = run_inside (session, script);
  g_assert_cmpstr (remote, ==, "0\n0\n");
  processes = run_inside (session, "cat /proc/[0-9]*/comm | grep -c 'glovebox-publis'");
  g_assert_cmpstr (processes, ==, "0\n");
  /* stop: whatever it may end or destroy is its own */
  destroyed = run_inside (session, "for id in $(seq 0 99); do pw-cli destroy $id; done >/dev/null 2>&1; echo done");
  g_assert_cmpstr (destroyed, ==, "done\n");
  g_assert_cmpuint (program_count (person.manager, "gone "), ==, 0);
  g_assert_true (is_described (session, "on", "true"));
  g_assert_true (is_described (session, "in-use", "true"));
  /* alter: it shows what the screen shows */
  type (session, "echo still\\n");
  wait_until (shows_screenshot (recorder, session));
}

/* ---- violent ends ------------------------------------------------------------------------------- */

static void
test_kill_helper (BrokerFixture *fixture, gconstpointer data)
{
  int number = GPOINTER_TO_INT (data);
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  int pid;

  SKIP_WITHOUT_PUBLISHER (fixture);
  if (geteuid () != 0)
    {
      g_test_skip ("the helper's account is not this user's to kill");
      return;
    }

  person_set_up (&person, fixture);
  session = run (fixture, ALLOW, "", "exec foot");
  test_session_wait_window (session);
  must_call (session, "PublishOn");
  recorder = recorder_start (person.socket, WIDTH, HEIGHT);
  wait_until (shows_screenshot (recorder, session));
  pid = test_find_below (fixture, "glovebox-publish");
  g_assert_cmpint (pid, >, 1);
  g_assert_no_errno (kill (pid, number));
  if (number == SIGSTOP)
    {
      /* it keeps the slot of the next frame, and loses its stream; the session goes on, and off is off */
      type (session, "echo kept\\n");
      type (session, "echo on\\n");
      must_call (session, "PublishOff");
      assert_unpublished (fixture, session, "switched off", -1);
    }
  else
    assert_unpublished (fixture, session, "it ended by itself", -1);
  wait_until (program_count (person.manager, "gone ") == 1);
  wait_until (is_described (session, "on", "false"));
  g_assert_cmpint (test_find_below (fixture, "glovebox-publish"), ==, 0);

  must_call (session, "PublishOn");
  g_clear_pointer (&recorder, recorder_free);
  recorder = recorder_start (person.socket, WIDTH, HEIGHT);
  wait_until (shows_screenshot (recorder, session));
}

static gboolean
is_gone (const int *pid)
{
  return test_is_gone (*pid);
}

static void
test_kill_broker (BrokerFixture *fixture, gconstpointer data)
{
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  int helper;

  SKIP_WITHOUT_PUBLISHER (fixture);

  person_set_up (&person, fixture);
  session = run (fixture, ALLOW, "", "exec foot");
  test_session_wait_window (session);
  must_call (session, "PublishOn");
  recorder = recorder_start (person.socket, WIDTH, HEIGHT);
  wait_until (shows_screenshot (recorder, session));
  helper = test_find_below (fixture, "glovebox-publish");
  g_assert_cmpint (helper, >, 1);
  g_dbus_connection_set_exit_on_close (glb_client_get_connection (fixture->client), FALSE);
  g_assert_no_errno (kill (fixture->pid, SIGKILL));
  wait_until (program_count (person.manager, "gone ") == 1);
  wait_until (is_gone (&helper));
  broker_fixture_wait_clean (fixture);
}

static void
test_host_ends (BrokerFixture *fixture, gconstpointer data)
{
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_PUBLISHER (fixture);

  person_set_up (&person, fixture);
  session = run (fixture, ALLOW, "", "exec sleep 100000");
  must_call (session, "PublishOn");
  person_clear (&person);
  assert_unpublished (fixture, session,
                      "the person's PipeWire ended; start it (systemctl --user start pipewire), then publish again", -1);
  wait_until (is_described (session, "on", "false"));
  person_set_up (&person, fixture);
  must_call (session, "PublishOn");
  wait_until (program_count (person.manager, "screen ") == 1);
}

/* ---- the command line ------------------------------------------------------------------------ */

/* Output, errors included, of the person's command. (transfer full) */
static char *
glovebox (int *status, const char *verb, TestSession *session, const char *order)
{
  g_autofree char *program = glb_sandbox_find_private ("glovebox");
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  char *output = NULL;

  g_assert_nonnull (program);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error, program, verb,
                              session != NULL ? glb_dbus_session1_get_id (session->proxy) : order, order, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  *status = g_subprocess_get_exit_status (process);
  return output;
}

static void
test_command_line (BrokerFixture *fixture, gconstpointer data)
{
  g_auto(Person) person = { 0 };
  g_autoptr(TestSession) denied = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autofree char *no = NULL;
  g_autofree char *word = NULL;
  g_autofree char *on = NULL;
  g_autofree char *listed = NULL;
  g_autofree char *json = NULL;
  g_autofree char *off = NULL;
  g_autofree char *expected = NULL;
  int status;

  SKIP_WITHOUT_PUBLISHER (fixture);

  person_set_up (&person, fixture);
  denied = run (fixture, "", "", "exec sleep 100000");
  no = glovebox (&status, "publish", denied, "on");
  g_assert_cmpint (status, ==, 126);
  g_assert_cmpstr (no, ==, "glovebox: publish: policy_denied: the policy does not let the screen out; see desktop.publish in it\n");
  word = glovebox (&status, "publish", denied, "yes");
  g_assert_cmpint (status, ==, 125);
  g_assert_cmpstr (word, ==, "glovebox: publish: yes: no such order; use on or off\n");

  session = run (fixture, ALLOW, "", "exec sleep 100000");
  on = glovebox (&status, "publish", session, "on");
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (on, ==, "");
  wait_until (program_count (person.manager, "screen ") == 1);
  listed = glovebox (&status, "publish", session, NULL);
  expected = g_strdup_printf ("screen      policy allow   on yes  in use no   glovebox.screen.%s\n"
                              "sound       policy deny    on no   in use no   \n", glb_dbus_session1_get_id (session->proxy));
  g_assert_cmpstr (listed, ==, expected);
  json = glovebox (&status, "ps", NULL, "--json");
  g_assert_nonnull (strstr (json, "\"outputs\":[\"screen\"]"));
  g_assert_nonnull (strstr (json, "\"outputs\":[]"));
  off = glovebox (&status, "publish", session, "off");
  g_assert_cmpint (status, ==, 0);
  wait_until (program_count (person.manager, "gone ") == 1);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  /* the person's PipeWire is the test's, wherever this runs */
  g_unsetenv ("PIPEWIRE_REMOTE");
  g_unsetenv ("PIPEWIRE_RUNTIME_DIR");
  g_test_init (&argc, &argv, NULL);

#define ADD_WITH(path, data, function) \
  g_test_add ("/broker-publish/" path, BrokerFixture, data, broker_fixture_set_up, function, broker_fixture_tear_down)
#define ADD(path, function) ADD_WITH (path, NULL, function)
  ADD ("denied", test_denied);
  ADD ("no-host", test_no_host);
  ADD ("screen", test_screen);
  ADD ("inside", test_inside);
  ADD_WITH ("kill-helper", GINT_TO_POINTER (SIGKILL), test_kill_helper);
  ADD_WITH ("stop-helper", GINT_TO_POINTER (SIGSTOP), test_kill_helper);
  ADD ("kill-broker", test_kill_broker);
  ADD ("host-ends", test_host_ends);
  ADD ("command-line", test_command_line);

  return g_test_run ();
}
