/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The same document with another value at one place, which is made where it is not there; comments, order and white space of
 * the rest stay. text: a document that glb_strict_json_parse() accepts, with an object at each name of pointer but the last.
 * value: JSON. Pure. NULL: text is no such document. (transfer full) (nullable) */
char *glb_json_edit_set (const char *text, const char *pointer, const char *value);

G_END_DECLS
