/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "input-filter/glb-input-scene.h"
#include "input-filter/glb-key-map.h"

G_BEGIN_DECLS

/* When an event comes, and what is there then. */
typedef struct
{
  gint64               time_us;    /* never less than the one before */
  guint64              frame;      /* the newest */
  const GlbInputScene *scene;      /* the pointer in it means nothing */
} GlbTraceMoment;

/* What a person did: one action of docs/actions.md, and what was there when it began. */
typedef struct
{
  JsonNode     *action;
  gint64        began_us;
  guint64       frame;
  GlbShimWindow window;            /* id 0: it acted on none */
} GlbTraceGesture;

void glb_trace_gesture_free (GlbTraceGesture *self);

/**
 * GlbTraceGestures:
 *
 * From a person's seat events to actions: clicks, drags, scrolling, text and
 * chords. A gesture is told when nothing that may still come belongs to it.
 * Pure: time is what the events say.
 *
 * What is told, carried out again, presses and releases in balance: a button is
 * only told as down (left_mouse_down) where something happens while it is, and
 * then it is told as up.
 *
 * Not told, because no action says it: other buttons than three, a second
 * finger, what the middle and the right button drag.
 */
typedef struct _GlbTraceGestures GlbTraceGestures;

/* keys: (nullable). The pointer is at x, y, and nothing is pressed. */
GlbTraceGestures *glb_trace_gestures_new     (const GlbKeyMap *keys, int x, int y);
void              glb_trace_gestures_free    (GlbTraceGestures *self);
/* Coordinates are on the screen. */
void              glb_trace_gestures_add     (GlbTraceGestures *self, const GlbShimEvent *event, const GlbTraceMoment *moment);
/* No event until now. */
void              glb_trace_gestures_pass    (GlbTraceGestures *self, gint64 now_us);
/* When to call that: G_MAXINT64: nothing waits for time to pass. */
gint64            glb_trace_gestures_get_due (const GlbTraceGestures *self);
/* All that is pressed was released, and somebody else has the seat. */
void              glb_trace_gestures_release (GlbTraceGestures *self, gint64 now_us);
/* (transfer full) (nullable): there is none */
GlbTraceGesture  *glb_trace_gestures_take    (GlbTraceGestures *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTraceGesture, glb_trace_gesture_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTraceGestures, glb_trace_gestures_free)

G_END_DECLS
