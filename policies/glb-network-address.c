/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-address.h"

#include <arpa/inet.h>
#include <string.h>

#define IPV4_BYTES 4
#define IPV6_BYTES 16

/*
 * Special ranges
 * ==============
 *
 * Those of IANA's two special-purpose registries (RFC 6890 and what followed),
 * multicast, the addresses at which clouds tell a machine its secrets, and all
 * of IPv6 that is not global unicast (2000::/3, RFC 4291).  Of ranges within
 * each other the narrowest counts, so a wide entry of a policy does not open
 * what is special inside it.  A small range of the registries that lies in a
 * wider one of the same kind is not repeated.
 *
 * An IPv6 address that carries an IPv4 address may lead to any of those,
 * whatever we think of the address itself: all are special.
 */

#define IPV4(prefix_length, kind, ...) { { { FALSE, { __VA_ARGS__ } }, prefix_length }, kind }
#define IPV6(prefix_length, kind, ...) { { { TRUE, { __VA_ARGS__ } }, prefix_length }, kind }

static const struct
{
  GlbNetworkPrefix prefix;
  const char *name;
} special_ranges[] = {
  IPV4 (8, "this-host", 0),
  IPV4 (8, "private", 10),
  IPV4 (10, "shared", 100, 64),
  IPV4 (32, "metadata", 100, 100, 100, 200),
  IPV4 (8, "loopback", 127),
  IPV4 (32, "metadata", 168, 63, 129, 16),
  IPV4 (16, "link-local", 169, 254),
  IPV4 (32, "metadata", 169, 254, 169, 254),
  IPV4 (32, "metadata", 169, 254, 170, 2),
  IPV4 (32, "metadata", 169, 254, 170, 23),
  IPV4 (12, "private", 172, 16),
  IPV4 (24, "special-purpose", 192, 0, 0),
  IPV4 (24, "documentation", 192, 0, 2),
  IPV4 (24, "special-purpose", 192, 31, 196),
  IPV4 (24, "special-purpose", 192, 52, 193),
  IPV4 (24, "6to4", 192, 88, 99),
  IPV4 (16, "private", 192, 168),
  IPV4 (24, "special-purpose", 192, 175, 48),
  IPV4 (15, "benchmark", 198, 18),
  IPV4 (24, "documentation", 198, 51, 100),
  IPV4 (24, "documentation", 203, 0, 113),
  IPV4 (4, "multicast", 224),
  IPV4 (4, "reserved", 240),
  IPV4 (32, "broadcast", 255, 255, 255, 255),

  IPV6 (3, "reserved", 0),
  IPV6 (96, "IPv4-compatible", 0),
  IPV6 (128, "this-host", 0),
  IPV6 (128, "loopback", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  IPV6 (96, "IPv4-translated", 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
  IPV6 (96, "NAT64", 0, 0x64, 0xff, 0x9b),
  IPV6 (48, "NAT64", 0, 0x64, 0xff, 0x9b, 0, 1),
  IPV6 (64, "discard-only", 0x01),
  IPV6 (64, "dummy", 0x01, 0, 0, 0, 0, 0, 0, 1),
  IPV6 (23, "special-purpose", 0x20, 0x01),
  IPV6 (32, "Teredo", 0x20, 0x01),
  IPV6 (48, "benchmark", 0x20, 0x01, 0, 2),
  IPV6 (32, "documentation", 0x20, 0x01, 0x0d, 0xb8),
  IPV6 (16, "6to4", 0x20, 0x02),
  IPV6 (48, "special-purpose", 0x26, 0x20, 0, 0x4f, 0x80),
  IPV6 (20, "documentation", 0x3f, 0xff),
  IPV6 (2, "reserved", 0x40),
  IPV6 (16, "segment-routing", 0x5f),
  IPV6 (1, "reserved", 0x80),
  IPV6 (7, "private", 0xfc),
  IPV6 (32, "metadata", 0xfd, 0, 0x0e, 0xc2),
  IPV6 (128, "metadata", 0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54),
  IPV6 (10, "link-local", 0xfe, 0x80),
  IPV6 (10, "site-local", 0xfe, 0xc0),
  IPV6 (8, "multicast", 0xff),
};

void
glb_network_address_set_ipv4 (GlbNetworkAddress *self,
                              const guint8       bytes[4])
{
  *self = (GlbNetworkAddress) { .is_ipv6 = FALSE };
  memcpy (self->bytes, bytes, IPV4_BYTES);
}

void
glb_network_address_set_ipv6 (GlbNetworkAddress *self,
                              const guint8       bytes[16])
{
  static const guint8 mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

  if (memcmp (bytes, mapped, sizeof mapped) == 0)
    {
      glb_network_address_set_ipv4 (self, bytes + sizeof mapped);
      return;
    }
  self->is_ipv6 = TRUE;
  memcpy (self->bytes, bytes, IPV6_BYTES);
}

gboolean
glb_network_address_parse (const char        *text,
                           GlbNetworkAddress *self)
{
  guint8 bytes[IPV6_BYTES];

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (self != NULL, FALSE);

  if (inet_pton (AF_INET, text, bytes) == 1)
    glb_network_address_set_ipv4 (self, bytes);
  else if (inet_pton (AF_INET6, text, bytes) == 1)
    glb_network_address_set_ipv6 (self, bytes);
  else
    return FALSE;
  return TRUE;
}

char *
glb_network_address_to_string (const GlbNetworkAddress *self)
{
  char text[INET6_ADDRSTRLEN];

  g_return_val_if_fail (self != NULL, NULL);

  return g_strdup (inet_ntop (self->is_ipv6 ? AF_INET6 : AF_INET, self->bytes, text, sizeof text));
}

/* The first length bits. */
static gboolean
begin_equal (const guint8 *a,
             const guint8 *b,
             guint         length)
{
  guint whole = length / 8;
  guint8 mask = (guint8) (0xff00 >> length % 8);

  return memcmp (a, b, whole) == 0 && (mask == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

gboolean
glb_network_address_equal (const GlbNetworkAddress *a,
                           const GlbNetworkAddress *b)
{
  return a->is_ipv6 == b->is_ipv6 && memcmp (a->bytes, b->bytes, a->is_ipv6 ? IPV6_BYTES : IPV4_BYTES) == 0;
}

gboolean
glb_network_prefix_contains (const GlbNetworkPrefix  *self,
                             const GlbNetworkAddress *address)
{
  return self->address.is_ipv6 == address->is_ipv6 && begin_equal (self->address.bytes, address->bytes, self->length);
}

gboolean
glb_network_prefix_covers (const GlbNetworkPrefix *self,
                           const GlbNetworkPrefix *other)
{
  return self->length <= other->length && glb_network_prefix_contains (self, &other->address);
}

const GlbNetworkPrefix *
glb_network_address_find_special (const GlbNetworkAddress  *self,
                                  const char              **name)
{
  const GlbNetworkPrefix *narrowest = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (special_ranges); i++)
    {
      const GlbNetworkPrefix *prefix = &special_ranges[i].prefix;

      if (!glb_network_prefix_contains (prefix, self) || (narrowest != NULL && prefix->length < narrowest->length))
        continue;
      narrowest = prefix;
      if (name != NULL)
        *name = special_ranges[i].name;
    }
  return narrowest;
}
