/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-side.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void
on_ready (GlbNetworkWatch *watch,
          uint32_t         events)
{
  GlbNetworkSide *self = glb_network_container (watch, GlbNetworkSide, watch);

  if (events & (EPOLLHUP | EPOLLERR))
    self->broken = true;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    self->hung_up = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    self->readable = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
    self->writable = true;
  glb_network_loop_queue (self->loop, self->task);
}

void
glb_network_side_init (GlbNetworkSide *self,
                       GlbNetworkLoop *loop,
                       GlbNetworkTask *task)
{
  memset (self, 0, sizeof *self);
  self->watch.ready = on_ready;
  self->loop = loop;
  self->task = task;
  self->fd = -1;
}

bool
glb_network_side_open (GlbNetworkSide *self,
                       int             fd)
{
  const int on = 1;
  int flags = fcntl (fd, F_GETFL);

  self->fd = fd;
  self->readable = self->writable = true;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (flags >= 0 && ((flags & O_NONBLOCK) != 0 || fcntl (fd, F_SETFL, flags | O_NONBLOCK) == 0) &&
      glb_network_loop_add (self->loop, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &self->watch))
    return true;
  close (fd);
  self->fd = -1;
  return false;
}

void
glb_network_side_close (GlbNetworkSide *self)
{
  if (self->fd < 0)
    return;
  glb_network_loop_remove (self->loop, self->fd);
  close (self->fd);
  self->fd = -1;
}

void
glb_network_side_reset (GlbNetworkSide *self)
{
  const struct linger now = { 1, 0 };

  if (self->fd >= 0)
    setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  glb_network_side_close (self);
}

ssize_t
glb_network_side_receive (GlbNetworkSide *self,
                          void           *bytes,
                          size_t          size)
{
  ssize_t n = recv (self->fd, bytes, size, 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    {
      self->readable = errno == EINTR;
      errno = EAGAIN;
    }
  return n;
}

ssize_t
glb_network_side_send (GlbNetworkSide *self,
                       const void     *bytes,
                       size_t          size)
{
  ssize_t n = send (self->fd, bytes, size, MSG_NOSIGNAL);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    {
      self->writable = errno == EINTR;
      errno = EAGAIN;
    }
  return n;
}
