/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/broker/glb-session-state.h"

/* Each pair that is not named here leads nowhere. */
static void
test_table (void)
{
  static const struct { GlbSessionState from; GlbSessionEvent event; GlbSessionState to; } allowed[] = {
    { GLB_SESSION_STARTING, GLB_SESSION_EVENT_STARTED, GLB_SESSION_RUNNING },
    { GLB_SESSION_STARTING, GLB_SESSION_EVENT_END, GLB_SESSION_STOPPING },
    { GLB_SESSION_RUNNING, GLB_SESSION_EVENT_PAUSE, GLB_SESSION_PAUSED },
    { GLB_SESSION_RUNNING, GLB_SESSION_EVENT_END, GLB_SESSION_STOPPING },
    { GLB_SESSION_PAUSED, GLB_SESSION_EVENT_RESUME, GLB_SESSION_RUNNING },
    { GLB_SESSION_PAUSED, GLB_SESSION_EVENT_END, GLB_SESSION_STOPPING },
    { GLB_SESSION_STOPPING, GLB_SESSION_EVENT_GONE, GLB_SESSION_ENDED },
  };

  for (GlbSessionState from = GLB_SESSION_STARTING; from <= GLB_SESSION_ENDED; from++)
    for (GlbSessionEvent event = GLB_SESSION_EVENT_STARTED; event <= GLB_SESSION_EVENT_GONE; event++)
      {
        GlbSessionState to = from, expected = from;
        gboolean known = FALSE;

        for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
          if (allowed[i].from == from && allowed[i].event == event)
            {
              known = TRUE;
              expected = allowed[i].to;
            }
        g_assert_cmpint (glb_session_state_next (from, event, &to), ==, known);
        g_assert_cmpint (to, ==, expected);
      }
}

static void
test_names (void)
{
  g_assert_cmpstr (glb_session_state_to_string (GLB_SESSION_PAUSED), ==, "paused");
  g_assert_cmpstr (glb_end_reason_to_string (GLB_END_OUT_OF_MEMORY), ==, "out-of-memory");
  for (GlbEndReason reason = GLB_END_EXITED; reason <= GLB_END_FAILED; reason++)
    g_assert_cmpstr (glb_end_reason_to_string (reason), !=, "");
  g_assert_false (glb_end_reason_is_gentle (GLB_END_KILLED));
  g_assert_false (glb_end_reason_is_gentle (GLB_END_AUDIT_FULL));
  g_assert_true (glb_end_reason_is_gentle (GLB_END_STOPPED));
  g_assert_true (glb_end_reason_is_gentle (GLB_END_TIMEOUT));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session-state/table", test_table);
  g_test_add_func ("/session-state/names", test_names);
  return g_test_run ();
}
