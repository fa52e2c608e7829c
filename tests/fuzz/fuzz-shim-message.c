/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-shim-message.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The first byte is the number of descriptors, the rest one packet. What is let through keeps its promises. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static GlbShimMessage message;
  const GlbShimExpect expect[] = {
    { .width = 640, .height = 480 },
    { .ready = TRUE, .width = 640, .height = 480, .generation = 1, .n_slots = 2, .owners_serial = 7 },
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
      g_assert_cmpuint (message.n_types, <=, GLB_SHIM_TYPES_MAX);
      for (guint t = 0; t < message.n_types; t++)
        g_assert_true (memchr (message.types[t], '\0', GLB_SHIM_TYPE_MAX) != NULL && glb_shim_type_is_valid (message.types[t]));
      if (message.type == GLB_SHIM_SELECTION)
        g_assert_true (message.selection.kind < GLB_SHIM_N_SELECTIONS && (message.selection.id == 0) <= (message.n_types == 0));
      if (message.type == GLB_SHIM_PASTED)
        g_assert_true (message.pasted.kind < GLB_SHIM_N_SELECTIONS && message.pasted.bytes <= GLB_SHIM_SET_LENGTH_MAX &&
                       memchr (message.pasted.type, '\0', GLB_SHIM_TYPE_MAX) != NULL);
      if (message.type == GLB_SHIM_OWNER)
        g_assert_true (data[0] % 3 == 1 && message.serial == 7);
      if (message.type == GLB_SHIM_FRAME)
        g_assert_cmpuint (message.frame.slot, <, 2);
    }

  return 0;
}
