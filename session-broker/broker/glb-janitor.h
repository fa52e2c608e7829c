/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-account.h"

G_BEGIN_DECLS

/* What a killed broker would leave behind. In the order in which the janitor undoes them. */
typedef enum
{
  GLB_CHORE_PROCESS,   /* number: pid: SIGKILL, if it is still the process that it was when it was told */
  GLB_CHORE_ACCOUNT,   /* number: account, path: of its locks: kill whatever runs under it */
  GLB_CHORE_RECLAIM,   /* number: account, path: glb_sandbox_reclaim() */
  GLB_CHORE_CGROUP,    /* path: kill what is in it, remove it */
  GLB_CHORE_TREE,      /* path: remove it and all below */
  GLB_CHORE_LAST = GLB_CHORE_TREE,
} GlbChore;

/**
 * GlbJanitor:
 *
 * The broker's end of the process that cleans up after a broker that was
 * killed. Each chore is told before what it undoes is done, and struck off
 * when the broker has undone it.
 */
typedef struct _GlbJanitor GlbJanitor;

/* program: the broker's own; lock_fd: kept open by the janitor until it is done, so that no new broker starts before. */
GlbJanitor *glb_janitor_start (const char *program, int lock_fd, GError **error);
/* The janitor ends by itself, having nothing to do. */
void        glb_janitor_free  (GlbJanitor *self);
/* 0: the janitor is not there any more; what was to be done must not be done. */
guint64     glb_janitor_add   (GlbJanitor *self, GlbChore chore, guint number, const char *path, GError **error);
guint64     glb_janitor_add_account (GlbJanitor *self, GlbAccount *account, GError **error);
void        glb_janitor_done  (GlbJanitor *self, guint64 id);   /* 0: nothing */

/* The janitor process itself. */
int         glb_janitor_main  (int fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbJanitor, glb_janitor_free)

G_END_DECLS
