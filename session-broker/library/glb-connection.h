/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbConnection:
 *
 * One request and one answer at a time, a line each, over a socket that is
 * connected when it is first needed. A request that is given up closes it:
 * the answer that comes later must not be taken for that of the next.
 *
 * Used by one thread at a time.
 */
typedef struct _GlbConnection GlbConnection;

GlbConnection *glb_connection_new     (const char *path);
void           glb_connection_free    (GlbConnection *self);
/* GLOVEBOX_ERROR_NO_SESSION: nothing listens there. */
gboolean       glb_connection_open    (GlbConnection *self, GError **error);
/* line: without its newline. deadline_us: as of g_get_monotonic_time(). (transfer full): the answer, without its newline. */
GBytes        *glb_connection_request (GlbConnection *self, const char *line, gint64 deadline_us, GCancellable *cancellable, GError **error);

G_END_DECLS
