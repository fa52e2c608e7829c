/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Hosts as HTTP and TLS write them. Plain C, pure. Which of them is a name that may be resolved is decided in the broker. */

#include <stdbool.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"
#include "session-broker/network/glb-network-span.h"

/* A name of [A-Za-z0-9._-], not empty; in lower case. */
bool glb_network_host_copy_name (GlbNetworkSpan text, char name[GLB_NETWORK_NAME_SIZE]);

typedef struct
{
  char     host[GLB_NETWORK_NAME_SIZE];   /* lower case; IPv6 without its brackets */
  uint16_t port;                          /* 0: it says none */
  bool     is_ipv6;
} GlbNetworkAuthority;

/* host[:port] (RFC 3986, 3.2) without userinfo. NULL, or what is wrong (static). */
const char *glb_network_authority_parse (GlbNetworkSpan text, GlbNetworkAuthority *authority);
