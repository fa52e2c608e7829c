/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's commands.  Each gets three pipes that init makes, so that they
 * belong to the agent's account and /dev/stdout can be opened again.  Whether
 * the command was executed is told by a fourth pipe that closes itself on
 * success; the main loop waits on it, never this file: an execution may take
 * as long as a slow disk does.
 */

#include "session-broker/sandbox/glb-init-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct
{
  int32_t stage;
  int32_t error;
} ChildError;

static GlbInitCommand commands[GLB_INIT_COMMANDS_MAX];

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
command_clear (GlbInitCommand *self)
{
  self->serial = 0;
  self->pid = 0;
  self->error_fd = -1;
  self->fds[0] = self->fds[1] = self->fds[2] = -1;
}

void
glb_init_commands_init (void)
{
  for (unsigned int i = 0; i < GLB_INIT_COMMANDS_MAX; i++)
    command_clear (&commands[i]);
}

GlbInitCommand *
glb_init_command_get (unsigned int i)
{
  return commands[i].serial != 0 ? &commands[i] : NULL;
}

GlbInitCommand *
glb_init_command_find (uint64_t serial)
{
  for (unsigned int i = 0; i < GLB_INIT_COMMANDS_MAX; i++)
    if (serial != 0 && commands[i].serial == serial)
      return &commands[i];
  return NULL;
}

static GlbInitCommand *
free_slot (void)
{
  for (unsigned int i = 0; i < GLB_INIT_COMMANDS_MAX; i++)
    if (commands[i].serial == 0)
      return &commands[i];
  return NULL;
}

int
glb_init_child_reset (const GlbInitChildRules *rules)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  sigset_t none;

  for (int signo = 1; signo < NSIG; signo++)
    sigaction (signo, &action, NULL);   /* the two that cannot be set refuse */

  if (rules->no_ptrace && glb_init_filter_no_ptrace () < 0)
    return -1;
  if (rules->no_spawn && glb_init_filter_no_spawn () < 0)
    return -1;

  sigemptyset (&none);
  return sigprocmask (SIG_SETMASK, &none, NULL);
}

static void __attribute__ ((noreturn))
child_fail (int          error_fd,
            GlbInitStage stage)
{
  ChildError message = { .stage = stage, .error = errno };

  if (write (error_fd, &message, sizeof message) != sizeof message)
    _exit (126);
  _exit (127);
}

/* error_fd must not be one of 0 to 3: those are given away here. */
static void __attribute__ ((noreturn))
child_run (const GlbInitExecView   *exec,
           const GlbInitChildRules *rules,
           const int                stdio[3],
           int                      error_fd)
{
  setsid ();

  for (int i = 0; i < 3; i++)
    if (dup2 (stdio[i], i) < 0)
      child_fail (error_fd, GLB_INIT_STAGE_FORK);
  if (dup3 (error_fd, 3, O_CLOEXEC) < 0)
    child_fail (error_fd, GLB_INIT_STAGE_FORK);
  error_fd = 3;
  if (syscall (__NR_close_range, 4, ~0U, 0) < 0)
    child_fail (error_fd, GLB_INIT_STAGE_FORK);

  if (chdir (exec->cwd) < 0)
    child_fail (error_fd, GLB_INIT_STAGE_CHDIR);
  if (glb_init_child_reset (rules) < 0)
    child_fail (error_fd, GLB_INIT_STAGE_SETUP);

  /* execvpe() would search init's PATH. */
  environ = (char **) exec->env;
  execvp (exec->argv[0], (char * const *) exec->argv);
  child_fail (error_fd, GLB_INIT_STAGE_EXEC);
}

/* A pipe whose two ends are numbered above 3 and closed on execution. */
static int
make_pipe (int fds[2])
{
  int low[2];
  int error;

  if (pipe2 (low, O_CLOEXEC) < 0)
    return -1;

  for (int i = 0; i < 2; i++)
    fds[i] = low[i] > 3 ? low[i] : fcntl (low[i], F_DUPFD_CLOEXEC, 4);
  error = errno;
  for (int i = 0; i < 2; i++)
    if (low[i] != fds[i])
      close (low[i]);
  if (fds[0] >= 0 && fds[1] >= 0)
    return 0;

  close_fd (&fds[0]);
  close_fd (&fds[1]);
  errno = error;
  return -1;
}

void
glb_init_command_start (int                      control_fd,
                        uint64_t                 serial,
                        const GlbInitExecView   *exec,
                        const GlbInitChildRules *rules)
{
  GlbInitCommand *self = free_slot ();
  int pipes[4][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
  int error = EAGAIN;
  pid_t pid = -1;

  if (self != NULL)
    {
      int n = 0;

      while (n < 4 && make_pipe (pipes[n]) == 0)
        n++;
      if (n == 4)
        pid = fork ();
      error = errno;
    }

  if (pid == 0)
    {
      const int stdio[3] = { pipes[0][0], pipes[1][1], pipes[2][1] };

      child_run (exec, rules, stdio, pipes[3][1]);
    }

  if (pid > 0)
    {
      self->serial = serial;
      self->pid = pid;
      self->fds[0] = pipes[0][1];
      self->fds[1] = pipes[1][0];
      self->fds[2] = pipes[2][0];
      self->error_fd = pipes[3][0];
      pipes[0][1] = pipes[1][0] = pipes[2][0] = pipes[3][0] = -1;
    }
  else
    glb_init_send_failed (control_fd, serial, GLB_INIT_STAGE_FORK, error, exec->argv[0]);

  for (int i = 0; i < 4; i++)
    {
      close_fd (&pipes[i][0]);
      close_fd (&pipes[i][1]);
    }
}

void
glb_init_command_started (int             control_fd,
                          GlbInitCommand *self)
{
  GlbInitStarted started = { .pid = self->pid };
  ChildError failure;
  ssize_t n;

  do
    n = read (self->error_fd, &failure, sizeof failure);
  while (n < 0 && errno == EINTR);

  close_fd (&self->error_fd);
  if (n == sizeof failure)
    {
      glb_init_send_failed (control_fd, self->serial, (GlbInitStage) failure.stage, failure.error, "");
      for (int i = 0; i < 3; i++)
        close_fd (&self->fds[i]);
      command_clear (self);   /* whoever reaps it finds no command, and says nothing */
      return;
    }

  glb_init_send (control_fd, GLB_INIT_STARTED, self->serial, &started, sizeof started, self->fds, 3);
  for (int i = 0; i < 3; i++)
    close_fd (&self->fds[i]);
}

void
glb_init_command_exited (int             control_fd,
                         GlbInitCommand *self,
                         int             status,
                         int64_t         user_us,
                         int64_t         system_us,
                         int64_t         max_rss_kb)
{
  GlbInitExited exited = { .status = status, .user_us = user_us, .system_us = system_us, .max_rss_kb = max_rss_kb };

  /* It ended before the main loop saw that it had started, or had not. */
  if (self->error_fd >= 0)
    glb_init_command_started (control_fd, self);
  if (self->serial == 0)
    return;

  glb_init_send (control_fd, GLB_INIT_EXITED, self->serial, &exited, sizeof exited, NULL, 0);
  command_clear (self);
}
