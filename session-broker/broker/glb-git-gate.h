/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-key-context.h"

G_BEGIN_DECLS

/**
 * GlbGitGate:
 *
 * The socket on which glovebox-git-credential, or whoever else in the session
 * connects, asks for the person's Git credentials of a host. After a yes they
 * are asked of the person's own Git, and handed in: from then on the session
 * has them.
 */
#define GLB_TYPE_GIT_GATE (glb_git_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbGitGate, glb_git_gate, GLB, GIT_GATE, GObject)

/* fd: a listening socket; taken. */
GlbGitGate *glb_git_gate_new   (int fd, const GlbKeyContext *context, GError **error);
/* Nothing is handed in any more. */
void        glb_git_gate_close (GlbGitGate *self);

G_END_DECLS
