/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replays of a real terminal: what passes, where it goes another way, and what is said of it. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define POLICY_WITH(input) \
  "{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"t\"},\"isolation\":{\"tier\":\"session\",\"account\":\"separate\"}," \
  "\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"],\"allowWrite\":[\"${WORKSPACE}/**\"],\"home\":\"ephemeral\"}," \
  "\"process\":{\"allowSpawn\":true,\"syscalls\":\"desktop\"}," \
  "\"desktop\":{\"width\":640,\"height\":400,\"input\":{\"agent\":\"" input "\",\"human\":\"on-takeover\"}}}"
#define POLICY POLICY_WITH ("allow")

#define COMMAND_WITH(options, script) "\"command\":[\"foot\"," options "\"sh\",\"-c\",\"printf '\\\\033]2;ready\\\\007'; " script "\"]"
#define COMMAND COMMAND_WITH ("", "cat")
#define READY "{\"when\":{\"window\":{\"title\":\"ready\"}}}"
#define SAYS(text) "{\"do\":{\"action\":\"type\",\"text\":\"" text "\"}}"
#define SEES "{\"expect\":{\"screen\":\"t.images/seen.png\"}}"

typedef struct
{
  GlbTestSystem *system;         /* NULL: skipped */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  if (!g_file_test ("/usr/bin/foot", G_FILE_TEST_IS_EXECUTABLE))
    g_test_skip ("foot is missing; install the package foot");
  else
    fixture->system = glb_test_system_new ();
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_clear_pointer (&fixture->system, glb_test_system_free);
}

/* ---- tests of the test ------------------------------------------------------------------ */

static void
write_test_with (Fixture    *fixture,
                 const char *name,
                 const char *policy,
                 const char *command,
                 const char *steps)
{
  g_autofree char *path = g_build_filename (fixture->system->workspace, name, NULL);
  g_autofree char *text = g_strdup_printf ("{\"gloveboxTest\": 1,\n%s,\n\"policy\": %s,\n\"steps\": [%s]}", command, policy, steps);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
write_test (Fixture    *fixture,
            const char *name,
            const char *steps)
{
  write_test_with (fixture, name, POLICY, COMMAND, steps);
}

/* `glovebox replay ARGUMENTS…` */
static void
assert_replays (Fixture    *fixture,
                int         status,
                const char *words,
                const char *arguments)
{
  g_autofree char *line = g_strconcat ("replay ", arguments, NULL);
  g_auto(GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr(GlbTestResult) result = glb_test_system_runv (fixture->system, NULL, (const char * const *) argv);
  const char *out = glb_test_result_get_out (result);

  if (result->status != status || strstr (out, words) == NULL)
    g_error ("%s: exit code %d, not %d, or no \"%s\" in: %s%s", line, result->status, status, words, out, result->err);
}

static char *
read_file (Fixture    *fixture,
           const char *name)
{
  g_autofree char *path = g_build_filename (fixture->system->workspace, name, NULL);
  char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static guint
count (const char *text,
       const char *word)
{
  guint n = 0;

  for (const char *at = text; (at = strstr (at, word)) != NULL; at += strlen (word))
    n++;
  return n;
}

static void
test_passes (Fixture       *fixture,
             gconstpointer  data)
{
  if (fixture->system == NULL)
    return;

  write_test (fixture, "t.json", READY "," SAYS ("hello\\n") "," SEES);
  assert_replays (fixture, 125, "t.images/seen.png", "t.json");
  assert_replays (fixture, 0, "wrote t.images/seen.png: new", "--update t.json");
  assert_replays (fixture, 0, "passed    t  3 of 3 steps", "t.json");
  assert_replays (fixture, 0, "passed    t", "--compare exact t.json");
}

/* A test from anywhere may bring links along: nothing is written or read where they lead. */
static void
test_links (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *folder = NULL, *picture = NULL, *outside = NULL, *victim = NULL, *mine = NULL;

  if (fixture->system == NULL)
    return;

  folder = g_build_filename (fixture->system->workspace, "t.images", NULL);
  picture = g_build_filename (folder, "seen.png", NULL);
  outside = g_build_filename (fixture->system->root, "outside", NULL);
  victim = g_build_filename (outside, "seen.png", NULL);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  write_test (fixture, "t.json", READY "," SEES);

  g_assert_cmpint (symlink (outside, folder), ==, 0);
  assert_replays (fixture, 125, "t.images/seen.png: a symbolic link or no folder is on the way", "--update t.json");
  g_assert_false (g_file_test (victim, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (victim, "mine", -1, NULL));
  assert_replays (fixture, 125, "t.images/seen.png: a symbolic link or no folder is on the way", "t.json");

  /* the same with a folder, and a link to the file in it: the link gives way */
  g_assert_cmpint (g_unlink (folder), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (symlink (victim, picture), ==, 0);
  assert_replays (fixture, 125, "a symbolic link", "t.json");
  assert_replays (fixture, 0, "wrote t.images/seen.png: new", "--update t.json");
  assert_replays (fixture, 0, "passed", "t.json");
  g_assert_true (g_file_get_contents (victim, &mine, NULL, NULL));
  g_assert_cmpstr (mine, ==, "mine");
  g_assert_false (g_file_test (picture, G_FILE_TEST_IS_SYMLINK));
  g_unlink (victim);
  g_rmdir (outside);
}

/* It stops where it first goes another way, and shows that. */
static void
test_diverges (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *html = NULL;
  g_autofree char *xml = NULL;

  if (fixture->system == NULL)
    return;

  write_test (fixture, "t.json", READY "," SAYS ("hello\\n") "," SEES);
  assert_replays (fixture, 0, "passed", "--update t.json");
  write_test (fixture, "t.json", READY "," SAYS ("hallo\\n") "," SEES "," SAYS ("never\\n"));
  assert_replays (fixture, 1, "diverged  t  3 of 4 steps", "--report out --junit out/junit.xml t.json");
  assert_replays (fixture, 1, "the screen is not as t.images/seen.png: ", "t.json");

  html = read_file (fixture, "out/index.html");
  g_assert_cmpuint (count (html, "<img "), ==, 4);
  g_assert_cmpuint (count (html, "src=\"data:image/png;base64,"), ==, 4);
  g_assert_null (strstr (html, "<script"));
  g_assert_null (strstr (html, "://"));
  g_assert_null (strstr (html, "never"));
  xml = read_file (fixture, "out/junit.xml");
  g_assert_nonnull (strstr (xml, "failures=\"1\" errors=\"0\""));
  g_assert_nonnull (strstr (xml, "step 3 of 4"));

  /* what was another way is the right one from now on */
  assert_replays (fixture, 0, "pixels are new", "--update t.json");
  assert_replays (fixture, 0, "passed", "t.json");
}

static void
test_bad (Fixture       *fixture,
          gconstpointer  data)
{
  if (fixture->system == NULL)
    return;

  write_test_with (fixture, "start.json", POLICY, "\"command\":[\"no-such-program\"]", READY);
  assert_replays (fixture, 1, "it does not start: Can't start no-such-program", "start.json");
  write_test_with (fixture, "crash.json", POLICY, "\"command\":[\"sh\",\"-c\",\"exit 3\"]", READY);
  assert_replays (fixture, 1, "its command exited with 3", "crash.json");
  write_test (fixture, "window.json", "{\"when\":{\"window\":{\"title\":\"other\"},\"timeoutMs\":200}}");
  assert_replays (fixture, 1, "no window with the title \"other\"", "window.json");
  write_test_with (fixture, "size.json", POLICY, COMMAND ",\"width\":800,\"height\":600", READY);
  assert_replays (fixture, 125, "the session's screen is 640x400, and the test is of 800x600", "size.json");
  write_test_with (fixture, "policy.json", POLICY_WITH ("deny"), COMMAND, READY);
  assert_replays (fixture, 126, "the policy lets no agent drive", "policy.json");
  write_test_with (fixture, "version.json", POLICY, COMMAND ",\"program\":\"0123456789abcdef\"",
                   "{\"when\":{\"window\":{\"title\":\"other\"},\"timeoutMs\":200}}");
  assert_replays (fixture, 1, "foot is another version than the test was made with", "version.json");
  assert_replays (fixture, 125, "No such file", "missing.json");
}

/* A place in a window goes with the window. The terminal says in which cell it was clicked. */
static void
test_anchors (Fixture       *fixture,
              gconstpointer  data)
{
  static const char * const sizes[] = { "\"-w\",\"400x200\",", "\"-w\",\"300x150\"," };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  char **events[] = { &first, &second };
  g_autofree char *path = NULL;

  if (fixture->system == NULL)
    return;

  path = g_build_filename (fixture->system->workspace, "events", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *command = g_strdup_printf (COMMAND_WITH ("%s", "stty raw -echo; printf '\\\\033[?1000h\\\\033[?1006h\\\\033]2;heard\\\\007';"
                                                                " head -c 8 >events; printf '\\\\033]2;done\\\\007'; exec cat"), sizes[i]);

      write_test_with (fixture, "t.json", POLICY, command,
                       "{\"when\":{\"window\":{\"title\":\"heard\"}}},"
                       "{\"do\":{\"action\":\"left_click\"},\"at\":{\"window\":{\"title\":\"heard\"},\"offset\":[100,100]}},"
                       "{\"when\":{\"window\":{\"title\":\"done\"}}}");
      assert_replays (fixture, 0, "passed", "t.json");
      g_assert_true (g_file_get_contents (path, events[i], NULL, NULL));
      g_unlink (path);
    }
  g_assert_true (g_str_has_prefix (first, "\033[<0;"));
  g_assert_cmpstr (first, ==, second);
}

/* Two clicks that were two stay two: a double click would select the word, as it does where it is meant. */
static void
test_clicks (Fixture       *fixture,
             gconstpointer  data)
{
  const char *at = "\"at\":{\"window\":{\"title\":\"ready\"},\"offset\":[20,40]}";
  g_autofree char *start = NULL;
  g_autofree char *first = NULL;
  g_autofree char *singles = NULL;
  g_autofree char *doubled = NULL;

  if (fixture->system == NULL)
    return;

  start = g_strconcat (READY "," SAYS ("wordword\\n") ",{\"do\":{\"action\":\"left_click\"},", at, "}", NULL);
  first = g_strconcat (start, "," SEES, NULL);
  singles = g_strconcat (start, ",{\"do\":{\"action\":\"left_click\"},", at, "}," SEES, NULL);
  doubled = g_strconcat (start, ",{\"do\":{\"action\":\"double_click\"},", at, "}," SEES, NULL);
  write_test (fixture, "t.json", first);
  assert_replays (fixture, 0, "passed", "--update t.json");
  write_test (fixture, "t.json", singles);
  assert_replays (fixture, 0, "passed", "t.json");
  write_test (fixture, "t.json", doubled);
  assert_replays (fixture, 1, "the screen is not as", "t.json");
}

/* The clock and what is random are the same each time, and are not without. */
static void
test_deterministic (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(GlbTestResult) result = NULL;

  if (fixture->system == NULL)
    return;

  write_test_with (fixture, "t.json", POLICY,
                   COMMAND_WITH ("", "date +%s.%N; date; shuf -n1 -i 1-1000000000; exec cat"),
                   READY "," SAYS ("x\\n") "," SEES);
  result = glb_test_system_run (fixture->system, NULL, "replay", "--deterministic", "--update", "t.json", NULL);
  if (result->status == 126 && strstr (glb_test_result_get_out (result), "install the package libfaketime") != NULL)
    {
      g_test_skip ("libfaketime is missing; install the package libfaketime");
      return;
    }
  g_assert_cmpint (result->status, ==, 0);
  assert_replays (fixture, 0, "passed", "--deterministic --compare exact t.json");
  assert_replays (fixture, 1, "the screen is not as", "t.json");
}

static void
test_suite (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *all = NULL;

  if (fixture->system == NULL)
    return;

  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("case-%u.json", i);

      write_test (fixture, name, READY "," SAYS ("hello\\n"));
    }
  assert_replays (fixture, 0, "passed    case-5", "--jobs 3 --junit all.xml .");
  assert_replays (fixture, 0, "", "--shard 1/2 --junit 1.xml .");
  assert_replays (fixture, 0, "", "--shard 2/2 --junit 2.xml .");
  all = read_file (fixture, "all.xml");
  first = read_file (fixture, "1.xml");
  second = read_file (fixture, "2.xml");
  g_assert_cmpuint (count (all, "<testcase"), ==, 6);
  g_assert_cmpuint (count (first, "<testcase") + count (second, "<testcase"), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("name=\"case-%u\"", i);

      g_assert_cmpuint (count (first, name) + count (second, name), ==, 1);
    }
  assert_replays (fixture, 125, "", "--shard 3/2 .");
  assert_replays (fixture, 125, "", "--jobs 0 .");
}

/* ---- recordings --------------------------------------------------------------------------- */

static gboolean
has_first_record (gpointer data)
{
  GlbTestSystem *system = data;
  g_autofree char *path = g_build_filename (system->workspace, "rec", "recording.jsonl", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "\"title\":\"ready\"") != NULL;
}

/* Of a session in which something is typed, and which ends with it. */
static void
record (Fixture *fixture)
{
  GlbTestSystem *system = fixture->system;
  g_autofree char *policy = glb_test_system_write_policy (system, "policy.json", POLICY);
  g_autoptr(GSubprocess) run = NULL;
  g_autoptr(GlbTestResult) last = NULL;
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);

  run = glb_test_system_spawn (system, "run", "--policy", policy, "--record", "rec", "--name", "recorded", "--", "foot", "sh", "-c",
                               "printf '\\033]2;ready\\007'; cat", NULL);
  glb_test_wait (has_first_record, system, "the window to be in the recording");
  /* what is seen while it still draws is seen by no replay */
  json_node_unref (glb_test_system_act (system, "recorded", "{\"action\":\"wait_for\",\"quietMs\":300}"));
  json_node_unref (glb_test_system_act (system, "recorded", "{\"action\":\"type\",\"text\":\"hello\\n\",\"settle\":true}"));
  json_node_unref (glb_test_system_act (system, "recorded", "{\"action\":\"left_click\",\"coordinate\":[300,200],\"settle\":true}"));
  json_node_unref (glb_test_system_act (system, "recorded", "{\"action\":\"type\",\"text\":\"world\\n\",\"settle\":true}"));
  /* may end before it is answered: that ends the terminal */
  last = glb_test_system_run (system, NULL, "act", "recorded", "{\"action\":\"key\",\"text\":\"ctrl+d\"}", NULL);
  g_assert_true (g_subprocess_communicate (run, nothing, NULL, NULL, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (run), ==, 0);
}

static void
edit (Fixture    *fixture,
      const char *name,
      const char *from,
      const char *to)
{
  g_autofree char *path = g_build_filename (fixture->system->workspace, name, NULL);
  g_autofree char *text = read_file (fixture, name);
  g_auto(GStrv) parts = g_strsplit (text, from, 2);
  g_autofree char *edited = g_strjoinv (to, parts);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_assert_true (g_file_set_contents (path, edited, -1, NULL));
}

static void
test_recording (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GlbTestResult) made = NULL;

  if (fixture->system == NULL)
    return;

  record (fixture);
  assert_replays (fixture, 0, "passed    rec  5 of 5 steps", "rec");
  assert_replays (fixture, 125, "a recording stays as it is", "--update rec");

  made = glb_test_system_run (fixture->system, NULL, "recording", "test", "rec", "-o", "made.json", NULL);
  g_assert_cmpint (made->status, ==, 0);
  assert_replays (fixture, 0, "passed    made  5 of 5 steps", "made.json");

  edit (fixture, "made.json", "world", "wurld");
  assert_replays (fixture, 1, "diverged  made  4 of 5 steps", "made.json");
}

/* ---- an application that knows its elements -------------------------------------------------------- */

#define CALCULATOR_READY \
  "{\"action\":\"wait_for\",\"window\":{\"title\":\"Calculator\"},\"element\":{\"role\":\"push button\",\"name\":\"=*\"},\"quietMs\":200," \
  "\"timeoutMs\":30000}"

static gboolean
has_calculator (gpointer data)
{
  GlbTestSystem *system = data;
  g_autofree char *path = g_build_filename (system->workspace, "rec", "recording.jsonl", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "\"title\":\"Calculator\"") != NULL;
}

/* 12*34, by the names of the buttons; its parts come out a few pixels larger or smaller where anything is animated. FALSE: skipped. */
static gboolean
record_calculator (Fixture *fixture)
{
  static const char * const keys[] = { "1", "2", "×", "3", "4", "=" };
  GlbTestSystem *system = fixture->system;
  g_autofree char *policy = glb_test_system_write_policy (system, "policy.json", POLICY);
  g_autoptr(GSubprocess) run = NULL;
  g_autoptr(GlbTestResult) last = NULL;
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr(GlbTestResult) probe = NULL;

  probe = glb_test_system_run (system, NULL, "run", "--policy", policy, "--deterministic", "--", "true", NULL);
  if (strstr (probe->err, "install the package libfaketime") != NULL)
    {
      g_test_skip ("libfaketime is missing; install the package libfaketime");
      return FALSE;
    }
  run = glb_test_system_spawn (system, "run", "--policy", policy, "--record", "rec", "--name", "recorded",
                               "--deterministic", "--", "gnome-calculator", NULL);
  glb_test_wait (has_calculator, system, "the calculator to be in the recording");
  json_node_unref (glb_test_system_act (system, "recorded", CALCULATOR_READY));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *press = g_strdup_printf ("{\"action\":\"left_click\",\"target\":{\"role\":\"push button\",\"name\":\"%s*\"},\"settle\":true}",
                                                keys[i]);

      json_node_unref (glb_test_system_act (system, "recorded", press));
    }
  json_node_unref (glb_test_system_act (system, "recorded", "{\"action\":\"wait_for\",\"element\":{\"role\":\"text\",\"text\":\"408\"}}"));
  last = glb_test_system_run (system, NULL, "stop", "recorded", NULL);
  g_assert_true (g_subprocess_communicate (run, nothing, NULL, NULL, NULL, NULL));
  return TRUE;
}

static void
test_calculator (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GlbTestResult) made = NULL;
  g_autofree char *text = NULL;

  if (fixture->system == NULL)
    return;
  if (!g_file_test ("/usr/bin/gnome-calculator", G_FILE_TEST_IS_EXECUTABLE) ||
      !g_file_test ("/usr/share/dbus-1/services/org.a11y.Bus.service", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("gnome-calculator or at-spi2-core is missing; install them");
      return;
    }
  if (!record_calculator (fixture))
    return;
  made = glb_test_system_run (fixture->system, NULL, "recording", "test", "rec", "-o", "sum.json", NULL);
  g_assert_cmpint (made->status, ==, 0);
  text = read_file (fixture, "sum.json");
  g_assert_nonnull (strstr (text, "\"command\": [\"gnome-calculator\"]"));
  g_assert_nonnull (strstr (text, "\"deterministic\""));
  assert_replays (fixture, 0, "passed    sum  7 of 7 steps", "sum.json");

  edit (fixture, "sum.json", "\"name\":\"4*\"", "\"name\":\"5*\"");
  assert_replays (fixture, 1, "the screen is not as sum.images/006.png", "sum.json");
  edit (fixture, "sum.json", "\"name\":\"5*\"", "\"name\":\"Four\"");
  assert_replays (fixture, 1, "not_found: no element on the screen is like that", "sum.json");
}

static void
test_bad_recording (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (fixture->system == NULL)
    return;

  record (fixture);
  path = g_build_filename (fixture->system->workspace, "rec", "recording.jsonl", NULL);
  text = read_file (fixture, "rec/recording.jsonl");

  edit (fixture, "rec/recording.jsonl", "hello", "hallo");
  assert_replays (fixture, 125, "altered at record ", "rec");
  /* in the middle of its last line */
  g_assert_true (g_file_set_contents (path, text, (gssize) strlen (text) - 10, NULL));
  assert_replays (fixture, 125, "cut after record ", "rec");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/system/replay/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("passes", test_passes);
  ADD ("links", test_links);
  ADD ("diverges", test_diverges);
  ADD ("bad", test_bad);
  ADD ("anchors", test_anchors);
  ADD ("clicks", test_clicks);
  ADD ("deterministic", test_deterministic);
  ADD ("suite", test_suite);
  ADD ("recording", test_recording);
  ADD ("calculator", test_calculator);
  ADD ("bad-recording", test_bad_recording);
  return g_test_run ();
}
