/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/network/glb-network-message.h"

static gboolean
is_text (const char *untrusted_text,
         gsize       space)
{
  gsize length = strnlen (untrusted_text, space);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (untrusted_text[i]))
      return FALSE;
  return length < space;
}

static gboolean
is_zero (const guint8 *bytes,
         gsize         size)
{
  for (gsize i = 0; i < size; i++)
    if (bytes[i] != 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_how (guint32 untrusted_how)
{
  return untrusted_how >= GLB_NETWORK_HOW_CONNECT && untrusted_how <= GLB_NETWORK_HOW_TRANSPARENT;
}

static gboolean
check_host (const GlbNetworkOpen *untrusted)
{
  const guint8 *address = untrusted->address;

  switch (untrusted->host_kind)
    {
    case GLB_NETWORK_HOST_NAME:
      return untrusted->name[0] != '\0' && is_text (untrusted->name, sizeof untrusted->name) && is_zero (address, 16);
    case GLB_NETWORK_HOST_IPV4:
      return untrusted->name[0] == '\0' && is_zero (address + 4, 12);
    case GLB_NETWORK_HOST_IPV6:
      return untrusted->name[0] == '\0';
    default:
      return FALSE;
    }
}

static gboolean
check_open (const GlbNetworkOpen *untrusted)
{
  return untrusted->id != 0 && (untrusted->id & GLB_NETWORK_ID_PUBLISHED) == 0 && is_how (untrusted->how) && untrusted->port != 0 &&
         is_zero ((const guint8 *) untrusted->reserved, sizeof untrusted->reserved) && check_host (untrusted);
}

static gboolean
check_look_up (const GlbNetworkLookUp *untrusted)
{
  return untrusted->id != 0 && untrusted->name[0] != '\0' && is_text (untrusted->name, sizeof untrusted->name);
}

static gboolean
check_closed (const GlbNetworkClosed *untrusted)
{
  return (untrusted->id & ~GLB_NETWORK_ID_PUBLISHED) != 0 && untrusted->end >= GLB_NETWORK_END_DONE &&
         untrusted->end <= GLB_NETWORK_END_GIVEN_UP && untrusted->reserved == 0 && is_text (untrusted->detail, sizeof untrusted->detail) &&
         (untrusted->detail[0] == '\0' || untrusted->end == GLB_NETWORK_END_WRONG_NAME);
}

static gboolean
check_malformed (const GlbNetworkMalformed *untrusted)
{
  return is_how (untrusted->how) && untrusted->reserved == 0 && untrusted->text[0] != '\0' &&
         is_text (untrusted->text, sizeof untrusted->text);
}

static gboolean
is_type (guint32 untrusted_type)
{
  return untrusted_type >= GLB_NETWORK_READY && untrusted_type <= GLB_NETWORK_MALFORMED;
}

static gsize
payload_size (guint32 type)
{
  switch (type)
    {
    case GLB_NETWORK_OPEN:
      return sizeof (GlbNetworkOpen);
    case GLB_NETWORK_LOOK_UP:
      return sizeof (GlbNetworkLookUp);
    case GLB_NETWORK_CLOSED:
      return sizeof (GlbNetworkClosed);
    case GLB_NETWORK_MALFORMED:
      return sizeof (GlbNetworkMalformed);
    default:
      return 0;
    }
}

/* message: of a known type, its payload as it came. */
static gboolean
check_payload (const GlbNetworkMessage *untrusted)
{
  switch ((guint32) untrusted->type)
    {
    case GLB_NETWORK_READY:
      return TRUE;
    case GLB_NETWORK_OPEN:
      return check_open (&untrusted->open);
    case GLB_NETWORK_LOOK_UP:
      return check_look_up (&untrusted->look_up);
    case GLB_NETWORK_CLOSED:
      return check_closed (&untrusted->closed);
    case GLB_NETWORK_MALFORMED:
      return check_malformed (&untrusted->malformed);
    default:
      return FALSE;
    }
}

gboolean
glb_network_message_parse (const guint8       *untrusted_packet,
                           gsize               size,
                           guint               n_fds,
                           GlbNetworkMessage  *message,
                           GError            **error)
{
  GlbNetworkHeader untrusted_header = { 0 };
  GlbNetworkMessage untrusted = { 0 };
  gboolean whole;

  memset (message, 0, sizeof *message);
  if (size >= sizeof untrusted_header)
    memcpy (&untrusted_header, untrusted_packet, sizeof untrusted_header);
  whole = size >= sizeof untrusted_header && n_fds == 0 && is_type (untrusted_header.type) &&
          untrusted_header.size == payload_size (untrusted_header.type) && size - sizeof untrusted_header == untrusted_header.size;
  if (whole)
    {
      untrusted.type = (GlbNetworkMessageType) untrusted_header.type;
      memcpy ((guint8 *) &untrusted + G_STRUCT_OFFSET (GlbNetworkMessage, open), untrusted_packet + sizeof untrusted_header,
              untrusted_header.size);
    }
  if (!whole || !check_payload (&untrusted))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a bad message of type %u, %" G_GSIZE_FORMAT " bytes, %u descriptors",
                   untrusted_header.type, size, n_fds);
      return FALSE;
    }

  *message = untrusted;
  return TRUE;
}
