/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "glb-broker-dbus-generated.h"
#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/**
 * GlbRecorder:
 *
 * Records a session of the person's broker: what happens by Session1.Trace, the
 * screen by Session1.Watch. Frames go back at once; what they changed is
 * written by a thread, and where that does not keep up, changes become one.
 * With masked windows all that is written waits first, so that a window that
 * has just come is masked before it is seen. Runs in the default main context.
 *
 * signal ::ended (GlbRecorder *self): once; see glb_recorder_get_error()
 */
#define GLB_TYPE_RECORDER (glb_recorder_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecorder, glb_recorder, GLB, RECORDER, GObject)

typedef struct
{
  const char         *folder;
  guint64             max_bytes;
  const GlbRect      *masks;
  guint               n_masks;
  const char * const *mask_windows;   /* (nullable): patterns of app ids and titles */
} GlbRecorderOptions;

/* Begins; the folder is made when the session has told its first. */
GlbRecorder  *glb_recorder_new       (GlbDBusSession1 *session, const GlbRecorderOptions *options, GError **error);
/* Writes the last record; ::ended comes soon. */
void          glb_recorder_stop      (GlbRecorder *self);
gboolean      glb_recorder_has_ended (GlbRecorder *self);
/* What kept it from recording on; NULL: it was stopped, or the session ended. (nullable) */
const GError *glb_recorder_get_error (GlbRecorder *self);

G_END_DECLS
