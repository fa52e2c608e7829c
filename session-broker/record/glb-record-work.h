/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/record/glb-record-writer.h"

G_BEGIN_DECLS

/**
 * GlbRecordWork:
 *
 * A thread that hashes, encodes and writes what it is given, in order, so that
 * whoever gets frames does not wait for it. Does not bound what waits: its user
 * looks at glb_record_work_get_bytes() and gives less.
 */
typedef struct _GlbRecordWork GlbRecordWork;

/* In the default main context, once, after the first error; nothing more is written. */
typedef void (*GlbRecordWorkFailed) (gpointer user_data);

GlbRecordWork *glb_record_work_new         (GlbRecordWriter *writer, GlbRecordWorkFailed failed, gpointer user_data);   /* takes writer */
/* Takes part. */
void           glb_record_work_push_screen (GlbRecordWork *self, gint64 ms, guint64 frame, GlbRecordImage *part, guint x, guint y);
/* Takes fields, which nobody else may use any more: its parts count their users without a lock. */
void           glb_record_work_push_record (GlbRecordWork *self, gint64 ms, const char *type, JsonObject *fields);
/* Of images that wait. */
gsize          glb_record_work_get_bytes   (GlbRecordWork *self);
/* Waits until all is written, writes the last record, and ends the thread. FALSE: the first error. */
gboolean       glb_record_work_finish      (GlbRecordWork *self, gint64 ms, const char *reason, GError **error);
void           glb_record_work_free        (GlbRecordWork *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbRecordWork, glb_record_work_free)

G_END_DECLS
