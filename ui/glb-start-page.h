/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbStartPage:
 *
 * Starts an agent: what it may, what runs, where, and all of that in plain
 * words before it does. Started, it activates win.show-session with the id.
 */
#define GLB_TYPE_START_PAGE (glb_start_page_get_type ())
G_DECLARE_FINAL_TYPE (GlbStartPage, glb_start_page, GLB, START_PAGE, AdwBin)

GtkWidget *glb_start_page_new           (void);
/* own: a policy of the person's own, else a template */
void       glb_start_page_choose_policy (GlbStartPage *self, const char *name, gboolean own);

G_END_DECLS
