/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-cgroup-systemd.h"

#include <unistd.h>

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE "org.freedesktop.systemd1.Manager"
#define DEADLINE_MS       5000

gboolean
glb_cgroup_systemd_is_there (void)
{
  return g_file_test ("/run/systemd/system", G_FILE_TEST_IS_DIR);
}

static char *
private_socket (void)
{
  return geteuid () == 0 ? g_strdup ("/run/systemd/private")
                         : g_build_filename (g_get_user_runtime_dir (), "systemd", "private", NULL);
}

gboolean
glb_cgroup_systemd_can_delegate (void)
{
  g_autofree char *private = private_socket ();

  return glb_cgroup_systemd_is_there () && g_file_test (private, G_FILE_TEST_EXISTS);
}

typedef struct
{
  char    *job;
  gboolean done;
  gboolean ok;
  gboolean late;
} Wait;

static void
on_job_removed (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
                const char *signal, GVariant *parameters, gpointer user_data)
{
  Wait *wait = user_data;
  const char *job, *result;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uoss)")))
    return;
  g_variant_get (parameters, "(u&o&s&s)", NULL, &job, NULL, &result);
  if (g_strcmp0 (job, wait->job) != 0)
    return;
  wait->done = TRUE;
  wait->ok = g_strcmp0 (result, "done") == 0;
}

static gboolean
on_late (gpointer user_data)
{
  ((Wait *) user_data)->late = TRUE;
  return G_SOURCE_CONTINUE;
}

/* On a bus where there is one. A host without one (no dbus-user-session) has the manager's own socket. */
static GDBusConnection *
connect_to_manager (GError **error)
{
  GDBusConnection *bus = g_bus_get_sync (geteuid () == 0 ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION, NULL, NULL);
  g_autofree char *path = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *address = NULL;

  if (bus != NULL)
    {
      /* Its end is no reason for ours. */
      g_dbus_connection_set_exit_on_close (bus, FALSE);
      return bus;
    }
  path = private_socket ();
  escaped = g_dbus_address_escape_value (path);
  address = g_strconcat ("unix:path=", escaped, NULL);

  return g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, error);
}

/* Between two peers nobody has a name. */
static const char *
manager_name (GDBusConnection *bus)
{
  return g_dbus_connection_get_unique_name (bus) != NULL ? SYSTEMD_NAME : NULL;
}

static char *
start_scope (GDBusConnection *bus, GError **error)
{
  g_autofree char *name = g_strdup_printf ("glovebox-%d.scope", getpid ());
  g_autoptr(GVariant) reply = NULL;
  GVariantBuilder properties, pids;
  char *job = NULL;

  g_variant_builder_init (&pids, G_VARIANT_TYPE ("au"));
  g_variant_builder_add (&pids, "u", (guint32) getpid ());
  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a(sv)"));
  g_variant_builder_add (&properties, "(sv)", "Description", g_variant_new_string ("Glovebox sessions"));
  g_variant_builder_add (&properties, "(sv)", "PIDs", g_variant_builder_end (&pids));
  g_variant_builder_add (&properties, "(sv)", "Delegate", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&properties, "(sv)", "CollectMode", g_variant_new_string ("inactive-or-failed"));

  reply = g_dbus_connection_call_sync (bus, manager_name (bus), SYSTEMD_PATH, SYSTEMD_INTERFACE, "StartTransientUnit",
                                       g_variant_new ("(ssa(sv)a(sa(sv)))", name, "fail", &properties, NULL),
                                       G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, DEADLINE_MS, NULL, error);
  if (reply != NULL)
    g_variant_get (reply, "(o)", &job);

  return job;
}

gboolean
glb_cgroup_systemd_delegate (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GSource) timeout = NULL;
  g_autoptr(GError) error = NULL;
  Wait wait = { 0 };
  guint subscription;

  g_main_context_push_thread_default (context);
  bus = connect_to_manager (&error);
  if (bus != NULL)
    {
      subscription = g_dbus_connection_signal_subscribe (bus, manager_name (bus), SYSTEMD_INTERFACE, "JobRemoved", SYSTEMD_PATH, NULL,
                                                         G_DBUS_SIGNAL_FLAGS_NONE, on_job_removed, &wait, NULL);
      timeout = g_timeout_source_new (DEADLINE_MS);
      g_source_set_callback (timeout, on_late, &wait, NULL);
      g_source_attach (timeout, context);
      wait.job = start_scope (bus, &error);
      while (wait.job != NULL && !wait.done && !wait.late)
        g_main_context_iteration (context, TRUE);
      g_source_destroy (timeout);
      g_dbus_connection_signal_unsubscribe (bus, subscription);
    }
  g_main_context_pop_thread_default (context);
  g_free (wait.job);

  if (error != NULL)
    g_info ("Can't ask systemd for a control group: %s", error->message);

  return wait.ok;
}
