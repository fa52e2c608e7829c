/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/network/glb-network-protocol.h"

G_BEGIN_DECLS

/**
 * GlbNetworkMessage:
 *
 * One message from glovebox-network, checked: of a type that the gate may send,
 * whole, its numbers in their bounds, its texts ended and of printable ASCII.
 * What a name means is not looked at.
 */
typedef struct
{
  GlbNetworkMessageType type;    /* READY has no more */
  union
  {
    GlbNetworkOpen open;
    GlbNetworkLookUp look_up;
    GlbNetworkClosed closed;
    GlbNetworkMalformed malformed;
  };
} GlbNetworkMessage;

/* Pure. n_fds: how many descriptors came with it. */
gboolean glb_network_message_parse (const guint8       *untrusted_packet,
                                    gsize               size,
                                    guint               n_fds,
                                    GlbNetworkMessage  *message,
                                    GError            **error);

G_END_DECLS
