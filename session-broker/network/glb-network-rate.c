/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-rate.h"

#include <string.h>

/* What one turn moves at most. */
#define SHARE 65536

/* What may be saved up: a tenth of a second, and a packet at least. */
static int64_t
capacity (const GlbNetworkRate *self)
{
  uint64_t tenth = self->per_second / 10;

  if (tenth > INT64_MAX / 2)
    return INT64_MAX / 2;
  return tenth > 1500 ? (int64_t) tenth : 1500;
}

static void
fill (GlbNetworkRate *self)
{
  double more = (double) self->per_second * (double) (self->loop->now - self->filled_at) / 1000;
  int64_t most = capacity (self);

  if (more < 1)
    return;
  self->filled_at = self->loop->now;
  self->tokens = (double) self->tokens + more > (double) most ? most : self->tokens + (int64_t) more;
}

static void
on_tick (GlbNetworkTimer *timer)
{
  GlbNetworkRate *self = glb_network_container (timer, GlbNetworkRate, tick);
  int64_t share_out = INT64_MAX;

  if (self->per_second != 0)
    {
      fill (self);
      share_out = self->tokens;
    }
  for (; share_out > 0 && self->first != NULL; share_out -= SHARE)
    {
      GlbNetworkRateWaiter *waiter = self->first;

      glb_network_rate_forget (self, waiter);
      waiter->has_turn = true;
      glb_network_loop_queue (self->loop, waiter->task);
    }
  if (self->first != NULL)
    glb_network_loop_set_timer (self->loop, &self->tick, GLB_NETWORK_WAIT_TICK);
}

void
glb_network_rate_init (GlbNetworkRate *self,
                       GlbNetworkLoop *loop,
                       uint64_t        per_second)
{
  memset (self, 0, sizeof *self);
  self->loop = loop;
  self->per_second = per_second;
  self->filled_at = loop->now;
  self->tokens = capacity (self);
  self->tick.expired = on_tick;
}

void
glb_network_rate_wait (GlbNetworkRate       *self,
                       GlbNetworkRateWaiter *waiter)
{
  if (waiter->waiting)
    return;
  waiter->waiting = true;
  waiter->next = NULL;
  waiter->previous = self->last;
  if (self->last != NULL)
    self->last->next = waiter;
  else
    self->first = waiter;
  self->last = waiter;
  if (!self->tick.set)
    glb_network_loop_set_timer (self->loop, &self->tick, GLB_NETWORK_WAIT_TICK);
}

void
glb_network_rate_forget (GlbNetworkRate       *self,
                         GlbNetworkRateWaiter *waiter)
{
  if (!waiter->waiting)
    return;
  waiter->waiting = false;
  if (waiter->previous != NULL)
    waiter->previous->next = waiter->next;
  else
    self->first = waiter->next;
  if (waiter->next != NULL)
    waiter->next->previous = waiter->previous;
  else
    self->last = waiter->previous;
}

size_t
glb_network_rate_ask (GlbNetworkRate       *self,
                      GlbNetworkRateWaiter *waiter,
                      size_t                wanted)
{
  bool may_go_first = waiter->has_turn || self->first == NULL;

  if (self->per_second == 0)
    return wanted;
  waiter->has_turn = false;
  fill (self);
  if (waiter->waiting || !may_go_first || self->tokens <= 0)
    {
      glb_network_rate_wait (self, waiter);
      return 0;
    }
  if (wanted > SHARE)
    wanted = SHARE;
  return (int64_t) wanted < self->tokens ? wanted : (size_t) self->tokens;
}

void
glb_network_rate_take (GlbNetworkRate *self,
                       size_t          bytes)
{
  if (self->per_second != 0)
    self->tokens -= (int64_t) bytes;
}
