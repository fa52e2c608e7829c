/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GlbNetworkAddress:
 *
 * An IPv4 or IPv6 address. Plain value. An IPv4 address in IPv6 notation
 * (::ffff:0:0/96) is the IPv4 address.
 */
typedef struct
{
  gboolean is_ipv6;
  guint8 bytes[16];      /* network byte order; the first 4 of IPv4 */
} GlbNetworkAddress;

void        glb_network_address_set_ipv4 (GlbNetworkAddress *self, const guint8 bytes[4]);
/* Unwraps ::ffff:0:0/96. */
void        glb_network_address_set_ipv6 (GlbNetworkAddress *self, const guint8 bytes[16]);
/* The one usual notation: four decimal numbers without leading zeros; RFC 4291 for IPv6, no zone, no brackets. */
gboolean    glb_network_address_parse     (const char *text, GlbNetworkAddress *self);
/* (transfer full): as inet_ntop() writes it. */
char       *glb_network_address_to_string (const GlbNetworkAddress *self);
gboolean    glb_network_address_equal     (const GlbNetworkAddress *a, const GlbNetworkAddress *b);

typedef struct
{
  GlbNetworkAddress address;
  guint length;          /* of the prefix: up to 32, or 128 */
} GlbNetworkPrefix;

gboolean    glb_network_prefix_contains (const GlbNetworkPrefix *self, const GlbNetworkAddress *address);
gboolean    glb_network_prefix_covers   (const GlbNetworkPrefix *self, const GlbNetworkPrefix *other);

/* The special-purpose range that address is in: loopback, private, link-local, metadata, shared, multicast, reserved, this host's,
 * what stands for names (198.18.0.0/15), and IPv6 that carries an IPv4 address (6to4, NAT64, Teredo, IPv4-compatible), ... NULL: a
 * global unicast address. name: (out) (optional) (static): "loopback", "private", ... for a message. */
const GlbNetworkPrefix *glb_network_address_find_special (const GlbNetworkAddress *self, const char **name);

G_END_DECLS
