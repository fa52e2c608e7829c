/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbKeyListener:
 *
 * The listening socket of a gate to the person's keys, and how many
 * connections it has: one more than @max is refused by being closed.
 */
typedef struct _GlbKeyListener GlbKeyListener;

/* connection: (transfer none): each that is taken is told to glb_key_listener_left() when it is over. */
typedef void (*GlbKeyIncoming) (gpointer user_data, GSocketConnection *connection);

/* fd: taken. */
GlbKeyListener *glb_key_listener_new  (int fd, guint max, GlbKeyIncoming incoming, gpointer user_data, GError **error);
void            glb_key_listener_left (GlbKeyListener *self);
void            glb_key_listener_free (GlbKeyListener *self);

G_END_DECLS
