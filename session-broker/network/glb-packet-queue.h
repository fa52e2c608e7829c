/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GlbPacketQueue:
 *
 * Packets with descriptors on their way into a SOCK_SEQPACKET socket, without
 * waiting: what the socket has no room for is kept, and overwritten when it
 * is sent.
 */
typedef struct _GlbPacketQueue GlbPacketQueue;

#define GLB_PACKET_FDS_MAX 4

/* fd: not taken. max: how many may wait. on_broken: nothing can be sent any more, or too many wait; not called again. */
GlbPacketQueue *glb_packet_queue_new  (int fd, guint max, void (*on_broken) (gpointer user_data), gpointer user_data);
void            glb_packet_queue_free (GlbPacketQueue *self);
/* Takes fds. */
void            glb_packet_queue_send (GlbPacketQueue *self, const void *bytes, gsize size, const int *fds, guint n_fds);

G_END_DECLS
