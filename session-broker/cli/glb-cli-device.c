/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <stdio.h>
#include <string.h>

/* The longest that a policy lets a person think, and then some. */
#define ANSWER_DEADLINE_S (3600 + 30)
#define CALL_DEADLINE_S   20

static const char *
yes_no (GVariant   *device,
        const char *name)
{
  gboolean value = FALSE;

  g_variant_lookup (device, name, "b", &value);
  return value ? "yes" : "no";
}

static void
print_devices (GVariant *devices)
{
  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr(GVariant) device = g_variant_get_child_value (devices, i);
      const char *target = glb_cli_lookup_string (device, "target");

      printf ("%-10s  policy %-6s  given %-3s  in use %-3s  muted %-3s  %s\n",
              glb_cli_lookup_string (device, "device"), glb_cli_lookup_string (device, "verdict"), yes_no (device, "granted"), yes_no (device, "in-use"), yes_no (device, "muted"), target);
    }
}

static int
list_devices (GlbClient  *client,
              const char *path,
              const char *session,
              gboolean    json)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) devices = NULL;
  GError *error = NULL;

  reply = glb_cli_call (client, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new ("(ss)", "org.glovebox.Session1", "Devices"), CALL_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    return glb_cli_fail_error (session, error);

  g_variant_get (reply, "(v)", &devices);
  if (!g_variant_is_of_type (devices, G_VARIANT_TYPE ("aa{sv}")))
    return glb_cli_fail ("device: the broker's answer makes no sense; run the same version of both");

  if (json)
    {
      g_autoptr(JsonNode) node = glb_cli_json_from_variant (devices);

      glb_cli_print_json (node);
    }
  else if (g_variant_n_children (devices) == 0)
    printf ("the policy of this session gives it no device\n");
  else
    print_devices (devices);
  return 0;
}

/* It opens the file before it asks for anything. */
static int
give_source (GlbClient  *client,
             const char *path,
             const char *session,
             const char *device,
             const char *source)
{
  g_autoptr(GUnixFDList) fds = NULL;
  GVariant *options = glb_cli_source_options ("device", source, &fds);
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;

  if (options == NULL)
    return GLB_EXIT_FAILED;

  reply = g_dbus_connection_call_with_unix_fd_list_sync (glb_client_get_connection (client), NULL, path, "org.glovebox.Session1",
                                                         "DeviceOnWith", g_variant_new ("(s@a{sv})", device, options), NULL,
                                                         G_DBUS_CALL_FLAGS_NONE, ANSWER_DEADLINE_S * 1000, fds, NULL, NULL, &error);
  return reply != NULL ? 0 : glb_cli_fail_error (session, error);
}

int
glb_cli_device_verb (int    argc,
                     char **argv)
{
  static const struct { const char *word, *method; gboolean muted; guint deadline; } orders[] = {
    { "on", "DeviceOn", FALSE, ANSWER_DEADLINE_S },
    { "off", "DeviceOff", FALSE, CALL_DEADLINE_S },
    { "mute", "DeviceMute", TRUE, CALL_DEADLINE_S },
    { "unmute", "DeviceMute", FALSE, CALL_DEADLINE_S },
  };
  gboolean json = FALSE;
  g_autofree char *source = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "The list as JSON", NULL },
    { "source", 0, 0, G_OPTION_ARG_FILENAME, &source,
      "With on: what to give instead: test-pattern, tone, silence, host, or a file (PNG, YUV4MPEG2; WAV)", "SOURCE" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED;
  gsize order = 0;

  if (!glb_cli_parse (&argc, &argv, "SESSION [camera|microphone|speaker on|off|mute|unmute]",
                      "Give a session a device, take it back, or list what it has.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2 && argc != 4)
    return glb_cli_fail ("device: needs a session, or a session, a device and on, off, mute or unmute");
  for (int i = 2; i < argc; i++)
    if (!g_utf8_validate (argv[i], -1, NULL))
      return glb_cli_fail ("device: %s: is not valid UTF-8; use camera, microphone or speaker", argv[i]);

  while (argc == 4 && order < G_N_ELEMENTS (orders) && !g_str_equal (argv[3], orders[order].word))
    order++;
  if (order == G_N_ELEMENTS (orders))
    return glb_cli_fail ("device: %s: no such order; use on, off, mute or unmute", argv[3]);
  if (source != NULL && (argc != 4 || order != 0))
    return glb_cli_fail ("device: --source: goes with on alone; leave it out");

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;
  if (argc == 2)
    return list_devices (client, path, argv[1], json);
  if (source != NULL)
    return give_source (client, path, argv[1], argv[2], source);

  reply = glb_cli_call (client, path, NULL, orders[order].method,
                        g_str_equal (orders[order].method, "DeviceMute") ? g_variant_new ("(sb)", argv[2], orders[order].muted)
                                                                         : g_variant_new ("(s)", argv[2]),
                        orders[order].deadline, NULL, &error);
  return reply != NULL ? 0 : glb_cli_fail_error (argv[1], error);
}
