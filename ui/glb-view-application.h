/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GLB_TYPE_VIEW_APPLICATION (glb_view_application_get_type ())
G_DECLARE_FINAL_TYPE (GlbViewApplication, glb_view_application, GLB, VIEW_APPLICATION, AdwApplication)

/* Its actions "show-session" (s: id or name) and "show-recording" (s: a folder, as a URI) open one, also in the instance that runs
 * already. */
GlbViewApplication *glb_view_application_new (void);

G_END_DECLS
