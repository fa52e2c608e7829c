/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/replay/glb-replay-session.h"

G_BEGIN_DECLS

/* Where an anchor is now, on a screen of width x height. FALSE: why, one line, (transfer full). */
gboolean glb_replay_anchor_find (const GlbReplayAnchor *self, GlbReplaySession *session, int *x, int *y, char **why);

G_END_DECLS
