/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GLB_TYPE_VIEW_APPLICATION (glb_view_application_get_type ())
G_DECLARE_FINAL_TYPE (GlbViewApplication, glb_view_application, GLB, VIEW_APPLICATION, AdwApplication)

/* session: (nullable): id or name; NULL: the newest one, or the next that starts. */
GlbViewApplication *glb_view_application_new (const char *session);

G_END_DECLS
