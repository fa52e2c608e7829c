/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* Around the network gate: addresses, options of sockets, datagrams, protocols, the interface, others' sockets. */

#include "session-broker/prove/glb-prove.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER_MS 300
#define NAMES_PORT 53

/* ---- addresses ------------------------------------------------------------------------------- */

/* data: an address, to be expanded */
static GlbProveResult
reach (GlbBait       *bait,
       gconstpointer  data,
       GString       *detail)
{
  g_autoptr(GString) host = glb_prove_expand (bait, data);

  if (host == NULL)
    return glb_prove_unavailable (detail, "the host has no such address");
  return glb_prove_hear (bait, glb_prove_reach (host->str, glb_bait_get_port (bait, "port")), detail);
}

/* The address that the session's resolver gave out for what the policy names, with a port that it does not name. */
static GlbProveResult
standin (GlbBait *bait,
         GString *detail)
{
  const char *name = glb_bait_is_control (bait) ? "127.0.0.1" : GLB_PROVE_NAMED;

  return glb_prove_hear (bait, glb_prove_reach (name, glb_bait_get_port (bait, "port")), detail);
}

/* ---- a connection with an option --------------------------------------------------------------- */

typedef struct
{
  int         level, option;
  int         value;
  const char *text;   /* (nullable): in place of value */
  const char *host;   /* (nullable): where the control goes with it; else where the attack does, the host's address */
} Option;

static int
socket_with (const Option *option)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const void *bytes = option->text != NULL ? (const void *) option->text : &option->value;
  socklen_t size = option->text != NULL ? (socklen_t) strlen (option->text) : sizeof option->value;
  int saved;

  if (fd < 0 || setsockopt (fd, option->level, option->option, bytes, size) == 0)
    return fd;
  saved = errno;
  close (fd);
  errno = saved;
  return -1;
}

/* FALSE: the host has none but its loopback. */
static gboolean
get_host (GlbBait            *bait,
          const char         *port,
          struct sockaddr_in *address)
{
  const char *host = glb_bait_get (bait, "host");

  *address = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons (glb_bait_get_port (bait, port)) };
  return host != NULL && inet_pton (AF_INET, host, &address->sin_addr) == 1;
}

/* data: an Option */
static GlbProveResult
with_option (GlbBait       *bait,
             gconstpointer  data,
             GString       *detail)
{
  const Option *option = data;
  struct sockaddr_in address;
  const struct timeval patience = { .tv_sec = 1 };
  int fd;

  if (!get_host (bait, "port", &address))
    return glb_prove_unavailable (detail, "the host has no address but its loopback");
  if (glb_bait_is_control (bait) && option->host != NULL)
    inet_pton (AF_INET, option->host, &address.sin_addr);
  fd = socket_with (option);
  if (fd < 0)
    return glb_prove_refused (detail, "setsockopt");
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return glb_prove_hear (bait, fd, detail);
  glb_prove_refused (detail, "connect");
  close (fd);
  return GLB_PROVE_REFUSED;
}

/* Data in the very first packet. */
static GlbProveResult
fast_open (GlbBait *bait,
           GString *detail)
{
  struct sockaddr_in address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (!get_host (bait, "port-tls", &address))
    return glb_prove_unavailable (detail, "the host has no address but its loopback");
  if (fd < 0 || sendto (fd, "secret", 6, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *) &address, sizeof address) < 0)
    return glb_prove_refused (detail, "sendto");
  return glb_prove_hear (bait, fd, detail);
}

/* ---- datagrams ------------------------------------------------------------------------------------ */

/* What comes back within ANSWER_MS; -1: nothing. */
static gssize
exchange (int                    fd,
          const struct sockaddr *to,
          socklen_t              size,
          const void            *bytes,
          gsize                  length,
          char                   answer[2048])
{
  struct pollfd ready = { .fd = fd, .events = POLLIN };

  if (sendto (fd, bytes, length, MSG_NOSIGNAL, to, size) < 0)
    return -1;
  errno = ETIMEDOUT;
  return poll (&ready, 1, ANSWER_MS) == 1 ? recv (fd, answer, 2048, MSG_DONTWAIT) : -1;
}

static GlbProveResult
judge_answer (GlbBait    *bait,
              const char *answer,
              gssize      n,
              GString    *detail)
{
  const char *token = glb_bait_get (bait, "token");

  if (n < 0)
    return glb_prove_refused (detail, "no answer");
  if (memmem (answer, (gsize) n, token, strlen (token)) != NULL)
    return glb_prove_escaped (detail, "a service of the host answered");
  g_string_assign (detail, "somebody else answered");
  return GLB_PROVE_REFUSED;
}

/* data: an address of IPv4, to be expanded. Connected where it can be, so that errors are seen. */
static GlbProveResult
datagram (GlbBait       *bait,
          gconstpointer  data,
          GString       *detail)
{
  g_autoptr(GString) host = glb_prove_expand (bait, data);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (glb_bait_get_port (bait, "port-udp")) };
  const struct in_addr loopback = { htonl (INADDR_LOOPBACK) };
  const int on = 1;
  char answer[2048];
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean one;
  gssize n;

  if (host == NULL || inet_pton (AF_INET, host->str, &address.sin_addr) != 1)
    return glb_prove_unavailable (detail, "the host has no such address");
  if (fd < 0)
    return glb_prove_refused (detail, "socket");

  one = !g_str_has_suffix (host->str, ".255") && !IN_MULTICAST (ntohl (address.sin_addr.s_addr));
  setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback);
  if (one && connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    return glb_prove_refused (detail, "connect");
  n = exchange (fd, one ? NULL : (struct sockaddr *) &address, one ? 0 : sizeof address, "secret", 6, answer);
  return judge_answer (bait, answer, n, detail);
}

static GlbProveResult
datagram_ipv6 (GlbBait *bait,
               GString *detail)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons (glb_bait_get_port (bait, "port-udp")) };
  const char *host = glb_bait_get (bait, "host6");
  char answer[2048];
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (host == NULL || inet_pton (AF_INET6, host, &address.sin6_addr) != 1)
    return glb_prove_unavailable (detail, "the host has no such address");
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    return glb_prove_refused (detail, "connect");
  return judge_answer (bait, answer, exchange (fd, NULL, 0, "secret", 6, answer), detail);
}

/* ---- questions for names ------------------------------------------------------------------------------ */

static void
append_name (GString    *question,
             const char *name)
{
  g_auto(GStrv) labels = g_strsplit (name, ".", -1);

  for (guint i = 0; labels[i] != NULL; i++)
    {
      g_string_append_c (question, (char) strlen (labels[i]));
      g_string_append (question, labels[i]);
    }
  g_string_append_c (question, '\0');
}

/* data: a name that carries something. Outside to a server that sees it, inside to the only one there is. */
static GlbProveResult
tunnel_names (GlbBait       *bait,
              gconstpointer  data,
              GString       *detail)
{
  static const char head[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, tail[] = { 0, 16 /* TXT */, 0, 1 };
  guint16 port = glb_bait_is_control (bait) ? glb_bait_get_port (bait, "port-udp") : NAMES_PORT;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_autoptr(GString) question = g_string_new_len (head, sizeof head);
  char answer[2048];
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gssize n;

  append_name (question, data);
  g_string_append_len (question, tail, sizeof tail);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    return glb_prove_refused (detail, "connect");
  n = exchange (fd, NULL, 0, question->str, question->len, answer);
  if (glb_bait_is_control (bait) || n < (gssize) sizeof head)
    return judge_answer (bait, answer, n, detail);

  if (answer[6] != 0 || answer[7] != 0)
    return glb_prove_escaped (detail, "somebody knew an answer");
  g_string_assign (detail, "the session's own resolver: there is no such text");
  return GLB_PROVE_REFUSED;
}

/* ---- protocols ------------------------------------------------------------------------------------------ */

typedef struct
{
  int family, type, protocol;
} Protocol;

/* data: a Protocol */
static GlbProveResult
make_socket (GlbBait       *bait,
             gconstpointer  data,
             GString       *detail)
{
  const Protocol *protocol = data;
  int fd = socket (protocol->family, protocol->type | SOCK_CLOEXEC, protocol->protocol);

  if (fd < 0)
    return glb_prove_refused (detail, "socket");
  close (fd);
  return glb_prove_escaped (detail, "the socket was made");
}

/* ---- the interface ---------------------------------------------------------------------------------------- */

/* To what it is already. */
static GlbProveResult
change_interface (GlbBait *bait,
                  GString *detail)
{
  struct ifreq request = { .ifr_name = "lo" };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || ioctl (fd, SIOCGIFFLAGS, &request) < 0 || ioctl (fd, SIOCSIFFLAGS, &request) < 0)
    return glb_prove_refused (detail, "set its flags");
  close (fd);
  return glb_prove_escaped (detail, "its flags were set");
}

/* One that is not there is taken away: who may do that is told that it is not there. */
static GlbProveResult
change_routes (GlbBait *bait,
               GString *detail)
{
  struct rtentry route = { .rt_flags = RTF_UP | RTF_HOST };
  struct sockaddr_in *to = (void *) &route.rt_dst;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  *to = (struct sockaddr_in) { .sin_family = AF_INET, .sin_addr.s_addr = htonl (0xcb007109) };
  if (fd < 0 || (ioctl (fd, SIOCDELRT, &route) < 0 && errno != ESRCH))
    return glb_prove_refused (detail, "take a route away");
  close (fd);
  return glb_prove_escaped (detail, "the routes may be changed");
}

static GlbProveResult
change_routes_by_netlink (GlbBait *bait,
                          GString *detail)
{
  struct { struct nlmsghdr header; struct rtmsg route; struct rtattr attribute; guint32 address; } request = {
    .header = { .nlmsg_len = sizeof request, .nlmsg_type = RTM_DELROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
    .route = { .rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN, .rtm_scope = RT_SCOPE_NOWHERE },
    .attribute = { .rta_len = RTA_LENGTH (sizeof (guint32)), .rta_type = RTA_DST },
    .address = htonl (0xcb007109),
  };
  struct { struct nlmsghdr header; struct nlmsgerr error; char rest[512]; } answer = { 0 };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0 || send (fd, &request, sizeof request, 0) < 0 || recv (fd, &answer, sizeof answer, 0) < 0)
    return glb_prove_refused (detail, "netlink");
  errno = -answer.error.error;
  if (errno != 0 && errno != ESRCH)
    return glb_prove_refused (detail, "take a route away");
  close (fd);
  return glb_prove_escaped (detail, "the routes may be changed");
}

/* Where the gate is, for other programs to find this one in its place. data: an Option */
static GlbProveResult
take_place (GlbBait       *bait,
            gconstpointer  data,
            GString       *detail)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons (GLB_PROVE_PROXY_PORT), .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket_with (data);

  if (!glb_bait_is_control (bait) && glb_prove_reach ("127.0.0.1", GLB_PROVE_PROXY_PORT) < 0)
    return glb_prove_refused (detail, "there is no proxy whose place could be taken");
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0 || listen (fd, 1) < 0)
    return glb_prove_refused (detail, "bind");
  close (fd);
  return glb_prove_escaped (detail, "its place was taken");
}

/* ---- sockets of others ---------------------------------------------------------------------------------------- */

static gboolean
is_internet (int fd)
{
  int family;
  socklen_t size = sizeof family;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && (family == AF_INET || family == AF_INET6);
}

static GlbProveResult
inherited (GlbBait *bait,
           GString *detail)
{
  for (int fd = 3; fd < 1024; fd++)
    if (is_internet (fd))
      return glb_prove_escaped (detail, "a socket of the network was left open");
  errno = EBADF;
  return glb_prove_refused (detail, "no such socket");
}

static gboolean
take_from (pid_t pid)
{
  int process = (int) syscall (__NR_pidfd_open, pid, 0);

  for (int i = 0; process >= 0 && i < 32; i++)
    {
      int fd = (int) syscall (438 /* pidfd_getfd */, process, i, 0);

      if (fd >= 0 && is_internet (fd))
        return TRUE;
      if (fd >= 0)
        close (fd);
    }
  return FALSE;
}

static GlbProveResult
others (GlbBait *bait,
        GString *detail)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  gboolean taken = FALSE;
  const char *name;

  if (glb_bait_is_control (bait))
    taken = take_from ((pid_t) glb_bait_get_number (bait, "services-pid"));
  else
    while (dir != NULL && !taken && (name = g_dir_read_name (dir)) != NULL)
      taken = g_ascii_isdigit (name[0]) && atoi (name) != getpid () && take_from (atoi (name));
  if (taken)
    return glb_prove_escaped (detail, "a socket of another process was taken");
  return glb_prove_refused (detail, "take the sockets of all processes");
}

#define THEME "network gate"

const GlbProveAttempt glb_prove_network[] = {
  { "net.ipv6-loopback", THEME, "Connect to ::1", NULL, reach, "::1" },
  { "net.mapped-loopback", THEME, "Connect to ::ffff:127.0.0.1", NULL, reach, "::ffff:127.0.0.1" },
  { "net.other-loopback", THEME, "Connect to 127.1.2.3", NULL, reach, "127.1.2.3" },
  { "net.any", THEME, "Connect to 0.0.0.0", NULL, reach, "0.0.0.0" },
  { "net.ipv6-any", THEME, "Connect to ::", NULL, reach, "::" },
  { "net.mapped-host", THEME, "Connect to the host's address as ::ffff:A.B.C.D", NULL, reach, "::ffff:{host}" },
  { "net.ipv6-host", THEME, "Connect to the host's address of IPv6", NULL, reach, "{host6}" },
  { "net.standin", THEME, "Connect to a port that the policy does not name of a name that it does", standin },
  { "net.fast-open", THEME, "Send data in the first packet of a connection", fast_open },
  { "net.device", THEME, "Bind the connection to an interface", NULL, with_option,
    &(const Option) { SOL_SOCKET, SO_BINDTODEVICE, 0, "lo", "127.0.0.1" } },
  { "net.mark", THEME, "Mark the packets, as who routes by marks does", NULL, with_option,
    &(const Option) { SOL_SOCKET, SO_MARK, 1 } },
  { "net.transparent", THEME, "Use addresses that are not one's own", NULL, with_option,
    &(const Option) { IPPROTO_IP, IP_TRANSPARENT, 1 } },
  { "net.no-route", THEME, "Go around the routes", NULL, with_option, &(const Option) { SOL_SOCKET, SO_DONTROUTE, 1 } },
  { "net.udp-loopback", THEME, "Send a datagram to the loopback", NULL, datagram, "127.0.0.1" },
  { "net.udp-host", THEME, "Send a datagram to the host's address", NULL, datagram, "{host}" },
  { "net.udp-ipv6", THEME, "Send a datagram to the host's address of IPv6", datagram_ipv6 },
  { "net.broadcast", THEME, "Send a datagram to all", NULL, datagram, "127.255.255.255" },
  { "net.multicast", THEME, "Send a datagram to a group", NULL, datagram, GLB_PROVE_MULTICAST },
  { "net.names", THEME, "Carry something out in the question for a name", NULL, tunnel_names, "c2VjcmV0." GLB_PROVE_OTHER },
  { "net.names-below", THEME, "The same, below a name that the policy names", NULL, tunnel_names, "c2VjcmV0." GLB_PROVE_NAMED },
  { "net.ping", THEME, "Make a socket for pings", NULL, make_socket, &(const Protocol) { AF_INET, SOCK_DGRAM, IPPROTO_ICMP } },
  { "net.ipv6-raw", THEME, "Make a raw socket of IPv6", NULL, make_socket,
    &(const Protocol) { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 } },
  { "net.udplite", THEME, "Make a socket of UDP-Lite", NULL, make_socket,
    &(const Protocol) { AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE } },
  { "net.sctp", THEME, "Make a socket of SCTP", NULL, make_socket, &(const Protocol) { AF_INET, SOCK_STREAM, IPPROTO_SCTP } },
  { "net.dccp", THEME, "Make a socket of DCCP", NULL, make_socket,
    &(const Protocol) { AF_INET, 6 /* SOCK_DCCP */, IPPROTO_DCCP } },
  { "net.xdp", THEME, "Make a socket of XDP", NULL, make_socket, &(const Protocol) { AF_XDP, SOCK_RAW, 0 } },
  { "net.alg", THEME, "Make a socket to the kernel's ciphers", NULL, make_socket,
    &(const Protocol) { AF_ALG, SOCK_SEQPACKET, 0 } },
  { "net.interface", THEME, "Change the interface", change_interface },
  { "net.routes", THEME, "Change the routes", change_routes },
  { "net.netlink", THEME, "Change the routes by netlink", change_routes_by_netlink },
  { "net.place", THEME, "Listen in the proxy's place", NULL, take_place, &(const Option) { SOL_SOCKET, SO_REUSEADDR, 1 } },
  { "net.place-shared", THEME, "Share the proxy's place", NULL, take_place, &(const Option) { SOL_SOCKET, SO_REUSEPORT, 1 } },
  { "net.inherited", THEME, "Use a socket that was left open", inherited },
  { "net.others", THEME, "Take a socket from another process", others },
  { NULL },
};
