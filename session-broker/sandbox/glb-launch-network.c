/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The network namespace of a session, made before the agent's account comes
 * into play, and owned by a user namespace that the sandbox is no part of.
 * There is the loopback and nothing else, so nothing leaves, whatever happens
 * in here.
 *
 * Every address is local: what a program sends to 8.8.8.8 comes back in on the
 * loopback.  There the packet filter leads each TCP connection to anything
 * but the loopback's own addresses to one socket, which accepts it with the
 * address that the program asked for as its own (tproxy).  UDP meets nobody
 * but the resolver's socket, and is refused.
 *
 * That socket must listen on all addresses, because tproxy looks for one at
 * 127.0.0.1 and ::1.  A program could so connect to 127.0.0.1:CONNECTIONS_PORT
 * itself, and look like one that asked for the host's loopback: the third rule
 * answers it with a reset, and the gate never sees a connection whose own
 * address is of the loopback.  (8.8.8.8:CONNECTIONS_PORT is an address as any
 * other.)  The port is above those that the kernel gives to clients.
 *
 * The kernel's settings in a new namespace are the right ones: no ping sockets
 * (ping_group_range), ports below 1024 for nobody, a backlog up to 4096; and
 * rp_filter and accept_local do not matter to what comes in on the loopback,
 * which keeps the route that it went out by.
 */

#include "session-broker/sandbox/glb-launch-private.h"

#include "session-broker/network/glb-network-protocol.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPV6_TRANSPARENT
#define IPV6_TRANSPARENT 75
#endif

#define CONNECTIONS_PORT 61009
#define BACKLOG          4096
#define LOOPBACK_INDEX   1      /* in each namespace */
#define TABLE            "glovebox"
#define CHAIN            "connections"

#define NAMESPACE_REMEDY "boot a kernel with CONFIG_NET_NS and allow namespaces: sysctl -w user.max_net_namespaces=65536"
#define RIGHTS_REMEDY \
  "as root, give Glovebox the right CAP_NET_ADMIN; as a user, allow user namespaces their rights: " \
  "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)"
#define FILTER_REMEDY \
  "run: sudo modprobe -a nf_tables nft_tproxy nft_reject_inet, or boot a kernel that has them"

/* --- messages to the kernel --- */

#define REQUEST_SIZE 4096   /* more than twice of what is ever in one */
#define REQUEST_MAX  8

/* Some messages that go together; each says what it is about, for the error. The sequence number is the index. */
typedef struct
{
  char        bytes[REQUEST_SIZE];
  size_t      size;
  const char *what[REQUEST_MAX];
  bool        disabled_ok[REQUEST_MAX];   /* no error where this host has the protocol switched off */
  unsigned    n;
  unsigned    n_acks;
} Request;

static struct nlmsghdr *
begin_message (Request *request, unsigned type, unsigned flags, const char *what)
{
  struct nlmsghdr *message = mnl_nlmsg_put_header (request->bytes + request->size);

  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | flags;
  message->nlmsg_seq = request->n;
  request->what[request->n++] = what;
  request->n_acks += (flags & NLM_F_ACK) != 0;

  return message;
}

static void
end_message (Request *request, struct nlmsghdr *message)
{
  request->size += MNL_ALIGN (message->nlmsg_len);
}

static void
check_answer (Request *request, const struct nlmsghdr *answer, const char *remedy)
{
  const struct nlmsgerr *result = mnl_nlmsg_get_payload (answer);
  unsigned i = answer->nlmsg_seq;

  if (answer->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len (answer) < sizeof *result || i >= request->n)
    glb_launch_die (0, "this is an error in Glovebox", "the kernel's answer about the session's network is not understood");
  if (request->disabled_ok[i] && (result->error == -EACCES || result->error == -EOPNOTSUPP || result->error == -EAFNOSUPPORT))
    return;
  if (result->error != 0)
    glb_launch_die (-result->error, result->error == -EPERM ? RIGHTS_REMEDY : remedy,
                    "can't set up the session's network (%s)", request->what[i]);
}

/* The kernel has done all of it, and answered, when it has taken the request: nothing is waited for. */
static void
send_request (Request *request, int bus, const char *remedy)
{
  struct mnl_socket *kernel = mnl_socket_open2 (bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
  _Alignas (struct nlmsghdr) char answers[8192];
  unsigned n_acks = 0;

  if (kernel == NULL || mnl_socket_bind (kernel, 0, MNL_SOCKET_AUTOPID) < 0 ||
      mnl_socket_sendto (kernel, request->bytes, request->size) < 0)
    glb_launch_die (errno, remedy, "can't talk to the kernel about the session's network");

  while (n_acks < request->n_acks)
    {
      ssize_t size = mnl_socket_recvfrom (kernel, answers, sizeof answers);
      int left = size;

      if (size < 0)
        glb_launch_die (errno, remedy, "the kernel did not answer about the session's network");
      for (const struct nlmsghdr *answer = (const struct nlmsghdr *) answers; mnl_nlmsg_ok (answer, left);
           answer = mnl_nlmsg_next (answer, &left))
        {
          check_answer (request, answer, remedy);
          n_acks++;
        }
    }
  mnl_socket_close (kernel);
}

/* --- the loopback and the routes --- */

static void
put_loopback_up (Request *request)
{
  struct nlmsghdr *message = begin_message (request, RTM_NEWLINK, NLM_F_ACK, "the loopback");
  struct ifinfomsg *link = mnl_nlmsg_put_extra_header (message, sizeof *link);

  link->ifi_family = AF_UNSPEC;
  link->ifi_index = LOOPBACK_INDEX;
  link->ifi_change = link->ifi_flags = IFF_UP;
  end_message (request, message);
}

/* "local default dev lo src SOURCE" */
static void
put_route (Request *request, int family, const void *source, size_t source_size, const char *what)
{
  struct nlmsghdr *message = begin_message (request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, what);
  struct rtmsg *route = mnl_nlmsg_put_extra_header (message, sizeof *route);

  route->rtm_family = family;
  route->rtm_table = RT_TABLE_LOCAL;
  route->rtm_protocol = RTPROT_BOOT;
  route->rtm_scope = RT_SCOPE_HOST;
  route->rtm_type = RTN_LOCAL;
  mnl_attr_put (message, RTA_PREFSRC, source_size, source);
  mnl_attr_put_u32 (message, RTA_OIF, LOOPBACK_INDEX);
  end_message (request, message);
}

static void
make_routes (void)
{
  const struct in_addr source = { htonl (INADDR_LOOPBACK) };
  Request request = { 0 };

  put_loopback_up (&request);
  put_route (&request, AF_INET, &source, sizeof source, "the route");
  request.disabled_ok[request.n] = true;
  put_route (&request, AF_INET6, &in6addr_loopback, sizeof in6addr_loopback, "the route of IPv6");
  send_request (&request, NETLINK_ROUTE, "boot a kernel of 5.10 or later");
}

/* --- the packet filter --- */

static struct nlmsghdr *
begin_filter_message (Request *request, unsigned type, unsigned flags, unsigned family, unsigned subsystem, const char *what)
{
  struct nlmsghdr *message = begin_message (request, type, flags, what);
  struct nfgenmsg *header = mnl_nlmsg_put_extra_header (message, sizeof *header);

  header->nfgen_family = family;
  header->version = NFNETLINK_V0;
  header->res_id = htons (subsystem);

  return message;
}

static struct nlmsghdr *
begin_table_message (Request *request, unsigned type, unsigned flags, const char *what)
{
  return begin_filter_message (request, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_CREATE | NLM_F_ACK | flags,
                               NFPROTO_INET, 0, what);
}

static void
put_batch_end (Request *request, unsigned type)
{
  end_message (request, begin_filter_message (request, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, "the packet filter"));
}

static void
put_number (struct nlmsghdr *message, unsigned type, uint32_t number)
{
  mnl_attr_put_u32 (message, type, htonl (number));
}

static void
put_table (Request *request)
{
  struct nlmsghdr *message = begin_table_message (request, NFT_MSG_NEWTABLE, 0, "the table of the packet filter");

  mnl_attr_put_strz (message, NFTA_TABLE_NAME, TABLE);
  end_message (request, message);
}

/* "type filter hook prerouting priority mangle; policy accept" */
static void
put_chain (Request *request)
{
  struct nlmsghdr *message = begin_table_message (request, NFT_MSG_NEWCHAIN, 0, "the chain of the packet filter");
  struct nlattr *hook;

  mnl_attr_put_strz (message, NFTA_CHAIN_TABLE, TABLE);
  mnl_attr_put_strz (message, NFTA_CHAIN_NAME, CHAIN);
  hook = mnl_attr_nest_start (message, NFTA_CHAIN_HOOK);
  put_number (message, NFTA_HOOK_HOOKNUM, NF_INET_PRE_ROUTING);
  put_number (message, NFTA_HOOK_PRIORITY, NF_IP_PRI_MANGLE);
  mnl_attr_nest_end (message, hook);
  put_number (message, NFTA_CHAIN_POLICY, NF_ACCEPT);
  mnl_attr_put_strz (message, NFTA_CHAIN_TYPE, "filter");
  end_message (request, message);
}

/* An expression of a rule is open between begin_expression() and end_expression(). */
typedef struct
{
  struct nlattr *element;
  struct nlattr *data;
} Expression;

static Expression
begin_expression (struct nlmsghdr *message, const char *name)
{
  Expression expression;

  expression.element = mnl_attr_nest_start (message, NFTA_LIST_ELEM);
  mnl_attr_put_strz (message, NFTA_EXPR_NAME, name);
  expression.data = mnl_attr_nest_start (message, NFTA_EXPR_DATA);

  return expression;
}

static void
end_expression (struct nlmsghdr *message, Expression expression)
{
  mnl_attr_nest_end (message, expression.data);
  mnl_attr_nest_end (message, expression.element);
}

static void
put_value (struct nlmsghdr *message, unsigned type, const void *bytes, size_t size)
{
  struct nlattr *data = mnl_attr_nest_start (message, type);

  mnl_attr_put (message, NFTA_DATA_VALUE, size, bytes);
  mnl_attr_nest_end (message, data);
}

static void
put_compare (struct nlmsghdr *message, enum nft_cmp_ops how, const void *bytes, size_t size)
{
  Expression expression = begin_expression (message, "cmp");

  put_number (message, NFTA_CMP_SREG, NFT_REG_1);
  put_number (message, NFTA_CMP_OP, how);
  put_value (message, NFTA_CMP_DATA, bytes, size);
  end_expression (message, expression);
}

/* "meta KEY VALUE" */
static void
put_match_meta (struct nlmsghdr *message, enum nft_meta_keys key, uint8_t value)
{
  Expression expression = begin_expression (message, "meta");

  put_number (message, NFTA_META_KEY, key);
  put_number (message, NFTA_META_DREG, NFT_REG_1);
  end_expression (message, expression);
  put_compare (message, NFT_CMP_EQ, &value, sizeof value);
}

static void
put_match_payload (struct nlmsghdr *message, enum nft_payload_bases base, unsigned offset,
                   enum nft_cmp_ops how, const void *bytes, size_t size)
{
  Expression expression = begin_expression (message, "payload");

  put_number (message, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_number (message, NFTA_PAYLOAD_BASE, base);
  put_number (message, NFTA_PAYLOAD_OFFSET, offset);
  put_number (message, NFTA_PAYLOAD_LEN, size);
  end_expression (message, expression);
  put_compare (message, how, bytes, size);
}

/* "tproxy ip to :CONNECTIONS_PORT" */
static void
put_tproxy (struct nlmsghdr *message, unsigned family)
{
  const uint16_t port = htons (CONNECTIONS_PORT);
  Expression expression = begin_expression (message, "immediate");

  put_number (message, NFTA_IMMEDIATE_DREG, NFT_REG_1);
  put_value (message, NFTA_IMMEDIATE_DATA, &port, sizeof port);
  end_expression (message, expression);

  expression = begin_expression (message, "tproxy");
  put_number (message, NFTA_TPROXY_FAMILY, family);
  put_number (message, NFTA_TPROXY_REG_PORT, NFT_REG_1);
  end_expression (message, expression);
}

static void
put_accept (struct nlmsghdr *message)
{
  Expression expression = begin_expression (message, "immediate");
  struct nlattr *data, *verdict;

  put_number (message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  data = mnl_attr_nest_start (message, NFTA_IMMEDIATE_DATA);
  verdict = mnl_attr_nest_start (message, NFTA_DATA_VERDICT);
  put_number (message, NFTA_VERDICT_CODE, NF_ACCEPT);
  mnl_attr_nest_end (message, verdict);
  mnl_attr_nest_end (message, data);
  end_expression (message, expression);
}

static void
put_reset (struct nlmsghdr *message)
{
  Expression expression = begin_expression (message, "reject");

  put_number (message, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
  end_expression (message, expression);
}

/* Opens a rule for TCP; expressions: to be closed by end_rule(). */
static struct nlmsghdr *
begin_rule (Request *request, const char *what, struct nlattr **expressions)
{
  struct nlmsghdr *message = begin_table_message (request, NFT_MSG_NEWRULE, NLM_F_APPEND, what);

  mnl_attr_put_strz (message, NFTA_RULE_TABLE, TABLE);
  mnl_attr_put_strz (message, NFTA_RULE_CHAIN, CHAIN);
  *expressions = mnl_attr_nest_start (message, NFTA_RULE_EXPRESSIONS);
  put_match_meta (message, NFT_META_L4PROTO, IPPROTO_TCP);

  return message;
}

static void
end_rule (Request *request, struct nlmsghdr *message, struct nlattr *expressions)
{
  mnl_attr_nest_end (message, expressions);
  end_message (request, message);
}

/* "meta l4proto tcp ip daddr != 127.0.0.0/8 tproxy ip to :CONNECTIONS_PORT accept", or the same of IPv6 and ::1. */
static void
put_lead_rule (Request *request, unsigned family, unsigned offset, const void *loopback, size_t size, const char *what)
{
  struct nlattr *expressions;
  struct nlmsghdr *message = begin_rule (request, what, &expressions);

  put_match_meta (message, NFT_META_NFPROTO, family);
  put_match_payload (message, NFT_PAYLOAD_NETWORK_HEADER, offset, NFT_CMP_NEQ, loopback, size);
  put_tproxy (message, family);
  put_accept (message);
  end_rule (request, message, expressions);
}

/* "tcp dport CONNECTIONS_PORT reject with tcp reset": who comes here was not led. */
static void
put_direct_rule (Request *request)
{
  const uint16_t port = htons (CONNECTIONS_PORT);
  struct nlattr *expressions;
  struct nlmsghdr *message = begin_rule (request, "nft_reject_inet", &expressions);

  put_match_payload (message, NFT_PAYLOAD_TRANSPORT_HEADER, 2, NFT_CMP_EQ, &port, sizeof port);
  put_reset (message);
  end_rule (request, message, expressions);
}

static void
make_filter (bool have_ipv6)
{
  const uint8_t loopback = 127;
  Request request = { 0 };

  put_batch_end (&request, NFNL_MSG_BATCH_BEGIN);
  put_table (&request);
  put_chain (&request);
  put_lead_rule (&request, NFPROTO_IPV4, 16, &loopback, sizeof loopback, "nft_tproxy");
  if (have_ipv6)
    put_lead_rule (&request, NFPROTO_IPV6, 24, &in6addr_loopback, sizeof in6addr_loopback, "nft_tproxy for IPv6");
  put_direct_rule (&request);
  put_batch_end (&request, NFNL_MSG_BATCH_END);
  send_request (&request, NETLINK_NETFILTER, FILTER_REMEDY);
}

/* --- the sockets --- */

static int
bind_loopback (int type, uint16_t port, const char *what)
{
  const struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0 || bind (fd, (const struct sockaddr *) &address, sizeof address) < 0 ||
      (type == SOCK_STREAM && listen (fd, BACKLOG) < 0))
    glb_launch_die (errno, RIGHTS_REMEDY, "can't open the session's %s", what);

  return fd;
}

/* Of IPv6, with IPv4 mapped; of IPv4 where the kernel has no other. */
static int
listen_transparent (bool *have_ipv6)
{
  const int on = 1, off = 0;
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons (CONNECTIONS_PORT) };
  struct sockaddr_in address4 = { .sin_family = AF_INET, .sin_port = htons (CONNECTIONS_PORT) };
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool ok;

  *have_ipv6 = fd >= 0 || errno != EAFNOSUPPORT;
  if (!*have_ipv6)
    fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ok = fd >= 0 && setsockopt (fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on) == 0;
  if (*have_ipv6)
    ok = ok && setsockopt (fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof on) == 0 &&
         setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0 &&
         bind (fd, (struct sockaddr *) &address, sizeof address) == 0;
  else
    ok = ok && bind (fd, (struct sockaddr *) &address4, sizeof address4) == 0;
  if (!ok || listen (fd, BACKLOG) < 0)
    glb_launch_die (errno, RIGHTS_REMEDY, "can't open the session's transparent socket");

  return fd;
}

static void
make_network (int sockets[GLB_NETWORK_N_SOCKETS])
{
  bool have_ipv6;

  if (unshare (CLONE_NEWNET) < 0)
    glb_launch_die (errno, NAMESPACE_REMEDY, "can't make a network namespace");
  make_routes ();
  sockets[GLB_NETWORK_SOCKET_PROXY] = bind_loopback (SOCK_STREAM, GLB_NETWORK_PROXY_PORT, "proxy");
  sockets[GLB_NETWORK_SOCKET_TRANSPARENT] = listen_transparent (&have_ipv6);
  sockets[GLB_NETWORK_SOCKET_NAMES] = bind_loopback (SOCK_DGRAM, GLB_NETWORK_NAMES_PORT, "resolver");
  make_filter (have_ipv6);
}

static void
close_sockets (int sockets[GLB_NETWORK_N_SOCKETS])
{
  for (size_t i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    glb_launch_close (&sockets[i]);
}

void
glb_launch_network (int *broker)
{
  int sockets[GLB_NETWORK_N_SOCKETS];
  char byte = 0;
  struct iovec part = { &byte, 1 };
  union { struct cmsghdr align; char space[CMSG_SPACE (sizeof sockets)]; } control = { 0 };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space };
  struct cmsghdr *rights = CMSG_FIRSTHDR (&message);

  make_network (sockets);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN (sizeof sockets);
  memcpy (CMSG_DATA (rights), sockets, sizeof sockets);
  if (sendmsg (*broker, &message, MSG_NOSIGNAL) != 1)
    glb_launch_die (errno, NULL, "can't hand the session's network to the broker");
  close_sockets (sockets);
  glb_launch_close (broker);
}

/* --- whether it works here --- */

/* A connection to where nobody is (RFC 5737) arrives, with that address as its own. */
static void
try_connection (int listener)
{
  const struct sockaddr_in wanted = { .sin_family = AF_INET, .sin_port = htons (80), .sin_addr.s_addr = htonl (0xc6336401) };
  struct sockaddr_in6 own = { 0 };
  socklen_t size = sizeof own;
  struct pollfd arrival = { .fd = listener, .events = POLLIN };
  int program = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), fd = -1;

  if (program >= 0 && (connect (program, (const struct sockaddr *) &wanted, sizeof wanted) == 0 || errno == EINPROGRESS) &&
      poll (&arrival, 1, 2000) == 1)
    fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0 || getsockname (fd, (struct sockaddr *) &own, &size) < 0 || own.sin6_port != wanted.sin_port)
    glb_launch_die (0, FILTER_REMEDY, "a connection of a session's network did not reach its gate");
  close (fd);
  close (program);
}

void
glb_launch_try_network (void)
{
  int sockets[GLB_NETWORK_N_SOCKETS];

  if (geteuid () != 0 && unshare (CLONE_NEWUSER) < 0)
    glb_launch_die (errno, GLB_LAUNCH_USERNS_REMEDY, "can't make a user namespace");
  make_network (sockets);
  try_connection (sockets[GLB_NETWORK_SOCKET_TRANSPARENT]);
  close_sockets (sockets);
}
