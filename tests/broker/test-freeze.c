/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * desktop.input.freezeOnTakeover, on real sessions. The session's command is a
 * harness that counts, in three ways: itself, by children that it forks, and
 * by a daemon that it let go. It also started a terminal, which has a window.
 */

#include "config.h"

#include <linux/input-event-codes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include "session-broker/client/glb-broker-error.h"
#include "session-broker/sandbox/glb-cgroup.h"
#include "tests/broker/terminal-fixture.h"

#define FREEZE DESKTOP_WITH (",\"freezeOnTakeover\":true")

#define HARNESS \
  "foot --log-level=none /bin/sh -c 'while read -r x; do echo \"$x\" >>lines; done' &\n" \
  "count () { n=0; while :; do n=$((n+1)); echo $n >$1.new; mv $1.new $1; sleep 0.002; done; }\n" \
  "(count forked) &\n" \
  "(setsid sh -c 'n=0; while :; do n=$((n+1)); echo $n >daemon; sleep 0.002; done' &)\n" \
  "count own"

static const char * const counters[] = { "own", "forked", "daemon" };

/* FALSE: this host cannot, and says so when it is asked; that was the test. */
static gboolean
can_freeze (BrokerFixture *fixture)
{
  g_autofree char *policy = test_policy ("session", FREEZE);
  const char *argv[] = { "true", NULL };
  g_autoptr(GError) error = NULL;

  if (glb_cgroup_probe (NULL) & GLB_CGROUP_HOLD)
    return TRUE;

  g_assert_null (broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_assert_nonnull (strstr (error->message, "This host can't freeze a part of a session: "));
  g_assert_nonnull (strstr (error->message, "leave desktop.input.freezeOnTakeover out of the policy"));
  return FALSE;
}

#define SKIP_UNLESS_FREEZE(fixture) SKIP_WITHOUT_DESKTOP (fixture); if (!can_freeze (fixture)) return

static guint64
read_counter (TestSession *session, const char *name)
{
  g_autofree char *script = g_strdup_printf ("cat %s", name);
  g_autofree char *text = NULL;
  int fds[3];

  test_session_exec (session, script, fds);
  close (fds[0]);
  close (fds[2]);
  text = test_read_all (&fds[1]);
  return g_ascii_strtoull (text, NULL, 10);
}

typedef struct
{
  TestSession *session;
  const char *name;
  guint64 above;
} Counting;

static gboolean
has_counted (gpointer user_data)
{
  Counting *counting = user_data;

  return read_counter (counting->session, counting->name) > counting->above;
}

static void
assert_counts (TestSession *session)
{
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      Counting counting = { session, counters[i], read_counter (session, counters[i]) };

      test_wait (has_counted, &counting, counters[i]);
    }
}

static void
read_all (TestSession *session, guint64 *values)
{
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    values[i] = read_counter (session, counters[i]);
}

static void
assert_stands_still (TestSession *session, const guint64 *before)
{
  guint64 now[G_N_ELEMENTS (counters)];

  read_all (session, now);
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    g_assert_cmpuint (now[i], ==, before[i]);
}

static TestSession *
run_script (BrokerFixture *fixture, const char *more, const char *script)
{
  g_autofree char *policy = test_policy ("session", more);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session = broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error);

  g_assert_no_error (error);
  test_session_wait_window (session);
  assert_counts (session);
  return session;
}

static TestSession *
run_harness (BrokerFixture *fixture)
{
  return run_script (fixture, FREEZE, HARNESS);
}

static guint64
take (GlbDBusSession1 *proxy)
{
  g_autoptr(GError) error = NULL;
  guint64 epoch;

  glb_dbus_session1_call_take_lease_sync (proxy, &epoch, NULL, &error);
  g_assert_no_error (error);
  return epoch;
}

static void
give_back (TestSession *session)
{
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_release_lease_sync (session->proxy, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* The number of records of event, and a member of the last. */
static guint
count_records (BrokerFixture *fixture, TestSession *session, const char *event, const char *member, gint64 *value)
{
  guint n;
  g_autoptr(JsonObject) record = test_session_find_record (fixture, session, event, NULL, &n);

  if (member != NULL && record != NULL)
    *value = json_object_get_int_member (record, member);
  return n;
}

/* As soon as the person drives nothing of the harness runs, and the terminal does: its shell reads what the person types. */
static void
test_stands_still (BrokerFixture *fixture, gconstpointer data)
{
  static const guint keys[] = { KEY_H, KEY_E, KEY_L, KEY_P };
  g_autoptr(TestSession) session = NULL;
  guint64 before[G_N_ELEMENTS (counters)], epoch;
  gint64 frozen = 0, running = 0, took = 0;
  int fds[3];

  SKIP_UNLESS_FREEZE (fixture);

  session = run_harness (fixture);
  epoch = take (session->proxy);
  read_all (session, before);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      terminal_press (session, epoch, keys[i]);
      assert_stands_still (session, before);
    }
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_lines (session, "help\n");
  assert_stands_still (session, before);

  /* no colleague can wake it: what stops it is no signal */
  test_session_exec (session, "kill -CONT -1", fds);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
  assert_stands_still (session, before);
  g_assert_cmpuint (count_records (fixture, session, "agent-thawed", NULL, NULL), ==, 0);
  g_assert_cmpuint (count_records (fixture, session, "agent-frozen", "frozen", &frozen), ==, 1);
  count_records (fixture, session, "agent-frozen", "running", &running);
  count_records (fixture, session, "agent-frozen", "tookUs", &took);
  g_test_message ("%d processes stood still, %d ran, after %.1f ms", (int) frozen, (int) running, took / 1000.0);
  g_assert_cmpint (frozen, >=, 3);
  g_assert_cmpint (running, >=, 4);     /* bubblewrap, init, foot, its shell */

  give_back (session);
  assert_counts (session);
  g_assert_cmpuint (count_records (fixture, session, "agent-thawed", NULL, NULL), ==, 1);

  /* and again, with what was sorted the first time */
  take (session->proxy);
  read_all (session, before);
  terminal_wait_lines (session, "help\n");
  assert_stands_still (session, before);
  give_back (session);
  assert_counts (session);
}

/* One who drives and goes away leaves nothing frozen. */
static void
test_disconnect (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbClient) other = NULL;
  g_autoptr(GlbDBusSession1) elsewhere = NULL;
  g_autoptr(GError) error = NULL;
  guint64 before[G_N_ELEMENTS (counters)];

  SKIP_UNLESS_FREEZE (fixture);

  session = run_harness (fixture);
  other = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  elsewhere = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (other), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), NULL, &error);
  g_assert_no_error (error);
  take (elsewhere);
  read_all (session, before);
  assert_stands_still (session, before);
  g_dbus_connection_close_sync (glb_client_get_connection (other), NULL, &error);
  g_assert_no_error (error);
  assert_counts (session);
}

/* Both may stop the agent, and it goes on when neither does. */
static void
test_pause (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  guint64 before[G_N_ELEMENTS (counters)], epoch;

  SKIP_UNLESS_FREEZE (fixture);

  session = run_harness (fixture);
  take (session->proxy);
  read_all (session, before);
  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  assert_stands_still (session, before);

  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  give_back (session);
  /* who takes over a paused session drives when it is resumed, and the agent is not there then */
  epoch = take (session->proxy);
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  assert_stands_still (session, before);
  terminal_press (session, epoch, KEY_A);
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_lines (session, "a\n");
  assert_stands_still (session, before);

  glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  give_back (session);
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  assert_counts (session);
}

static void
took_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *n_answers = user_data;

  glb_dbus_session1_call_take_lease_finish (GLB_DBUS_SESSION1 (source), NULL, result, NULL);
  (*n_answers)++;
}

static gboolean
has_three (gpointer user_data)
{
  return *(guint *) user_data == 3;
}

/* Faster than it can be done: every call is answered, and the end is as the last one said. */
static void
test_back_and_forth (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  guint64 before[G_N_ELEMENTS (counters)];
  guint n_answers = 0;

  SKIP_UNLESS_FREEZE (fixture);

  session = run_harness (fixture);
  for (guint i = 0; i < 3; i++)
    {
      glb_dbus_session1_call_take_lease (session->proxy, NULL, took_cb, &n_answers);
      glb_dbus_session1_call_release_lease_sync (session->proxy, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  test_wait (has_three, &n_answers, "three answers");
  assert_counts (session);
  take (session->proxy);
  read_all (session, before);
  assert_stands_still (session, before);
  give_back (session);
  assert_counts (session);
}

static gboolean
has_two_windows (gpointer user_data)
{
  TestSession *session = user_data;

  return g_variant_n_children (glb_dbus_session1_get_windows (session->proxy)) == 2;
}

/* Which of them an X11 window is of nobody can say: an X11 program stands still, whatever it claims. */
static void
test_x11 (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint64 before[G_N_ELEMENTS (counters)], epoch, count;
  Counting counting = { NULL, "x11", 0 };

  SKIP_UNLESS_FREEZE (fixture);
  if (!g_file_test ("/usr/bin/xterm", G_FILE_TEST_IS_EXECUTABLE) || !g_file_test ("/usr/bin/Xwayland", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("xterm or Xwayland is missing; install the packages xterm and xwayland");
      return;
    }

  session = run_script (fixture, ",\"desktop\":{\"width\":640,\"height\":480,\"xwayland\":true,"
                        "\"input\":{\"agent\":\"allow\",\"human\":\"on-takeover\",\"freezeOnTakeover\":true}}",
                        "xterm -e sh -c 'n=0; while :; do n=$((n+1)); echo $n >x11; sleep 0.002; done' &\n" HARNESS);
  test_wait (has_two_windows, session, "the X11 program's window");
  counting.session = session;
  test_wait (has_counted, &counting, "the X11 program to count");
  epoch = take (session->proxy);
  read_all (session, before);
  count = read_counter (session, "x11");
  assert_stands_still (session, before);
  g_assert_cmpuint (read_counter (session, "x11"), ==, count);
  g_assert_cmpuint (epoch, >, 1);
  give_back (session);
  counting.above = count;
  test_wait (has_counted, &counting, "the X11 program to go on");
}

typedef enum { END_STOP, END_KILL, END_BROKER } End;

static gboolean
bus_is_gone (gpointer user_data)
{
  BrokerFixture *fixture = user_data;

  return g_dbus_connection_is_closed (glb_client_get_connection (fixture->client));
}

/* A session that stands still ends as any other: nothing stays frozen, nothing is left. */
static void
test_end (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start;

  SKIP_UNLESS_FREEZE (fixture);

  session = run_harness (fixture);
  take (session->proxy);
  start = g_get_monotonic_time ();
  switch ((End) GPOINTER_TO_INT (data))
    {
    case END_STOP:
      glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
      g_assert_no_error (error);
      test_session_wait_reason (session, "stopped");
      break;
    case END_KILL:
      glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
      g_assert_no_error (error);
      test_session_wait_reason (session, "killed");
      break;
    case END_BROKER:
    default:
      g_dbus_connection_set_exit_on_close (glb_client_get_connection (fixture->client), FALSE);
      g_assert_cmpint (kill (fixture->pid, SIGKILL), ==, 0);
      test_wait (bus_is_gone, fixture, "the connection to close");
    }
  broker_fixture_wait_clean (fixture);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 6 * G_USEC_PER_SEC);
}

/* The session's own D-Bus and what it started are no harness. */
static void
test_bus (BrokerFixture *fixture, gconstpointer data)
{
  const char *ask = "gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetId >/dev/null && echo answered";
  g_autoptr(TestSession) session = NULL;
  int fds[3];

  SKIP_UNLESS_FREEZE (fixture);

  session = run_harness (fixture);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *out = NULL;

      test_session_exec (session, ask, fds);
      close (fds[0]);
      close (fds[2]);
      out = test_read_all (&fds[1]);
      g_assert_cmpstr (out, ==, "answered\n");
      if (i == 0)
        take (session->proxy);
    }
  give_back (session);
}

#define ADD(path, function, data) \
  g_test_add ("/freeze/" path, BrokerFixture, data, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("stands-still", test_stands_still, NULL);
  ADD ("disconnect", test_disconnect, NULL);
  ADD ("pause", test_pause, NULL);
  ADD ("back-and-forth", test_back_and_forth, NULL);
  ADD ("bus", test_bus, NULL);
  ADD ("x11", test_x11, NULL);
  ADD ("end/stop", test_end, GINT_TO_POINTER (END_STOP));
  ADD ("end/kill", test_end, GINT_TO_POINTER (END_KILL));
  ADD ("end/broker-killed", test_end, GINT_TO_POINTER (END_BROKER));
  return g_test_run ();
}
