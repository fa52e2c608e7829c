/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pipewire/pipewire.h>

#include "session-broker/media/glb-media-protocol.h"

G_BEGIN_DECLS

/**
 * GlbMediaServer:
 *
 * The session's private PipeWire: its daemon, a child of this process, and our
 * connection to it. Does what a session manager would do, and no more: gives
 * the session's clients the right to be there and to see the devices that are
 * offered, and links their streams to them. Everything that it is told by the
 * daemon may be a lie of a client that took it over.
 */
typedef struct _GlbMediaServer GlbMediaServer;

typedef struct
{
  /* The first time that the daemon answers. */
  void (*ready) (gpointer user_data);
  /* A device's streams of the session that are linked; n_users changed. */
  void (*users) (GlbMediaDevice device, guint n_users, gpointer user_data);
  /* The daemon is gone, or must be. Called once; nothing after it. */
  void (*gone)  (const char *why, gpointer user_data);
} GlbMediaServerEvents;

typedef void (*GlbMediaServerDone) (gpointer user_data);

/* listen_fd: the socket at socket_path, which the daemon takes over. NULL: why is in error. */
GlbMediaServer *glb_media_server_new  (struct pw_context *context, int listen_fd, const char *socket_path,
                                       const GlbMediaServerEvents *events, gpointer user_data, GError **error);
void            glb_media_server_free (GlbMediaServer *self);
struct pw_core *glb_media_server_get_core (GlbMediaServer *self);
/* The child has ended (SIGCHLD). TRUE: it was the daemon. */
gboolean        glb_media_server_reap (GlbMediaServer *self, int pid);

/* node_id: of our own stream in the private instance. From now on clients see it, and theirs are linked. */
void glb_media_server_offer    (GlbMediaServer *self, GlbMediaDevice device, guint32 node_id);
/* Links go first, then the sight. The caller then destroys its stream. */
void glb_media_server_withdraw (GlbMediaServer *self, GlbMediaDevice device);
/* As the registry says, of this node. */
guint glb_media_server_count_links (GlbMediaServer *self, guint32 node_id);
gboolean glb_media_server_has_node (GlbMediaServer *self, guint32 node_id);
/* Calls back when all that was asked before has been done and the registry has said so. user_data: g_free()d after that. */
void glb_media_server_sync     (GlbMediaServer *self, GlbMediaServerDone done, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaServer, glb_media_server_free)

G_END_DECLS
