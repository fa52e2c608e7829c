/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbDoctorPage:
 *
 * What this machine can enforce, as `glovebox doctor` finds, in plain words and
 * with what to do. The first page that a person sees.
 */
#define GLB_TYPE_DOCTOR_PAGE (glb_doctor_page_get_type ())
G_DECLARE_FINAL_TYPE (GlbDoctorPage, glb_doctor_page, GLB, DOCTOR_PAGE, AdwBin)

GtkWidget *glb_doctor_page_new (void);

/* Whether the person has seen it already, as the state folder remembers. */
gboolean   glb_doctor_page_is_first_run (void);
void       glb_doctor_page_remember     (void);

G_END_DECLS
