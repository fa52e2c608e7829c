/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-shard.h"

#define SHARDS_MAX 1000

gboolean
glb_replay_shard_parse (GlbReplayShard *self,
                        const char     *text)
{
  g_auto(GStrv) words = g_strsplit (text, "/", -1);
  guint64 number, n;

  if (g_strv_length (words) != 2 || !g_ascii_string_to_unsigned (words[1], 10, 1, SHARDS_MAX, &n, NULL) ||
      !g_ascii_string_to_unsigned (words[0], 10, 1, n, &number, NULL))
    return FALSE;

  *self = (GlbReplayShard) { (guint) number, (guint) n };
  return TRUE;
}

gboolean
glb_replay_shard_has (const GlbReplayShard *self,
                      const char           *name)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  char first[9] = { 0 };

  g_strlcpy (first, hash, sizeof first);
  return g_ascii_strtoull (first, NULL, 16) % self->n + 1 == self->number;
}
