/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* html: valid UTF-8 without NUL. Appends a new, well-formed document fragment to out, and to text what a reader sees of it,
 * links with their targets. FALSE: out would be longer than max_bytes. */
gboolean glb_clipboard_html_clean (const char *html, gsize length, gsize max_bytes, GString *out, GString *text, GArray *findings);

G_END_DECLS
