/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/cli/glb-early-attach.h"

/*
 * `glovebox` itself has the C library alone: what can be asked of the broker at
 * once is on its way while the rest, which needs many more libraries, is being
 * loaded.
 */

#define MODULE      "glovebox-cli.so"
#define EXIT_FAILED 125

typedef int (* Main) (int argc, char **argv, const GlbEarlyRun *early);

/* Where a standard stream is closed, the next file opened would take its place. */
static void
fill_standard_streams (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO)
    close (fd);
}

static bool
is_in (const char *folder,
       size_t      length,
       char        path[PATH_MAX])
{
  return snprintf (path, PATH_MAX, "%.*s/" MODULE, (int) length, folder) < PATH_MAX && access (path, R_OK) == 0;
}

/* As glb_paths_find_program() looks for programs. */
static bool
find_module (char path[PATH_MAX])
{
  const char *folders = getenv ("GLOVEBOX_PRIVATE_PATH");
  char self[PATH_MAX];
  ssize_t length;

  for (size_t n; folders != NULL && *folders != '\0'; folders += n + (folders[n] == ':'))
    {
      n = strcspn (folders, ":");
      if (*folders == '/' && is_in (folders, n, path))
        return true;
    }
  if (is_in (GLOVEBOX_LIBEXECDIR, strlen (GLOVEBOX_LIBEXECDIR), path))
    return true;

  length = readlink ("/proc/self/exe", self, sizeof self);
  while (length > 0 && self[length - 1] != '/')
    length--;
  return length > 1 && is_in (self, (size_t) length - 1, path);
}

int
main (int    argc,
      char **argv)
{
  char path[PATH_MAX];
  GlbEarlyRun early = { .connection = -1 };
  void *module;
  Main run;

  fill_standard_streams ();
  if (!find_module (path))
    {
      fprintf (stderr, "glovebox: Can't find " MODULE " in " GLOVEBOX_LIBEXECDIR
               "; install Glovebox again, or name its folder in GLOVEBOX_PRIVATE_PATH\n");
      return EXIT_FAILED;
    }

  if (glb_early_run (argc, argv, &early))
    glb_early_attach (&early);
  module = dlopen (path, RTLD_LAZY);
  run = module != NULL ? (Main) dlsym (module, "glb_cli_module_main") : NULL;
  if (run != NULL)
    return run (argc, argv, &early);

  fprintf (stderr, "glovebox: %s; install Glovebox again\n", dlerror ());
  return EXIT_FAILED;
}
