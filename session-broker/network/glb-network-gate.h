/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All that one gate has: what SETUP said, the sockets it accepts on, its connections and what they share. */

#include <stddef.h>

#include "session-broker/network/glb-network-control.h"
#include "session-broker/network/glb-network-names.h"
#include "session-broker/network/glb-network-pipes.h"
#include "session-broker/network/glb-network-rate.h"

typedef struct GlbNetworkConnection GlbNetworkConnection;
typedef struct GlbNetworkGate GlbNetworkGate;
typedef struct GlbNetworkResolver GlbNetworkResolver;

/* A socket that programs connect to. */
typedef struct
{
  GlbNetworkWatch  watch;
  GlbNetworkGate  *gate;
  GlbNetworkSocket kind;
  int              fd;
} GlbNetworkListener;

/* Besides those that may be open: for programs that have not asked yet, and those that are told why not. */
#define GLB_NETWORK_EXTRA_CONNECTIONS 64u
#define GLB_NETWORK_ID_BUCKETS        1024u

struct GlbNetworkGate
{
  GlbNetworkLoop        loop;
  GlbNetworkControl     control;
  GlbNetworkPipes       pipes;
  GlbNetworkRate        rate;
  GlbNetworkNames      *names;
  GlbNetworkResolver   *resolver;
  GlbNetworkListener    proxy, transparent;
  GlbNetworkTimer       pause;          /* after which it is tried again to accept */
  bool                  is_set_up;
  uint32_t              max_connections;
  uint32_t              n_connections;  /* all */
  uint32_t              n_open;         /* that were asked for, and have not ended */
  uint64_t              last_id;
  GlbNetworkConnection *by_id[GLB_NETWORK_ID_BUCKETS];
};

/* control_fd: descriptor 3. */
bool glb_network_gate_init   (GlbNetworkGate *self, int control_fd);
void glb_network_gate_finish (GlbNetworkGate *self);
