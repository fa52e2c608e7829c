/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/broker/glb-shim-message.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The first byte is the number of descriptors, the rest one packet. What is let through keeps its promises. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static GlbShimMessage message;
  const GlbShimExpect expect[] = {
    { .width = 640, .height = 480 },
    { .ready = TRUE, .width = 640, .height = 480, .generation = 1, .n_slots = 2 },
  };

  for (guint i = 0; size > 0 && i < G_N_ELEMENTS (expect); i++)
    {
      g_autoptr(GError) error = NULL;

      if (!glb_shim_message_parse (data + 1, size - 1, data[0] % 3, &expect[i], &message, &error))
        {
          g_assert_nonnull (error);
          continue;
        }
      g_assert_cmpuint (message.n_rects, <=, GLB_SHIM_RECTS_MAX);
      g_assert_cmpuint (message.n_windows, <=, GLB_SHIM_WINDOWS_MAX);
      for (guint r = 0; r < message.n_rects; r++)
        g_assert_true (message.rects[r].x >= 0 && message.rects[r].x + message.rects[r].width <= 640 &&
                       message.rects[r].y >= 0 && message.rects[r].y + message.rects[r].height <= 480);
      for (guint w = 0; w < message.n_windows; w++)
        g_assert_true (g_utf8_validate (message.windows[w].title, -1, NULL) && g_utf8_validate (message.windows[w].app_id, -1, NULL));
      if (message.type == GLB_SHIM_FRAME)
        g_assert_cmpuint (message.frame.slot, <, 2);
    }

  return 0;
}
