/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Makes a video of a recording, of what there is of it. flaw: (out): why that is not all, or NULL. (transfer full) */
gboolean glb_video_make (const char *folder, const char *path, char **flaw, GError **error);
/* Likewise; progress: (nullable): called with what is done of it, 0 to 100, when that grew. */
gboolean glb_video_make_telling (const char *folder, const char *path, void (*progress) (guint percent), char **flaw, GError **error);

G_END_DECLS
