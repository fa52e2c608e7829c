/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol between the broker and glovebox-secrets, which adds what the
 * person stored to requests of one session.  One SOCK_SEQPACKET socket pair,
 * inherited as descriptor 3.  glovebox-secrets parses what programs of the
 * session and servers send, so the broker reads it as hostile.
 *
 * Each packet is GlbSecretsHeader and the payload of its type, native byte
 * order.  End of file on either side ends it, and with it all connections.
 * Secrets go in, nothing of them ever comes out.
 */

#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

#define GLB_SECRETS_PROTOCOL_VERSION 1u
#define GLB_SECRETS_MAX              32u    /* entries of a policy */
#define GLB_SECRETS_HEADER_SIZE      72u    /* with the NUL */
#define GLB_SECRETS_VALUE_MAX        8320u  /* prefix and secret */
#define GLB_SECRETS_CERTIFICATE_MAX  8192u
#define GLB_SECRETS_CONNECTIONS_MAX  256u   /* at a time */
#define GLB_SECRETS_BUNDLE_MAX       (8u << 20)   /* the host's authorities */

typedef enum
{
  /* broker to glovebox-secrets */
  GLB_SECRETS_SETUP = 1,     /* GlbSecretsSetup + 1 fd: the authorities that servers are checked against, PEM; once, first */
  GLB_SECRETS_SECRET,        /* GlbSecretsSecret; as many as SETUP says; the last is answered by READY */
  GLB_SECRETS_CARRY,         /* GlbSecretsCarry + 2 fds: the connected server, a stream of the program's bytes */

  /* glovebox-secrets to broker */
  GLB_SECRETS_READY = 64,    /* GlbSecretsReady */
  GLB_SECRETS_ENDED,         /* GlbSecretsEnded: once for each CARRY */
} GlbSecretsMessageType;

typedef struct
{
  uint32_t type;
  uint32_t size;             /* of the payload */
} GlbSecretsHeader;

typedef struct
{
  uint32_t version;
  uint32_t n_secrets;        /* 1 to GLB_SECRETS_MAX */
  uint64_t valid_seconds;    /* of the session's authority */
} GlbSecretsSetup;

/* Which requests: of the broker's, as the policy has it. */
typedef struct
{
  uint32_t tls;              /* 1: https, 0: http */
  uint32_t port;
  char     host[GLB_NETWORK_NAME_SIZE];   /* canonical */
} GlbSecretsPlace;

typedef struct
{
  GlbSecretsPlace place;
  char     header[GLB_SECRETS_HEADER_SIZE];
  uint32_t size;             /* of value */
  uint32_t prefix_size;      /* how much of it is no secret */
  uint32_t reserved;
  char     value[GLB_SECRETS_VALUE_MAX];  /* the packet ends where it does */
} GlbSecretsSecret;

typedef struct
{
  uint64_t id;               /* the broker's */
  GlbSecretsPlace place;     /* of which there is a secret */
} GlbSecretsCarry;

typedef struct
{
  uint32_t size;             /* of certificate; 0: no entry is https */
  uint32_t reserved;
  char     certificate[GLB_SECRETS_CERTIFICATE_MAX];   /* of the session's authority, PEM; the packet ends where it does */
} GlbSecretsReady;

typedef enum
{
  GLB_SECRETS_END_DONE = 1,
  GLB_SECRETS_END_PROGRAM,     /* the session's end broke */
  GLB_SECRETS_END_SERVER,      /* the server's end broke */
  GLB_SECRETS_END_UNTRUSTED,   /* the server's certificate is not of this host, or by nobody who is trusted. detail: why */
  GLB_SECRETS_END_WRONG_NAME,  /* the program asked for another host; it got nothing. detail: which */
  GLB_SECRETS_END_MALFORMED,   /* the program sent what is no request; detail: what */
  GLB_SECRETS_END_TIMEOUT,
  GLB_SECRETS_END_LIMIT,       /* too many at a time */
} GlbSecretsEnd;

typedef struct
{
  uint64_t id;
  uint32_t end;              /* GlbSecretsEnd */
  uint32_t used;             /* 1: the server got the secret */
  char     detail[GLB_NETWORK_TEXT_SIZE];
} GlbSecretsEnded;
