/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-ssh-client.h"

#define LENGTH_BYTES     4
/* For the rest of a message that has begun, and for an answer to be read. */
#define DEADLINE_S       10
#define PACE_MS          50

struct _GlbSshClient
{
  GObject parent_instance;

  GSocketConnection *connection;
  GCancellable *cancellable;
  guint8 length[LENGTH_BYTES];
  guint8 *message;           /* (nullable): is being read */
  gsize size;
  GBytes *answer;            /* (nullable): is being written */
  GSource *hang_up;          /* (nullable): while there is a message to be answered */
  GlbLinePace *pace;         /* not owned */
  guint deadline_id, pace_id;
  gboolean is_last;          /* it was no message of the protocol: the connection ends with the answer */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (GlbSshClient, glb_ssh_client, G_TYPE_OBJECT)

enum { ASKED, GONE, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
stop_hang_up (GlbSshClient *self)
{
  if (self->hang_up == NULL)
    return;

  g_source_destroy (self->hang_up);
  g_clear_pointer (&self->hang_up, g_source_unref);
}

/* By the other side, or for its sake. */
static void
leave (GlbSshClient *self)
{
  if (self->closed)
    return;

  glb_ssh_client_close (self);
  g_signal_emit (self, signals[GONE], 0);
}

static gboolean
on_deadline (gpointer user_data)
{
  GlbSshClient *self = user_data;

  self->deadline_id = 0;
  leave (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_hang_up (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  leave (user_data);
  return G_SOURCE_REMOVE;
}

static void
emit_asked (GlbSshClient *self, GBytes *untrusted_message)
{
  self->hang_up = g_socket_create_source (g_socket_connection_get_socket (self->connection), G_IO_HUP, NULL);
  g_source_set_callback (self->hang_up, G_SOURCE_FUNC (on_hang_up), g_object_ref (self), g_object_unref);
  g_source_attach (self->hang_up, NULL);
  g_signal_emit (self, signals[ASKED], 0, untrusted_message);
}

static void
message_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSshClient) self = user_data;
  g_autoptr(GBytes) untrusted_message = NULL;
  gsize n = 0;
  gboolean read = g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) && n == self->size;

  g_clear_handle_id (&self->deadline_id, g_source_remove);
  untrusted_message = g_bytes_new_take (g_steal_pointer (&self->message), self->size);
  if (self->closed)
    return;
  if (read)
    emit_asked (self, untrusted_message);
  else
    leave (self);
}

static void
read_message (GlbSshClient *self)
{
  self->deadline_id = g_timeout_add_seconds (DEADLINE_S, on_deadline, self);
  self->message = g_malloc (self->size);
  g_input_stream_read_all_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)), self->message, self->size,
                                 G_PRIORITY_DEFAULT, self->cancellable, message_cb, g_object_ref (self));
}

static gboolean
on_pace (gpointer user_data)
{
  GlbSshClient *self = user_data;

  if (!glb_line_pace_take (self->pace, g_get_monotonic_time ()))
    return G_SOURCE_CONTINUE;

  self->pace_id = 0;
  read_message (self);
  return G_SOURCE_REMOVE;
}

static void
length_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSshClient) self = user_data;
  guint32 size;
  gsize n = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) || n != LENGTH_BYTES || self->closed)
    {
      leave (self);
      return;
    }

  memcpy (&size, self->length, sizeof size);
  self->size = GUINT32_FROM_BE (size);
  if (self->size == 0 || self->size > GLB_SSH_MESSAGE_MAX)
    {
      self->is_last = TRUE;
      glb_ssh_client_answer_byte (self, GLB_SSH_FAILURE);
    }
  else if (glb_line_pace_take (self->pace, g_get_monotonic_time ()))
    read_message (self);
  else
    self->pace_id = g_timeout_add (PACE_MS, on_pace, self);
}

void
glb_ssh_client_begin (GlbSshClient *self)
{
  if (!self->closed)
    g_input_stream_read_all_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)), self->length, LENGTH_BYTES,
                                   G_PRIORITY_DEFAULT, self->cancellable, length_cb, g_object_ref (self));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSshClient) self = user_data;
  gboolean written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);

  g_clear_handle_id (&self->deadline_id, g_source_remove);
  g_clear_pointer (&self->answer, g_bytes_unref);
  if (!written || self->is_last)
    leave (self);
  else
    glb_ssh_client_begin (self);
}

void
glb_ssh_client_answer (GlbSshClient *self, GBytes *answer)
{
  GByteArray *bytes;
  gsize size;
  const void *data = g_bytes_get_data (answer, &size);

  if (self->closed)
    return;

  g_return_if_fail (self->answer == NULL);
  stop_hang_up (self);
  bytes = g_byte_array_new ();
  glb_ssh_put_string (bytes, (GlbSshBytes) { data, size });
  self->answer = g_byte_array_free_to_bytes (bytes);
  self->deadline_id = g_timeout_add_seconds (DEADLINE_S, on_deadline, self);
  data = g_bytes_get_data (self->answer, &size);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), data, size, G_PRIORITY_DEFAULT,
                                   self->cancellable, answered_cb, g_object_ref (self));
}

void
glb_ssh_client_answer_byte (GlbSshClient *self, guint8 answer)
{
  g_autoptr(GBytes) bytes = g_bytes_new (&answer, 1);

  glb_ssh_client_answer (self, bytes);
}

void
glb_ssh_client_close (GlbSshClient *self)
{
  if (self->closed)
    return;

  self->closed = TRUE;
  stop_hang_up (self);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  g_clear_handle_id (&self->pace_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void
glb_ssh_client_dispose (GObject *object)
{
  GlbSshClient *self = GLB_SSH_CLIENT (object);

  if (self->connection != NULL)
    glb_ssh_client_close (self);
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_pointer (&self->message, g_free);

  G_OBJECT_CLASS (glb_ssh_client_parent_class)->dispose (object);
}

static void
glb_ssh_client_class_init (GlbSshClientClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_ssh_client_dispose;
  signals[ASKED] = g_signal_new ("asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[GONE] = g_signal_new ("gone", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_ssh_client_init (GlbSshClient *self)
{
  self->cancellable = g_cancellable_new ();
}

GlbSshClient *
glb_ssh_client_new (GSocketConnection *connection, GlbLinePace *pace)
{
  GlbSshClient *self = g_object_new (GLB_TYPE_SSH_CLIENT, NULL);

  self->connection = g_object_ref (connection);
  self->pace = pace;
  return self;
}
