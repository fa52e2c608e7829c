/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbRecordingJob:
 *
 * One run of `glovebox recording video` or `glovebox recording test`. Unlike
 * the recording, its result is a file for others: it is there whole, or not.
 *
 * signal ::progress (GlbRecordingJob *self, int percent)
 * signal ::done (GlbRecordingJob *self, gboolean made, const char *message): message: (nullable): what it said; once, and not
 * when it was cancelled
 */
#define GLB_TYPE_RECORDING_JOB (glb_recording_job_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordingJob, glb_recording_job, GLB, RECORDING_JOB, GObject)

/* verb: "video" or "test" */
GlbRecordingJob *glb_recording_job_new    (const char *verb, const char *folder, const char *file, GError **error);
const char      *glb_recording_job_get_file (GlbRecordingJob *self);
/* Ends the program, which leaves no file. */
void             glb_recording_job_cancel (GlbRecordingJob *self);

G_END_DECLS
