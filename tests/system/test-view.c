/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The live view under a real display server, with a person's mouse and keyboard. */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

typedef struct
{
  GSubprocess *server;
  char *display;               /* ":N" */
} Display;

static gboolean
have_programs (void)
{
  static const char * const programs[] = { "Xvfb", "xdotool", "foot" };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        {
          g_test_skip_printf ("%s is not installed", programs[i]);
          return FALSE;
        }
    }

  return TRUE;
}

/* For the system's commands, too. The server chooses a free number and writes it when it is ready. */
static void
display_start (Display       *display,
               GlbTestSystem *system)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  char number[16] = "";
  gsize length = 0;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, fds[1], 3);
  display->server = g_subprocess_launcher_spawn (launcher, &error, "Xvfb", "-displayfd", "3", "-screen", "0", "1440x1000x24",
                                                 "-nolisten", "tcp", NULL);
  g_assert_no_error (error);
  g_clear_object (&launcher);
  while (length < sizeof number - 1 && strchr (number, '\n') == NULL)
    {
      gssize n = read (fds[0], number + length, sizeof number - 1 - length);

      g_assert_cmpint (n, >, 0);
      length += n;
    }
  close (fds[0]);
  display->display = g_strconcat (":", g_strstrip (number), NULL);

  system->environment = g_environ_setenv (system->environment, "DISPLAY", display->display, TRUE);
  system->environment = g_environ_setenv (system->environment, "GDK_BACKEND", "x11", TRUE);
  system->environment = g_environ_unsetenv (system->environment, "WAYLAND_DISPLAY");
}

static void
display_stop (Display *display)
{
  g_subprocess_send_signal (display->server, SIGTERM);
  g_subprocess_wait (display->server, NULL, NULL);
  g_clear_object (&display->server);
  g_clear_pointer (&display->display, g_free);
}

static gboolean
xdotool (const char *display, const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("env DISPLAY=%s xdotool %s", display, arguments);
  g_autofree char *out = NULL;
  int status;

  return g_spawn_command_line_sync (line, &out, NULL, &status, NULL) && status == 0;
}

typedef struct
{
  GlbTestSystem *system;
  const char *display;
  const char *wanted;
} Wait;

static gboolean
window_is_there (gpointer data)
{
  Wait *wait = data;

  return xdotool (wait->display, "search --onlyvisible --name Glovebox windowfocus");
}

static gboolean
driver_is (gpointer data)
{
  Wait *wait = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "ps", "--json", NULL);
  g_autofree char *mark = g_strdup_printf ("\"%s\"", wait->wanted);

  return strstr (glb_test_result_get_out (result), mark) != NULL;
}

/* The key is pressed again until it took effect: the view may just be opening. */
static gboolean
driver_becomes (gpointer data)
{
  Wait *wait = data;
  gint64 deadline = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  xdotool (wait->display, "key shift+F12");
  while (g_get_monotonic_time () < deadline)
    if (driver_is (wait))
      return TRUE;

  return FALSE;
}

static gboolean
file_ends_with (gpointer data)
{
  Wait *wait = data;
  g_autofree char *path = g_build_filename (wait->system->workspace, "typed", NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  g_assert_null (strstr (text, "outside"));

  return g_str_has_suffix (text, wait->wanted);
}

/* The broker knows of the takeover before the view does: the first keys may come too early, so the line is cleared first. */
static gboolean
line_arrives (gpointer data)
{
  Wait *wait = data;
  gint64 deadline = g_get_monotonic_time () + G_USEC_PER_SEC;

  xdotool (wait->display, "key ctrl+u");
  xdotool (wait->display, "type --delay 20 hello");
  xdotool (wait->display, "key Return");
  while (g_get_monotonic_time () < deadline)
    if (file_ends_with (wait))
      return TRUE;

  return FALSE;
}

static void
test_take_over (void)
{
  g_autoptr(GlbTestSystem) system = NULL;
  g_autoptr(GSubprocess) view = NULL;
  g_autoptr(JsonNode) result = NULL;
  g_autofree char *id = NULL;
  Display display;
  Wait wait;

  if (!have_programs () || (system = glb_test_system_new ()) == NULL)
    return;

  display_start (&display, system);
  wait = (Wait) { system, display.display, NULL };

  id = glb_test_system_start (system, "--workspace", system->workspace, "--", "foot", "-T", "target", "sh", "-c", "cat >typed", NULL);
  glb_test_system_wait_for_window (system, id, "target");
  view = glb_test_system_spawn (system, "view", id, NULL);
  glb_test_wait (window_is_there, &wait, "the view's window");

  /* Before the takeover nothing that the person types gets in. */
  g_assert_true (xdotool (display.display, "type outside"));

  wait.wanted = "human";
  glb_test_wait (driver_becomes, &wait, "the person to drive");
  {
    g_autoptr(GlbTestResult) refused = glb_test_system_run (system, NULL, "act", id, "{\"action\":\"key\",\"text\":\"a\"}", NULL);

    g_assert_cmpint (refused->status, ==, 126);
    g_assert_nonnull (strstr (glb_test_result_get_out (refused), "lease_human"));
  }
  wait.wanted = "hello\n";
  glb_test_wait (line_arrives, &wait, "the person's line in the session");

  wait.wanted = "agent";
  glb_test_wait (driver_becomes, &wait, "the agent to drive again");

  /* Killed at any moment, the view leaves the session as it was. */
  g_subprocess_force_exit (view);
  g_subprocess_wait (view, NULL, NULL);
  result = glb_test_system_act (system, id, "{\"action\":\"type\",\"text\":\"again\\n\"}");
  g_assert_nonnull (result);
  wait.wanted = "hello\nagain\n";
  glb_test_wait (file_ends_with, &wait, "the agent's line in the session");
  display_stop (&display);
}

/* A view that dies while its person drives gives the lease back. */
static void
test_killed_while_driving (void)
{
  g_autoptr(GlbTestSystem) system = NULL;
  g_autoptr(GSubprocess) view = NULL;
  g_autofree char *id = NULL;
  Display display;
  Wait wait;

  if (!have_programs () || (system = glb_test_system_new ()) == NULL)
    return;

  display_start (&display, system);
  wait = (Wait) { system, display.display, "human" };

  id = glb_test_system_start (system, "--", "foot", "-T", "target", NULL);
  glb_test_system_wait_for_window (system, id, "target");
  view = glb_test_system_spawn (system, "view", id, NULL);
  glb_test_wait (window_is_there, &wait, "the view's window");
  glb_test_wait (driver_becomes, &wait, "the person to drive");
  g_subprocess_force_exit (view);
  g_subprocess_wait (view, NULL, NULL);
  wait.wanted = "agent";
  glb_test_wait (driver_is, &wait, "the agent to drive again");
  display_stop (&display);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/take-over", test_take_over);
  g_test_add_func ("/view/killed-while-driving", test_killed_while_driving);

  return g_test_run ();
}
