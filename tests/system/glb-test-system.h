/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Longest wait for anything in these tests, in seconds. */
#define GLB_TEST_DEADLINE 40

/**
 * GlbTestSystem:
 *
 * The whole of Glovebox as a person has it, in folders of its own: runtime,
 * state and workspace. The broker starts by itself at the first command.
 */
typedef struct
{
  char *root;
  char *runtime;       /* XDG_RUNTIME_DIR */
  char *state;         /* XDG_STATE_HOME */
  char *workspace;
  GStrv environment;
  GArray *brokers;     /* (element-type GPid): each one seen */
} GlbTestSystem;

typedef struct
{
  int status;          /* exit code, or 128 + signal */
  GBytes *out;
  char *err;
} GlbTestResult;

/* NULL: the test was skipped, with the reason, because the host lacks what sessions need. */
GlbTestSystem *glb_test_system_new  (void);
/* Ends the broker with SIGTERM, asserts that it exits and that nothing is left: processes, control groups, folders. */
void           glb_test_system_free (GlbTestSystem *self);
GPid           glb_test_system_get_broker (GlbTestSystem *self);   /* 0: none runs */
/* Waits until nothing of any session is left; fails the test at the deadline. */
void           glb_test_system_assert_nothing_left (GlbTestSystem *self);

/* Runs `glovebox ARGUMENTS…` to its end; input: (nullable). Never returns NULL. */
GlbTestResult *glb_test_system_run  (GlbTestSystem *self, const char *input, ...) G_GNUC_NULL_TERMINATED;
GlbTestResult *glb_test_system_runv (GlbTestSystem *self, GBytes *input, const char * const *arguments);
/* Likewise, but does not wait; (transfer full): with pipes for standard streams. */
GSubprocess   *glb_test_system_spawn (GlbTestSystem *self, ...) G_GNUC_NULL_TERMINATED;
void           glb_test_result_free (GlbTestResult *self);
const char    *glb_test_result_get_out (GlbTestResult *self);      /* NUL-terminated */

/* Runs `glovebox run --detach …` and returns the session's id. */
char          *glb_test_system_start (GlbTestSystem *self, ...) G_GNUC_NULL_TERMINATED;
/* Acts; asserts that it was delivered. action: JSON. */
JsonNode      *glb_test_system_act (GlbTestSystem *self, const char *session, const char *action);
/* Waits until a window whose title contains `title` is focused. */
void           glb_test_system_wait_for_window (GlbTestSystem *self, const char *session, const char *title);
/* A policy file below the root; (transfer full): its path. */
char          *glb_test_system_write_policy (GlbTestSystem *self, const char *name, const char *json);

/* A handler of web addresses that writes them down, as the person's browser. (transfer full): where */
char          *glb_test_system_install_browser (GlbTestSystem *self);
/* A number that `ps --json` says of a session. */
gint64         glb_test_system_get_member (GlbTestSystem *self, const char *session, const char *member);
/* A process of this account, 0: none. command: (nullable): any */
GPid           glb_test_find_process (guint uid, const char *command);
/* Nothing runs under this account, or what another broker started that has it by now. */
gboolean       glb_test_system_is_free (GlbTestSystem *self, guint uid);

/* For g_subprocess_launcher_set_child_setup(). */
void           glb_test_die_with_parent (gpointer data);

/* Polls condition every 10 ms until it holds; fails the test with `what` at the deadline. */
void           glb_test_wait (gboolean (*condition) (gpointer data), gpointer data, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestSystem, glb_test_system_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestResult, glb_test_result_free)

G_END_DECLS
