/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* text: valid UTF-8 without NUL. Appends what a person can see of it to out, and counts what is left out. What it
 * appends, cleaned again, stays as it is. */
void  glb_clipboard_text_clean   (const char *text, gsize length, GString *out, GArray *findings);

/* The first max_characters, with hidden characters as ⟨U+202E⟩, and how many more there are. (transfer full) */
char *glb_clipboard_text_preview (const char *text, gsize length, gsize max_characters);

/* For a sample: one line, at most some 40 characters, everything that is not plain visible as ⟨U+001B⟩. (transfer full) */
char *glb_clipboard_text_sample  (const char *text, gsize length);

G_END_DECLS
