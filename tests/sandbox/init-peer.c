/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/sandbox/init-peer.h"

#include "session-broker/sandbox/glb-landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 20000

static char *
find_program (const char *name)
{
  g_auto(GStrv) folders = g_strsplit (g_getenv ("GLOVEBOX_PRIVATE_PATH"), ":", -1);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *program = g_build_filename (folders[i], name, NULL);

      if (g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&program);
    }
  return NULL;
}

static int
poll_one (int   fd,
          short events)
{
  struct pollfd one = { .fd = fd, .events = events };
  int n;

  do
    n = poll (&one, 1, DEADLINE_MS);
  while (n < 0 && errno == EINTR);
  return n;
}

/* The build may lie where the account cannot go: what is needed of it comes by descriptor. */
static void
add_data (GPtrArray  *command,
          int         fd,
          const char *mode,
          const char *target)
{
  g_ptr_array_add (command, g_strdup ("--perms"));
  g_ptr_array_add (command, g_strdup (mode));
  g_ptr_array_add (command, g_strdup ("--ro-bind-data"));
  g_ptr_array_add (command, g_strdup_printf ("%d", fd));
  g_ptr_array_add (command, g_strdup (target));
}

static GPtrArray *
bwrap_command (void)
{
  static const char * const bwrap[] = {
    "bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "box",
    "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--dir", "/run/user", "--tmpfs", "/home",
    "--setenv", "XDG_RUNTIME_DIR", "/run/user", "--setenv", "PATH", "/usr/bin:/bin", "--chdir", "/",
  };
  GPtrArray *command = g_ptr_array_new_with_free_func (g_free);

  /* As root the agent still has an account of its own. */
  if (getuid () == 0)
    {
      g_ptr_array_add (command, g_strdup ("setpriv"));
      g_ptr_array_add (command, g_strdup_printf ("--reuid=%d", INIT_PEER_UID));
      g_ptr_array_add (command, g_strdup_printf ("--regid=%d", INIT_PEER_UID));
      g_ptr_array_add (command, g_strdup ("--clear-groups"));
      g_ptr_array_add (command, g_strdup ("--"));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bwrap); i++)
    g_ptr_array_add (command, g_strdup (bwrap[i]));
  /* The helpers, which may be below /home. */
  g_ptr_array_add (command, g_strdup ("--ro-bind"));
  g_ptr_array_add (command, g_canonicalize_filename (g_test_get_dir (G_TEST_BUILT), NULL));
  g_ptr_array_add (command, g_canonicalize_filename (g_test_get_dir (G_TEST_BUILT), NULL));
  add_data (command, 4, "0644", "/etc/passwd");
  add_data (command, 5, "0755", "/run/init");
  add_data (command, 6, "0755", "/run/try-ptrace");
  add_data (command, 7, "0755", "/run/try-spawn");
  g_ptr_array_add (command, g_strdup ("/run/init"));
  g_ptr_array_add (command, g_strdup ("--control"));
  g_ptr_array_add (command, g_strdup ("3"));
  g_ptr_array_add (command, NULL);
  return command;
}

/* dbus-daemon wants to know whom it runs as. */
static int
open_passwd (void)
{
  uid_t uid = getuid () == 0 ? INIT_PEER_UID : getuid ();
  g_autofree char *line = g_strdup_printf ("agent:x:%u:%u::/run/user:/bin/sh\n", uid, uid);
  int fd = memfd_create ("passwd", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, line, strlen (line)), ==, (gssize) strlen (line));
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static int
open_helper (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, name, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

gboolean
init_peer_start (InitPeer *self)
{
  g_autofree char *init = find_program ("glovebox-init");
  g_autoptr(GPtrArray) command = NULL;
  g_autoptr(GError) error = NULL;
  GlbBoxMessage message;
  static const int targets[] = { 3, 4, 5, 6, 7 };
  int sources[G_N_ELEMENTS (targets)];
  int pair[2];
  gboolean spawned;
  int fds[3];

  g_assert_nonnull (init);
  memset (self, 0, sizeof *self);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);

  command = bwrap_command ();
  sources[0] = pair[1];
  sources[1] = open_passwd ();
  sources[2] = open (init, O_RDONLY | O_CLOEXEC);
  sources[3] = open_helper ("try-ptrace");
  sources[4] = open_helper ("try-spawn");
  spawned = g_spawn_async_with_pipes_and_fds (NULL, (const char * const *) command->pdata, NULL,
                                              G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1, -1,
                                              sources, targets, G_N_ELEMENTS (targets), &self->pid, NULL, NULL, NULL, &error);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    close (sources[i]);
  self->fd = pair[0];
  if (!spawned)
    {
      close (self->fd);
      g_test_skip (error->message);
      return FALSE;
    }

  if (!init_peer_read (self, &message, fds))
    {
      init_peer_stop (self);
      g_test_skip ("bubblewrap cannot make a sandbox on this host");
      return FALSE;
    }

  g_assert_cmpint (message.type, ==, GLB_INIT_HELLO);
  self->landlock_abi = message.hello.landlock_abi;
  g_assert_cmpuint (self->landlock_abi, ==, glb_landlock_get_abi ());
  return TRUE;
}

GByteArray *
init_peer_setup_payload (guint                flags,
                         guint                landlock_abi,
                         const char * const  *paths,
                         const guint         *access,
                         GBytes              *seccomp)
{
  GByteArray *payload = g_byte_array_new ();
  GlbInitSetup head = { .version = GLB_INIT_PROTOCOL_VERSION, .flags = flags, .landlock_abi = landlock_abi, .max_processes = 200, .max_files = 4096 };

  g_byte_array_append (payload, (const guint8 *) &head, sizeof head);
  for (; landlock_abi > 0 && paths[head.n_landlock] != NULL; head.n_landlock++)
    {
      const char *path = paths[head.n_landlock];
      GlbInitLandlockRule rule = { .access = access[head.n_landlock], .length = strlen (path) + 1 };

      g_byte_array_append (payload, (const guint8 *) &rule, sizeof rule);
      g_byte_array_append (payload, (const guint8 *) path, rule.length);
    }
  head.landlock_size = payload->len - sizeof head;
  if (seccomp != NULL)
    {
      head.seccomp_size = g_bytes_get_size (seccomp);
      g_byte_array_append (payload, g_bytes_get_data (seccomp, NULL), head.seccomp_size);
    }
  memcpy (payload->data, &head, sizeof head);
  return payload;
}

void
init_peer_setup (InitPeer *self,
                 guint     flags,
                 GBytes   *seccomp)
{
  static const char * const paths[] = {
    "/usr", "/etc", "/proc", "/dev", "/run/user", "/run/try-ptrace", "/run/try-spawn", "/no/such/path", NULL,
  };
  static const guint access[] = {
    GLB_INIT_LANDLOCK_READ, GLB_INIT_LANDLOCK_READ, GLB_INIT_LANDLOCK_READ | GLB_INIT_LANDLOCK_WRITE, GLB_INIT_LANDLOCK_DEVICE,
    GLB_INIT_LANDLOCK_WRITE, GLB_INIT_LANDLOCK_READ, GLB_INIT_LANDLOCK_READ, GLB_INIT_LANDLOCK_READ,
  };
  g_autoptr(GByteArray) payload = init_peer_setup_payload (flags, self->landlock_abi, paths, access, seccomp);
  GlbBoxMessage message;
  int fds[3];

  init_peer_send (self, GLB_INIT_SETUP, ++self->serial, payload->data, payload->len);
  g_assert_true (init_peer_read (self, &message, fds));
  if (message.type == GLB_INIT_FAILED)
    g_test_message ("SETUP failed: %s: %s", message.failed.detail, g_strerror (message.failed.error));
  g_assert_cmpint (message.type, ==, GLB_INIT_READY);
  g_assert_cmpuint (message.serial, ==, self->serial);
}

void
init_peer_send_raw (InitPeer      *self,
                    gconstpointer  packet,
                    gsize          size)
{
  if (send (self->fd, packet, size, MSG_NOSIGNAL) < 0)
    g_assert_cmpint (errno, ==, EPIPE);
}

void
init_peer_send (InitPeer      *self,
                guint          type,
                guint64        serial,
                gconstpointer  payload,
                gsize          size)
{
  GlbInitHeader header = { .type = type, .size = size, .serial = serial };
  g_autoptr(GByteArray) packet = g_byte_array_new ();

  g_byte_array_append (packet, (const guint8 *) &header, sizeof header);
  if (size > 0)
    g_byte_array_append (packet, payload, size);
  init_peer_send_raw (self, packet->data, packet->len);
}

guint64
init_peer_send_exec (InitPeer           *self,
                     gboolean            debug,
                     const char         *cwd,
                     const char * const *argv)
{
  static const char * const env[] = { "PATH=/usr/bin:/bin", "HOME=/run/user", "XDG_RUNTIME_DIR=/run/user", "GREETING=hello there" };
  GlbInitExec head = { .n_env = G_N_ELEMENTS (env), .debug = debug };
  g_autoptr(GByteArray) payload = g_byte_array_new ();

  for (head.n_args = 0; argv[head.n_args] != NULL;)
    head.n_args++;
  g_byte_array_append (payload, (const guint8 *) &head, sizeof head);
  g_byte_array_append (payload, (const guint8 *) cwd, strlen (cwd) + 1);
  for (guint i = 0; i < head.n_args; i++)
    g_byte_array_append (payload, (const guint8 *) argv[i], strlen (argv[i]) + 1);
  for (guint i = 0; i < head.n_env; i++)
    g_byte_array_append (payload, (const guint8 *) env[i], strlen (env[i]) + 1);

  init_peer_send (self, GLB_INIT_EXEC, ++self->serial, payload->data, payload->len);
  return self->serial;
}

static gboolean
read_one (InitPeer      *self,
          GlbBoxMessage *message,
          int            fds[3])
{
  guint8 packet[512];
  union { char bytes[CMSG_SPACE (3 * sizeof (int))]; struct cmsghdr align; } control;
  struct iovec part = { packet, sizeof packet };
  struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
  g_autoptr(GError) error = NULL;
  struct cmsghdr *ancillary;
  gssize length;

  g_assert_cmpint (poll_one (self->fd, POLLIN), ==, 1);
  length = recvmsg (self->fd, &header, MSG_CMSG_CLOEXEC);
  if (length <= 0)
    return FALSE;

  ancillary = CMSG_FIRSTHDR (&header);
  if (ancillary != NULL)
    memcpy (fds, CMSG_DATA (ancillary), 3 * sizeof (int));
  glb_box_message_parse (packet, (gsize) length, ancillary != NULL ? 3 : 0, message, &error);
  g_assert_no_error (error);
  return TRUE;
}

gboolean
init_peer_read (InitPeer      *self,
                GlbBoxMessage *message,
                int            fds[3])
{
  while (read_one (self, message, fds))
    {
      if (message->type != GLB_INIT_BUS)
        return TRUE;
      /* unasked, between any two others */
      self->bus_pid = message->bus.pid;
      self->n_bus++;
    }

  return FALSE;
}

/* Feeds and drains all three pipes at once, so that no size can block. */
static void
pump (int         fds[3],
      const char *input,
      gsize       input_size,
      GString    *out,
      GString    *err)
{
  GString *buffers[] = { NULL, out, err };

  for (int i = 0; i < 3; i++)
    fcntl (fds[i], F_SETFL, O_NONBLOCK);
  if (input_size == 0)
    {
      close (fds[0]);
      fds[0] = -1;
    }

  while (fds[1] >= 0 || fds[2] >= 0)
    {
      struct pollfd polls[3] = {
        { .fd = fds[0], .events = POLLOUT }, { .fd = fds[1], .events = POLLIN }, { .fd = fds[2], .events = POLLIN },
      };
      char chunk[65536];

      g_assert_cmpint (poll (polls, 3, DEADLINE_MS), >, 0);
      if (polls[0].revents != 0)
        {
          gssize n = (polls[0].revents & POLLERR) ? -1 : write (fds[0], input, input_size);

          if (n > 0)
            {
              input += n;
              input_size -= (gsize) n;
            }
          if (input_size == 0 || (n < 0 && errno != EAGAIN) || (polls[0].revents & POLLERR))
            {
              close (fds[0]);
              fds[0] = -1;
            }
        }
      for (int i = 1; i < 3; i++)
        if (polls[i].revents != 0)
          {
            gssize n = read (fds[i], chunk, sizeof chunk);

            if (n > 0)
              g_string_append_len (buffers[i], chunk, n);
            else
              {
                close (fds[i]);
                fds[i] = -1;
              }
          }
    }
  if (fds[0] >= 0)
    close (fds[0]);
}

void
init_peer_run (InitPeer           *self,
               gboolean            debug,
               const char         *input,
               gsize               input_size,
               const char * const *argv,
               InitResult         *result)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GString) err = g_string_new (NULL);
  guint64 serial = init_peer_send_exec (self, debug, "/", argv);
  GlbBoxMessage message;
  int fds[3];

  memset (result, 0, sizeof *result);
  g_assert_true (init_peer_read (self, &message, fds));
  g_assert_cmpuint (message.serial, ==, serial);
  if (message.type == GLB_INIT_FAILED)
    {
      result->failed = message.failed;
      return;
    }

  g_assert_cmpint (message.type, ==, GLB_INIT_STARTED);
  result->pid = message.started.pid;
  pump (fds, input, input_size, out, err);

  g_assert_true (init_peer_read (self, &message, fds));
  g_assert_cmpint (message.type, ==, GLB_INIT_EXITED);
  g_assert_cmpuint (message.serial, ==, serial);
  result->status = message.exited.status;
  result->exited = message.exited;
  result->out_length = out->len;
  result->out = g_string_free (g_steal_pointer (&out), FALSE);
  result->err = g_string_free (g_steal_pointer (&err), FALSE);
}

char *
init_peer_sh (InitPeer   *self,
              const char *script)
{
  const char * const argv[] = { "sh", "-c", script, NULL };
  g_auto(InitResult) result = { 0 };

  init_peer_run (self, FALSE, NULL, 0, argv, &result);
  if (result.failed.stage != 0 || result.status != 0)
    g_test_message ("%s: stage %u, errno %d, status %d, %s", script, result.failed.stage, result.failed.error, result.status, result.err);
  g_assert_cmpint (result.failed.stage, ==, 0);
  g_assert_cmpint (result.status, ==, 0);
  return g_steal_pointer (&result.out);
}

/* Waits for bubblewrap by a pidfd, so that there is a deadline. */
static gboolean
reap (InitPeer *self)
{
  int pidfd = (int) syscall (__NR_pidfd_open, self->pid, 0);
  int n = poll_one (pidfd, POLLIN);

  close (pidfd);
  if (n == 1)
    waitpid (self->pid, NULL, 0);
  return n == 1;
}

void
init_peer_wait_end (InitPeer *self)
{
  g_assert_true (reap (self));
  g_spawn_close_pid (self->pid);
  close (self->fd);
  self->fd = -1;
  self->pid = 0;
}

void
init_peer_stop (InitPeer *self)
{
  if (self->pid == 0)
    return;
  close (self->fd);   /* end of file ends it */
  self->fd = -1;
  g_assert_true (reap (self));
  self->pid = 0;
}

void
init_result_clear (InitResult *self)
{
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
}
