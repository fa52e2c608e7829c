/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* HTTP/1 requests of a program that may be hostile. Plain C, pure, no allocation. Strict: what two servers could read in two
 * ways is refused (RFC 9112, section 11.2). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

#define GLB_NETWORK_HTTP_HEAD_MAX 32768u

typedef enum
{
  GLB_NETWORK_HTTP_MORE,      /* not all of the head is there */
  GLB_NETWORK_HTTP_REQUEST,
  GLB_NETWORK_HTTP_BAD,
} GlbNetworkHttpResult;

typedef enum
{
  GLB_NETWORK_HTTP_CONNECT,   /* CONNECT host:port */
  GLB_NETWORK_HTTP_ABSOLUTE,  /* GET http://host[:port]/path */
  GLB_NETWORK_HTTP_ORIGIN,    /* GET /path, or OPTIONS * */
} GlbNetworkHttpForm;

typedef enum
{
  GLB_NETWORK_HTTP_NO_BODY,
  GLB_NETWORK_HTTP_LENGTH,
  GLB_NETWORK_HTTP_CHUNKED,
} GlbNetworkHttpBody;

typedef struct
{
  GlbNetworkHttpForm form;
  char     host[GLB_NETWORK_NAME_SIZE];   /* of the target; of ORIGIN: of the Host field, "": none. IPv6 without brackets */
  uint16_t port;              /* of the target; 80 where it says none; 0: of ORIGIN, if the Host field says none */
  bool     is_ipv6;           /* host was in brackets */
  char     other_host[GLB_NETWORK_NAME_SIZE];   /* of ABSOLUTE and CONNECT: of the Host field; "": none */
  uint16_t other_port;        /* 0: it says none */
  GlbNetworkHttpBody body;
  uint64_t length;            /* of a body with LENGTH */
  size_t   head_size;         /* with its empty line */
  const char *error;          /* static, of BAD: one clause */
} GlbNetworkHttpRequest;

/* bytes: from the beginning of a request. size up to GLB_NETWORK_HTTP_HEAD_MAX; at that size MORE becomes BAD. */
GlbNetworkHttpResult glb_network_http_parse (const char *bytes, size_t size, GlbNetworkHttpRequest *request);

/* The head as it goes to the server: origin form, "Connection: close", without fields that are the proxy's or ask for another
 * protocol (Connection and what it names, Proxy-*, Keep-Alive, Upgrade, TE, HTTP2-Settings). Host is the target's. out has space
 * for GLB_NETWORK_HTTP_HEAD_MAX + 512. Returns its size; request is of these bytes, and no CONNECT. */
size_t glb_network_http_rewrite (const GlbNetworkHttpRequest *request, const char *bytes, char *out);

/* Whether bytes begin as a request of HTTP/1 does. 1: yes, 0: no, -1: too few to say. */
int glb_network_http_is_request (const char *bytes, size_t size);

/* Finds the end of a chunked body, as it passes. Zeroed at first. Chunk extensions are refused; trailers have a bound. */
typedef struct
{
  int      state;
  uint64_t left;
  size_t   line;
} GlbNetworkHttpChunks;

/* Takes up to size bytes; returns how many belong to the body. done: it ended with them. -1: it is malformed. */
long glb_network_http_chunks_feed (GlbNetworkHttpChunks *self, const char *bytes, size_t size, bool *done);
