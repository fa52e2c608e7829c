/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

#define NOBODY 65534

/* The agent has another uid than Xwayland. */
static void
become_somebody_else (gpointer data)
{
  if (geteuid () == 0 && (setresgid (NOBODY, NOBODY, NOBODY) < 0 || setresuid (NOBODY, NOBODY, NOBODY) < 0))
    _exit (126);
}

static GPid
spawn_xterm (const char *xterm,
             const char *display,
             const char *out)
{
  const char *argv[] = { xterm, "-T", "an X11 window", "-e", "sh", "-c", NULL, NULL };
  g_autofree char *script = g_strdup_printf ("stty raw -echo; exec cat > '%s'", out);
  g_auto(GStrv) env = NULL;
  g_autoptr(GError) error = NULL;
  GPid pid;

  argv[6] = script;
  env = g_environ_setenv (g_get_environ (), "DISPLAY", display, TRUE);
  env = g_environ_unsetenv (env, "WAYLAND_DISPLAY");
  env = g_environ_setenv (env, "LC_ALL", "C.UTF-8", TRUE);
  g_spawn_async ("/", (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                 become_somebody_else, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

static void
test_xterm (void)
{
  g_autofree char *xterm = g_find_program_in_path ("xterm"), *xwayland = g_find_program_in_path ("Xwayland");
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = NULL;
  g_autofree char *out = NULL, *got = NULL;
  g_autoptr(GError) error = NULL;
  const GlbShimWindow *window;
  const char *text = "xterm: Zażółć Жук 漢字 end";
  gsize n = 0;
  GPid pid;
  int fd;

  if (xterm == NULL || xwayland == NULL || !g_file_test ("/tmp/.X11-unix", G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("needs xterm, Xwayland and /tmp/.X11-unix");
      return;
    }
  compositor = glb_test_compositor_new_xwayland (&display);
  if (compositor == NULL)
    return;
  fd = g_file_open_tmp ("glovebox-xterm-XXXXXX", &out, &error);
  g_assert_no_error (error);
  g_assert_no_errno (fchmod (fd, 0666));
  close (fd);
  pid = spawn_xterm (xterm, display, out);
  glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "an X11 window"));
  glb_test_settle (compositor, 200, 5000);
  window = glb_test_find_window (compositor, "an X11 window");
  g_assert_true (window->flags & GLB_SHIM_WINDOW_X11);
  g_assert_cmpint (window->geometry.x, >=, 0);
  g_assert_cmpint (window->geometry.y, >=, 0);
  g_assert_cmpint (window->geometry.x + window->geometry.width, <=, 800);
  g_assert_cmpint (window->geometry.width, >, 100);

  g_assert_cmpuint (glb_test_text (compositor, text).error, ==, 0);
  glb_test_wait_until (compositor, (g_free (got), g_file_get_contents (out, &got, &n, NULL)) && n >= strlen (text));
  g_assert_cmpstr (got, ==, text);

  g_assert_cmpuint (glb_test_window_op (compositor, window->id, GLB_SHIM_WINDOW_CLOSE).error, ==, 0);
  glb_test_wait_until (compositor, compositor->windows->n_windows == 0);
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_unlink (out);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xwayland/xterm", test_xterm);
  return g_test_run ();
}
