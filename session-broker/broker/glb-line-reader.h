/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/broker/glb-line-pace.h"

G_BEGIN_DECLS

/**
 * GlbLineReader:
 *
 * The lines of a hostile client, one at a time. Who writes too long a line, or
 * too many of them, is read no further than what is asked for: what waits stays
 * in the client's own buffers, and is bounded here by one line and one read.
 */
#define GLB_TYPE_LINE_READER (glb_line_reader_get_type ())
G_DECLARE_FINAL_TYPE (GlbLineReader, glb_line_reader, GLB, LINE_READER, GObject)

/* max_bytes: of a line, without its end. read_bytes: at once. pace: not owned; of all that share it. */
GlbLineReader *glb_line_reader_new (GInputStream *stream, gsize max_bytes, gsize read_bytes, GlbLinePace *pace);

/* The next line, when its turn has come. Not before the one before it is finished. */
void           glb_line_reader_read_async  (GlbLineReader *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* NULL without an error: no line follows. G_IO_ERROR_MESSAGE_TOO_LARGE: it is longer than max_bytes; read no more.
 * length: of the line, which may hold a NUL. (transfer full) */
char          *glb_line_reader_read_finish (GlbLineReader *self, GAsyncResult *result, gsize *length, GError **error);

G_END_DECLS
