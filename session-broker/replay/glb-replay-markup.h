/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Hostile text, for XML and HTML, in attributes and between tags. What XML does not allow, what is no UTF-8, and what turns the
 * direction of text becomes U+FFFD; line feeds and tabs stay. */
void glb_replay_markup_append (GString *out, const char *untrusted_text);

G_END_DECLS
