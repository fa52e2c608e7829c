/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The files of a test, below its own folder. Who wrote the test may have put
 * links there, too: none is followed. untrusted_path has no "..", and no
 * empty parts.
 */
GBytes  *glb_replay_folder_read  (const char *folder, const char *untrusted_path, gsize max_bytes, GError **error);
/* All of it or nothing; folders on the way are made. */
gboolean glb_replay_folder_write (const char *folder, const char *untrusted_path, GBytes *content, GError **error);

G_END_DECLS
