/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-timeline.h"

G_BEGIN_DECLS

/* The timeline of a session, of all kinds or of one, with the picture of the chosen moment. */
#define GLB_TYPE_TIMELINE_VIEW (glb_timeline_view_get_type ())
G_DECLARE_FINAL_TYPE (GlbTimelineView, glb_timeline_view, GLB, TIMELINE_VIEW, AdwBin)

GtkWidget *glb_timeline_view_new          (void);
/* timeline: (nullable) */
void       glb_timeline_view_set_timeline (GlbTimelineView *self, GlbTimeline *timeline);

G_END_DECLS
