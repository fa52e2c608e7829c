/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-sandbox.h"
#include "session-broker/sandbox/glb-init-protocol.h"

G_BEGIN_DECLS

/**
 * GlbBox:
 *
 * The broker's end of one glovebox-init: a sandbox for the agent's commands.
 * Checks each message that comes from inside; the first bad one kills the box.
 *
 * signal ::command-exited (GlbBox *self, guint64 command, int wait_status)
 * signal ::closed         (GlbBox *self, const char *reason)   nothing of it is left; once
 */
#define GLB_TYPE_BOX (glb_box_get_type ())
G_DECLARE_FINAL_TYPE (GlbBox, glb_box, GLB, BOX, GObject)

typedef struct
{
  char *path;                /* in the sandbox */
  guint access;              /* GlbInitLandlockAccess */
} GlbBoxRule;

typedef struct
{
  GPtrArray *landlock;       /* (element-type GlbBoxRule) */
  GBytes    *seccomp;
  gboolean   allow_spawn;
  gboolean   bus;            /* private D-Bus, started at its first client */
  guint      max_processes;
} GlbBoxSetup;

/* spec's argv and the control descriptor are set here. ready: when every restriction holds. */
void     glb_box_new_async    (GlbSandboxSpec *spec, const GlbBoxSetup *setup, guint deadline_ms,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GlbBox  *glb_box_new_finish   (GAsyncResult *result, GError **error);
/* Result: the command's number; fds: (out caller-allocates) int[3] owned by the caller: our ends of its input, output, error.
 * G_SPAWN_ERROR_NOENT where there is no such command. */
void     glb_box_exec_async   (GlbBox *self, const char *cwd, const char * const *argv, const char * const *env, gboolean debug,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
guint64  glb_box_exec_finish  (GlbBox *self, GAsyncResult *result, int fds[3], int *pid, GError **error);
gboolean glb_box_signal       (GlbBox *self, guint64 command, int signo);   /* 0: all */
/* By the freezer where the cgroup has one, else by stopping every process. */
void     glb_box_pause_async  (GlbBox *self, gboolean paused, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean glb_box_pause_finish (GlbBox *self, GAsyncResult *result, GError **error);
void     glb_box_kill         (GlbBox *self);
GlbSandbox *glb_box_get_sandbox (GlbBox *self);

G_END_DECLS
