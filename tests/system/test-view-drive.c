/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The app as a person uses it, from the start of an agent to the stop of all.
 * What is pressed is found by its name in the accessibility tree; what came of
 * it is read at the broker, never in the app.
 */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-reader.h"

#define FOLDER_DIALOG "The Folder That the Agent Works In"
#define CONTENT       "the content"

typedef struct
{
  GlbTestReader reader;
  GSubprocess *view;           /* (nullable) */
  char *id;                    /* (nullable): of the session that was started in the app */
  char *other;                 /* (nullable): of one that was not */
} Day;

/* ---- what the broker says ------------------------------------------------------------ */

static JsonNode *
list (Day        *day,
      const char *command)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (day->reader.system, NULL, command, "--json", NULL);
  g_autoptr(GError) error = NULL;
  JsonNode *node = json_from_string (glb_test_result_get_out (result), &error);

  g_assert_no_error (error);

  return node;
}

/* Of the first whose member is this. (nullable) (transfer full) */
static char *
look_up (Day        *day,
         const char *command,
         const char *member,
         const char *is,
         const char *wanted)
{
  g_autoptr(JsonNode) node = list (day, command);
  JsonArray *array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      if (g_strcmp0 (json_object_get_string_member_with_default (object, member, NULL), is) == 0)
        return g_strdup (json_object_get_string_member_with_default (object, wanted, NULL));
    }

  return NULL;
}

typedef struct
{
  Day *day;
  const char *id, *member, *is;
} Wanted;

static gboolean
session_is (gpointer data)
{
  Wanted *wanted = data;
  g_autofree char *value = look_up (wanted->day, "ps", "id", wanted->id, wanted->member);

  return g_strcmp0 (value, wanted->is) == 0;
}

static void
wait_for_session (Day        *day,
                  const char *id,
                  const char *member,
                  const char *is)
{
  Wanted wanted = { day, id, member, is };
  g_autofree char *what = g_strdup_printf ("%s of %s to be %s", member, id, is);

  glb_test_wait (session_is, &wanted, what);
}

static guint
count (Day        *day,
       const char *command)
{
  g_autoptr(JsonNode) node = list (day, command);

  return json_array_get_length (json_node_get_array (node));
}

static gboolean
is_asked (gpointer data)
{
  return count (data, "prompts") > 0;
}

static gboolean
has_no_grant (gpointer data)
{
  return count (data, "grants") == 0;
}

static void
assert_recorded (Day        *day,
                 const char *event)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (day->reader.system, NULL, "audit", "show", "--json", day->id, NULL);
  g_autofree char *mark = g_strdup_printf ("\"%s\"", event);

  if (strstr (glb_test_result_get_out (result), mark) == NULL)
    g_error ("no record of %s in:\n%s", event, glb_test_result_get_out (result));
}

/* ---- what the person has ---------------------------------------------------------------- */

#define POLICY \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"mine\", \"identity\": { \"provider\": \"local\" } }," \
  "  \"isolation\": { \"tier\": \"session\", \"account\": \"separate\" }," \
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"], \"allowWrite\": [\"${WORKSPACE}/**\"], \"home\": \"ephemeral\" }," \
  "  \"process\": { \"allowSpawn\": true, \"maxProcesses\": 64, \"syscalls\": \"desktop\" }," \
  "  \"prompts\": { \"timeoutSeconds\": 300 }," \
  "  \"desktop\": { \"width\": 800, \"height\": 600, \"xwayland\": false," \
  "    \"clipboard\": { \"hostToSession\": \"prompt\", \"sessionToHost\": \"prompt\", \"maxPerMinute\": 60 }," \
  "    \"input\": { \"agent\": \"allow\", \"human\": \"on-takeover\" } }," \
  "  \"devices\": { \"camera\": \"prompt\", \"cameraSource\": \"test-pattern\" } }"

static void
write_below (Day        *day,
             const char *folder,
             const char *name,
             const char *text)
{
  g_autofree char *path = g_build_filename (day->reader.system->root, folder, NULL);
  g_autofree char *file = g_build_filename (path, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

/* A policy of their own, and an application; it is not their first day. FALSE: skipped */
static gboolean
day_start (Day *day)
{
  memset (day, 0, sizeof *day);
  if (!glb_test_reader_start (&day->reader))
    return FALSE;

  write_below (day, "config/glovebox/policies", "mine.json", POLICY);
  write_below (day, "state/glovebox", "first-page-seen", "");
  write_below (day, "data/applications", "org.glovebox.TestPad.desktop",
               "[Desktop Entry]\nType=Application\nName=Test Pad\nExec=foot -T target sh -c \"cat >typed\" %U\n");

  return TRUE;
}

static void
close_view (Day *day)
{
  g_subprocess_force_exit (day->view);
  g_subprocess_wait (day->view, NULL, NULL);
  g_clear_object (&day->view);
}

static void
day_end (Day *day)
{
  close_view (day);
  g_clear_pointer (&day->id, g_free);
  g_clear_pointer (&day->other, g_free);
  glb_test_reader_stop (&day->reader);
}

/* ---- a start -------------------------------------------------------------------------------- */

static void
choose_application (Day *day)
{
  GlbTestReader *reader = &day->reader;

  glb_test_reader_press (reader, GLB_TEST_ROLE_PUSH_BUTTON, "Applications");
  glb_test_reader_wait (reader, GLB_TEST_ROLE_LIST, "Installed applications");
  glb_test_reader_fill_in (reader, "Search applications", "Test Pad");
  glb_test_reader_wait (reader, GLB_TEST_ROLE_LIST_ITEM, "Test Pad");
  glb_test_reader_keys (reader, "Glovebox", "Return");
  glb_test_reader_wait_gone (reader, GLB_TEST_ROLE_LIST, "Installed applications");
}

static gboolean
folder_is_chosen (gpointer data)
{
  Day *day = data;
  GlbTestReader *reader = &day->reader;

  glb_test_reader_read (reader);
  if (glb_test_reader_find (reader, GLB_TEST_ROLE_LABEL, reader->system->workspace) != NULL &&
      glb_test_reader_find (reader, 0, FOLDER_DIALOG) == NULL)
    return TRUE;
  /* a key that came too early did something else */
  glb_test_xdotool (reader->display.display, "search --onlyvisible --name \"" FOLDER_DIALOG "\" windowfocus key Return");

  return FALSE;
}

/* GTK's dialog; its place for a path is there once it is asked for. */
static void
choose_workspace (Day *day)
{
  GlbTestReader *reader = &day->reader;

  glb_test_reader_press (reader, GLB_TEST_ROLE_PUSH_BUTTON, "Choose Folder… Workspace folder");
  glb_test_reader_wait (reader, 0, FOLDER_DIALOG);
  glb_test_reader_keys (reader, FOLDER_DIALOG, "ctrl+l");
  glb_test_reader_fill_in (reader, "GtkFileChooserEntry", reader->system->workspace);
  glb_test_wait (folder_is_chosen, day, "the workspace on the page");
}

static gboolean
session_is_there (gpointer data)
{
  Day *day = data;

  g_free (day->id);
  day->id = look_up (day, "ps", "name", "driven", "id");

  return day->id != NULL;
}

static void
assert_started_as_chosen (Day *day)
{
  g_autofree char *path = g_build_filename (day->reader.system->root, "config", "glovebox", "policies", "mine.json", NULL);
  g_autoptr(GlbTestResult) own = glb_test_system_run (day->reader.system, NULL, "run", "--detach", "--policy", path, "--workspace",
                                                      day->reader.system->workspace, "--name", "beside", "--", "foot", NULL);
  g_autofree char *hash = look_up (day, "ps", "id", day->id, "policyHash");
  g_autofree char *same = look_up (day, "ps", "name", "beside", "policyHash");

  g_assert_cmpint (own->status, ==, 0);
  g_assert_nonnull (hash);
  g_assert_cmpstr (hash, ==, same);
  day->other = look_up (day, "ps", "name", "beside", "id");
}

static void
start_agent (Day *day)
{
  GlbTestReader *reader = &day->reader;

  day->view = glb_test_system_spawn (reader->system, "view", NULL);
  glb_test_reader_press (reader, GLB_TEST_ROLE_PAGE_TAB, "Start");
  glb_test_reader_choose (reader, "mine: A policy of your own");
  choose_application (day);
  choose_workspace (day);
  glb_test_reader_fill_in (reader, "Name of the session (optional)", "driven");
  glb_test_reader_press (reader, GLB_TEST_ROLE_PUSH_BUTTON, "Start");
  glb_test_wait (session_is_there, day, "the session that was started");
  glb_test_system_wait_for_window (reader->system, day->id, "target");
  assert_started_as_chosen (day);
}

/* ---- at the wheel --------------------------------------------------------------------------- */

static gboolean
is_typed (gpointer data)
{
  Day *day = data;
  g_autofree char *path = g_build_filename (day->reader.system->workspace, "typed", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_str_equal (text, "by the agent\nby hand\n");
}

/* What the agent does is seen while it does it. */
static void
watch (Day *day)
{
  g_autoptr(JsonNode) done = NULL;

  glb_test_reader_wait (&day->reader, 0, "Screen of the session");
  done = glb_test_system_act (day->reader.system, day->id, "{\"action\":\"type\",\"text\":\"by the agent\\n\"}");
  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PAGE_TAB, "Timeline");
  glb_test_reader_wait (&day->reader, GLB_TEST_ROLE_LABEL, "Typed 13 characters");
  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PAGE_TAB, "Now");
}

/* The text goes in once the app itself knows that the person drives: it says so. */
static void
drive (Day *day)
{
  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Take Over");
  wait_for_session (day, day->id, "driver", "human");
  glb_test_reader_wait (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Hand Back");
  g_assert_true (glb_test_xdotool (day->reader.display.display,
                                   "search --onlyvisible --name Glovebox windowfocus type --delay 20 \"by hand\""));
  glb_test_reader_keys (&day->reader, "Glovebox", "Return");
  glb_test_wait (is_typed, day, "what was typed, in the workspace");
  glb_test_reader_keys (&day->reader, "Glovebox", "shift+F12");
  wait_for_session (day, day->id, "driver", "agent");
  assert_recorded (day, "lease-taken");
  assert_recorded (day, "lease-released");
}

/* ---- questions --------------------------------------------------------------------------------- */

static void
copy_in_session (Day *day)
{
  g_autoptr(GlbTestResult) copied = glb_test_system_run (day->reader.system, CONTENT, "exec", day->id, "--", "/usr/bin/wl-copy", NULL);

  g_assert_cmpint (copied->status, ==, 0);
}

/* It answers nothing in the first half second: until it is answered. */
static gboolean
is_answered (gpointer data)
{
  Day *day = data;

  if (count (day, "prompts") == 0)
    return TRUE;
  glb_test_reader_try_press (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Allow Once");

  return FALSE;
}

static void
allow_once (Day *day)
{
  glb_test_wait (is_asked, day, "the question");
  glb_test_wait (is_answered, day, "the answer");
}

/* From the menu beside the button. */
static void
allow_for_session (Day *day)
{
  glb_test_wait (is_asked, day, "the question");
  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Allow for longer");
  glb_test_reader_move_to (&day->reader, "Glovebox", "Down", GLB_TEST_ROLE_MENU_ITEM, "Allow for This Session");
  glb_test_reader_keys (&day->reader, "Glovebox", "Return");
}

static void
answer_clipboard (Day *day)
{
  GSubprocess *get;
  g_autofree char *out = NULL;
  g_autofree char *again = NULL;

  copy_in_session (day);
  get = glb_test_system_spawn (day->reader.system, "clipboard", "get", day->id, NULL);
  allow_once (day);
  g_assert_true (g_subprocess_communicate_utf8 (get, NULL, NULL, &out, NULL, NULL));
  g_assert_cmpstr (out, ==, CONTENT);
  g_assert_cmpuint (count (day, "grants"), ==, 0);
  g_object_unref (get);

  get = glb_test_system_spawn (day->reader.system, "clipboard", "get", day->id, NULL);
  allow_for_session (day);
  g_assert_true (g_subprocess_communicate_utf8 (get, NULL, NULL, &again, NULL, NULL));
  g_assert_cmpstr (again, ==, CONTENT);
  g_assert_cmpuint (count (day, "grants"), ==, 1);
  g_object_unref (get);
}

static gboolean
camera_is_given (gpointer data)
{
  Day *day = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (day->reader.system, NULL, "device", day->id, NULL);

  return strstr (glb_test_result_get_out (result), "given yes") != NULL;
}

static void
answer_camera (Day *day)
{
  g_autoptr(GSubprocess) on = glb_test_system_spawn (day->reader.system, "device", day->id, "camera", "on", NULL);

  allow_once (day);
  g_assert_true (g_subprocess_wait (on, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (on), ==, 0);
  glb_test_wait (camera_is_given, day, "the camera");
}

/* ---- taking back --------------------------------------------------------------------------------- */

static gboolean
clipboard_is_revoked (gpointer data)
{
  g_autofree char *kind = look_up (data, "grants", "kind", "clipboard-out", "kind");

  return kind == NULL;
}

/* That one, and not the camera. */
static void
revoke_one (Day *day)
{
  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Revoke: Copy out of the session");
  glb_test_wait (clipboard_is_revoked, day, "the permission to go");
  g_assert_true (camera_is_given (day));
}

static void
stop_everything (Day *day)
{
  glb_test_reader_keys (&day->reader, "Glovebox", "ctrl+alt+s");
  wait_for_session (day, day->id, "state", "paused");
  wait_for_session (day, day->other, "state", "paused");
  glb_test_wait (has_no_grant, day, "no permission to be left");
  assert_recorded (day, "prompt-answered");
  g_assert_false (camera_is_given (day));
}

static void
release_one (Day *day)
{
  Wanted other = { day, day->other, "state", "paused" };

  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Resume");
  wait_for_session (day, day->id, "state", "running");
  g_assert_true (session_is (&other));
}

static void
test_day (void)
{
  g_autoptr(GlbTestResult) verified = NULL;
  Day day;

  if (!day_start (&day))
    return;

  start_agent (&day);
  watch (&day);
  drive (&day);
  answer_clipboard (&day);
  answer_camera (&day);
  revoke_one (&day);
  stop_everything (&day);
  release_one (&day);
  verified = glb_test_system_run (day.reader.system, NULL, "audit", "verify", NULL);
  g_assert_cmpint (verified->status, ==, 0);
  day_end (&day);
}

/* ---- killed -------------------------------------------------------------------------------------- */

static char *
start_beside (Day        *day,
              const char *name)
{
  g_autofree char *path = g_build_filename (day->reader.system->root, "config", "glovebox", "policies", "mine.json", NULL);

  return glb_test_system_start (day->reader.system, "--policy", path, "--workspace", day->reader.system->workspace, "--name", name, "--",
                                "foot", "-T", "target", NULL);
}

/* Two sessions, one of them with a question and with the person at the wheel. (transfer full): who waits for the answer */
static GSubprocess *
start_of_killed (Day *day)
{
  GSubprocess *get;

  day->id = start_beside (day, "driven");
  day->other = start_beside (day, "beside");
  glb_test_system_wait_for_window (day->reader.system, day->id, "target");
  copy_in_session (day);
  day->view = glb_test_system_spawn (day->reader.system, "view", day->id, NULL);
  glb_test_reader_press (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Take Over");
  wait_for_session (day, day->id, "driver", "human");
  get = glb_test_system_spawn (day->reader.system, "clipboard", "get", day->id, NULL);
  glb_test_reader_wait (&day->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Allow Once");
  g_assert_cmpuint (count (day, "prompts"), ==, 1);

  return get;
}

/* Nobody drives who is not there, and the agent goes on. */
static void
assert_goes_on (Day *day)
{
  g_autoptr(JsonNode) acted = NULL;

  wait_for_session (day, day->id, "driver", "agent");
  acted = glb_test_system_act (day->reader.system, day->id, "{\"action\":\"type\",\"text\":\"a\"}");
  g_assert_nonnull (acted);
  wait_for_session (day, day->id, "state", "running");
  wait_for_session (day, day->other, "state", "running");
  g_assert_cmpuint (count (day, "prompts"), ==, 1);
}

static void
test_killed (void)
{
  g_autoptr(GSubprocess) get = NULL;
  g_autofree char *out = NULL;
  Day day;

  if (!day_start (&day))
    return;

  get = start_of_killed (&day);
  close_view (&day);
  assert_goes_on (&day);

  day.view = glb_test_system_spawn (day.reader.system, "view", day.id, NULL);
  glb_test_reader_wait (&day.reader, GLB_TEST_ROLE_PUSH_BUTTON, "Take Over");
  allow_once (&day);
  g_assert_true (g_subprocess_communicate_utf8 (get, NULL, NULL, &out, NULL, NULL));
  g_assert_cmpstr (out, ==, CONTENT);
  assert_recorded (&day, "prompt-answered");
  glb_test_reader_press (&day.reader, GLB_TEST_ROLE_PUSH_BUTTON, "All sessions");
  glb_test_reader_wait (&day.reader, 0, "driven");
  glb_test_reader_wait (&day.reader, 0, "beside");
  day_end (&day);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view-drive/day", test_day);
  g_test_add_func ("/view-drive/killed", test_killed);

  return g_test_run ();
}
