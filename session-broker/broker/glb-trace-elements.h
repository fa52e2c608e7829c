/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-accessibility.h"

G_BEGIN_DECLS

/**
 * GlbTraceElements:
 *
 * The elements that a person's gestures begin at. They are asked for when a
 * button or key goes down, because when a gesture is told, it is long over. The
 * person does not wait: what has gone by then is not known.
 */
typedef struct _GlbTraceElements GlbTraceElements;

/* The pointer is at x, y. */
GlbTraceElements *glb_trace_elements_new  (GlbAccessibility *accessibility, int x, int y);
void              glb_trace_elements_free (GlbTraceElements *self);
/* Before it is delivered. time_us: what its gesture will have begun at. */
void              glb_trace_elements_add  (GlbTraceElements *self, const GlbShimEvent *event, gint64 time_us);
/* Of a gesture of the pointer, or of the keyboard. (transfer none) (nullable) */
JsonNode         *glb_trace_elements_find (GlbTraceElements *self, gboolean is_pointer, gint64 began_us);

G_END_DECLS
