/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/sandbox/glb-cgroup-systemd.h"

#include <string.h>
#include <unistd.h>

/* A manager that answers as systemd's does, on a bus of the test's own. */

static const char interface_xml[] =
  "<node><interface name='org.freedesktop.systemd1.Manager'>"
  "<method name='StartTransientUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='a(sv)' direction='in'/><arg type='a(sa(sv))' direction='in'/><arg type='o' direction='out'/></method>"
  "<signal name='JobRemoved'><arg type='u'/><arg type='o'/><arg type='s'/><arg type='s'/></signal>"
  "</interface></node>";

typedef struct
{
  GMainContext *context;
  GMainLoop    *loop;
  GThread      *thread;
  const char   *result;       /* of the job; NULL: the call fails */
  gboolean      ready;
  gboolean      delegate;
  guint32       pid;
  char         *name;
} Manager;

static void
handle_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
             GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Manager *self = user_data;
  g_autoptr(GVariantIter) properties = NULL;
  const char *name, *key;
  GVariant *value;

  g_variant_get (parameters, "(&s&sa(sv)a(sa(sv)))", &name, NULL, &properties, NULL);
  self->name = g_strdup (name);
  while (g_variant_iter_next (properties, "(&sv)", &key, &value))
    {
      if (strcmp (key, "Delegate") == 0)
        self->delegate = g_variant_get_boolean (value);
      if (strcmp (key, "PIDs") == 0)
        g_variant_get_child (value, 0, "u", &self->pid);
      g_variant_unref (value);
    }
  if (self->result == NULL)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "no");
      return;
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", "/org/freedesktop/systemd1/job/7"));
  /* First that of another job. */
  g_dbus_connection_emit_signal (connection, NULL, path, interface, "JobRemoved",
                                 g_variant_new ("(uoss)", 6, "/org/freedesktop/systemd1/job/6", "x", "canceled"), NULL);
  g_dbus_connection_emit_signal (connection, NULL, path, interface, "JobRemoved",
                                 g_variant_new ("(uoss)", 7, "/org/freedesktop/systemd1/job/7", name, self->result), NULL);
}

static void
on_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  g_atomic_int_set (&((Manager *) user_data)->ready, TRUE);
}

static gpointer
run_manager (gpointer user_data)
{
  static const GDBusInterfaceVTable vtable = { handle_call, NULL, NULL, { 0 } };
  Manager *self = user_data;
  g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr(GDBusConnection) connection = NULL;
  g_autoptr(GError) error = NULL;
  guint owner, object;

  g_main_context_push_thread_default (self->context);
  connection = g_dbus_connection_new_for_address_sync (g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
                                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                       G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  object = g_dbus_connection_register_object (connection, "/org/freedesktop/systemd1", node->interfaces[0], &vtable, self, NULL, &error);
  g_assert_no_error (error);
  owner = g_bus_own_name_on_connection (connection, "org.freedesktop.systemd1", G_BUS_NAME_OWNER_FLAGS_NONE, on_acquired, NULL,
                                        self, NULL);
  g_main_loop_run (self->loop);
  g_bus_unown_name (owner);
  g_dbus_connection_unregister_object (connection, object);
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_main_context_pop_thread_default (self->context);

  return NULL;
}

static void
manager_start (Manager *self, const char *result)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  memset (self, 0, sizeof *self);
  self->result = result;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("manager", run_manager, self);
  while (!g_atomic_int_get (&self->ready) && g_get_monotonic_time () < deadline)
    g_thread_yield ();
  g_assert_true (g_atomic_int_get (&self->ready));
}

static gboolean
on_quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
manager_stop (Manager *self)
{
  g_main_context_invoke (self->context, on_quit, self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self->name);
}

static void
test_nobody (void)
{
  g_assert_false (glb_cgroup_systemd_delegate ());
}

static void
test_refused (void)
{
  Manager manager;

  manager_start (&manager, NULL);
  g_assert_false (glb_cgroup_systemd_delegate ());
  manager_stop (&manager);
}

static void
test_job_failed (void)
{
  Manager manager;

  manager_start (&manager, "failed");
  g_assert_false (glb_cgroup_systemd_delegate ());
  manager_stop (&manager);
}

static void
test_delegated (void)
{
  g_autofree char *name = g_strdup_printf ("glovebox-%d.scope", getpid ());
  Manager manager;

  manager_start (&manager, "done");
  g_assert_true (glb_cgroup_systemd_delegate ());
  g_assert_cmpstr (manager.name, ==, name);
  g_assert_true (manager.delegate);
  g_assert_cmpuint (manager.pid, ==, getpid ());
  manager_stop (&manager);
}

int
main (int argc, char **argv)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr(GTestDBus) bus = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  if (daemon == NULL)
    {
      g_print ("1..0 # SKIP dbus-daemon is missing\n");
      return 0;
    }

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus), TRUE);
  g_test_add_func ("/systemd/nobody", test_nobody);
  g_test_add_func ("/systemd/refused", test_refused);
  g_test_add_func ("/systemd/job-failed", test_job_failed);
  g_test_add_func ("/systemd/delegated", test_delegated);
  result = g_test_run ();
  g_test_dbus_stop (bus);

  return result;
}
