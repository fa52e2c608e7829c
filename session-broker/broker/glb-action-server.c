/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "input-filter/glb-action-result.h"
#include "session-broker/broker/glb-action-server.h"
#include "session-broker/broker/glb-line-reader.h"

#define LINE_MAX_BYTES  (128 * 1024)
#define CONNECTIONS_MAX 8
#define GARBAGE_MAX     3
#define READ_BYTES      (16 * 1024)
/* For one reply to be read. */
#define WRITE_TIMEOUT_S 10
/* Each line has two records on the person's disk: so many a second, after a first burst. More wait, unread. */
#define LINES_PER_S     200
#define LINES_BURST     400

struct _GlbActionServer
{
  GObject parent_instance;

  GSocketService *service;
  GlbActionRunner *runner;
  GCancellable *cancellable;
  guint n_connections;
  GlbLinePace pace;          /* of all connections */
};

G_DEFINE_FINAL_TYPE (GlbActionServer, glb_action_server, G_TYPE_OBJECT)

typedef struct
{
  GlbActionServer *server;
  GSocketConnection *connection;
  GCancellable *cancellable;
  GlbLineReader *reader;
  GBytes *reply;             /* (nullable): being written */
  guint n_garbage;
  gboolean last;             /* close after this reply */
} Client;

static void next_line (Client *client);

static void
client_free (Client *client)
{
  client->server->n_connections--;
  g_io_stream_close_async (G_IO_STREAM (client->connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_object_unref (client->connection);
  g_object_unref (client->server);
  g_object_unref (client->cancellable);
  g_object_unref (client->reader);
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
  if (reply->copied != NULL)
    glb_action_result_set_clipboard_content (reply->result, reply->copied);
  send_reply (client, glb_action_result_to_text (reply->result));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  g_autoptr(GError) error = NULL;
  gsize length;
  g_autofree char *untrusted_line = glb_line_reader_read_finish (GLB_LINE_READER (source), result, &length, &error);

  if (untrusted_line != NULL)
    glb_action_runner_run_inside_async (client->server->runner, untrusted_line, length, ran_cb, client);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    {
      g_autoptr(JsonNode) refused = glb_action_result_new_refused (GLB_REFUSED_MALFORMED, error->message);

      client->last = TRUE;
      send_reply (client, glb_action_result_to_text (refused));
    }
  else
    client_free (client);
}

static void
next_line (Client *client)
{
  g_socket_set_timeout (g_socket_connection_get_socket (client->connection), 0);
  glb_line_reader_read_async (client->reader, client->cancellable, read_cb, client);
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
  client->reader = glb_line_reader_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)), LINE_MAX_BYTES, READ_BYTES, &self->pace);
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
  self->pace = (GlbLinePace) { .per_second = LINES_PER_S, .burst = LINES_BURST };
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
