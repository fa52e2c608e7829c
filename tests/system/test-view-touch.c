/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The live view on a desktop with a touch screen, which is a compositor of the tests: a person's fingers reach the session. */

#include "config.h"

#include <signal.h>
#include <string.h>

#include "tests/compositor-shim/glb-test-client.h"
#include "tests/system/glb-test-system.h"

#define POLICY(touch) \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"touch\" }, \"isolation\": { \"tier\": \"session\" },\n" \
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" },\n" \
  "  \"desktop\": { \"width\": 620, \"height\": 520, \"input\": { \"agent\": \"allow\", \"human\": \"on-takeover\", \"touch\": " touch " } } }"

typedef struct
{
  GlbTestSystem *system;
  GlbTestCompositor *desktop;
  const char *session;
  GBytes *before;              /* the session's picture */
  const char *driver;
} Wait;

static GBytes *
take_picture (Wait *wait)
{
  g_autofree char *path = g_build_filename (wait->system->root, "picture.png", NULL);
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "screenshot", wait->session, "-o", path, NULL);
  g_autoptr(GError) error = NULL;
  char *content = NULL;
  gsize length = 0;

  g_assert_cmpint (result->status, ==, 0);
  g_file_get_contents (path, &content, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (content, length);
}

static gboolean
has_changed (gpointer data)
{
  Wait *wait = data;
  g_autoptr(GBytes) now = take_picture (wait);

  return !g_bytes_equal (now, wait->before);
}

static gboolean
driver_is (gpointer data)
{
  Wait *wait = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "ps", "--json", NULL);
  g_autofree char *mark = g_strdup_printf ("\"%s\"", wait->driver);

  return strstr (glb_test_result_get_out (result), mark) != NULL;
}

static void
finger (Wait *wait, guint32 kind, int x, int y)
{
  const GlbShimEvent event = { .kind = kind, .x = x * 256, .y = y * 256 };

  g_assert_cmpuint (glb_test_input (wait->desktop, &event, 1).error, ==, 0);
}

static void
stroke (Wait *wait)
{
  const GlbShimWindow *view = &wait->desktop->windows->windows[0];
  int x = view->geometry.x + view->geometry.width / 2, y = view->geometry.y + view->geometry.height / 2;

  finger (wait, GLB_SHIM_EVENT_TOUCH_DOWN, x, y);
  for (int i = 1; i <= 20; i++)
    finger (wait, GLB_SHIM_EVENT_TOUCH_MOTION, x + i * 3, y + i * 2);
  finger (wait, GLB_SHIM_EVENT_TOUCH_UP, 0, 0);
}

static GlbTestCompositor *
new_desktop (void)
{
  GlbTestCompositor *desktop;

  g_setenv (GLB_SHIM_TOUCH_VARIABLE, "1", TRUE);
  desktop = glb_test_compositor_new ();
  g_unsetenv (GLB_SHIM_TOUCH_VARIABLE);
  return desktop;
}

static void
test_touch (gconstpointer data)
{
  const char *policy_text = data;
  gboolean allowed = strstr (policy_text, "\"touch\": true") != NULL;
  g_autoptr(GlbTestCompositor) desktop = NULL;
  g_autoptr(GlbTestSystem) system = NULL;
  g_autoptr(GSubprocess) view = NULL;
  g_autofree char *policy = NULL;
  g_autofree char *session = NULL;
  Wait wait = { 0 };

  if (!g_file_test ("/usr/bin/weston-simple-touch", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("weston-simple-touch is not installed");
      return;
    }
  system = glb_test_system_new ();
  if (system == NULL || (desktop = new_desktop ()) == NULL)
    return;

  system->environment = g_environ_setenv (system->environment, "WAYLAND_DISPLAY", desktop->socket_path, TRUE);
  system->environment = g_environ_setenv (system->environment, "GDK_BACKEND", "wayland", TRUE);
  system->environment = g_environ_setenv (system->environment, "GSK_RENDERER", "cairo", TRUE);
  system->environment = g_environ_unsetenv (system->environment, "DISPLAY");
  policy = glb_test_system_write_policy (system, "touch.json", policy_text);
  session = glb_test_system_start (system, "--policy", policy, "--", "weston-simple-touch", NULL);
  glb_test_system_wait_for_window (system, session, "simple-touch");
  wait = (Wait) { system, desktop, session, NULL, "agent" };
  glb_test_wait (driver_is, &wait, "the agent to drive");
  wait.before = take_picture (&wait);

  view = glb_test_system_spawn (system, "view", session, NULL);
  glb_test_wait_until (desktop, desktop->windows->n_windows == 1);
  glb_test_settle (desktop, 500, 5000);
  stroke (&wait);
  if (allowed)
    {
      wait.driver = "human";
      glb_test_wait (driver_is, &wait, "the person to drive by the first touch");
      glb_test_wait (has_changed, &wait, "the stroke in the session");
    }
  else
    {
      /* a click takes over, so it would have by now: and what it shows is as it was */
      glb_test_settle (desktop, 500, 5000);
      g_assert_true (driver_is (&wait));
      g_assert_false (has_changed (&wait));
    }

  if (g_getenv ("GLOVEBOX_TEST_PICTURES") != NULL)
    {
      g_autoptr(GBytes) now = take_picture (&wait);
      g_autofree char *path = g_build_filename (g_getenv ("GLOVEBOX_TEST_PICTURES"), allowed ? "touch.png" : "no-touch.png", NULL);

      g_file_set_contents (path, g_bytes_get_data (now, NULL), g_bytes_get_size (now), NULL);
    }
  g_subprocess_send_signal (view, SIGTERM);
  g_subprocess_wait (view, NULL, NULL);
  g_bytes_unref (wait.before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/view-touch/refused", POLICY ("false"), test_touch);
  g_test_add_data_func ("/view-touch/stroke", POLICY ("true"), test_touch);
  return g_test_run ();
}
