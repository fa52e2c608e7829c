/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-prompt-history.h"

typedef struct
{
  guint n_asked;
  const char *answer;          /* static */
  char *sha256;                /* "": no content */
  gint64 answered_us;
  guint64 serial;              /* of the answer: clocks are set back */
} Past;

struct _GlbPromptHistory
{
  GHashTable *pasts;           /* kind and target to Past */
  guint64 last_serial;
};

static void
past_free (gpointer data)
{
  Past *past = data;

  g_free (past->sha256);
  g_free (past);
}

GlbPromptHistory *
glb_prompt_history_new (void)
{
  GlbPromptHistory *self = g_new0 (GlbPromptHistory, 1);

  self->pasts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, past_free);
  return self;
}

void
glb_prompt_history_free (GlbPromptHistory *self)
{
  g_hash_table_unref (self->pasts);
  g_free (self);
}

static char *
make_key (GlbPromptKind kind, const char *target)
{
  return g_strdup_printf ("%d %s", (int) kind, target);
}

static void
forget_oldest (GlbPromptHistory *self)
{
  GHashTableIter iter;
  gpointer key, value, oldest_key = NULL;
  guint64 oldest = G_MAXUINT64;

  g_hash_table_iter_init (&iter, self->pasts);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((Past *) value)->serial < oldest)
      {
        oldest = ((Past *) value)->serial;
        oldest_key = key;
      }
  g_hash_table_remove (self->pasts, oldest_key);
}

void
glb_prompt_history_add (GlbPromptHistory *self,
                        GlbPromptKind     kind,
                        const char       *target,
                        const char       *sha256,
                        const char       *answer,
                        gint64            now_us)
{
  g_autofree char *key = make_key (kind, target);
  Past *past = g_hash_table_lookup (self->pasts, key);

  if (past == NULL)
    {
      if (g_hash_table_size (self->pasts) == GLB_PROMPT_HISTORY_MAX)
        forget_oldest (self);
      past = g_new0 (Past, 1);
      g_hash_table_insert (self->pasts, g_steal_pointer (&key), past);
    }
  past->n_asked++;
  past->answer = answer;
  past->answered_us = now_us;
  past->serial = ++self->last_serial;
  g_free (past->sha256);
  past->sha256 = g_strdup (sha256);
}

void
glb_prompt_history_describe (GlbPromptHistory *self,
                             GlbPromptKind     kind,
                             const char       *target,
                             const char       *sha256,
                             GVariantDict     *details)
{
  g_autofree char *key = make_key (kind, target);
  const Past *past = g_hash_table_lookup (self->pasts, key);

  g_variant_dict_insert (details, "asked-before", "u", past != NULL ? past->n_asked : 0);
  if (past == NULL)
    return;
  g_variant_dict_insert (details, "last-answer", "s", past->answer);
  g_variant_dict_insert (details, "last-answered", "x", past->answered_us);
  g_variant_dict_insert (details, "last-same", "b", g_str_equal (past->sha256, sha256));
}
