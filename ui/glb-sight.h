/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * GlbSight:
 *
 * Whether somebody sees what a widget draws. A window that is minimised, or on
 * another workspace, stays mapped for GTK, but the display asks it for no
 * pictures any more.
 */
typedef struct _GlbSight GlbSight;

/* shown: somebody sees it again, after glb_sight_draw() said that nobody does */
GlbSight *glb_sight_new   (GtkWidget *widget, void (*shown) (GtkWidget *widget));
void      glb_sight_free  (GlbSight *self);
/* There is something new to draw. FALSE: nobody has looked for a second. */
gboolean  glb_sight_draw  (GlbSight *self);
/* The widget is drawn. */
void      glb_sight_drawn (GlbSight *self);
/* Begins anew: the widget is not mapped any more. */
void      glb_sight_reset (GlbSight *self);

G_END_DECLS
