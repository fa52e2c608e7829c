/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Makes a video of a recording, of what there is of it. flaw: (out): why that is not all, or NULL. (transfer full) */
gboolean glb_video_make (const char *folder, const char *path, char **flaw, GError **error);

G_END_DECLS
