/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A tester records by doing, and looks at what was recorded: all by the names
 * in the accessibility tree, and by keys. What was recorded is read with the
 * command line, never in the app.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "tests/system/glb-test-reader.h"

#define IMAGE  27
#define WINDOW "Glovebox"

typedef struct
{
  GlbTestReader reader;
  GSubprocess *view;
  char *id;
  char *folder;                /* (nullable): the recording */
} Story;

/* ---- what the command line says ----------------------------------------------------------- */

static char *
get_recordings (Story *story)
{
  return g_build_filename (story->reader.system->root, "data", "glovebox", "recordings", NULL);
}

/* The first screen is there: from now on all is recorded. */
static gboolean
is_recording (gpointer data)
{
  Story *story = data;
  g_autofree char *recordings = get_recordings (story);
  g_autoptr(GDir) dir = g_dir_open (recordings, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;
  g_autofree char *lines = NULL;
  g_autofree char *text = NULL;

  if (name == NULL)
    return FALSE;
  g_free (story->folder);
  story->folder = g_build_filename (recordings, name, NULL);
  lines = g_build_filename (story->folder, "recording.jsonl", NULL);

  return g_file_get_contents (lines, &text, NULL, NULL) && strstr (text, "\"type\":\"screen\"") != NULL;
}

static gboolean
is_whole (gpointer data)
{
  Story *story = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (story->reader.system, NULL, "recording", "show", story->folder, NULL);

  return result->status == 0;
}

static gboolean
is_file (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_IS_REGULAR);
}

/* ---- what is shown --------------------------------------------------------------------------- */

typedef struct
{
  Story *story;
  const char *begin;
  char *name;                  /* (nullable): what was found */
} Begin;

static gboolean
is_begun (gpointer data)
{
  Begin *begin = data;
  GPtrArray *elements = begin->story->reader.elements;

  glb_test_reader_read (&begin->story->reader);
  for (guint i = 0; i < elements->len; i++)
    {
      const GlbTestElement *element = elements->pdata[i];

      if (!element->shown || !g_str_has_prefix (element->name, begin->begin))
        continue;
      begin->name = g_strdup (element->name);
      return TRUE;
    }

  return FALSE;
}

/* (transfer full): all of the name */
static char *
find_begin (Story      *story,
            const char *begin)
{
  Begin wanted = { story, begin };

  glb_test_wait (is_begun, &wanted, begin);

  return wanted.name;
}

static void
wait_for_begin (Story      *story,
                const char *begin)
{
  g_autofree char *name = find_begin (story, begin);

  g_test_message ("%s", name);
}

/* libadwaita 1.2 says the name of a toast's button twice. */
static void
press_toast (Story      *story,
             const char *begin)
{
  g_autofree char *name = find_begin (story, begin);

  glb_test_reader_press (&story->reader, GLB_TEST_ROLE_PUSH_BUTTON, name);
}

/* Whatever one can press, choose or fill in has a name, and no GTK's own. */
static void
check_names (Story *story)
{
  GPtrArray *elements = story->reader.elements;
  guint n = 0;

  for (guint i = 0; i < elements->len; i++)
    {
      const GlbTestElement *element = elements->pdata[i];

      if (!element->shown || glb_test_role_get_name (element->role) == NULL)
        continue;
      n++;
      /* libadwaita 1.2 gives the button that closes a toast no name */
      if (g_str_equal (element->inside, "AdwToastWidget"))
        continue;
      if (*element->name == '\0' || g_str_has_prefix (element->name, "Gtk") || g_str_has_prefix (element->name, "Glb") ||
          g_str_has_prefix (element->name, "Adw"))
        g_error ("nobody can say what this %s is, in “%s”", glb_test_role_get_name (element->role), element->inside);
    }
  g_test_message ("%u controls", n);
  g_assert_cmpuint (n, >, 8);
}

/* As who cannot point moves a slider. */
static void
set_slider (Story  *story,
            double  value)
{
  const GlbTestElement *slider = glb_test_reader_wait (&story->reader, GLB_TEST_ROLE_SLIDER, "Time in the recording");
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  reply = g_dbus_connection_call_sync (story->reader.bus, slider->owner, slider->path, "org.freedesktop.DBus.Properties", "Set",
                                       g_variant_new ("(ssv)", "org.a11y.atspi.Value", "CurrentValue", g_variant_new_double (value)),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_no_error (error);
}

/* ---- the story ---------------------------------------------------------------------------------- */

static gboolean
start (Story *story)
{
  GlbTestSystem *system;

  memset (story, 0, sizeof *story);
  if (!glb_test_reader_start (&story->reader))
    return FALSE;
  /* where videos and tests are saved */
  system = story->reader.system;
  system->environment = g_environ_setenv (system->environment, "HOME", system->workspace, TRUE);
  story->id = glb_test_system_start (story->reader.system, "--", "foot", "-T", "target", NULL);
  glb_test_system_wait_for_window (story->reader.system, story->id, "target");

  return TRUE;
}

static void
end (Story *story)
{
  g_subprocess_send_signal (story->view, SIGTERM);
  g_subprocess_wait (story->view, NULL, NULL);
  g_clear_object (&story->view);
  g_clear_pointer (&story->id, g_free);
  g_clear_pointer (&story->folder, g_free);
  glb_test_reader_stop (&story->reader);
}

/* By the button on the session's page. */
static void
record (Story *story)
{
  g_autoptr(JsonNode) typed = NULL;
  g_autoptr(JsonNode) clicked = NULL;

  story->view = glb_test_system_spawn (story->reader.system, "view", story->id, NULL);
  glb_test_reader_press (&story->reader, 0, "Record");
  glb_test_reader_wait (&story->reader, 0, "Stop recording");
  glb_test_wait (is_recording, story, "a recording in the default folder");
  typed = glb_test_system_act (story->reader.system, story->id, "{\"action\":\"type\",\"text\":\"echo here\\n\"}");
  clicked = glb_test_system_act (story->reader.system, story->id, "{\"action\":\"left_click\",\"coordinate\":[320,240]}");
  glb_test_reader_press (&story->reader, 0, "Stop recording");
}

/* From picture to picture, by buttons, keys and the slider. */
static void
look (Story *story)
{
  glb_test_reader_wait (&story->reader, IMAGE, "Screen after: Typed “echo here⏎”");
  wait_for_begin (story, "Changed: ");
  check_names (story);
  glb_test_reader_wait (&story->reader, 0, "Agent · Typed “echo here⏎”");
  glb_test_reader_press (&story->reader, 0, "Before");
  glb_test_reader_wait (&story->reader, IMAGE, "Screen before: Typed “echo here⏎”");
  glb_test_reader_press (&story->reader, 0, "Difference");
  glb_test_reader_wait (&story->reader, IMAGE, "What changed on the screen: Typed “echo here⏎”");
  glb_test_reader_press (&story->reader, 0, "After");

  glb_test_reader_keys (&story->reader, WINDOW, "Right");
  glb_test_reader_wait (&story->reader, IMAGE, "Screen after: Clicked at 320, 240");
  glb_test_reader_keys (&story->reader, WINDOW, "Left");
  glb_test_reader_wait (&story->reader, IMAGE, "Screen after: Typed “echo here⏎”");
  set_slider (story, 0);
  glb_test_reader_wait (&story->reader, 0, "The recording begins");
  wait_for_begin (story, "0:00.0 / ");
  glb_test_reader_press (&story->reader, GLB_TEST_ROLE_PUSH_BUTTON, "The next action");
  glb_test_reader_wait (&story->reader, IMAGE, "Screen after: Typed “echo here⏎”");
}

/* It plays up to the end, and stops there. */
static void
play (Story *story)
{
  set_slider (story, 0);
  glb_test_reader_press (&story->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Play");
  glb_test_reader_wait (&story->reader, 0, "Screen after: The recording ends: asked");
  glb_test_reader_wait (&story->reader, GLB_TEST_ROLE_PUSH_BUTTON, "Play");
}

/* The video and the test are made by the same programs as on the command line. */
static void
make (Story      *story,
      const char *button,
      const char *dialog,
      const char *suffix)
{
  g_autofree char *base = g_path_get_basename (story->folder);
  g_autofree char *file = g_strdup_printf ("%s/%s%s", story->reader.system->workspace, base, suffix);
  g_autofree char *made = NULL;

  glb_test_reader_press (&story->reader, GLB_TEST_ROLE_PUSH_BUTTON, button);
  glb_test_reader_wait (&story->reader, 0, dialog);
  glb_test_reader_keys (&story->reader, dialog, "Return");
  glb_test_wait (is_file, file, file);
  made = g_strconcat ("Made: ", file, NULL);
  wait_for_begin (story, made);
}

static void
test_record_and_look (void)
{
  Story story;

  if (!start (&story))
    return;

  record (&story);
  press_toast (&story, "Look at It");
  glb_test_wait (is_whole, &story, "the recording to have its end");
  look (&story);
  play (&story);
  make (&story, "Make a Test…", "Save the Test", ".json");
  make (&story, "Save as Video…", "Save the Video", ".webm");
  end (&story);
}

/* Cut off, and its pictures gone: it opens up to there in the app that runs already, and says so. */
static void
test_damaged (void)
{
  g_autofree char *lines = NULL;
  g_autofree char *images = NULL;
  g_autofree char *moved = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GlbTestResult) shown = NULL;
  Story story;
  gsize size;

  if (!start (&story))
    return;

  record (&story);
  glb_test_wait (is_whole, &story, "the recording to have its end");
  glb_test_reader_wait (&story.reader, 0, "Record");
  lines = g_build_filename (story.folder, "recording.jsonl", NULL);
  images = g_build_filename (story.folder, "images", NULL);
  moved = g_build_filename (story.folder, "moved", NULL);
  g_assert_true (g_file_get_contents (lines, &text, &size, NULL));
  g_assert_true (g_file_set_contents (lines, text, size - 10, NULL));
  g_assert_cmpint (g_rename (images, moved), ==, 0);
  shown = glb_test_system_run (story.reader.system, NULL, "view", "--recording", story.folder, NULL);
  g_assert_cmpint (shown->status, ==, 0);
  wait_for_begin (&story, "This recording is not whole; it is shown up to there: cut after record ");
  wait_for_begin (&story, "altered at record 2, line 2: ");
  /* and the app goes on */
  glb_test_reader_press (&story.reader, GLB_TEST_ROLE_PUSH_BUTTON, "All recordings");
  glb_test_reader_wait (&story.reader, GLB_TEST_ROLE_LIST, "Recordings, the newest first");
  end (&story);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/view-recordings/record-and-look", test_record_and_look);
  g_test_add_func ("/view-recordings/damaged", test_damaged);

  return g_test_run ();
}
