/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/sandbox/glb-box-message.h"

/* Whatever the bytes: an error, or a message whose fields are in their bounds. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  for (guint n_fds = 0; n_fds <= 4; n_fds++)
    {
      g_autoptr(GError) error = NULL;
      GlbBoxMessage message;

      if (!glb_box_message_parse (data, size, n_fds, &message, &error))
        {
          g_assert_nonnull (error);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }

      g_assert_cmpuint (n_fds, ==, message.type == GLB_INIT_STARTED ? 3 : message.type == GLB_INIT_CONNECTED ? 1 : 0);
      if (message.type == GLB_INIT_FAILED)
        {
          g_assert_cmpuint (strlen (message.failed.detail), <, sizeof message.failed.detail);
          g_assert_true (g_str_is_ascii (message.failed.detail));
          g_assert_nonnull (g_strerror (message.failed.error));
        }
      if (message.type == GLB_INIT_STARTED)
        g_assert_cmpint (message.started.pid, >, 1);
      if (message.type == GLB_INIT_BUS)
        g_assert_cmpint (message.bus.pid, >=, 0);
    }
  return 0;
}
