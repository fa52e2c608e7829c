/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key that stops everything, while a dialog of the app keeps the input to itself. */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-display.h"

typedef struct
{
  GlbTestSystem *system;
  GlbTestDisplay display;
} Scene;

static gboolean
have_programs (void)
{
  static const char * const programs[] = { "Xvfb", "xdotool", "foot", NULL };

  return glb_test_have_programs (programs);
}

static gboolean
window_is_there (gpointer data)
{
  Scene *scene = data;

  return glb_test_xdotool (scene->display.display, "search --onlyvisible --name Glovebox windowfocus");
}

/* Asked for again until it is there: the app may just be opening. */
static gboolean
dialog_is_there (gpointer data)
{
  Scene *scene = data;

  return glb_test_xdotool (scene->display.display, "search --onlyvisible --name ^Keyboard windowfocus") ||
         (glb_test_xdotool (scene->display.display, "key ctrl+question"), FALSE);
}

static gboolean
is_paused (gpointer data)
{
  Scene *scene = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "ps", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"paused\"") != NULL;
}

static void
test_stop_in_dialog (void)
{
  g_autoptr(GlbTestSystem) system = NULL;
  g_autoptr(GSubprocess) view = NULL;
  g_autofree char *id = NULL;
  Scene scene;

  if (!have_programs () || (system = glb_test_system_new ()) == NULL)
    return;

  scene.system = system;
  glb_test_display_start (&scene.display, system);
  id = glb_test_system_start (system, "--", "foot", "-T", "target", NULL);
  glb_test_system_wait_for_window (system, id, "target");
  view = glb_test_system_spawn (system, "view", id, NULL);
  glb_test_wait (window_is_there, &scene, "the view's window");
  glb_test_wait (dialog_is_there, &scene, "the list of keys");
  g_assert_false (is_paused (&scene));

  g_assert_true (glb_test_xdotool (scene.display.display, "key ctrl+alt+s"));
  glb_test_wait (is_paused, &scene, "the session to be frozen");

  g_subprocess_force_exit (view);
  g_subprocess_wait (view, NULL, NULL);
  glb_test_display_stop (&scene.display);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/view-keys/stop-in-dialog", test_stop_in_dialog);

  return g_test_run ();
}
