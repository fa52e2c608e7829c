/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Makes the rows of GlbRecordingEntry: when, who, what. (transfer full) */
GtkListItemFactory *glb_recording_rows_new (void);

/* "1:05.2", "1:02:03.4"; without tenths for what is only as long as that. (transfer full) */
char               *glb_recording_format_ms (gint64 ms, gboolean tenths);

G_END_DECLS
