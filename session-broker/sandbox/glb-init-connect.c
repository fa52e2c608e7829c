/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The session's end of a published port.  Only here, inside, is the session's
 * loopback.  The connection is begun and given away; who waits for it is the
 * broker, since a program that does not accept would hold process 1 up.
 */

#include "session-broker/sandbox/glb-init-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static int
begin (int                    fd,
       const GlbInitConnect  *request)
{
  const struct sockaddr_in in = {
    .sin_family = AF_INET, .sin_port = htons (request->port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  const struct sockaddr_in6 in6 = {
    .sin6_family = AF_INET6, .sin6_port = htons (request->port), .sin6_addr = IN6ADDR_LOOPBACK_INIT,
  };

  return request->ipv6 ? connect (fd, (const struct sockaddr *) &in6, sizeof in6) : connect (fd, (const struct sockaddr *) &in, sizeof in);
}

void
glb_init_connect (int                   control_fd,
                  uint64_t              serial,
                  const GlbInitConnect *request)
{
  int fd = socket (request->ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

  if (fd >= 0 && (begin (fd, request) == 0 || errno == EINPROGRESS))
    glb_init_send (control_fd, GLB_INIT_CONNECTED, serial, NULL, 0, &fd, 1);
  else
    glb_init_send_failed (control_fd, serial, GLB_INIT_STAGE_CONNECT, errno, "connect");

  if (fd >= 0)
    close (fd);
}
