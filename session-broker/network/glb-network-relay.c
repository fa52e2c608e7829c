/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* What one call asks for; a pipe takes 16 pieces of a packet's data. */
#define PIECE 1048576u
/* How often one direction fills its pipe before others have a turn. */
#define ROUNDS 16

void
glb_network_relay_init (GlbNetworkRelay *self,
                        GlbNetworkSide  *from,
                        GlbNetworkSide  *to,
                        GlbNetworkTask  *task)
{
  memset (self, 0, sizeof *self);
  self->from = from;
  self->to = to;
  self->pipe[0] = self->pipe[1] = -1;
  self->left = GLB_NETWORK_NO_END;
  self->waiter.task = task;
}

void
glb_network_relay_finish (GlbNetworkRelay *self,
                          GlbNetworkPipes *pipes,
                          GlbNetworkRate  *rate)
{
  glb_network_pipes_give (pipes, self->pipe, self->piped == 0);
  glb_network_rate_forget (rate, &self->waiter);
  self->ended = true;
}

static bool
would_block (void)
{
  return errno == EAGAIN || errno == EINTR;
}

/* AGAIN: some of it went. */
static GlbNetworkRelayResult
drain (GlbNetworkRelay *self,
       GlbNetworkPipes *pipes)
{
  ssize_t n;

  if (!self->to->writable)
    return GLB_NETWORK_RELAY_WAITS;
  n = splice (self->pipe[0], NULL, self->to->fd, NULL, self->piped, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (n <= 0)
    {
      if (n == 0 || !would_block ())
        return GLB_NETWORK_RELAY_WRITE_FAILED;
      self->to->writable = errno == EINTR;
      return self->to->writable ? GLB_NETWORK_RELAY_AGAIN : GLB_NETWORK_RELAY_WAITS;
    }
  self->piped -= (size_t) n;
  self->moved += (uint64_t) n;
  return GLB_NETWORK_RELAY_AGAIN;
}

/* AGAIN: the pipe has something. The pipe is empty before, so that "would block" is the socket's. */
static GlbNetworkRelayResult
fill (GlbNetworkRelay *self,
      GlbNetworkPipes *pipes,
      GlbNetworkRate  *rate)
{
  size_t size = self->left < PIECE ? (size_t) self->left : PIECE;
  ssize_t n;

  if (!self->from->readable)
    return GLB_NETWORK_RELAY_WAITS;
  size = glb_network_rate_ask (rate, &self->waiter, size);
  if (size == 0)
    return GLB_NETWORK_RELAY_WAITS;
  if (self->pipe[0] < 0 && !glb_network_pipes_take (pipes, self->pipe))
    {
      glb_network_rate_wait (rate, &self->waiter);
      return GLB_NETWORK_RELAY_WAITS;
    }

  n = splice (self->from->fd, NULL, self->pipe[1], NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (n == 0)
    {
      self->eof = true;
      return GLB_NETWORK_RELAY_EOF;
    }
  if (n < 0)
    {
      if (!would_block ())
        return GLB_NETWORK_RELAY_READ_FAILED;
      self->from->readable = errno == EINTR;
      return self->from->readable ? GLB_NETWORK_RELAY_AGAIN : GLB_NETWORK_RELAY_WAITS;
    }
  self->piped = (size_t) n;
  if (self->left != GLB_NETWORK_NO_END)
    self->left -= (uint64_t) n;
  glb_network_rate_take (rate, (size_t) n);
  return GLB_NETWORK_RELAY_AGAIN;
}

static GlbNetworkRelayResult
step (GlbNetworkRelay *self,
      GlbNetworkPipes *pipes,
      GlbNetworkRate  *rate)
{
  if (self->piped > 0)
    return drain (self, pipes);
  if (self->left == 0)
    return GLB_NETWORK_RELAY_ALL;
  return fill (self, pipes, rate);
}

GlbNetworkRelayResult
glb_network_relay_move (GlbNetworkRelay *self,
                        GlbNetworkPipes *pipes,
                        GlbNetworkRate  *rate)
{
  GlbNetworkRelayResult result = GLB_NETWORK_RELAY_AGAIN;

  for (int i = 0; i < 2 * ROUNDS && result == GLB_NETWORK_RELAY_AGAIN; i++)
    result = step (self, pipes, rate);
  if (self->piped == 0)
    glb_network_pipes_give (pipes, self->pipe, true);
  return result;
}
