/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The socket to the broker. What comes is of a known type and of its size, with as many descriptors as it must have and texts that end,
 * or the loop ends. */

#include <stddef.h>

#include "session-broker/network/glb-network-loop.h"
#include "session-broker/network/glb-network-protocol.h"

#define GLB_NETWORK_CONTROL_FDS_MAX 3

/* One message of the broker's. The descriptors are the handler's. */
typedef struct
{
  GlbNetworkHeader header;
  union
  {
    GlbNetworkSetup setup;
    GlbNetworkOpened opened;
    GlbNetworkRefused refused;
    GlbNetworkLookedUp looked_up;
    GlbNetworkClose close;
    GlbNetworkPublished published;
  };
} GlbNetworkOrder;

typedef struct GlbNetworkPacket GlbNetworkPacket;
typedef struct GlbNetworkControl GlbNetworkControl;

struct GlbNetworkControl
{
  GlbNetworkWatch   watch;
  GlbNetworkLoop   *loop;
  int               fd;
  GlbNetworkPacket *first, *last;     /* that the socket had no space for */
  unsigned          n_waiting;
  void            (*handle)  (GlbNetworkControl *self, const GlbNetworkOrder *order, const int *fds);
  void            (*drained) (GlbNetworkControl *self);
};

bool glb_network_control_init    (GlbNetworkControl *self, GlbNetworkLoop *loop, int fd);
void glb_network_control_finish  (GlbNetworkControl *self);
void glb_network_control_send    (GlbNetworkControl *self, GlbNetworkMessageType type, const void *payload, size_t size);
/* The broker is slow: ask nothing new until drained. What is under way may still be sent. */
bool glb_network_control_is_full (const GlbNetworkControl *self);
