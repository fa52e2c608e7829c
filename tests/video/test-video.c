/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/video/glb-video.h"

#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/client/glb-paths.h"
#include "session-broker/video/glb-video-captions.h"
#include "session-broker/video/glb-video-clock.h"
#include "tests/record/record-fixture.h"

#define WIDTH  64u
#define HEIGHT 48u

/* ---- the clock ---------------------------------------------------------------- */

static void
test_clock (void)
{
  static const struct { gint64 recorded_ms, frame; } steps[] = {
    { 0, 0 }, { 50, 0 }, { 150, 1 }, { 3150, 31 }, { 3150, 31 }, { 103150, 61 }, { 100, 61 }, { 103250, 62 }, { G_MAXINT64, 92 },
  };
  GlbVideoClock clock = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    g_assert_cmpint (glb_video_clock_advance (&clock, steps[i].recorded_ms), ==, steps[i].frame);
}

/* ---- videos, decoded ------------------------------------------------------------ */

typedef struct
{
  gint64 ms;
  GlbRecordImage *image;
} Frame;

static void
frame_clear (gpointer data)
{
  glb_record_image_free (((Frame *) data)->image);
}

static void
add_frame (GArray    *frames,
           GstSample *sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  Frame frame = { GST_BUFFER_PTS (buffer) / GST_MSECOND, glb_record_image_new (WIDTH, HEIGHT + GLB_VIDEO_CAPTIONS_HEIGHT) };
  gsize size = 4 * WIDTH * (HEIGHT + GLB_VIDEO_CAPTIONS_HEIGHT);

  g_assert_cmpuint (gst_buffer_get_size (buffer), ==, size);
  gst_buffer_extract (buffer, 0, frame.image->pixels, size);
  g_array_append_val (frames, frame);
}

static char *
get_path (RecordFixture *fixture)
{
  return g_build_filename (fixture->folder, "video.webm", NULL);
}

static GArray *
decode (RecordFixture *fixture)
{
  g_autofree char *path = get_path (fixture);
  g_autofree char *line = g_strdup_printf ("filesrc location=%s ! matroskademux ! vp8dec ! videoconvert ! video/x-raw,format=%s ! "
                                           "appsink name=sink sync=false", path, G_BYTE_ORDER == G_LITTLE_ENDIAN ? "BGRx" : "xRGB");
  g_autoptr(GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr(GstElement) sink = NULL;
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  GstSample *sample;

  g_assert_no_error (error);
  g_array_set_clear_func (frames, frame_clear);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), 60 * GST_SECOND)) != NULL)
    {
      add_frame (frames, sample);
      gst_sample_unref (sample);
    }
  g_assert_true (gst_app_sink_is_eos (GST_APP_SINK (sink)));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_assert_cmpuint (frames->len, >, 0);
  return frames;
}

static const Frame *
get_last (GArray *frames)
{
  return &g_array_index (frames, Frame, frames->len - 1);
}

/* What an encoder with losses makes of a colour. */
static gboolean
is_near (guint32 a,
         guint32 b)
{
  for (guint shift = 0; shift <= 16; shift += 8)
    if (ABS ((int) (a >> shift & 0xff) - (int) (b >> shift & 0xff)) > 24)
      return FALSE;
  return TRUE;
}

static void
assert_colour (const Frame *frame,
               guint32      rgb)
{
  guint32 pixel = frame->image->pixels[HEIGHT / 2 * WIDTH + WIDTH / 2] & 0xffffff;

  if (!is_near (pixel, rgb))
    g_error ("#%06x is not near #%06x", pixel, rgb);
}

/* Something is written below the picture. */
static gboolean
has_caption (const Frame *frame)
{
  for (guint i = WIDTH * (HEIGHT + 4); i < WIDTH * frame->image->height; i++)
    if ((frame->image->pixels[i] & 0xff) > 0x90)
      return TRUE;
  return FALSE;
}

/* ---- recordings ----------------------------------------------------------------- */

static void
append_colour (GlbRecordWriter *writer,
               gint64           ms,
               guint32          rgb)
{
  g_autoptr(GlbRecordImage) image = record_fixture_new_image (WIDTH, HEIGHT, rgb);

  g_assert_true (glb_record_writer_append_screen (writer, ms, 1, image, 0, 0, NULL));
}

static void
append_driver (GlbRecordWriter *writer,
               gint64           ms)
{
  g_autoptr(JsonObject) driver = json_object_new ();

  json_object_set_string_member (driver, "driver", "human");
  g_assert_true (glb_record_writer_append (writer, ms, "driver", driver, NULL));
}

/* The flaw. (nullable) */
static char *
make (RecordFixture *fixture)
{
  g_autofree char *path = get_path (fixture);
  g_autoptr(GError) error = NULL;
  char *flaw = NULL;

  glb_video_make (fixture->recording, path, &flaw, &error);
  g_assert_no_error (error);
  return flaw;
}

static guint n_told, last_told;

static void
note_progress (guint percent)
{
  g_assert_cmpuint (percent, <=, 100);
  if (n_told > 0)
    g_assert_cmpuint (percent, >, last_told);
  last_told = percent;
  n_told++;
}

/* Each number is more than the one before. */
static void
test_progress (RecordFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, WIDTH, HEIGHT);
  g_autofree char *path = get_path (fixture);
  g_autofree char *flaw = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 8; i++)
    append_colour (writer, i * 200, i % 2 == 0 ? 0x00ff00 : 0xff0000);
  g_assert_true (glb_record_writer_end (writer, 1600, "asked", NULL));
  g_assert_true (glb_video_make_telling (fixture->recording, path, note_progress, &flaw, &error));
  g_assert_no_error (error);
  g_assert_null (flaw);
  g_assert_cmpuint (n_told, >=, 4);
  g_assert_cmpuint (last_told, >=, 50);
}

static void
test_picture (RecordFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, WIDTH, HEIGHT);
  g_autoptr(GArray) frames = NULL;

  append_colour (writer, 0, 0x00ff00);
  append_colour (writer, 1000, 0xff0000);
  append_driver (writer, 1500);
  g_assert_true (glb_record_writer_end (writer, 1600, "asked", NULL));
  g_assert_null (make (fixture));

  frames = decode (fixture);
  g_assert_cmpuint (frames->len, ==, 4);
  assert_colour (&g_array_index (frames, Frame, 0), 0x00ff00);
  g_assert_false (has_caption (&g_array_index (frames, Frame, 0)));
  g_assert_cmpint (g_array_index (frames, Frame, 1).ms, ==, 1000);
  assert_colour (&g_array_index (frames, Frame, 1), 0xff0000);
  g_assert_false (has_caption (&g_array_index (frames, Frame, 1)));
  g_assert_cmpint (g_array_index (frames, Frame, 2).ms, ==, 1500);
  g_assert_true (has_caption (&g_array_index (frames, Frame, 2)));
  g_assert_cmpint (get_last (frames)->ms, ==, 3500);
}

/* Nobody waits for what takes minutes; what happens at once is one frame. */
static void
test_pace (RecordFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, WIDTH, HEIGHT);
  g_autoptr(GArray) frames = NULL;

  append_colour (writer, 0, 0x00ff00);
  for (guint i = 0; i < 50; i++)
    append_colour (writer, 600000 + i, i % 2 == 0 ? 0x0000ff : 0xff0000);
  g_assert_true (glb_record_writer_end (writer, 600100, "asked", NULL));
  g_assert_null (make (fixture));

  frames = decode (fixture);
  g_assert_cmpuint (frames->len, ==, 3);
  g_assert_cmpint (get_last (frames)->ms, ==, 5000);
  assert_colour (get_last (frames), 0xff0000);
}

static void
test_cut (RecordFixture *fixture,
          gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, WIDTH, HEIGHT);
  g_autoptr(GArray) frames = NULL;
  g_autofree char *flaw = NULL;

  append_colour (writer, 0, 0x00ff00);
  append_colour (writer, 500, 0xff0000);
  flaw = make (fixture);
  g_assert_cmpstr (flaw, ==, "cut after record 3");
  frames = decode (fixture);
  assert_colour (get_last (frames), 0xff0000);
}

/* The file of a screen record's image is something else now. */
static void
alter_image (RecordFixture *fixture,
             guint          index)
{
  g_autoptr(GlbRecordReader) reader = record_fixture_open (fixture);
  g_autoptr(JsonObject) record = glb_record_reader_get_record (reader, index);
  g_autofree char *path = g_build_filename (fixture->recording, json_object_get_string_member (record, "image"), NULL);

  g_assert_true (g_file_set_contents (path, "no image", -1, NULL));
}

static void
test_altered (RecordFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, WIDTH, HEIGHT);
  g_autoptr(GArray) frames = NULL;
  g_autofree char *flaw = NULL;

  append_colour (writer, 0, 0x00ff00);
  append_colour (writer, 500, 0xff0000);
  append_colour (writer, 1000, 0x0000ff);
  g_assert_true (glb_record_writer_end (writer, 1100, "asked", NULL));
  alter_image (fixture, 2);
  flaw = make (fixture);
  g_assert_true (g_str_has_prefix (flaw, "altered at record 3, line 3: "));
  frames = decode (fixture);
  assert_colour (get_last (frames), 0x00ff00);
}

static void
assert_has_only (const char         *folder,
                 const char * const *names)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (!g_strv_contains (names, name))
      g_error ("%s/%s is left", folder, name);
}

static void
assert_nothing_left (RecordFixture *fixture)
{
  assert_has_only (fixture->folder, (const char * []) { "recording", NULL });
  assert_has_only (fixture->recording, (const char * []) { "recording.jsonl", "images", NULL });
}

static void
assert_fails (RecordFixture *fixture,
              const char    *path,
              const char    *message)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *flaw = NULL;

  g_assert_false (glb_video_make (fixture->recording, path, &flaw, &error));
  if (strstr (error->message, message) == NULL)
    g_error ("\"%s\" is not in: %s", message, error->message);
  g_assert_null (flaw);
  assert_nothing_left (fixture);
}

static void
test_nothing_to_show (RecordFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, WIDTH, HEIGHT);
  g_autofree char *path = get_path (fixture);
  g_autofree char *folder = g_build_filename (fixture->recording, "images", NULL);

  append_driver (writer, 0);
  assert_fails (fixture, path, "it has no screen");
  append_colour (writer, 0, 0x00ff00);
  /* a folder is in the way */
  assert_fails (fixture, folder, "Can't write");
  alter_image (fixture, 2);
  assert_fails (fixture, path, "altered at record 3, line 3: ");
}

/* ---- the program ------------------------------------------------------------------ */

static gboolean
has_partial (RecordFixture *fixture)
{
  g_autoptr(GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "video.webm."))
      return TRUE;
  return FALSE;
}

static GPid
spawn (RecordFixture *fixture,
       const char    *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *program = glb_paths_find_program ("glovebox-video", &error);
  const char *argv[] = { program, fixture->recording, "-o", path, NULL };
  GPid pid;

  g_assert_no_error (error);
  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

/* Ctrl+C in the middle of a long recording. */
static void
test_interrupted (RecordFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 1000, 1000);
  g_autoptr(GlbRecordImage) screen = record_fixture_new_image (1000, 1000, 0);
  g_autofree char *path = get_path (fixture);
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  int status;
  GPid pid;

  for (guint i = 0; i < 600; i++)
    {
      glb_record_image_fill (screen, &(GlbRect) { 0, 0, 1000, 1000 }, i);
      g_assert_true (glb_record_writer_append_screen (writer, 1000 * i, i, screen, 0, 0, NULL));
    }
  pid = spawn (fixture, path);
  while (!has_partial (fixture) && g_get_monotonic_time () < deadline)
    g_assert_cmpint (waitpid (pid, &status, WNOHANG), ==, 0);
  g_assert_cmpint (kill (pid, SIGINT), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGINT);
  assert_nothing_left (fixture);
}

static void
test_program (RecordFixture *fixture,
              gconstpointer  data)
{
  g_autofree char *path = get_path (fixture);
  int status;
  GPid pid;

  record_fixture_write_small (fixture);
  pid = spawn (fixture, path);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_assert_false (has_partial (fixture));
}

#define ADD(name, function) \
  g_test_add ("/video/" name, RecordFixture, NULL, record_fixture_set_up, function, record_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  g_test_add_func ("/video/clock", test_clock);
  ADD ("picture", test_picture);
  ADD ("pace", test_pace);
  ADD ("progress", test_progress);
  ADD ("cut", test_cut);
  ADD ("altered", test_altered);
  ADD ("nothing-to-show", test_nothing_to_show);
  ADD ("program", test_program);
  ADD ("interrupted", test_interrupted);
  return g_test_run ();
}
