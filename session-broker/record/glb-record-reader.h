/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/**
 * GlbRecordReader:
 *
 * Reads a recording (docs/recording.md), which may be anybody's: hostile. Opens
 * it up to its last full record, whatever comes after. Nothing outside of the
 * folder is opened, and no symbolic link is followed. Records are counted from
 * 0 here, and from 1 in the file and in messages, where a record's number is
 * its line. Not for two threads.
 */
#define GLB_TYPE_RECORD_READER (glb_record_reader_get_type ())
G_DECLARE_FINAL_TYPE (GlbRecordReader, glb_record_reader, GLB, RECORD_READER, GObject)

/* The longest line that is read, and the most lines' bytes in all. */
#define GLB_RECORD_LINE_MAX  (4u * 1024u * 1024u)
#define GLB_RECORD_LINES_MAX (256u * 1024u * 1024u)

/* Each screen is the whole one after at most so many that are not. */
#define GLB_RECORD_WHOLE_EVERY 256u

/* Fails where not even the first record ("recording") can be read. */
GlbRecordReader *glb_record_reader_open          (const char *folder, GError **error);
/* Likewise; it is that of all that is read later, too, until it is set anew. cancellable: (nullable) */
GlbRecordReader *glb_record_reader_open_cancellable (const char *folder, GCancellable *cancellable, GError **error);
/* Of glb_record_reader_get_screen(). (nullable) */
void             glb_record_reader_set_cancellable (GlbRecordReader *self, GCancellable *cancellable);
/* At least 1. */
guint            glb_record_reader_get_n_records (GlbRecordReader *self);
/* NULL: from "recording" to "end", each line as it was written. Else "cut after record N" or "altered at record N, line L: why";
 * what comes before that can be read. Says nothing of the images: see glb_record_reader_verify(). (nullable) */
const char      *glb_record_reader_get_flaw      (GlbRecordReader *self);
/* All members of a record, "n", "ms", "type" and "prev" too. (transfer full): parsed for this call */
JsonObject      *glb_record_reader_get_record    (GlbRecordReader *self, guint index);
/* What one looks for without parsing. (transfer none) */
const char      *glb_record_reader_get_record_type (GlbRecordReader *self, guint index);
/* Milliseconds since the recording began; never less than the record before has. */
gint64           glb_record_reader_get_record_ms (GlbRecordReader *self, guint index);
/* The screen's size: of the first record. */
void             glb_record_reader_get_size      (GlbRecordReader *self, guint *width, guint *height);
/* The screen as it was when the record was written: all screen records up to and with it. Going forward is cheap. Before
 * the first screen record: G_IO_ERROR_NOT_FOUND. An image that is missing or altered: "altered at record N, line L: why". (transfer full) */
GlbRecordImage  *glb_record_reader_get_screen    (GlbRecordReader *self, guint index, GError **error);
/* Reads all images, too: FALSE with the flaw as error where the recording is not whole. */
gboolean         glb_record_reader_verify        (GlbRecordReader *self, GError **error);

G_END_DECLS
