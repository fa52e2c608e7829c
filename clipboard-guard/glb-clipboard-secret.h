/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Counts what looks like a secret. Linear in the length, whatever the text. TRUE: something did. */
gboolean glb_clipboard_secret_scan (const char *text, gsize length, GArray *findings);

G_END_DECLS
