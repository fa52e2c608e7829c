/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Reads a pipe to its end. The writer is hostile: it may write without end, or
 * never, or keep its end open. Takes fd, the reading end, which is closed
 * before the result is there: a writer then gets EPIPE.
 *
 * Errors: G_IO_ERROR_MESSAGE_TOO_LARGE more than max_bytes came, of which no
 * more than one byte was kept; G_IO_ERROR_TIMED_OUT; G_IO_ERROR_CANCELLED.
 */
void    glb_pipe_reader_read_async  (int fd, gsize max_bytes, guint deadline_ms, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
GBytes *glb_pipe_reader_read_finish (GAsyncResult *result, GError **error);

G_END_DECLS
