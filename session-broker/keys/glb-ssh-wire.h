/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Some bytes of a message, which belong to it (RFC 4251, section 5). Taking moves the beginning on; FALSE: there are too few. */
typedef struct
{
  const guint8 *bytes;
  gsize size;
} GlbSshBytes;

gboolean glb_ssh_take_byte   (GlbSshBytes *self, guint8 *value);
gboolean glb_ssh_take_number (GlbSshBytes *self, guint32 *value);
gboolean glb_ssh_take_string (GlbSshBytes *self, GlbSshBytes *string);
gboolean glb_ssh_equal       (GlbSshBytes a, GlbSshBytes b);
gboolean glb_ssh_equal_text  (GlbSshBytes a, const char *text);

/* Puts a string, with its length before it. */
void     glb_ssh_put_string  (GByteArray *message, GlbSshBytes string);

/* "SHA256:" and base64, as OpenSSH shows a key. (transfer full) */
char    *glb_ssh_fingerprint (GlbSshBytes key);

G_END_DECLS
