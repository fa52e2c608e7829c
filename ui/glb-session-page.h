/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-session-item.h"

G_BEGIN_DECLS

#define GLB_TYPE_SESSION_PAGE (glb_session_page_get_type ())
G_DECLARE_FINAL_TYPE (GlbSessionPage, glb_session_page, GLB, SESSION_PAGE, AdwBin)

GtkWidget      *glb_session_page_new         (void);
/* item: (nullable): the session to show; one that is left is handed back to its agent */
void            glb_session_page_set_item    (GlbSessionPage *self, GlbSessionItem *item);
GlbSessionItem *glb_session_page_get_item    (GlbSessionPage *self);
/* The keyboard goes to the question. FALSE: nothing is asked. */
gboolean        glb_session_page_focus_question (GlbSessionPage *self);
/* Nothing to show, and why. */
void            glb_session_page_set_problem (GlbSessionPage *self, const char *title, const char *description);

G_END_DECLS
