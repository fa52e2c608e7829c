/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/network/glb-secrets-message.h"

/* Whatever the bytes: an error, or a message of glovebox-secrets, with a text that can be shown or one certificate. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check (const GlbSecretsMessage *message)
{
  if (message->type == GLB_SECRETS_READY)
    {
      g_assert_cmpuint (message->ready.size, <=, sizeof message->ready.certificate);
      if (message->ready.size > 0)
        g_assert_cmpint (memcmp (message->ready.certificate, "-----BEGIN CERTIFICATE-----\n", 28), ==, 0);
      return;
    }
  g_assert_cmpint (message->type, ==, GLB_SECRETS_ENDED);
  g_assert_cmpuint (message->ended.end - 1, <, GLB_SECRETS_END_LIMIT);
  g_assert_cmpuint (strnlen (message->ended.detail, sizeof message->ended.detail), <, sizeof message->ended.detail);
  for (const char *c = message->ended.detail; *c != '\0'; c++)
    g_assert_true (*c >= ' ' && *c <= '~');
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  for (guint n_fds = 0; n_fds <= 1; n_fds++)
    {
      g_autoptr(GError) error = NULL;
      GlbSecretsMessage message;

      if (!glb_secrets_message_parse (data, size, n_fds, &message, &error))
        {
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }
      g_assert_cmpuint (n_fds, ==, 0);
      check (&message);
    }
  return 0;
}
