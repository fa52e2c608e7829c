/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes a process, or what is none, in the way that argv[1] names; exits with the errno, 0: it worked. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *
thread (void *data)
{
  return data;
}

static int
finish (long pid)
{
  if (pid == 0)
    _exit (0);
  if (pid < 0)
    return errno;
  return waitpid ((pid_t) pid, NULL, 0) < 0 ? errno : 0;
}

static int
attempt (const char *how)
{
  char *child[] = { (char *) "/usr/bin/true", NULL };
  pthread_t other;
  pid_t pid;
  int error;

  if (strcmp (how, "fork") == 0)
#ifdef __NR_fork
    return finish (syscall (__NR_fork));
#else
    return finish (fork ());
#endif
  if (strcmp (how, "vfork") == 0)
    return finish (vfork ());
  if (strcmp (how, "clone-high") == 0)   /* a high bit that the kernel does not read must not fool the filter */
    return finish (syscall (__NR_clone, (uint64_t) SIGCHLD | ((uint64_t) CLONE_THREAD << 32), 0, 0, 0, 0));
  if (strcmp (how, "clone3") == 0)
    {
      uint64_t arguments[8] = { [4] = SIGCHLD };

      return finish (syscall (435, arguments, sizeof arguments));
    }
  if (strcmp (how, "spawn") == 0)
    {
      error = posix_spawn (&pid, child[0], NULL, NULL, child, environ);
      return error != 0 ? error : finish (pid);
    }
  if (strcmp (how, "thread") == 0)
    {
      error = pthread_create (&other, NULL, thread, NULL);
      return error != 0 ? error : pthread_join (other, NULL);
    }
  if (strcmp (how, "exec") == 0)
    return execv (child[0], child) < 0 ? errno : 0;
  return 255;
}

int
main (int    argc,
      char **argv)
{
  _exit (attempt (argc == 2 ? argv[1] : ""));   /* at once: a sanitizer's last look would want a process */
}
