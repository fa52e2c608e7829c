/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <sys/un.h>

#include <gio/gunixsocketaddress.h>

#include "session-broker/broker/glb-ssh-agent.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/keys/glb-ssh-message.h"

#define LENGTH_BYTES 4

struct _GlbSshAgent
{
  GObject parent_instance;

  GSocketConnection *connection;
};

G_DEFINE_FINAL_TYPE (GlbSshAgent, glb_ssh_agent, G_TYPE_OBJECT)

/* One message and its answer. */
typedef struct
{
  GBytes *message;           /* with its length */
  guint8 *answer;
  gsize size;
  guint8 length[LENGTH_BYTES];
  GCancellable *cancellable; /* ours: the asker's, or the deadline */
  GCancellable *parent;      /* (nullable): the asker's */
  gulong parent_id;
  guint deadline_id;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *asking = data;

  g_clear_handle_id (&asking->deadline_id, g_source_remove);
  if (asking->parent_id != 0)
    g_cancellable_disconnect (asking->parent, asking->parent_id);
  g_clear_object (&asking->parent);
  g_object_unref (asking->cancellable);
  g_bytes_unref (asking->message);
  g_free (asking->answer);
  g_free (asking);
}

static gboolean
on_deadline (gpointer user_data)
{
  Asking *asking = user_data;

  asking->deadline_id = 0;
  g_cancellable_cancel (asking->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_parent_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
return_failure (GTask *task, const char *what)
{
  g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                           "ssh-agent: %s; see whether ssh-add -l answers", what);
}

static GInputStream *
get_input (GTask *task)
{
  GlbSshAgent *self = g_task_get_source_object (task);

  return g_io_stream_get_input_stream (G_IO_STREAM (self->connection));
}

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) || n != asking->size)
    return_failure (task, "it did not answer");
  else
    g_task_return_pointer (task, g_bytes_new_take (g_steal_pointer (&asking->answer), asking->size),
                           (GDestroyNotify) g_bytes_unref);
}

static void
length_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);
  guint32 size;
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) || n != LENGTH_BYTES)
    {
      return_failure (task, "it did not answer");
      return;
    }
  memcpy (&size, asking->length, sizeof size);
  asking->size = GUINT32_FROM_BE (size);
  if (asking->size == 0 || asking->size > GLB_SSH_MESSAGE_MAX)
    {
      return_failure (task, "its answer is too long");
      return;
    }

  asking->answer = g_malloc (asking->size);
  g_input_stream_read_all_async (G_INPUT_STREAM (source), asking->answer, asking->size, G_PRIORITY_DEFAULT,
                                 asking->cancellable, answer_cb, g_steal_pointer (&task));
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Asking *asking = g_task_get_task_data (task);
  GInputStream *input = get_input (task);

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    return_failure (task, "it is gone");
  else
    g_input_stream_read_all_async (input, asking->length, LENGTH_BYTES, G_PRIORITY_DEFAULT, asking->cancellable, length_cb,
                                   g_steal_pointer (&task));
}

static GBytes *
with_length (GBytes *message)
{
  GByteArray *bytes = g_byte_array_new ();
  gsize size;
  const guint8 *data = g_bytes_get_data (message, &size);

  glb_ssh_put_string (bytes, (GlbSshBytes) { data, size });
  return g_byte_array_free_to_bytes (bytes);
}

void
glb_ssh_agent_ask_async (GlbSshAgent *self, GBytes *message, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  Asking *asking = g_new0 (Asking, 1);
  gsize size;
  const void *data;

  g_task_set_source_tag (task, glb_ssh_agent_ask_async);
  g_task_set_task_data (task, asking, asking_free);
  asking->message = with_length (message);
  asking->cancellable = g_cancellable_new ();
  asking->deadline_id = g_timeout_add (GLB_SSH_AGENT_DEADLINE_MS, on_deadline, asking);
  if (cancellable != NULL)
    {
      asking->parent = g_object_ref (cancellable);
      asking->parent_id = g_cancellable_connect (cancellable, G_CALLBACK (on_parent_cancelled), asking->cancellable, NULL);
    }
  data = g_bytes_get_data (asking->message, &size);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), data, size, G_PRIORITY_DEFAULT,
                                   asking->cancellable, asked_cb, g_steal_pointer (&task));
}

GBytes *
glb_ssh_agent_ask_finish (GlbSshAgent *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
glb_ssh_agent_dispose (GObject *object)
{
  GlbSshAgent *self = GLB_SSH_AGENT (object);

  g_clear_object (&self->connection);

  G_OBJECT_CLASS (glb_ssh_agent_parent_class)->dispose (object);
}

static void
glb_ssh_agent_class_init (GlbSshAgentClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_ssh_agent_dispose;
}

static void
glb_ssh_agent_init (GlbSshAgent *self)
{
}

GlbSshAgent *
glb_ssh_agent_new (const char *path, GError **error)
{
  const char *found = path != NULL ? path : g_getenv ("SSH_AUTH_SOCK");
  g_autoptr(GlbSshAgent) self = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) socket = NULL;

  if (found == NULL || !g_path_is_absolute (found) || strlen (found) >= G_SIZEOF_MEMBER (struct sockaddr_un, sun_path))
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                   "ssh-agent: the broker knows of none; set SSH_AUTH_SOCK where you start sessions");
      return NULL;
    }

  address = g_unix_socket_address_new (found);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  /* a Unix socket is there at once, or not: one whose queue is full counts as not */
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_connect (socket, address, NULL, error))
    {
      g_prefix_error (error, "ssh-agent: %s: ", found);
      return NULL;
    }

  self = g_object_new (GLB_TYPE_SSH_AGENT, NULL);
  self->connection = g_socket_connection_factory_create_connection (socket);
  return g_steal_pointer (&self);
}
