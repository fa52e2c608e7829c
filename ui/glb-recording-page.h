/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbRecordingPage:
 *
 * The recordings of a folder as a list, and one of them that is looked at.
 */
#define GLB_TYPE_RECORDING_PAGE (glb_recording_page_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingPage, glb_recording_page, GLB, RECORDING_PAGE, AdwBin)

GtkWidget *glb_recording_page_new  (void);
/* folder: a recording's, wherever it is */
void       glb_recording_page_open (GlbRecordingPage *self, const char *folder);

G_END_DECLS
