/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-pipe-reader.h"

/* At a time, before other sources have their turn. */
#define CHUNK 65536

typedef struct
{
  int fd;
  gsize max_bytes;
  GByteArray *bytes;
  GSource *readable, *deadline, *cancelled;   /* (nullable) */
} Reader;

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
reader_stop (Reader *reader)
{
  drop_source (&reader->readable);
  drop_source (&reader->deadline);
  drop_source (&reader->cancelled);
  if (reader->fd >= 0)
    close (reader->fd);
  reader->fd = -1;
}

static void
reader_free (gpointer data)
{
  Reader *reader = data;

  reader_stop (reader);
  g_byte_array_unref (reader->bytes);
  g_free (reader);
}

/* The sources hold the task: it lives until one of them ends it. */
static GSource *
attach (GTask *task, GSource *source, GSourceFunc function)
{
  g_source_set_callback (source, function, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  return source;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (G_TASK (user_data));
  Reader *reader = g_task_get_task_data (task);
  guint8 untrusted_bytes[CHUNK];
  /* One more than may come tells that too much came. */
  gsize room = MIN (sizeof untrusted_bytes, reader->max_bytes - reader->bytes->len + 1);
  gssize n = read (fd, untrusted_bytes, room);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n < 0)
    {
      int error = errno;

      reader_stop (reader);
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (error), "pipe: can't read: %s", g_strerror (error));
      return G_SOURCE_REMOVE;
    }
  if (n == 0)
    {
      reader_stop (reader);
      g_task_return_pointer (task, g_bytes_new (reader->bytes->data, reader->bytes->len), (GDestroyNotify) g_bytes_unref);
      return G_SOURCE_REMOVE;
    }

  if ((gsize) n > reader->max_bytes - reader->bytes->len)
    {
      reader_stop (reader);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "pipe: more than %" G_GSIZE_FORMAT " bytes", reader->max_bytes);
      return G_SOURCE_REMOVE;
    }
  g_byte_array_append (reader->bytes, untrusted_bytes, n);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_deadline (gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (G_TASK (user_data));

  reader_stop (g_task_get_task_data (task));
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "pipe: the writer did not end in time");
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (G_TASK (user_data));

  reader_stop (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

void
glb_pipe_reader_read_async (int                  fd,
                            gsize                max_bytes,
                            guint                deadline_ms,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Reader *reader = g_new0 (Reader, 1);

  g_return_if_fail (max_bytes < G_MAXUINT / 2);

  g_task_set_source_tag (task, glb_pipe_reader_read_async);
  g_task_set_task_data (task, reader, reader_free);
  reader->fd = fd;
  reader->max_bytes = max_bytes;
  reader->bytes = g_byte_array_new ();
  /* of this end only: the writer's stays as writers expect it */
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  reader->readable = attach (task, g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP | G_IO_ERR), G_SOURCE_FUNC (on_readable));
  reader->deadline = attach (task, g_timeout_source_new (deadline_ms), on_deadline);
  if (cancellable != NULL)
    reader->cancelled = attach (task, g_cancellable_source_new (cancellable), G_SOURCE_FUNC (on_cancelled));
}

GBytes *
glb_pipe_reader_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
