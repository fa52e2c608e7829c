/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The session's resolver: questions of programs that may be hostile, and answers that no server was asked for (RFC 1035, 6891,
 * 8914). Plain C, pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

#define GLB_NETWORK_DNS_MAX 1232u

typedef enum { GLB_NETWORK_DNS_A = 1, GLB_NETWORK_DNS_AAAA = 28, GLB_NETWORK_DNS_HTTPS = 65 } GlbNetworkDnsType;

typedef struct
{
  uint16_t id;
  bool     recursion_desired;
  bool     edns;
  uint16_t type;
  uint16_t dns_class;
  char     name[GLB_NETWORK_NAME_SIZE];   /* lower case, without the last dot; "" is the root. In labels is no '.' or '\' */
  size_t   question_offset, question_size; /* of name, type and class in the packet, as it came: an answer repeats it */
} GlbNetworkDnsQuestion;

typedef enum
{
  GLB_NETWORK_DNS_QUESTION,
  GLB_NETWORK_DNS_IGNORE,       /* too short, or an answer: no answer to it */
  GLB_NETWORK_DNS_FORMAT_ERROR, /* id is set */
  GLB_NETWORK_DNS_UNKNOWN,      /* another opcode: id is set */
} GlbNetworkDnsResult;

/* One question without compression, at most an OPT record behind it. */
GlbNetworkDnsResult glb_network_dns_parse (const uint8_t *packet, size_t size, GlbNetworkDnsQuestion *question);

/* Answers; out has GLB_NETWORK_DNS_MAX bytes; the size is returned. packet: of question. */
size_t glb_network_dns_write_address (const uint8_t *packet, const GlbNetworkDnsQuestion *question, const uint8_t address[4],
                                      uint32_t ttl_seconds, uint8_t *out);
/* The name exists, and has nothing of that type. */
size_t glb_network_dns_write_empty   (const uint8_t *packet, const GlbNetworkDnsQuestion *question, uint8_t *out);
/* NXDOMAIN; with EDNS and a text (nullable): extended error 15 (Blocked). */
size_t glb_network_dns_write_unknown (const uint8_t *packet, const GlbNetworkDnsQuestion *question, const char *text,
                                      uint8_t *out);
/* Only a header with rcode (1: format error, 2: server failure, 4: not implemented). */
size_t glb_network_dns_write_error   (uint16_t id, unsigned rcode, uint8_t *out);
