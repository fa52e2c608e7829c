/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a program tries with its network; one line for each try.
 *
 *   try-network tcp ADDRESS PORT    connects, and says the line that it is answered
 *   try-network udp ADDRESS PORT    asks, and says the answer
 *   try-network own ADDRESS PORT    listens there, and connects to itself
 *   try-network rights              what takes a right over the namespace
 *   try-network bind PORT           the ports that a session's gate has, and PORT
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS      10000
#define LOOPBACK_INDEX 1

/* 0 or the errno of a try. */
typedef int (*Try) (void);

static int
result_of (int fd)
{
  int error = fd < 0 ? errno : 0;

  if (fd >= 0)
    close (fd);
  return error;
}

static void
say (const char *name, int error)
{
  printf ("%s: %s\n", name, error == 0 ? "done" : strerror (error));
}

/* --- as a program that only wants to talk --- */

static struct addrinfo *
parse_address (const char *address, const char *port, int type)
{
  const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = type };
  struct addrinfo *result;

  if (getaddrinfo (address, port, &hints, &result) != 0)
    exit (2);
  return result;
}

static bool
is_readable (int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };

  return poll (&p, 1, ANSWER_MS) == 1;
}

static int
say_answer (int type, const char *address, const char *port)
{
  struct addrinfo *to = parse_address (address, port, type);
  int fd = socket (to->ai_family, type, 0);
  char answer[256] = "";
  ssize_t n = -1;

  if (fd >= 0 && connect (fd, to->ai_addr, to->ai_addrlen) == 0 && (type == SOCK_STREAM || send (fd, "question", 8, 0) == 8))
    {
      errno = ETIMEDOUT;
      if (is_readable (fd))
        n = recv (fd, answer, sizeof answer - 1, 0);
    }
  printf ("%s %s: %s\n", address, port, n < 0 ? strerror (errno) : answer);
  freeaddrinfo (to);

  return 0;
}

static int
say_own (const char *address, const char *port)
{
  struct addrinfo *to = parse_address (address, port, SOCK_STREAM);
  int listener = socket (to->ai_family, SOCK_STREAM, 0);
  int client = socket (to->ai_family, SOCK_STREAM, 0);
  int server = -1;

  if (bind (listener, to->ai_addr, to->ai_addrlen) == 0 && listen (listener, 1) == 0 &&
      connect (client, to->ai_addr, to->ai_addrlen) == 0 && is_readable (listener))
    server = accept (listener, NULL, NULL);
  printf ("%s %s: %s\n", address, port, server >= 0 ? "own" : strerror (errno));
  freeaddrinfo (to);

  return 0;
}

/* --- rights over the namespace --- */

static int
try_raw4 (void)
{
  return result_of (socket (AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int
try_raw6 (void)
{
  return result_of (socket (AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
}

static int
try_packet (void)
{
  return result_of (socket (AF_PACKET, SOCK_RAW, htons (ETH_P_ALL)));
}

static int
try_write (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY);
  int error = fd < 0 || write (fd, text, strlen (text)) < 0 ? errno : 0;

  if (fd >= 0)
    close (fd);
  return error;
}

/* Whoever may allows it for itself first. */
static int
try_ping (void)
{
  try_write ("/proc/sys/net/ipv4/ping_group_range", "0 0");
  return result_of (socket (AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
}

static int
try_setting (void)
{
  return try_write ("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
}

static int
try_option (int level, int option)
{
  int fd = socket (AF_INET, SOCK_STREAM, 0), on = 1;
  int error = setsockopt (fd, level, option, &on, sizeof on) < 0 ? errno : 0;

  close (fd);
  return error;
}

static int
try_transparent (void)
{
  return try_option (IPPROTO_IP, IP_TRANSPARENT);
}

static int
try_mark (void)
{
  return try_option (SOL_SOCKET, SO_MARK);
}

static int
try_loopback_down (void)
{
  int fd = socket (AF_INET, SOCK_DGRAM, 0), error = 0;
  struct ifreq request = { .ifr_name = "lo" };

  if (ioctl (fd, SIOCSIFFLAGS, &request) < 0)
    error = errno;
  request.ifr_flags = IFF_UP;
  if (error == 0 && ioctl (fd, SIOCSIFFLAGS, &request) < 0)
    error = errno;
  close (fd);

  return error;
}

/* bytes: messages, the last of which wants an answer, or fails with one. */
static int
ask_kernel (int bus, const void *bytes, size_t size)
{
  struct mnl_socket *kernel = mnl_socket_open2 (bus, SOCK_CLOEXEC);
  char answer[8192];
  ssize_t n = -1;
  int error = 0;

  if (kernel == NULL)
    return errno;
  if (mnl_socket_bind (kernel, 0, MNL_SOCKET_AUTOPID) == 0 && mnl_socket_sendto (kernel, bytes, size) > 0 &&
      is_readable (mnl_socket_get_fd (kernel)))
    n = mnl_socket_recvfrom (kernel, answer, sizeof answer);
  if (n < 0 || mnl_cb_run (answer, n, 0, 0, NULL, NULL) < 0)
    error = errno;
  mnl_socket_close (kernel);

  return error;
}

static int
try_address (void)
{
  char bytes[256] = "";
  struct nlmsghdr *message = mnl_nlmsg_put_header (bytes);
  struct ifaddrmsg *address = mnl_nlmsg_put_extra_header (message, sizeof *address);

  message->nlmsg_type = RTM_NEWADDR;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
  address->ifa_family = AF_INET;
  address->ifa_prefixlen = 32;
  address->ifa_index = LOOPBACK_INDEX;
  mnl_attr_put_u32 (message, IFA_LOCAL, inet_addr ("192.0.2.1"));

  return ask_kernel (NETLINK_ROUTE, bytes, message->nlmsg_len);
}

static int
change_route (unsigned type, unsigned flags)
{
  char bytes[256] = "";
  struct nlmsghdr *message = mnl_nlmsg_put_header (bytes);
  struct rtmsg *route = mnl_nlmsg_put_extra_header (message, sizeof *route);

  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  route->rtm_family = AF_INET;
  route->rtm_table = RT_TABLE_LOCAL;
  route->rtm_protocol = RTPROT_BOOT;
  route->rtm_scope = RT_SCOPE_HOST;
  route->rtm_type = RTN_LOCAL;
  mnl_attr_put_u32 (message, RTA_OIF, LOOPBACK_INDEX);

  return ask_kernel (NETLINK_ROUTE, bytes, message->nlmsg_len);
}

static int
try_route (void)
{
  return change_route (RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
}

static int
try_route_delete (void)
{
  return change_route (RTM_DELROUTE, 0);
}

static struct nlmsghdr *
put_filter_header (void *at, unsigned type, unsigned flags, unsigned family, unsigned subsystem)
{
  struct nlmsghdr *message = mnl_nlmsg_put_header (at);
  struct nfgenmsg *header = mnl_nlmsg_put_extra_header (message, sizeof *header);

  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | flags;
  header->nfgen_family = family;
  header->version = NFNETLINK_V0;
  header->res_id = htons (subsystem);

  return message;
}

static int
change_table (unsigned type, unsigned flags)
{
  char bytes[512] = "", *end = bytes;
  struct nlmsghdr *message;

  end += put_filter_header (end, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len;
  message = put_filter_header (end, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_ACK | flags, NFPROTO_INET, 0);
  mnl_attr_put_strz (message, NFTA_TABLE_NAME, "glovebox");
  end += message->nlmsg_len;
  end += put_filter_header (end, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len;

  return ask_kernel (NETLINK_NETFILTER, bytes, end - bytes);
}

static int
try_filter (void)
{
  return change_table (NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

static int
try_filter_delete (void)
{
  return change_table (NFT_MSG_DELTABLE, 0);
}

static int
say_rights (void)
{
  static const struct { const char *name; Try try; } rights[] = {
    { "raw4", try_raw4 }, { "raw6", try_raw6 }, { "packet", try_packet }, { "ping", try_ping }, { "setting", try_setting },
    { "transparent", try_transparent }, { "mark", try_mark }, { "loopback-down", try_loopback_down }, { "address", try_address },
    { "route", try_route }, { "route-delete", try_route_delete },
    { "filter", try_filter }, { "filter-delete", try_filter_delete },
  };

  for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
    say (rights[i].name, rights[i].try ());
  return 0;
}

/* --- ports of others --- */

static void
say_bind (int type, const char *address, const char *port)
{
  struct addrinfo *at = parse_address (address, port, type);
  int fd = socket (at->ai_family, type, 0), on = 1, error = 0;
  char name[128];

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind (fd, at->ai_addr, at->ai_addrlen) < 0 || (type == SOCK_STREAM && listen (fd, 1) < 0))
    error = errno;
  snprintf (name, sizeof name, "%s %s", address, port);
  say (name, error);
  close (fd);
  freeaddrinfo (at);
}

static int
say_binds (const char *transparent_port)
{
  static const char * const addresses[] = { "127.0.0.1", "0.0.0.0", "::" };

  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
    {
      say_bind (SOCK_DGRAM, addresses[i], "53");
      say_bind (SOCK_STREAM, addresses[i], "3128");
      say_bind (SOCK_STREAM, addresses[i], transparent_port);
    }
  return 0;
}

int
main (int    argc,
      char **argv)
{
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc == 4 && strcmp (argv[1], "tcp") == 0)
    return say_answer (SOCK_STREAM, argv[2], argv[3]);
  if (argc == 4 && strcmp (argv[1], "udp") == 0)
    return say_answer (SOCK_DGRAM, argv[2], argv[3]);
  if (argc == 4 && strcmp (argv[1], "own") == 0)
    return say_own (argv[2], argv[3]);
  if (argc == 2 && strcmp (argv[1], "rights") == 0)
    return say_rights ();
  if (argc == 3 && strcmp (argv[1], "bind") == 0)
    return say_binds (argv[2]);

  return 2;
}
