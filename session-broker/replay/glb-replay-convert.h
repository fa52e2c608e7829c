/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Is it the folder of a recording? */
gboolean glb_replay_is_recording (const char *path);
/* Makes a test of a recording, which may be anybody's: the file, and beside it the folder of its pictures, which is new or empty.
 * file: ends in ".json". notes: (element-type utf8): lines for the person: what is not in the test, and why. A recording that was
 * cut is an error, unless cut: then the test has what there is, and a note says so. */
gboolean glb_replay_convert      (const char *recording, const char *file, gboolean cut, GPtrArray *notes, GError **error);
/* Removes what glb_replay_convert() wrote. */
void     glb_replay_remove_test  (const char *file);

G_END_DECLS
