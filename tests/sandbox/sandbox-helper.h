/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-sandbox.h"

G_BEGIN_DECLS

/* What a test of the sandbox needs each time: folders, an account, a spec, a deadline. */
typedef struct
{
  char           *folder;      /* temporary, removed at the end */
  char           *locks;
  char           *workspace;   /* in folder */
  GlbAccount     *account;
  GlbSandboxSpec *spec;
} Fixture;

typedef struct
{
  char *output;                /* standard output */
  char *failure;
  int   status;                /* as of waitpid() */
} Run;

void fixture_set_up    (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);
/* A new spec with the same account and workspace (at /work). */
void fixture_renew     (Fixture *self);

/* Runs a shell command in the sandbox to its end. */
void run_shell (Fixture *self, Run *run, const char *script);
void run_clear (Run *run);
/* A sandbox of processes that hide from their parents and never end. out: a pipe that all of them hold. */
GlbSandbox *launch_stray (Fixture *self, int *out);
void assert_all_gone      (Fixture *self, int out);
void wait_account_empty (Fixture *self);
/* Runs the default main context until the condition holds, at most some seconds. */
#define wait_until(condition) \
  do { gint64 deadline_ = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND; \
       while (!(condition)) { wait_step (deadline_, G_STRINGIFY (condition)); } } while (0)
void wait_step (gint64 deadline, const char *condition);
/* TRUE: the host can; FALSE: the test is skipped, with the reason. */
gboolean can_sandbox (void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

G_END_DECLS
