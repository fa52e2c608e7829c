/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli-agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 5000
#define END_MS   2000
#define READY_FD 3

static GPid agent;               /* 0: none */

/* In the child between fork and exec. */
static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* Until something comes, or the other end closes, or the time is over. */
static void
wait_for (int fd,
          int milliseconds)
{
  struct pollfd polled = { .fd = fd, .events = POLLIN };

  while (poll (&polled, 1, milliseconds) < 0 && errno == EINTR)
    ;
}

gboolean
glb_cli_start_agent (void)
{
  g_autofree char *process = g_strdup_printf ("%d", (int) getpid ());
  const char *argv[] = { "pkttyagent", "--process", process, "--notify-fd", G_STRINGIFY (READY_FD), NULL };
  g_autoptr(GError) error = NULL;
  int ready[2], target = READY_FD;

  /* polkit never asks root */
  if (agent != 0 || geteuid () == 0 || !isatty (STDIN_FILENO) || !isatty (STDERR_FILENO) || pipe2 (ready, O_CLOEXEC) < 0)
    return FALSE;

  if (!g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                                         G_SPAWN_STDERR_TO_DEV_NULL, die_with_parent, NULL, -1, -1, -1, &ready[1], &target, 1,
                                         &agent, NULL, NULL, NULL, &error))
    {
      g_debug ("Nobody asks for passwords here: %s", error->message);
      agent = 0;
    }
  close (ready[1]);
  if (agent != 0)
    wait_for (ready[0], READY_MS);
  close (ready[0]);
  return agent != 0;
}

void
glb_cli_stop_agent (void)
{
  int fd;

  if (agent == 0)
    return;

  kill (agent, SIGTERM);
  fd = syscall (SYS_pidfd_open, agent, 0);
  if (fd >= 0)
    {
      wait_for (fd, END_MS);
      close (fd);
    }
  kill (agent, SIGKILL);
  waitpid (agent, NULL, 0);
  agent = 0;
}
