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
 * Owns everything: the peer-to-peer bus, the sessions, the pool; where it is
 * the machine's, the door on the system bus.
 *
 * signal ::finished (GlbBroker *self)   nothing is left; the process may end
 */
#define GLB_TYPE_BROKER (glb_broker_get_type ())
G_DECLARE_FINAL_TYPE (GlbBroker, glb_broker, GLB, BROKER, GObject)

/* host: outlives the broker. Listens when this returns. */
GlbBroker *glb_broker_new  (GlbHost *host, const GlbBrokerOptions *options, GError **error);
/* Owns its name on the system bus too, where polkit says who may see, answer and revoke. polkit_deadline: seconds. */
void       glb_broker_join_system_bus_async  (GlbBroker *self, guint polkit_deadline, GAsyncReadyCallback callback, gpointer user_data);
gboolean   glb_broker_join_system_bus_finish (GlbBroker *self, GAsyncResult *result, GError **error);
/* Ends all sessions, then ::finished. */
void       glb_broker_stop (GlbBroker *self);

G_END_DECLS
