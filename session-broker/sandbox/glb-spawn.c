/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why not posix_spawn(): a child that is born in its control group costs
 * nothing, while one that moves there waits for all processors of the machine
 * (the kernel takes a lock against every fork and exit): 5 to 15 ms. The C
 * library of Debian 12 cannot ask for it.
 *
 * The child is a copy of a process that may have other threads, whose locks
 * nobody will ever release there: it makes system calls and nothing else.
 */

#include "session-broker/sandbox/glb-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-launch-plan.h"

static const char environment_path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* In the child. */
static void G_GNUC_NORETURN
give_up (const char *line)
{
  G_GNUC_UNUSED gssize n = write (STDERR_FILENO, line, strlen (line));

  _exit (GLB_LAUNCH_EXIT_FAILED);
}

static void
reset_signals (void)
{
  struct sigaction by_default = { .sa_handler = SIG_DFL };
  sigset_t none;

  for (int signo = 1; signo < NSIG; signo++)
    sigaction (signo, &by_default, NULL);   /* fails for those that are always so */
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* alive_fd: hears that there is a child, -1: nobody listens. procs_fd: of the control group to enter, -1: none. */
static void G_GNUC_NORETURN
become (const char *program, const char * const *argv, const GArray *fds, int alive_fd, int procs_fd)
{
  char *env[] = { (char *) environment_path, NULL };

  if (alive_fd >= 0 && write (alive_fd, "", 1) != 1)
    _exit (GLB_LAUNCH_EXIT_FAILED);
  setsid ();
  for (guint i = 0; i < fds->len; i++)
    {
      const GlbSandboxFd *entry = &g_array_index (fds, GlbSandboxFd, i);

      if (dup2 (entry->fd, entry->number) < 0)
        _exit (GLB_LAUNCH_EXIT_FAILED);
    }
  if (procs_fd >= 0 && write (procs_fd, "0", 1) != 1)
    give_up ("glovebox-launch: can't enter its control group; see glovebox doctor\n");

  reset_signals ();
  execve (program, (char **) argv, env);
  give_up ("glovebox-launch: can't be executed; install Glovebox again\n");
}

/* As fork(), but born in the control group (-1: none). -1 with errno. */
static pid_t
fork_into (int cgroup_fd)
{
  struct clone_args args = { .exit_signal = SIGCHLD };

  if (cgroup_fd >= 0)
    {
      args.flags = CLONE_INTO_CGROUP;
      args.cgroup = (guint64) cgroup_fd;
    }
  return (pid_t) syscall (SYS_clone3, &args, sizeof args);
}

/*
 * -1: it cannot be born there: before Linux 5.7, where a filter of this host
 * forbids it, and in a group that was killed as a whole before.  Then the
 * kernel (seen in 6.18) kills the child before its first instruction, because
 * it compares the group's counter with that of our own group.
 */
static pid_t
start_in (const char *program, const char * const *argv, const GArray *fds, int cgroup_fd)
{
  int alive[2];
  gssize n;
  char byte;
  pid_t pid;

  if (pipe2 (alive, O_CLOEXEC) < 0)
    return -1;

  pid = fork_into (cgroup_fd);
  if (pid == 0)
    become (program, argv, fds, alive[1], -1);

  close (alive[1]);
  do
    n = read (alive[0], &byte, 1);
  while (n < 0 && errno == EINTR);
  close (alive[0]);
  if (pid > 0 && n != 1)
    {
      waitpid (pid, NULL, 0);
      return -1;
    }

  return pid;
}

static pid_t
start (const char *program, const char * const *argv, const GArray *fds, int cgroup_fd, int procs_fd)
{
  sigset_t all, before;
  pid_t pid = -1;

  /* our handlers must not run in the child */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  if (cgroup_fd >= 0)
    pid = start_in (program, argv, fds, cgroup_fd);
  if (pid < 0)
    {
      pid = fork_into (-1);
      if (pid < 0 && errno == ENOSYS)
        pid = fork ();
      if (pid == 0)
        become (program, argv, fds, -1, procs_fd);
    }
  pthread_sigmask (SIG_SETMASK, &before, NULL);

  return pid;
}

gboolean
glb_spawn (const char *program, const char * const *argv, const GArray *fds, const char *cgroup, GPid *pid, GError **error)
{
  g_autofree char *procs = cgroup != NULL ? g_build_filename (cgroup, "cgroup.procs", NULL) : NULL;
  int cgroup_fd = -1, procs_fd = -1, saved_errno;

  *pid = -1;
  if (cgroup != NULL)
    {
      cgroup_fd = open (cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
      procs_fd = open (procs, O_WRONLY | O_CLOEXEC);
    }
  if (cgroup == NULL || procs_fd >= 0)
    *pid = start (program, argv, fds, cgroup_fd, procs_fd);
  saved_errno = errno;
  if (cgroup_fd >= 0)
    close (cgroup_fd);
  if (procs_fd >= 0)
    close (procs_fd);
  if (*pid >= 0)
    return TRUE;

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't start %s%s%s: %s", program,
               cgroup != NULL ? " in the control group " : "", cgroup != NULL ? cgroup : "", g_strerror (saved_errno));
  return FALSE;
}
