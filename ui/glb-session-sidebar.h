/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-session-item.h"

G_BEGIN_DECLS

/**
 * GlbSessionSidebar:
 *
 * What there is to know about a session beside its screen: its windows, what
 * it takes, what it may and was refused, and what happened in it.
 *
 * signal ::raise (GlbSessionSidebar *self, guint id): the person wants that window
 */
#define GLB_TYPE_SESSION_SIDEBAR (glb_session_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (GlbSessionSidebar, glb_session_sidebar, GLB, SESSION_SIDEBAR, AdwBin)

GtkWidget *glb_session_sidebar_new         (void);
/* item: (nullable) */
void       glb_session_sidebar_set_item    (GlbSessionSidebar *self, GlbSessionItem *item);
/* The person drives: a click on a window raises it. */
void       glb_session_sidebar_set_driving (GlbSessionSidebar *self, gboolean driving);

G_END_DECLS
