/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Part number of a suite in n parts, from 1. A test is in the same part whatever other tests there are, and each is in one. */
typedef struct
{
  guint number, n;
} GlbReplayShard;

/* "2/5". FALSE: it is none. */
gboolean glb_replay_shard_parse (GlbReplayShard *self, const char *text);
/* name: of a test, as the suite calls it. */
gboolean glb_replay_shard_has   (const GlbReplayShard *self, const char *name);

G_END_DECLS
