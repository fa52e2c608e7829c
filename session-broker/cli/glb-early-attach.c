/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-early-attach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session-broker/cli/glb-early-wire.h"

#define ANSWER_MS 100
/* Of the broker's words; what is longer is for GDBus. */
#define WORDS_MAX (64 * 1024)

/* AGAIN: there may be more at once; WAIT: not now; REST: somebody else is needed. */
typedef enum { AGAIN, WAIT, REST } Next;

typedef struct
{
  GlbEarlyRun *early;
  int epoll;
  bool answered;
} Attach;

/* What an event is about: a stream's number, or one of these. */
enum { CONNECTION = 3, SIGNALS = 4 };

static const int own_streams[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };

/* ---- the streams -------------------------------------------------------------- */

static void
close_stream (Attach *attach,
              int     i)
{
  /* ours stays open for others, and would be told of for ever */
  epoll_ctl (attach->epoll, EPOLL_CTL_DEL, i == 0 ? STDIN_FILENO : attach->early->streams[i], NULL);
  close (attach->early->streams[i]);
  attach->early->streams[i] = -1;
}

/* Where the kernel cannot: from /dev/null, or to a file that is appended to. A file takes all, a pipe that has room a whole piece.
 * -1: it is neither, and nothing was read. */
static ssize_t
copy (int in,
      int out)
{
  char bytes[PIPE_BUF];
  struct stat st;
  ssize_t n, written;

  if (fstat (out, &st) < 0 || (!S_ISREG (st.st_mode) && !S_ISFIFO (st.st_mode)))
    {
      errno = EINVAL;
      return -1;
    }

  n = read (in, bytes, sizeof bytes);
  for (ssize_t done = 0; done < n; done += written)
    {
      written = write (out, bytes + done, (size_t) (n - done));
      if (written < 0 && errno == EINTR)
        written = 0;
      /* as where the reader of a pipe has gone: nobody gets the rest */
      if (written < 0)
        return 0;
    }
  return n;
}

/* Between a pipe and anything: the kernel keeps what it could not pass on. */
static Next
move_stream (Attach *attach,
             int     i)
{
  int theirs = attach->early->streams[i];
  int in = i == 0 ? STDIN_FILENO : theirs, out = i == 0 ? theirs : own_streams[i];
  struct pollfd polled[2] = { { .fd = in, .events = POLLIN }, { .fd = out, .events = POLLOUT } };
  ssize_t n;

  if (theirs < 0 || poll (polled, 2, 0) < 0)
    return WAIT;
  if ((polled[1].revents & (POLLOUT | POLLERR)) != POLLOUT)
    return REST;
  if (polled[0].revents == 0)
    return WAIT;

  n = splice (in, NULL, out, NULL, PIPE_BUF, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  if (n < 0 && errno == EINVAL)
    n = copy (in, out);
  if (n > 0)
    return AGAIN;
  /* EAGAIN too: both were ready, and would be told of again and again */
  if (n < 0)
    return errno == EINTR ? AGAIN : REST;

  close_stream (attach, i);
  return WAIT;
}

static Next
watch_stream (Attach *attach,
              int     i)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t) i };
  int fd = i == 0 ? STDIN_FILENO : attach->early->streams[i];
  Next next = AGAIN;

  if (attach->early->streams[i] < 0 || epoll_ctl (attach->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
    return WAIT;
  /* a file is always ready, and soon over */
  if (errno != EPERM)
    return REST;
  while (next == AGAIN)
    next = move_stream (attach, i);
  return attach->early->streams[i] < 0 ? WAIT : REST;
}

/* ---- the broker --------------------------------------------------------------- */

/* Takes what was looked at, and three descriptors with it where fds is given. */
static bool
receive (int     connection,
         size_t  length,
         int    *fds)
{
  static unsigned char bytes[WORDS_MAX];
  union { struct cmsghdr header; char space[CMSG_SPACE (3 * sizeof (int))]; } control = { 0 };
  struct iovec part = { .iov_base = bytes, .iov_len = length };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (fds != NULL)
    {
      message.msg_control = control.space;
      message.msg_controllen = sizeof control.space;
    }
  if (recvmsg (connection, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != (ssize_t) length)
    return false;
  if (fds == NULL)
    return true;

  if (message.msg_controllen < CMSG_LEN (3 * sizeof (int)) || control.header.cmsg_type != SCM_RIGHTS ||
      control.header.cmsg_len != CMSG_LEN (3 * sizeof (int)))
    return false;
  memcpy (fds, CMSG_DATA (&control.header), 3 * sizeof (int));
  return true;
}

/* It was there a moment ago: where it is not, the broker is lost, and the rest says so. */
static bool
take_words (GlbEarlyRun *early,
            size_t       length,
            int         *fds)
{
  if (receive (early->connection, length, fds))
    return true;

  shutdown (early->connection, SHUT_RDWR);
  return false;
}

/* Ours alone: who shares standard streams with us does not share these. */
static void
set_nonblocking (int fd)
{
  int flags = fcntl (fd, F_GETFL);

  if (flags >= 0)
    fcntl (fd, F_SETFL, flags | O_NONBLOCK);
}

static Next
take_answer (Attach              *attach,
             const unsigned char *bytes,
             size_t               before,
             size_t               size)
{
  GlbEarlyRun *early = attach->early;
  Next next = WAIT;
  GlbEarlyStarted answer;
  int fds[3];

  attach->answered = true;
  if (!early->stays || !glb_early_wire_read_started (bytes + before, size, &answer) ||
      strlen (answer.path) >= sizeof early->path)
    return REST;
  if (!take_words (early, before, NULL) || !take_words (early, size, fds))
    return REST;

  early->started = true;
  strcpy (early->path, answer.path);
  early->command = answer.command;
  for (int i = 0; i < 3; i++)
    {
      early->streams[i] = fds[answer.streams[i]];
      set_nonblocking (early->streams[i]);
    }
  for (int i = 0; i < 3 && next != REST; i++)
    next = watch_stream (attach, i);
  return next;
}

/* The two lines that answer our authentication; their length, or 0: they are not there yet. */
static size_t
skip_authentication (const unsigned char *bytes,
                     size_t               length)
{
  size_t place = 0;

  for (int lines = 0; lines < 2; lines++)
    {
      const unsigned char *end = memchr (bytes + place, '\n', length - place);

      if (end == NULL)
        return 0;
      place = (size_t) (end - bytes) + 1;
    }
  return place;
}

/* Before the answer nothing is taken; after it each message is, as it comes. */
static Next
hear_broker (Attach *attach)
{
  static unsigned char bytes[WORDS_MAX];
  GlbEarlyRun *early = attach->early;
  ssize_t n = recv (early->connection, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
  size_t length = n > 0 ? (size_t) n : 0, place = 0, size;

  if (n <= 0)
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? WAIT : REST;

  if (!attach->answered && (place = skip_authentication (bytes, length)) == 0)
    return WAIT;
  for (; (size = glb_early_wire_get_size (bytes + place, length - place)) > 0 && size <= length - place; place += size)
    switch (glb_early_wire_get_kind (bytes + place, size))
      {
      case GLB_EARLY_SIGNAL:
        if (attach->answered)
          return take_words (early, size, NULL) ? AGAIN : REST;
        break;
      case GLB_EARLY_ANSWER:
        return attach->answered || take_answer (attach, bytes, place, size) == REST ? REST : AGAIN;
      case GLB_EARLY_END:
        /* of another session: there are many, and they end */
        if (attach->answered && !glb_early_wire_is_about (bytes, size, early->path))
          return take_words (early, size, NULL) ? AGAIN : REST;
        return REST;
      }
  return size > sizeof bytes - place ? REST : WAIT;
}

/* ---- both ---------------------------------------------------------------------- */

static bool
watch (Attach   *attach,
       int       fd,
       uint32_t  what,
       uint32_t  events)
{
  struct epoll_event event = { .events = events, .data.u32 = what };

  return epoll_ctl (attach->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static long
milliseconds_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static Next
handle (Attach   *attach,
        uint32_t  what)
{
  Next next = AGAIN;

  if (what == SIGNALS)
    return REST;
  if (what == CONNECTION)
    while (next == AGAIN)
      next = hear_broker (attach);
  else
    next = move_stream (attach, (int) what);
  return next;
}

static void
attend (Attach *attach)
{
  long deadline = milliseconds_now () + ANSWER_MS;
  struct epoll_event event;
  Next next = WAIT;

  while (next != REST)
    {
      long left = attach->early->started ? -1 : deadline - milliseconds_now ();
      int n;

      if (!attach->early->started && left <= 0)
        return;
      n = epoll_wait (attach->epoll, &event, 1, (int) left);
      if (n > 0)
        next = handle (attach, event.data.u32);
      else if (n < 0 && errno != EINTR)
        return;
    }
}

void
glb_early_attach (GlbEarlyRun *early)
{
  Attach attach = { .early = early, .epoll = epoll_create1 (EPOLL_CLOEXEC) };
  int signals = signalfd (-1, &early->held, SFD_CLOEXEC | SFD_NONBLOCK);

  signal (SIGPIPE, SIG_IGN);
  /* what the broker says may be there without being a whole message: only news count */
  if (attach.epoll >= 0 && signals >= 0 && watch (&attach, signals, SIGNALS, EPOLLIN) &&
      watch (&attach, early->connection, CONNECTION, EPOLLIN | EPOLLET))
    attend (&attach);

  if (signals >= 0)
    close (signals);
  if (attach.epoll >= 0)
    close (attach.epoll);
}
