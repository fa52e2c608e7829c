/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a program is told instead of a connection, in its own speech. Plain C, pure. */

#include <stddef.h>
#include <stdint.h>

#include "session-broker/network/glb-network-protocol.h"

#define GLB_NETWORK_ANSWER_MAX 1024u

typedef enum
{
  GLB_NETWORK_STATUS_BAD_REQUEST = 400,
  GLB_NETWORK_STATUS_FORBIDDEN = 403,
  GLB_NETWORK_STATUS_MISDIRECTED = 421,
  GLB_NETWORK_STATUS_TOO_MANY = 429,
  GLB_NETWORK_STATUS_BAD_GATEWAY = 502,
  GLB_NETWORK_STATUS_TIMEOUT = 504,
} GlbNetworkStatus;

/* RFC 8446, section 6.2 */
typedef enum
{
  GLB_NETWORK_ALERT_ACCESS_DENIED = 49,
  GLB_NETWORK_ALERT_DECODE_ERROR = 50,
  GLB_NETWORK_ALERT_UNRECOGNIZED_NAME = 112,
} GlbNetworkAlert;

GlbNetworkStatus glb_network_answer_status     (GlbNetworkRefusal refusal);
uint8_t          glb_network_answer_socks      (GlbNetworkRefusal refusal);
/* The whole response; out has GLB_NETWORK_ANSWER_MAX bytes; its size is returned. text: one line, at most GLB_NETWORK_TEXT_SIZE. */
size_t           glb_network_answer_write_http (GlbNetworkStatus status, const char *text, char *out);
#define GLB_NETWORK_ANSWER_ALERT_SIZE 7u
void             glb_network_answer_write_tls  (GlbNetworkAlert alert, uint8_t out[GLB_NETWORK_ANSWER_ALERT_SIZE]);
