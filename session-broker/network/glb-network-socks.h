/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* SOCKS 5 (RFC 1928), without authentication, CONNECT only. Plain C, pure. */

#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

typedef enum
{
  GLB_NETWORK_SOCKS_MORE,
  GLB_NETWORK_SOCKS_DONE,
  GLB_NETWORK_SOCKS_BAD,
} GlbNetworkSocksResult;

/* The first message: which methods there are. used: of it. DONE: answer 05 00. BAD: answer 05 FF; error: one clause, static. */
GlbNetworkSocksResult glb_network_socks_parse_greeting (const uint8_t *bytes, size_t size, size_t *used, const char **error);

typedef struct
{
  uint32_t host_kind;       /* GlbNetworkHostKind */
  uint8_t  address[16];
  char     name[GLB_NETWORK_NAME_SIZE];   /* printable ASCII */
  uint16_t port;
  size_t   used;
  uint8_t  reply;           /* of BAD: REP of the answer (7: another command, 8: another kind of address, 1: else) */
  const char *error;        /* static, of BAD: one clause */
} GlbNetworkSocksRequest;

GlbNetworkSocksResult glb_network_socks_parse_request (const uint8_t *bytes, size_t size, GlbNetworkSocksRequest *request);

#define GLB_NETWORK_SOCKS_REPLY_SIZE 10u
/* REP reply, bound address 0.0.0.0:0. */
void glb_network_socks_write_reply (uint8_t reply, uint8_t out[GLB_NETWORK_SOCKS_REPLY_SIZE]);
