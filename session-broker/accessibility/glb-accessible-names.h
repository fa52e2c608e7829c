/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers of AT-SPI's states that are asked for by name here. */
#define GLB_ACCESSIBLE_STATE_FOCUSED 12u
#define GLB_ACCESSIBLE_STATE_SHOWING 25u
#define GLB_ACCESSIBLE_STATE_VISIBLE 30u

/* "push button"; "unknown" for one that is not known here. */
const char *glb_accessible_role_to_string  (guint32 role);
/* (nullable): "focused"; no such state */
const char *glb_accessible_state_to_string (guint state);
/* "GtkMenuButton", as GTK 4 calls what its program gave no name. */
gboolean    glb_accessible_is_class_name   (const char *name);

G_END_DECLS
