/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A drop down's focus is on a button within it, which GTK leaves without a name. name: what it chooses */
void glb_accessible_name_drop_down (GtkDropDown *drop_down, const char *name);

G_END_DECLS
