/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-message.h"

/* More than one instance can have. */
#define OBJECTS_MAX 4096

static gboolean
copy_payload (const guint8 *untrusted_packet, const GlbMediaHeader *header, gpointer structure, gsize size)
{
  if (header->size != size)
    return FALSE;

  memcpy (structure, untrusted_packet + sizeof *header, size);
  return TRUE;
}

/* What a device calls itself goes to the person's eyes: valid, and without anything that moves a cursor or turns a line. */
static gboolean
check_text (char *untrusted_text, gsize size)
{
  if (memchr (untrusted_text, 0, size) == NULL || !g_utf8_validate (untrusted_text, -1, NULL))
    return FALSE;

  for (char *c = untrusted_text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (!g_unichar_isprint (character))
        memset (c, '?', g_utf8_next_char (c) - c);
    }
  return TRUE;
}

static gboolean
check_done (GlbMediaDone *untrusted_done)
{
  return untrusted_done->device < GLB_MEDIA_N_DEVICES && untrusted_done->n_links <= OBJECTS_MAX && untrusted_done->n_nodes <= 1 &&
         check_text (untrusted_done->target, sizeof untrusted_done->target) &&
         check_text (untrusted_done->description, sizeof untrusted_done->description);
}

static gboolean
check_failed (GlbMediaFailed *untrusted_failed)
{
  return untrusted_failed->device < GLB_MEDIA_N_DEVICES &&
         untrusted_failed->why > GLB_MEDIA_WHY_NONE && untrusted_failed->why < GLB_MEDIA_N_WHYS &&
         check_text (untrusted_failed->detail, sizeof untrusted_failed->detail);
}

static gboolean
check_previewed (GlbMediaPreviewed *untrusted_previewed)
{
  return untrusted_previewed->width > 0 && untrusted_previewed->width <= GLB_MEDIA_PREVIEW_WIDTH &&
         untrusted_previewed->height > 0 && untrusted_previewed->height <= GLB_MEDIA_PREVIEW_HEIGHT &&
         untrusted_previewed->stride == untrusted_previewed->width * 4 &&
         check_text (untrusted_previewed->target, sizeof untrusted_previewed->target) &&
         check_text (untrusted_previewed->description, sizeof untrusted_previewed->description);
}

static gboolean
parse_payload (const guint8 *untrusted_packet, const GlbMediaHeader *header, GlbMediaMessage *message)
{
  GlbMediaReady ready;

  switch (header->type)
    {
    case GLB_MEDIA_READY:
      return copy_payload (untrusted_packet, header, &ready, sizeof ready) && ready.version == GLB_MEDIA_PROTOCOL_VERSION;
    case GLB_MEDIA_DONE:
      return copy_payload (untrusted_packet, header, &message->done, sizeof message->done) && check_done (&message->done);
    case GLB_MEDIA_FAILED:
    case GLB_MEDIA_ENDED:
      return copy_payload (untrusted_packet, header, &message->failed, sizeof message->failed) && check_failed (&message->failed);
    case GLB_MEDIA_PREVIEWED:
      return copy_payload (untrusted_packet, header, &message->previewed, sizeof message->previewed) &&
             check_previewed (&message->previewed);
    case GLB_MEDIA_IN_USE:
      return copy_payload (untrusted_packet, header, &message->in_use, sizeof message->in_use) &&
             message->in_use.device < GLB_MEDIA_N_DEVICES && message->in_use.n_users <= OBJECTS_MAX;
    default:
      return FALSE;
    }
}

gboolean
glb_media_message_parse (const guint8     *untrusted_packet,
                         gsize             length,
                         guint             n_fds,
                         GlbMediaMessage  *message,
                         GError          **error)
{
  GlbMediaHeader header = { 0 };

  memset (message, 0, sizeof *message);
  if (length >= sizeof header)
    memcpy (&header, untrusted_packet, sizeof header);
  if (length < sizeof header || header.size != length - sizeof header ||
      n_fds != (header.type == GLB_MEDIA_PREVIEWED ? 1 : 0) || !parse_payload (untrusted_packet, &header, message))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "a bad message of type %u, %" G_GSIZE_FORMAT " bytes, %u descriptors", header.type, length, n_fds);
      return FALSE;
    }

  message->type = (GlbMediaMessageType) header.type;
  message->serial = header.serial;
  return TRUE;
}
