/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Longer than the broker's grace time for the commands. */
#define STOP_DEADLINE_S 30
#define CALL_DEADLINE_S 10

static char *
lookup_command (GVariant *properties)
{
  g_auto(GStrv) argv = NULL;

  g_variant_lookup (properties, "Command", "^as", &argv);
  return argv == NULL ? g_strdup ("") : g_strjoinv (" ", argv);
}

static char *
format_age (gint64 started)
{
  gint64 seconds = started <= 0 ? -1 : (g_get_real_time () - started) / G_USEC_PER_SEC;

  if (seconds < 0)
    return g_strdup ("-");
  if (seconds < 60)
    return g_strdup_printf ("%ds", (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf ("%dm%02ds", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%dh%02dm", (int) (seconds / 3600), (int) (seconds / 60 % 60));
}

/* Which of the session's outputs are let out to other programs. (transfer full) */
static JsonArray *
list_outputs (GVariant *properties)
{
  g_autoptr(GVariant) outputs = g_variant_lookup_value (properties, "Outputs", G_VARIANT_TYPE ("aa{sv}"));
  JsonArray *array = json_array_new ();

  for (gsize i = 0; outputs != NULL && i < g_variant_n_children (outputs); i++)
    {
      g_autoptr(GVariant) output = g_variant_get_child_value (outputs, i);
      gboolean on = FALSE;

      if (g_variant_lookup (output, "on", "b", &on) && on)
        json_array_add_string_element (array, glb_cli_lookup_string (output, "output"));
    }
  return array;
}

/* (transfer full) */
static char *
format_outputs (GVariant *properties)
{
  g_autoptr(JsonArray) outputs = list_outputs (properties);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (outputs); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", json_array_get_string_element (outputs, i));
  if (text->len == 0)
    g_string_append_c (text, '-');
  return g_string_free (text, FALSE);
}

static void
add_session_row (GlbCliTable *table,
                 GVariant    *properties)
{
  g_autofree char *command = lookup_command (properties);
  g_autofree char *age = NULL;
  g_autofree char *uid_text = NULL;
  g_autofree char *state = NULL;
  g_autofree char *outputs = format_outputs (properties);
  const char *reason = glb_cli_lookup_string (properties, "Reason");
  gint64 started = 0;
  guint uid = 0;

  g_variant_lookup (properties, "Started", "x", &started);
  g_variant_lookup (properties, "AgentUid", "u", &uid);
  age = format_age (started);
  uid_text = g_strdup_printf ("%u", uid);
  state = g_strconcat (glb_cli_lookup_string (properties, "State"), *reason != '\0' ? ": " : "", reason, NULL);
  glb_cli_table_add (table, glb_cli_lookup_string (properties, "Id"), glb_cli_lookup_string (properties, "Name"),
                     state, glb_cli_lookup_string (properties, "Tier"),
                     glb_cli_lookup_string (properties, "Driver"), uid_text, age, outputs, command);
}

/* (transfer full) */
static JsonArray *
list_strings (GVariant   *properties,
              const char *name)
{
  JsonArray *array = json_array_new ();
  g_auto(GStrv) strings = NULL;

  g_variant_lookup (properties, name, "^as", &strings);
  for (guint i = 0; strings != NULL && strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  return array;
}

/* For programs: the names of the command line, not those of D-Bus; the policy is a document of its own. */
static JsonNode *
session_to_json (GVariant *properties)
{
  static const char * const strings[][2] = {
    { "id", "Id" }, { "name", "Name" }, { "state", "State" }, { "reason", "Reason" }, { "tier", "Tier" },
    { "driver", "Driver" }, { "policyHash", "PolicyHash" },
  };
  static const char * const numbers[][2] = {
    { "agentUid", "AgentUid" }, { "compositorUid", "CompositorUid" }, { "pid", "Pid" },
    { "width", "Width" }, { "height", "Height" },
  };
  g_autoptr(JsonObject) object = json_object_new ();
  gint64 started = 0;
  guint number;

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    json_object_set_string_member (object, strings[i][0], glb_cli_lookup_string (properties, strings[i][1]));
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      number = 0;
      g_variant_lookup (properties, numbers[i][1], "u", &number);
      json_object_set_int_member (object, numbers[i][0], number);
    }

  g_variant_lookup (properties, "Started", "x", &started);
  json_object_set_int_member (object, "startedUs", started);
  json_object_set_array_member (object, "command", list_strings (properties, "Command"));
  json_object_set_array_member (object, "outputs", list_outputs (properties));
  json_object_set_array_member (object, "published", list_strings (properties, "Published"));

  return json_node_init_object (json_node_alloc (), object);
}

/* Oldest first. */
static int
compare_started (gconstpointer a,
                 gconstpointer b)
{
  gint64 first = 0, second = 0;

  g_variant_lookup (*(GVariant **) a, "Started", "x", &first);
  g_variant_lookup (*(GVariant **) b, "Started", "x", &second);
  return first < second ? -1 : first > second;
}

int
glb_cli_ps_verb (int    argc,
                 char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GPtrArray) sessions = NULL;
  GlbCliTable table;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, NULL, "List the sessions.", FALSE, entries))
    return GLB_EXIT_FAILED;
  sessions = glb_cli_list_objects (argc, argv, "org.glovebox.Session1", compare_started, &client, &code);
  if (sessions == NULL)
    return code;

  if (json)
    {
      g_autoptr(JsonNode) node = glb_cli_objects_to_json (sessions, session_to_json);

      glb_cli_print_json (node);
      return 0;
    }

  glb_cli_table_init (&table, 9, "ID", "NAME", "STATE", "TIER", "DRIVER", "UID", "AGE", "OUT", "COMMAND");
  for (guint i = 0; i < sessions->len; i++)
    add_session_row (&table, sessions->pdata[i]);
  glb_cli_table_finish (&table);
  return 0;
}

/* A method without arguments, for each session named. */
static int
call_each (int         argc,
           char      **argv,
           const char *method,
           const char *summary)
{
  g_autoptr(GlbClient) client = NULL;
  int code = 0, worst = 0;

  if (!glb_cli_parse (&argc, &argv, "SESSION…", summary, FALSE, NULL))
    return GLB_EXIT_FAILED;
  if (argc < 2)
    return glb_cli_fail ("%s: no session; give its id or name, see `glovebox ps`", argv[0]);

  client = glb_cli_connect (FALSE, &code);
  if (client == NULL)
    return code;

  for (int i = 1; i < argc; i++)
    {
      g_autofree char *path = glb_cli_find (client, argv[i], &code);
      g_autoptr(GVariant) reply = NULL;
      GError *error = NULL;

      if (path != NULL)
        reply = glb_cli_call (client, path, NULL, method, NULL, STOP_DEADLINE_S, NULL, &error);
      if (error != NULL)
        code = glb_cli_fail_error (argv[i], error);
      if (reply == NULL)
        worst = MAX (worst, code);
    }
  return worst;
}

int
glb_cli_stop_verb (int    argc,
                   char **argv)
{
  return call_each (argc, argv, "Stop", "End sessions: SIGTERM to the commands, SIGKILL after the grace time.");
}

int
glb_cli_kill_verb (int    argc,
                   char **argv)
{
  return call_each (argc, argv, "Kill", "End sessions at once.");
}

static int
freeze_all (char **argv)
{
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autofree const char **failed = NULL;
  GError *error = NULL;
  guint frozen, revoked;
  int code = 0;

  client = glb_cli_connect (FALSE, &code);
  if (client == NULL)
    return code;
  reply = glb_cli_call (client, GLB_BROKER_OBJECT_PATH, "org.glovebox.Broker1", "FreezeAll", NULL, CALL_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    return glb_cli_fail_error (argv[0], error);

  g_variant_get (reply, "(uu^a&s)", &frozen, &revoked, &failed);
  g_print ("%u frozen, %u grants revoked\n", frozen, revoked);
  for (guint i = 0; failed[i] != NULL; i++)
    code = glb_cli_fail ("pause: %s: it could not be frozen and runs on; use `glovebox kill %s`", failed[i], failed[i]);
  return code;
}

int
glb_cli_pause_verb (int    argc,
                    char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--all"))
    return freeze_all (argv);

  return call_each (argc, argv, "Pause", "Freeze all processes of sessions; with --all alone of all of them at once, and revoke all grants.");
}

int
glb_cli_resume_verb (int    argc,
                     char **argv)
{
  return call_each (argc, argv, "Resume", "Let paused sessions go on.");
}

static void
add_window_row (GlbCliTable *table,
                GVariant    *window)
{
  guint id = 0, parent = 0;
  int x = 0, y = 0, width = 0, height = 0;
  gboolean focused = FALSE, maximized = FALSE, x11 = FALSE;
  g_autofree char *id_text = NULL;
  g_autofree char *geometry = NULL;
  g_autofree char *state = NULL;

  g_variant_lookup (window, "id", "u", &id);
  g_variant_lookup (window, "parent", "u", &parent);
  g_variant_lookup (window, "x", "i", &x);
  g_variant_lookup (window, "y", "i", &y);
  g_variant_lookup (window, "width", "i", &width);
  g_variant_lookup (window, "height", "i", &height);
  g_variant_lookup (window, "focused", "b", &focused);
  g_variant_lookup (window, "maximized", "b", &maximized);
  g_variant_lookup (window, "x11", "b", &x11);

  id_text = g_strdup_printf ("%u", id);
  geometry = g_strdup_printf ("%dx%d%+d%+d", width, height, x, y);
  state = g_strdup_printf ("%s%s%s%s", focused ? "focused " : "", maximized ? "maximized " : "", x11 ? "x11 " : "",
                           parent != 0 ? "dialog" : "");
  g_strchomp (state);
  glb_cli_table_add (table, id_text, geometry, *state != '\0' ? state : "-", glb_cli_lookup_string (window, "app-id"),
                     glb_cli_lookup_string (window, "title"));
}

static void
print_windows (GVariant *windows,
               gboolean  json)
{
  g_autoptr(JsonNode) node = NULL;
  GlbCliTable table;

  if (json)
    {
      node = glb_cli_json_from_variant (windows);
      glb_cli_print_json (node);
      return;
    }

  glb_cli_table_init (&table, 5, "ID", "GEOMETRY", "STATE", "APPLICATION", "TITLE");
  for (gsize i = 0; i < g_variant_n_children (windows); i++)
    {
      g_autoptr(GVariant) window = g_variant_get_child_value (windows, i);

      add_window_row (&table, window);
    }
  glb_cli_table_finish (&table);
}

int
glb_cli_windows_verb (int    argc,
                      char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) windows = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, "SESSION", "List a session's windows, bottom to top.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2)
    return glb_cli_fail ("windows: needs one session; give its id or name, see `glovebox ps`");

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;

  reply = glb_cli_call (client, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new ("(ss)", "org.glovebox.Session1", "Windows"), CALL_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    return glb_cli_fail_error (argv[1], error);

  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(v)")))
    g_variant_get (reply, "(v)", &windows);
  if (windows == NULL || !g_variant_is_of_type (windows, G_VARIANT_TYPE ("aa{sv}")))
    return glb_cli_fail ("windows: the broker's answer makes no sense; run the same version of both");

  print_windows (windows, json);
  return 0;
}

static gboolean
on_quit_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stdin (int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
  char buffer[256];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;

  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_connection_closed (GDBusConnection *connection,
                      gboolean         remote_vanished,
                      GError          *error,
                      gpointer         user_data)
{
  g_main_loop_quit (user_data);
}

static void
on_session_changed (GDBusConnection *connection,
                    const char      *sender,
                    const char      *path,
                    const char      *interface,
                    const char      *member,
                    GVariant        *parameters,
                    gpointer         user_data)
{
  g_autoptr(GVariant) changed = NULL;
  const char *text = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  if ((g_variant_lookup (changed, "State", "&s", &text) && g_str_equal (text, "ended")) ||
      (g_variant_lookup (changed, "Driver", "&s", &text) && !g_str_equal (text, "human")))
    g_main_loop_quit (user_data);
}

/* The lease is the connection's: it is held as long as we live. */
static void
hold_lease (GlbClient  *client,
            const char *path)
{
  GDBusConnection *connection = glb_client_get_connection (client);
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GSource) input = g_unix_fd_source_new (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR);
  guint sources[] = {
    g_unix_signal_add (SIGINT, on_quit_signal, loop),
    g_unix_signal_add (SIGTERM, on_quit_signal, loop),
    g_unix_signal_add (SIGHUP, on_quit_signal, loop),
  };
  gulong closed = g_signal_connect (connection, "closed", G_CALLBACK (on_connection_closed), loop);
  guint changed = g_dbus_connection_signal_subscribe (connection, NULL, "org.freedesktop.DBus.Properties",
                                                      "PropertiesChanged", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                      on_session_changed, loop, NULL);

  g_source_set_callback (input, G_SOURCE_FUNC (on_stdin), loop, NULL);
  g_source_attach (input, NULL);
  g_main_loop_run (loop);

  g_source_destroy (input);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  g_dbus_connection_signal_unsubscribe (connection, changed);
  g_signal_handler_disconnect (connection, closed);
}

int
glb_cli_lease_verb (int    argc,
                    char **argv)
{
  gboolean take = FALSE, release = FALSE;
  const GOptionEntry entries[] = {
    { "take", 0, 0, G_OPTION_ARG_NONE, &take, "Become the driver until input ends (Ctrl+D), Ctrl+C or the session's end", NULL },
    { "release", 0, 0, G_OPTION_ARG_NONE, &release, "Give the session back to the agent", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, "SESSION --take|--release", "Take a session over from its agent, or give it back.",
                      FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2 || take == release)
    return glb_cli_fail ("lease: needs one session and either --take or --release");

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;

  reply = glb_cli_call (client, path, NULL, take ? "TakeLease" : "ReleaseLease", NULL, CALL_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    return glb_cli_fail_error (argv[1], error);

  if (take)
    {
      printf ("taken\n");
      fflush (stdout);
      hold_lease (client, path);
    }
  else if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(s)")))
    {
      const char *meanwhile;

      g_variant_get (reply, "(&s)", &meanwhile);
      printf ("%s\n", meanwhile);
    }
  return 0;
}
