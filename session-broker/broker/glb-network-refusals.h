/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Kinds of one session; further ones are counted as one. */
#define GLB_NETWORK_REFUSALS_MAX       256u
/* So many are told within the time below; further ones are counted as one, too. */
#define GLB_NETWORK_REFUSALS_BURST     32u
/* The same again within this time is counted. */
#define GLB_NETWORK_REFUSALS_PERIOD_US (60 * G_USEC_PER_SEC)

/* So many of one kind. */
typedef struct
{
  char *host;                /* "": of various ones, as there is no space for them */
  guint port;                /* 0: a name was asked for, or of various ones */
  char *code;
  guint64 count;
} GlbNetworkRefusalCount;

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

/* One more. What is to be told now, this one with it; NULL: it is only counted. (transfer none) (nullable): until the next call */
const GlbNetworkRefusalCount *glb_network_refusals_count (GlbNetworkRefusals *self, const char *host, guint port, const char *code, gint64 now_us);

/* The next of those that were counted and never told. NULL: no more. (transfer none) (nullable): until the next call */
const GlbNetworkRefusalCount *glb_network_refusals_take (GlbNetworkRefusals *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkRefusals, glb_network_refusals_free)

G_END_DECLS
