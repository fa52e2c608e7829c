/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-history.h"

void
glb_clipboard_history_add (GlbClipboardHistory *self,
                           gint64               now_us)
{
  self->times[self->next] = now_us;
  self->next = (self->next + 1) % GLB_CLIPBOARD_HISTORY_SIZE;
  self->n = MIN (self->n + 1, GLB_CLIPBOARD_HISTORY_SIZE);
}

guint
glb_clipboard_history_count_minute (const GlbClipboardHistory *self,
                                    gint64                     now_us)
{
  guint count = 0;

  for (guint i = 0; i < self->n; i++)
    if (self->times[i] > now_us - G_TIME_SPAN_MINUTE)
      count++;
  return count;
}
