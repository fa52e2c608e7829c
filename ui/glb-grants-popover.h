/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GLB_TYPE_GRANTS_POPOVER (glb_grants_popover_get_type ())
G_DECLARE_FINAL_TYPE (GlbGrantsPopover, glb_grants_popover, GLB, GRANTS_POPOVER, GtkPopover)

/* grants: (element-type GlbDBusGrant1): those that hold now; not kept */
void glb_grants_popover_set_grants (GlbGrantsPopover *self, GPtrArray *grants);

G_END_DECLS
