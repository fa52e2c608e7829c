/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One token bucket for all connections, both ways. Who finds it empty gets in line, and the line is served in its order. */

#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-loop.h"

typedef struct GlbNetworkRateWaiter GlbNetworkRateWaiter;

struct GlbNetworkRateWaiter
{
  GlbNetworkTask       *task;            /* queued when it has its turn */
  GlbNetworkRateWaiter *previous, *next;
  bool                  waiting;
  bool                  has_turn;
};

typedef struct
{
  GlbNetworkLoop       *loop;
  uint64_t              per_second;      /* 0: no limit */
  int64_t               tokens;          /* bytes; less than 0: lent */
  int64_t               filled_at;
  GlbNetworkRateWaiter *first, *last;
  GlbNetworkTimer       tick;
} GlbNetworkRate;

void   glb_network_rate_init   (GlbNetworkRate *self, GlbNetworkLoop *loop, uint64_t per_second);
/* How many of wanted bytes may be moved now. 0: the waiter is in line. */
size_t glb_network_rate_ask    (GlbNetworkRate *self, GlbNetworkRateWaiter *waiter, size_t wanted);
void   glb_network_rate_take   (GlbNetworkRate *self, size_t bytes);
void   glb_network_rate_wait   (GlbNetworkRate *self, GlbNetworkRateWaiter *waiter);
void   glb_network_rate_forget (GlbNetworkRate *self, GlbNetworkRateWaiter *waiter);
