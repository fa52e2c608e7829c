/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions with a display, with a real compositor and a real application in each. */

#include "config.h"

#include <errno.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include <json-glib/json-glib.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "session-broker/client/glb-broker-error.h"
#include "tests/broker/terminal-fixture.h"

/* ---- denials ------------------------------------------------------------------------ */

static void
test_refused_actions (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *stale = NULL;
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  stale = g_strdup_printf ("{\"action\":\"left_click\",\"coordinate\":[5,5],\"frameId\":%" G_GINT64_FORMAT "}", terminal_settle (session) + 7);
  terminal_assert_result (session, "no json", "refused", "malformed");
  terminal_assert_result (session, "{\"action\":\"dance\"}", "refused", "malformed");
  terminal_assert_result (session, "{\"action\":\"left_click\",\"coordinate\":[640,5]}", "refused", "out_of_bounds");
  terminal_assert_result (session, stale, "refused", "stale_frame");
}

static void
test_input_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, ",\"desktop\":{\"width\":640,\"height\":480}");
  terminal_assert_result (session, "{\"action\":\"left_click\",\"coordinate\":[5,5]}", "refused", "policy_denied");
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"x\"}", "refused", "policy_denied");
  g_assert_false (glb_dbus_session1_call_take_lease_sync (session->proxy, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
}

/* ---- acting ----------------------------------------------------------------------------- */

static void
test_type (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"zażółć 漢字\\n\",\"settle\":true}", "delivered", NULL);
  terminal_wait_lines (session, "zażółć 漢字\n");
  terminal_assert_result (session, "{\"action\":\"key\",\"text\":\"a\"}", "delivered", NULL);
  terminal_assert_result (session, "{\"action\":\"key\",\"text\":\"Return\"}", "delivered", NULL);
  terminal_wait_lines (session, "zażółć 漢字\na\n");
}

static void
test_screenshot (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  terminal_settle (session);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GUnixFDList) list = NULL;
      g_autoptr(GVariant) handle = NULL;
      g_autoptr(GVariant) info = NULL;
      g_autofree char *content = NULL;
      guint width = 0;
      int fd;

      start = g_get_monotonic_time ();
      glb_dbus_session1_call_screenshot_sync (session->proxy, g_variant_new ("a{sv}", NULL), NULL, &handle, &info, &list, NULL, &error);
      g_assert_no_error (error);
      g_test_message ("screenshot %u: %.2f ms", i, (g_get_monotonic_time () - start) / 1000.0);
      g_assert_true (g_variant_lookup (info, "width", "u", &width));
      g_assert_cmpuint (width, ==, 640);
      fd = g_unix_fd_list_get (list, 0, &error);
      content = test_read_all (&fd);
      g_assert_cmpmem (content, 4, "\x89PNG", 4);
    }
  {
    g_autoptr(GBytes) image = NULL;
    g_autofree char *text = test_session_act (session, "{\"action\":\"zoom\",\"region\":[10,10,50,40]}", &image);

    g_assert_nonnull (strstr (text, "delivered"));
  }
}

/* ---- driving -------------------------------------------------------------------------------- */

static void
test_takeover (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbClient) other = NULL;
  g_autoptr(GlbDBusSession1) elsewhere = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *result = NULL;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  other = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  elsewhere = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (other), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), NULL, &error);
  g_assert_no_error (error);

  g_assert_false (terminal_send (session, 1, GLB_SHIM_EVENT_KEY, KEY_A, 1, 0, 0, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);

  glb_dbus_session1_call_take_lease_sync (session->proxy, &epoch, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (glb_dbus_session1_call_take_lease_sync (elsewhere, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);
  glb_dbus_session1_call_act_sync (elsewhere, "{\"action\":\"type\",\"text\":\"agent\"}", NULL, &result, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (result, "lease_human"));

  g_assert_false (terminal_send (session, epoch, GLB_SHIM_EVENT_MOTION, 0, 0, 640 * 256, 0, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (terminal_send (session, epoch + 1, GLB_SHIM_EVENT_KEY, KEY_A, 1, 0, 0, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_H, 1, 0, 0, &error));
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_H, 0, 0, 0, &error));
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_ENTER, 1, 0, 0, &error));
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_ENTER, 0, 0, 0, &error));
  g_assert_no_error (error);
  terminal_wait_lines (session, "h\n");

  glb_dbus_session1_call_release_lease_sync (session->proxy, NULL, NULL, &error);
  g_assert_no_error (error);
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"b\\n\"}", "delivered", NULL);
  terminal_wait_lines (session, "h\nb\n");
}

typedef struct
{
  char *result;
} Acting;

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Acting *acting = user_data;
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_act_finish (GLB_DBUS_SESSION1 (source), &acting->result, NULL, NULL, result, &error);
  g_assert_no_error (error);
}

static gboolean
has_result (gpointer user_data)
{
  Acting *acting = user_data;

  return acting->result != NULL;
}

/* A takeover kills an action in flight, however long that one would take. */
static void
test_takeover_in_flight (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  Acting acting = { NULL };
  gint64 start;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  start = g_get_monotonic_time ();
  glb_dbus_session1_call_act (session->proxy, "{\"action\":\"hold_key\",\"text\":\"x\",\"duration\":60}", NULL, NULL, acted_cb, &acting);
  glb_dbus_session1_call_take_lease_sync (session->proxy, NULL, NULL, &error);
  g_assert_no_error (error);
  test_wait (has_result, &acting, "the action to die");
  g_assert_nonnull (strstr (acting.result, "lease_human"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  g_free (acting.result);
}

static gboolean
has_last_line (gpointer user_data)
{
  g_autofree char *lines = terminal_read_lines (user_data);

  return g_str_has_suffix (lines, "last\n");
}

/* So does a pause; and what went in before the session's end was delivered, though nobody saw the screen settle. */
static void
test_cut_off (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  Acting acting = { NULL };
  gint64 start;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  start = g_get_monotonic_time ();
  glb_dbus_session1_call_act (session->proxy, "{\"action\":\"hold_key\",\"text\":\"x\",\"duration\":60}", NULL, NULL, acted_cb, &acting);
  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_wait (has_result, &acting, "the action to die");
  g_assert_nonnull (strstr (acting.result, "session_paused"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  g_clear_pointer (&acting.result, g_free);
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);

  glb_dbus_session1_call_act (session->proxy, "{\"action\":\"type\",\"text\":\"last\\n\",\"settle\":{\"quietMs\":5000,\"maxMs\":20000}}",
                              NULL, NULL, acted_cb, &acting);
  test_wait (has_last_line, session, "the text to arrive");
  glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_wait (has_result, &acting, "the action's result");
  g_assert_nonnull (strstr (acting.result, "delivered"));
  g_assert_nonnull (strstr (acting.result, "\"settled\":false"));
  g_free (acting.result);
}

/* An action that ends the session itself hears what it did, and the one behind it that there is no session any more. */
static void
test_ending_action (BrokerFixture *fixture, gconstpointer data)
{
  const char *argv[] = { "foot", "--log-level=none", "/bin/sh", "-c", "stty -icanon; head -c 1", NULL };
  g_autofree char *policy = test_policy ("session", DESKTOP);
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  Acting ending = { NULL }, rest = { NULL };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error);
  g_assert_no_error (error);
  test_session_wait_window (session);
  terminal_settle (session);
  glb_dbus_session1_call_act (session->proxy, "{\"action\":\"hold_key\",\"text\":\"x\",\"duration\":60}", NULL, NULL, acted_cb, &ending);
  glb_dbus_session1_call_act (session->proxy, "{\"action\":\"key\",\"text\":\"y\"}", NULL, NULL, acted_cb, &rest);
  test_wait (has_result, &rest, "the action that is too late");
  g_assert_nonnull (strstr (rest.result, "\"refused\""));
  g_assert_nonnull (strstr (rest.result, "session_ended"));
  test_wait (has_result, &ending, "the action that ended it");
  g_assert_nonnull (strstr (ending.result, "\"delivered\""));
  g_free (ending.result);
  g_free (rest.result);
  test_session_wait_reason (session, "exited");
}

static void
test_paused_actions (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"x\"}", "refused", "session_paused");
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"x\"}", "delivered", NULL);
}

/* ---- watching --------------------------------------------------------------------------------- */

typedef struct
{
  guint n_frames;
  gboolean closed;
} Seen;

static void
on_frame (GlbFrameStream *stream, gpointer user_data)
{
  Seen *seen = user_data;
  const GlbFrame *frame = glb_frame_stream_peek (stream);

  g_assert_nonnull (frame);
  g_assert_cmpuint (frame->width, ==, 640);
  seen->n_frames++;
  glb_frame_stream_release (stream);
}

static void
on_closed (GlbFrameStream *stream, gpointer user_data)
{
  Seen *seen = user_data;

  seen->closed = TRUE;
}

static gboolean
has_two_frames (gpointer user_data)
{
  Seen *seen = user_data;

  return seen->n_frames >= 2;
}

static gboolean
is_closed (gpointer user_data)
{
  Seen *seen = user_data;

  return seen->closed;
}

static int
watch (TestSession *session)
{
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GVariant) handle = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  glb_dbus_session1_call_watch_sync (session->proxy, g_variant_new ("a{sv}", NULL), NULL, &handle, &list, NULL, &error);
  g_assert_no_error (error);
  fd = g_unix_fd_list_get (list, 0, &error);
  g_assert_no_error (error);
  return fd;
}

static void
test_watch (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbFrameStream) stream = NULL;
  g_autoptr(GlbFrameStream) lazy = NULL;
  g_autoptr(GError) error = NULL;
  Seen seen = { 0 }, lazy_seen = { 0 };

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  terminal_settle (session);
  stream = glb_frame_stream_new (watch (session), &error);
  g_assert_no_error (error);
  g_signal_connect (stream, "frame", G_CALLBACK (on_frame), &seen);
  g_signal_connect (stream, "closed", G_CALLBACK (on_closed), &seen);
  /* gets a frame, never gives it back */
  lazy = glb_frame_stream_new (watch (session), &error);
  g_assert_no_error (error);
  g_signal_connect (lazy, "closed", G_CALLBACK (on_closed), &lazy_seen);

  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"abc\",\"settle\":true}", "delivered", NULL);
  test_wait (has_two_frames, &seen, "frames");
  test_wait (is_closed, &lazy_seen, "the lazy viewer to lose its stream");
  g_assert_false (seen.closed);

  seen.n_frames = 0;
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"abc\",\"settle\":true}", "delivered", NULL);
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"abc\",\"settle\":true}", "delivered", NULL);
  test_wait (has_two_frames, &seen, "frames after the lazy one has gone");
}

/* ---- from the inside ------------------------------------------------------------------------------ */

static char *
exec_out (TestSession *session, const char *script)
{
  int fds[3];
  char *out;

  test_session_exec (session, script, fds);
  close (fds[0]);
  out = test_read_all (&fds[1]);
  close (fds[2]);
  return out;
}

static void
test_action_socket (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *shot = NULL;
  g_autofree char *garbage = NULL;
  g_autofree char *typed = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  if (!g_file_test ("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("python3 is missing");
      return;
    }

  /* three times garbage ends the connection, each with a typed refusal */
  garbage = exec_out (session, "python3 -c '\n"
                      "import os,socket\n"
                      "s=socket.socket(socket.AF_UNIX); s.connect(os.environ[\"GLOVEBOX_ACTION_SOCKET\"])\n"
                      "s.sendall(b\"x\\n{}\\n\\xff\\xfe\\n\"+b\"y\"*10)\n"
                      "d=b\"\"\n"
                      "while True:\n"
                      "  c=s.recv(65536)\n"
                      "  if not c: break\n"
                      "  d+=c\n"
                      "print(d.count(b\"malformed\"), d.count(b\"\\n\"))\n"
                      "s=socket.socket(socket.AF_UNIX); s.connect(os.environ[\"GLOVEBOX_ACTION_SOCKET\"])\n"
                      "try: s.sendall(b\"z\"*1000000)\n"
                      "except OSError: pass\n"
                      "print(b\"too long\" in s.recv(65536))\n"
                      "'");
  g_assert_cmpstr (garbage, ==, "3 3\nTrue\n");

  shot = exec_out (session, "python3 -c '\n"
                   "import os,socket,json,base64\n"
                   "s=socket.socket(socket.AF_UNIX); s.connect(os.environ[\"GLOVEBOX_ACTION_SOCKET\"])\n"
                   "f=s.makefile(\"rw\")\n"
                   "f.write(\"{\\\"action\\\":\\\"screenshot\\\"}\\n\"); f.flush()\n"
                   "r=json.loads(f.readline()); print(r[\"status\"], base64.b64decode(r[\"png\"])[1:4])\n"
                   "'");
  g_assert_cmpstr (shot, ==, "delivered b'PNG'\n");

  typed = exec_out (session, "glovebox-act '{\"action\":\"type\",\"text\":\"inside\\n\",\"settle\":true}' >/dev/null; echo $?");
  g_assert_cmpstr (typed, ==, "0\n");
  terminal_wait_lines (session, "inside\n");
}

/* What programs look for before a locale's own half megabyte of sequences: there, readable by them, and empty of sequences. */
static void
test_compose (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *lines = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  lines = exec_out (session, "cat \"$XCOMPOSEFILE\" | grep -c . ; grep -vc '^#' \"$XCOMPOSEFILE\"");
  g_assert_cmpstr (lines, ==, "1\n0\n");
}

/* ---- violent ends -------------------------------------------------------------------------------------- */

static int
find_compositor (TestSession *session)
{
  int pid = test_find_process (glb_dbus_session1_get_compositor_uid (session->proxy), "weston");

  g_assert_cmpint (pid, >, 1);
  return pid;
}

static void
test_kill_compositor (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  g_assert_cmpint (kill (find_compositor (session), SIGKILL), ==, 0);
  test_session_wait_reason (session, "compositor-died");
  broker_fixture_wait_clean (fixture);
}

/* A compositor that hangs is no silent hang of the session. */
static void
test_hung_compositor (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  g_assert_cmpint (kill (find_compositor (session), SIGSTOP), ==, 0);
  test_session_wait_reason (session, "compositor-died");
  broker_fixture_wait_clean (fixture);
}

static void
test_kill_init (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  g_assert_cmpint (kill (test_find_process (glb_dbus_session1_get_agent_uid (session->proxy), "init"), SIGKILL), ==, 0);
  test_session_wait_reason (session, "sandbox-died");
  broker_fixture_wait_clean (fixture);
}

/* Distinct accounts, and none twice; the second start takes a spare compositor. */
static void
test_many (BrokerFixture *fixture, gconstpointer data)
{
  TestSession *sessions[4];
  g_autoptr(GHashTable) uids = g_hash_table_new (NULL, NULL);
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      sessions[i] = terminal_run (fixture, DESKTOP);
      g_assert_true (g_hash_table_add (uids, GUINT_TO_POINTER (glb_dbus_session1_get_agent_uid (sessions[i]->proxy))));
      g_assert_true (g_hash_table_add (uids, GUINT_TO_POINTER (glb_dbus_session1_get_compositor_uid (sessions[i]->proxy))));
    }
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      glb_dbus_session1_call_stop_sync (sessions[i]->proxy, NULL, &error);
      g_assert_no_error (error);
      test_session_wait_reason (sessions[i], "stopped");
      test_session_free (sessions[i]);
    }
  broker_fixture_wait_clean (fixture);
}

#define ADD(path, function) \
  g_test_add ("/desktop/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refused-actions", test_refused_actions);
  ADD ("input-denied", test_input_denied);
  ADD ("type", test_type);
  ADD ("screenshot", test_screenshot);
  ADD ("takeover", test_takeover);
  ADD ("takeover-in-flight", test_takeover_in_flight);
  ADD ("cut-off", test_cut_off);
  ADD ("ending-action", test_ending_action);
  ADD ("paused-actions", test_paused_actions);
  ADD ("watch", test_watch);
  ADD ("action-socket", test_action_socket);
  ADD ("compose", test_compose);
  ADD ("kill-compositor", test_kill_compositor);
  ADD ("hung-compositor", test_hung_compositor);
  ADD ("kill-init", test_kill_init);
  ADD ("many", test_many);
  return g_test_run ();
}
