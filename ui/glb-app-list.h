/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbAppList:
 *
 * The applications that are installed, with a search, in a popover.
 *
 * signal ::chosen (GlbAppList *self, GAppInfo *application)
 */
#define GLB_TYPE_APP_LIST (glb_app_list_get_type ())
G_DECLARE_FINAL_TYPE (GlbAppList, glb_app_list, GLB, APP_LIST, GtkPopover)

GtkWidget *glb_app_list_new         (void);
/* The command of a desktop file without what stands for files and addresses ("%U"). (transfer full) */
char      *glb_app_list_get_command (GAppInfo *application);

G_END_DECLS
