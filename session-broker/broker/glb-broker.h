/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-host.h"

G_BEGIN_DECLS

typedef struct
{
  guint idle_timeout_s;      /* ends itself after this long without session and client; 0: never */
  guint n_spares;            /* ready compositors to keep */
} GlbBrokerOptions;

/**
 * GlbBroker:
 *
 * Owns everything: the peer-to-peer bus, the sessions, the pool.
 *
 * signal ::finished (GlbBroker *self)   nothing is left; the process may end
 */
#define GLB_TYPE_BROKER (glb_broker_get_type ())
G_DECLARE_FINAL_TYPE (GlbBroker, glb_broker, GLB, BROKER, GObject)

/* host: outlives the broker. Listens when this returns. */
GlbBroker *glb_broker_new  (GlbHost *host, const GlbBrokerOptions *options, GError **error);
/* Ends all sessions, then ::finished. */
void       glb_broker_stop (GlbBroker *self);

G_END_DECLS
