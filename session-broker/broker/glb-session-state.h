/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLB_SESSION_STARTING,
  GLB_SESSION_RUNNING,
  GLB_SESSION_PAUSED,
  GLB_SESSION_STOPPING,
  GLB_SESSION_ENDED,
} GlbSessionState;

typedef enum
{
  GLB_SESSION_EVENT_STARTED,   /* everything stands, the first command runs */
  GLB_SESSION_EVENT_PAUSE,
  GLB_SESSION_EVENT_RESUME,
  GLB_SESSION_EVENT_END,       /* whatever the reason */
  GLB_SESSION_EVENT_GONE,      /* nothing of it is left */
} GlbSessionEvent;

typedef enum
{
  GLB_END_NONE,
  GLB_END_EXITED,
  GLB_END_STOPPED,
  GLB_END_KILLED,
  GLB_END_TIMEOUT,
  GLB_END_CLIENT_GONE,
  GLB_END_COMPOSITOR_DIED,
  GLB_END_SANDBOX_DIED,
  GLB_END_OUT_OF_MEMORY,
  GLB_END_AUDIT_FULL,
  GLB_END_BROKER_STOPPING,
  GLB_END_FAILED,
} GlbEndReason;

/* Pure. FALSE: the event means nothing in this state, *to is left alone. */
gboolean    glb_session_state_next      (GlbSessionState from, GlbSessionEvent event, GlbSessionState *to);
const char *glb_session_state_to_string (GlbSessionState state);
const char *glb_end_reason_to_string    (GlbEndReason reason);
/* Whether the commands get SIGTERM and a grace time before they are killed. */
gboolean    glb_end_reason_is_gentle    (GlbEndReason reason);

G_END_DECLS
