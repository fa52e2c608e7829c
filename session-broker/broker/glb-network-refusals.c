/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-network-refusals.h"

typedef struct
{
  GlbNetworkRefusalCount refusal; /* count: what was told last */
  gint64 told_us;
  guint64 n_counted;         /* since then */
} Kind;

struct _GlbNetworkRefusals
{
  GHashTable *kinds;         /* Kind, as a set */
  gint64 period_us;          /* when this period began */
  guint n_told;              /* in it */
};

static guint
hash_kind (gconstpointer data)
{
  const Kind *kind = data;

  return g_str_hash (kind->refusal.host) * 31 + kind->refusal.port + g_str_hash (kind->refusal.code);
}

static gboolean
equal_kinds (gconstpointer a, gconstpointer b)
{
  const Kind *one = a, *other = b;

  return one->refusal.port == other->refusal.port && g_str_equal (one->refusal.host, other->refusal.host) &&
         g_str_equal (one->refusal.code, other->refusal.code);
}

static void
free_kind (gpointer data)
{
  Kind *kind = data;

  g_free (kind->refusal.host);
  g_free (kind->refusal.code);
  g_free (kind);
}

GlbNetworkRefusals *
glb_network_refusals_new (void)
{
  GlbNetworkRefusals *self = g_new0 (GlbNetworkRefusals, 1);

  self->kinds = g_hash_table_new_full (hash_kind, equal_kinds, free_kind, NULL);
  return self;
}

void
glb_network_refusals_free (GlbNetworkRefusals *self)
{
  g_hash_table_unref (self->kinds);
  g_free (self);
}

/* (nullable) */
static Kind *
find_kind (GlbNetworkRefusals *self, const char *host, guint port, const char *code)
{
  const Kind wanted = { .refusal = { (char *) host, port, (char *) code, 0 } };

  return g_hash_table_lookup (self->kinds, &wanted);
}

static Kind *
add_kind (GlbNetworkRefusals *self, const char *host, guint port, const char *code)
{
  Kind *kind = g_new0 (Kind, 1);

  kind->refusal.host = g_strdup (host);
  kind->refusal.port = port;
  kind->refusal.code = g_strdup (code);
  g_hash_table_add (self->kinds, kind);
  return kind;
}

static const GlbNetworkRefusalCount *
tell (Kind *kind)
{
  kind->refusal.count = kind->n_counted;
  kind->n_counted = 0;
  return &kind->refusal;
}

/* FALSE: enough was told in this period. */
static gboolean
take_turn (GlbNetworkRefusals *self, gint64 now_us)
{
  if (now_us - self->period_us >= GLB_NETWORK_REFUSALS_PERIOD_US)
    {
      self->period_us = now_us;
      self->n_told = 0;
    }
  if (self->n_told >= GLB_NETWORK_REFUSALS_BURST)
    return FALSE;

  self->n_told++;
  return TRUE;
}

static gboolean
was_told (const Kind *kind, gint64 now_us)
{
  return kind != NULL && kind->told_us != 0 && now_us - kind->told_us < GLB_NETWORK_REFUSALS_PERIOD_US;
}

const GlbNetworkRefusalCount *
glb_network_refusals_count (GlbNetworkRefusals *self, const char *host, guint port, const char *code, gint64 now_us)
{
  Kind *kind = find_kind (self, host, port, code);
  gboolean has_room = kind != NULL || g_hash_table_size (self->kinds) < GLB_NETWORK_REFUSALS_MAX;

  if (!was_told (kind, now_us) && (!has_room || !take_turn (self, now_us)))
    {
      host = "";
      port = 0;
      code = "others";
      kind = find_kind (self, host, port, code);
    }
  if (kind == NULL)
    kind = add_kind (self, host, port, code);

  kind->n_counted++;
  if (was_told (kind, now_us))
    return NULL;

  kind->told_us = now_us;
  return tell (kind);
}

const GlbNetworkRefusalCount *
glb_network_refusals_take (GlbNetworkRefusals *self)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->kinds);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      Kind *kind = key;

      if (kind->n_counted > 0)
        return tell (kind);
    }
  return NULL;
}
