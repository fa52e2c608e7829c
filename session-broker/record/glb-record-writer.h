/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/**
 * GlbRecordWriter:
 *
 * Writes a recording (docs/recording.md) into a new folder. Each record is one
 * write of one line, after the image that it names is there: whatever ends this
 * process, the recording can be read up to its last record. Masked parts of the
 * screen are black from the first copy on. Never grows beyond its size: there is
 * room for the last record in any case. For one thread at a time.
 */
#define GLB_TYPE_RECORD_WRITER (glb_record_writer_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordWriter, glb_record_writer, GLB, RECORD_WRITER, GObject)

typedef struct
{
  guint          width, height;        /* of the screen */
  guint64        max_bytes;            /* of all files */
  const GlbRect *masks;                /* these parts of the screen are black */
  guint          n_masks;
  guint          n_mask_windows;       /* patterns of windows that its user masks: told in the first record */
} GlbRecordWriterOptions;

/* What a recording has at least, so that it can say how it ended. */
#define GLB_RECORD_BYTES_MIN (1024u * 1024u)

/* folder: made here; must not exist, or be empty. session: what the first record says besides version, size and masks. */
GlbRecordWriter *glb_record_writer_new        (const char *folder, const GlbRecordWriterOptions *options, JsonObject *session, GError **error);
/* ms: since the recording began; what is earlier than the record before counts as its time. fields: (nullable). On
 * G_IO_ERROR_NO_SPACE the recording has its size: glb_record_writer_end() still works. */
gboolean         glb_record_writer_append     (GlbRecordWriter *self, gint64 ms, const char *type, JsonObject *fields, GError **error);
/* The part of the screen at x, y now looks like this. Writes what is different of it, if anything, and now and then all of the
 * screen. The first one must be the whole screen. */
gboolean         glb_record_writer_append_screen (GlbRecordWriter *self, gint64 ms, guint64 frame, const GlbRecordImage *part,
                                                  guint x, guint y, GError **error);
/* The last record; flushes the lines to the disk. */
gboolean         glb_record_writer_end        (GlbRecordWriter *self, gint64 ms, const char *reason, GError **error);
guint64          glb_record_writer_get_bytes  (GlbRecordWriter *self);

G_END_DECLS
