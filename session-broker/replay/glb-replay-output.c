/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define KEPT_BYTES (8 * 1024)

struct _GlbReplayOutput
{
  int fds[2];
  GString *kept;
  GThread *thread;
};

static void
keep (GString    *kept,
      const char *bytes,
      gsize       length)
{
  g_string_append_len (kept, bytes, (gssize) length);
  if (kept->len > 2 * KEPT_BYTES)
    g_string_erase (kept, 0, (gssize) (kept->len - KEPT_BYTES));
}

/* FALSE: the end. */
static gboolean
read_some (int      fd,
           GString *kept)
{
  char buffer[4096];
  ssize_t n = read (fd, buffer, sizeof buffer);

  if (n > 0)
    keep (kept, buffer, (gsize) n);
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static gpointer
read_to_end (gpointer data)
{
  GlbReplayOutput *self = data;
  struct pollfd polled[2] = { { self->fds[0], POLLIN, 0 }, { self->fds[1], POLLIN, 0 } };

  while (polled[0].fd >= 0 || polled[1].fd >= 0)
    {
      if (poll (polled, 2, -1) < 0 && errno != EINTR)
        break;
      for (guint i = 0; i < 2; i++)
        if (polled[i].fd >= 0 && polled[i].revents != 0 && !read_some (polled[i].fd, self->kept))
          polled[i].fd = -1;
    }
  return NULL;
}

GlbReplayOutput *
glb_replay_output_new (int out,
                       int err)
{
  GlbReplayOutput *self = g_new0 (GlbReplayOutput, 1);

  self->fds[0] = out;
  self->fds[1] = err;
  self->kept = g_string_new (NULL);
  self->thread = g_thread_new ("output", read_to_end, self);
  return self;
}

char *
glb_replay_output_end (GlbReplayOutput *self)
{
  char *text;

  g_thread_join (self->thread);
  close (self->fds[0]);
  close (self->fds[1]);
  text = g_utf8_make_valid (self->kept->str, (gssize) self->kept->len);
  g_string_free (self->kept, TRUE);
  g_free (self);
  return text;
}
