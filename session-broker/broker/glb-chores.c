/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-chores.h"

struct _GlbChores
{
  GlbJanitor *janitor;
  GArray *ids;               /* guint64 */
};

GlbChores *
glb_chores_new (GlbJanitor *janitor)
{
  GlbChores *self = g_new0 (GlbChores, 1);

  self->janitor = janitor;
  self->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  return self;
}

void
glb_chores_free (GlbChores *self)
{
  g_array_unref (self->ids);
  g_free (self);
}

/* id: 0: the janitor does not know of it. */
static gboolean
keep (GlbChores *self, guint64 id)
{
  if (id != 0)
    g_array_append_val (self->ids, id);
  return id != 0;
}

gboolean
glb_chores_tell (GlbChores *self, GlbChore chore, guint number, const char *path, GError **error)
{
  return keep (self, glb_janitor_add (self->janitor, chore, number, path, error));
}

gboolean
glb_chores_tell_account (GlbChores *self, GlbAccount *account, GError **error)
{
  return keep (self, glb_janitor_add_account (self->janitor, account, error));
}

gboolean
glb_chores_tell_cgroup (GlbChores *self, GlbCgroup *cgroup, GError **error)
{
  const char * const *folders = glb_cgroup_get_folders (cgroup);

  for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
    if (!glb_chores_tell (self, GLB_CHORE_CGROUP, 0, folders[i], error))
      return FALSE;

  return TRUE;
}

void
glb_chores_done (GlbChores *self)
{
  for (guint i = 0; i < self->ids->len; i++)
    glb_janitor_done (self->janitor, g_array_index (self->ids, guint64, i));
  g_array_set_size (self->ids, 0);
}

void
glb_chores_take_over (GlbChores *self, GlbChores *from)
{
  g_array_append_vals (self->ids, from->ids->data, from->ids->len);
  g_array_set_size (from->ids, 0);
}
