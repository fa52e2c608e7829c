/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-network-refusals.h"

typedef struct
{
  gint64 told_us;
  guint64 n_counted;         /* since then */
} Kind;

struct _GlbNetworkRefusals
{
  GHashTable *kinds;         /* text to Kind */
};

GlbNetworkRefusals *
glb_network_refusals_new (void)
{
  GlbNetworkRefusals *self = g_new0 (GlbNetworkRefusals, 1);

  self->kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
glb_network_refusals_free (GlbNetworkRefusals *self)
{
  g_hash_table_unref (self->kinds);
  g_free (self);
}

static Kind *
add_kind (GlbNetworkRefusals *self, const char *what)
{
  Kind *kind = g_new0 (Kind, 1);

  g_hash_table_insert (self->kinds, g_strdup (what), kind);
  return kind;
}

guint64
glb_network_refusals_count (GlbNetworkRefusals *self, const char **what, gint64 now_us)
{
  Kind *kind = g_hash_table_lookup (self->kinds, *what);
  guint64 count;

  if (kind == NULL && g_hash_table_size (self->kinds) >= GLB_NETWORK_REFUSALS_MAX)
    {
      *what = "others";
      kind = g_hash_table_lookup (self->kinds, *what);
    }
  if (kind == NULL)
    kind = add_kind (self, *what);
  else if (now_us - kind->told_us < GLB_NETWORK_REFUSALS_PERIOD_US)
    {
      kind->n_counted++;
      return 0;
    }

  count = kind->n_counted + 1;
  kind->n_counted = 0;
  kind->told_us = now_us;
  return count;
}

gboolean
glb_network_refusals_take (GlbNetworkRefusals *self, char **what, guint64 *count)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->kinds);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Kind *kind = value;

      *count = kind->n_counted;
      if (*count > 0)
        *what = g_strdup (key);
      g_hash_table_iter_remove (&iter);
      if (*count > 0)
        return TRUE;
    }
  return FALSE;
}
