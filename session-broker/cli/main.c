/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-cli.h"

int
main (int    argc,
      char **argv)
{
  return glb_cli_main (argc, argv, NULL);
}
