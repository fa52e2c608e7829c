/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-gate.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/network/glb-network-connection.h"
#include "session-broker/network/glb-network-resolver.h"

#define ACCEPTS_A_TURN 64

static void
set_accepting (GlbNetworkGate *self,
               bool            accepting)
{
  uint32_t events = accepting ? EPOLLIN : 0;

  glb_network_loop_change (&self->loop, self->proxy.fd, events, &self->proxy.watch);
  glb_network_loop_change (&self->loop, self->transparent.fd, events, &self->transparent.watch);
}

static void
on_pause_over (GlbNetworkTimer *timer)
{
  GlbNetworkGate *self = glb_network_container (timer, GlbNetworkGate, pause);

  if (!glb_network_control_is_full (&self->control))
    set_accepting (self, true);
}

static void
on_drained (GlbNetworkControl *control)
{
  GlbNetworkGate *self = glb_network_container (control, GlbNetworkGate, control);

  if (self->is_set_up && !self->pause.set)
    set_accepting (self, true);
}

static void
take (GlbNetworkListener *listener,
      int                 fd)
{
  union { struct sockaddr any; struct sockaddr_in ipv4; struct sockaddr_in6 ipv6; } to;
  socklen_t size = sizeof to;

  if (listener->kind == GLB_NETWORK_SOCKET_PROXY)
    glb_network_connection_accept (listener->gate, fd, NULL);
  else if (getsockname (fd, &to.any, &size) == 0 && (to.any.sa_family == AF_INET || to.any.sa_family == AF_INET6))
    glb_network_connection_accept (listener->gate, fd, &to.any);
  else
    close (fd);
}

/* One more than there may be: it sees a reset at once. */
static void
turn_away (int fd)
{
  const struct linger now = { 1, 0 };

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close (fd);
}

static bool
is_no_descriptor (int error)
{
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void
on_ready (GlbNetworkWatch *watch,
          uint32_t         events)
{
  GlbNetworkListener *listener = glb_network_container (watch, GlbNetworkListener, watch);
  GlbNetworkGate *self = listener->gate;

  for (int i = 0; i < ACCEPTS_A_TURN; i++)
    {
      int fd;

      if (glb_network_control_is_full (&self->control))
        {
          set_accepting (self, false);
          return;
        }
      fd = accept4 (listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0 && is_no_descriptor (errno))
        {
          set_accepting (self, false);
          glb_network_loop_set_timer (&self->loop, &self->pause, GLB_NETWORK_WAIT_TICK);
        }
      if (fd < 0)
        return;
      if (self->n_connections >= self->max_connections + GLB_NETWORK_EXTRA_CONNECTIONS)
        turn_away (fd);
      else
        take (listener, fd);
    }
}

static void
listen_on (GlbNetworkGate     *self,
           GlbNetworkListener *listener,
           GlbNetworkSocket    kind,
           int                 fd)
{
  *listener = (GlbNetworkListener) { .watch.ready = on_ready, .gate = self, .kind = kind, .fd = fd };
  glb_network_loop_add (&self->loop, fd, EPOLLIN, &listener->watch);
}

static void
close_all (const int *fds,
           unsigned   n_fds)
{
  for (unsigned i = 0; i < n_fds; i++)
    close (fds[i]);
}

static void
set_up (GlbNetworkGate        *self,
        const GlbNetworkSetup *setup,
        const int             *fds)
{
  if (self->is_set_up || setup->version != GLB_NETWORK_PROTOCOL_VERSION || setup->max_connections > GLB_NETWORK_CONNECTIONS_MAX)
    {
      fprintf (stderr, "glovebox-network: SETUP of version %u with %u connections is not known: install broker and gate from one build\n",
               setup->version, setup->max_connections);
      close_all (fds, GLB_NETWORK_N_SOCKETS);
      glb_network_loop_end (&self->loop, 1);
      return;
    }
  self->is_set_up = true;
  self->max_connections = setup->max_connections;
  glb_network_rate_init (&self->rate, &self->loop, setup->bytes_per_second);
  self->names = glb_network_names_new ();
  self->resolver = glb_network_resolver_new (self, fds[GLB_NETWORK_SOCKET_NAMES]);
  listen_on (self, &self->proxy, GLB_NETWORK_SOCKET_PROXY, fds[GLB_NETWORK_SOCKET_PROXY]);
  listen_on (self, &self->transparent, GLB_NETWORK_SOCKET_TRANSPARENT, fds[GLB_NETWORK_SOCKET_TRANSPARENT]);
  glb_network_control_send (&self->control, GLB_NETWORK_READY, NULL, 0);
}

/* Of one that its program did not wait for there is nothing left. */
static void
handle_opened (GlbNetworkGate         *self,
               const GlbNetworkOpened *opened,
               int                     fd)
{
  GlbNetworkConnection *connection = glb_network_connection_find (self, opened->id);

  if (connection != NULL)
    glb_network_connection_opened (connection, opened, fd);
  else
    close (fd);
}

static void
handle_order (GlbNetworkGate        *self,
              const GlbNetworkOrder *order,
              const int             *fds)
{
  GlbNetworkConnection *connection;

  switch (order->header.type)
    {
    case GLB_NETWORK_OPENED:
      handle_opened (self, &order->opened, fds[0]);
      break;
    case GLB_NETWORK_REFUSED:
      connection = glb_network_connection_find (self, order->refused.id);
      if (connection != NULL)
        glb_network_connection_refused (connection, &order->refused);
      break;
    case GLB_NETWORK_LOOKED_UP:
      glb_network_resolver_looked_up (self->resolver, &order->looked_up);
      break;
    case GLB_NETWORK_CLOSE:
      connection = glb_network_connection_find (self, order->close.id);
      if (connection != NULL)
        glb_network_connection_cut (connection);
      break;
    default:
      glb_network_connection_publish (self, order->published.id, fds[0], fds[1]);
      break;
    }
}

static void
on_order (GlbNetworkControl     *control,
          const GlbNetworkOrder *order,
          const int             *fds)
{
  GlbNetworkGate *self = glb_network_container (control, GlbNetworkGate, control);

  if (order->header.type == GLB_NETWORK_SETUP)
    set_up (self, &order->setup, fds);
  else if (self->is_set_up)
    handle_order (self, order, fds);
  else
    {
      fprintf (stderr, "glovebox-network: message %u came before SETUP: install broker and gate from one build\n", order->header.type);
      glb_network_loop_end (&self->loop, 1);
    }
}

bool
glb_network_gate_init (GlbNetworkGate *self,
                       int             control_fd)
{
  memset (self, 0, sizeof *self);
  self->pause.expired = on_pause_over;
  if (!glb_network_loop_init (&self->loop) || !glb_network_control_init (&self->control, &self->loop, control_fd))
    return false;
  self->control.handle = on_order;
  self->control.drained = on_drained;
  return true;
}

void
glb_network_gate_finish (GlbNetworkGate *self)
{
  for (unsigned i = 0; i < GLB_NETWORK_ID_BUCKETS; i++)
    while (self->by_id[i] != NULL)
      glb_network_connection_drop (self->by_id[i]);
  if (self->is_set_up)
    {
      glb_network_resolver_free (self->resolver);
      glb_network_names_free (self->names);
    }
  glb_network_control_finish (&self->control);
}
