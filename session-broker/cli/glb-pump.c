/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "session-broker/cli/glb-pump.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Between two pipes the kernel moves the pages itself (splice); it also leaves
 * a full pipe alone without O_NONBLOCK, which would change the descriptor for
 * everybody who shares it, the person's shell included. Other outputs that we
 * share are written in pieces that fit whenever poll says that there is room.
 */

#define BUFFER_SIZE  (64 * 1024)
#define SPLICE_SIZE  (1024 * 1024)
#define TURNS        16          /* of one dispatch: the main loop has other work too */

typedef enum { AGAIN, WAIT_IN, WAIT_OUT, END } Turn;

struct _GlbPump
{
  int in, out;
  GlbPumpFlags flags;
  gboolean splice, socket;
  gsize max_write;
  guint8 *buffer;
  gsize start, end;
  gint64 left;                   /* to take from the input; -1: until its end */

  GSource *source;
  int waits_for;                 /* the descriptor of source */
  gboolean ended;
  void (*done) (gpointer user_data);
  gpointer user_data;
};

static gboolean on_ready (int fd, GIOCondition condition, gpointer user_data);

static void
drop_source (GlbPump *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
wait_for (GlbPump      *self,
          int           fd,
          GIOCondition  condition)
{
  if (self->source != NULL && self->waits_for == fd)
    return;

  drop_source (self);
  self->waits_for = fd;
  self->source = g_unix_fd_source_new (fd, condition | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_ready), self, NULL);
  g_source_attach (self->source, NULL);
}

static void
close_owned (GlbPump *self)
{
  drop_source (self);
  if (self->in >= 0 && (self->flags & GLB_PUMP_OWNS_IN) != 0)
    close (self->in);
  if (self->out >= 0 && (self->flags & GLB_PUMP_OWNS_OUT) != 0)
    close (self->out);
  self->in = -1;
  self->out = -1;
}

static void
finish (GlbPump *self)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  close_owned (self);
  self->done (self->user_data);
}

static gsize
limit (GlbPump *self,
       gsize    size)
{
  return self->left < 0 ? size : (gsize) MIN ((gint64) size, self->left);
}

static void
count (GlbPump *self,
       gssize   n)
{
  if (self->left > 0)
    self->left -= n;
}

static Turn
turn_splice (GlbPump *self)
{
  struct pollfd polled = { .fd = self->in, .events = POLLIN };
  ssize_t n;

  n = splice (self->in, NULL, self->out, NULL, limit (self, SPLICE_SIZE), SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  if (n > 0)
    {
      count (self, n);
      return AGAIN;
    }
  if (n == 0)
    return END;
  if (errno == EINTR)
    return AGAIN;
  if (errno == EINVAL)
    {
      self->splice = FALSE;
      return AGAIN;
    }
  if (errno != EAGAIN)
    return END;

  /* Either is not ready: wait for the one that is to blame. */
  return poll (&polled, 1, 0) > 0 ? WAIT_OUT : WAIT_IN;
}

static Turn
turn_read (GlbPump *self)
{
  ssize_t n = read (self->in, self->buffer, limit (self, BUFFER_SIZE));

  if (n < 0 && errno == EINTR)
    return AGAIN;
  if (n < 0 && errno == EAGAIN)
    return WAIT_IN;
  if (n <= 0)
    return END;

  count (self, n);
  self->start = 0;
  self->end = (gsize) n;
  return AGAIN;
}

static Turn
turn_write (GlbPump *self)
{
  gsize length = MIN (self->end - self->start, self->max_write);
  ssize_t n;

  if (self->socket)
    n = send (self->out, self->buffer + self->start, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  else
    n = write (self->out, self->buffer + self->start, length);

  if (n < 0 && errno == EINTR)
    return AGAIN;
  if (n < 0 && errno == EAGAIN)
    return WAIT_OUT;
  if (n < 0)
    return END;

  self->start += (gsize) n;
  return AGAIN;
}

/* Whether a write of max_write bytes would return at once. */
static gboolean
has_room (GlbPump *self)
{
  struct pollfd polled = { .fd = self->out, .events = POLLOUT };

  return self->max_write > PIPE_BUF || poll (&polled, 1, 0) > 0;
}

/* Input that we share may be taken by another process between poll and read: ask before each read. */
static gboolean
has_input (GlbPump *self)
{
  struct pollfd polled = { .fd = self->in, .events = POLLIN };

  return (self->flags & GLB_PUMP_OWNS_IN) != 0 || poll (&polled, 1, 0) > 0;
}

static Turn
turn (GlbPump *self)
{
  if (self->start < self->end)
    return has_room (self) ? turn_write (self) : WAIT_OUT;
  if (self->left == 0)
    return END;
  if (self->splice)
    return turn_splice (self);

  return has_input (self) ? turn_read (self) : WAIT_IN;
}

static gboolean
on_ready (int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
  GlbPump *self = user_data;
  Turn next = AGAIN;

  for (guint i = 0; i < TURNS && next == AGAIN; i++)
    next = turn (self);

  if (next == END)
    {
      finish (self);
      return G_SOURCE_REMOVE;
    }

  if (next == WAIT_OUT || (next == AGAIN && self->start < self->end))
    wait_for (self, self->out, G_IO_OUT);
  else
    wait_for (self, self->in, G_IO_IN);
  return g_source_is_destroyed (g_main_current_source ()) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
is_pipe (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISFIFO (st.st_mode);
}

static void
look_at_output (GlbPump *self)
{
  struct stat st;

  if (fstat (self->out, &st) < 0)
    return;

  self->socket = S_ISSOCK (st.st_mode);
  if ((self->flags & GLB_PUMP_OWNS_OUT) != 0 || self->socket || S_ISREG (st.st_mode))
    self->max_write = BUFFER_SIZE;
}

GlbPump *
glb_pump_new (int            in,
              int            out,
              GlbPumpFlags   flags,
              void         (*done) (gpointer user_data),
              gpointer       user_data)
{
  GlbPump *self = g_new0 (GlbPump, 1);

  self->in = in;
  self->out = out;
  self->flags = flags;
  self->left = -1;
  self->max_write = PIPE_BUF;
  self->done = done;
  self->user_data = user_data;
  self->buffer = g_malloc (BUFFER_SIZE);
  self->splice = is_pipe (in) && is_pipe (out);

  if ((flags & GLB_PUMP_OWNS_IN) != 0)
    g_unix_set_fd_nonblocking (in, TRUE, NULL);
  if ((flags & GLB_PUMP_OWNS_OUT) != 0)
    g_unix_set_fd_nonblocking (out, TRUE, NULL);
  look_at_output (self);

  wait_for (self, in, G_IO_IN);
  return self;
}

void
glb_pump_drain (GlbPump *self)
{
  int available = 0;

  if (self->ended || self->left >= 0)
    return;

  if (ioctl (self->in, FIONREAD, &available) < 0)
    available = 0;
  self->left = available;
  if (self->left == 0 && self->start == self->end)
    finish (self);
}

gboolean
glb_pump_is_done (GlbPump *self)
{
  return self->ended;
}

void
glb_pump_free (GlbPump *self)
{
  if (!self->ended)
    close_owned (self);
  g_free (self->buffer);
  g_free (self);
}
