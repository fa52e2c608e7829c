/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The session's handler of web and mail addresses. Many programs start the
 * default application for an address without asking any portal; this is that
 * application, and asks. It waits, because a request ends with who made it.
 */

#define G_LOG_DOMAIN "glovebox-portal"
#include "config.h"

#include "session-broker/portal/glb-portal-open.h"

#define NAME    "org.freedesktop.portal.Desktop"
#define PATH    "/org/freedesktop/portal/desktop"
#define REQUEST "org.freedesktop.portal.Request"

typedef struct
{
  GMainLoop *loop;
  int status;
} Opening;

static void
on_response (GDBusConnection *bus,
             const char      *sender,
             const char      *path,
             const char      *interface,
             const char      *signal,
             GVariant        *parameters,
             gpointer         user_data)
{
  Opening *opening = user_data;
  guint response = 2;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    g_variant_get (parameters, "(ua{sv})", &response, NULL);
  opening->status = response == 0 ? 0 : 1;
  g_main_loop_quit (opening->loop);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Opening *opening = user_data;

  g_main_loop_quit (opening->loop);
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    return;

  g_dbus_error_strip_remote_error (error);
  g_printerr ("glovebox-portal: can't open the address: %s\n", error->message);
  g_main_loop_quit (opening->loop);
}

int
glb_portal_open (GDBusConnection *bus, const char *uri)
{
  Opening opening = { g_main_loop_new (NULL, FALSE), 1 };
  g_autofree char *own = g_strdelimit (g_strdup (g_dbus_connection_get_unique_name (bus) + 1), ".", '_');
  g_autofree char *path = g_strconcat (PATH "/request/", own, "/glovebox", NULL);
  GVariantDict options;
  guint subscription, watch;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "handle_token", "s", "glovebox");
  subscription = g_dbus_connection_signal_subscribe (bus, NAME, REQUEST, "Response", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_response,
                                                     &opening, NULL);
  g_dbus_connection_call (bus, NAME, PATH, "org.freedesktop.portal.OpenURI", "OpenURI",
                          g_variant_new ("(ss@a{sv})", "", uri, g_variant_dict_end (&options)), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, called_cb, &opening);
  watch = g_bus_watch_name_on_connection (bus, NAME, G_BUS_NAME_WATCHER_FLAGS_AUTO_START, NULL, on_vanished, &opening, NULL);
  g_main_loop_run (opening.loop);
  g_bus_unwatch_name (watch);
  g_dbus_connection_signal_unsubscribe (bus, subscription);
  g_main_loop_unref (opening.loop);
  return opening.status;
}
