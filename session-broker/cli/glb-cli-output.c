/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <stdio.h>
#include <string.h>

/* Longer than the broker gives the person's PipeWire. */
#define CALL_DEADLINE_S 20

static const char *
lookup_string (GVariant   *output,
               const char *name)
{
  const char *text = "";

  g_variant_lookup (output, name, "&s", &text);
  return text;
}

static const char *
yes_no (GVariant   *output,
        const char *name)
{
  gboolean value = FALSE;

  g_variant_lookup (output, name, "b", &value);
  return value ? "yes" : "no";
}

static int
list_outputs (GlbClient  *client,
              const char *path,
              const char *session,
              gboolean    json)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) outputs = NULL;
  g_autoptr(JsonNode) node = NULL;
  GError *error = NULL;

  reply = glb_cli_call (client, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new ("(ss)", "org.glovebox.Session1", "Outputs"), CALL_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    return glb_cli_fail_error (session, error);

  g_variant_get (reply, "(v)", &outputs);
  if (!g_variant_is_of_type (outputs, G_VARIANT_TYPE ("aa{sv}")))
    return glb_cli_fail ("publish: the broker's answer makes no sense; run the same version of both");

  if (json)
    {
      node = glb_cli_json_from_variant (outputs);
      glb_cli_print_json (node);
      return 0;
    }
  for (gsize i = 0; i < g_variant_n_children (outputs); i++)
    {
      g_autoptr(GVariant) output = g_variant_get_child_value (outputs, i);

      printf ("%-10s  policy %-6s  on %-3s  in use %-3s  %s\n", lookup_string (output, "output"), lookup_string (output, "verdict"),
              yes_no (output, "on"), yes_no (output, "in-use"), lookup_string (output, "target"));
    }
  if (g_variant_n_children (outputs) == 0)
    printf ("this session has no screen\n");
  return 0;
}

int
glb_cli_publish_verb (int    argc,
                      char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "The list as JSON", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED;
  gboolean on;

  if (!glb_cli_parse (&argc, &argv, "SESSION [on|off]", "Show a session's screen to recorders, as a camera of your PipeWire.", FALSE,
                      entries))
    return GLB_EXIT_FAILED;
  if (argc != 2 && argc != 3)
    return glb_cli_fail ("publish: needs a session, or a session and on or off");
  on = argc == 3 && g_str_equal (argv[2], "on");
  if (argc == 3 && !on && !g_str_equal (argv[2], "off"))
    return glb_cli_fail ("publish: %s: no such order; use on or off", argv[2]);

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;
  if (argc == 2)
    return list_outputs (client, path, argv[1], json);

  reply = glb_cli_call (client, path, NULL, on ? "PublishOn" : "PublishOff", NULL, CALL_DEADLINE_S, NULL, &error);
  return reply != NULL ? 0 : glb_cli_fail_error (argv[1], error);
}
