/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-output.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

#include "session-broker/mcp/glb-mcp-session.h"

#define READ_MAX   (16u * 1024u)
/* A pipe holds at most 1 MiB: who fills it while it is emptied does not keep us. */
#define READS_LAST 64u

struct _GlbMcpOutput
{
  int fd;                /* -1: it has ended */
  guint source;
  GString *kept;
  gsize max_bytes;
  guint64 total;
};

/* FALSE: nothing more for now */
static gboolean
read_some (GlbMcpOutput *self)
{
  char buffer[READ_MAX];
  ssize_t n = read (self->fd, buffer, sizeof buffer);

  if (n < 0 && errno == EINTR)
    return TRUE;
  if (n < 0 && errno == EAGAIN)
    return FALSE;
  if (n <= 0)
    {
      close (self->fd);
      self->fd = -1;
      return FALSE;
    }

  g_string_append_len (self->kept, buffer, (gssize) MIN ((gsize) n, self->max_bytes - self->kept->len));
  self->total += (guint64) n;
  return TRUE;
}

static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  GlbMcpOutput *self = user_data;

  read_some (self);
  if (self->fd >= 0)
    return G_SOURCE_CONTINUE;

  self->source = 0;
  return G_SOURCE_REMOVE;
}

GlbMcpOutput *
glb_mcp_output_new (int   fd,
                    gsize max_bytes)
{
  GlbMcpOutput *self = g_new0 (GlbMcpOutput, 1);

  self->fd = fd;
  self->max_bytes = max_bytes;
  self->kept = g_string_new (NULL);
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  self->source = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  return self;
}

char *
glb_mcp_output_finish (GlbMcpOutput *self,
                       guint64      *total)
{
  for (guint i = 0; i < READS_LAST && self->fd >= 0 && read_some (self); i++)
    ;
  *total = self->total;
  return g_utf8_make_valid (self->kept->str, (gssize) self->kept->len);
}

void
glb_mcp_output_free (GlbMcpOutput *self)
{
  if (self->source != 0)
    g_source_remove (self->source);
  if (self->fd >= 0)
    glb_mcp_session_drain_output (self->fd);
  g_string_free (self->kept, TRUE);
  g_free (self);
}
