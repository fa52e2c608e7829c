/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which speech the first bytes of a connection are, and whether it is the one that was allowed, to the host that was. Plain C, pure. */

#include <stdbool.h>
#include <stddef.h>

#include "session-broker/network/glb-network-http.h"
#include "session-broker/network/glb-network-protocol.h"

/* Enough for either greeting. */
#define GLB_NETWORK_SNIFF_MAX 32768u

typedef enum
{
  GLB_NETWORK_SNIFF_MORE,          /* too few to say */
  GLB_NETWORK_SNIFF_RAW,           /* allowed, and what follows need not be looked at */
  GLB_NETWORK_SNIFF_REQUEST,       /* allowed, as one request of HTTP */
  GLB_NETWORK_SNIFF_WRONG_NAME,
  GLB_NETWORK_SNIFF_NOT_SPOKEN,
  GLB_NETWORK_SNIFF_MALFORMED,
} GlbNetworkSniffVerdict;

typedef struct
{
  GlbNetworkSniffVerdict verdict;
  GlbNetworkSpeech       speech;   /* which it is */
  char                   detail[GLB_NETWORK_NAME_SIZE];   /* of WRONG_NAME: the other name */
  const char            *error;    /* (static), of MALFORMED */
  GlbNetworkHttpRequest  request;  /* of REQUEST */
} GlbNetworkSniff;

/* name: not "". speech: GlbNetworkSpeech that are allowed. looked_at: how many of bytes an earlier call saw. ended: nothing follows. */
void glb_network_sniff (const void *bytes, size_t size, size_t looked_at, bool ended, const char *name, uint16_t port, uint32_t speech,
                        GlbNetworkSniff *result);

/* The same host, but for a dot at the end. Both are lower case. */
bool glb_network_sniff_same_name (const char *a, const char *b);

/* Whether the Host field of a request to a proxy, if it has one, says what its target does. A CONNECT's may leave the port out. */
bool glb_network_sniff_host_agrees (const GlbNetworkHttpRequest *request);

/* Whether a request may have its end in bytes, of which the first looked_at had none: spares reading a head again for each of its bytes. */
bool glb_network_sniff_has_head (const char *bytes, size_t size, size_t looked_at);
