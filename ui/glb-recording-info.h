/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLB_RECORDING_WHOLE,
  GLB_RECORDING_OPEN,          /* without an end: it is being made, or its recorder was killed */
  GLB_RECORDING_UNREADABLE,
} GlbRecordingState;

/**
 * GlbRecordingInfo:
 *
 * What the list of recordings says of one, without reading all of it: of its
 * first record, its last, and the files' sizes. It may be anybody's: hostile.
 */
#define GLB_TYPE_RECORDING_INFO (glb_recording_info_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingInfo, glb_recording_info, GLB, RECORDING_INFO, GObject)

/* (nullable): there is no recording in this folder. Reads: for a thread */
GlbRecordingInfo  *glb_recording_info_new         (const char *folder);
const char        *glb_recording_info_get_folder  (GlbRecordingInfo *self);
/* Of the folder, as UTF-8. */
const char        *glb_recording_info_get_name    (GlbRecordingInfo *self);
/* (nullable): what ran in it, in one line */
const char        *glb_recording_info_get_command (GlbRecordingInfo *self);
GlbRecordingState  glb_recording_info_get_state   (GlbRecordingInfo *self);
/* -1: unknown */
gint64             glb_recording_info_get_ms      (GlbRecordingInfo *self);
/* Unix time of the last change. */
gint64             glb_recording_info_get_time    (GlbRecordingInfo *self);

/* $XDG_DATA_HOME/glovebox/recordings. (transfer full) */
char              *glb_recording_folder_dup_default (void);
/* A folder in it that is not there yet, for a recording of a session of this name that begins now; what it is in is made, 0700.
 * (transfer full) */
char              *glb_recording_folder_dup_new     (const char *session, GError **error);

/* So many are listed of a folder at most. */
#define GLB_RECORDING_INFOS_MAX 2000u

/* All recordings in a folder, the newest first; none where there is no such folder. */
void               glb_recording_folder_list_async  (const char *folder, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                     gpointer user_data);
/* (transfer container) (element-type GlbRecordingInfo) */
GPtrArray         *glb_recording_folder_list_finish (GAsyncResult *result, GError **error);

G_END_DECLS
