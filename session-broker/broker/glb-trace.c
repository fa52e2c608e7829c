/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib-unix.h>

#include "policies/glb-json-writer.h"
#include "session-broker/broker/glb-trace.h"

#define FINISH_DEADLINE_MS 5000

struct _GlbTrace
{
  GObject parent_instance;

  int fd;                    /* the writing end; -1: it has ended */
  GByteArray *queue;
  gsize n_sent;              /* of the queue */
  guint64 n_lines, n_bytes;
  gboolean finishing;
  const char *why;           /* (nullable): it is about to end; static */
  guint watch_id;            /* of the pipe */
  GIOCondition watched;
  guint deadline_id, end_id;
};

G_DEFINE_FINAL_TYPE (GlbTrace, glb_trace, G_TYPE_OBJECT)

enum { ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
stop (GlbTrace *self)
{
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  g_clear_handle_id (&self->end_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static gboolean
on_end (gpointer user_data)
{
  g_autoptr(GlbTrace) self = g_object_ref (GLB_TRACE (user_data));

  self->end_id = 0;
  g_signal_emit (self, signals[ENDED], 0, self->why);
  stop (self);
  return G_SOURCE_REMOVE;
}

/* From the main loop, because whoever writes may be in the middle of something. */
static void
end (GlbTrace *self, const char *why)
{
  if (self->why != NULL)
    return;

  self->why = why;
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_byte_array_set_size (self->queue, 0);
  self->n_sent = 0;
  self->end_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_end, g_object_ref (self), g_object_unref);
}

static void
drop_sent (GlbTrace *self)
{
  g_byte_array_remove_range (self->queue, 0, self->n_sent);
  self->n_sent = 0;
}

/* What the pipe takes now. */
static void
flush (GlbTrace *self)
{
  while (self->n_sent < self->queue->len)
    {
      gssize n = write (self->fd, self->queue->data + self->n_sent, self->queue->len - self->n_sent);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        {
          if (self->n_sent > GLB_TRACE_QUEUE_MAX / 4)
            drop_sent (self);
          return;
        }
      if (n <= 0)
        {
          end (self, "reader-gone");
          return;
        }
      self->n_sent += n;
      self->n_bytes += n;
    }
  drop_sent (self);
  if (self->finishing)
    end (self, "finished");
}

static gboolean on_pipe (int fd, GIOCondition condition, gpointer user_data);

/* A reader that goes is seen at once, not with the next line. */
static void
watch (GlbTrace *self)
{
  GIOCondition wanted = self->queue->len > 0 ? G_IO_OUT | G_IO_ERR : G_IO_ERR;

  if (self->why != NULL || (self->watch_id != 0 && self->watched == wanted))
    return;

  g_clear_handle_id (&self->watch_id, g_source_remove);
  self->watched = wanted;
  self->watch_id = g_unix_fd_add (self->fd, wanted, on_pipe, self);
}

static gboolean
on_pipe (int fd, GIOCondition condition, gpointer user_data)
{
  GlbTrace *self = user_data;

  if ((condition & G_IO_ERR) != 0)
    end (self, "reader-gone");
  else
    flush (self);
  watch (self);
  return G_SOURCE_CONTINUE;
}

static void
glb_trace_dispose (GObject *object)
{
  stop (GLB_TRACE (object));

  G_OBJECT_CLASS (glb_trace_parent_class)->dispose (object);
}

static void
glb_trace_finalize (GObject *object)
{
  g_byte_array_unref (GLB_TRACE (object)->queue);

  G_OBJECT_CLASS (glb_trace_parent_class)->finalize (object);
}

static void
glb_trace_class_init (GlbTraceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_trace_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_trace_finalize;

  signals[ENDED] = g_signal_new ("ended", GLB_TYPE_TRACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_trace_init (GlbTrace *self)
{
  self->fd = -1;
  self->queue = g_byte_array_new ();
}

GlbTrace *
glb_trace_new (int *reader, GError **error)
{
  g_autoptr(GlbTrace) self = g_object_new (GLB_TYPE_TRACE, NULL);
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "trace: can't make a pipe: %s", g_strerror (saved));
      return NULL;
    }

  *reader = ends[0];
  self->fd = ends[1];
  /* of this end only: the reader's stays as readers expect it */
  fcntl (self->fd, F_SETFL, fcntl (self->fd, F_GETFL) | O_NONBLOCK);
  watch (self);
  return g_steal_pointer (&self);
}

void
glb_trace_write (GlbTrace *self, JsonNode *record)
{
  g_autofree char *line = NULL;
  gsize length;

  if (self->fd < 0 || self->why != NULL || self->finishing)
    return;

  line = glb_json_write (record);
  length = strlen (line);
  if (self->queue->len - self->n_sent + length + 1 > GLB_TRACE_QUEUE_MAX)
    {
      end (self, "slow-reader");
      return;
    }

  g_byte_array_append (self->queue, (const guint8 *) line, length);
  g_byte_array_append (self->queue, (const guint8 *) "\n", 1);
  self->n_lines++;
  flush (self);
  watch (self);
}

static gboolean
on_deadline (gpointer user_data)
{
  GlbTrace *self = user_data;

  self->deadline_id = 0;
  end (self, "slow-reader");
  return G_SOURCE_REMOVE;
}

void
glb_trace_finish (GlbTrace *self)
{
  if (self->fd < 0 || self->why != NULL || self->finishing)
    return;

  self->finishing = TRUE;
  if (self->queue->len == 0)
    {
      end (self, "finished");
      return;
    }

  /* nobody else may hold it by then */
  self->deadline_id = g_timeout_add_full (G_PRIORITY_DEFAULT, FINISH_DEADLINE_MS, on_deadline, g_object_ref (self), g_object_unref);
}

guint64
glb_trace_get_n_lines (GlbTrace *self)
{
  return self->n_lines;
}

guint64
glb_trace_get_n_bytes (GlbTrace *self)
{
  return self->n_bytes;
}
