/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/sandbox/glb-launch-private.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
say (int error, const char *remedy, const char *format, va_list args)
{
  char line[1024];
  size_t n = 0;

  n += snprintf (line, sizeof line, "glovebox-launch: ");
  n += vsnprintf (line + n, sizeof line - n, format, args);
  if (n < sizeof line && error != 0)
    n += snprintf (line + n, sizeof line - n, ": %s", strerror (error));
  if (n < sizeof line && remedy != NULL)
    n += snprintf (line + n, sizeof line - n, "; %s", remedy);
  if (n > sizeof line - 2)
    n = sizeof line - 2;
  line[n++] = '\n';

  if (write (STDERR_FILENO, line, n) < 0)
    return;
}

void
glb_launch_die (int error, const char *remedy, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (error, remedy, format, args);
  va_end (args);

  _exit (GLB_LAUNCH_EXIT_FAILED);
}

void
glb_launch_complain (int error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (error, NULL, format, args);
  va_end (args);
}

uint64_t
glb_launch_parse_number (const char *text, const char *what)
{
  char *end;
  unsigned long long value;

  errno = 0;
  value = strtoull (text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || *text < '0' || *text > '9')
    glb_launch_die (0, "this is an error in Glovebox", "the plan's %s is not a number", what);

  return value;
}

static int
open_how (int folder, const char *path, int flags, uint64_t resolve)
{
  struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve };
  int fd;

  do
    fd = syscall (SYS_openat2, folder, path, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));

  return fd;
}

int
glb_launch_open_beneath (int folder, const char *name, int flags)
{
  return open_how (folder, name, flags | O_NOFOLLOW,
                   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

int
glb_launch_open_path (const char *path, int flags)
{
  return open_how (AT_FDCWD, path, flags, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

void
glb_launch_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}
