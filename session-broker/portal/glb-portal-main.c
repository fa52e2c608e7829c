/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-portal: org.freedesktop.portal.Desktop of one session
 * ==============================================================
 *
 * The session's own D-Bus starts it when an application first asks for a
 * portal. It runs in the agent's sandbox with the agent's rights and holds no
 * other: it translates between the portals' D-Bus interfaces and the lines
 * that the broker reads (glb-portal-request.h), and the broker decides each
 * request. Whoever takes it over, or speaks to the broker in its place, gains
 * nothing.
 *
 * With "--open URI" it is no portal but a client of it: glb-portal-open.c.
 */

#define G_LOG_DOMAIN "glovebox-portal"
#include "config.h"

#include <string.h>

#include "session-broker/portal/glb-portal-front.h"
#include "session-broker/portal/glb-portal-open.h"

#define NAME "org.freedesktop.portal.Desktop"

typedef struct
{
  GMainLoop *loop;
  int status;
} Program;

static void
stop (Program *program, int status)
{
  program->status = status;
  g_main_loop_quit (program->loop);
}

static void
on_link_closed (GlbPortalLink *link, gpointer user_data)
{
  stop (user_data, 0);
}

static void
on_bus_closed (GDBusConnection *bus, gboolean vanished, GError *error, gpointer user_data)
{
  stop (user_data, 0);
}

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer user_data)
{
  g_printerr ("glovebox-portal: %s: another program has it already; end that\n", name);
  stop (user_data, 1);
}

static int
open_uri (const char *uri)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);

  if (bus != NULL && g_utf8_validate (uri, -1, NULL))
    return glb_portal_open (bus, uri);

  g_printerr ("glovebox-portal: can't open the address: %s\n", bus == NULL ? error->message : "it is not valid UTF-8");
  return 1;
}

static int
serve (void)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "glovebox-portal", NULL);
  GlbPortalFeatures features = { 0 };
  g_autoptr(GlbPortalLink) link = NULL;
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GError) error = NULL;
  Program program = { g_main_loop_new (NULL, FALSE), 0 };
  guint owner;

  link = glb_portal_link_new (path, &features, &error);
  bus = link != NULL ? g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error) : NULL;
  if (bus == NULL || !glb_portal_front_export (bus, link, &features, &error))
    {
      g_printerr ("glovebox-portal: %s: %s\n", path, error->message);
      return 1;
    }

  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_signal_connect (bus, "closed", G_CALLBACK (on_bus_closed), &program);
  g_signal_connect (link, "closed", G_CALLBACK (on_link_closed), &program);
  owner = g_bus_own_name_on_connection (bus, NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, NULL, on_name_lost, &program, NULL);
  g_main_loop_run (program.loop);
  g_bus_unown_name (owner);
  g_main_loop_unref (program.loop);
  return program.status;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--open") == 0)
    return open_uri (argv[2]);
  if (argc == 1)
    return serve ();

  g_printerr ("glovebox-portal: usage: glovebox-portal [--open URI]; a session's D-Bus starts it\n");
  return 1;
}
