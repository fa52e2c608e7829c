/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-early-wire.h"

#include <string.h>

/* Where the lengths of the body and of the header's fields stand. */
#define BODY_LENGTH   4
#define FIELDS_LENGTH 12
#define HEADER_SIZE   16

enum { METHOD_CALL = 1, METHOD_RETURN = 2, SIGNAL = 4, PROTOCOL_VERSION = 1 };
enum { FIELD_PATH = 1, FIELD_INTERFACE = 2, FIELD_MEMBER = 3, FIELD_SIGNATURE = 8, FIELD_UNIX_FDS = 9 };

static void
put (GlbEarlyWire *wire,
     const void   *bytes,
     size_t        length)
{
  if (wire->failed || length > wire->room - wire->length)
    {
      wire->failed = true;
      return;
    }
  memcpy (wire->bytes + wire->length, bytes, length);
  wire->length += length;
}

static void
put_byte (GlbEarlyWire  *wire,
          unsigned char  value)
{
  put (wire, &value, 1);
}

/* In this machine's order of bytes, which the message names. */
static void
put_number (GlbEarlyWire *wire,
            uint32_t      value)
{
  glb_early_wire_align (wire, 4);
  put (wire, &value, sizeof value);
}

static void
put_signature (GlbEarlyWire *wire,
               const char   *signature)
{
  put_byte (wire, (unsigned char) strlen (signature));
  put (wire, signature, strlen (signature) + 1);
}

static void
set_number (GlbEarlyWire *wire,
            size_t        place,
            size_t        value)
{
  uint32_t number = (uint32_t) value;

  if (!wire->failed)
    memcpy (wire->bytes + place, &number, sizeof number);
}

void
glb_early_wire_align (GlbEarlyWire *wire,
                      size_t        alignment)
{
  while (!wire->failed && wire->length % alignment != 0)
    put_byte (wire, 0);
}

void
glb_early_wire_put_text (GlbEarlyWire *wire,
                         const char   *text,
                         size_t        length)
{
  put_number (wire, (uint32_t) length);
  put (wire, text, length);
  put_byte (wire, 0);
}

void
glb_early_wire_put_string (GlbEarlyWire *wire,
                           const char   *text)
{
  glb_early_wire_put_text (wire, text, strlen (text));
}

size_t
glb_early_wire_begin_array (GlbEarlyWire *wire,
                            size_t        alignment)
{
  size_t array;

  put_number (wire, 0);
  array = wire->length;
  /* not counted, and there even where the array is empty */
  glb_early_wire_align (wire, alignment);
  return array;
}

void
glb_early_wire_end_array (GlbEarlyWire *wire,
                          size_t        array,
                          size_t        alignment)
{
  size_t first = (array + alignment - 1) / alignment * alignment;

  set_number (wire, array - 4, wire->length - first);
}

static void
begin_entry (GlbEarlyWire *wire,
             const char   *key,
             const char   *type)
{
  glb_early_wire_align (wire, 8);
  glb_early_wire_put_string (wire, key);
  put_signature (wire, type);
}

void
glb_early_wire_put_option (GlbEarlyWire *wire,
                           const char   *key,
                           const char   *value)
{
  begin_entry (wire, key, "s");
  glb_early_wire_put_string (wire, value);
}

void
glb_early_wire_put_option_number (GlbEarlyWire *wire,
                                  const char   *key,
                                  const char   *type,
                                  uint32_t      value)
{
  begin_entry (wire, key, type);
  put_number (wire, value);
}

size_t
glb_early_wire_begin_value (GlbEarlyWire *wire,
                            const char   *key,
                            const char   *type,
                            size_t        alignment)
{
  begin_entry (wire, key, type);
  return glb_early_wire_begin_array (wire, alignment);
}

static void
begin_field (GlbEarlyWire  *wire,
             unsigned char  code,
             const char    *type)
{
  glb_early_wire_align (wire, 8);
  put_byte (wire, code);
  put_signature (wire, type);
}

static void
put_field (GlbEarlyWire  *wire,
           unsigned char  code,
           const char    *type,
           const char    *value)
{
  begin_field (wire, code, type);
  glb_early_wire_put_string (wire, value);
}

size_t
glb_early_wire_begin_call (GlbEarlyWire       *wire,
                           const GlbEarlyCall *call,
                           uint32_t            n_fds)
{
  const uint16_t order = 1;
  size_t fields;

  put_byte (wire, *(const unsigned char *) &order == 1 ? 'l' : 'B');
  put_byte (wire, METHOD_CALL);
  put_byte (wire, 0);
  put_byte (wire, PROTOCOL_VERSION);
  put_number (wire, 0);
  put_number (wire, call->serial);

  fields = glb_early_wire_begin_array (wire, 8);
  put_field (wire, FIELD_PATH, "o", call->path);
  put_field (wire, FIELD_INTERFACE, "s", call->interface);
  put_field (wire, FIELD_MEMBER, "s", call->member);
  begin_field (wire, FIELD_SIGNATURE, "g");
  put_signature (wire, call->signature);
  if (n_fds > 0)
    {
      begin_field (wire, FIELD_UNIX_FDS, "u");
      put_number (wire, n_fds);
    }
  glb_early_wire_end_array (wire, fields, 8);

  glb_early_wire_align (wire, 8);
  return wire->length;
}

size_t
glb_early_wire_end_call (GlbEarlyWire *wire,
                         size_t        body)
{
  set_number (wire, BODY_LENGTH, wire->length - body);
  return wire->failed ? 0 : wire->length;
}

static uint32_t
get_number (const unsigned char *bytes)
{
  uint32_t number;

  memcpy (&number, bytes, sizeof number);
  return number;
}

static size_t
get_body (const unsigned char *bytes)
{
  return HEADER_SIZE + ((size_t) get_number (bytes + FIELDS_LENGTH) + 7) / 8 * 8;
}

size_t
glb_early_wire_get_size (const unsigned char *bytes,
                         size_t               length)
{
  return length >= HEADER_SIZE ? get_body (bytes) + get_number (bytes + BODY_LENGTH) : 0;
}

/* bytes is never NULL, which the compiler does not see once the sanitizers ask it. */
static bool
has_word (const unsigned char *bytes,
          size_t               size,
          const char          *word)
{
  return bytes != NULL && memmem (bytes, size, word, strlen (word)) != NULL;
}

/* A word too many is no harm: then the message is looked at by who understands all of it. */
GlbEarlyKind
glb_early_wire_get_kind (const unsigned char *bytes,
                         size_t               size)
{
  size_t body = get_body (bytes);

  if (bytes[1] == METHOD_RETURN)
    return GLB_EARLY_ANSWER;
  if (bytes[1] != SIGNAL || body > size || has_word (bytes, body, "CommandExited") || has_word (bytes, body, "InterfacesRemoved"))
    return GLB_EARLY_END;
  if (has_word (bytes, body, "PropertiesChanged") &&
      (has_word (bytes + body, size - body, "Reason") || has_word (bytes + body, size - body, "ended")))
    return GLB_EARLY_END;
  return GLB_EARLY_SIGNAL;
}

bool
glb_early_wire_is_about (const unsigned char *bytes,
                         size_t               size,
                         const char          *path)
{
  return bytes[1] != SIGNAL || has_word (bytes, size, path);
}

bool
glb_early_wire_read_started (const unsigned char *bytes,
                             size_t               size,
                             GlbEarlyStarted     *started)
{
  size_t place = get_body (bytes), length;
  bool seen[3] = { false };

  if (place + 4 > size || !has_word (bytes, place, "otah"))
    return false;
  length = get_number (bytes + place);
  if (length >= size - place - 4 || bytes[place + 4 + length] != '\0')
    return false;
  started->path = (const char *) bytes + place + 4;

  place = (place + 4 + length + 1 + 7) / 8 * 8;
  if (place + 8 + 4 > size)
    return false;
  memcpy (&started->command, bytes + place, sizeof started->command);
  length = get_number (bytes + place + 8);
  place += 12;
  if (length != sizeof started->streams || place + length != size)
    return false;

  for (int i = 0; i < 3; i++)
    {
      started->streams[i] = get_number (bytes + place + 4 * (size_t) i);
      if (started->streams[i] > 2 || seen[started->streams[i]])
        return false;
      seen[started->streams[i]] = true;
    }
  return true;
}
