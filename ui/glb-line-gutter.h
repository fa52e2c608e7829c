/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * GlbLineGutter:
 *
 * The numbers of a text view's lines, for its left gutter; one of them may be
 * marked.
 */
#define GLB_TYPE_LINE_GUTTER (glb_line_gutter_get_type ())
G_DECLARE_FINAL_TYPE (GlbLineGutter, glb_line_gutter, GLB, LINE_GUTTER, GtkWidget)

/* Puts itself into view, which owns it. */
GlbLineGutter *glb_line_gutter_new      (GtkTextView *view);
/* line: from 1; 0: none */
void           glb_line_gutter_set_mark (GlbLineGutter *self, guint line);

G_END_DECLS
