/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/replay/glb-replay-step.h"

G_BEGIN_DECLS

#define GLB_REPLAY_TEST_ERROR (glb_replay_test_error_quark ())
GQuark glb_replay_test_error_quark (void);

typedef enum
{
  GLB_REPLAY_TEST_ERROR_MALFORMED,
} GlbReplayTestError;

#define GLB_REPLAY_TEST_BYTES_MAX (4u * 1024 * 1024)
#define GLB_REPLAY_STEPS_MAX      10000u

/**
 * GlbReplayTest:
 *
 * A test file, as docs/replay.md has it: which session, and the steps to do in it. Pictures stay where they are until they are
 * needed.
 */
typedef struct
{
  char *name;                    /* for people */
  char *folder;                  /* where its pictures' paths begin */
  GStrv command;
  char *program;                 /* (nullable): which version of it: glb_replay_program_identify() */
  char *policy_file;             /* (nullable): as the file names it, or */
  JsonObject *policy;            /* (nullable): the document itself; neither: the default template */
  guint width, height;           /* of the screen, 0: any */
  gboolean deterministic;        /* surroundings */
  GlbReplayCompareWish compare;
  GPtrArray *steps;              /* (element-type GlbReplayStep) */
} GlbReplayTest;

GlbReplayTest *glb_replay_test_new (void);
/* text: hostile, with comments of // where wanted. Each error is one line, "LINE: what". */
GlbReplayTest *glb_replay_test_new_from_text (const char *untrusted_text, gsize length, GError **error);
/* The message begins with the path. */
GlbReplayTest *glb_replay_test_load  (const char *path, GError **error);
void           glb_replay_test_free  (GlbReplayTest *self);
/* A file that a person can read and edit, and that parses to the same. (transfer full) */
char          *glb_replay_test_write (const GlbReplayTest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbReplayTest, glb_replay_test_free)

G_END_DECLS
