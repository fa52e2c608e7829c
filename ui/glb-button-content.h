/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbButtonContent:
 *
 * An icon and a label in a button, as AdwButtonContent has them. Where there
 * is no room for the label there is the short one, or none, and the button
 * keeps its name.
 *
 * property icon-name, label: as GtkImage and GtkLabel have them
 * property short-label: (nullable)
 */
#define GLB_TYPE_BUTTON_CONTENT (glb_button_content_get_type ())
G_DECLARE_FINAL_TYPE (GlbButtonContent, glb_button_content, GLB, BUTTON_CONTENT, AdwBin)

void glb_button_content_set_icon_name (GlbButtonContent *self, const char *icon_name);
void glb_button_content_set_label     (GlbButtonContent *self, const char *label);

G_END_DECLS
