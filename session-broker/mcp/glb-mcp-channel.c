/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-channel.h"

#include <errno.h>
#include <glib-unix.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/mcp/glb-mcp-lines.h"

/* That much of answers may wait for the client. */
#define QUEUE_MAX (32u * 1024u * 1024u)
#define READ_MAX  (64u * 1024u)

struct _GlbMcpChannel
{
  int in, out;
  GlbMcpLines lines;
  GlbMcpChannelEvents events;
  gpointer user_data;

  guint in_source, out_source;
  gboolean stopped, broken, closed;
  GQueue queue;              /* (element-type GBytes) */
  gsize queued;              /* bytes of it */
  gsize written;             /* of its head */
};

static void
set_closed (GlbMcpChannel *self)
{
  if (self->closed)
    return;

  self->closed = TRUE;
  self->events.closed (self->user_data);
}

static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  GlbMcpChannel *self = user_data;
  char buffer[READ_MAX];
  ssize_t n = read (fd, buffer, sizeof buffer);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      self->in_source = 0;
      set_closed (self);
      return G_SOURCE_REMOVE;
    }

  glb_mcp_lines_feed (&self->lines, buffer, (gsize) n);
  if (self->in_source == 0)
    return G_SOURCE_REMOVE;
  if (self->queued <= QUEUE_MAX)
    return G_SOURCE_CONTINUE;
  self->in_source = 0;
  return G_SOURCE_REMOVE;
}

static void
read_on (GlbMcpChannel *self)
{
  if (!self->stopped && !self->closed && self->in_source == 0 && self->queued <= QUEUE_MAX)
    self->in_source = g_unix_fd_add (self->in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
}

static void
drop_queue (GlbMcpChannel *self)
{
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  self->queued = self->written = 0;
}

/* FALSE: nobody will read it. */
static gboolean
write_some (GlbMcpChannel *self)
{
  GBytes *head = g_queue_peek_head (&self->queue);
  gsize length;
  const char *bytes = g_bytes_get_data (head, &length);
  /* the kernel has room for so much where it says that it has any, and a descriptor that blocks will not */
  ssize_t n = write (self->out, bytes + self->written, MIN (length - self->written, PIPE_BUF));

  if (n < 0)
    return errno == EINTR || errno == EAGAIN;
  self->written += (gsize) n;
  self->queued -= (gsize) n;
  if (self->written < length)
    return TRUE;

  self->written = 0;
  g_bytes_unref (g_queue_pop_head (&self->queue));
  return TRUE;
}

static gboolean
on_writable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  GlbMcpChannel *self = user_data;

  if (!write_some (self))
    {
      self->broken = TRUE;
      drop_queue (self);
    }
  read_on (self);
  if (!g_queue_is_empty (&self->queue))
    return G_SOURCE_CONTINUE;

  self->out_source = 0;
  if (self->broken)
    set_closed (self);
  self->events.flushed (self->user_data);
  return G_SOURCE_REMOVE;
}

void
glb_mcp_channel_write (GlbMcpChannel *self,
                       char          *line)
{
  gsize length = strlen (line);

  if (self->broken)
    {
      g_free (line);
      return;
    }

  /* the terminating zero's place is the line's end */
  line[length] = '\n';
  g_queue_push_tail (&self->queue, g_bytes_new_take (line, length + 1));
  self->queued += length + 1;
  if (self->out_source == 0)
    self->out_source = g_unix_fd_add (self->out, G_IO_OUT | G_IO_HUP | G_IO_ERR, on_writable, self);
}

gboolean
glb_mcp_channel_is_flushed (GlbMcpChannel *self)
{
  return g_queue_is_empty (&self->queue);
}

void
glb_mcp_channel_stop (GlbMcpChannel *self)
{
  self->stopped = TRUE;
  if (self->in_source != 0)
    g_source_remove (self->in_source);
  self->in_source = 0;
}

GlbMcpChannel *
glb_mcp_channel_new (int                        in,
                     int                        out,
                     gsize                      max_bytes,
                     const GlbMcpChannelEvents *events,
                     gpointer                   user_data)
{
  GlbMcpChannel *self = g_new0 (GlbMcpChannel, 1);

  self->in = in;
  self->out = out;
  self->events = *events;
  self->user_data = user_data;
  glb_mcp_lines_init (&self->lines, max_bytes, events->line, user_data);
  g_queue_init (&self->queue);
  read_on (self);
  return self;
}

void
glb_mcp_channel_free (GlbMcpChannel *self)
{
  glb_mcp_channel_stop (self);
  if (self->out_source != 0)
    g_source_remove (self->out_source);
  drop_queue (self);
  glb_mcp_lines_finish (&self->lines);
  g_free (self);
}
