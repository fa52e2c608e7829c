/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/sandbox/glb-launch-private.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAP_REMEDY "install the package uidmap, and give yourself a range: usermod --add-subuids 200000-265535 --add-subgids 200000-265535 USER"

/* Waits for the byte that says that the namespace is there, then becomes newuidmap or newgidmap. */
static pid_t
start_helper (const char *program, const int go[2], const GlbLaunchRange *ranges, size_t n_ranges)
{
  char numbers[1 + 3 * 8][16];
  char *argv[2 + 3 * 8 + 1];
  size_t n = 0;
  pid_t pid;
  char byte;

  if (n_ranges > 8)
    n_ranges = 8;
  argv[n++] = (char *) program;
  snprintf (numbers[0], sizeof numbers[0], "%d", getpid ());
  argv[n++] = numbers[0];
  for (size_t i = 0; i < n_ranges; i++)
    {
      const unsigned values[3] = { ranges[i].inside, ranges[i].outside, ranges[i].count };

      for (size_t j = 0; j < 3; j++)
        {
          snprintf (numbers[1 + i * 3 + j], sizeof numbers[0], "%u", values[j]);
          argv[n++] = numbers[1 + i * 3 + j];
        }
    }
  argv[n] = NULL;

  pid = fork ();
  if (pid < 0)
    glb_launch_die (errno, "raise the limit of processes", "can't start %s", program);
  if (pid > 0)
    return pid;

  close (go[1]);
  if (read (go[0], &byte, 1) != 1)
    _exit (0);
  execvp (program, argv);
  glb_launch_die (errno, "install the package uidmap", "can't run %s", program);
}

void
glb_launch_userns_start (GlbLaunchMaps *maps,
                         const GlbLaunchRange *uids, size_t n_uids,
                         const GlbLaunchRange *gids, size_t n_gids,
                         int flags)
{
  int go[2];

  if (pipe2 (go, O_CLOEXEC) < 0)
    glb_launch_die (errno, NULL, "can't make a pipe");
  maps->helpers[0] = start_helper ("newuidmap", go, uids, n_uids);
  maps->helpers[1] = start_helper ("newgidmap", go, gids, n_gids);
  close (go[0]);
  maps->go = go[1];

  if (unshare (CLONE_NEWUSER | flags) < 0)
    glb_launch_die (errno, GLB_LAUNCH_USERNS_REMEDY, "can't make a user namespace");
  if (write (maps->go, "gg", 2) != 2)
    glb_launch_die (errno, NULL, "can't start newuidmap and newgidmap");
  glb_launch_close (&maps->go);
}

void
glb_launch_userns_finish (GlbLaunchMaps *maps)
{
  for (size_t i = 0; i < 2; i++)
    {
      int status;
      pid_t pid;

      do
        pid = waitpid (maps->helpers[i], &status, 0);
      while (pid < 0 && errno == EINTR);
      if (pid < 0 || !WIFEXITED (status) || WEXITSTATUS (status) != 0)
        glb_launch_die (0, MAP_REMEDY, "%s refused the account's number", i == 0 ? "newuidmap" : "newgidmap");
    }

  if (setresgid (0, 0, 0) < 0 || setresuid (0, 0, 0) < 0)
    glb_launch_die (errno, MAP_REMEDY, "can't become root of the user namespace");
}

static bool
write_map (pid_t pid, const char *name, unsigned inside, unsigned outside)
{
  char path[64], line[64];
  int fd, n;
  bool ok;

  snprintf (path, sizeof path, "/proc/%d/%s", pid, name);
  n = snprintf (line, sizeof line, "%u %u 1\n", inside, outside);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ok = write (fd, line, n) == n;
  close (fd);

  return ok;
}

int
glb_launch_userns_for_idmap (uid_t disk_uid, uid_t seen_uid, gid_t disk_gid, gid_t seen_gid)
{
  struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
  char path[64], byte;
  int alive[2], fd = -1, error;
  pid_t pid;

  /* The other process only holds the namespace; it ends with us, however we end. */
  if (pipe2 (alive, O_CLOEXEC) < 0)
    glb_launch_die (errno, NULL, "can't make a pipe");
  pid = syscall (SYS_clone3, &args, sizeof args);
  if (pid < 0)
    glb_launch_die (errno, GLB_LAUNCH_USERNS_REMEDY, "can't make a user namespace for the mapped mounts");
  if (pid == 0)
    {
      close (alive[1]);
      while (read (alive[0], &byte, 1) < 0 && errno == EINTR)
        ;
      _exit (0);
    }
  close (alive[0]);

  snprintf (path, sizeof path, "/proc/%d/ns/user", pid);
  if (write_map (pid, "uid_map", disk_uid, seen_uid) && write_map (pid, "gid_map", disk_gid, seen_gid))
    fd = open (path, O_RDONLY | O_CLOEXEC);
  error = errno;
  close (alive[1]);
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    ;
  if (fd < 0)
    glb_launch_die (error, NULL, "can't map user %u to %u", disk_uid, seen_uid);

  return fd;
}
