/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes out of the sandbox, read as hostile: init is ours, but whoever breaks it must gain nothing here. */

#define G_LOG_DOMAIN "glb-box"

#include "session-broker/sandbox/glb-box-message.h"

#include <string.h>

#define ERRNO_MAX  4095
#define STATUS_MAX 0xffff
#define ABI_MAX    1000

/* The packet's payload as the structure of its type, byte for byte. */
static gboolean
copy_payload (const guint8        *untrusted_packet,
              const GlbInitHeader *header,
              gpointer             structure,
              gsize                size)
{
  if (header->size != size)
    return FALSE;

  memcpy (structure, untrusted_packet + sizeof *header, size);
  return TRUE;
}

static gboolean
check_hello (const GlbInitHello *untrusted_hello)
{
  return untrusted_hello->version == GLB_INIT_PROTOCOL_VERSION && untrusted_hello->landlock_abi <= ABI_MAX;
}

static gboolean
check_failed (GlbInitFailed *untrusted_failed)
{
  if (untrusted_failed->stage < GLB_INIT_STAGE_SETUP || untrusted_failed->stage > GLB_INIT_STAGE_CONNECT)
    return FALSE;
  if (untrusted_failed->error < 0 || untrusted_failed->error > ERRNO_MAX)
    return FALSE;
  if (memchr (untrusted_failed->detail, 0, sizeof untrusted_failed->detail) == NULL)
    return FALSE;

  for (char *c = untrusted_failed->detail; *c != '\0'; c++)
    if (!g_ascii_isprint (*c))
      *c = '?';
  return TRUE;
}

static gboolean
check_exited (const GlbInitExited *untrusted_exited)
{
  return untrusted_exited->status >= 0 && untrusted_exited->status <= STATUS_MAX &&
         (untrusted_exited->status & 0xff) != 0x7f &&   /* stopped is not ended */
         untrusted_exited->user_us >= 0 && untrusted_exited->system_us >= 0 && untrusted_exited->max_rss_kb >= 0;
}

static gboolean
parse_payload (const guint8        *untrusted_packet,
               const GlbInitHeader *header,
               GlbBoxMessage       *message)
{
  switch (header->type)
    {
    case GLB_INIT_HELLO:
      return copy_payload (untrusted_packet, header, &message->hello, sizeof message->hello) && check_hello (&message->hello);
    case GLB_INIT_STARTED:
      return copy_payload (untrusted_packet, header, &message->started, sizeof message->started) && message->started.pid > 1;
    case GLB_INIT_FAILED:
      return copy_payload (untrusted_packet, header, &message->failed, sizeof message->failed) && check_failed (&message->failed);
    case GLB_INIT_EXITED:
      return copy_payload (untrusted_packet, header, &message->exited, sizeof message->exited) && check_exited (&message->exited);
    case GLB_INIT_BUS:
      return copy_payload (untrusted_packet, header, &message->bus, sizeof message->bus) && message->bus.pid >= 0 && message->bus.pid != 1;
    case GLB_INIT_READY:
    case GLB_INIT_DONE:
    case GLB_INIT_CONNECTED:
      return header->size == 0;
    default:
      return FALSE;
    }
}

static guint
count_fds (guint32 type)
{
  if (type == GLB_INIT_STARTED)
    return 3;
  return type == GLB_INIT_CONNECTED ? 1 : 0;
}

gboolean
glb_box_message_parse (const guint8   *untrusted_packet,
                       gsize           length,
                       guint           n_fds,
                       GlbBoxMessage  *message,
                       GError        **error)
{
  GlbInitHeader header;

  memset (message, 0, sizeof *message);
  if (length < sizeof header)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a message of %" G_GSIZE_FORMAT " bytes", length);
      return FALSE;
    }

  memcpy (&header, untrusted_packet, sizeof header);
  if (header.size != length - sizeof header ||
      n_fds != count_fds (header.type) ||
      !parse_payload (untrusted_packet, &header, message))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a bad message of type %u, %" G_GSIZE_FORMAT " bytes, %u descriptors",
                   header.type, length, n_fds);
      return FALSE;
    }

  message->type = (GlbInitMessageType) header.type;
  message->serial = header.serial;
  return TRUE;
}
