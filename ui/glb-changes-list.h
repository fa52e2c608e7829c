/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/**
 * GlbChangesList:
 *
 * Where two policies differ, in plain words where a key has some.
 */
#define GLB_TYPE_CHANGES_LIST (glb_changes_list_get_type ())
G_DECLARE_FINAL_TYPE (GlbChangesList, glb_changes_list, GLB, CHANGES_LIST, GtkBox)

GtkWidget *glb_changes_list_new          (void);
/* either: (nullable): nothing is shown */
void       glb_changes_list_set_policies (GlbChangesList *self, const GlbPolicy *before, const GlbPolicy *after);

G_END_DECLS
