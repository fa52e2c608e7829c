/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A drop down's focus is on a button within it, which GTK leaves without a name. name: what it chooses */
void glb_accessible_name_drop_down (GtkDropDown *drop_down, const char *name);
/* The menu of a split button, which libadwaita leaves without a name: as its tooltip says. */
void glb_accessible_name_split_button (AdwSplitButton *button);
/* GTK 4.8 says a button's mnemonic as it is written, “underscore Start”. For all buttons in widget that have one. */
void glb_accessible_drop_underscores (GtkWidget *widget);
/* Where the text in a button says too little; this alone is its name then. */
void glb_accessible_name_button (GtkButton *button, const char *name);
/* For a button whose text has a mnemonic and changes. */
void glb_accessible_set_button_label (GtkButton *button, const char *label);

G_END_DECLS
