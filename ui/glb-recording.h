/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ui/glb-recording-entry.h"
#include "ui/glb-recording-moment.h"

G_BEGIN_DECLS

/* So many entries are listed at most; the pictures go on. */
#define GLB_RECORDING_ENTRIES_MAX 100000u

/**
 * GlbRecording:
 *
 * A recording that was opened to be looked at (docs/recording.md), which may be
 * anybody's: hostile. What takes long is done in a thread, one at a time.
 */
#define GLB_TYPE_RECORDING (glb_recording_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecording, glb_recording, GLB, RECORDING, GObject)

/* All of it in this thread. */
GlbRecording       *glb_recording_open         (const char *folder, GCancellable *cancellable, GError **error);
void                glb_recording_open_async   (const char *folder, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GlbRecording       *glb_recording_open_finish  (GAsyncResult *result, GError **error);

const char         *glb_recording_get_folder   (GlbRecording *self);
/* (nullable): why it is not whole, as glb_record_reader_get_flaw() */
const char         *glb_recording_get_flaw     (GlbRecording *self);
gboolean            glb_recording_is_too_long  (GlbRecording *self);
gint64              glb_recording_get_ms       (GlbRecording *self);
/* (transfer none) (element-type GlbRecordingEntry): in their order */
GListModel         *glb_recording_get_entries  (GlbRecording *self);
/* The last record at or before that time. */
guint               glb_recording_find_record  (GlbRecording *self, gint64 ms);
/* The last entry at or before that record: its position among the entries, of which the first record is always one. */
guint               glb_recording_find_entry   (GlbRecording *self, guint record);
/* When the next screen or entry comes. -1: nothing does any more */
gint64              glb_recording_get_next_ms  (GlbRecording *self, gint64 ms);

/* The screen as of that record, and what it was before the entry of that position. (transfer full) (nullable): cancelled */
GlbRecordingMoment *glb_recording_load         (GlbRecording *self, guint entry, guint record, GCancellable *cancellable);
void                glb_recording_load_async   (GlbRecording *self, guint entry, guint record, GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);
GlbRecordingMoment *glb_recording_load_finish  (GlbRecording *self, GAsyncResult *result, GError **error);

G_END_DECLS
