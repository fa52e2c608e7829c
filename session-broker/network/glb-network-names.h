/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Addresses of 198.18.0.0/15 that stand for names (the range is for benchmarks, RFC 2544: no host has one). Plain C. */

#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

/* How many names have an address at a time; the one that was not asked for or connected to for longest gives its own up. */
#define GLB_NETWORK_NAMES_MAX 4096u

typedef struct GlbNetworkNames GlbNetworkNames;

GlbNetworkNames *glb_network_names_new  (void);
void             glb_network_names_free (GlbNetworkNames *self);
/* The name's address, in network byte order: the same as before, or a new one. */
void             glb_network_names_add  (GlbNetworkNames *self, const char *name, uint8_t address[4]);
/* (nullable): the name that address stands for; valid until the next add. */
const char      *glb_network_names_find (GlbNetworkNames *self, const uint8_t address[4]);
/* Whether address is of the range, with or without a name. */
int              glb_network_names_is_standin (const uint8_t address[4]);
