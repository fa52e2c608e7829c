/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-launch-plan.h"
#include "session-broker/sandbox/glb-receive-fds.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-spawn.h"

#define MAX_OUTPUT     8192
#define MAX_INFO       4096
#define LOW_NUMBERS    500
#define DISPOSE_MS     3000
#define GROUP_TICK_MS  2
#define JOB_MS         60000

/**
 * GlbSandbox:
 *
 * Three things are watched: the outermost process (a pidfd; it is our child),
 * the first process inside (a pidfd; bubblewrap tells its number), and what
 * both say on standard error. When the outermost process is gone the rest is
 * killed: by the pid namespace's first process, by the control group, and by
 * the account, which is this sandbox's alone.
 */
struct _GlbSandbox
{
  GObject parent_instance;

  GlbAccount *account;
  GlbCgroup  *cgroup;
  GPid        pid;
  GPid        init_pid;
  int         pidfd;
  int         init_pidfd;
  int         info_fd;
  int         output_fd;
  int         network_fd;   /* what the launcher sends the sockets of the network over */
  GSource    *exit_source;
  GSource    *init_source;
  GSource    *info_source;
  GSource    *output_source;
  GString    *info;
  GString    *output;       /* the last MAX_OUTPUT bytes */
  gint64      group_deadline;
  int         status;
  gboolean    reaped;
  gboolean    gone;
};

G_DEFINE_FINAL_TYPE (GlbSandbox, glb_sandbox, G_TYPE_OBJECT)

enum { SIGNAL_EXITED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
send_kill (int pidfd)
{
  if (pidfd >= 0)
    syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* TRUE: no process of the account is left. The kernel looks it up by number. */
static gboolean
account_is_empty (guint uid)
{
  errno = 0;
  return getpriority (PRIO_USER, uid) == -1 && errno == ESRCH;
}

/* --- standard error --- */

static void
keep_output (GlbSandbox *self, const char *bytes, gsize n)
{
  g_string_append_len (self->output, bytes, n);
  if (self->output->len > MAX_OUTPUT)
    g_string_erase (self->output, 0, self->output->len - MAX_OUTPUT);
}

/* FALSE: nothing more will come. */
static gboolean
drain_output (GlbSandbox *self)
{
  char bytes[4096];

  /* Bounded, so that one that writes without end does not keep us here. */
  for (guint i = 0; i < 16; i++)
    {
      gssize n = read (self->output_fd, bytes, sizeof bytes);

      if (n > 0)
        keep_output (self, bytes, n);
      else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        return FALSE;
      else if (errno == EAGAIN)
        break;
    }

  return TRUE;
}

static gboolean
on_output (int fd, GIOCondition condition, gpointer user_data)
{
  GlbSandbox *self = GLB_SANDBOX (user_data);

  if (drain_output (self))
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->output_source, g_source_unref);
  close_fd (&self->output_fd);
  return G_SOURCE_REMOVE;
}

/* --- the first process inside --- */

/* The number that bubblewrap wrote is checked to be a child of it, or ours if it lost that parent. (The pipe is closed
 * before any code that is not bubblewrap's runs.) */
static gboolean
is_child_of (GPid child, GPid parent)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", child);
  g_autofree char *text = NULL;
  const char *line;
  GPid found;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  line = strstr (text, "\nPPid:");
  found = line != NULL ? strtol (line + strlen ("\nPPid:"), NULL, 10) : 0;

  return found == parent || found == getpid ();
}

static void
learn_init (GlbSandbox *self)
{
  const char *key = strstr (self->info->str, "\"child-pid\":");
  GPid pid;
  int pidfd;

  if (key == NULL || self->init_pid != 0)
    return;
  pid = strtol (key + strlen ("\"child-pid\":"), NULL, 10);
  if (pid <= 1)
    return;
  pidfd = syscall (SYS_pidfd_open, pid, 0);
  if (pidfd < 0)
    return;
  if (!is_child_of (pid, self->pid))
    {
      close (pidfd);
      return;
    }
  self->init_pid = pid;
  self->init_pidfd = pidfd;
}

static gboolean
drain_info (GlbSandbox *self)
{
  char bytes[512];
  gssize n;

  while ((n = read (self->info_fd, bytes, sizeof bytes)) > 0)
    if (self->info->len + n <= MAX_INFO)
      g_string_append_len (self->info, bytes, n);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  learn_init (self);

  return FALSE;
}

static gboolean
on_info (int fd, GIOCondition condition, gpointer user_data)
{
  GlbSandbox *self = GLB_SANDBOX (user_data);

  if (drain_info (self))
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->info_source, g_source_unref);
  close_fd (&self->info_fd);
  return G_SOURCE_REMOVE;
}

/* --- the end --- */

static void
finish (GlbSandbox *self)
{
  if (self->gone)
    return;
  self->gone = TRUE;
  if (self->output_fd >= 0)
    drain_output (self);
  clear_source (&self->output_source);
  clear_source (&self->init_source);
  clear_source (&self->info_source);
  close_fd (&self->output_fd);
  close_fd (&self->info_fd);
  close_fd (&self->network_fd);
  g_signal_emit (self, signals[SIGNAL_EXITED], 0, self->status);
}

static void
watch (GSource **source, int fd, GUnixFDSourceFunc callback, GlbSandbox *self)
{
  *source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (*source, G_SOURCE_FUNC (callback), self, NULL);
  g_source_attach (*source, g_main_context_get_thread_default ());
}

/* Its parent may have been killed before it; then it is ours, as this process is the reaper of all below it. */
static void
reap_init (GlbSandbox *self)
{
  siginfo_t info;

  if (self->init_pidfd >= 0)
    waitid (P_PIDFD, self->init_pidfd, &info, WEXITED | WNOHANG);
}

static gboolean
on_init_gone (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbSandbox) self = g_object_ref (GLB_SANDBOX (user_data));

  g_clear_pointer (&self->init_source, g_source_unref);
  reap_init (self);
  finish (self);
  return G_SOURCE_REMOVE;
}

static gboolean
is_readable (int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };

  return poll (&p, 1, 0) > 0;
}

static void
reap (GlbSandbox *self)
{
  siginfo_t info = { 0 };

  if (waitid (P_PID, self->pid, &info, WEXITED) == 0)
    self->status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status & 0x7f;
  self->reaped = TRUE;
}

/* Only where the sandbox's first process is not known: the launcher or bubblewrap was killed before it could tell. */
static void
sweep_account (GlbSandbox *self)
{
  g_autoptr(GError) error = NULL;

  if (!account_is_empty (glb_account_get_uid (self->account)) &&
      !glb_sandbox_kill_account (glb_account_get_uid (self->account), &error))
    g_warning ("%s", error->message);
}

/* Whoever is left that early is in the process group that we made. TRUE: nobody. */
static gboolean
reap_group (GlbSandbox *self)
{
  siginfo_t info;

  for (;;)
    {
      info.si_pid = 0;
      if (waitid (P_PGID, self->pid, &info, WEXITED | WNOHANG) < 0 && errno != EINTR)
        return TRUE;
      if (info.si_pid == 0)
        return FALSE;
    }
}

static gboolean
on_group_tick (gpointer user_data)
{
  g_autoptr(GlbSandbox) self = g_object_ref (GLB_SANDBOX (user_data));

  if (!reap_group (self) && g_get_monotonic_time () < self->group_deadline)
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->init_source, g_source_unref);
  finish (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_outer_gone (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbSandbox) self = g_object_ref (GLB_SANDBOX (user_data));

  g_clear_pointer (&self->exit_source, g_source_unref);
  if (self->info_fd >= 0)
    drain_info (self);
  learn_init (self);        /* the other end may still be open; and before reaping: the parent's number is still taken */
  reap (self);

  if (self->cgroup != NULL)
    glb_cgroup_kill (self->cgroup);
  if (self->init_pidfd >= 0 && !is_readable (self->init_pidfd))
    {
      send_kill (self->init_pidfd);
      watch (&self->init_source, self->init_pidfd, on_init_gone, self);
      return G_SOURCE_REMOVE;
    }
  if (self->init_pidfd >= 0)
    reap_init (self);
  else
    {
      sweep_account (self);
      if (!reap_group (self))
        {
          self->group_deadline = g_get_monotonic_time () + DISPOSE_MS * 1000;
          self->init_source = g_timeout_source_new (GROUP_TICK_MS);
          g_source_set_callback (self->init_source, on_group_tick, self, NULL);
          g_source_attach (self->init_source, g_main_context_get_thread_default ());
          return G_SOURCE_REMOVE;
        }
    }
  finish (self);

  return G_SOURCE_REMOVE;
}

static void
wait_for (int pidfd, gint64 deadline)
{
  while (pidfd >= 0)
    {
      struct pollfd p = { .fd = pidfd, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;

      if (left <= 0 || poll (&p, 1, left) >= 0 || errno != EINTR)
        return;
    }
}

static void
glb_sandbox_dispose (GObject *object)
{
  GlbSandbox *self = GLB_SANDBOX (object);

  clear_source (&self->exit_source);
  clear_source (&self->init_source);
  clear_source (&self->info_source);
  clear_source (&self->output_source);
  if (self->pidfd >= 0 && !self->gone)
    {
      gint64 deadline = g_get_monotonic_time () + DISPOSE_MS * 1000;

      glb_sandbox_kill (self);
      wait_for (self->pidfd, deadline);
      if (self->info_fd >= 0)
        drain_info (self);
      learn_init (self);
      if (!self->reaped && is_readable (self->pidfd))
        reap (self);
      send_kill (self->init_pidfd);
      wait_for (self->init_pidfd, deadline);
      if (self->init_pidfd >= 0)
        reap_init (self);
      else
        {
          sweep_account (self);
          while (!reap_group (self) && g_get_monotonic_time () < deadline)
            poll (NULL, 0, GROUP_TICK_MS);
        }
      self->gone = TRUE;
    }
  close_fd (&self->pidfd);
  close_fd (&self->init_pidfd);
  close_fd (&self->info_fd);
  close_fd (&self->output_fd);
  close_fd (&self->network_fd);
  g_clear_object (&self->cgroup);
  g_clear_object (&self->account);

  G_OBJECT_CLASS (glb_sandbox_parent_class)->dispose (object);
}

static void
glb_sandbox_finalize (GObject *object)
{
  GlbSandbox *self = GLB_SANDBOX (object);

  g_string_free (self->info, TRUE);
  g_string_free (self->output, TRUE);

  G_OBJECT_CLASS (glb_sandbox_parent_class)->finalize (object);
}

static void
glb_sandbox_class_init (GlbSandboxClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = glb_sandbox_dispose;
  object_class->finalize = glb_sandbox_finalize;

  signals[SIGNAL_EXITED] = g_signal_new ("exited", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
glb_sandbox_init (GlbSandbox *self)
{
  self->pidfd = self->init_pidfd = self->info_fd = self->output_fd = self->network_fd = -1;
  self->info = g_string_new (NULL);
  self->output = g_string_new (NULL);
}

/* --- the start --- */

static gboolean
fail_errno (GError **error, const char *what)
{
  int saved_errno = errno;

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "%s: %s", what, g_strerror (saved_errno));
  return FALSE;
}

/* Above all numbers that the child gets, so that no dup2() there runs over another's source. */
static int
move_up (int fd)
{
  int moved = fcntl (fd, F_DUPFD_CLOEXEC, LOW_NUMBERS);

  close (fd);
  return moved;
}

static int
make_memfd (const char *name, const void *bytes, gsize size)
{
  int fd = memfd_create (name, MFD_CLOEXEC);
  gsize done = 0;

  if (fd < 0)
    return -1;
  while (done < size)
    {
      gssize n = write (fd, (const char *) bytes + done, size - done);

      if (n < 0 && errno != EINTR)
        {
          close (fd);
          return -1;
        }
      done += MAX (n, 0);
    }
  lseek (fd, 0, SEEK_SET);

  return move_up (fd);
}

static void
close_entry (gpointer data)
{
  close (((GlbSandboxFd *) data)->fd);
}

/* (element-type GlbSandboxFd): what a child inherits; ours are closed with the array */
static GArray *
handover_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (GlbSandboxFd));

  g_array_set_clear_func (self, close_entry);
  return self;
}

/* Takes ownership of fd; -1 is passed through as an error. */
static gboolean
handover_take (GArray *self, int fd, int number)
{
  GlbSandboxFd entry = { .fd = fd, .number = number };

  if (fd < 0)
    return FALSE;

  g_array_append_val (self, entry);
  return TRUE;
}

static gboolean
has_number (GArray *fds, int number)
{
  for (guint i = 0; i < fds->len; i++)
    if (g_array_index (fds, GlbSandboxFd, i).number == number)
      return TRUE;

  return FALSE;
}

/* Everything that the launcher inherits. */
static gboolean
fill_handover (GArray *handover, GlbSandboxSpec *spec, GlbSandboxBuild *build, int info_wr, int output_wr)
{
  GArray *fds = glb_sandbox_spec_get_fds (spec);
  GBytes *seccomp = glb_sandbox_spec_get_seccomp (spec);
  gboolean ok;

  ok = handover_take (handover, move_up (info_wr), build->number_info);
  ok &= has_number (fds, STDIN_FILENO) ||
        handover_take (handover, move_up (open ("/dev/null", O_RDONLY | O_CLOEXEC)), STDIN_FILENO);
  ok &= has_number (fds, STDOUT_FILENO) ||
        handover_take (handover, fcntl (output_wr, F_DUPFD_CLOEXEC, LOW_NUMBERS), STDOUT_FILENO);
  ok &= has_number (fds, STDERR_FILENO) ||
        handover_take (handover, fcntl (output_wr, F_DUPFD_CLOEXEC, LOW_NUMBERS), STDERR_FILENO);
  close (output_wr);
  for (guint i = 0; i < fds->len; i++)
    {
      const GlbSandboxFd *entry = &g_array_index (fds, GlbSandboxFd, i);

      ok &= handover_take (handover, fcntl (entry->fd, F_DUPFD_CLOEXEC, LOW_NUMBERS), entry->number);
    }
  ok &= handover_take (handover, make_memfd ("glovebox-plan", build->plan->data, build->plan->len), build->number_plan);
  ok &= handover_take (handover, make_memfd ("glovebox-args", build->args->data, build->args->len), build->number_args);
  if (seccomp != NULL)
    ok &= handover_take (handover, make_memfd ("glovebox-seccomp", g_bytes_get_data (seccomp, NULL),
                                               g_bytes_get_size (seccomp)), build->number_seccomp);

  return ok;
}

static gboolean
prepare_network (GlbSandbox *self, GArray *handover, GlbSandboxBuild *build)
{
  int ends[2];

  if (build->number_network < 0)
    return TRUE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return FALSE;
  self->network_fd = ends[0];

  return handover_take (handover, move_up (ends[1]), build->number_network);
}

static char *
find_launcher (GError **error)
{
  char *program = glb_sandbox_find_private ("glovebox-launch");

  if (program == NULL)
    g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED,
                         "Can't find the program glovebox-launch; install Glovebox again, "
                         "or name its folder in GLOVEBOX_PRIVATE_PATH");
  return program;
}

/* Both ends do not block us; the write end blocks the child only if we stop reading. */
static gboolean
make_pipe (int ends[2])
{
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return FALSE;
  fcntl (ends[0], F_SETFL, O_NONBLOCK);

  return TRUE;
}

GlbSandbox *
glb_sandbox_launch (GlbSandboxSpec *spec,
                    GError        **error)
{
  g_autoptr(GlbSandbox) self = g_object_new (GLB_TYPE_SANDBOX, NULL);
  g_auto(GlbSandboxBuild) build = { 0 };
  g_autoptr(GArray) handover = handover_new ();
  g_autofree char *program = NULL;
  char number[16];
  const char *argv[] = { "glovebox-launch", number, NULL };
  int info[2], output[2];

  g_return_val_if_fail (spec != NULL, NULL);

  /* What loses its parent in a sandbox that is being killed comes to us, not to a process 1 that reaps when it likes. */
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  program = find_launcher (error);
  if (program == NULL || !glb_sandbox_spec_build (spec, &build, error))
    return NULL;

  if (!make_pipe (info))
    {
      fail_errno (error, "Can't make a pipe");
      return NULL;
    }
  self->info_fd = info[0];
  if (!make_pipe (output))
    {
      fail_errno (error, "Can't make a pipe");
      close (info[1]);
      return NULL;
    }
  self->output_fd = output[0];
  if (!fill_handover (handover, spec, &build, info[1], output[1]) || !prepare_network (self, handover, &build))
    {
      fail_errno (error, "Can't prepare what the sandbox inherits");
      return NULL;
    }

  self->account = g_object_ref (glb_sandbox_spec_get_account (spec));
  if (glb_sandbox_spec_get_cgroup (spec) != NULL)
    self->cgroup = g_object_ref (glb_sandbox_spec_get_cgroup (spec));
  g_snprintf (number, sizeof number, "%d", build.number_plan);
  if (!glb_spawn (program, argv, handover, self->cgroup != NULL ? glb_cgroup_get_unified (self->cgroup) : NULL, &self->pid, error))
    {
      self->pid = 0;
      return NULL;
    }
  self->pidfd = syscall (SYS_pidfd_open, self->pid, 0);
  if (self->pidfd < 0)
    {
      fail_errno (error, "Can't watch the sandbox (Linux 5.3 or later is needed)");
      kill (self->pid, SIGKILL);
      reap (self);
      return NULL;
    }
  watch (&self->exit_source, self->pidfd, on_outer_gone, self);
  watch (&self->info_source, self->info_fd, on_info, self);
  watch (&self->output_source, self->output_fd, on_output, self);

  return g_steal_pointer (&self);
}

GPid
glb_sandbox_get_pid (GlbSandbox *self)
{
  g_return_val_if_fail (GLB_IS_SANDBOX (self), 0);

  return self->pid;
}

GPid
glb_sandbox_get_init_pid (GlbSandbox *self)
{
  g_return_val_if_fail (GLB_IS_SANDBOX (self), 0);

  return self->init_pid;
}

void
glb_sandbox_kill (GlbSandbox *self)
{
  g_return_if_fail (GLB_IS_SANDBOX (self));

  if (self->gone)
    return;
  if (self->info_fd >= 0)
    {
      drain_info (self);
      learn_init (self);
    }
  if (self->cgroup != NULL)
    glb_cgroup_kill (self->cgroup);
  send_kill (self->init_pidfd);
  send_kill (self->pidfd);
}

gboolean
glb_sandbox_is_running (GlbSandbox *self)
{
  g_return_val_if_fail (GLB_IS_SANDBOX (self), FALSE);

  return !self->gone;
}

/* The launcher is the only one that ever had the other end. */
gboolean
glb_sandbox_steal_network (GlbSandbox *self,
                           int         fds[GLB_NETWORK_N_SOCKETS])
{
  guint8 byte[2];
  gssize length;
  guint n;

  g_return_val_if_fail (GLB_IS_SANDBOX (self), FALSE);

  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    fds[i] = -1;
  if (self->network_fd < 0)
    return FALSE;
  length = glb_receive_with_fds (self->network_fd, byte, sizeof byte, fds, GLB_NETWORK_N_SOCKETS, &n);
  if (length < 0)
    return FALSE;
  close_fd (&self->network_fd);
  if (length == 1 && n == GLB_NETWORK_N_SOCKETS)
    return TRUE;
  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    close_fd (&fds[i]);

  return FALSE;
}

/* What came from the sandbox is text of nobody we trust. */
static char *
clean_line (const char *untrusted_line)
{
  g_autofree char *valid = g_utf8_make_valid (untrusted_line, -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0' && clean->len < 1000; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_isprint (c))
        g_string_append_unichar (clean, c);
      else
        g_string_append_c (clean, ' ');
    }

  return g_string_free (clean, FALSE);
}

/* bubblewrap says what, not what to do. */
static const char *
find_remedy (const char *line)
{
  static const struct { const char *said; const char *remedy; } remedies[] = {
    { "No permissions to create new namespace", "allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1" },
    { "Creating new namespace failed", "allow user namespaces: sysctl -w user.max_user_namespaces=65536" },
    { "setting up uid map", "allow user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)" },
    { "Can't mount proc", "a container hides parts of /proc: run Glovebox outside it, or the container with --security-opt unmask=ALL" },
    { "loopback:", "allow user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)" },
    { "--disable-userns", "bubblewrap 0.8 or later is needed" },
    { "execvp", "install it, or give the path as the sandbox sees it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (remedies); i++)
    if (strstr (line, remedies[i].said) != NULL)
      return remedies[i].remedy;

  return NULL;
}

/* The launcher's or bubblewrap's own line if there is one, else the last that was said. */
char *
glb_sandbox_dup_failure (GlbSandbox *self)
{
  g_auto(GStrv) lines = NULL;
  g_autofree char *last = NULL;

  g_return_val_if_fail (GLB_IS_SANDBOX (self), NULL);

  lines = g_strsplit (self->output->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (g_str_has_prefix (line, "glovebox-launch: "))
        return clean_line (line + strlen ("glovebox-launch: "));
      if (g_str_has_prefix (line, "bwrap: "))
        {
          g_autofree char *clean = clean_line (line + strlen ("bwrap: "));
          const char *remedy = find_remedy (clean);

          return g_strconcat ("bubblewrap: ", clean, remedy != NULL ? "; " : NULL, remedy, NULL);
        }
      if (*line != '\0')
        {
          g_free (last);
          last = clean_line (line);
        }
    }

  return g_steal_pointer (&last);
}

/* --- the launcher's other jobs --- */

/* Blocks for as long as the job takes, with a deadline. */
static gboolean
run_job (const char * const *argv, GError **error)
{
  g_autoptr(GArray) handover = handover_new ();
  g_autoptr(GString) output = g_string_new (NULL);
  g_autofree char *program = find_launcher (error);
  gint64 deadline = g_get_monotonic_time () + JOB_MS * 1000;
  char bytes[1024];
  gssize n = -1;
  int ends[2], status = 0;
  GPid pid;

  if (program == NULL)
    return FALSE;
  if (!make_pipe (ends))
    return fail_errno (error, "Can't make a pipe");
  handover_take (handover, move_up (open ("/dev/null", O_RDWR | O_CLOEXEC)), STDIN_FILENO);
  handover_take (handover, fcntl (ends[1], F_DUPFD_CLOEXEC, LOW_NUMBERS), STDOUT_FILENO);
  handover_take (handover, move_up (ends[1]), STDERR_FILENO);
  if (!glb_spawn (program, argv, handover, NULL, &pid, error))
    {
      close (ends[0]);
      return FALSE;
    }
  g_clear_pointer (&handover, g_array_unref);

  for (;;)
    {
      wait_for (ends[0], deadline);
      n = read (ends[0], bytes, sizeof bytes);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        break;
      if (n > 0 && output->len < MAX_OUTPUT)
        g_string_append_len (output, bytes, n);
      if (g_get_monotonic_time () >= deadline)
        {
          kill (pid, SIGKILL);
          break;
        }
    }
  close (ends[0]);
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (status == 0)
    return TRUE;

  {
    g_auto(GStrv) lines = g_strsplit (output->str, "\n", 2);
    const char *line = lines[0] != NULL ? lines[0] : "";
    g_autofree char *clean = NULL;

    if (g_str_has_prefix (line, "glovebox-launch: "))
      line += strlen ("glovebox-launch: ");
    clean = clean_line (line);
    g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "glovebox-launch %s: %s", argv[1],
                 *clean != '\0' ? clean : "it did not end in time, or was killed");
  }
  return FALSE;
}

/* Of a path whose last part may be a link, which stays one. */
static char *
resolve_parent (const char *path)
{
  g_autofree char *plain = g_canonicalize_filename (path, "/");
  g_autofree char *folder = g_path_get_dirname (plain);
  g_autofree char *name = g_path_get_basename (plain);
  char *real = realpath (folder, NULL);
  char *result;

  if (real == NULL)
    return g_steal_pointer (&plain);
  result = g_build_filename (real, name, NULL);
  free (real);

  return result;
}

static gboolean
run_account_job (const char *job, guint account_uid, const char *path, GError **error)
{
  g_autofree char *uid = g_strdup_printf ("%u", account_uid);
  g_autofree char *real = path != NULL ? resolve_parent (path) : NULL;
  const char *argv[] = { "glovebox-launch", job, uid, real, NULL };

  return run_job (argv, error);
}

gboolean
glb_sandbox_reclaim (guint       account_uid,
                     const char *path,
                     GError    **error)
{
  g_return_val_if_fail (path != NULL, FALSE);

  return geteuid () == 0 || run_account_job ("--reclaim", account_uid, path, error);
}

gboolean
glb_sandbox_lend (guint       account_uid,
                  const char *path,
                  GError    **error)
{
  struct stat st;

  g_return_val_if_fail (path != NULL, FALSE);

  if (geteuid () == 0)
    return TRUE;
  /* A power cut, or kill -9 of all of us, left it with the account of then: only an account of ours can be taken from. */
  if (lstat (path, &st) == 0 && st.st_uid != getuid () && !run_account_job ("--reclaim", st.st_uid, path, error))
    return FALSE;

  return run_account_job ("--lend", account_uid, path, error);
}

gboolean
glb_sandbox_kill_account (guint    account_uid,
                          GError **error)
{
  g_return_val_if_fail (account_uid != 0 && account_uid != getuid (), FALSE);

  return run_account_job ("--kill", account_uid, NULL, error);
}

gboolean
glb_sandbox_remove_tree (const char *path,
                         GError    **error)
{
  g_autofree char *real = NULL;
  g_autofree char *uid_start = NULL;
  g_autofree char *uid_count = NULL;
  g_autofree char *gid_start = NULL;
  g_autofree char *gid_count = NULL;
  const char *argv[8] = { "glovebox-launch", "--remove" };

  g_return_val_if_fail (path != NULL && path[0] == '/', FALSE);

  real = resolve_parent (path);
  argv[2] = real;
  if (geteuid () != 0)
    {
      const char *user = g_get_user_name ();
      g_autoptr(GArray) uids = glb_account_load_ranges ("/etc/subuid", getuid (), user);
      g_autoptr(GArray) gids = glb_account_load_ranges ("/etc/subgid", getuid (), user);

      if (uids->len > 0 && gids->len > 0)
        {
          argv[3] = uid_start = g_strdup_printf ("%u", g_array_index (uids, GlbAccountRange, uids->len - 1).start);
          argv[4] = uid_count = g_strdup_printf ("%u", g_array_index (uids, GlbAccountRange, uids->len - 1).count);
          argv[5] = gid_start = g_strdup_printf ("%u", g_array_index (gids, GlbAccountRange, gids->len - 1).start);
          argv[6] = gid_count = g_strdup_printf ("%u", g_array_index (gids, GlbAccountRange, gids->len - 1).count);
        }
    }

  return run_job (argv, error);
}

/* --- diagnosis --- */

static gboolean
is_sysctl (const char *path, const char *value)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_strcmp0 (g_strstrip (text), value) == 0;
}

static void
want_program (GPtrArray *lines, const char *program, const char *package)
{
  g_autofree char *path = g_find_program_in_path (program);

  if (path == NULL)
    g_ptr_array_add (lines, g_strdup_printf ("%s is missing; run: sudo apt install %s", program, package));
}

GStrv
glb_sandbox_diagnose (void)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new ();
  g_autofree char *launcher = glb_sandbox_find_private ("glovebox-launch");
  g_autofree char *accounts = glb_account_diagnose ();

  want_program (lines, "bwrap", "bubblewrap");
  if (geteuid () != 0)
    {
      want_program (lines, "newuidmap", "uidmap");
      want_program (lines, "newgidmap", "uidmap");
    }
  if (launcher == NULL)
    g_ptr_array_add (lines, g_strdup ("glovebox-launch is missing; install Glovebox again"));
  if (accounts != NULL)
    g_ptr_array_add (lines, g_steal_pointer (&accounts));
  if (is_sysctl ("/proc/sys/kernel/unprivileged_userns_clone", "0"))
    g_ptr_array_add (lines, g_strdup ("user namespaces are disabled; run: sudo sysctl -w kernel.unprivileged_userns_clone=1"));
  if (is_sysctl ("/proc/sys/user/max_user_namespaces", "0"))
    g_ptr_array_add (lines, g_strdup ("user namespaces are disabled; run: sudo sysctl -w user.max_user_namespaces=65536"));
  if (is_sysctl ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
    g_ptr_array_add (lines, g_strdup ("AppArmor restricts user namespaces; run: "
                                      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or install a profile"));
  g_ptr_array_add (lines, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

char *
glb_sandbox_diagnose_network (void)
{
  const char *argv[] = { "glovebox-launch", "--try-network", NULL };
  g_autoptr(GError) error = NULL;

  return run_job (argv, &error) ? NULL : g_strdup (error->message);
}
