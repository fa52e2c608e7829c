/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GLB_TYPE_GRANTS_LIST (glb_grants_list_get_type ())
G_DECLARE_FINAL_TYPE (GlbGrantsList, glb_grants_list, GLB, GRANTS_LIST, AdwBin)

GtkWidget *glb_grants_list_new        (void);
/* grants: (element-type GlbDBusGrant1): those that hold now; not kept */
void       glb_grants_list_set_grants (GlbGrantsList *self, GPtrArray *grants);

G_END_DECLS
