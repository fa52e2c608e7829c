/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-network"
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/network/glb-network-dial.h"

/* One attempt after the other. */
typedef struct
{
  GlbNetworkAddress *addresses;
  guint n, at;
  guint16 port;
  int fd;                        /* being connected; -1 */
  GSource *source;               /* (nullable): of fd */
  guint deadline_id;
  GError *error;                 /* (nullable): of the last attempt */
} Dial;

static void
stop_attempt (Dial *dial)
{
  g_clear_handle_id (&dial->deadline_id, g_source_remove);
  if (dial->source != NULL)
    {
      g_source_destroy (dial->source);
      g_clear_pointer (&dial->source, g_source_unref);
    }
  if (dial->fd >= 0)
    close (dial->fd);
  dial->fd = -1;
}

static void
dial_free (gpointer data)
{
  Dial *dial = data;

  stop_attempt (dial);
  g_clear_error (&dial->error);
  g_free (dial->addresses);
  g_free (dial);
}

static socklen_t
fill_address (const GlbNetworkAddress *address, guint16 port, struct sockaddr_storage *storage)
{
  memset (storage, 0, sizeof *storage);
  if (address->is_ipv6)
    {
      struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) storage;

      in6->sin6_family = AF_INET6;
      in6->sin6_port = g_htons (port);
      memcpy (&in6->sin6_addr, address->bytes, 16);
      return sizeof *in6;
    }
  else
    {
      struct sockaddr_in *in = (struct sockaddr_in *) storage;

      in->sin_family = AF_INET;
      in->sin_port = g_htons (port);
      memcpy (&in->sin_addr, address->bytes, 4);
      return sizeof *in;
    }
}

static void try_next (GTask *task);

/* This address is none. */
static void
fail_attempt (GTask *task, int error_number)
{
  Dial *dial = g_task_get_task_data (task);
  g_autofree char *text = glb_network_address_to_string (&dial->addresses[dial->at]);

  stop_attempt (dial);
  g_clear_error (&dial->error);
  g_set_error (&dial->error, G_IO_ERROR, g_io_error_from_errno (error_number), "%s port %u: %s", text, dial->port,
               g_strerror (error_number));
  dial->at++;
  try_next (task);
}

static gboolean
on_deadline (gpointer user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);

  dial->deadline_id = 0;
  fail_attempt (task, ETIMEDOUT);
  return G_SOURCE_REMOVE;
}

static void
succeed (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  int fd = dial->fd;

  dial->fd = -1;
  stop_attempt (dial);
  g_task_return_int (task, fd);
  g_object_unref (task);
}

static gboolean
on_connected (int fd, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &size) < 0)
    error_number = errno;
  if (error_number != 0)
    fail_attempt (task, error_number);
  else
    succeed (task);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;

  stop_attempt (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

/* Waits for the connection, its deadline, or for nobody to want it any more. */
static void
await (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  gboolean last = dial->at + 1 == dial->n;

  dial->source = g_unix_fd_source_new (dial->fd, G_IO_OUT | G_IO_ERR | G_IO_HUP);
  g_source_set_callback (dial->source, G_SOURCE_FUNC (on_connected), task, NULL);
  if (g_task_get_cancellable (task) != NULL)
    {
      g_autoptr(GSource) cancelled = g_cancellable_source_new (g_task_get_cancellable (task));

      g_source_set_callback (cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_add_child_source (dial->source, cancelled);
    }
  g_source_attach (dial->source, g_task_get_context (task));
  dial->deadline_id = g_timeout_add (last ? GLB_NETWORK_DIAL_LAST_MS : GLB_NETWORK_DIAL_NEXT_MS, on_deadline, task);
}

static void
try_next (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  struct sockaddr_storage storage;
  socklen_t size;

  if (dial->at == dial->n)
    {
      g_task_return_error (task, g_steal_pointer (&dial->error));
      g_object_unref (task);
      return;
    }

  size = fill_address (&dial->addresses[dial->at], dial->port, &storage);
  dial->fd = socket (storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (dial->fd < 0)
    fail_attempt (task, errno);
  else if (connect (dial->fd, (struct sockaddr *) &storage, size) == 0)
    succeed (task);
  else if (errno == EINPROGRESS)
    await (task);
  else
    fail_attempt (task, errno);
}

void
glb_network_dial_async (const GlbNetworkAddress *addresses, guint n, guint16 port, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Dial *dial = g_new0 (Dial, 1);

  g_return_if_fail (n > 0);

  g_task_set_source_tag (task, glb_network_dial_async);
  /* a socket that is there already is not to be lost */
  g_task_set_check_cancellable (task, FALSE);
  dial->addresses = g_memdup2 (addresses, n * sizeof *addresses);
  dial->n = n;
  dial->port = port;
  dial->fd = -1;
  g_task_set_task_data (task, dial, dial_free);
  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    try_next (task);
}

int
glb_network_dial_finish (GAsyncResult *result, guint *which, GError **error)
{
  Dial *dial = g_task_get_task_data (G_TASK (result));

  *which = MIN (dial->at, dial->n - 1);
  return (int) g_task_propagate_int (G_TASK (result), error);
}
