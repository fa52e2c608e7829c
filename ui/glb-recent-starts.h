/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ui/glb-start.h"

G_BEGIN_DECLS

#define GLB_RECENT_STARTS_MAX 8

/* What the person started last, in folder (the state folder): newest first, each once, never more than the bound. What is
 * damaged is left out. */
GPtrArray *glb_recent_starts_load (const char *folder);   /* (transfer full) (element-type GlbStart) */
void       glb_recent_starts_add  (const char *folder, const GlbStart *start);

G_END_DECLS
