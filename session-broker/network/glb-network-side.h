/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One socket of a connection: the program's, or the host's. Registered once, edge-triggered: what is known of it is kept here, so that
 * a full or a broken one costs nothing while the other is waited for. */

#include <sys/types.h>

#include "session-broker/network/glb-network-loop.h"

typedef struct
{
  GlbNetworkWatch watch;
  GlbNetworkLoop *loop;
  GlbNetworkTask *task;         /* queued when something happened */
  int             fd;           /* -1: none */
  bool            readable;     /* may be; until a call says that it would block */
  bool            writable;     /* the same */
  bool            hung_up;      /* it will send nothing more, but for what is there; or is broken */
  bool            broken;
} GlbNetworkSide;

void    glb_network_side_init    (GlbNetworkSide *self, GlbNetworkLoop *loop, GlbNetworkTask *task);
/* Takes fd, closed if it fails. */
bool    glb_network_side_open    (GlbNetworkSide *self, int fd);
void    glb_network_side_close   (GlbNetworkSide *self);
/* So that the peer sees a reset. */
void    glb_network_side_reset   (GlbNetworkSide *self);
/* Like recv() and send(); -1 with EAGAIN is noted. */
ssize_t glb_network_side_receive (GlbNetworkSide *self, void *bytes, size_t size);
ssize_t glb_network_side_send    (GlbNetworkSide *self, const void *bytes, size_t size);
