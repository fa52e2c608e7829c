/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/replay/glb-replay-result.h"
#include "session-broker/replay/glb-replay-session.h"

G_BEGIN_DECLS

typedef struct
{
  GlbReplaySessionOptions session;
  gboolean update;               /* write what is seen as what is expected */
  GlbReplayCompareWish compare;  /* goes before what the test says */
} GlbReplayOptions;

/* Does a test in a session of its own. Waits; for one thread a test. file: as the person calls it. (transfer full) */
GlbReplayResult *glb_replay_run (const GlbReplayTest *test, const char *file, const GlbReplayOptions *options);

G_END_DECLS
