/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What may wait for a reader, in bytes. */
#define GLB_TRACE_QUEUE_MAX (4u * 1024u * 1024u)

/**
 * GlbTrace:
 *
 * One stream of JSON lines to one reader, by a pipe. It never waits for the
 * reader: who lets more than GLB_TRACE_QUEUE_MAX bytes wait is cut off, maybe
 * within a line.
 *
 * signal ::ended (GlbTrace *self, const char *why)   once, before the pipe is
 *   closed: "reader-gone", "slow-reader" or "finished". Not while a call of
 *   this object goes on.
 */
#define GLB_TYPE_TRACE (glb_trace_get_type ())
G_DECLARE_FINAL_TYPE (GlbTrace, glb_trace, GLB, TRACE, GObject)

/* reader: (out) (transfer full): the end that the reader gets. NULL with G_IO_ERROR. */
GlbTrace *glb_trace_new    (int *reader, GError **error);
/* One line of it. What comes after the end is dropped. */
void      glb_trace_write  (GlbTrace *self, JsonNode *record);
/* No line follows: it ends when the reader has all of them, or some seconds later. */
void      glb_trace_finish (GlbTrace *self);
guint64   glb_trace_get_n_lines (GlbTrace *self);
guint64   glb_trace_get_n_bytes (GlbTrace *self);   /* that went into the pipe */

G_END_DECLS
