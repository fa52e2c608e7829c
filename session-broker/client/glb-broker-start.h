/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connected stream socket to path whose other end runs under our user id; -1: G_IO_ERROR_NOT_FOUND where
 * nobody answers. */
int glb_broker_connect (const char *path, GError **error);

/* The same, but starts the broker where nobody answers and waits until it says that it is ready; at most
 * deadline (monotonic, microseconds). */
int glb_broker_start   (const char *runtime_dir, const char *path, gint64 deadline, GCancellable *cancellable, GError **error);

/* Waits until fd has something to read, at most until deadline (monotonic, microseconds). FALSE: G_IO_ERROR_TIMED_OUT, or cancelled. */
gboolean glb_broker_wait_readable (int fd, gint64 deadline, GCancellable *cancellable, GError **error);

G_END_DECLS
