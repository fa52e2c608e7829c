/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "tests/system/glb-test-display.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The server chooses a free number and writes it when it is ready. */
void
glb_test_display_start (GlbTestDisplay *display,
                        GlbTestSystem  *system)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  char number[16] = "";
  gsize length = 0;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, fds[1], 3);
  /* Without -noreset it starts anew, and drops who just connects, whenever its last client goes: each xdotool is one. */
  display->server = g_subprocess_launcher_spawn (launcher, &error, "Xvfb", "-displayfd", "3", "-screen", "0", "1440x1000x24",
                                                 "-noreset", "-nolisten", "tcp", NULL);
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
  system->environment = g_environ_setenv (system->environment, "G_DEBUG", "fatal-criticals", TRUE);
  system->environment = g_environ_unsetenv (system->environment, "WAYLAND_DISPLAY");
}

void
glb_test_display_stop (GlbTestDisplay *display)
{
  g_subprocess_send_signal (display->server, SIGTERM);
  g_subprocess_wait (display->server, NULL, NULL);
  g_clear_object (&display->server);
  g_clear_pointer (&display->display, g_free);
}

gboolean
glb_test_have_programs (const char * const *programs)
{
  for (guint i = 0; programs[i] != NULL; i++)
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

gboolean
glb_test_xdotool (const char *display,
                  const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("env DISPLAY=%s xdotool %s", display, arguments);
  g_autofree char *out = NULL;
  int status;

  return g_spawn_command_line_sync (line, &out, NULL, &status, NULL) && status == 0;
}
