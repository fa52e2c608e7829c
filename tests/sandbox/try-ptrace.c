/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Attaches to process argv[1] and lets it go; exits with the errno, 0: it worked. */

#include <errno.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int
main (int    argc,
      char **argv)
{
  pid_t pid = argc == 2 ? atoi (argv[1]) : 0;

  if (ptrace (PTRACE_SEIZE, pid, NULL, NULL) < 0)
    return errno;
  if (ptrace (PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || waitpid (pid, NULL, __WALL) < 0)
    return errno;
  return ptrace (PTRACE_DETACH, pid, NULL, NULL) < 0 ? errno : 0;
}
