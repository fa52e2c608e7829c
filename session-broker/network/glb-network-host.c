/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>

#include "session-broker/network/glb-network-host.h"

static void
copy_lower (GlbNetworkSpan text, char *out)
{
  for (size_t i = 0; i < text.size; i++)
    out[i] = glb_network_to_lower (text.bytes[i]);
  out[text.size] = '\0';
}

static bool
is_name_byte (char c)
{
  return glb_network_is_letter (c) || glb_network_is_digit (c) || c == '.' || c == '-' || c == '_';
}

bool
glb_network_host_copy_name (GlbNetworkSpan text, char name[GLB_NETWORK_NAME_SIZE])
{
  if (text.size == 0 || text.size >= GLB_NETWORK_NAME_SIZE)
    return false;
  for (size_t i = 0; i < text.size; i++)
    if (!is_name_byte (text.bytes[i]))
      return false;
  copy_lower (text, name);
  return true;
}

/* Only what is an address: a name in brackets would be one thing to us and maybe another to the server. */
static bool
copy_ipv6 (GlbNetworkSpan text, char host[GLB_NETWORK_NAME_SIZE])
{
  struct in6_addr address;

  if (text.size >= INET6_ADDRSTRLEN || memchr (text.bytes, '\0', text.size))
    return false;
  copy_lower (text, host);
  return inet_pton (AF_INET6, host, &address) == 1;
}

/* 1 to 65535, without a 0 at the front, which some library reads as octal. */
static bool
parse_port (GlbNetworkSpan text, uint16_t *port)
{
  unsigned value = 0;

  if (text.size == 0 || text.size > 5 || text.bytes[0] == '0')
    return false;
  for (size_t i = 0; i < text.size; i++)
    {
      if (!glb_network_is_digit (text.bytes[i]))
        return false;
      value = value * 10 + (unsigned) (text.bytes[i] - '0');
    }
  *port = (uint16_t) value;
  return value <= 65535;
}

const char *
glb_network_authority_parse (GlbNetworkSpan text, GlbNetworkAuthority *authority)
{
  GlbNetworkSpan rest;

  memset (authority, 0, sizeof *authority);
  if (glb_network_span_find (text, '@') < text.size)
    return "its host has a user before it";

  authority->is_ipv6 = text.size > 0 && text.bytes[0] == '[';
  if (authority->is_ipv6)
    {
      size_t end = glb_network_span_find (text, ']');

      if (end == text.size || !copy_ipv6 ((GlbNetworkSpan) { text.bytes + 1, end - 1 }, authority->host))
        return "its host in brackets is no IPv6 address";
      rest = glb_network_span_from (text, end + 1);
    }
  else
    {
      size_t end = glb_network_span_find (text, ':');

      if (!glb_network_host_copy_name ((GlbNetworkSpan) { text.bytes, end }, authority->host))
        return "its host is empty, too long, or has bytes that no host name has";
      rest = glb_network_span_from (text, end);
    }

  if (rest.size > 0 && (rest.bytes[0] != ':' || !parse_port (glb_network_span_from (rest, 1), &authority->port)))
    return "its port is not a number from 1 to 65535";
  return NULL;
}
