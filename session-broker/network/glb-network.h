/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/network/glb-network-message.h"
#include "session-broker/sandbox/glb-account.h"

G_BEGIN_DECLS

/**
 * GlbNetwork:
 *
 * The broker's end of one glovebox-network: a process in a sandbox of its own
 * that parses what programs of a session send and copies bytes between sockets
 * that it is given. It is launched early and waits for the session's sockets.
 * Each message of it is checked; the first bad one kills it.
 *
 * signal ::message (GlbNetwork *self, const GlbNetworkMessage *message)
 * signal ::gone    (GlbNetwork *self, const char *why)   nothing of it is left; once
 */
#define GLB_TYPE_NETWORK (glb_network_get_type ())
G_DECLARE_FINAL_TYPE (GlbNetwork, glb_network, GLB, NETWORK, GObject)

/* name: of the session, for messages. account: its own; it is told the janitor by the caller. */
GlbNetwork *glb_network_launch (const char *name, GlbAccount *account, GError **error);

/* The session's sockets, once; READY follows. sockets: (array length=GLB_NETWORK_N_SOCKETS): taken, and set to -1. */
void        glb_network_set_up (GlbNetwork *self, const GlbNetworkSetup *setup, int *sockets);

/* Answers to messages. fd: taken. */
void        glb_network_send_opened    (GlbNetwork *self, const GlbNetworkOpened *opened, int fd);
void        glb_network_send_refused   (GlbNetwork *self, guint64 id, GlbNetworkRefusal refusal, const char *text);
void        glb_network_send_looked_up (GlbNetwork *self, const GlbNetworkLookedUp *looked_up);
void        glb_network_send_close     (GlbNetwork *self, guint64 id);
/* To be copied between. came, session: taken. */
void        glb_network_send_published (GlbNetwork *self, guint64 id, int came, int session);

/* ::gone follows, unless it is gone. why: (static) */
void        glb_network_kill       (GlbNetwork *self, const char *why);
gboolean    glb_network_is_running (GlbNetwork *self);
GPid        glb_network_get_pid    (GlbNetwork *self);

G_END_DECLS
