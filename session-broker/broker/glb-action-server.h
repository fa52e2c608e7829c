/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-action-runner.h"

G_BEGIN_DECLS

/**
 * GlbActionServer:
 *
 * The socket on which an agent inside the session sends its actions: one JSON
 * object a line, one line back. Images come in the reply's "png", base64.
 * The other side is hostile: lines, connections and refusals are bounded, and
 * who does not read its replies hurts itself only.
 */
#define GLB_TYPE_ACTION_SERVER (glb_action_server_get_type ())
G_DECLARE_FINAL_TYPE (GlbActionServer, glb_action_server, GLB, ACTION_SERVER, GObject)

/* fd: a listening socket; taken. */
GlbActionServer *glb_action_server_new   (int fd, GlbActionRunner *runner, GError **error);
void             glb_action_server_close (GlbActionServer *self);

G_END_DECLS
