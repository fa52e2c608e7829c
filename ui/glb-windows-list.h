/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbWindowsList:
 *
 * The windows of a session, the topmost first.
 *
 * signal ::raise (GlbWindowsList *self, guint id): the person wants that window
 */
#define GLB_TYPE_WINDOWS_LIST (glb_windows_list_get_type ())
G_DECLARE_FINAL_TYPE (GlbWindowsList, glb_windows_list, GLB, WINDOWS_LIST, AdwBin)

GtkWidget *glb_windows_list_new         (void);
/* windows: (nullable): as of Session1.Windows. can_raise: the person drives */
void       glb_windows_list_set_windows (GlbWindowsList *self, GVariant *windows, gboolean can_raise);

G_END_DECLS
