/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-network-gate.h"

G_BEGIN_DECLS

/**
 * GlbNetworkPublish:
 *
 * The host's end of a session's published ports: sockets that listen where the
 * policy says. Who comes is handed to the session's gate. While it is paused
 * they wait in the kernel's queue.
 */
typedef struct _GlbNetworkPublish GlbNetworkPublish;

/* Listens from here on. rules: (element-type GlbNetworkPublishRule): live longer. NULL with GLB_BROKER_ERROR_FAILED, which says which
 * port, why and what to do. */
GlbNetworkPublish *glb_network_publish_new        (GlbNetworkGate *gate, GlbBox *box, const GPtrArray *rules, GError **error);
void               glb_network_publish_free       (GlbNetworkPublish *self);   /* nobody listens any more */
void               glb_network_publish_set_paused (GlbNetworkPublish *self, gboolean paused);
/* "127.0.0.1:8080 -> 80", with the port that port 0 became. (transfer full) */
GStrv              glb_network_publish_describe   (GlbNetworkPublish *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkPublish, glb_network_publish_free)

G_END_DECLS
