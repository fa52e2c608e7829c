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
  guint      max_processes;  /* 0: no limit */
  guint      max_files;      /* open files of one process, 0: as inherited */
  gboolean   allow_debug;    /* glb_box_exec_async (debug): the same as was given to glb_seccomp_build() */
  GlbCgroup *cgroup;         /* (nullable) whose freezer pauses */
} GlbBoxSetup;

/* A warm spare in two steps: prepared when glovebox-init waits behind the mounts, then set up once. A spare has no deadline.
 * spec's argv, the control descriptor (3) and a mount of glovebox-init are set here. */
void     glb_box_prepare_async  (GlbSandboxSpec *spec, guint deadline_ms,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GlbBox  *glb_box_prepare_finish (GAsyncResult *result, GError **error);
/* Ready: when every restriction holds. */
void     glb_box_setup_async    (GlbBox *self, const GlbBoxSetup *setup, guint deadline_ms,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean glb_box_setup_finish   (GlbBox *self, GAsyncResult *result, GError **error);

/* Both steps. setup is read before this returns. */
void     glb_box_new_async    (GlbSandboxSpec *spec, const GlbBoxSetup *setup, guint deadline_ms,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GlbBox  *glb_box_new_finish   (GAsyncResult *result, GError **error);
/* cwd is absolute. An error of the setup or of the whole box kills it. Result: the command's number; fds: (out caller-allocates) int[3] owned by the caller: our ends of its input, output, error.
 * G_SPAWN_ERROR_NOENT where there is no such command, _ACCES, _CHDIR, _NOEXEC likewise; G_IO_ERROR_BUSY while paused;
 * GLB_SANDBOX_ERROR_POLICY for debug that was not allowed. */
void     glb_box_exec_async   (GlbBox *self, const char *cwd, const char * const *argv, const char * const *env, gboolean debug,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
guint64  glb_box_exec_finish  (GlbBox *self, GAsyncResult *result, int fds[3], int *pid, GError **error);
/* To the session's own loopback, as a program of the session would. Result: a TCP socket of the caller's, non-blocking, connected
 * or on its way: who connects waits for it to be writable. GIOErrorEnum where it can't even begin. Answered while paused, too,
 * or when that is over. */
void     glb_box_connect_async  (GlbBox *self, guint16 port, gboolean ipv6, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
int      glb_box_connect_finish (GlbBox *self, GAsyncResult *result, GError **error);
gboolean glb_box_signal       (GlbBox *self, guint64 command, int signo);   /* 0: all */
/* By the freezer where the cgroup has one, else by stopping every process. */
void     glb_box_pause_async  (GlbBox *self, gboolean paused, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean glb_box_pause_finish (GlbBox *self, GAsyncResult *result, GError **error);
gboolean glb_box_is_paused    (GlbBox *self);
void     glb_box_kill         (GlbBox *self);
GlbSandbox *glb_box_get_sandbox (GlbBox *self);
/* Of the session's own D-Bus, as the sandbox's pid namespace numbers it; 0: it does not run. */
int      glb_box_get_bus_pid  (GlbBox *self);

G_END_DECLS
