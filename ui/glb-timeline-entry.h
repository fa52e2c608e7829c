/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

typedef enum
{
  GLB_TIMELINE_ACTION,
  GLB_TIMELINE_QUESTION,
  GLB_TIMELINE_GRANT,
  GLB_TIMELINE_REFUSAL,
  GLB_TIMELINE_STATE,
} GlbTimelineKind;

/* One thing that happened in a session. Never changes. */
#define GLB_TYPE_TIMELINE_ENTRY (glb_timeline_entry_get_type ())
G_DECLARE_FINAL_TYPE (GlbTimelineEntry, glb_timeline_entry, GLB, TIMELINE_ENTRY, GObject)

/* time_us: Unix time. title, detail: plain text. picture: (nullable): what was on the screen */
GlbTimelineEntry *glb_timeline_entry_new          (GlbTimelineKind kind, gint64 time_us, const char *title, const char *detail,
                                                   GdkTexture *picture);
GlbTimelineKind   glb_timeline_entry_get_kind     (GlbTimelineEntry *self);
const char       *glb_timeline_entry_get_title    (GlbTimelineEntry *self);
const char       *glb_timeline_entry_get_detail   (GlbTimelineEntry *self);   /* (nullable) */
/* (transfer full) (nullable) */
GdkTexture       *glb_timeline_entry_load_picture (GlbTimelineEntry *self);
/* "14:05:09". (transfer full) */
char             *glb_timeline_entry_dup_time     (GlbTimelineEntry *self);

G_END_DECLS
