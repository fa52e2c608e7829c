/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-network"
#include "config.h"

#include "session-broker/network/glb-packet-queue.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

typedef struct
{
  guint8 *bytes;
  gsize size;
  int fds[GLB_PACKET_FDS_MAX];
  guint n_fds;
} Packet;

struct _GlbPacketQueue
{
  int fd;
  guint max;
  void (*on_broken) (gpointer user_data);   /* (nullable): it was called */
  gpointer user_data;
  GQueue packets;
  guint write_id;
};

static void
packet_free (gpointer data)
{
  Packet *packet = data;

  for (guint i = 0; i < packet->n_fds; i++)
    close (packet->fds[i]);
  explicit_bzero (packet->bytes, packet->size);
  g_free (packet->bytes);
  g_free (packet);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Packet, packet_free)

/* As sendmsg(), without waiting. */
static gssize
packet_send (Packet *packet, int socket)
{
  struct iovec part = { packet->bytes, packet->size };
  union { struct cmsghdr header; char bytes[CMSG_SPACE (sizeof (int) * GLB_PACKET_FDS_MAX)]; } control = { 0 };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (packet->n_fds > 0)
    {
      struct cmsghdr *header;

      message.msg_control = &control;
      message.msg_controllen = CMSG_SPACE (sizeof (int) * packet->n_fds);
      header = CMSG_FIRSTHDR (&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (sizeof (int) * packet->n_fds);
      memcpy (CMSG_DATA (header), packet->fds, sizeof (int) * packet->n_fds);
    }
  return sendmsg (socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static gboolean
is_full (int saved_errno)
{
  return saved_errno == EAGAIN || saved_errno == EINTR || saved_errno == ENOBUFS || saved_errno == ETOOMANYREFS;
}

static void
tell_broken (GlbPacketQueue *self)
{
  void (*on_broken) (gpointer) = self->on_broken;

  self->on_broken = NULL;
  if (on_broken != NULL)
    on_broken (self->user_data);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  GlbPacketQueue *self = user_data;

  while (!g_queue_is_empty (&self->packets))
    {
      if (packet_send (g_queue_peek_head (&self->packets), fd) < 0)
        {
          if (is_full (errno))
            return G_SOURCE_CONTINUE;
          self->write_id = 0;
          tell_broken (self);
          return G_SOURCE_REMOVE;
        }
      packet_free (g_queue_pop_head (&self->packets));
    }

  self->write_id = 0;
  return G_SOURCE_REMOVE;
}

void
glb_packet_queue_send (GlbPacketQueue *self, const void *bytes, gsize size, const int *fds, guint n_fds)
{
  g_autoptr(Packet) packet = g_new0 (Packet, 1);

  packet->bytes = g_memdup2 (bytes, size);
  packet->size = size;
  packet->n_fds = n_fds;
  for (guint i = 0; i < n_fds; i++)
    packet->fds[i] = fds[i];
  if (self->on_broken == NULL || (g_queue_is_empty (&self->packets) && packet_send (packet, self->fd) >= 0))
    return;
  if (g_queue_get_length (&self->packets) >= self->max)
    {
      tell_broken (self);
      return;
    }

  g_queue_push_tail (&self->packets, g_steal_pointer (&packet));
  if (self->write_id == 0)
    self->write_id = g_unix_fd_add (self->fd, G_IO_OUT, on_writable, self);
}

GlbPacketQueue *
glb_packet_queue_new (int fd, guint max, void (*on_broken) (gpointer user_data), gpointer user_data)
{
  GlbPacketQueue *self = g_new0 (GlbPacketQueue, 1);

  self->fd = fd;
  self->max = max;
  self->on_broken = on_broken;
  self->user_data = user_data;
  g_queue_init (&self->packets);
  return self;
}

void
glb_packet_queue_free (GlbPacketQueue *self)
{
  g_clear_handle_id (&self->write_id, g_source_remove);
  g_queue_clear_full (&self->packets, packet_free);
  g_free (self);
}
