/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-network"
#include "config.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "session-broker/network/glb-network-own.h"

/* FALSE: it is neither IPv4 nor IPv6. */
static gboolean
take_address (const struct sockaddr *from, GlbNetworkAddress *address)
{
  if (from == NULL)
    return FALSE;
  if (from->sa_family == AF_INET)
    glb_network_address_set_ipv4 (address, (const guint8 *) &((const struct sockaddr_in *) (const void *) from)->sin_addr);
  else if (from->sa_family == AF_INET6)
    glb_network_address_set_ipv6 (address, (const guint8 *) &((const struct sockaddr_in6 *) (const void *) from)->sin6_addr);
  return from->sa_family == AF_INET || from->sa_family == AF_INET6;
}

gboolean
glb_network_is_own_address (const GlbNetworkAddress *address)
{
  struct ifaddrs *all = NULL;
  gboolean own = FALSE;

  /* what can't be known is not let through */
  if (getifaddrs (&all) < 0)
    return TRUE;

  for (const struct ifaddrs *one = all; one != NULL && !own; one = one->ifa_next)
    {
      GlbNetworkAddress its;

      own = take_address (one->ifa_addr, &its) && glb_network_address_equal (&its, address);
    }
  freeifaddrs (all);
  return own;
}
