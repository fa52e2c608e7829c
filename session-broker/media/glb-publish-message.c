/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-publish-message.h"

static gboolean
check_value (guint32 type, guint32 untrusted_value)
{
  switch (type)
    {
    case GLB_PUBLISH_BEGUN:
      return untrusted_value == 0;
    case GLB_PUBLISH_IN_USE:
    case GLB_PUBLISH_ENDED:
      return untrusted_value <= 1;
    default:
      return FALSE;
    }
}

gboolean
glb_publish_message_parse (const guint8       *untrusted_packet,
                           gsize               length,
                           guint               n_fds,
                           GlbPublishMessage  *message,
                           GError            **error)
{
  struct { GlbPublishHeader header; GlbPublishSaid said; } untrusted = { 0 };

  memset (message, 0, sizeof *message);
  if (length == sizeof untrusted)
    memcpy (&untrusted, untrusted_packet, sizeof untrusted);
  if (length != sizeof untrusted || untrusted.header.size != sizeof untrusted.said || n_fds != 0 ||
      untrusted.said.reserved != 0 || !check_value (untrusted.header.type, untrusted.said.value))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "a bad message of type %u, %" G_GSIZE_FORMAT " bytes, %u descriptors", untrusted.header.type, length, n_fds);
      return FALSE;
    }

  message->type = (GlbPublishMessageType) untrusted.header.type;
  message->value = untrusted.said.value;
  return TRUE;
}
