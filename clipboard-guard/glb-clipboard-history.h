/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The most that a policy can permit a minute. */
#define GLB_CLIPBOARD_HISTORY_SIZE 600

/**
 * GlbClipboardHistory:
 *
 * When requests were let through to the person or across, the last 600. One
 * for each session and direction; all zero is empty. Plain value.
 */
typedef struct
{
  gint64 times[GLB_CLIPBOARD_HISTORY_SIZE];
  guint  n;
  guint  next;
} GlbClipboardHistory;

void  glb_clipboard_history_add          (GlbClipboardHistory *self, gint64 now_us);
/* Of the last 60 seconds. A time in the future counts: a clock that went back gives nobody new requests. */
guint glb_clipboard_history_count_minute (const GlbClipboardHistory *self, gint64 now_us);

G_END_DECLS
