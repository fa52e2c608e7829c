/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Broker1.FreezeAll, on real sessions: their commands write without end to
 * pipes that the test reads, so that one that still runs cannot hide it.
 */

#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/broker/broker-fixture.h"

#define N_SESSIONS 20

/* One writes itself, one has a child that left its session do it. */
static const char * const writers[] = {
  "while :; do echo x; done",
  "setsid sh -c 'while :; do echo x; done' & wait",
};

static gsize
drain (TestSession *session)
{
  char bytes[65536];
  gsize total = 0;
  gssize n;

  while ((n = read (session->fds[1], bytes, sizeof bytes)) > 0)
    total += n;
  g_assert_cmpint (n, ==, -1);    /* the session has not ended */
  return total;
}

static gboolean
writes (gpointer user_data)
{
  return drain (user_data) > 0;
}

/* After what is in the pipe nothing comes any more. Each look at the broker gives a running one the time to write. */
static void
assert_stands_still (TestSession *session)
{
  drain (session);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GVariant) usage = NULL;
      g_autoptr(GError) error = NULL;

      glb_dbus_session1_call_usage_sync (session->proxy, &usage, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (drain (session), ==, 0);
    }
}

static TestSession *
run_writer (BrokerFixture *fixture, guint number)
{
  g_autofree char *policy = test_policy ("process", "");
  TestSession *session = broker_fixture_run_shell (fixture, policy, writers[number % G_N_ELEMENTS (writers)]);

  g_assert_cmpint (fcntl (session->fds[1], F_SETFL, O_NONBLOCK), ==, 0);
  test_wait (writes, session, "output");
  return session;
}

static void
freeze_all (BrokerFixture *fixture, guint expected)
{
  g_auto(GStrv) failed = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  guint frozen, revoked;

  glb_dbus_broker1_call_freeze_all_sync (fixture->broker, &frozen, &revoked, &failed, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%u sessions frozen after %.1f ms", frozen, (g_get_monotonic_time () - start) / 1000.0);
  g_assert_cmpuint (frozen, ==, expected);
  g_assert_cmpuint (g_strv_length (failed), ==, 0);
}

/* All stand still as soon as the answer is there; then each goes on alone. */
static void
test_everything (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(GPtrArray) sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) test_session_free);
  g_autoptr(GError) error = NULL;
  TestSession *first;

  if (fixture->root == NULL || !broker_fixture_can_run (FALSE))
    return;

  for (guint i = 0; i < N_SESSIONS; i++)
    g_ptr_array_add (sessions, run_writer (fixture, i));
  for (guint i = 0; i < N_SESSIONS; i++)
    test_wait (writes, sessions->pdata[i], "output of all");

  freeze_all (fixture, N_SESSIONS);
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      assert_stands_still (sessions->pdata[i]);
      test_session_wait_state (sessions->pdata[i], "paused");
    }

  first = sessions->pdata[0];
  glb_dbus_session1_call_resume_sync (first->proxy, NULL, &error);
  g_assert_no_error (error);
  test_wait (writes, first, "output again");
  for (guint i = 1; i < N_SESSIONS; i++)
    assert_stands_still (sessions->pdata[i]);

  /* twice is no harm: it freezes the one that runs */
  freeze_all (fixture, 1);
  assert_stands_still (first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/freeze-all/everything", BrokerFixture, NULL, broker_fixture_set_up, test_everything, broker_fixture_tear_down);
  return g_test_run ();
}
