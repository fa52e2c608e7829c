/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/system/glb-test-bus.h"

#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define CALL_DEADLINE_MS 10000

gboolean
glb_test_bus_can_read (void)
{
  if (g_file_test ("/usr/share/dbus-1/services/org.a11y.Bus.service", G_FILE_TEST_EXISTS))
    return TRUE;

  g_test_skip ("at-spi2-core is not installed");
  return FALSE;
}

/* With what it starts kept off our standard output, which is the tests' protocol. */
GSubprocess *
glb_test_bus_start (GStrv   environment,
                    char  **address)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  GSubprocess *dbus;
  char line[512] = "";
  gsize length = 0;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_subprocess_launcher_set_environ (launcher, environment);
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, fds[1], 3);
  dbus = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", "--session", "--nofork", "--print-address=3", NULL);
  g_assert_no_error (error);
  g_clear_object (&launcher);
  while (length < sizeof line - 1 && strchr (line, '\n') == NULL)
    {
      gssize n = read (fds[0], line + length, sizeof line - 1 - length);

      g_assert_cmpint (n, >, 0);
      length += n;
    }
  close (fds[0]);
  *address = g_strdup (g_strstrip (line));

  return dbus;
}

GDBusConnection *
glb_test_bus_connect (const char *address)
{
  g_autoptr(GError) error = NULL;
  GDBusConnection *connection;

  connection = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                       G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (connection, FALSE);

  return connection;
}

GDBusConnection *
glb_test_bus_connect_accessibility (GDBusConnection *session)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  const char *address;

  reply = g_dbus_connection_call_sync (session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", NULL,
                                       G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, CALL_DEADLINE_MS, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(&s)", &address);

  return glb_test_bus_connect (address);
}
