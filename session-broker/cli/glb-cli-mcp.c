/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"

#include <unistd.h>

#include "session-broker/mcp/glb-mcp-server.h"

int
glb_cli_mcp_verb (int    argc,
                  char **argv)
{
  g_autofree char *policy = NULL;
  g_autofree char *template = NULL;
  g_autofree char *workspace = NULL;
  gboolean keep = FALSE;
  const GOptionEntry entries[] = {
    { "policy", 'p', 0, G_OPTION_ARG_FILENAME, &policy, "Policy file of all sessions", "FILE" },
    { "template", 't', 0, G_OPTION_ARG_STRING, &template, "Policy template (default: default)", "NAME" },
    { "workspace", 'w', 0, G_OPTION_ARG_FILENAME, &workspace,
      "Folder that the policy calls ${WORKSPACE}; sessions get it, or a folder in it (default: the current one)", "DIR" },
    { "keep", 0, 0, G_OPTION_ARG_NONE, &keep, "Sessions go on when the client has gone", NULL },
    { NULL }
  };
  g_autoptr(GlbMcpConfig) config = NULL;
  g_autoptr(GlbMcpServer) server = NULL;
  GError *error = NULL;

  if (!glb_cli_parse (&argc, &argv, "", "Serve an MCP client on standard input and output.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 1)
    return glb_cli_fail ("mcp: %s: takes no words; see `glovebox mcp --help`", argv[1]);
  if (policy != NULL && template != NULL)
    return glb_cli_fail ("mcp: --policy and --template exclude each other; give one");

  config = glb_mcp_config_new (policy, template, workspace, keep, &error);
  if (config == NULL)
    return glb_cli_fail_error ("mcp", error);

  server = glb_mcp_server_new (config, STDIN_FILENO, STDOUT_FILENO);
  glb_mcp_server_run (server);
  return 0;
}
