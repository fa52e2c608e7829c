/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Pipes for splice(). A direction has one only while bytes are in it; a few empty ones are kept for the next. */

#include <stdbool.h>

#define GLB_NETWORK_PIPES_KEPT 8

typedef struct
{
  int      idle[GLB_NETWORK_PIPES_KEPT][2];
  unsigned n_idle;
} GlbNetworkPipes;

/* false: there is no descriptor left. */
bool glb_network_pipes_take (GlbNetworkPipes *self, int ends[2]);
/* Sets ends to -1. One with bytes in it is destroyed: they are another connection's. */
void glb_network_pipes_give (GlbNetworkPipes *self, int ends[2], bool empty);
