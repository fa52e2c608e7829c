/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A file that the person named. It is there whole or not at all: a file beside
 * it is renamed. What is there and is no regular file (a FIFO, /dev/null,
 * /dev/stdout) is written into and stays what it is. A link is followed.
 */
gboolean glb_save           (const char *path, const void *bytes, gsize length, GError **error);
/* Is there something that is written into? */
gboolean glb_save_is_stream (const char *path);

G_END_DECLS
