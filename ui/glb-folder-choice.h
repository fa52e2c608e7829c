/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* path: of the folder; not called where none is chosen */
typedef void (*GlbFolderChosen) (GObject *owner, const char *path);

/* Opens a dialog. owner lives until it is answered. */
void glb_folder_choose (GtkWindow *parent, const char *title, const char *current, GObject *owner, GlbFolderChosen chosen);

G_END_DECLS
