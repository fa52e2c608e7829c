/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-line-reader.h"

/* How soon to ask again whether it is a line's turn. */
#define PACE_MS 20

struct _GlbLineReader
{
  GObject parent_instance;

  GInputStream *stream;
  GlbLinePace *pace;
  GByteArray *unread;        /* read, and not yet a whole line */
  gsize max_bytes;
  gsize read_bytes;
  guint8 *buffer;            /* of read_bytes */
};

G_DEFINE_FINAL_TYPE (GlbLineReader, glb_line_reader, G_TYPE_OBJECT)

static void step (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbLineReader *self = g_task_get_source_object (task);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n < 0)
    g_task_return_error (task, error);
  else if (n == 0)
    g_task_return_pointer (task, NULL, NULL);
  else
    {
      g_byte_array_append (self->unread, self->buffer, n);
      step (g_steal_pointer (&task));
    }
}

static gboolean
on_pace (gpointer user_data)
{
  step (g_object_ref (user_data));
  return G_SOURCE_REMOVE;
}

/* Takes task. */
static void
wait_for_turn (GTask *task)
{
  g_autoptr(GSource) source = g_timeout_source_new (PACE_MS);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (cancellable != NULL)
    {
      g_autoptr(GSource) end = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (end);
      g_source_add_child_source (source, end);
    }
  g_source_set_callback (source, on_pace, task, g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

static void
line_free (gpointer data)
{
  g_string_free (data, TRUE);
}

/* Takes task. length: of the line that is there */
static void
return_line (GTask *task, gsize length)
{
  GlbLineReader *self = g_task_get_source_object (task);
  GString *untrusted_line = g_string_new_len ((const char *) self->unread->data, length);

  g_byte_array_remove_range (self->unread, 0, length + 1);
  g_task_return_pointer (task, untrusted_line, line_free);
  g_object_unref (task);
}

/* Takes task. */
static void
step (GTask *task)
{
  GlbLineReader *self = g_task_get_source_object (task);
  const guint8 *data = self->unread->data;
  const guint8 *end = self->unread->len > 0 ? memchr (data, '\n', self->unread->len) : NULL;
  gsize length = end != NULL ? (gsize) (end - data) : self->unread->len;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (length > self->max_bytes)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "the line is too long");
      g_object_unref (task);
    }
  else if (end == NULL)
    g_input_stream_read_async (self->stream, self->buffer, self->read_bytes, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), read_cb, task);
  else if (!glb_line_pace_take (self->pace, g_get_monotonic_time ()))
    wait_for_turn (task);
  else
    return_line (task, length);
}

void
glb_line_reader_read_async (GlbLineReader *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, glb_line_reader_read_async);
  step (task);
}

char *
glb_line_reader_read_finish (GlbLineReader *self, GAsyncResult *result, gsize *length, GError **error)
{
  GString *line = g_task_propagate_pointer (G_TASK (result), error);

  if (line == NULL)
    return NULL;

  *length = line->len;
  return g_string_free (line, FALSE);
}

static void
glb_line_reader_finalize (GObject *object)
{
  GlbLineReader *self = GLB_LINE_READER (object);

  g_object_unref (self->stream);
  g_byte_array_unref (self->unread);
  g_free (self->buffer);

  G_OBJECT_CLASS (glb_line_reader_parent_class)->finalize (object);
}

static void
glb_line_reader_class_init (GlbLineReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_line_reader_finalize;
}

static void
glb_line_reader_init (GlbLineReader *self)
{
  self->unread = g_byte_array_new ();
}

GlbLineReader *
glb_line_reader_new (GInputStream *stream, gsize max_bytes, gsize read_bytes, GlbLinePace *pace)
{
  GlbLineReader *self = g_object_new (GLB_TYPE_LINE_READER, NULL);

  self->stream = g_object_ref (stream);
  self->max_bytes = max_bytes;
  self->read_bytes = read_bytes;
  self->buffer = g_malloc (read_bytes);
  self->pace = pace;
  return self;
}
