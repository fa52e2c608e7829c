/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct { GlbNetworkStatus status; uint8_t socks; } refusals[] = {
  [GLB_NETWORK_REFUSAL_POLICY]      = { GLB_NETWORK_STATUS_FORBIDDEN, 2 },
  [GLB_NETWORK_REFUSAL_PERSON]      = { GLB_NETWORK_STATUS_FORBIDDEN, 2 },
  [GLB_NETWORK_REFUSAL_LIMIT]       = { GLB_NETWORK_STATUS_TOO_MANY, 1 },
  [GLB_NETWORK_REFUSAL_BAD_NAME]    = { GLB_NETWORK_STATUS_BAD_REQUEST, 8 },
  [GLB_NETWORK_REFUSAL_NO_NAME]     = { GLB_NETWORK_STATUS_BAD_GATEWAY, 4 },
  [GLB_NETWORK_REFUSAL_UNREACHABLE] = { GLB_NETWORK_STATUS_BAD_GATEWAY, 4 },
  [GLB_NETWORK_REFUSAL_CONNECTION]  = { GLB_NETWORK_STATUS_BAD_GATEWAY, 5 },
  [GLB_NETWORK_REFUSAL_TIMEOUT]     = { GLB_NETWORK_STATUS_TIMEOUT, 6 },
};

static bool
is_known (GlbNetworkRefusal refusal)
{
  return refusal >= GLB_NETWORK_REFUSAL_POLICY && refusal <= GLB_NETWORK_REFUSAL_TIMEOUT;
}

GlbNetworkStatus
glb_network_answer_status (GlbNetworkRefusal refusal)
{
  return is_known (refusal) ? refusals[refusal].status : GLB_NETWORK_STATUS_FORBIDDEN;
}

uint8_t
glb_network_answer_socks (GlbNetworkRefusal refusal)
{
  return is_known (refusal) ? refusals[refusal].socks : 1;
}

static const char *
reason (GlbNetworkStatus status)
{
  switch (status)
    {
    case GLB_NETWORK_STATUS_BAD_REQUEST:
      return "Bad Request";
    case GLB_NETWORK_STATUS_MISDIRECTED:
      return "Misdirected Request";
    case GLB_NETWORK_STATUS_TOO_MANY:
      return "Too Many Requests";
    case GLB_NETWORK_STATUS_BAD_GATEWAY:
      return "Bad Gateway";
    case GLB_NETWORK_STATUS_TIMEOUT:
      return "Gateway Timeout";
    case GLB_NETWORK_STATUS_FORBIDDEN:
    default:
      return "Forbidden";
    }
}

size_t
glb_network_answer_write_http (GlbNetworkStatus  status,
                               const char       *text,
                               char             *out)
{
  int length = (int) strnlen (text, 512);
  int size = snprintf (out, GLB_NETWORK_ANSWER_MAX,
                       "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\nglovebox: %.*s\n",
                       (int) status, reason (status), length + 11, length, text);

  return (size_t) size;
}

void
glb_network_answer_write_tls (GlbNetworkAlert alert,
                              uint8_t         out[GLB_NETWORK_ANSWER_ALERT_SIZE])
{
  const uint8_t record[GLB_NETWORK_ANSWER_ALERT_SIZE] = { 21, 3, 3, 0, 2, 2, (uint8_t) alert };

  memcpy (out, record, sizeof record);
}
