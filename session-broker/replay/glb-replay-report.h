/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/replay/glb-replay-result.h"

G_BEGIN_DECLS

/* One page with everything in it, pictures too; without scripts. results: (element-type GlbReplayResult). (transfer full) */
char *glb_replay_report_to_html  (GPtrArray *results, GError **error);
/* JUnit XML. (transfer full) */
char *glb_replay_report_to_junit (GPtrArray *results);

G_END_DECLS
