/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For one answer of the person's agent. */
#define GLB_SSH_AGENT_DEADLINE_MS 10000

/**
 * GlbSshAgent:
 *
 * One connection to the person's ssh-agent: a message, and the answer to it,
 * one after the other. What they say is not looked at. After an error there is
 * no more to come of it.
 */
#define GLB_TYPE_SSH_AGENT (glb_ssh_agent_get_type ())
G_DECLARE_FINAL_TYPE (GlbSshAgent, glb_ssh_agent, GLB, SSH_AGENT, GObject)

/* path: (nullable): NULL is $SSH_AUTH_SOCK of the broker. */
GlbSshAgent *glb_ssh_agent_new        (const char *path, GError **error);
/* message: without its length; at most GLB_SSH_MESSAGE_MAX bytes. One at a time. */
void         glb_ssh_agent_ask_async  (GlbSshAgent *self, GBytes *message, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
/* The answer, without its length. (transfer full) */
GBytes      *glb_ssh_agent_ask_finish (GlbSshAgent *self, GAsyncResult *result, GError **error);

G_END_DECLS
