/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/replay/glb-replay-test.h"

G_BEGIN_DECLS

/**
 * GlbReplaySession:
 *
 * A session of its own for one replay, on a connection of its own: it ends with it, whatever becomes of us. Each call waits for its
 * answer, with a deadline; signals come in the thread's own main context, which is run while something is waited for.
 */
typedef struct _GlbReplaySession GlbReplaySession;

typedef struct
{
  const char *policy_file;       /* (nullable): instead of the test's */
  const char *workspace;         /* (nullable): the current folder, if the policy names one */
  gboolean deterministic;        /* even if the test does not say so */
} GlbReplaySessionOptions;

/* Starts it, and takes the seat. Errors: GLB_BROKER_ERROR and others, one line. */
GlbReplaySession *glb_replay_session_start (const GlbReplayTest *test, const GlbReplaySessionOptions *options, GError **error);
/* Ends it, and waits until nothing of it is left. What the command wrote last. (transfer full) */
char             *glb_replay_session_end   (GlbReplaySession *self);

void        glb_replay_session_get_size (GlbReplaySession *self, guint *width, guint *height);
/* NULL: it runs. Else why it ended, in one line. (transfer full) */
char       *glb_replay_session_why_ended (GlbReplaySession *self);
/* Its command exited with 0. */
gboolean    glb_replay_session_exited_well (GlbReplaySession *self);
/* The result. png: (out) (optional) (nullable) */
JsonObject *glb_replay_session_act (GlbReplaySession *self, JsonObject *action, GBytes **png, GError **error);
/* Until such a window is there (or none, where gone). FALSE: not in time, or the session ended. */
gboolean    glb_replay_session_wait_window (GlbReplaySession *self, const GlbReplayWindow *window, gboolean gone, guint timeout_ms);
/* Where the topmost such window is now. FALSE: there is none. */
gboolean    glb_replay_session_find_window (GlbReplaySession *self, const GlbReplayWindow *window, GlbReplayRect *rect);
/* The windows that there are, for a message. (transfer full) */
char       *glb_replay_session_list_windows (GlbReplaySession *self);

G_END_DECLS
