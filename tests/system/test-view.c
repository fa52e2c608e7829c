/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The live view under a real display server, with a person's mouse and keyboard. */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-display.h"

static gboolean
have_programs (void)
{
  static const char * const programs[] = { "Xvfb", "xdotool", "xclip", "foot", "wl-copy", NULL };

  return glb_test_have_programs (programs);
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

  return glb_test_xdotool (wait->display, "search --onlyvisible --name Glovebox windowfocus");
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

  glb_test_xdotool (wait->display, "key shift+F12");
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

  glb_test_xdotool (wait->display, "key ctrl+u");
  glb_test_xdotool (wait->display, "type --delay 20 hello");
  glb_test_xdotool (wait->display, "key Return");
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
  GlbTestDisplay display;
  Wait wait;

  if (!have_programs () || (system = glb_test_system_new ()) == NULL)
    return;

  glb_test_display_start (&display, system);
  wait = (Wait) { system, display.display, NULL };

  id = glb_test_system_start (system, "--workspace", system->workspace, "--", "foot", "-T", "target", "sh", "-c", "cat >typed", NULL);
  glb_test_system_wait_for_window (system, id, "target");
  view = glb_test_system_spawn (system, "view", id, NULL);
  glb_test_wait (window_is_there, &wait, "the view's window");

  /* Before the takeover nothing that the person types gets in. */
  g_assert_true (glb_test_xdotool (display.display, "type outside"));

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
  glb_test_display_stop (&display);
}

/* A view that dies while its person drives gives the lease back. */
static void
test_killed_while_driving (void)
{
  g_autoptr(GlbTestSystem) system = NULL;
  g_autoptr(GSubprocess) view = NULL;
  g_autofree char *id = NULL;
  GlbTestDisplay display;
  Wait wait;

  if (!have_programs () || (system = glb_test_system_new ()) == NULL)
    return;

  glb_test_display_start (&display, system);
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
  glb_test_display_stop (&display);
}

/* ---- touching the picture ------------------------------------------------------ */

#define POLICY(clipboard, human, timeout) \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"agent\", \"identity\": { \"provider\": \"local\" } }," \
  "  \"isolation\": { \"tier\": \"session\", \"account\": \"separate\" }," \
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"], \"allowWrite\": [\"${WORKSPACE}/**\"], \"home\": \"ephemeral\" }," \
  "  \"process\": { \"allowSpawn\": true, \"maxProcesses\": 64, \"syscalls\": \"desktop\" }," \
  "  \"prompts\": { \"timeoutSeconds\": " timeout " }," \
  "  \"desktop\": { \"width\": 800, \"height\": 600, \"xwayland\": false," \
  "    \"clipboard\": { \"hostToSession\": \"" clipboard "\", \"sessionToHost\": \"" clipboard "\", \"maxPerMinute\": 60 }," \
  "    \"input\": { \"agent\": \"allow\", \"human\": \"" human "\" } } }"

typedef struct
{
  GlbTestSystem *system;
  GlbTestDisplay display;
  GSubprocess *view;           /* (nullable) */
  char *id;
  Wait wait;
} Scene;

/* A terminal that writes what is typed to a file, and the view of it where it is wanted. FALSE: skipped. */
static gboolean
scene_start (Scene      *scene,
             const char *policy,
             gboolean    with_view)
{
  g_autofree char *path = NULL;

  if (!have_programs () || (scene->system = glb_test_system_new ()) == NULL)
    return FALSE;

  glb_test_display_start (&scene->display, scene->system);
  scene->wait = (Wait) { scene->system, scene->display.display, NULL };
  path = glb_test_system_write_policy (scene->system, "view.json", policy);
  scene->id = glb_test_system_start (scene->system, "--policy", path, "--workspace", scene->system->workspace, "--",
                                     "foot", "-T", "target", "sh", "-c", "cat >typed", NULL);
  glb_test_system_wait_for_window (scene->system, scene->id, "target");
  if (with_view)
    {
      scene->view = glb_test_system_spawn (scene->system, "view", scene->id, NULL);
      glb_test_wait (window_is_there, &scene->wait, "the view's window");
    }

  return TRUE;
}

static void
scene_end (Scene *scene)
{
  if (scene->view != NULL)
    {
      g_subprocess_force_exit (scene->view);
      g_subprocess_wait (scene->view, NULL, NULL);
      g_clear_object (&scene->view);
    }
  glb_test_display_stop (&scene->display);
  g_clear_pointer (&scene->id, g_free);
  g_clear_pointer (&scene->system, glb_test_system_free);
}

/* The view shows a picture only after its first frame: clicks before that are not meant for it. */
static gboolean
click_takes_over (gpointer data)
{
  Wait *wait = data;
  gint64 deadline = g_get_monotonic_time () + G_USEC_PER_SEC;

  glb_test_xdotool (wait->display, "mousemove 670 500 click 1");
  while (g_get_monotonic_time () < deadline)
    if (driver_is (wait))
      return TRUE;

  return FALSE;
}

static void
wait_for_line (Scene      *scene,
               const char *lines)
{
  scene->wait.wanted = lines;
  glb_test_wait (file_ends_with, &scene->wait, lines);
}

static void
hand_back (Scene *scene)
{
  g_assert_true (glb_test_xdotool (scene->display.display, "key shift+F12"));
  scene->wait.wanted = "agent";
  glb_test_wait (driver_is, &scene->wait, "the agent to drive again");
}

static void
assert_file (Scene      *scene,
             const char *expected)
{
  g_autofree char *path = g_build_filename (scene->system->workspace, "typed", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

/* The first click and the first key take over, and nothing of what follows them is lost while the lease is on its way. */
static void
test_touch (void)
{
  Scene scene = { 0 };

  if (!scene_start (&scene, POLICY ("deny", "on-takeover", "60"), TRUE))
    return;

  scene.wait.wanted = "human";
  glb_test_wait (click_takes_over, &scene.wait, "a click to take over");
  g_assert_true (glb_test_xdotool (scene.display.display, "type first"));
  g_assert_true (glb_test_xdotool (scene.display.display, "key Return"));
  wait_for_line (&scene, "first\n");
  hand_back (&scene);

  /* The focus is in the picture still. What moves about in the window is the window's. */
  g_assert_true (glb_test_xdotool (scene.display.display, "key alt+p key Tab key shift+Tab"));
  g_assert_true (driver_is (&scene.wait));
  g_assert_true (glb_test_xdotool (scene.display.display, "type Second"));
  g_assert_true (glb_test_xdotool (scene.display.display, "key Return"));
  wait_for_line (&scene, "Second\n");
  scene.wait.wanted = "human";
  g_assert_true (driver_is (&scene.wait));
  hand_back (&scene);

  g_assert_true (glb_test_xdotool (scene.display.display, "mousemove 650 480 click 1"));
  g_assert_true (glb_test_xdotool (scene.display.display, "type third"));
  g_assert_true (glb_test_xdotool (scene.display.display, "key Return"));
  wait_for_line (&scene, "third\n");
  assert_file (&scene, "first\nSecond\nthird\n");
  scene_end (&scene);
}

/* ---- prompts ------------------------------------------------------------------- */

static void
copy_in_session (Scene      *scene,
                 const char *text)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, text, "exec", scene->id, "--", "/usr/bin/wl-copy", NULL);

  g_assert_cmpint (result->status, ==, 0);
}

static gboolean
prompt_is_open (gpointer data)
{
  Scene *scene = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "prompts", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"kind\"") != NULL;
}

static gboolean
no_prompt_is_open (gpointer data)
{
  return !prompt_is_open (data);
}

static gboolean
grant_is_there (gpointer data)
{
  Scene *scene = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "grants", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"kind\"") != NULL;
}

/* Until it is answered: the view takes no answer in the first half second, which is longer here than there. */
static void
answer (Scene      *scene,
        const char *key)
{
  gint64 deadline = g_get_monotonic_time () + GLB_TEST_DEADLINE * G_USEC_PER_SEC;

  glb_test_wait (prompt_is_open, scene, "the prompt");
  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_assert_true (glb_test_xdotool (scene->display.display, key));
    }
  while (prompt_is_open (scene));
}

typedef struct
{
  int status;
  char *out, *err;
} Got;

static void
got_clear (Got *got)
{
  g_free (got->out);
  g_free (got->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Got, got_clear)

static GSubprocess *
get_start (Scene *scene)
{
  return glb_test_system_spawn (scene->system, "clipboard", "get", scene->id, NULL);
}

/* Takes process. */
static void
get_finish (GSubprocess *process,
            Got         *got)
{
  g_autoptr(GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &got->out, &got->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  got->status = g_subprocess_get_exit_status (process);
  g_object_unref (process);
}

static void
test_prompt_deny (void)
{
  Scene scene = { 0 };
  g_auto(Got) got = { 0 };
  GSubprocess *process;

  if (!scene_start (&scene, POLICY ("prompt", "on-takeover", "60"), TRUE))
    return;

  copy_in_session (&scene, "the content");
  process = get_start (&scene);
  glb_test_wait (prompt_is_open, &scene, "the prompt");
  /* Nothing without a modifier answers, wherever the focus is. */
  g_assert_true (glb_test_xdotool (scene.display.display, "key Return key space key y key n key Escape"));
  g_assert_true (prompt_is_open (&scene));
  answer (&scene, "key ctrl+alt+n");
  get_finish (process, &got);
  g_assert_cmpint (got.status, ==, 126);
  g_assert_nonnull (strstr (got.err, "clipboard: denied: "));
  g_assert_cmpstr (got.out, ==, "");
  g_assert_false (grant_is_there (&scene));
  scene_end (&scene);
}

static gboolean
revoke_by_keyboard (gpointer data)
{
  Scene *scene = data;

  glb_test_xdotool (scene->display.display, "key alt+p");
  glb_test_xdotool (scene->display.display, "key space");

  return !grant_is_there (scene);
}

/* Allowed once is once; what is allowed for longer is taken back in the view, and asked again. */
static void
test_prompt_allow_and_revoke (void)
{
  Scene scene = { 0 };
  g_auto(Got) once = { 0 };
  g_auto(Got) again = { 0 };
  g_auto(Got) without = { 0 };
  g_auto(Got) revoked = { 0 };
  g_autoptr(GlbTestResult) allowed = NULL;
  GSubprocess *process;

  if (!scene_start (&scene, POLICY ("prompt", "on-takeover", "60"), TRUE))
    return;

  copy_in_session (&scene, "the content");
  process = get_start (&scene);
  answer (&scene, "key ctrl+alt+y");
  get_finish (process, &once);
  g_assert_cmpint (once.status, ==, 0);
  g_assert_cmpstr (once.out, ==, "the content");

  process = get_start (&scene);
  glb_test_wait (prompt_is_open, &scene, "a second prompt");
  allowed = glb_test_system_run (scene.system, NULL, "allow", "2", "--session", NULL);
  g_assert_cmpint (allowed->status, ==, 0);
  get_finish (process, &again);
  g_assert_cmpint (again.status, ==, 0);
  g_assert_true (grant_is_there (&scene));
  get_finish (get_start (&scene), &without);
  g_assert_cmpint (without.status, ==, 0);

  glb_test_wait (revoke_by_keyboard, &scene, "the permission to be revoked");
  process = get_start (&scene);
  answer (&scene, "key ctrl+alt+n");
  get_finish (process, &revoked);
  g_assert_cmpint (revoked.status, ==, 126);
  g_assert_nonnull (strstr (revoked.err, "clipboard: denied: "));
  scene_end (&scene);
}

/* The reason tells whether anybody looked: the view does, all by itself. */
static void
test_prompt_timeout (void)
{
  Scene scene = { 0 };
  g_auto(Got) unseen = { 0 };
  g_auto(Got) seen = { 0 };

  if (!scene_start (&scene, POLICY ("prompt", "on-takeover", "3"), FALSE))
    return;

  copy_in_session (&scene, "the content");
  get_finish (get_start (&scene), &unseen);
  g_assert_cmpint (unseen.status, ==, 126);
  g_assert_nonnull (strstr (unseen.err, "clipboard: no-approver: "));

  scene.view = glb_test_system_spawn (scene.system, "view", scene.id, NULL);
  glb_test_wait (window_is_there, &scene.wait, "the view's window");
  scene.wait.wanted = "human";
  glb_test_wait (click_takes_over, &scene.wait, "a click to take over");
  get_finish (get_start (&scene), &seen);
  g_assert_cmpint (seen.status, ==, 126);
  g_assert_nonnull (strstr (seen.err, "clipboard: timeout: "));
  g_assert_true (no_prompt_is_open (&scene));
  /* What is over has left the keyboard to the session. */
  g_assert_true (glb_test_xdotool (scene.display.display, "type mine"));
  g_assert_true (glb_test_xdotool (scene.display.display, "key Return"));
  wait_for_line (&scene, "mine\n");
  scene_end (&scene);
}

/* ---- the clipboard ---------------------------------------------------------------- */

static gboolean
paste_is_asked (gpointer data)
{
  Scene *scene = data;

  /* the view hears of a new clipboard a moment after it is there */
  glb_test_xdotool (scene->display.display, "key ctrl+shift+v");

  return prompt_is_open (scene);
}

/* The view may not have heard yet that the paste waits; once it has, a second press would ask anew. */
static gboolean
paste_arrives (gpointer data)
{
  Scene *scene = data;
  gint64 deadline = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  glb_test_xdotool (scene->display.display, "key ctrl+shift+v");
  while (g_get_monotonic_time () < deadline)
    if (file_ends_with (&scene->wait))
      return TRUE;

  return FALSE;
}

static gboolean
copy_is_asked (gpointer data)
{
  Scene *scene = data;

  glb_test_xdotool (scene->display.display, "key F10");
  glb_test_xdotool (scene->display.display, "key c");

  return prompt_is_open (scene);
}

static char *
run_on_display (Scene      *scene,
                const char *input,
                const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("export DISPLAY=%s; %s%s%s %s", scene->display.display, input != NULL ? "printf %s '" : "",
                                           input != NULL ? input : "", input != NULL ? "' |" : "", arguments);
  const char *argv[] = { "sh", "-c", line, NULL };
  char *out = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, NULL, NULL);

  return out;
}

static gboolean
is_copied_out (gpointer data)
{
  Scene *scene = data;
  g_autofree char *out = run_on_display (scene, NULL, "timeout 5 xclip -selection clipboard -o");

  return g_strcmp0 (out, "out of the session") == 0;
}

static void
test_clipboard (void)
{
  Scene scene = { 0 };
  g_autofree char *nothing = NULL;

  if (!scene_start (&scene, POLICY ("prompt", "on-takeover", "60"), TRUE))
    return;

  /* in, while the person drives */
  nothing = run_on_display (&scene, "into the session\n", "xclip -selection clipboard >/dev/null");
  scene.wait.wanted = "human";
  glb_test_wait (click_takes_over, &scene.wait, "a click to take over");
  glb_test_wait (paste_is_asked, &scene, "the question about the paste");
  answer (&scene, "key ctrl+alt+y");
  scene.wait.wanted = "into the session\n";
  glb_test_wait (paste_arrives, &scene, "the paste in the session");
  hand_back (&scene);

  /* out, by the menu */
  copy_in_session (&scene, "out of the session");
  glb_test_wait (copy_is_asked, &scene, "the question about the copy");
  answer (&scene, "key ctrl+alt+y");
  glb_test_wait (is_copied_out, &scene, "the session's text in the person's clipboard");
  scene_end (&scene);
}

/* ---- portals ----------------------------------------------------------------------- */

#define PORTAL_POLICY \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"agent\" }, \"isolation\": { \"tier\": \"session\" }," \
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"], \"allowWrite\": [\"${WORKSPACE}/**\"] }," \
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }," \
  "  \"desktop\": { \"width\": 800, \"height\": 600, \"input\": { \"agent\": \"allow\", \"human\": \"on-takeover\" } }," \
  "  \"portals\": { \"openUri\": \"prompt\", \"fileChooser\": \"prompt\", \"notification\": \"allow\" } }"

/* Where GLOVEBOX_TEST_PICTURES names a folder, the pictures stay there to be looked at. */
static void
take_picture (Scene      *scene,
              const char *name)
{
  const char *folder = g_getenv ("GLOVEBOX_TEST_PICTURES");
  g_autofree char *line = NULL;
  g_autofree char *out = NULL;

  if (folder == NULL)
    return;
  line = g_strdup_printf ("import -window root %s/%s.png", folder, name);
  out = run_on_display (scene, NULL, line);
}

/* Nobody else reads the file of the same name: the content is what arrives. */
static gboolean
browser_was_started (gpointer data)
{
  const char *path = data;
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_str_equal (text, "https://example.org/from-the-session");
}

static void
test_open_uri (void)
{
  Scene scene = { 0 };
  g_autoptr(GlbTestResult) first = NULL;
  g_autoptr(GlbTestResult) second = NULL;
  g_autofree char *opened = NULL;

  if (!scene_start (&scene, PORTAL_POLICY, FALSE))
    return;
  opened = glb_test_system_install_browser (scene.system);
  scene.view = glb_test_system_spawn (scene.system, "view", scene.id, NULL);
  glb_test_wait (window_is_there, &scene.wait, "the view's window");

  first = glb_test_system_run (scene.system, NULL, "exec", scene.id, "--", "sh", "-c",
                               "gio open https://example.org/from-the-session >/dev/null 2>&1 &", NULL);
  g_assert_cmpint (first->status, ==, 0);
  answer (&scene, "key ctrl+alt+n");
  g_assert_false (g_file_test (opened, G_FILE_TEST_EXISTS));

  second = glb_test_system_run (scene.system, NULL, "exec", scene.id, "--", "sh", "-c",
                                "gio open https://example.org/from-the-session >/dev/null 2>&1 &", NULL);
  g_assert_cmpint (second->status, ==, 0);
  glb_test_wait (prompt_is_open, &scene, "the prompt");
  take_picture (&scene, "open-uri");
  answer (&scene, "key ctrl+alt+y");
  glb_test_wait (browser_was_started, opened, "the browser to be started");
  scene_end (&scene);
}

/* The person's desktop, as far as notifications go. */
typedef struct
{
  GTestDBus *bus;
  GDBusConnection *connection;
  GDBusNodeInfo *info;
  GString *shown;              /* title and body of each, in lines; "closed" */
} Desktop;

static void
on_desktop_call (GDBusConnection       *connection,
                 const char            *sender,
                 const char            *path,
                 const char            *interface,
                 const char            *method,
                 GVariant              *parameters,
                 GDBusMethodInvocation *invocation,
                 gpointer               data)
{
  Desktop *desktop = data;
  const char *title, *body;

  if (g_str_equal (method, "Notify"))
    {
      g_variant_get (parameters, "(&su&s&s&s@as@a{sv}i)", NULL, NULL, NULL, &title, &body, NULL, NULL, NULL);
      g_string_append_printf (desktop->shown, "%s\n%s\n", title, body);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 7));
    }
  else
    {
      g_string_append (desktop->shown, "closed\n");
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
}

static void
desktop_start (Desktop       *desktop,
               GlbTestSystem *system)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_desktop_call };
  g_autoptr(GVariant) owned = NULL;
  g_autoptr(GError) error = NULL;

  desktop->shown = g_string_new (NULL);
  desktop->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (desktop->bus);
  desktop->connection = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (desktop->bus),
                                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                                G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  desktop->info = g_dbus_node_info_new_for_xml (
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method></interface></node>", &error);
  g_assert_no_error (error);
  g_dbus_connection_register_object (desktop->connection, "/org/freedesktop/Notifications", desktop->info->interfaces[0], &vtable,
                                     desktop, NULL, &error);
  g_assert_no_error (error);
  owned = g_dbus_connection_call_sync (desktop->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", "org.freedesktop.Notifications", 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  system->environment = g_environ_setenv (system->environment, "DBUS_SESSION_BUS_ADDRESS",
                                          g_test_dbus_get_bus_address (desktop->bus), TRUE);
}

static void
desktop_stop (Desktop *desktop)
{
  g_dbus_connection_close_sync (desktop->connection, NULL, NULL);
  g_clear_object (&desktop->connection);
  g_dbus_node_info_unref (desktop->info);
  g_test_dbus_down (desktop->bus);
  g_clear_object (&desktop->bus);
  g_string_free (desktop->shown, TRUE);
}


static void
call_portal (Scene      *scene,
             const char *method,
             const char *parameters)
{
  g_autofree char *line = g_strdup_printf ("gdbus call --session --dest org.freedesktop.portal.Desktop "
                                           "--object-path /org/freedesktop/portal/desktop "
                                           "--method org.freedesktop.portal.Notification.%s %s", method, parameters);
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "exec", scene->id, "--", "sh", "-c", line, NULL);

  g_assert_cmpint (result->status, ==, 0);
}

typedef struct
{
  Scene *scene;
  Desktop *desktop;
  const char *method, *parameters, *shown;
} Notifying;

/* Done again until it is seen: the view may just be opening. */
static gboolean
is_shown (gpointer data)
{
  Notifying *notifying = data;
  gint64 deadline = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  call_portal (notifying->scene, notifying->method, notifying->parameters);
  while (g_get_monotonic_time () < deadline)
    {
      g_main_context_iteration (NULL, FALSE);
      if (g_str_has_suffix (notifying->desktop->shown->str, notifying->shown))
        return TRUE;
    }

  return FALSE;
}

/* Whose it is comes first, and nothing in it is markup, whatever the desktop's service makes of it. */
static void
test_notification (void)
{
  Scene scene = { 0 };
  Desktop desktop = { 0 };
  Notifying notifying = {
    &scene, &desktop, "AddNotification",
    "done \"{'title': <'Done <b>'>, 'body': <'see <a href=\\\"https://example.org/\\\">this</a> & that'>}\"",
    "foot: Done <b>\nsee ‹a href=\"https://example.org/\"›this‹/a› ＆ that\n",
  };

  if (!scene_start (&scene, PORTAL_POLICY, FALSE))
    return;
  desktop_start (&desktop, scene.system);
  scene.view = glb_test_system_spawn (scene.system, "view", scene.id, NULL);
  glb_test_wait (window_is_there, &scene.wait, "the view's window");
  glb_test_wait (is_shown, &notifying, "the notification on the desktop");
  g_assert_true (g_str_has_prefix (desktop.shown->str, notifying.shown));
  notifying.method = "RemoveNotification";
  notifying.parameters = "done";
  notifying.shown = "\nclosed\n";
  glb_test_wait (is_shown, &notifying, "the notification to be withdrawn");
  scene_end (&scene);
  desktop_stop (&desktop);
}

static gboolean
dialog_is_there (gpointer data)
{
  Scene *scene = data;

  /* the answer counts only half a second after the question came */
  if (prompt_is_open (scene))
    glb_test_xdotool (scene->display.display, "search --onlyvisible --name Glovebox windowfocus key ctrl+alt+y");
  return glb_test_xdotool (scene->display.display, "search --onlyvisible --name Hand windowfocus");
}

static gboolean
dialog_is_gone (gpointer data)
{
  Scene *scene = data;

  return !glb_test_xdotool (scene->display.display, "search --onlyvisible --name Hand");
}

/* A press in the dialog may come before it takes any. */
static gboolean
dialog_closes (gpointer data)
{
  Scene *scene = data;
  gint64 deadline = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  glb_test_xdotool (scene->display.display, "search --onlyvisible --name Hand windowfocus key Escape");
  while (g_get_monotonic_time () < deadline)
    if (dialog_is_gone (scene))
      return TRUE;

  return FALSE;
}

static gboolean
file_is_chosen (gpointer data)
{
  Scene *scene = data;
  g_autofree char *path = g_build_filename (scene->system->root, "report.txt", NULL);
  g_autofree char *nothing = NULL;
  gint64 deadline;

  if (!prompt_is_open (scene))
    return TRUE;
  /* whole: the dialog completes what is typed, and newer ones into the next letters */
  nothing = run_on_display (scene, path, "xclip -selection clipboard >/dev/null");
  /* a key that came too early may have closed it */
  if (!dialog_is_there (scene))
    return FALSE;
  glb_test_xdotool (scene->display.display, "key ctrl+l key ctrl+a key ctrl+v");
  take_picture (scene, "file-dialog");
  glb_test_xdotool (scene->display.display, "key Return");
  deadline = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < deadline)
    if (!prompt_is_open (scene))
      return TRUE;

  return FALSE;
}

/* The question stays while the dialog is open, and after it was closed without a file; a view that dies changes nothing. */
static void
test_file (void)
{
  g_autofree char *editor = g_find_program_in_path ("gnome-text-editor");
  g_autofree char *report = NULL;
  g_autoptr(GlbTestResult) started = NULL;
  g_autoptr(JsonNode) asked = NULL;
  Scene scene = { 0 };

  if (editor == NULL)
    {
      g_test_skip ("gnome-text-editor is not installed");
      return;
    }
  if (!scene_start (&scene, PORTAL_POLICY, TRUE))
    return;

  report = g_build_filename (scene.system->root, "report.txt", NULL);
  g_assert_true (g_file_set_contents (report, "Nothing happened.\n", -1, NULL));
  started = glb_test_system_run (scene.system, NULL, "exec", scene.id, "--", "sh", "-c", "gnome-text-editor >/dev/null 2>&1 &", NULL);
  g_assert_cmpint (started->status, ==, 0);
  glb_test_system_wait_for_window (scene.system, scene.id, "Text Editor");
  asked = glb_test_system_act (scene.system, scene.id, "{\"action\":\"key\",\"text\":\"ctrl+o\"}");
  glb_test_wait (prompt_is_open, &scene, "the question for a file");
  take_picture (&scene, "file-question");
  glb_test_wait (dialog_is_there, &scene, "the dialog for the file");
  /* one, however often the keys are pressed */
  for (guint i = 0; i < 3; i++)
    g_assert_true (glb_test_xdotool (scene.display.display, "search --onlyvisible --name Glovebox windowfocus key ctrl+alt+y"));
  g_assert_true (prompt_is_open (&scene));
  glb_test_wait (dialog_closes, &scene, "the dialog to close");
  g_assert_true (prompt_is_open (&scene));

  g_subprocess_force_exit (scene.view);
  g_subprocess_wait (scene.view, NULL, NULL);
  g_clear_object (&scene.view);
  g_assert_true (prompt_is_open (&scene));
  scene.view = glb_test_system_spawn (scene.system, "view", scene.id, NULL);
  glb_test_wait (window_is_there, &scene.wait, "the next view's window");

  glb_test_wait (dialog_is_there, &scene, "the dialog for the file");
  glb_test_wait (file_is_chosen, &scene, "the file to be handed in");
  glb_test_system_wait_for_window (scene.system, scene.id, "report.txt");
  scene_end (&scene);
}

/* Where the policy lets no person take over, touching does nothing to the session. */
static void
test_touch_never (void)
{
  Scene scene = { 0 };
  g_autoptr(JsonNode) result = NULL;

  if (!scene_start (&scene, POLICY ("prompt", "never", "60"), TRUE))
    return;

  /* The view has its session and the keyboard when its menu works. */
  copy_in_session (&scene, "the content");
  glb_test_wait (copy_is_asked, &scene, "the question about the copy");
  answer (&scene, "key ctrl+alt+n");
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (glb_test_xdotool (scene.display.display, "mousemove 670 500 click 1"));
      g_assert_true (glb_test_xdotool (scene.display.display, "type outside"));
      g_assert_true (glb_test_xdotool (scene.display.display, "key Return"));
    }
  /* Later in the same queue of the view: when this is answered, so is what came before. */
  glb_test_wait (copy_is_asked, &scene, "another question about the copy");
  scene.wait.wanted = "agent";
  g_assert_true (driver_is (&scene.wait));
  result = glb_test_system_act (scene.system, scene.id, "{\"action\":\"type\",\"text\":\"again\\n\"}");
  g_assert_nonnull (result);
  wait_for_line (&scene, "again\n");
  assert_file (&scene, "again\n");
  scene_end (&scene);
}

/* ---- a view that cannot keep up ------------------------------------------------------ */

static gboolean
is_of_packets (const char *inode)
{
  g_autofree char *sockets = NULL;
  g_auto(GStrv) lines = NULL;

  g_assert_true (g_file_get_contents ("/proc/net/unix", &sockets, NULL, NULL));
  lines = g_strsplit (sockets, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char type[8], found[24];

      if (sscanf (lines[i], "%*s %*s %*s %*s %7s %*s %23s", type, found) == 2 && g_str_equal (type, "0005") && g_str_equal (found, inode))
        return TRUE;
    }

  return FALSE;
}

/* The inode of the socket that the view's frames come by, the one of packets that it has; 0: none. */
static guint64
get_stream (Scene *scene)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/fd", g_subprocess_get_identifier (scene->view));
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);
      g_autofree char *inode = NULL;

      if (target == NULL || !g_str_has_prefix (target, "socket:["))
        continue;
      inode = g_strndup (target + strlen ("socket:["), strlen (target) - strlen ("socket:[]"));
      if (is_of_packets (inode))
        return g_ascii_strtoull (inode, NULL, 10);
    }

  return 0;
}

typedef struct
{
  Scene *scene;
  guint64 stream;
} Stall;

static gboolean
stream_is_another (gpointer data)
{
  Stall *stall = data;
  guint64 stream = get_stream (stall->scene);

  return stream != 0 && stream != stall->stream;
}

/* Whoever does not give a frame back in time loses the stream. The view did not see it go, and begins anew. */
static void
test_stalled (void)
{
  Scene scene = { 0 };
  Stall stall = { &scene, 0 };
  g_autoptr(JsonNode) typed = NULL;
  g_autoptr(JsonNode) waited = NULL;

  if (!scene_start (&scene, POLICY ("deny", "on-takeover", "60"), TRUE))
    return;

  glb_test_wait (stream_is_another, &stall, "the view's frames");
  stall.stream = get_stream (&scene);
  g_subprocess_send_signal (scene.view, SIGSTOP);
  typed = glb_test_system_act (scene.system, scene.id, "{\"action\":\"type\",\"text\":\"a frame\"}");
  g_assert_nonnull (typed);
  /* four times what the broker waits for the frame, by the broker's own clock */
  waited = glb_test_system_act (scene.system, scene.id, "{\"action\":\"wait\",\"duration\":1}");
  g_assert_nonnull (waited);
  g_subprocess_send_signal (scene.view, SIGCONT);
  glb_test_wait (stream_is_another, &stall, "the view's frames once more");
  scene_end (&scene);
}

/* ---- devices ------------------------------------------------------------------------ */

#define CAMERA \
  "{ \"schemaVersion\": \"1.0\", \"isolation\": { \"tier\": \"session\" }," \
  "  \"filesystem\": { \"allowWrite\": [\"${WORKSPACE}/**\"] }," \
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }," \
  "  \"desktop\": { \"width\": 800, \"height\": 600, \"input\": { \"agent\": \"allow\", \"human\": \"on-takeover\" } }," \
  "  \"devices\": { \"camera\": \"prompt\", \"cameraSource\": \"test-pattern\" } }"

static gboolean
camera_is (Scene      *scene,
           const char *words)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "device", scene->id, NULL);

  return strstr (glb_test_result_get_out (result), words) != NULL;
}

typedef struct
{
  Scene *scene;
  int x;
} Search;

/* Along the bar from the left: the first button that the pointer meets makes the camera black. */
static gboolean
click_mutes (gpointer data)
{
  Search *search = data;
  gint64 deadline = g_get_monotonic_time () + G_USEC_PER_SEC / 4;
  g_autofree char *click = g_strdup_printf ("mousemove %d 78 click 1", search->x);

  search->x += 16;
  g_assert_true (glb_test_xdotool (search->scene->display.display, click));
  do
    if (camera_is (search->scene, "muted yes"))
      return TRUE;
  while (g_get_monotonic_time () < deadline);
  g_assert_true (camera_is (search->scene, "given yes"));

  return FALSE;
}

/* A camera that was allowed stands in the window until it is gone, and one click makes it black. */
static void
test_devices (void)
{
  Scene scene = { 0 };
  Search search = { &scene, 120 };
  GSubprocess *process;
  g_auto(Got) got = { 0 };

  if (!scene_start (&scene, CAMERA, TRUE))
    return;

  process = glb_test_system_spawn (scene.system, "device", scene.id, "camera", "on", NULL);
  answer (&scene, "key ctrl+alt+y");
  get_finish (process, &got);
  g_assert_cmpint (got.status, ==, 0);
  g_assert_true (camera_is (&scene, "muted no"));
  glb_test_wait (click_mutes, &search, "a click to make the camera black");
  scene_end (&scene);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/take-over", test_take_over);
  g_test_add_func ("/view/killed-while-driving", test_killed_while_driving);

  g_test_add_func ("/view/touch", test_touch);
  g_test_add_func ("/view/touch-never", test_touch_never);
  g_test_add_func ("/view/prompt/deny", test_prompt_deny);
  g_test_add_func ("/view/prompt/allow-and-revoke", test_prompt_allow_and_revoke);
  g_test_add_func ("/view/prompt/timeout", test_prompt_timeout);
  g_test_add_func ("/view/clipboard", test_clipboard);
  g_test_add_func ("/view/devices", test_devices);
  g_test_add_func ("/view/stalled", test_stalled);
  g_test_add_func ("/view/portal/open-uri", test_open_uri);
  g_test_add_func ("/view/portal/notification", test_notification);
  g_test_add_func ("/view/portal/file", test_file);

  return g_test_run ();
}
