/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of one session; further ones are counted as one. */
#define GLB_NETWORK_REFUSALS_MAX       256u
/* The same again within this time is counted. */
#define GLB_NETWORK_REFUSALS_PERIOD_US (60 * G_USEC_PER_SEC)

/**
 * GlbNetworkRefusals:
 *
 * What was refused, so that a program which tries without end fills neither the
 * record nor the person's eyes: the first of a kind is told at once, the same
 * again is counted. Pure but for its memory.
 */
typedef struct _GlbNetworkRefusals GlbNetworkRefusals;

GlbNetworkRefusals *glb_network_refusals_new  (void);
void                glb_network_refusals_free (GlbNetworkRefusals *self);

/* One more of what. Returns how many are to be told now, this one with them; 0: it is only counted. what: (inout): the caller's, or
 * (static) what stands for all that there is no space for. */
guint64 glb_network_refusals_count (GlbNetworkRefusals *self, const char **what, gint64 now_us);

/* Those that were counted and never told: the next one. FALSE: no more. */
gboolean glb_network_refusals_take (GlbNetworkRefusals *self, char **what, guint64 *count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkRefusals, glb_network_refusals_free)

G_END_DECLS
