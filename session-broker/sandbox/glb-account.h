/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLB_SANDBOX_ERROR (glb_sandbox_error_quark ())
GQuark glb_sandbox_error_quark (void);

typedef enum
{
  GLB_SANDBOX_ERROR_HOST,       /* this host cannot; the message says what is missing and the remedy: exit 126 */
  GLB_SANDBOX_ERROR_POLICY,     /* refused by the policy: exit 126 */
  GLB_SANDBOX_ERROR_FAILED,     /* it should have worked: exit 125 */
} GlbSandboxError;

/**
 * GlbAccount:
 *
 * One host user id (and the group id of the same number), held by a lock for
 * the life of this object. Never shared by two sandboxes on this machine:
 * the lock is per id and machine-wide for root, per user otherwise, and no
 * process may run under the id when it is handed out.
 */
#define GLB_TYPE_ACCOUNT (glb_account_get_type ())
G_DECLARE_FINAL_TYPE (GlbAccount, glb_account, GLB, ACCOUNT, GObject)

/* Reads the range (root: configuration; user: /etc/subuid and /etc/subgid). lock_dir: where the locks lie. */
GlbAccount *glb_account_allocate (const char *lock_dir, GError **error);
guint       glb_account_get_uid  (GlbAccount *self);
const char *glb_account_get_lock_dir (GlbAccount *self);
/* The id of a broker that was killed; lock_dir: its own. NULL: another broker has it by now. (transfer full) (nullable) */
GlbAccount *glb_account_take_over (const char *lock_dir, guint uid);
/* The lock files of brokers that were killed go; what is held stays. lock_dir: (nullable) for root. */
void        glb_account_remove_stale_locks (const char *lock_dir);
/* Whether the id is, or may become, a session's: of the machine's range, held by a lock there, or in anybody's range of
 * /etc/subuid. Such an id is no person. Where that cannot be read: TRUE. */
gboolean    glb_account_is_of_sessions (guint uid);
/* A line of what is missing and the remedy, or NULL: accounts can be had. (transfer full) */
char       *glb_account_diagnose (void);

G_END_DECLS
