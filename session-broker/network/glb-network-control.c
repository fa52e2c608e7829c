/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MAX   64u
#define ORDERS_A_TURN 64

struct GlbNetworkPacket
{
  GlbNetworkPacket *next;
  size_t            size;
  char              bytes[];
};

typedef struct
{
  size_t   size;
  unsigned n_fds;
} Shape;

static const Shape shapes[] = {
  [GLB_NETWORK_SETUP]     = { sizeof (GlbNetworkSetup), GLB_NETWORK_N_SOCKETS },
  [GLB_NETWORK_OPENED]    = { sizeof (GlbNetworkOpened), 1 },
  [GLB_NETWORK_REFUSED]   = { sizeof (GlbNetworkRefused), 0 },
  [GLB_NETWORK_LOOKED_UP] = { sizeof (GlbNetworkLookedUp), 0 },
  [GLB_NETWORK_CLOSE]     = { sizeof (GlbNetworkClose), 0 },
  [GLB_NETWORK_PUBLISHED] = { sizeof (GlbNetworkPublished), 2 },
};

_Static_assert (GLB_NETWORK_N_SOCKETS <= GLB_NETWORK_CONTROL_FDS_MAX, "space for the descriptors of SETUP");

static bool
ends (const char *text,
      size_t      space)
{
  return strnlen (text, space) < space;
}

static bool
texts_end (const GlbNetworkOrder *order)
{
  switch (order->header.type)
    {
    case GLB_NETWORK_OPENED:
      return ends (order->opened.name, sizeof order->opened.name);
    case GLB_NETWORK_REFUSED:
      return ends (order->refused.text, sizeof order->refused.text);
    case GLB_NETWORK_LOOKED_UP:
      return ends (order->looked_up.name, sizeof order->looked_up.name) && ends (order->looked_up.text, sizeof order->looked_up.text);
    default:
      return true;
    }
}

static bool
is_known (const GlbNetworkOrder *order,
          size_t                 size,
          unsigned               n_fds)
{
  uint32_t type = order->header.type;

  return size >= sizeof order->header && type >= GLB_NETWORK_SETUP && type <= GLB_NETWORK_PUBLISHED &&
         order->header.size == shapes[type].size && size == sizeof order->header + shapes[type].size && n_fds == shapes[type].n_fds &&
         texts_end (order);
}

static unsigned
take_fds (struct msghdr *message,
          int            fds[GLB_NETWORK_CONTROL_FDS_MAX])
{
  unsigned n_fds = 0;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL; part = CMSG_NXTHDR (message, part))
    {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
        continue;
      n_fds = (unsigned) ((part->cmsg_len - CMSG_LEN (0)) / sizeof (int));
      memcpy (fds, CMSG_DATA (part), n_fds * sizeof (int));
    }
  return n_fds;
}

/* false: there is none now. */
static bool
receive (GlbNetworkControl *self)
{
  union { char space[CMSG_SPACE (GLB_NETWORK_CONTROL_FDS_MAX * sizeof (int))]; struct cmsghdr align; } control;
  GlbNetworkOrder order = { 0 };
  struct iovec vector = { &order, sizeof order };
  struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  int fds[GLB_NETWORK_CONTROL_FDS_MAX] = { -1, -1, -1 };
  ssize_t size = recvmsg (self->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  unsigned n_fds;

  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return false;
  if (size <= 0)
    {
      glb_network_loop_end (self->loop, 0);
      return false;
    }

  n_fds = take_fds (&message, fds);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || !is_known (&order, (size_t) size, n_fds))
    {
      fprintf (stderr, "glovebox-network: message %u of %zd bytes and %u descriptors is not known: the broker is of another version; "
               "install both from one build\n", order.header.type, size, n_fds);
      glb_network_loop_end (self->loop, 1);
      return false;
    }
  self->handle (self, &order, fds);
  return true;
}

static bool
send_packet (GlbNetworkControl *self,
             const void        *bytes,
             size_t             size)
{
  if (send (self->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
    return true;
  if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
    return false;
  glb_network_loop_end (self->loop, 0);
  return true;
}

static void
flush (GlbNetworkControl *self)
{
  while (self->first != NULL && send_packet (self, self->first->bytes, self->first->size))
    {
      GlbNetworkPacket *packet = self->first;

      self->first = packet->next;
      self->n_waiting--;
      free (packet);
    }
  if (self->first != NULL)
    return;
  self->last = NULL;
  glb_network_loop_change (self->loop, self->fd, EPOLLIN, &self->watch);
  self->drained (self);
}

static void
on_ready (GlbNetworkWatch *watch,
          uint32_t         events)
{
  GlbNetworkControl *self = glb_network_container (watch, GlbNetworkControl, watch);

  if (events & EPOLLOUT)
    flush (self);
  for (int i = 0; i < ORDERS_A_TURN && !self->loop->ended && receive (self); i++)
    ;
}

bool
glb_network_control_init (GlbNetworkControl *self,
                          GlbNetworkLoop    *loop,
                          int                fd)
{
  memset (self, 0, sizeof *self);
  self->watch.ready = on_ready;
  self->loop = loop;
  self->fd = fd;
  return glb_network_loop_add (loop, fd, EPOLLIN, &self->watch);
}

void
glb_network_control_finish (GlbNetworkControl *self)
{
  while (self->first != NULL)
    {
      GlbNetworkPacket *packet = self->first;

      self->first = packet->next;
      free (packet);
    }
}

static void
keep (GlbNetworkControl *self,
      GlbNetworkPacket  *packet)
{
  if (self->last != NULL)
    self->last->next = packet;
  else
    {
      self->first = packet;
      glb_network_loop_change (self->loop, self->fd, EPOLLIN | EPOLLOUT, &self->watch);
    }
  self->last = packet;
  self->n_waiting++;
}

void
glb_network_control_send (GlbNetworkControl     *self,
                          GlbNetworkMessageType  type,
                          const void            *payload,
                          size_t                 size)
{
  const GlbNetworkHeader header = { (uint32_t) type, (uint32_t) size };
  GlbNetworkPacket *packet = malloc (sizeof *packet + sizeof header + size);

  if (packet == NULL)
    abort ();
  packet->next = NULL;
  packet->size = sizeof header + size;
  memcpy (packet->bytes, &header, sizeof header);
  if (size > 0)
    memcpy (packet->bytes + sizeof header, payload, size);
  if (self->first == NULL && send_packet (self, packet->bytes, packet->size))
    free (packet);
  else
    keep (self, packet);
}

bool
glb_network_control_is_full (const GlbNetworkControl *self)
{
  return self->n_waiting >= WAITING_MAX;
}
