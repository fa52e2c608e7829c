/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-box.h"

G_BEGIN_DECLS

/* Of a program that does not accept; a pause of the session does not count. */
#define GLB_BOX_DIAL_MS 10000

/**
 * glb_box_dial_async:
 * @box: runs
 * @port: of TCP
 *
 * Connects to what listens on the session's own loopback, on 127.0.0.1 or else
 * on ::1. Waits as long as the session is paused.
 */
void glb_box_dial_async  (GlbBox *box, guint16 port, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The connected socket, non-blocking, which is the caller's; -1 with a GIOErrorEnum, or GLB_SANDBOX_ERROR_FAILED: the box is gone. */
int  glb_box_dial_finish (GAsyncResult *result, GError **error);

G_END_DECLS
