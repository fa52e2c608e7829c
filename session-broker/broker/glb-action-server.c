/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "input-filter/glb-action-result.h"
#include "session-broker/broker/glb-action-server.h"

#define LINE_MAX_BYTES  (128 * 1024)
#define CONNECTIONS_MAX 8
#define GARBAGE_MAX     3
#define READ_BYTES      (16 * 1024)
/* For one reply to be read. */
#define WRITE_TIMEOUT_S 10
/* Each line has two records on the person's disk: so many a second, after a first burst. More wait, unread. */
#define LINES_PER_S     200
#define LINES_BURST     400
#define PACE_MS         20

struct _GlbActionServer
{
  GObject parent_instance;

  GSocketService *service;
  GlbActionRunner *runner;
  GCancellable *cancellable;
  guint n_connections;
  double n_lines;            /* that may still be taken */
  gint64 counted_us;         /* when that was so */
};

G_DEFINE_FINAL_TYPE (GlbActionServer, glb_action_server, G_TYPE_OBJECT)

typedef struct
{
  GlbActionServer *server;
  GSocketConnection *connection;
  GCancellable *cancellable;
  GByteArray *pending;       /* read, and not yet a whole line */
  GBytes *reply;             /* (nullable): being written */
  guint n_garbage;
  gboolean last;             /* close after this reply */
  guint pace_id;
  guint8 buffer[READ_BYTES];
} Client;

static void next_line (Client *client);

static void
client_free (Client *client)
{
  client->server->n_connections--;
  g_clear_handle_id (&client->pace_id, g_source_remove);
  g_io_stream_close_async (G_IO_STREAM (client->connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_object_unref (client->connection);
  g_object_unref (client->server);
  g_object_unref (client->cancellable);
  g_byte_array_unref (client->pending);
  g_clear_pointer (&client->reply, g_bytes_unref);
  g_free (client);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL) || client->last)
    {
      client_free (client);
      return;
    }

  g_clear_pointer (&client->reply, g_bytes_unref);
  next_line (client);
}

/* Takes text. */
static void
send_reply (Client *client, char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  gsize length = strlen (line);
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (client->connection));
  const void *data;

  g_free (text);
  client->reply = g_bytes_new_take (g_steal_pointer (&line), length);
  data = g_bytes_get_data (client->reply, &length);
  g_socket_set_timeout (g_socket_connection_get_socket (client->connection), WRITE_TIMEOUT_S);
  g_output_stream_write_all_async (stream, data, length, G_PRIORITY_DEFAULT, client->cancellable, written_cb, client);
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  g_autoptr(GlbActionReply) reply = glb_action_runner_run_finish (GLB_ACTION_RUNNER (source), result, NULL);

  if (reply->malformed && ++client->n_garbage >= GARBAGE_MAX)
    client->last = TRUE;
  if (reply->image != NULL)
    {
      gsize size;
      const guint8 *png = g_bytes_get_data (reply->image->png, &size);
      g_autofree char *base64 = g_base64_encode (png, size);

      json_object_set_string_member (json_node_get_object (reply->result), "png", base64);
    }
  send_reply (client, glb_action_result_to_text (reply->result));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0)
    {
      client_free (client);
      return;
    }

  g_byte_array_append (client->pending, client->buffer, n);
  next_line (client);
}

static gboolean
on_pace (gpointer user_data)
{
  Client *client = user_data;

  client->pace_id = 0;
  next_line (client);
  return G_SOURCE_REMOVE;
}

static gboolean
take_turn (GlbActionServer *self)
{
  gint64 now = g_get_monotonic_time ();

  self->n_lines = MIN (LINES_BURST, self->n_lines + (double) (now - self->counted_us) * LINES_PER_S / G_USEC_PER_SEC);
  self->counted_us = now;
  if (self->n_lines < 1)
    return FALSE;

  self->n_lines--;
  return TRUE;
}

static void
next_line (Client *client)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (client->connection));
  const guint8 *data = client->pending->data;
  const guint8 *end = client->pending->len > 0 ? memchr (data, '\n', client->pending->len) : NULL;

  if (end != NULL && end - data <= LINE_MAX_BYTES && !take_turn (client->server))
    client->pace_id = g_timeout_add (PACE_MS, on_pace, client);
  else if (end != NULL && end - data <= LINE_MAX_BYTES)
    {
      g_autofree char *untrusted_line = g_strndup ((const char *) data, end - data);
      gsize length = end - data;

      g_byte_array_remove_range (client->pending, 0, length + 1);
      glb_action_runner_run_async (client->server->runner, GLB_DRIVER_AGENT, 0, untrusted_line, length, ran_cb, client);
    }
  else if (client->pending->len > LINE_MAX_BYTES)
    {
      g_autoptr(JsonNode) result = glb_action_result_new_refused (GLB_REFUSED_MALFORMED, "the line is too long");

      client->last = TRUE;
      send_reply (client, glb_action_result_to_text (result));
    }
  else
    {
      g_socket_set_timeout (g_socket_connection_get_socket (client->connection), 0);
      g_input_stream_read_async (stream, client->buffer, sizeof client->buffer, G_PRIORITY_DEFAULT, client->cancellable,
                                 read_cb, client);
    }
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  GlbActionServer *self = user_data;
  Client *client;

  /* refused by being closed */
  if (self->n_connections >= CONNECTIONS_MAX)
    return TRUE;

  self->n_connections++;
  client = g_new0 (Client, 1);
  client->server = g_object_ref (self);
  client->connection = g_object_ref (connection);
  client->cancellable = g_object_ref (self->cancellable);
  client->pending = g_byte_array_new ();
  next_line (client);
  return TRUE;
}

static void
glb_action_server_dispose (GObject *object)
{
  GlbActionServer *self = GLB_ACTION_SERVER (object);

  glb_action_server_close (self);
  g_clear_object (&self->service);
  g_clear_object (&self->runner);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (glb_action_server_parent_class)->dispose (object);
}

static void
glb_action_server_class_init (GlbActionServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_action_server_dispose;
}

static void
glb_action_server_init (GlbActionServer *self)
{
  self->service = g_socket_service_new ();
  self->cancellable = g_cancellable_new ();
  self->n_lines = LINES_BURST;
  self->counted_us = g_get_monotonic_time ();
}

GlbActionServer *
glb_action_server_new (int fd, GlbActionRunner *runner, GError **error)
{
  g_autoptr(GlbActionServer) self = g_object_new (GLB_TYPE_ACTION_SERVER, NULL);
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }

  self->runner = g_object_ref (runner);
  if (!g_socket_listener_add_socket (G_SOCKET_LISTENER (self->service), socket, NULL, error))
    return NULL;

  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (self->service);
  return g_steal_pointer (&self);
}

void
glb_action_server_close (GlbActionServer *self)
{
  if (self->service == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
}
