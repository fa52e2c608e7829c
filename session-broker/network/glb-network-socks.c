/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "session-broker/network/glb-network-socks.h"

#include "session-broker/network/glb-network-reader.h"

enum { VERSION_4 = 4, VERSION_5 = 5 };
enum { METHOD_NONE = 0 };
enum { COMMAND_CONNECT = 1 };
enum { ADDRESS_IPV4 = 1, ADDRESS_NAME = 3, ADDRESS_IPV6 = 4 };
enum { REPLY_FAILURE = 1, REPLY_NO_SUCH_COMMAND = 7, REPLY_NO_SUCH_ADDRESS = 8 };

static const char *
check_version (uint8_t version)
{
  if (version == VERSION_5)
    return NULL;
  return version == VERSION_4 ? "SOCKS 4 is not spoken here, only SOCKS 5 is" : "it is no message of SOCKS 5";
}

GlbNetworkSocksResult
glb_network_socks_parse_greeting (const uint8_t *bytes, size_t size, size_t *used, const char **error)
{
  GlbNetworkReader reader = { bytes, size };
  const uint8_t *methods;
  uint8_t version, n_methods;

  if (!glb_network_reader_u8 (&reader, &version))
    return GLB_NETWORK_SOCKS_MORE;
  *error = check_version (version);
  if (*error)
    return GLB_NETWORK_SOCKS_BAD;
  if (!glb_network_reader_u8 (&reader, &n_methods) || !glb_network_reader_take (&reader, n_methods, &methods))
    return GLB_NETWORK_SOCKS_MORE;

  *used = size - reader.left;
  if (n_methods > 0 && memchr (methods, METHOD_NONE, n_methods))
    return GLB_NETWORK_SOCKS_DONE;
  *error = "it asks for authentication, and there is none";
  return GLB_NETWORK_SOCKS_BAD;
}

static GlbNetworkSocksResult
refuse (GlbNetworkSocksRequest *request, uint8_t reply, const char *error)
{
  memset (request, 0, sizeof *request);
  request->reply = reply;
  request->error = error;
  return GLB_NETWORK_SOCKS_BAD;
}

static GlbNetworkSocksResult
parse_address (GlbNetworkReader *reader, GlbNetworkHostKind kind, size_t size, GlbNetworkSocksRequest *request)
{
  const uint8_t *address;

  if (!glb_network_reader_take (reader, size, &address))
    return GLB_NETWORK_SOCKS_MORE;
  request->host_kind = kind;
  memcpy (request->address, address, size);
  return GLB_NETWORK_SOCKS_DONE;
}

static GlbNetworkSocksResult
parse_name (GlbNetworkReader *reader, GlbNetworkSocksRequest *request)
{
  const uint8_t *name;
  uint8_t size;

  if (!glb_network_reader_u8 (reader, &size))
    return GLB_NETWORK_SOCKS_MORE;
  if (size == 0)
    return refuse (request, REPLY_FAILURE, "its host name is empty");
  if (!glb_network_reader_take (reader, size, &name))
    return GLB_NETWORK_SOCKS_MORE;
  for (size_t i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~')
      return refuse (request, REPLY_FAILURE, "its host name has bytes that are not printable ASCII");

  request->host_kind = GLB_NETWORK_HOST_NAME;
  memcpy (request->name, name, size);
  return GLB_NETWORK_SOCKS_DONE;
}

static GlbNetworkSocksResult
parse_host (GlbNetworkReader *reader, GlbNetworkSocksRequest *request)
{
  uint8_t kind;

  if (!glb_network_reader_u8 (reader, &kind))
    return GLB_NETWORK_SOCKS_MORE;

  switch (kind)
    {
    case ADDRESS_IPV4:
      return parse_address (reader, GLB_NETWORK_HOST_IPV4, 4, request);
    case ADDRESS_IPV6:
      return parse_address (reader, GLB_NETWORK_HOST_IPV6, 16, request);
    case ADDRESS_NAME:
      return parse_name (reader, request);
    default:
      return refuse (request, REPLY_NO_SUCH_ADDRESS, "its kind of address is unknown");
    }
}

static GlbNetworkSocksResult
parse_command (GlbNetworkReader *reader, GlbNetworkSocksRequest *request)
{
  uint8_t version, command, reserved;

  if (!glb_network_reader_u8 (reader, &version))
    return GLB_NETWORK_SOCKS_MORE;
  if (check_version (version))
    return refuse (request, REPLY_FAILURE, check_version (version));
  if (!glb_network_reader_u8 (reader, &command))
    return GLB_NETWORK_SOCKS_MORE;
  if (command != COMMAND_CONNECT)
    return refuse (request, REPLY_NO_SUCH_COMMAND, "it asks for another command than CONNECT");
  if (!glb_network_reader_u8 (reader, &reserved))
    return GLB_NETWORK_SOCKS_MORE;
  if (reserved != 0)
    return refuse (request, REPLY_FAILURE, "its reserved byte is not 0");
  return GLB_NETWORK_SOCKS_DONE;
}

GlbNetworkSocksResult
glb_network_socks_parse_request (const uint8_t *bytes, size_t size, GlbNetworkSocksRequest *request)
{
  GlbNetworkReader reader = { bytes, size };
  GlbNetworkSocksResult result;

  memset (request, 0, sizeof *request);
  result = parse_command (&reader, request);
  if (result == GLB_NETWORK_SOCKS_DONE)
    result = parse_host (&reader, request);
  if (result != GLB_NETWORK_SOCKS_DONE)
    return result;

  if (!glb_network_reader_u16 (&reader, &request->port))
    return GLB_NETWORK_SOCKS_MORE;
  if (request->port == 0)
    return refuse (request, REPLY_FAILURE, "its port is 0");
  request->used = size - reader.left;
  return GLB_NETWORK_SOCKS_DONE;
}

void
glb_network_socks_write_reply (uint8_t reply, uint8_t out[GLB_NETWORK_SOCKS_REPLY_SIZE])
{
  memset (out, 0, GLB_NETWORK_SOCKS_REPLY_SIZE);
  out[0] = VERSION_5;
  out[1] = reply;
  out[3] = ADDRESS_IPV4;
}
