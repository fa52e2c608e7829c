/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/network/glb-secrets-message.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----\n"
#define PEM_END   "-----END CERTIFICATE-----\n"

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

/* One certificate, and not a second one in the session's bundle. */
static gboolean
is_certificate (const char *untrusted_text,
                gsize       size)
{
  const gsize begin = strlen (PEM_BEGIN), end = strlen (PEM_END);

  if (size <= begin + end || memcmp (untrusted_text, PEM_BEGIN, begin) != 0 ||
      memcmp (untrusted_text + size - end, PEM_END, end) != 0)
    return FALSE;
  for (gsize i = begin; i < size - end; i++)
    if (!g_ascii_isalnum (untrusted_text[i]) && strchr ("+/=\n", untrusted_text[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* Behind what is not there it is all zero. */
static gboolean
check_ready (const GlbSecretsReady *untrusted,
             gsize                  size)
{
  const gsize before = G_STRUCT_OFFSET (GlbSecretsReady, certificate);

  return size >= before && untrusted->reserved == 0 && untrusted->size <= sizeof untrusted->certificate &&
         size - before == untrusted->size &&
         (untrusted->size == 0 || (memchr (untrusted->certificate, 0, untrusted->size) == NULL &&
                                   is_certificate (untrusted->certificate, untrusted->size)));
}

static gboolean
check_ended (const GlbSecretsEnded *untrusted,
             gsize                  size)
{
  return size == sizeof *untrusted && untrusted->id != 0 && untrusted->end >= GLB_SECRETS_END_DONE &&
         untrusted->end <= GLB_SECRETS_END_LIMIT && untrusted->used <= 1 && is_text (untrusted->detail, sizeof untrusted->detail);
}

gboolean
glb_secrets_message_parse (const guint8       *untrusted_packet,
                           gsize               size,
                           guint               n_fds,
                           GlbSecretsMessage  *message,
                           GError            **error)
{
  GlbSecretsHeader untrusted_header = { 0 };
  gsize payload = size - MIN (size, sizeof untrusted_header);
  gboolean good = FALSE;

  memset (message, 0, sizeof *message);
  if (size >= sizeof untrusted_header)
    memcpy (&untrusted_header, untrusted_packet, sizeof untrusted_header);
  if (n_fds == 0 && untrusted_header.size == payload && payload > 0 && payload <= sizeof message->ready)
    {
      message->type = (GlbSecretsMessageType) untrusted_header.type;
      memcpy (&message->ready, untrusted_packet + sizeof untrusted_header, payload);
      good = (untrusted_header.type == GLB_SECRETS_READY && check_ready (&message->ready, payload)) ||
             (untrusted_header.type == GLB_SECRETS_ENDED && check_ended (&message->ended, payload));
    }
  if (good)
    return TRUE;

  memset (message, 0, sizeof *message);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a bad message of type %u, %" G_GSIZE_FORMAT " bytes, %u descriptors",
               untrusted_header.type, size, n_fds);
  return FALSE;
}
