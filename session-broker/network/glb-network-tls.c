/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/network/glb-network-tls.h"

#include "session-broker/network/glb-network-host.h"
#include "session-broker/network/glb-network-reader.h"

enum { RECORD_CHANGE_CIPHER_SPEC = 20, RECORD_HANDSHAKE = 22, RECORD_HEARTBEAT = 24 };
enum { HANDSHAKE_CLIENT_HELLO = 1 };
enum { EXTENSION_SERVER_NAME = 0 };
enum { NAME_HOST = 0 };
enum { VERSION_MAJOR = 3 };

#define RECORD_HEADER_SIZE    5u
#define RECORD_SIZE_MAX       16384u
#define HANDSHAKE_HEADER_SIZE 4u
#define RANDOM_SIZE           32u
#define SESSION_ID_SIZE_MAX   32u

static bool
is_version (unsigned version)
{
  return version >= 0x0301 && version <= 0x0303;
}

/* Reads a size in one or two bytes, and so many bytes by themselves. */
static bool
take_part_u8 (GlbNetworkReader *reader, GlbNetworkReader *part)
{
  uint8_t size;

  return glb_network_reader_u8 (reader, &size) && glb_network_reader_part (reader, size, part);
}

static bool
take_part_u16 (GlbNetworkReader *reader, GlbNetworkReader *part)
{
  uint16_t size;

  return glb_network_reader_u16 (reader, &size) && glb_network_reader_part (reader, size, part);
}

/* Exactly one name, of the one kind there is (RFC 6066, 3). */
static GlbNetworkTlsResult
parse_server_name (GlbNetworkReader extension, char name[GLB_NETWORK_NAME_SIZE])
{
  GlbNetworkReader list, host;
  uint8_t kind;

  if (!take_part_u16 (&extension, &list) || extension.left > 0)
    return GLB_NETWORK_TLS_BAD;
  if (!glb_network_reader_u8 (&list, &kind) || kind != NAME_HOST || !take_part_u16 (&list, &host) || list.left > 0)
    return GLB_NETWORK_TLS_BAD;
  if (!glb_network_host_copy_name ((GlbNetworkSpan) { (const char *) host.bytes, host.left }, name))
    return GLB_NETWORK_TLS_BAD;
  return GLB_NETWORK_TLS_NAME;
}

static GlbNetworkTlsResult
parse_extensions (GlbNetworkReader extensions, char name[GLB_NETWORK_NAME_SIZE])
{
  GlbNetworkTlsResult result = GLB_NETWORK_TLS_NO_NAME;

  while (extensions.left > 0)
    {
      GlbNetworkReader extension;
      uint16_t type;

      if (!glb_network_reader_u16 (&extensions, &type) || !take_part_u16 (&extensions, &extension))
        return GLB_NETWORK_TLS_BAD;
      if (type != EXTENSION_SERVER_NAME)
        continue;
      if (result == GLB_NETWORK_TLS_NAME)
        return GLB_NETWORK_TLS_BAD;
      result = parse_server_name (extension, name);
      if (result == GLB_NETWORK_TLS_BAD)
        return result;
    }
  return result;
}

static GlbNetworkTlsResult
parse_client_hello (GlbNetworkReader hello, char name[GLB_NETWORK_NAME_SIZE])
{
  GlbNetworkReader session_id, ciphers, compressions, extensions;
  const uint8_t *random;
  uint16_t version;

  if (!glb_network_reader_u16 (&hello, &version) || !is_version (version) ||
      !glb_network_reader_take (&hello, RANDOM_SIZE, &random) ||
      !take_part_u8 (&hello, &session_id) || session_id.left > SESSION_ID_SIZE_MAX ||
      !take_part_u16 (&hello, &ciphers) || ciphers.left == 0 || ciphers.left % 2 != 0 ||
      !take_part_u8 (&hello, &compressions) || compressions.left == 0)
    return GLB_NETWORK_TLS_BAD;

  if (hello.left == 0)
    return GLB_NETWORK_TLS_NO_NAME;
  if (!take_part_u16 (&hello, &extensions) || hello.left > 0)
    return GLB_NETWORK_TLS_BAD;
  return parse_extensions (extensions, name);
}

/*
 * The handshake message of which bytes are what came so far. It ends where its
 * record does: what else were in there, not every server would read.
 */
static GlbNetworkTlsResult
parse_message (const uint8_t *bytes, size_t size, bool is_record_whole, char name[GLB_NETWORK_NAME_SIZE])
{
  size_t length;

  if (size > 0 && bytes[0] != HANDSHAKE_CLIENT_HELLO)
    return GLB_NETWORK_TLS_BAD;
  if (size < HANDSHAKE_HEADER_SIZE)
    return GLB_NETWORK_TLS_MORE;
  length = (size_t) bytes[1] << 16 | (size_t) bytes[2] << 8 | bytes[3];
  if (length > GLB_NETWORK_TLS_HELLO_MAX - RECORD_HEADER_SIZE - HANDSHAKE_HEADER_SIZE)
    return GLB_NETWORK_TLS_BAD;
  if (size < HANDSHAKE_HEADER_SIZE + length)
    return GLB_NETWORK_TLS_MORE;
  if (size > HANDSHAKE_HEADER_SIZE + length || !is_record_whole)
    return GLB_NETWORK_TLS_BAD;
  return parse_client_hello ((GlbNetworkReader) { bytes + HANDSHAKE_HEADER_SIZE, length }, name);
}

/* Whether a greeting begins there. What some server reads as a record of TLS must not pass as something else. */
static GlbNetworkTlsResult
check_record (const uint8_t *bytes, size_t size)
{
  if (size > 0 && (bytes[0] < RECORD_CHANGE_CIPHER_SPEC || bytes[0] > RECORD_HEARTBEAT))
    return GLB_NETWORK_TLS_OTHER;
  if (size > 1 && bytes[1] != VERSION_MAJOR)
    return GLB_NETWORK_TLS_OTHER;
  if (size > 1 && bytes[0] != RECORD_HANDSHAKE)
    return GLB_NETWORK_TLS_BAD;
  if (size > 2 && !is_version ((unsigned) bytes[1] << 8 | bytes[2]))
    return GLB_NETWORK_TLS_BAD;
  return GLB_NETWORK_TLS_MORE;
}

/* Takes the next record, or what there is of it. MORE: it is in order so far. */
static GlbNetworkTlsResult
take_record (GlbNetworkReader *reader, GlbNetworkReader *fragment, bool *is_whole)
{
  GlbNetworkTlsResult result = check_record (reader->bytes, reader->left);
  const uint8_t *header;
  size_t size;

  *is_whole = false;
  *fragment = (GlbNetworkReader) { reader->bytes, 0 };
  if (result != GLB_NETWORK_TLS_MORE || !glb_network_reader_take (reader, RECORD_HEADER_SIZE, &header))
    return result;
  size = (size_t) header[3] << 8 | header[4];
  if (size == 0 || size > RECORD_SIZE_MAX)
    return GLB_NETWORK_TLS_BAD;
  *is_whole = size <= reader->left;
  glb_network_reader_part (reader, *is_whole ? size : reader->left, fragment);
  return GLB_NETWORK_TLS_MORE;
}

/* Puts the fragments of the records together until the message is whole. */
static GlbNetworkTlsResult
parse_records (GlbNetworkReader reader, char name[GLB_NETWORK_NAME_SIZE])
{
  uint8_t message[GLB_NETWORK_TLS_HELLO_MAX];
  bool is_first = true, is_whole = true;
  size_t size = 0;

  while (is_whole)
    {
      GlbNetworkReader fragment;
      GlbNetworkTlsResult result = take_record (&reader, &fragment, &is_whole);

      if (result == GLB_NETWORK_TLS_OTHER && !is_first)
        return GLB_NETWORK_TLS_BAD;
      if (result != GLB_NETWORK_TLS_MORE)
        return result;
      memcpy (message + size, fragment.bytes, fragment.left);
      size += fragment.left;
      result = parse_message (message, size, is_whole, name);
      if (result != GLB_NETWORK_TLS_MORE)
        return result;
      is_first = false;
    }
  return GLB_NETWORK_TLS_MORE;
}

GlbNetworkTlsResult
glb_network_tls_parse_hello (const uint8_t *bytes, size_t size, char name[GLB_NETWORK_NAME_SIZE])
{
  GlbNetworkReader reader = { bytes, size < GLB_NETWORK_TLS_HELLO_MAX ? size : GLB_NETWORK_TLS_HELLO_MAX };
  GlbNetworkTlsResult result = parse_records (reader, name);

  if (result != GLB_NETWORK_TLS_NAME)
    name[0] = '\0';
  if (result == GLB_NETWORK_TLS_MORE && size >= GLB_NETWORK_TLS_HELLO_MAX)
    return GLB_NETWORK_TLS_BAD;
  return result;
}
