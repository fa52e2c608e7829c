/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/media/glb-publish-message.h"

/* Whatever the bytes: an error, or a message that the broker knows, with a number in its bounds and no descriptor. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  for (guint n_fds = 0; n_fds <= 2; n_fds++)
    {
      g_autoptr(GError) error = NULL;
      GlbPublishMessage message;

      if (!glb_publish_message_parse (data, size, n_fds, &message, &error))
        {
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }
      g_assert_cmpuint (n_fds, ==, 0);
      g_assert_true (message.type >= GLB_PUBLISH_BEGUN && message.type <= GLB_PUBLISH_ENDED);
      g_assert_cmpuint (message.value, <=, message.type == GLB_PUBLISH_BEGUN ? 0 : 1);
    }
  return 0;
}
