/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-cli.h"

/* What main.c calls. */
__attribute__ ((visibility ("default"))) int glb_cli_module_main (int argc, char **argv, const GlbEarlyRun *early);

int
glb_cli_module_main (int                 argc,
                     char              **argv,
                     const GlbEarlyRun  *early)
{
  return glb_cli_main (argc, argv, NULL, early);
}
