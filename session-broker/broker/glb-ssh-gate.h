/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-key-context.h"

G_BEGIN_DECLS

/**
 * GlbSshGate:
 *
 * The session's SSH_AUTH_SOCK. It speaks as much of the protocol of ssh-agent
 * as using a key needs, and hands to the person's agent only what the person
 * said yes to, who was told what is to be signed. The keys stay there.
 *
 * A key that the session was not shown is not asked about: else it could find
 * out which keys there are without a question.
 */
#define GLB_TYPE_SSH_GATE (glb_ssh_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbSshGate, glb_ssh_gate, GLB, SSH_GATE, GObject)

/* fd: a listening socket; taken. agent: (nullable): where the person's agent listens; NULL: as the broker's environment says. */
GlbSshGate *glb_ssh_gate_new   (int fd, const char *agent, const GlbKeyContext *context, GError **error);
/* Nothing is signed any more. */
void        glb_ssh_gate_close (GlbSshGate *self);

G_END_DECLS
