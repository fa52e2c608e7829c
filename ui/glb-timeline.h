/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ui/glb-session-gates.h"
#include "ui/glb-timeline-entry.h"

G_BEGIN_DECLS

/**
 * GlbTimeline:
 *
 * What happened in a session since the app knows it, newest first, and not
 * without end: actions, questions, permissions, refusals, states. The broker's
 * audit log has all of it.
 */
#define GLB_TYPE_TIMELINE (glb_timeline_get_type ())
G_DECLARE_FINAL_TYPE (GlbTimeline, glb_timeline, GLB, TIMELINE, GObject)

/* What is on the screen now, small. (transfer full) (nullable) */
typedef GdkTexture *(*GlbTimelineCamera) (gpointer user_data);

GlbTimeline *glb_timeline_new         (GlbDBusSession1 *session, GlbSessionGates *gates);
/* (transfer none) (element-type GlbTimelineEntry) */
GListModel  *glb_timeline_get_entries (GlbTimeline *self);
/* camera: (nullable) */
void         glb_timeline_set_camera  (GlbTimeline *self, GlbTimelineCamera camera, gpointer user_data);

G_END_DECLS
