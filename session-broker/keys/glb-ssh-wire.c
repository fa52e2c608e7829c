/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/keys/glb-ssh-wire.h"

#define SHA256_BYTES 32

static gboolean
take (GlbSshBytes *self, gsize size, GlbSshBytes *taken)
{
  if (self->size < size)
    return FALSE;

  *taken = (GlbSshBytes) { self->bytes, size };
  self->bytes += size;
  self->size -= size;
  return TRUE;
}

gboolean
glb_ssh_take_byte (GlbSshBytes *self, guint8 *value)
{
  GlbSshBytes taken;

  if (!take (self, 1, &taken))
    return FALSE;

  *value = taken.bytes[0];
  return TRUE;
}

gboolean
glb_ssh_take_number (GlbSshBytes *self, guint32 *value)
{
  GlbSshBytes taken;

  if (!take (self, sizeof *value, &taken))
    return FALSE;

  memcpy (value, taken.bytes, sizeof *value);
  *value = GUINT32_FROM_BE (*value);
  return TRUE;
}

gboolean
glb_ssh_take_string (GlbSshBytes *self, GlbSshBytes *string)
{
  guint32 size;

  return glb_ssh_take_number (self, &size) && take (self, size, string);
}

gboolean
glb_ssh_equal (GlbSshBytes a, GlbSshBytes b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.bytes, b.bytes, a.size) == 0);
}

gboolean
glb_ssh_equal_text (GlbSshBytes a, const char *text)
{
  return glb_ssh_equal (a, (GlbSshBytes) { (const guint8 *) text, strlen (text) });
}

void
glb_ssh_put_string (GByteArray *message, GlbSshBytes string)
{
  guint32 size = GUINT32_TO_BE ((guint32) string.size);

  g_byte_array_append (message, (const guint8 *) &size, sizeof size);
  if (string.size > 0)
    g_byte_array_append (message, string.bytes, string.size);
}

char *
glb_ssh_fingerprint (GlbSshBytes key)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *base64 = NULL;
  guint8 digest[SHA256_BYTES];
  gsize size = sizeof digest;

  g_checksum_update (checksum, key.bytes, key.size);
  g_checksum_get_digest (checksum, digest, &size);
  base64 = g_base64_encode (digest, size);
  base64[strcspn (base64, "=")] = '\0';
  return g_strconcat ("SHA256:", base64, NULL);
}
