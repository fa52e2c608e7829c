/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One direction of a connection: bytes go from a socket through a pipe to the
 * other one with splice(), and are not seen here. Nothing is read while there
 * is something in the pipe: who writes faster than the other reads fills its
 * own socket's buffer and waits.
 */

#include "session-broker/network/glb-network-pipes.h"
#include "session-broker/network/glb-network-rate.h"
#include "session-broker/network/glb-network-side.h"

#define GLB_NETWORK_NO_END UINT64_MAX

typedef enum
{
  GLB_NETWORK_RELAY_WAITS,          /* for a socket, or in the rate's line */
  GLB_NETWORK_RELAY_AGAIN,          /* there is more; it is others' turn */
  GLB_NETWORK_RELAY_EOF,            /* from sends no more, and to has all of it */
  GLB_NETWORK_RELAY_ALL,            /* all that was to be moved */
  GLB_NETWORK_RELAY_READ_FAILED,
  GLB_NETWORK_RELAY_WRITE_FAILED,
} GlbNetworkRelayResult;

typedef struct
{
  GlbNetworkSide      *from, *to;
  int                  pipe[2];     /* -1: none */
  size_t               piped;       /* bytes in it */
  uint64_t             left;        /* to be read at most; GLB_NETWORK_NO_END: all */
  uint64_t             moved;       /* bytes that to took, those by others of this direction too */
  bool                 eof;         /* of from */
  bool                 ended;
  GlbNetworkRateWaiter waiter;
} GlbNetworkRelay;

void                  glb_network_relay_init   (GlbNetworkRelay *self, GlbNetworkSide *from, GlbNetworkSide *to, GlbNetworkTask *task);
void                  glb_network_relay_finish (GlbNetworkRelay *self, GlbNetworkPipes *pipes, GlbNetworkRate *rate);
GlbNetworkRelayResult glb_network_relay_move   (GlbNetworkRelay *self, GlbNetworkPipes *pipes, GlbNetworkRate *rate);
