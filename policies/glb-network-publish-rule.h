/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-network-address.h"

G_BEGIN_DECLS

/* In each session with a network the gate listens on this port of the loopback, for programs of the session alone. */
#define GLB_NETWORK_PUBLISH_RESERVED_PORT 3128

/**
 * GlbNetworkPublishRule:
 *
 * An entry of `network.publish`: `[ADDRESS:]PORT[:SESSION-PORT]`. Who connects
 * to that port of the host is connected to the session's port. Without an
 * address it is the host's loopback, 127.0.0.1.
 */
typedef struct
{
  char *text;                /* as written */
  char *canonical;           /* the one way to write it: with all three parts */
  GlbNetworkAddress address; /* of the host, to listen on; that of all interfaces is 0.0.0.0, or :: for IPv6 alone */
  guint16 port;              /* of the host; 0: any that is free */
  guint16 session_port;      /* not 0 */
} GlbNetworkPublishRule;

/* NULL with why: (out) (transfer full): what is wrong and what to do. (transfer full) */
GlbNetworkPublishRule *glb_network_publish_rule_parse (const char *text, char **why);
void                   glb_network_publish_rule_free  (GlbNetworkPublishRule *self);

/* "127.0.0.1:8080", "[::1]:8080". (transfer full) */
char *glb_network_publish_format_place (const GlbNetworkAddress *address, guint16 port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkPublishRule, glb_network_publish_rule_free)

G_END_DECLS
