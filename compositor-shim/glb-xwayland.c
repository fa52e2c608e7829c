/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-xwayland: executes Xwayland with the arguments it got plus "-ac".
 *
 * Xwayland runs in the compositor's sandbox under the compositor's account; the
 * X programs run under the agent's.  Xwayland's own check of user ids would
 * refuse them, and there is nothing that it could protect: its sockets are in
 * the compositor's and this session's mount and network namespaces only.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main (int   argc,
      char *argv[])
{
  char **arguments = calloc ((size_t) argc + 2, sizeof *arguments);

  if (arguments == NULL)
    abort ();
  arguments[0] = (char *) "Xwayland";
  for (int i = 1; i < argc; i++)
    arguments[i] = argv[i];
  arguments[argc > 0 ? argc : 1] = (char *) "-ac";
  execv (XWAYLAND_PATH, arguments);
  fprintf (stderr, "glovebox-xwayland: %s: %s; install the package xwayland\n", XWAYLAND_PATH, strerror (errno));
  return 127;
}
