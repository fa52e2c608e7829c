/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/record/glb-record-reader.h"

G_BEGIN_DECLS

/* What a recording shows of one moment. */
typedef struct
{
  GlbRecordImage *before;      /* (nullable): the screen before what happened last */
  GlbRecordImage *now;         /* (nullable) */
  GlbRecordImage *difference;  /* (nullable): now, dim and grey where it is as before */
  char *problem;               /* (nullable): why there is no picture */
  guint64 n_changed;           /* pixels */
  GlbRect changed;             /* around all of them */
  char *windows;               /* (nullable): one a line, the topmost first */
  char *details;               /* (nullable): what the entry's record says beyond its title */
} GlbRecordingMoment;

GlbRecordingMoment *glb_recording_moment_new     (void);
void                glb_recording_moment_free    (GlbRecordingMoment *self);
/* Of before and now, where both are there. */
void                glb_recording_moment_compare (GlbRecordingMoment *self);

/* Of hostile records; plain text, of which nothing is hidden, and not longer than can be read. (transfer full) (nullable) */
char               *glb_recording_describe_windows (JsonObject *untrusted_record);
char               *glb_recording_describe_details (JsonObject *untrusted_record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbRecordingMoment, glb_recording_moment_free)

G_END_DECLS
