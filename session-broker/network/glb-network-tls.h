/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The server name in a TLS ClientHello (RFC 8446, 6066), of a program that may be hostile. Plain C, pure. */

#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

/* A hello may be in several records, with a key share of a large algorithm. */
#define GLB_NETWORK_TLS_HELLO_MAX 32768u

typedef enum
{
  GLB_NETWORK_TLS_MORE,      /* may be one; not all of it is there */
  GLB_NETWORK_TLS_NAME,      /* name is set, lower case */
  GLB_NETWORK_TLS_NO_NAME,   /* a ClientHello without one */
  GLB_NETWORK_TLS_BAD,       /* begins as one and is wrong */
  GLB_NETWORK_TLS_OTHER,     /* is none */
} GlbNetworkTlsResult;

/* bytes: from the beginning of the connection. At GLB_NETWORK_TLS_HELLO_MAX bytes MORE becomes BAD. More than one name,
 * an empty one, one with bytes that no host name has: BAD. */
GlbNetworkTlsResult glb_network_tls_parse_hello (const uint8_t *bytes, size_t size, char name[GLB_NETWORK_NAME_SIZE]);
