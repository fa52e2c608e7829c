/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program glovebox records a real session with a real terminal: what is in the recording, and what must not be. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/client/glb-paths.h"
#include "session-broker/record/glb-record-reader.h"
#include "tests/broker/terminal-fixture.h"
#include "tests/record/record-fixture.h"

/* Nothing else on the screen has it. */
#define CANARY     0xb000b5u
#define CANARY_HEX "b000b5"

/* The session's name. */
#define RECORDED   "recorded"

/* A recorder, and its recording. */
typedef struct
{
  int pid;                   /* 0: reaped */
  int status;
  RecordFixture files;
} Recorder;

static void
recorder_free (Recorder *recorder)
{
  g_assert_cmpint (recorder->pid, ==, 0);
  g_free (recorder->files.recording);
  g_free (recorder->files.lines);
  g_free (recorder);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

static char *
find_glovebox (void)
{
  g_autoptr(GError) error = NULL;
  char *path = glb_paths_find_program ("glovebox", &error);

  g_assert_no_error (error);
  return path;
}

/* Of the fixture's folder, which goes with it. */
static Recorder *
recorder_new (BrokerFixture *fixture)
{
  Recorder *recorder = g_new0 (Recorder, 1);

  recorder->files.folder = fixture->root;
  recorder->files.recording = g_build_filename (fixture->root, "recording", NULL);
  recorder->files.lines = g_build_filename (recorder->files.recording, "recording.jsonl", NULL);
  return recorder;
}

static void
add_words (GPtrArray          *argv,
           const char * const *words)
{
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) words[i]);
}

static void
recorder_spawn (Recorder   *recorder,
                GPtrArray  *argv,
                const char *folder)
{
  g_autoptr(GError) error = NULL;

  g_ptr_array_add (argv, NULL);
  g_spawn_async (folder, (char **) argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &recorder->pid, &error);
  g_assert_no_error (error);
}

static gboolean
has_ended (gpointer user_data)
{
  Recorder *recorder = user_data;

  if (waitpid (recorder->pid, &recorder->status, WNOHANG) != recorder->pid)
    return FALSE;
  recorder->pid = 0;
  return TRUE;
}

static void
recorder_wait (Recorder *recorder)
{
  test_wait (has_ended, recorder, "the recorder's end");
}

static void
recorder_stop (Recorder *recorder,
               int       signal)
{
  g_assert_cmpint (kill (recorder->pid, signal), ==, 0);
  recorder_wait (recorder);
}

typedef struct
{
  Recorder *recorder;
  const char *text;
} Wanted;

static gboolean
has_text (gpointer user_data)
{
  Wanted *wanted = user_data;
  g_autofree char *lines = NULL;

  return g_file_get_contents (wanted->recorder->files.lines, &lines, NULL, NULL) && strstr (lines, wanted->text) != NULL;
}

/* Until the recording's lines have that text. */
static void
recorder_wait_text (Recorder   *recorder,
                    const char *text)
{
  Wanted wanted = { recorder, text };

  test_wait (has_text, &wanted, text);
}

/* options: NULL-terminated. Until it records. */
static Recorder *
recorder_start (BrokerFixture      *fixture,
                TestSession        *session,
                const char * const *options)
{
  Recorder *recorder = recorder_new (fixture);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *glovebox = find_glovebox ();

  add_words (argv, (const char * []) { glovebox, "record", glb_dbus_session1_get_id (session->proxy), "-o", recorder->files.recording,
                                       NULL });
  add_words (argv, options);
  recorder_spawn (recorder, argv, NULL);
  recorder_wait_text (recorder, "\"type\":\"screen\"");
  recorder_wait_text (recorder, "\"type\":\"windows\"");
  return recorder;
}

/* The first record from index on of a type; fails the test where there is none. */
static guint
find_record (GlbRecordReader *reader,
             const char      *type,
             guint            index)
{
  for (; index < glb_record_reader_get_n_records (reader); index++)
    if (strcmp (glb_record_reader_get_record_type (reader, index), type) == 0)
      return index;
  g_error ("no %s", type);
}

/* What `glovebox recording show` says, with its exit code. */
static void
assert_shown (Recorder   *recorder,
              int         code,
              const char *text)
{
  g_autofree char *glovebox = find_glovebox ();
  const char *argv[] = { glovebox, "recording", "show", recorder->files.recording, NULL };
  g_autofree char *out = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, code);
  if (strstr (out, text) == NULL)
    g_error ("\"%s\" is not in: %s", text, out);
}

/* A word of a line becomes another one of the same length. */
static void
alter_line (Recorder   *recorder,
            const char *from,
            const char *to)
{
  g_autofree char *lines = NULL;
  char *at;

  g_assert_true (g_file_get_contents (recorder->files.lines, &lines, NULL, NULL));
  at = strstr (lines, from);
  g_assert_nonnull (at);
  memcpy (at, to, strlen (to));
  g_assert_true (g_file_set_contents (recorder->files.lines, lines, -1, NULL));
}

static void
act (TestSession *session,
     const char  *action)
{
  terminal_assert_result (session, action, "delivered", NULL);
}

/* ---- what is in it ---------------------------------------------------------------- */

static guint
count_differences (const GlbRecordImage *a,
                   const GlbRecordImage *b)
{
  guint n = 0;

  for (guint i = 0; i < a->width * a->height; i++)
    n += a->pixels[i] != b->pixels[i];
  return n;
}

/* The recording's last screen is that of a screenshot. */
static void
assert_same_screen (GlbRecordReader *reader,
                    TestSession     *session)
{
  g_autoptr(GBytes) png = NULL;
  g_autofree char *result = test_session_act (session, "{\"action\":\"screenshot\"}", &png);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecordImage) shot = glb_record_image_decode (png, 640, 480, &error);
  g_autoptr(GlbRecordImage) screen = NULL;

  g_assert_no_error (error);
  screen = glb_record_reader_get_screen (reader, glb_record_reader_get_n_records (reader) - 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_differences (shot, screen), ==, 0);
}

static void
test_whole (BrokerFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(JsonObject) action = NULL;
  g_autoptr(GlbRecordImage) before = NULL;
  g_autoptr(GlbRecordImage) after = NULL;
  g_autofree char *altered = NULL;
  g_autoptr(GError) error = NULL;
  guint index;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  recorder = recorder_start (fixture, session, NULL);
  act (session, "{\"action\":\"type\",\"text\":\"some words\\n\",\"settle\":true}");
  recorder_wait_text (recorder, "\"type\":\"settled\"");
  terminal_settle (session);
  recorder_stop (recorder, SIGINT);
  g_assert_cmpint (recorder->status, ==, 0);

  reader = record_fixture_open (&recorder->files);
  g_assert_true (glb_record_reader_verify (reader, &error));
  g_assert_no_error (error);
  index = find_record (reader, "action", 0);
  action = glb_record_reader_get_record (reader, index);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (action, "action"), "text"), ==, "some words\n");
  before = glb_record_reader_get_screen (reader, find_record (reader, "windows", 0), &error);
  after = glb_record_reader_get_screen (reader, find_record (reader, "settled", index), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_differences (before, after), >, 0);
  assert_same_screen (reader, session);
  assert_shown (recorder, 0, "agent: type “some words⏎” in foot");
  assert_shown (recorder, 0, "state     whole\n");

  altered = g_strdup_printf ("altered at record %u, line %u: ", index + 1, index + 1);
  alter_line (recorder, "\"text\":\"some words", "\"text\":\"same words");
  assert_shown (recorder, 1, altered);
}

static void
exec_in_session (const char *glovebox,
                 const char *script)
{
  const char *argv[] = { glovebox, "exec", RECORDED, "--", "sh", "-c", script, NULL };
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

/* `glovebox run --record`: from the first line to the session's end, and the command's exit code. */
static void
test_run (BrokerFixture *fixture,
          gconstpointer  data)
{
  g_autofree char *policy = test_policy ("session", DESKTOP);
  const char *script = "while [ ! -e go ]; do sleep 0.1; done; exit 3";
  g_autofree char *file = NULL;
  g_autofree char *glovebox = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(JsonObject) end = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  glovebox = find_glovebox ();
  recorder = recorder_new (fixture);
  file = g_build_filename (fixture->root, "policy.json", NULL);
  g_assert_true (g_file_set_contents (file, policy, -1, NULL));
  add_words (argv, (const char * []) { glovebox, "run", "--policy", file, "--name", RECORDED, "--record", recorder->files.recording, "--",
                                       "foot", "--log-level=none", "/bin/sh", "-c", script, NULL });
  recorder_spawn (recorder, argv, fixture->workspace);
  recorder_wait_text (recorder, "\"type\":\"screen\"");
  exec_in_session (glovebox, "touch go");
  recorder_wait (recorder);
  g_assert_true (WIFEXITED (recorder->status));
  g_assert_cmpint (WEXITSTATUS (recorder->status), ==, 3);

  reader = record_fixture_open (&recorder->files);
  g_assert_true (glb_record_reader_verify (reader, &error));
  g_assert_no_error (error);
  find_record (reader, "session-end", find_record (reader, "windows", find_record (reader, "screen", 0)));
  end = glb_record_reader_get_record (reader, glb_record_reader_get_n_records (reader) - 1);
  g_assert_cmpstr (json_object_get_string_member (end, "reason"), ==, "session-ended");
}

/* ---- faults ----------------------------------------------------------------------- */

/* In the middle of what it writes. */
static void
test_killed (BrokerFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  recorder = recorder_start (fixture, session, NULL);
  test_session_exec (session, "exec foot --log-level=none sh -c 'i=0; while :; do i=$((i+1)); echo $i; done'", fds);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  recorder_wait_text (recorder, "\"n\":60,");
  recorder_stop (recorder, SIGKILL);
  g_assert_true (WIFSIGNALED (recorder->status));

  reader = record_fixture_open (&recorder->files);
  g_assert_cmpuint (glb_record_reader_get_n_records (reader), >=, 60);
  g_assert_true (g_str_has_prefix (glb_record_reader_get_flaw (reader), "cut after record "));
  /* all images that its lines name are whole: nothing but the end is missing */
  g_assert_false (glb_record_reader_verify (reader, &error));
  g_assert_cmpstr (error->message, ==, glb_record_reader_get_flaw (reader));
  assert_shown (recorder, 1, error->message);
}

static void
add_size (const char *path,
          guint64    *bytes)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  *bytes += status.st_size;
}

static void
test_full (BrokerFixture *fixture,
           gconstpointer  data)
{
  static const char * const options[] = { "--max-mb", "1", NULL };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(JsonObject) end = NULL;
  guint64 bytes = 0;
  int fds[3];

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  recorder = recorder_start (fixture, session, options);
  test_session_exec (session, "exec foot --log-level=none sh -c 'base64 -w 0 /dev/urandom'", fds);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  recorder_wait (recorder);
  g_assert_true (WIFEXITED (recorder->status));
  g_assert_cmpint (WEXITSTATUS (recorder->status), ==, 125);

  images = record_fixture_list_images (&recorder->files);
  for (guint i = 0; i < images->len; i++)
    add_size (g_ptr_array_index (images, i), &bytes);
  add_size (recorder->files.lines, &bytes);
  g_assert_cmpuint (bytes, <=, 1024 * 1024);
  reader = record_fixture_open (&recorder->files);
  g_assert_null (glb_record_reader_get_flaw (reader));
  end = glb_record_reader_get_record (reader, glb_record_reader_get_n_records (reader) - 1);
  g_assert_cmpstr (json_object_get_string_member (end, "reason"), ==, "full");
}

/* ---- masks ------------------------------------------------------------------------ */

/* A window full of the canary comes, is typed into, and goes. Then the recording. */
static Recorder *
record_canary (BrokerFixture      *fixture,
               TestSession        *session,
               const char * const *options)
{
  const char *script = "exec foot --log-level=none --title canary-window -o colors.background=" CANARY_HEX " sh -c 'read -r x'";
  Recorder *recorder = recorder_start (fixture, session, options);
  int fds[3];

  test_session_exec (session, script, fds);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  terminal_wait_title (session, "canary-window");
  act (session, "{\"action\":\"type\",\"text\":\"hidden-words\",\"settle\":true}");
  act (session, "{\"action\":\"key\",\"text\":\"Return\",\"settle\":true}");
  recorder_wait_text (recorder, "\"number\":2");
  recorder_stop (recorder, SIGTERM);
  g_assert_cmpint (recorder->status, ==, 0);
  return recorder;
}

typedef struct
{
  const char *options[3];
  gboolean shows_colour, shows_text;
} Mask;

static const Mask no_mask = { { NULL }, TRUE, TRUE };
static const Mask all_masked = { { "--mask", "0,0,640,480", NULL }, FALSE, TRUE };
/* A mask beside it hides nothing. */
static const Mask corner_masked = { { "--mask", "0,0,10,10", NULL }, TRUE, TRUE };
static const Mask window_masked = { { "--mask-window", "canary-*", NULL }, FALSE, FALSE };
static const Mask other_window_masked = { { "--mask-window", "something-else", NULL }, TRUE, TRUE };

static void
test_mask (BrokerFixture *fixture,
           gconstpointer  data)
{
  const Mask *mask = data;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autoptr(GlbRecordReader) reader = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  recorder = record_canary (fixture, session, mask->options);
  g_assert_cmpint (record_fixture_has_colour (&recorder->files, CANARY), ==, mask->shows_colour);
  g_assert_cmpint (record_fixture_has_text (&recorder->files, "hidden-words"), ==, mask->shows_text);
  g_assert_cmpint (record_fixture_has_text (&recorder->files, "canary-window"), ==, mask->shows_text);
  reader = record_fixture_open (&recorder->files);
  g_assert_null (glb_record_reader_get_flaw (reader));
}

/* Windows that come and go faster than lists of them are read. */
static void
test_flicker (BrokerFixture *fixture,
              gconstpointer  data)
{
  const char *script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do "
                       "foot --log-level=none --title canary-window -o colors.background=" CANARY_HEX " sh -c 'sleep 0.05'; done; echo over";
  const Mask *mask = data;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Recorder) recorder = NULL;
  g_autofree char *out = NULL;
  int fds[3];

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  recorder = recorder_start (fixture, session, mask->options);
  test_session_exec (session, script, fds);
  close (fds[0]);
  close (fds[2]);
  out = test_read_all (&fds[1]);
  g_assert_cmpstr (out, ==, "over\n");
  recorder_stop (recorder, SIGTERM);
  g_assert_cmpint (recorder->status, ==, 0);
  g_assert_cmpint (record_fixture_has_colour (&recorder->files, CANARY), ==, mask->shows_colour);
}

#define ADD(name, data, function) \
  g_test_add ("/broker/record/" name, BrokerFixture, data, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", NULL, test_whole);
  ADD ("run", NULL, test_run);
  ADD ("killed", NULL, test_killed);
  ADD ("full", NULL, test_full);
  ADD ("mask/none", &no_mask, test_mask);
  ADD ("mask/area", &all_masked, test_mask);
  ADD ("mask/area-beside", &corner_masked, test_mask);
  ADD ("mask/window", &window_masked, test_mask);
  ADD ("mask/window-other", &other_window_masked, test_mask);
  ADD ("mask/flicker", &window_masked, test_flicker);
  ADD ("mask/flicker-control", &no_mask, test_flicker);
  return g_test_run ();
}
