/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Rings that show for a moment where the agent clicked, over the picture, and never in the way of the pointer. */
#define GLB_TYPE_RIPPLES (glb_ripples_get_type ())
G_DECLARE_FINAL_TYPE (GlbRipples, glb_ripples, GLB, RIPPLES, GtkWidget)

GtkWidget *glb_ripples_new   (void);
/* x, y: of the widget */
void       glb_ripples_add   (GlbRipples *self, double x, double y, gboolean refused);
/* How many are to be seen now. */
guint      glb_ripples_count (GlbRipples *self);

G_END_DECLS
