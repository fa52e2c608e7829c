/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Programs that know nothing of Glovebox find the portals through their toolkit; the person answers on the command line. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/system/glb-test-system.h"

static const char policy[] =
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"test\" }, \"isolation\": { \"tier\": \"session\" },"
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"] }, \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" },"
  "  \"desktop\": { \"input\": { \"agent\": \"allow\" } },"
  "  \"portals\": { \"openUri\": \"prompt\", \"fileChooser\": \"prompt\", \"notification\": \"allow\", \"settings\": \"allow\" } }";

typedef struct
{
  GlbTestSystem *system;
  const char *path, *content;
} Wait;

static gboolean
is_asked (gpointer data)
{
  Wait *wait = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "prompts", NULL);

  return strstr (glb_test_result_get_out (result), wait->content) != NULL;
}

static void
wait_for_prompt (GlbTestSystem *system,
                 const char    *text)
{
  Wait wait = { system, NULL, text };

  glb_test_wait (is_asked, &wait, text);
}

static gboolean
has_content (gpointer data)
{
  Wait *wait = data;
  g_autofree char *text = NULL;

  return g_file_get_contents (wait->path, &text, NULL, NULL) && g_str_equal (g_strchomp (text), wait->content);
}

static void
copy_to_workspace (GlbTestSystem *system,
                   const char    *path,
                   const char    *name)
{
  g_autofree char *copy = g_build_filename (system->workspace, name, NULL);
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_true (g_file_set_contents_full (copy, content, length, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

static void
press (GlbTestSystem *system,
       const char    *session,
       const char    *key)
{
  g_autofree char *action = g_strdup_printf ("{\"action\":\"key\",\"text\":\"%s\"}", key);
  g_autoptr(JsonNode) result = glb_test_system_act (system, session, action);

  g_assert_nonnull (result);
}

static void
assert_run (GlbTestResult *result,
            int            status)
{
  if (result->status != status)
    g_error ("exit %d, not %d: %s", result->status, status, result->err);
  glb_test_result_free (result);
}

static void
test_gtk_opens_a_link (void)
{
  g_autoptr(GlbTestSystem) system = glb_test_system_new ();
  g_autofree char *file = NULL;
  g_autofree char *opened = NULL;
  g_autofree char *id = NULL;
  Wait wait;

  if (system == NULL)
    return;

  opened = glb_test_system_install_browser (system);
  file = glb_test_system_write_policy (system, "portal.json", policy);
  copy_to_workspace (system, PORTAL_GTK, "portal-gtk");
  id = glb_test_system_start (system, "--policy", file, "--workspace", system->workspace, "--", "/workspace/portal-gtk", NULL);
  glb_test_system_wait_for_window (system, id, "A link");
  press (system, id, "Return");
  wait_for_prompt (system, "| https://example.org/from-gtk\n");
  assert_run (glb_test_system_run (system, NULL, "deny", "1", NULL), 0);
  press (system, id, "Return");
  wait_for_prompt (system, "2  open-uri  asked by the agent");
  g_assert_false (g_file_test (opened, G_FILE_TEST_EXISTS));
  assert_run (glb_test_system_run (system, NULL, "allow", "2", NULL), 0);
  wait = (Wait) { system, opened, "https://example.org/from-gtk" };
  glb_test_wait (has_content, &wait, "the browser to be started");
  assert_run (glb_test_system_run (system, NULL, "kill", id, NULL), 0);
}

static void
test_editor_opens_a_file (void)
{
  g_autofree char *editor = g_find_program_in_path ("gnome-text-editor");
  g_autoptr(GlbTestSystem) system = NULL;
  g_autofree char *file = NULL;
  g_autofree char *report = NULL;
  g_autofree char *id = NULL;

  if (editor == NULL)
    {
      g_test_skip ("gnome-text-editor is not installed");
      return;
    }
  system = glb_test_system_new ();
  if (system == NULL)
    return;

  file = glb_test_system_write_policy (system, "portal.json", policy);
  report = g_build_filename (system->root, "report of the day.txt", NULL);
  g_assert_true (g_file_set_contents (report, "Nothing happened.\n", -1, NULL));
  id = glb_test_system_start (system, "--policy", file, "--", "gnome-text-editor", NULL);
  glb_test_system_wait_for_window (system, id, "Text Editor");
  press (system, id, "ctrl+o");
  wait_for_prompt (system, "1  file  asked by the agent");
  assert_run (glb_test_system_run (system, NULL, "allow", "1", NULL), 125);
  assert_run (glb_test_system_run (system, NULL, "allow", "1", "--file", system->root, NULL), 125);
  assert_run (glb_test_system_run (system, NULL, "allow", "1", "--file", report, "--session", NULL), 125);
  assert_run (glb_test_system_run (system, NULL, "allow", "1", "--file", report, NULL), 0);
  glb_test_system_wait_for_window (system, id, "report of the day.txt");
  assert_run (glb_test_system_run (system, NULL, "kill", id, NULL), 0);
}

/* Qt 5 or 6 as the release has it, and Qt 6. Qt asks where it is told to, and its plugin is there. */
static const char *const qt_programs[] = { "featherpad --standalone", "focuswriter" };

typedef struct
{
  GlbTestSystem *system;
  const char *session, *prompt;
} Asking;

/* The key is pressed again until it took effect: the program may still be loading, or closing its last dialog. */
static gboolean
asks (gpointer data)
{
  Asking *asking = data;
  Wait wait = { asking->system, NULL, asking->prompt };
  gint64 deadline = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  press (asking->system, asking->session, "ctrl+o");
  while (g_get_monotonic_time () < deadline)
    if (is_asked (&wait))
      return TRUE;

  return FALSE;
}

static void
test_qt_opens_a_file (gconstpointer data)
{
  const char *command = data;
  g_auto(GStrv) words = g_strsplit (command, " ", 2);
  g_autofree char *program = g_find_program_in_path (words[0]);
  g_autofree char *script = g_strconcat ("exec ", command, NULL);
  g_autoptr(GlbTestSystem) system = NULL;
  g_autofree char *file = NULL;
  g_autofree char *report = NULL;
  g_autofree char *id = NULL;
  Asking asking;

  if (program == NULL)
    {
      g_test_skip_printf ("%s is not installed", words[0]);
      return;
    }
  system = glb_test_system_new ();
  if (system == NULL)
    return;

  file = glb_test_system_write_policy (system, "portal.json", policy);
  report = g_build_filename (system->root, "report of the day.txt", NULL);
  g_assert_true (g_file_set_contents (report, "Nothing happened.\n", -1, NULL));
  id = glb_test_system_start (system, "--policy", file, "--env", "QT_QPA_PLATFORMTHEME=xdgdesktopportal", "--", "sh", "-c", script, NULL);
  glb_test_system_wait_for_window (system, id, "Untitled");
  asking = (Asking) { system, id, "1  file  asked by the agent" };
  glb_test_wait (asks, &asking, asking.prompt);
  assert_run (glb_test_system_run (system, NULL, "deny", "1", NULL), 0);
  asking.prompt = "2  file  asked by the agent";
  glb_test_wait (asks, &asking, asking.prompt);
  assert_run (glb_test_system_run (system, NULL, "allow", "2", "--file", report, NULL), 0);
  glb_test_system_wait_for_window (system, id, "report of the day.txt");
  assert_run (glb_test_system_run (system, NULL, "kill", id, NULL), 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/portal/gtk-opens-a-link", test_gtk_opens_a_link);
  g_test_add_func ("/system/portal/editor-opens-a-file", test_editor_opens_a_file);

  for (guint i = 0; i < G_N_ELEMENTS (qt_programs); i++)
    {
      g_auto(GStrv) words = g_strsplit (qt_programs[i], " ", 2);
      g_autofree char *path = g_strdup_printf ("/system/portal/qt-opens-a-file/%s", words[0]);

      g_test_add_data_func (path, qt_programs[i], test_qt_opens_a_file);
    }

  return g_test_run ();
}
