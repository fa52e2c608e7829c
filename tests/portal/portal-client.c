/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An application inside a session, as the portals' documentation wants it:
 *
 *   portal-client call INTERFACE METHOD PARAMETERS       prints the reply
 *   portal-client request INTERFACE METHOD PARAMETERS    and the response; %TOKEN% stands for the handle_token
 *   portal-client close INTERFACE METHOD PARAMETERS      closes the request when a line of input comes, and sees that no response does
 *   portal-client remote PROGRAM ARGUMENT…               runs it with the camera's PipeWire as descriptor 3
 *   portal-client watch                                  prints settings that change
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#define NAME       "org.freedesktop.portal.Desktop"
#define PATH       "/org/freedesktop/portal/desktop"
#define PREFIX     "org.freedesktop.portal."
#define TOKEN      "glovebox_test"
#define DEADLINE_S 40

typedef struct
{
  GDBusConnection *bus;
  GMainLoop *loop;
  gboolean responded;
} Client;

static void
print_error (GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  g_dbus_error_strip_remote_error (error);
  printf ("error %s %s\n", name != NULL ? name : "local", error->message);
}

static GVariant *
call (Client *client, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autofree char *full = strchr (interface, '.') == NULL ? g_strconcat (PREFIX, interface, NULL) : g_strdup (interface);
  g_autoptr(GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_sync (client->bus, NAME, path, full, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                                                 DEADLINE_S * 1000, NULL, &error);

  if (reply == NULL)
    print_error (error);
  return reply;
}

static GVariant *
parse (const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, "%TOKEN%", -1);
  g_autofree char *joined = g_strjoinv (TOKEN, parts);
  g_autoptr(GError) error = NULL;
  GVariant *parameters = g_variant_parse (NULL, joined, NULL, NULL, &error);

  g_assert_no_error (error);
  return parameters;
}

static void
print_file (const char *uri)
{
  g_autofree char *path = g_filename_from_uri (uri, NULL, NULL);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (path);
  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  printf ("file %s %s\n", name, content);
}

static void
on_response (GDBusConnection *bus,
             const char      *sender,
             const char      *path,
             const char      *interface,
             const char      *signal,
             GVariant        *parameters,
             gpointer         user_data)
{
  Client *client = user_data;
  g_autoptr(GVariant) results = NULL;
  g_autofree const char **uris = NULL;
  guint response;

  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  printf ("response %u\n", response);
  if (g_variant_lookup (results, "uris", "^a&s", &uris))
    for (guint i = 0; uris[i] != NULL; i++)
      print_file (uris[i]);
  fflush (stdout);
  client->responded = TRUE;
  g_main_loop_quit (client->loop);
}

/* Where the request will be, before it is made. */
static char *
foresee (Client *client)
{
  g_autofree char *own = g_strdelimit (g_strdup (g_dbus_connection_get_unique_name (client->bus) + 1), ".", '_');

  return g_strconcat (PATH "/request/", own, "/" TOKEN, NULL);
}

/* (transfer full) (nullable): the request's path; it has printed its error else */
static char *
start_request (Client *client, char **argv)
{
  g_autofree char *expected = foresee (client);
  g_autoptr(GVariant) reply = NULL;
  char *path = NULL;

  g_dbus_connection_signal_subscribe (client->bus, NAME, PREFIX "Request", "Response", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                      on_response, client, NULL);
  reply = call (client, PATH, argv[2], argv[3], parse (argv[4]));
  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(o)", &path);
  printf ("handle %s\n", g_str_equal (path, expected) ? "foreseen" : "other");
  fflush (stdout);
  return path;
}

static gboolean
on_deadline (gpointer user_data)
{
  printf ("deadline\n");
  exit (1);
}

static int
close_request (Client *client, const char *path)
{
  char line[16];
  g_autoptr(GVariant) closed = NULL;
  g_autoptr(GVariant) pinged = NULL;

  if (fgets (line, sizeof line, stdin) == NULL)
    return 1;
  closed = call (client, path, "Request", "Close", NULL);
  printf ("%s\n", closed != NULL ? "closed" : "not closed");
  /* what was said before the answer to this has come */
  pinged = call (client, PATH, "org.freedesktop.DBus.Peer", "Ping", NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  printf ("%s\n", client->responded ? "a response" : "no response");
  return 0;
}

static void
run_remote (Client *client, char **argv)
{
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (client->bus, NAME, PATH, PREFIX "Camera", "OpenPipeWireRemote",
                                                                             g_variant_new ("(a{sv})", NULL), G_VARIANT_TYPE ("(h)"),
                                                                             G_DBUS_CALL_FLAGS_NONE, DEADLINE_S * 1000, NULL, &fds, NULL, &error);
  int fd;

  if (reply == NULL)
    {
      print_error (error);
      return;
    }

  fd = g_unix_fd_list_get (fds, 0, NULL);
  if (fd < 0 || dup2 (fd, 3) != 3)
    return;
  execvp (argv[0], argv);
}

static void
on_changed (GDBusConnection *bus,
            const char      *sender,
            const char      *path,
            const char      *interface,
            const char      *signal,
            GVariant        *parameters,
            gpointer         user_data)
{
  g_autofree char *text = g_variant_print (parameters, FALSE);

  printf ("%s\n", text);
  fflush (stdout);
}

static void
watch (Client *client)
{
  g_autoptr(GVariant) reply = NULL;

  g_dbus_connection_signal_subscribe (client->bus, NAME, PREFIX "Settings", "SettingChanged", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                      on_changed, client, NULL);
  reply = call (client, PATH, "Settings", "ReadOne", g_variant_new ("(ss)", "org.freedesktop.appearance", "color-scheme"));
  if (reply != NULL)
    {
      printf ("ready\n");
      fflush (stdout);
      g_main_loop_run (client->loop);
    }
}

int
main (int argc, char **argv)
{
  Client client = { g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL), g_main_loop_new (NULL, FALSE), FALSE };
  const char *mode = argc > 1 ? argv[1] : "";
  g_autofree char *path = NULL;

  if (client.bus == NULL || (argc != 5 && !g_str_equal (mode, "watch") && !g_str_equal (mode, "remote")))
    return 2;

  g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);
  if (g_str_equal (mode, "watch"))
    watch (&client);
  else if (g_str_equal (mode, "remote") && argc > 2)
    run_remote (&client, argv + 2);
  else if (g_str_equal (mode, "call"))
    {
      g_autoptr(GVariant) reply = call (&client, PATH, argv[2], argv[3], parse (argv[4]));
      g_autofree char *text = reply != NULL ? g_variant_print (reply, FALSE) : NULL;

      if (text != NULL)
        printf ("%s\n", text);
    }
  else if ((path = start_request (&client, argv)) != NULL)
    {
      if (g_str_equal (mode, "close"))
        return close_request (&client, path);
      g_main_loop_run (client.loop);
    }
  return 0;
}
