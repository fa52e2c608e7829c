/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest pattern in characters, most patterns of one kind. */
#define GLB_GLOB_CHARACTERS_MAX 256u
#define GLB_GLOBS_MAX           64u

/* Does all of text match? `*` is any run of characters, `?` any one; all others are themselves. Both valid UTF-8. */
gboolean glb_glob_match (const char *pattern, const char *text);

G_END_DECLS
