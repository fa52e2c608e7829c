/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/replay/glb-replay-runner.h"
#include "session-broker/replay/glb-replay-shard.h"

G_BEGIN_DECLS

typedef struct
{
  GlbReplayOptions run;
  GlbReplayShard shard;          /* 1 of 1: all */
  guint n_jobs;
  /* (nullable): of each test when it is over, one at a time, in whatever thread */
  void (*over) (const GlbReplayResult *result, gpointer user_data);
  gpointer user_data;
} GlbReplaySuiteOptions;

/* What a person names: test files, recordings, and folders, whose test files are meant. (element-type filename), sorted within a
 * folder; NULL: error. (transfer full) */
GPtrArray *glb_replay_suite_find (const char * const *names, GError **error);
/* Does the shard's part of the tests. (element-type GlbReplayResult), in the order of files. (transfer full) */
GPtrArray *glb_replay_suite_run  (GPtrArray *files, const GlbReplaySuiteOptions *options);
/* Of all: 0, 1, 125 or 126, the worst. */
int        glb_replay_suite_exit_code (GPtrArray *results);

G_END_DECLS
