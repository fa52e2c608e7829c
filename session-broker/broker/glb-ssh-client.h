/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/broker/glb-line-pace.h"
#include "session-broker/keys/glb-ssh-message.h"

G_BEGIN_DECLS

/**
 * GlbSshClient:
 *
 * One connection of a program that speaks to what it takes for its ssh-agent:
 * messages, one after the other. The next is not read before this one is
 * answered, and who goes away meanwhile is heard of at once.
 *
 * signal ::asked (GlbSshClient *self, GBytes *untrusted_message)   to be answered once
 * signal ::gone  (GlbSshClient *self)                               the last that is heard of it, but not of close()
 */
#define GLB_TYPE_SSH_CLIENT (glb_ssh_client_get_type ())
G_DECLARE_FINAL_TYPE (GlbSshClient, glb_ssh_client, GLB, SSH_CLIENT, GObject)

/* pace: of all connections of the session; lives longer than what is read here. */
GlbSshClient *glb_ssh_client_new    (GSocketConnection *connection, GlbLinePace *pace);
void          glb_ssh_client_begin  (GlbSshClient *self);
/* Answers the message, without its length; after close(): nothing. */
void          glb_ssh_client_answer (GlbSshClient *self, GBytes *answer);
/* The same with one byte: GLB_SSH_FAILURE, GLB_SSH_SUCCESS. */
void          glb_ssh_client_answer_byte (GlbSshClient *self, guint8 answer);
void          glb_ssh_client_close  (GlbSshClient *self);

G_END_DECLS
