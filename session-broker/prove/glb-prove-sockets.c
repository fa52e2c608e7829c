/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* What listens outside, and the network. */

#include "session-broker/prove/glb-prove.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static GlbProveResult
reach (GlbBait    *bait,
       const char *name,
       GString    *detail)
{
  const char *path = glb_bait_get (bait, name);
  int fd = path != NULL ? glb_prove_connect (path) : -1;

  if (path == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (fd < 0)
    return glb_prove_refused (detail, "connect");
  close (fd);
  return glb_prove_escaped (detail, "it was connected to");
}

static GlbProveResult
abstract (GlbBait *bait,
          GString *detail)
{
  return reach (bait, "abstract", detail);
}

static GlbProveResult
host_socket (GlbBait *bait,
             GString *detail)
{
  return reach (bait, "socket", detail);
}

static GlbProveResult
system_bus (GlbBait *bait,
            GString *detail)
{
  return reach (bait, "system-bus", detail);
}

static GlbProveResult
broker (GlbBait *bait,
        GString *detail)
{
  return reach (bait, "broker", detail);
}

static GlbProveResult
x11_abstract (GlbBait *bait,
              GString *detail)
{
  return reach (bait, "x11-abstract", detail);
}

static GlbProveResult
x11_file (GlbBait *bait,
          GString *detail)
{
  return reach (bait, "x11", detail);
}

static GlbProveResult
other_display (GlbBait *bait,
               GString *detail)
{
  return reach (bait, "wayland", detail);
}

/* As far as the bus's own word that we are in. */
static GlbProveResult
session_bus (GlbBait *bait,
             GString *detail)
{
  const char *path = glb_bait_get (bait, "session-bus");
  g_autofree char *uid = g_strdup_printf ("%u", getuid ());
  g_autoptr(GString) hello = g_string_new (NULL);
  char answer[64] = "";
  int fd = path != NULL ? glb_prove_connect (path) : -1;

  if (path == NULL)
    return glb_prove_unavailable (detail, "dbus-daemon is not installed");
  if (fd < 0)
    return glb_prove_refused (detail, "connect");
  g_string_append_c (hello, '\0');
  g_string_append (hello, "AUTH EXTERNAL ");
  for (const char *c = uid; *c != '\0'; c++)
    g_string_append_printf (hello, "%02x", *c);
  g_string_append (hello, "\r\n");
  if (send (fd, hello->str, hello->len, MSG_NOSIGNAL) < 0 || read (fd, answer, sizeof answer - 1) < 0)
    return glb_prove_refused (detail, "authentication");
  close (fd);
  if (g_str_has_prefix (answer, "OK"))
    return glb_prove_escaped (detail, "the person's bus took it in");
  g_string_assign (detail, "the bus refused");
  return GLB_PROVE_REFUSED;
}

static GlbProveResult
reach_internet (GlbBait    *bait,
                const char *name,
                GString    *detail)
{
  const char *host = glb_bait_get (bait, name);

  if (host == NULL)
    return glb_prove_unavailable (detail, "the host has no such address");
  return glb_prove_hear (bait, glb_prove_reach (host, glb_bait_get_port (bait, "port")), detail);
}

static GlbProveResult
loopback (GlbBait *bait,
          GString *detail)
{
  return reach_internet (bait, "loopback", detail);
}

static GlbProveResult
network (GlbBait *bait,
         GString *detail)
{
  return reach_internet (bait, "host", detail);
}

/* A route to the world is enough: nothing is sent further than to an address for documentation. Where a session has a gate, all
 * addresses are its own, which are spoken to from the loopback. */
static GlbProveResult
world (GlbBait *bait,
       GString *detail)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (9), .sin_addr.s_addr = htonl (0xc0000201) };
  struct sockaddr_in own = { 0 };
  socklen_t size = sizeof own;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return glb_prove_refused (detail, "socket");
  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0 || getsockname (fd, (struct sockaddr *) &own, &size) < 0)
    return glb_prove_refused (detail, "connect");
  if (ntohl (own.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
    {
      g_string_assign (detail, "the way there ends in the session's own loopback");
      return GLB_PROVE_REFUSED;
    }
  if (send (fd, "x", 1, 0) < 0)
    return glb_prove_refused (detail, "send");
  close (fd);
  return glb_prove_escaped (detail, "it was sent");
}

static GlbProveResult
make_socket (int      family,
             int      type,
             int      protocol,
             GString *detail)
{
  int fd = socket (family, type | SOCK_CLOEXEC, protocol);

  if (fd < 0)
    return glb_prove_refused (detail, "socket");
  close (fd);
  return glb_prove_escaped (detail, "the socket was made");
}

#define SOCKET(name, family, type, protocol) \
  static GlbProveResult \
  name (GlbBait *bait, GString *detail) \
  { \
    return make_socket (family, type, protocol, detail); \
  }

SOCKET (raw_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP)
SOCKET (packet_socket, AF_PACKET, SOCK_RAW, 0)
SOCKET (netfilter_socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)
SOCKET (uevent_socket, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT)
SOCKET (machine_socket, AF_VSOCK, SOCK_STREAM, 0)
SOCKET (mptcp_socket, AF_INET, SOCK_STREAM, 262)

const GlbProveAttempt glb_prove_sockets[] = {
  { "socket.abstract", "sockets", "Connect to an abstract socket of the person", abstract },
  { "socket.run", "sockets", "Connect to a socket of the person in a folder like /run", host_socket },
  { "bus.session", "host D-Bus", "Join the person's session bus", session_bus },
  { "bus.system", "host D-Bus", "Connect to the system bus", system_bus },
  { "broker.socket", "host D-Bus", "Connect to Glovebox's broker", broker },
  { "display.x11-abstract", "other displays", "Connect to an X11 display by its abstract socket", x11_abstract },
  { "display.x11", "other displays", "Connect to an X11 display by its file", x11_file },
  { "display.wayland", "other displays", "Connect to the person's Wayland display", other_display },
  { "network.loopback", "network", "Connect to a service on the host's loopback", loopback },
  { "network.host", "network", "Connect to a service on the host's address", network },
  { "network.world", "network", "Send a packet out", world },
  { "network.raw", "network", "Make a raw socket", raw_socket },
  { "network.packet", "network", "Make a packet socket", packet_socket },
  { "network.netfilter", "network", "Talk to the kernel's packet filter", netfilter_socket },
  { "network.uevent", "network", "Listen to the kernel's device events", uevent_socket },
  { "network.vsock", "network", "Make a socket to the hypervisor", machine_socket },
  { "network.mptcp", "network", "Use a protocol whose code is seldom used", mptcp_socket },
  { NULL },
};
