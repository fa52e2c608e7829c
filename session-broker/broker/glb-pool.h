/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-compositor.h"
#include "session-broker/broker/glb-nest.h"

G_BEGIN_DECLS

/**
 * GlbPool:
 *
 * Keeps ready compositors for the next session, and one nest with its sandbox. It knows what to keep from the
 * session before: nothing is started before the first one, and a session of
 * another kind drops what is there. Spares end with the broker, which ends
 * when it is idle.
 */
#define GLB_TYPE_POOL (glb_pool_get_type ())
G_DECLARE_FINAL_TYPE (GlbPool, glb_pool, GLB, POOL, GObject)

GlbPool       *glb_pool_new    (GlbHost *host, guint n_spares);
/* (transfer full) (nullable): a ready one, else the caller starts one. Nothing is started until glb_pool_refill(). */
GlbCompositor *glb_pool_take   (GlbPool *self, const GlbCompositorConfig *config);
/* (transfer full) (nullable): one that fits, with a prepared box. Also what the next ones are to be. */
GlbNest       *glb_pool_take_nest (GlbPool *self, GlbPolicy *policy, const char *workspace);
/* One that nobody needs: ended, then undone. (transfer full) */
void           glb_pool_retire_nest (GlbPool *self, GlbNest *nest);
/* A start is over: now there is time to make spares. */
void           glb_pool_refill (GlbPool *self);
void           glb_pool_drop   (GlbPool *self);
/* The broker ends: drops all, refuses more; glb_pool_is_empty() tells when nothing is left; ::emptied follows. */
void           glb_pool_close  (GlbPool *self);
gboolean       glb_pool_is_empty (GlbPool *self);

G_END_DECLS
