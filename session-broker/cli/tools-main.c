/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"

int
main (int    argc,
      char **argv)
{
  static const GlbCliTools tools = {
    .mcp = glb_cli_mcp_verb,
    .record = glb_cli_record_verb,
    .recording = glb_cli_recording_verb,
    .replay = glb_cli_replay_verb,
    .secret = glb_cli_secret_verb,
    .run_recorded = glb_cli_run_recorded,
  };

  return glb_cli_main (argc, argv, &tools, NULL);
}
