/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-network"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/network/glb-network.h"
#include "session-broker/sandbox/glb-receive-fds.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-seccomp.h"

#define PROGRAM       "glovebox-network"
#define PRIVATE_DIR   "/run/glovebox"

G_STATIC_ASSERT (sizeof (GlbNetworkClosed) <= sizeof (GlbNetworkOpen));

/* Two sockets and, while bytes flow, two pipes for each connection. */
#define FILES_MAX     (GLB_NETWORK_CONNECTIONS_MAX * 6 + 64)
#define ADDRESSES_MAX (256ull << 20)

/* The longest message of it is the longest that is taken. */
#define MESSAGE_MAX   (sizeof (GlbNetworkHeader) + sizeof (GlbNetworkOpen))
#define READ_BURST    64
/* Each message of it asks for an answer or ends something: more than this cannot wait. */
#define QUEUE_MAX     (GLB_NETWORK_CONNECTIONS_MAX * 2 + GLB_NETWORK_LOOKUPS_MAX)
#define FDS_MAX       4

/* One message on its way. */
typedef struct
{
  GByteArray *bytes;
  int fds[FDS_MAX];
  guint n_fds;
} Packet;

struct _GlbNetwork
{
  GObject parent_instance;

  GlbSandbox *sandbox;       /* (nullable) */
  const char *why;           /* (nullable) (static): why it was killed */
  int fd;                    /* of the control socket; -1 */
  guint read_id, write_id;
  GQueue queue;              /* Packet: the socket is full */
};

G_DEFINE_FINAL_TYPE (GlbNetwork, glb_network, G_TYPE_OBJECT)

enum { MESSAGE, GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- packets ---------------------------------------------------------------------- */

/* Takes the descriptors. */
static Packet *
packet_new (GlbNetworkMessageType type, const void *payload, gsize size, const int *fds, guint n_fds)
{
  GlbNetworkHeader header = { .type = type, .size = size };
  Packet *packet = g_new0 (Packet, 1);

  packet->bytes = g_byte_array_sized_new (sizeof header + size);
  g_byte_array_append (packet->bytes, (const guint8 *) &header, sizeof header);
  g_byte_array_append (packet->bytes, payload, size);
  for (guint i = 0; i < n_fds; i++)
    packet->fds[i] = fds[i];
  packet->n_fds = n_fds;
  return packet;
}

static void
packet_free (gpointer data)
{
  Packet *packet = data;

  for (guint i = 0; i < packet->n_fds; i++)
    close (packet->fds[i]);
  g_byte_array_unref (packet->bytes);
  g_free (packet);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Packet, packet_free)

/* As sendmsg(), without waiting. */
static gssize
packet_send (Packet *packet, int socket)
{
  struct iovec part = { packet->bytes->data, packet->bytes->len };
  union { struct cmsghdr header; char bytes[CMSG_SPACE (sizeof (int) * FDS_MAX)]; } control = { 0 };
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

/* ---- the end ------------------------------------------------------------------------ */

static void
close_control (GlbNetwork *self)
{
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->write_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_queue_clear_full (&self->queue, packet_free);
}

static void
on_exited (GlbSandbox *sandbox, int wait_status, gpointer user_data)
{
  g_autoptr(GlbNetwork) self = g_object_ref (GLB_NETWORK (user_data));
  g_autofree char *failure = glb_sandbox_dup_failure (sandbox);
  const char *why = self->why != NULL ? self->why : failure != NULL ? failure : "it ended by itself";

  if (g_str_has_prefix (why, PROGRAM ": "))
    why += strlen (PROGRAM ": ");
  close_control (self);
  g_clear_object (&self->sandbox);
  g_signal_emit (self, signals[GONE], 0, why);
}

void
glb_network_kill (GlbNetwork *self, const char *why)
{
  g_return_if_fail (GLB_IS_NETWORK (self));

  if (self->why == NULL && self->sandbox != NULL)
    self->why = why;
  close_control (self);
  if (self->sandbox != NULL)
    glb_sandbox_kill (self->sandbox);
}

/* ---- to it ---------------------------------------------------------------------------- */

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbNetwork) self = g_object_ref (GLB_NETWORK (user_data));

  while (!g_queue_is_empty (&self->queue))
    {
      if (packet_send (g_queue_peek_head (&self->queue), fd) < 0)
        {
          if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ETOOMANYREFS)
            return G_SOURCE_CONTINUE;
          self->write_id = 0;
          glb_network_kill (self, "it does not read what it is sent");
          return G_SOURCE_REMOVE;
        }
      packet_free (g_queue_pop_head (&self->queue));
    }

  self->write_id = 0;
  return G_SOURCE_REMOVE;
}

/* Takes packet. */
static void
send_packet (GlbNetwork *self, Packet *packet)
{
  g_autoptr(Packet) owned = packet;

  if (self->fd < 0)
    return;
  if (g_queue_is_empty (&self->queue) && packet_send (packet, self->fd) >= 0)
    return;
  if (g_queue_get_length (&self->queue) >= QUEUE_MAX)
    {
      glb_network_kill (self, "it does not read what it is sent");
      return;
    }

  g_queue_push_tail (&self->queue, g_steal_pointer (&owned));
  if (self->write_id == 0)
    self->write_id = g_unix_fd_add (self->fd, G_IO_OUT, on_writable, self);
}

void
glb_network_set_up (GlbNetwork *self, const GlbNetworkSetup *setup, int *sockets)
{
  send_packet (self, packet_new (GLB_NETWORK_SETUP, setup, sizeof *setup, sockets, GLB_NETWORK_N_SOCKETS));
  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    sockets[i] = -1;
}

void
glb_network_send_opened (GlbNetwork *self, const GlbNetworkOpened *opened, int fd)
{
  send_packet (self, packet_new (GLB_NETWORK_OPENED, opened, sizeof *opened, &fd, 1));
}

void
glb_network_send_refused (GlbNetwork *self, guint64 id, GlbNetworkRefusal refusal, const char *text)
{
  GlbNetworkRefused refused = { .id = id, .refusal = refusal };

  g_strlcpy (refused.text, text, sizeof refused.text);
  send_packet (self, packet_new (GLB_NETWORK_REFUSED, &refused, sizeof refused, NULL, 0));
}

void
glb_network_send_looked_up (GlbNetwork *self, const GlbNetworkLookedUp *looked_up)
{
  send_packet (self, packet_new (GLB_NETWORK_LOOKED_UP, looked_up, sizeof *looked_up, NULL, 0));
}

void
glb_network_send_close (GlbNetwork *self, guint64 id)
{
  const GlbNetworkClose close_it = { .id = id };

  send_packet (self, packet_new (GLB_NETWORK_CLOSE, &close_it, sizeof close_it, NULL, 0));
}

void
glb_network_send_published (GlbNetwork *self, guint64 id, int came, int session)
{
  const GlbNetworkPublished published = { .id = id };
  const int fds[] = { came, session };

  send_packet (self, packet_new (GLB_NETWORK_PUBLISHED, &published, sizeof published, fds, G_N_ELEMENTS (fds)));
}

/* ---- from it --------------------------------------------------------------------------- */

/* FALSE: nothing there, or nothing any more. */
static gboolean
read_one (GlbNetwork *self)
{
  guint8 packet[MESSAGE_MAX + 1];
  g_autoptr(GError) error = NULL;
  GlbNetworkMessage message;
  guint n_fds;
  int fd;
  gssize n = glb_receive_with_fds (self->fd, packet, sizeof packet, &fd, 1, &n_fds);

  if (n < 0)
    return FALSE;
  if (n == 0)
    {
      /* its end follows, with the reason; should it not, it is made to */
      glb_network_kill (self, NULL);
      return FALSE;
    }

  if (fd >= 0)
    close (fd);
  if (glb_network_message_parse (packet, n, n_fds, &message, &error))
    g_signal_emit (self, signals[MESSAGE], 0, &message);
  else
    glb_network_kill (self, "it sent a bad message");

  return self->fd >= 0;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbNetwork) self = g_object_ref (GLB_NETWORK (user_data));

  for (guint i = 0; i < READ_BURST; i++)
    if (!read_one (self))
      break;

  /* close_control() has removed this source already */
  return self->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- the beginning ---------------------------------------------------------------------- */

/* The program and /usr: no file, no network, no path to any socket. Takes control_fd. */
static GlbSandboxSpec *
make_spec (const char *name, GlbAccount *account, int control_fd, GError **error)
{
  static const char * const argv[] = { PRIVATE_DIR "/" PROGRAM, NULL };
  g_autoptr(GlbSandboxSpec) spec = glb_sandbox_spec_new (name, account);
  g_autofree char *program = glb_sandbox_find_private (PROGRAM);
  g_autoptr(GBytes) seccomp = NULL;

  glb_sandbox_spec_take_fd (spec, control_fd, 3);
  if (program == NULL)
    {
      g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, PROGRAM " is missing; install Glovebox again");
      return NULL;
    }
  seccomp = glb_seccomp_build (GLB_SECCOMP_NETWORK, FALSE, error);
  if (seccomp == NULL)
    return NULL;

  glb_sandbox_spec_set_seccomp (spec, seccomp);
  /* nothing else is in there, which would need other calls than these */
  glb_sandbox_spec_set_pid_one (spec, TRUE);
  glb_sandbox_spec_set_limits (spec, FILES_MAX, ADDRESSES_MAX);
  glb_sandbox_spec_add_mount (spec, program, PRIVATE_DIR "/" PROGRAM, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  glb_sandbox_spec_set_argv (spec, argv);
  return g_steal_pointer (&spec);
}

GlbNetwork *
glb_network_launch (const char *name, GlbAccount *account, GError **error)
{
  g_autoptr(GlbNetwork) self = g_object_new (GLB_TYPE_NETWORK, NULL);
  g_autoptr(GlbSandboxSpec) spec = NULL;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "network: can't make a socket: %s", g_strerror (errno));
      return NULL;
    }

  self->fd = pair[0];
  spec = make_spec (name, account, pair[1], error);
  if (spec != NULL)
    self->sandbox = glb_sandbox_launch (spec, error);
  if (self->sandbox == NULL)
    return NULL;

  g_signal_connect_object (self->sandbox, "exited", G_CALLBACK (on_exited), self, 0);
  self->read_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  return g_steal_pointer (&self);
}

/* ---- the object ------------------------------------------------------------------------- */

static void
glb_network_dispose (GObject *object)
{
  GlbNetwork *self = GLB_NETWORK (object);

  close_control (self);
  if (self->sandbox != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->sandbox, self);
      glb_sandbox_kill (self->sandbox);
    }
  g_clear_object (&self->sandbox);

  G_OBJECT_CLASS (glb_network_parent_class)->dispose (object);
}

static void
glb_network_class_init (GlbNetworkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_network_dispose;

  signals[MESSAGE] = g_signal_new ("message", GLB_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[GONE] = g_signal_new ("gone", GLB_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_network_init (GlbNetwork *self)
{
  self->fd = -1;
  g_queue_init (&self->queue);
}

gboolean
glb_network_is_running (GlbNetwork *self)
{
  return self->sandbox != NULL;
}

GPid
glb_network_get_pid (GlbNetwork *self)
{
  return self->sandbox != NULL ? glb_sandbox_get_init_pid (self->sandbox) : 0;
}
