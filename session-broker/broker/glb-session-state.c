/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The session's states, apart from everything that has effects:
 *
 *   starting ──► running ◄──► paused
 *       │           │            │
 *       └───────────┴────────────┴──► stopping ──► ended
 *
 * The first end wins: END means nothing in "stopping", so the reason that was
 * recorded with the first one stays.
 */

#include "config.h"

#include "session-broker/broker/glb-session-state.h"

gboolean
glb_session_state_next (GlbSessionState from, GlbSessionEvent event, GlbSessionState *to)
{
  static const struct { GlbSessionState from; GlbSessionEvent event; GlbSessionState to; } table[] = {
    { GLB_SESSION_STARTING, GLB_SESSION_EVENT_STARTED, GLB_SESSION_RUNNING },
    { GLB_SESSION_STARTING, GLB_SESSION_EVENT_END,     GLB_SESSION_STOPPING },
    { GLB_SESSION_RUNNING,  GLB_SESSION_EVENT_PAUSE,   GLB_SESSION_PAUSED },
    { GLB_SESSION_RUNNING,  GLB_SESSION_EVENT_END,     GLB_SESSION_STOPPING },
    { GLB_SESSION_PAUSED,   GLB_SESSION_EVENT_RESUME,  GLB_SESSION_RUNNING },
    { GLB_SESSION_PAUSED,   GLB_SESSION_EVENT_END,     GLB_SESSION_STOPPING },
    { GLB_SESSION_STOPPING, GLB_SESSION_EVENT_GONE,    GLB_SESSION_ENDED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].from == from && table[i].event == event)
      {
        *to = table[i].to;
        return TRUE;
      }

  return FALSE;
}

const char *
glb_session_state_to_string (GlbSessionState state)
{
  switch (state)
    {
    case GLB_SESSION_STARTING: return "starting";
    case GLB_SESSION_RUNNING:  return "running";
    case GLB_SESSION_PAUSED:   return "paused";
    case GLB_SESSION_STOPPING: return "stopping";
    case GLB_SESSION_ENDED:    return "ended";
    default:                   g_return_val_if_reached ("ended");
    }
}

const char *
glb_end_reason_to_string (GlbEndReason reason)
{
  switch (reason)
    {
    case GLB_END_NONE:            return "";
    case GLB_END_EXITED:          return "exited";
    case GLB_END_STOPPED:         return "stopped";
    case GLB_END_KILLED:          return "killed";
    case GLB_END_TIMEOUT:         return "timeout";
    case GLB_END_CLIENT_GONE:     return "client-gone";
    case GLB_END_COMPOSITOR_DIED: return "compositor-died";
    case GLB_END_SANDBOX_DIED:    return "sandbox-died";
    case GLB_END_OUT_OF_MEMORY:   return "out-of-memory";
    case GLB_END_AUDIT_FULL:      return "audit-full";
    case GLB_END_BROKER_STOPPING: return "broker-stopping";
    case GLB_END_FAILED:          return "failed";
    default:                      g_return_val_if_reached ("failed");
    }
}

gboolean
glb_end_reason_is_gentle (GlbEndReason reason)
{
  return reason == GLB_END_STOPPED || reason == GLB_END_TIMEOUT || reason == GLB_END_CLIENT_GONE ||
         reason == GLB_END_BROKER_STOPPING;
}
