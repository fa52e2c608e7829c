/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* The bait on the host's network: services on all its addresses, which say a token to whoever reaches them; a socket left open. */

#include "session-broker/prove/glb-prove.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static void
take_address (GlbBait             *bait,
              const struct ifaddrs *one)
{
  const struct sockaddr_in *ipv4 = (const void *) one->ifa_addr;
  const struct sockaddr_in6 *ipv6 = (const void *) one->ifa_addr;
  char text[INET6_ADDRSTRLEN];

  if (one->ifa_addr == NULL || (one->ifa_flags & IFF_LOOPBACK) != 0)
    return;
  if (ipv4->sin_family == AF_INET && inet_ntop (AF_INET, &ipv4->sin_addr, text, sizeof text) != NULL)
    glb_bait_set (bait, "host", text);
  else if (ipv6->sin6_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL (&ipv6->sin6_addr) &&
           inet_ntop (AF_INET6, &ipv6->sin6_addr, text, sizeof text) != NULL)
    glb_bait_set (bait, "host6", text);
}

/* Those of this machine that are not its loopback. */
static void
find_addresses (GlbBait *bait)
{
  struct ifaddrs *all = NULL;

  if (getifaddrs (&all) < 0)
    return;
  for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
    take_address (bait, one);
  freeifaddrs (all);
}

void
glb_bait_lay_network (GlbBait *bait)
{
  static const char * const names[] = { "port", "port-http", "port-tls", "port-udp" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *welcome = g_strdup_printf ("welcome-%08x%08x", g_random_int (), g_random_int ());
  const char * const argv[] = { self, "--bait-services", glb_bait_get (bait, "token"), welcome, NULL };
  pid_t pid;
  g_autofree char *line = glb_bait_start_child (argv, NULL, &pid);
  g_auto(GStrv) ports = g_strsplit (line != NULL ? line : "", " ", -1);

  if (g_strv_length (ports) != G_N_ELEMENTS (names))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    glb_bait_set_number (bait, names[i], g_ascii_strtoll (ports[i], NULL, 10));
  glb_bait_set (bait, "loopback", "127.0.0.1");
  glb_bait_set (bait, "welcome", welcome);
  glb_bait_set_number (bait, "services-pid", pid);
  find_addresses (bait);
  /* Left open: what an attempt of the control finds inherited. */
  if (glb_prove_reach ("127.0.0.1", glb_bait_get_port (bait, "port")) < 0)
    g_debug ("Can't reach the bait's own services");
}
