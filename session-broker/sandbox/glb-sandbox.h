/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/network/glb-network-protocol.h"
#include "session-broker/sandbox/glb-account.h"
#include "session-broker/sandbox/glb-cgroup.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_MOUNT_READ_ONLY  = 0,
  GLB_MOUNT_WRITABLE   = 1 << 0,
  /* The person's files: seen and created as the person's on disk, though the
   * agent's account is another (root: an idmapped mount; user: an access
   * control list during the session and a change of owner after it). */
  GLB_MOUNT_PERSONAL   = 1 << 1,
  GLB_MOUNT_HIDDEN     = 1 << 2,   /* an empty, unreadable folder or file over the target; source is unused */
  GLB_MOUNT_OPTIONAL   = 1 << 3,   /* no error where the source is missing */
} GlbMountFlags;

/**
 * GlbSandboxSpec:
 *
 * What to build, resolved and without policy: mounts, account, cgroup, size of
 * the temporary file systems, environment, the command and its descriptors.
 * /usr, /etc (a chosen part), /proc, a minimal /dev and the merged-usr links
 * are always there, read-only; so are a small /tmp and /dev/shm, which an
 * added temporary file system of that place replaces. The rest is what was
 * added. Mount points are made where they lie in the root or in a temporary
 * file system, and must exist elsewhere. Inside, the account is 1000 "agent".
 */
typedef struct _GlbSandboxSpec GlbSandboxSpec;

GlbSandboxSpec *glb_sandbox_spec_new     (const char *name, GlbAccount *account);
void glb_sandbox_spec_free               (GlbSandboxSpec *self);
void glb_sandbox_spec_add_mount          (GlbSandboxSpec *self, const char *source, const char *target, GlbMountFlags flags);
/* A file's content given as bytes, read-only (a generated /etc/passwd). */
void glb_sandbox_spec_add_data           (GlbSandboxSpec *self, const char *target, GBytes *content);
void glb_sandbox_spec_add_tmpfs          (GlbSandboxSpec *self, const char *target, guint64 size_bytes, guint mode);
void glb_sandbox_spec_set_home           (GlbSandboxSpec *self, const char *home);   /* in the sandbox; only sets HOME and passwd */
void glb_sandbox_spec_set_env            (GlbSandboxSpec *self, const char *name, const char *value);
void glb_sandbox_spec_set_cgroup         (GlbSandboxSpec *self, GlbCgroup *cgroup);
/* Inherited by the command under this number (3 and up). Takes ownership of fd. */
void glb_sandbox_spec_take_fd            (GlbSandboxSpec *self, int fd, int number);
void glb_sandbox_spec_set_argv           (GlbSandboxSpec *self, const char * const *argv);
/* For commands that restrict themselves not (the compositor): bubblewrap loads it. (nullable) */
void glb_sandbox_spec_set_seccomp        (GlbSandboxSpec *self, GBytes *program);
void glb_sandbox_spec_set_limits         (GlbSandboxSpec *self, guint64 max_files, guint64 max_address_space);
/* Of the account, by RLIMIT_NPROC: holds without any control group, because the account is the sandbox's alone. 0: none. */
void glb_sandbox_spec_set_max_processes  (GlbSandboxSpec *self, guint max_processes);
/* The command is process 1 of its pid namespace (it must reap); else a small process of bubblewrap's is. */
void glb_sandbox_spec_set_pid_one        (GlbSandboxSpec *self, gboolean pid_one);
/* A network namespace whose connections arrive at sockets that the caller gets (glb_sandbox_steal_network), made by
 * glovebox-launch so that nobody inside has a right over it. Else bubblewrap makes one where nobody answers. */
void glb_sandbox_spec_set_network        (GlbSandboxSpec *self, gboolean network);

/**
 * GlbSandbox:
 *
 * One running sandbox. The process tree dies with this object, with the broker
 * (kernel: parent-death signal) and with its first process. ::exited comes
 * once, when nothing of it is left.
 */
#define GLB_TYPE_SANDBOX (glb_sandbox_get_type ())
G_DECLARE_FINAL_TYPE (GlbSandbox, glb_sandbox, GLB, SANDBOX, GObject)

/* Starts glovebox-launch, returns at once; failures inside come through ::exited (glb_sandbox_dup_failure).
 * Call it from a thread that lives as long as the sandbox shall (the main one): its end is the sandbox's.
 * signal ::exited (GlbSandbox *self, int wait_status) */
GlbSandbox *glb_sandbox_launch  (GlbSandboxSpec *spec, GError **error);
GPid        glb_sandbox_get_pid (GlbSandbox *self);      /* of the outermost process */
/* Of the first process in the sandbox, as this pid namespace numbers it; 0 until bubblewrap has said it. */
GPid        glb_sandbox_get_init_pid (GlbSandbox *self);
void        glb_sandbox_kill    (GlbSandbox *self);      /* SIGKILL, the whole tree; no error if gone */
gboolean    glb_sandbox_is_running (GlbSandbox *self);
/* Of a spec with set_network, once: the sockets that its programs' connections arrive at (transfer full), non-blocking. They
 * are there before the command runs, so when it has said something. FALSE: not yet, not any more, or it failed
 * (glb_sandbox_dup_failure says why and what to do); all -1. They end with their last holder; then connections are refused. */
gboolean    glb_sandbox_steal_network (GlbSandbox *self, int fds[GLB_NETWORK_N_SOCKETS]);
/* What the launcher or bubblewrap said when it failed: one line with the remedy. (transfer full) (nullable) */
char       *glb_sandbox_dup_failure (GlbSandbox *self);

/* The following four start glovebox-launch and wait for it, a minute at most; large trees belong into a thread (a task's).
 *
 * After the end of a sandbox with GLB_MOUNT_PERSONAL mounts in user mode (those to be read only, too): gives what the account made to the
 * person and takes the access list off. Idempotent. No-op for root. (Also what the janitor runs.) */
gboolean    glb_sandbox_reclaim (guint account_uid, const char *path, GError **error);
/* A person's tree (persistent home) to the account before the session, user mode only. No-op for root. */
gboolean    glb_sandbox_lend    (guint account_uid, const char *path, GError **error);
/* Kills every process of an account (janitor: whatever a killed broker left). */
gboolean    glb_sandbox_kill_account (guint account_uid, GError **error);
/* Removes a tree of the broker's in which accounts made files. */
gboolean    glb_sandbox_remove_tree (const char *path, GError **error);

/* "what is missing; remedy" lines, or an empty list: (transfer full). For doctor and before the first launch. */
GStrv       glb_sandbox_diagnose (void);
/* The same of specs with set_network, which is tried for that: a line, or NULL. (transfer full) (nullable) */
char       *glb_sandbox_diagnose_network (void);

G_END_DECLS
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbSandboxSpec, glb_sandbox_spec_free)
