/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "policies/glb-network-address.h"

G_BEGIN_DECLS

/* Of one address where others follow, of the last one, and of all. */
#define GLB_NETWORK_DIAL_NEXT_MS  3000
#define GLB_NETWORK_DIAL_LAST_MS 15000

/**
 * glb_network_dial_async:
 * @addresses: (array length=n): each of them may be connected to, as it is; tried in this order
 * @n: at least 1
 * @port: of TCP
 *
 * Connects, without a name, a proxy or anything else that could lead elsewhere.
 */
void glb_network_dial_async  (const GlbNetworkAddress *addresses, guint n, guint16 port, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
/* The socket, non-blocking, which is the caller's; -1 with a GIOErrorEnum: CONNECTION_REFUSED, TIMED_OUT, HOST_UNREACHABLE,
 * NETWORK_UNREACHABLE, CANCELLED, ... which: (out): index of the address. */
int  glb_network_dial_finish (GAsyncResult *result, guint *which, GError **error);

G_END_DECLS
