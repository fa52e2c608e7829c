/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What one looks for in a recording; screens are in none. */
typedef enum
{
  GLB_RECORDING_ACTION,
  GLB_RECORDING_QUESTION,      /* and its answer */
  GLB_RECORDING_WINDOWS,
  GLB_RECORDING_OUTPUT,
  GLB_RECORDING_STATE,         /* begins, ends, changes its driver */
} GlbRecordingKind;

#define GLB_N_RECORDING_KINDS (GLB_RECORDING_STATE + 1)

typedef enum
{
  GLB_RECORDING_NOBODY,
  GLB_RECORDING_AGENT,
  GLB_RECORDING_HUMAN,
  GLB_RECORDING_REPLAY,
} GlbRecordingActor;

/**
 * GlbRecordingEntry:
 *
 * One thing that happened in a recording, as a line of its list.
 */
#define GLB_TYPE_RECORDING_ENTRY (glb_recording_entry_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingEntry, glb_recording_entry, GLB, RECORDING_ENTRY, GObject)

/* record: hostile, at that index (counted from 0). driver: who drove until then. (nullable): nothing that one looks for */
GlbRecordingEntry *glb_recording_entry_new         (JsonObject *untrusted_record, guint index, gint64 ms, GlbRecordingActor driver);
/* Of the record. */
guint              glb_recording_entry_get_index   (GlbRecordingEntry *self);
/* Of the last record that belongs to it: where the screen came to rest after an action. */
guint              glb_recording_entry_get_last    (GlbRecordingEntry *self);
void               glb_recording_entry_set_last    (GlbRecordingEntry *self, guint index);
gint64             glb_recording_entry_get_ms      (GlbRecordingEntry *self);
GlbRecordingKind   glb_recording_entry_get_kind    (GlbRecordingEntry *self);
/* Who did it; of what nobody did: who drove. */
GlbRecordingActor  glb_recording_entry_get_actor   (GlbRecordingEntry *self);
/* One line without control characters. */
const char        *glb_recording_entry_get_title   (GlbRecordingEntry *self);
/* An action that was refused, or a question answered with no. */
gboolean           glb_recording_entry_is_refused  (GlbRecordingEntry *self);
/* Where on the screen it was done. FALSE: nowhere */
gboolean           glb_recording_entry_get_place   (GlbRecordingEntry *self, int *x, int *y);

/* The translated names. */
const char        *glb_recording_kind_get_name     (GlbRecordingKind kind);
const char        *glb_recording_actor_get_name    (GlbRecordingActor actor);
/* "agent", "human", "replay" or "nobody": of CSS */
const char        *glb_recording_actor_get_class   (GlbRecordingActor actor);
GlbRecordingActor  glb_recording_actor_parse       (const char *untrusted_word);

G_END_DECLS
