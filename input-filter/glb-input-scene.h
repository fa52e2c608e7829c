/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "compositor-shim/glb-shim-protocol.h"

G_BEGIN_DECLS

/* What is known of the screen when an event is decided upon. Titles and ids are whatever the programs say. */
typedef struct
{
  const GlbShimWindow *windows;      /* bottom to top */
  guint                n_windows;
  guint32              focus;        /* id, 0: none */
  int                  pointer_x, pointer_y;
} GlbInputScene;

/* (nullable): the topmost window there; menus that reach beyond their window are not windows */
const GlbShimWindow *glb_input_scene_find_at (const GlbInputScene *self, int x, int y);
/* (nullable): no such window, or 0 */
const GlbShimWindow *glb_input_scene_find    (const GlbInputScene *self, guint32 id);
/* app_id, title: globs, NULL: any */
gboolean             glb_window_matches      (const GlbShimWindow *window, const char *app_id, const char *title);

G_END_DECLS
