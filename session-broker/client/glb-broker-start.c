/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-client"

#include "session-broker/client/glb-broker-start.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/client/glb-client.h"

/*
 * Several clients may find no broker at the same moment. One of them holds the
 * lock file and starts it; the others are woken by the folder itself (inotify):
 * when the socket appears, or when the lock's holder closes the lock, be it
 * because it died. All have one deadline.
 */

#define LOCK_NAME    "start.lock"
#define LOG_MAX      (1024 * 1024)
#define ANSWER_MAX   4096u
#define CONNECT_SECONDS 5
/* The kernel tells of a close a moment before it takes the dead holder's lock away: look once more after that. */
#define LOOK_AGAIN_US (100 * 1000)

static void
set_errno_error (GError    **error,
                 int         number,
                 const char *what,
                 const char *path)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "Can't %s %s: %s", what, path, g_strerror (number));
}

static void
clear_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

int
glb_broker_connect (const char *path,
                    GError    **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const struct timeval connect_deadline = { .tv_sec = CONNECT_SECONDS }, no_deadline = { 0 };
  struct ucred peer = { 0 };
  socklen_t length = sizeof peer;
  int fd, saved_errno;

  if (strlen (path) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                   "The path of the broker's socket %s is too long; use a shorter XDG_RUNTIME_DIR", path);
      return -1;
    }
  strcpy (address.sun_path, path);

  /* Where many come at once the listener's queue is full: then it waits its turn, up to the deadline (EAGAIN). */
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &connect_deadline, sizeof connect_deadline) < 0 ||
      connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    {
      saved_errno = errno;
      clear_fd (&fd);
      if (saved_errno == ENOENT || saved_errno == ECONNREFUSED)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No broker answers at %s", path);
      else if (saved_errno == EAGAIN)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                     "The broker at %s does not answer; end its process glovebox-broker and try again", path);
      else
        set_errno_error (error, saved_errno, "connect to the broker at", path);
      return -1;
    }

  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &no_deadline, sizeof no_deadline);
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != geteuid ())
    {
      clear_fd (&fd);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   "Whoever answers at %s runs under user id %u, not under ours; remove the socket", path, (guint) peer.uid);
      return -1;
    }

  return fd;
}

gboolean
glb_broker_wait_readable (int           fd,
                          gint64        deadline,
                          GCancellable *cancellable,
                          GError      **error)
{
  struct pollfd polled[2] = { { .fd = fd, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
  gint64 left;
  int n;

  polled[1].fd = cancellable == NULL ? -1 : g_cancellable_get_fd (cancellable);
  do
    {
      left = MAX (0, deadline - g_get_monotonic_time ());
      n = poll (polled, 2, (int) ((left + 999) / 1000));
    }
  while (n < 0 && errno == EINTR);
  if (cancellable != NULL)
    g_cancellable_release_fd (cancellable);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (n <= 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The broker did not get ready in time");
      return FALSE;
    }
  return TRUE;
}

/* Opens the log for the broker's standard error; a long one is set aside once. */
static int
open_log (char   **path,
          GError **error)
{
  g_autofree char *state = glb_paths_get_state_dir (error);
  struct stat st;
  int fd;

  if (state == NULL)
    return -1;

  *path = g_build_filename (state, GLB_BROKER_LOG, NULL);
  if (lstat (*path, &st) == 0 && st.st_size > LOG_MAX)
    {
      g_autofree char *old = g_strconcat (*path, ".old", NULL);

      g_rename (*path, old);
    }

  fd = open (*path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    set_errno_error (error, errno, "write", *path);
  return fd;
}

/* In the child between fork and exec: a session of its own, so that no key of the starter's terminal reaches it. */
static void
leave_session (gpointer user_data)
{
  setsid ();
}

/* Gives the read end of the pipe on which the broker reports. */
static int
spawn_broker (char   **log_path,
              GError **error)
{
  g_autofree char *program = glb_paths_find_program ("glovebox-broker", error);
  const char *argv[] = { program, "--ready-fd", "3", NULL };
  int ready[2] = { -1, -1 };
  int target = 3;
  int null_fd = -1, log_fd = -1;
  gboolean spawned = FALSE;

  if (program == NULL)
    return -1;

  log_fd = open_log (log_path, error);
  null_fd = log_fd < 0 ? -1 : open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (log_fd >= 0 && (null_fd < 0 || pipe2 (ready, O_CLOEXEC) < 0))
    set_errno_error (error, errno, "start", program);
  else if (log_fd >= 0)
    /* Without DO_NOT_REAP_CHILD GLib forks twice: the broker is not our child, and all other descriptors are closed. */
    spawned = g_spawn_async_with_pipes_and_fds ("/", argv, NULL, G_SPAWN_DEFAULT, leave_session, NULL,
                                                null_fd, null_fd, log_fd, &ready[1], &target, 1,
                                                NULL, NULL, NULL, NULL, error);

  clear_fd (&log_fd);
  clear_fd (&null_fd);
  clear_fd (&ready[1]);
  if (!spawned)
    clear_fd (&ready[0]);
  return ready[0];
}

/* The broker's one line: "ready", or "error: …". */
static gboolean
await_ready (int           fd,
             const char   *log_path,
             gint64        deadline,
             GCancellable *cancellable,
             GError      **error)
{
  char answer[ANSWER_MAX + 1];
  gsize length = 0;
  ssize_t n;

  for (;;)
    {
      if (!glb_broker_wait_readable (fd, deadline, cancellable, error))
        {
          g_prefix_error (error, "%s: see %s: ", "glovebox-broker", log_path);
          return FALSE;
        }

      n = read (fd, answer + length, ANSWER_MAX - length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
      if (memchr (answer, '\n', length) != NULL || length == ANSWER_MAX)
        break;
    }

  answer[length] = '\0';
  answer[strcspn (answer, "\n")] = '\0';
  if (g_str_equal (answer, "ready"))
    return TRUE;

  if (g_str_has_prefix (answer, "error: ") && g_utf8_validate (answer, -1, NULL))
    g_set_error_literal (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, answer + strlen ("error: "));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The broker ended while it started; see %s", log_path);
  return FALSE;
}

static int
start_locked (const char   *path,
              gint64        deadline,
              GCancellable *cancellable,
              GError      **error)
{
  g_autofree char *log_path = NULL;
  gboolean ready;
  int fd;

  fd = spawn_broker (&log_path, error);
  if (fd < 0)
    return -1;

  ready = await_ready (fd, log_path, deadline, cancellable, error);
  clear_fd (&fd);
  return ready ? glb_broker_connect (path, error) : -1;
}

/* Open from first to last: a close of ours would wake the others, and us. */
static int
open_lock (const char *path,
           GError    **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    set_errno_error (error, errno, "open", path);
  return fd;
}

static int
watch_folder (const char *path,
              GError    **error)
{
  int fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);

  if (fd < 0 || inotify_add_watch (fd, path, IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
    {
      set_errno_error (error, errno, "watch", path);
      clear_fd (&fd);
    }
  return fd;
}

/* Empties the queue before we look again: what comes later wakes the next wait. */
static void
drain (int fd)
{
  char buffer[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));

  while (read (fd, buffer, sizeof buffer) > 0)
    ;
}

/* One attempt. -1 without error: somebody else is starting the broker. */
static int
try_start (int           lock_fd,
           const char   *path,
           gint64        deadline,
           GCancellable *cancellable,
           GError      **error)
{
  g_autoptr(GError) local_error = NULL;
  gboolean locked;
  int fd;

  /* First the lock, then the look: who has the lock and finds nobody may start. */
  locked = flock (lock_fd, LOCK_EX | LOCK_NB) == 0;
  fd = glb_broker_connect (path, &local_error);
  if (fd < 0 && !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (fd < 0 && locked)
    fd = start_locked (path, deadline, cancellable, error);

  return fd;
}

static int
start_or_wait (int           lock_fd,
               int           watch_fd,
               const char   *path,
               gint64        deadline,
               GCancellable *cancellable,
               GError      **error)
{
  g_autoptr(GError) local_error = NULL;
  gint64 now;
  int fd;

  for (;;)
    {
      drain (watch_fd);
      fd = try_start (lock_fd, path, deadline, cancellable, &local_error);
      if (fd >= 0 || local_error != NULL)
        break;

      now = g_get_monotonic_time ();
      if (glb_broker_wait_readable (watch_fd, MIN (deadline, now + LOOK_AGAIN_US), cancellable, &local_error))
        continue;
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) || now >= deadline)
        break;
      g_clear_error (&local_error);
    }

  if (fd < 0)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return fd;
}

int
glb_broker_start (const char   *runtime_dir,
                  const char   *path,
                  gint64        deadline,
                  GCancellable *cancellable,
                  GError      **error)
{
  g_autofree char *lock_path = g_build_filename (runtime_dir, LOCK_NAME, NULL);
  int watch_fd, lock_fd;
  int fd = -1;

  watch_fd = watch_folder (runtime_dir, error);
  lock_fd = watch_fd < 0 ? -1 : open_lock (lock_path, error);
  if (lock_fd >= 0)
    fd = start_or_wait (lock_fd, watch_fd, path, deadline, cancellable, error);

  clear_fd (&lock_fd);
  clear_fd (&watch_fd);
  return fd;
}
