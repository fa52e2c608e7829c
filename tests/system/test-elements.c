/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Real applications in a session, driven by what their elements are called. */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-system.h"

#define CHROMIUM \
  "chromium", "--no-sandbox", "--ozone-platform=wayland", "--disable-gpu", "--no-first-run", "--disable-background-networking", \
  "--disable-component-update", "--disable-sync", "--user-data-dir=/tmp/chromium", "--password-store=basic"

static gboolean
have_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("%s is not installed", name);
  return path != NULL;
}

static gboolean
have_bus (void)
{
  gboolean have = g_file_test ("/usr/share/dbus-1/services/org.a11y.Bus.service", G_FILE_TEST_EXISTS);

  if (!have)
    g_test_skip ("at-spi2-core is not installed");
  return have;
}

#define SETUP(system, program) \
  g_autoptr(GlbTestSystem) system = NULL; \
  if (!have_program (program) || !have_bus () || (system = glb_test_system_new ()) == NULL) \
    return

static void
act (GlbTestSystem *system, const char *session, const char *action)
{
  g_autoptr(JsonNode) result = glb_test_system_act (system, session, action);

  g_assert_nonnull (result);
}

static void
click (GlbTestSystem *system, const char *session, const char *target)
{
  g_autofree char *action = g_strdup_printf ("{\"action\":\"left_click\",\"target\":{%s},\"settle\":true}", target);

  act (system, session, action);
}

static void
wait_for (GlbTestSystem *system, const char *session, const char *conditions)
{
  g_autofree char *action = g_strdup_printf ("{\"action\":\"wait_for\",%s,\"timeoutMs\":30000}", conditions);

  act (system, session, action);
}

static void
assert_refused (GlbTestSystem *system, const char *session, const char *action, const char *code)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "act", session, action, NULL);
  g_autofree char *expected = g_strdup_printf ("\"code\":\"%s\"", code);

  g_assert_cmpint (result->status, !=, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (result), expected));
}

/* Its names begin with what is on the button; of some versions of the toolkit they say it twice. */
static void
press (GlbTestSystem *system, const char *session, const char *name)
{
  g_autofree char *target = g_strdup_printf ("\"role\":\"push button\",\"name\":\"%s*\",\"appId\":\"org.gnome.Calculator\"", name);

  click (system, session, target);
}

/* A menu button that nobody named. */
static void
assert_no_class_names (GlbTestSystem *system, const char *session)
{
  g_autoptr(JsonNode) result = glb_test_system_act (system, session, "{\"action\":\"ui_tree\",\"appId\":\"org.gnome.Calculator\"}");
  g_autofree char *text = json_to_string (result, FALSE);

  g_assert_nonnull (strstr (text, "push button"));
  g_assert_null (strstr (text, "\"Gtk"));
}

/* 12*34, by the names of the buttons; and again when another window covers them. */
static void
test_calculator (void)
{
  static const char * const keys[] = { "1", "2", "×", "3", "4", "=" };
  g_autofree char *id = NULL;
  g_autoptr(GlbTestResult) foot = NULL;
  SETUP (system, "gnome-calculator");
  if (!have_program ("foot"))
    return;

  id = glb_test_system_start (system, "--workspace", system->workspace, "--", "gnome-calculator", NULL);
  wait_for (system, id, "\"window\":{\"title\":\"Calculator\"},\"element\":{\"role\":\"push button\",\"name\":\"=*\"},\"quietMs\":100");
  assert_no_class_names (system, id);
  act (system, id, "{\"action\":\"wait_for\",\"text\":\"408\",\"gone\":true,\"timeoutMs\":0}");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    press (system, id, keys[i]);
  wait_for (system, id, "\"element\":{\"role\":\"text\",\"text\":\"408\"}");

  foot = glb_test_system_run (system, NULL, "exec", id, "--", "sh", "-c",
                              "foot -F -T cover sh -c 'sleep 1000' >/dev/null 2>&1 &", NULL);
  g_assert_cmpint (foot->status, ==, 0);
  glb_test_system_wait_for_window (system, id, "cover");
  press (system, id, "7");
  wait_for (system, id, "\"element\":{\"role\":\"text\",\"text\":\"*7*\"}");
  assert_refused (system, id, "{\"action\":\"left_click\",\"target\":{\"name\":\"no such button\"}}", "not_found");
  assert_refused (system, id, "{\"action\":\"left_click\",\"target\":{\"role\":\"push button\"}}", "ambiguous");
}

/* Qt draws its own frame, and has its own ideas of where things are. */
static void
test_featherpad (void)
{
  g_autofree char *id = NULL;
  SETUP (system, "featherpad");

  id = glb_test_system_start (system, "--workspace", system->workspace, "--", "featherpad", "--standalone", NULL);
  wait_for (system, id, "\"element\":{\"role\":\"push button\",\"name\":\"New\"}");
  act (system, id, "{\"action\":\"wait_for\",\"element\":{\"role\":\"page tab\",\"index\":1},\"gone\":true,\"timeoutMs\":0}");
  click (system, id, "\"role\":\"push button\",\"name\":\"New\"");
  wait_for (system, id, "\"element\":{\"role\":\"page tab\",\"index\":1}");
}

#define PAGE \
  "<!doctype html><title>order</title><form onsubmit=\"document.title = 'for ' + n.value; return false\">" \
  "<p style='height:2000px'>far above</p><label>Your name <input id=n></label><button>Send it</button></form>" \
  "<button onclick=\"n.scrollIntoView ()\" style='position:fixed;top:9px;left:9px'>Down</button>"

/* A form on a page, of which the fields are below what the window shows. */
static void
test_chromium (void)
{
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  SETUP (system, "chromium");

  path = g_build_filename (system->workspace, "page.html", NULL);
  g_assert_true (g_file_set_contents (path, PAGE, -1, NULL));
  id = glb_test_system_start (system, "--workspace", system->workspace, "--", CHROMIUM, "file:///workspace/page.html", NULL);
  wait_for (system, id, "\"window\":{\"title\":\"order*\"},\"element\":{\"name\":\"Down\"},\"quietMs\":300");
  assert_refused (system, id, "{\"action\":\"left_click\",\"target\":{\"role\":\"entry\",\"name\":\"Your name\"}}", "not_found");
  click (system, id, "\"role\":\"push button\",\"name\":\"Down\"");
  wait_for (system, id, "\"element\":{\"role\":\"entry\",\"name\":\"Your name\"},\"quietMs\":200");
  click (system, id, "\"role\":\"entry\",\"name\":\"Your name\"");
  act (system, id, "{\"action\":\"type\",\"text\":\"Zoë 12\",\"settle\":true}");
  wait_for (system, id, "\"element\":{\"role\":\"entry\",\"text\":\"Zoë 12\"}");
  click (system, id, "\"role\":\"push button\",\"name\":\"Send it\"");
  wait_for (system, id, "\"window\":{\"title\":\"for Zoë 12*\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/system/elements/calculator", test_calculator);
  g_test_add_func ("/system/elements/featherpad", test_featherpad);
  g_test_add_func ("/system/elements/chromium", test_chromium);

  return g_test_run ();
}
