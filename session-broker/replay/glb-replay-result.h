/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/replay/glb-replay-compare.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_REPLAY_PASSED,
  GLB_REPLAY_DIVERGED,      /* something was not as the test says */
  GLB_REPLAY_REFUSED,       /* by the policy, or by this host */
  GLB_REPLAY_FAILED,        /* Glovebox itself, or the test cannot be read */
} GlbReplayVerdict;

/* One step that was done, or at which it ended. */
typedef struct
{
  char *text;
  guint line;               /* of the test file, 0: none */
  gint64 duration_us;
} GlbReplayDone;

/**
 * GlbReplayResult:
 *
 * What came of one test. All texts may be a hostile session's.
 */
typedef struct
{
  char *name, *file;
  GlbReplayVerdict verdict;
  char *reason;                  /* (nullable): one line: why it did not pass */
  guint n_steps;
  GPtrArray *done;               /* (element-type GlbReplayDone): the last one is where it ended, if it did not pass */
  gint64 duration_us;
  gint64 start_us;               /* of it: until the session ran */
  GlbReplayPicture *before;      /* (nullable): the screen before the step at which it ended */
  GlbReplayPicture *after;       /* (nullable): and after it */
  GlbReplayPicture *expected;    /* (nullable) */
  GlbReplayPicture *difference;  /* (nullable) */
  gboolean has_bounds;
  GlbReplayRect bounds;          /* of what differs */
  GPtrArray *updates;            /* (element-type utf8): lines that say which expectations were written */
  char *output;                  /* (nullable): the end of what the command wrote */
} GlbReplayResult;

GlbReplayResult *glb_replay_result_new  (const char *name, const char *file);
void             glb_replay_result_free (GlbReplayResult *self);
/* The first reason stays. */
void             glb_replay_result_end  (GlbReplayResult *self, GlbReplayVerdict verdict, const char *format, ...) G_GNUC_PRINTF (3, 4);
void             glb_replay_result_add_step (GlbReplayResult *self, const char *text, guint line);
const char      *glb_replay_verdict_to_string (GlbReplayVerdict verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbReplayResult, glb_replay_result_free)

G_END_DECLS
