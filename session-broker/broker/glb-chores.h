/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-janitor.h"
#include "session-broker/sandbox/glb-cgroup.h"

G_BEGIN_DECLS

/**
 * GlbChores:
 *
 * What one owner has told the janitor, and not yet undone itself. Freeing it
 * strikes nothing off: what is left then is left to the janitor.
 */
typedef struct _GlbChores GlbChores;

/* janitor: not owned */
GlbChores *glb_chores_new          (GlbJanitor *janitor);
void       glb_chores_free         (GlbChores *self);
/* Before it is done. FALSE: it must not be done. */
gboolean   glb_chores_tell         (GlbChores *self, GlbChore chore, guint number, const char *path, GError **error);
gboolean   glb_chores_tell_account (GlbChores *self, GlbAccount *account, GError **error);
/* Of each folder of it. */
gboolean   glb_chores_tell_cgroup  (GlbChores *self, GlbCgroup *cgroup, GError **error);
/* They are undone: strikes them off. */
void       glb_chores_done         (GlbChores *self);
/* Another owner takes them all over. */
void       glb_chores_take_over    (GlbChores *self, GlbChores *from);

G_END_DECLS
