/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the app makes of a recording: one made by the real recorder's writer,
 * and what hostile hands make of it.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/record/record-fixture.h"
#include "ui/glb-recording-info.h"
#include "ui/glb-recording.h"

/* ---- a recording ---------------------------------------------------------------------- */

static void
append (GlbRecordWriter *writer,
        gint64           ms,
        const char      *type,
        const char      *members)
{
  g_autoptr(JsonNode) node = json_from_string (members, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (node);
  g_assert_true (glb_record_writer_append (writer, ms, type, json_node_get_object (node), &error));
  g_assert_no_error (error);
}

static void
append_screen (GlbRecordWriter *writer,
               gint64           ms,
               guint64          frame,
               guint            size,
               guint32          rgb,
               guint            at)
{
  g_autoptr(GlbRecordImage) image = record_fixture_new_image (at == 0 ? 32 : size, at == 0 ? 16 : size, rgb);

  g_assert_true (glb_record_writer_append_screen (writer, ms, frame, image, at, at, NULL));
}

/* White; an agent's click makes a red square at 4,4; a person's key a green one at 9,9; then a question, denied. */
static void
write_recording (RecordFixture *fixture)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 32, 16);

  append_screen (writer, 0, 1, 0, 0xffffff, 0);
  append (writer, 5, "windows", "{\"windows\":[{\"window\":1,\"title\":\"below\",\"appId\":\"a\"},{\"window\":2,\"title\":\"on\\u202etop\",\"appId\":\"foot\",\"focused\":true}]}");
  append (writer, 10, "driver", "{\"driver\":\"agent\",\"epoch\":1}");
  append_screen (writer, 100, 2, 4, 0xff0000, 4);
  append (writer, 100, "action", "{\"number\":1,\"actor\":\"agent\",\"frameBefore\":1,\"frame\":2,"
                                 "\"action\":{\"action\":\"left_click\",\"coordinate\":[5,6]},\"result\":{\"status\":\"delivered\"}}");
  append_screen (writer, 150, 3, 2, 0xee0000, 6);
  append (writer, 200, "settled", "{\"action\":1,\"settled\":true}");
  append_screen (writer, 900, 4, 3, 0x00ff00, 9);
  append (writer, 900, "action", "{\"number\":2,\"actor\":\"human\",\"frameBefore\":3,\"frame\":4,"
                                 "\"action\":{\"action\":\"key\",\"text\":\"ctrl+c\"},\"result\":{\"status\":\"refused\",\"code\":\"policy\"}}");
  append (writer, 950, "settled", "{\"action\":2,\"settled\":true}");
  append (writer, 1000, "prompt", "{\"prompt\":1,\"kind\":\"clipboard\",\"title\":\"A text\",\"requester\":\"target\",\"preview\":\"one\\ntwo\"}");
  append (writer, 1200, "answer", "{\"prompt\":1,\"verdict\":\"deny\",\"why\":\"person\"}");
  append (writer, 1300, "output", "{\"command\":\"sh\",\"stream\":1,\"text\":\"hello\\n\"}");
  g_assert_true (glb_record_writer_end (writer, 1500, "asked", NULL));
}

static GlbRecording *
open_recording (RecordFixture *fixture)
{
  g_autoptr(GError) error = NULL;
  GlbRecording *recording = glb_recording_open (fixture->recording, NULL, &error);

  g_assert_no_error (error);
  return recording;
}

static GlbRecordingEntry *
find_entry (GlbRecording     *recording,
            GlbRecordingKind  kind,
            guint             nth,
            guint            *position)
{
  GListModel *entries = glb_recording_get_entries (recording);

  for (*position = 0; *position < g_list_model_get_n_items (entries); (*position)++)
    {
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (entries, *position);

      if (glb_recording_entry_get_kind (entry) == kind && nth-- == 0)
        return g_steal_pointer (&entry);
    }
  g_assert_not_reached ();
}

static GlbRecordingMoment *
load_after (GlbRecording      *recording,
            GlbRecordingEntry *entry,
            guint              position)
{
  GlbRecordingMoment *moment = glb_recording_load (recording, position, glb_recording_entry_get_last (entry), NULL);

  g_assert_nonnull (moment);
  return moment;
}

static guint32
get_pixel (const GlbRecordImage *image,
           guint                 x,
           guint                 y)
{
  g_assert_nonnull (image);
  return image->pixels[y * image->width + x] & 0xffffff;
}

/* ---- what is in it ---------------------------------------------------------------------- */

static void
test_entries (RecordFixture *fixture,
              gconstpointer  data)
{
  static const struct { GlbRecordingKind kind; GlbRecordingActor actor; gint64 ms; gboolean refused; const char *title; } wanted[] = {
    { GLB_RECORDING_STATE, GLB_RECORDING_NOBODY, 0, FALSE, "The recording begins" },
    { GLB_RECORDING_WINDOWS, GLB_RECORDING_NOBODY, 5, FALSE, "Window “on‹U+202E›top” and 1 other" },
    { GLB_RECORDING_STATE, GLB_RECORDING_AGENT, 10, FALSE, "The agent drives" },
    { GLB_RECORDING_ACTION, GLB_RECORDING_AGENT, 100, FALSE, "Clicked at 5, 6" },
    { GLB_RECORDING_ACTION, GLB_RECORDING_HUMAN, 900, TRUE, "Refused: Pressed ctrl+c" },
    { GLB_RECORDING_QUESTION, GLB_RECORDING_AGENT, 1000, FALSE, "asks: clipboard, A text" },
    { GLB_RECORDING_QUESTION, GLB_RECORDING_AGENT, 1200, TRUE, "answer: deny (person)" },
    { GLB_RECORDING_OUTPUT, GLB_RECORDING_AGENT, 1300, FALSE, "hello⏎" },
    { GLB_RECORDING_STATE, GLB_RECORDING_AGENT, 1500, FALSE, "The recording ends: asked" },
  };
  g_autoptr(GlbRecording) recording = NULL;

  write_recording (fixture);
  recording = open_recording (fixture);
  g_assert_null (glb_recording_get_flaw (recording));
  g_assert_false (glb_recording_is_too_long (recording));
  g_assert_cmpint (glb_recording_get_ms (recording), ==, 1500);
  g_assert_cmpuint (g_list_model_get_n_items (glb_recording_get_entries (recording)), ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (glb_recording_get_entries (recording), i);

      g_assert_cmpstr (glb_recording_entry_get_title (entry), ==, wanted[i].title);
      g_assert_cmpint (glb_recording_entry_get_kind (entry), ==, wanted[i].kind);
      g_assert_cmpint (glb_recording_entry_get_actor (entry), ==, wanted[i].actor);
      g_assert_cmpint (glb_recording_entry_get_ms (entry), ==, wanted[i].ms);
      g_assert_cmpint (glb_recording_entry_is_refused (entry), ==, wanted[i].refused);
    }
}

/* Before: of the frame before the action began. After: when the screen had come to rest. */
static void
test_before_and_after (RecordFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GlbRecording) recording = NULL;
  g_autoptr(GlbRecordingEntry) click = NULL;
  g_autoptr(GlbRecordingEntry) key = NULL;
  g_autoptr(GlbRecordingMoment) moment = NULL;
  guint position;

  write_recording (fixture);
  recording = open_recording (fixture);
  click = find_entry (recording, GLB_RECORDING_ACTION, 0, &position);
  moment = load_after (recording, click, position);
  g_assert_null (moment->problem);
  g_assert_cmphex (get_pixel (moment->before, 4, 4), ==, 0xffffff);
  g_assert_cmphex (get_pixel (moment->now, 4, 4), ==, 0xff0000);
  g_assert_cmphex (get_pixel (moment->now, 7, 7), ==, 0xee0000);
  g_assert_cmphex (get_pixel (moment->now, 9, 9), ==, 0xffffff);
  g_assert_cmpuint (moment->n_changed, ==, 16);
  g_assert_cmpuint (moment->changed.x, ==, 4);
  g_assert_cmpuint (moment->changed.y, ==, 4);
  g_assert_cmpuint (moment->changed.width, ==, 4);
  g_assert_cmpuint (moment->changed.height, ==, 4);
  g_assert_cmphex (get_pixel (moment->difference, 4, 4), ==, 0xff0000);
  g_assert_cmphex (get_pixel (moment->difference, 20, 12), <, 0x808080);
  g_assert_cmpstr (moment->windows, ==, "on‹U+202E›top — foot\nbelow — a");

  g_clear_pointer (&moment, glb_recording_moment_free);
  key = find_entry (recording, GLB_RECORDING_ACTION, 1, &position);
  moment = load_after (recording, key, position);
  g_assert_cmphex (get_pixel (moment->before, 9, 9), ==, 0xffffff);
  g_assert_cmphex (get_pixel (moment->before, 7, 7), ==, 0xee0000);
  g_assert_cmphex (get_pixel (moment->now, 9, 9), ==, 0x00ff00);
  g_assert_cmpuint (moment->n_changed, ==, 9);
}

/* The second action began before the screen had come to rest after the first: each has what it did itself. */
static void
test_overlapping (RecordFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 32, 16);
  g_autoptr(GlbRecording) recording = NULL;

  append_screen (writer, 0, 1, 0, 0xffffff, 0);
  append (writer, 10, "action", "{\"number\":1,\"actor\":\"agent\",\"frameBefore\":1,\"action\":{\"action\":\"left_click\"}}");
  append_screen (writer, 20, 2, 4, 0xff0000, 4);
  append_screen (writer, 30, 3, 4, 0x00ff00, 10);
  append (writer, 30, "action", "{\"number\":2,\"actor\":\"agent\",\"frameBefore\":2,\"action\":{\"action\":\"left_click\"}}");
  append (writer, 90, "settled", "{\"action\":1,\"settled\":true}");
  append (writer, 91, "settled", "{\"action\":2,\"settled\":true}");
  g_assert_true (glb_record_writer_end (writer, 100, "asked", NULL));
  recording = open_recording (fixture);
  for (guint i = 0; i < 2; i++)
    {
      guint position;
      g_autoptr(GlbRecordingEntry) click = find_entry (recording, GLB_RECORDING_ACTION, i, &position);
      g_autoptr(GlbRecordingMoment) moment = load_after (recording, click, position);

      g_assert_cmpuint (moment->n_changed, ==, 16);
      g_assert_cmpuint (moment->changed.x, ==, i == 0 ? 4 : 10);
    }
}

/* A program that paints after the screen had come to rest: its picture is still the action's, but not what comes much later. */
static void
test_late (RecordFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 32, 16);
  g_autoptr(GlbRecording) recording = NULL;
  g_autoptr(GlbRecordingEntry) click = NULL;
  g_autoptr(GlbRecordingMoment) moment = NULL;
  guint position;

  append_screen (writer, 0, 1, 0, 0xffffff, 0);
  append (writer, 10, "action", "{\"number\":1,\"actor\":\"agent\",\"frameBefore\":1,\"action\":{\"action\":\"left_click\"}}");
  append (writer, 60, "settled", "{\"action\":1,\"settled\":true}");
  append_screen (writer, 900, 2, 4, 0xff0000, 4);
  append_screen (writer, 9000, 3, 4, 0x00ff00, 10);
  g_assert_true (glb_record_writer_end (writer, 9100, "asked", NULL));
  recording = open_recording (fixture);
  click = find_entry (recording, GLB_RECORDING_ACTION, 0, &position);
  moment = load_after (recording, click, position);
  g_assert_cmpuint (moment->n_changed, ==, 16);
  g_assert_cmpuint (moment->changed.x, ==, 4);
}

static void
test_question (RecordFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(GlbRecording) recording = NULL;
  g_autoptr(GlbRecordingEntry) question = NULL;
  g_autoptr(GlbRecordingMoment) moment = NULL;
  guint position;

  write_recording (fixture);
  recording = open_recording (fixture);
  question = find_entry (recording, GLB_RECORDING_QUESTION, 0, &position);
  moment = load_after (recording, question, position);
  g_assert_cmpstr (moment->details, ==, "Asked by: target\nAbout: A text\none\ntwo");
  g_assert_cmpuint (moment->n_changed, ==, 0);
}

/* Each time has its record, its entry and its screen. */
static void
test_scrub (RecordFixture *fixture,
            gconstpointer  data)
{
  static const struct { gint64 ms; const char *title; guint32 rgb; } wanted[] = {
    { 0, "The recording begins", 0xffffff }, { 99, "The agent drives", 0xffffff }, { 100, "Clicked at 5, 6", 0xffffff },
    { 899, "Clicked at 5, 6", 0xffffff }, { 900, "Refused: Pressed ctrl+c", 0x00ff00 }, { 1499, "hello⏎", 0x00ff00 },
    { 1500, "The recording ends: asked", 0x00ff00 }, { G_MAXINT64, "The recording ends: asked", 0x00ff00 },
  };
  g_autoptr(GlbRecording) recording = NULL;

  write_recording (fixture);
  recording = open_recording (fixture);
  /* back and forth */
  for (guint i = 0; i < 2 * G_N_ELEMENTS (wanted); i++)
    {
      guint at = i < G_N_ELEMENTS (wanted) ? i : 2 * G_N_ELEMENTS (wanted) - 1 - i;
      guint record = glb_recording_find_record (recording, wanted[at].ms);
      guint position = glb_recording_find_entry (recording, record);
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (glb_recording_get_entries (recording), position);
      g_autoptr(GlbRecordingMoment) moment = glb_recording_load (recording, position, record, NULL);

      g_assert_cmpstr (glb_recording_entry_get_title (entry), ==, wanted[at].title);
      g_assert_cmphex (get_pixel (moment->now, 9, 9), ==, wanted[at].rgb);
    }
  g_assert_cmpint (glb_recording_get_next_ms (recording, 200), ==, 900);
  g_assert_cmpint (glb_recording_get_next_ms (recording, 1500), ==, -1);
}

/* ---- hostile hands -------------------------------------------------------------------------- */

/* At each byte: it opens up to its last full record, whose moments can all be looked at. */
static void
test_cut (RecordFixture *fixture,
          gconstpointer  data)
{
  g_autofree char *text = NULL;
  gsize size;

  write_recording (fixture);
  g_assert_true (g_file_get_contents (fixture->lines, &text, &size, NULL));
  for (gsize cut = strchr (text, '\n') - text + 1; cut < size; cut += 7)
    {
      g_autoptr(GlbRecording) recording = NULL;

      g_assert_true (g_file_set_contents (fixture->lines, text, cut, NULL));
      recording = open_recording (fixture);
      g_assert_true (g_str_has_prefix (glb_recording_get_flaw (recording), "cut after record "));
      for (guint i = 0; i < g_list_model_get_n_items (glb_recording_get_entries (recording)); i++)
        {
          g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (glb_recording_get_entries (recording), i);
          g_autoptr(GlbRecordingMoment) moment = load_after (recording, entry, i);

          g_assert_null (moment->problem);
        }
    }
}

/* Each image gone: what needs it says so, and what does not is shown. */
static void
test_missing_images (RecordFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(GlbRecording) recording = NULL;
  g_autoptr(GlbRecordingEntry) click = NULL;
  g_autoptr(GlbRecordingMoment) moment = NULL;
  guint position;

  write_recording (fixture);
  recording = open_recording (fixture);
  images = record_fixture_list_images (fixture);
  for (guint i = 0; i < images->len; i++)
    g_assert_cmpint (g_remove (g_ptr_array_index (images, i)), ==, 0);
  click = find_entry (recording, GLB_RECORDING_ACTION, 0, &position);
  moment = load_after (recording, click, position);
  g_assert_null (moment->before);
  g_assert_null (moment->now);
  g_assert_null (moment->difference);
  g_assert_true (g_str_has_prefix (moment->problem, "altered at record 2, line 2: "));
  g_assert_nonnull (moment->windows);
}

/* Members of the wrong kind, or none: each is an entry or is not, and none does harm. */
static void
test_wrong_members (RecordFixture *fixture,
                    gconstpointer  data)
{
  static const char * const values[] = { "7", "-9223372036854775808", "\"x\"", "null", "true", "[]", "[[],{},7,null]", "{}",
                                         "{\"action\":7}", "{\"action\":\"left_click\",\"coordinate\":[1e300,\"x\"]}", "1.5" };
  static const char * const types[] = { "action", "settled", "windows", "prompt", "answer", "output", "driver", "session-end", "what" };
  static const char * const names[] = { "action", "actor", "result", "windows", "window", "number", "frameBefore", "driver", "verdict",
                                        "text", "title", "reason", "kind" };
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 32, 16);
  g_autoptr(GlbRecording) recording = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint k = 0; k < G_N_ELEMENTS (types); k++)
      for (guint n = 0; n < G_N_ELEMENTS (names); n++)
        {
          g_autofree char *one = g_strdup_printf ("{\"%s\":%s}", names[n], values[i]);
          g_autofree char *two = g_strdup_printf ("{\"actor\":\"agent\",\"kind\":\"k\",\"action\":{\"action\":\"left_click\"},\"%s\":%s}", names[n], values[i]);

          append (writer, 1, types[k], one);
          append (writer, 1, types[k], n == 0 ? one : n == 1 || n == 12 ? one : two);
        }
  g_clear_object (&writer);
  recording = open_recording (fixture);
  for (guint i = 0; i < g_list_model_get_n_items (glb_recording_get_entries (recording)); i++)
    {
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (glb_recording_get_entries (recording), i);
      g_autoptr(GlbRecordingMoment) moment = load_after (recording, entry, i);

      g_assert_null (moment->now);
      g_assert_null (strchr (glb_recording_entry_get_title (entry), '\n'));
    }
}

/* As many lines as one likes: listed up to the limit. */
static void
test_too_long (RecordFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 32, 16);
  g_autoptr(GlbRecording) recording = NULL;
  g_autoptr(JsonObject) driver = json_object_new ();

  json_object_set_string_member (driver, "driver", "agent");
  for (guint i = 0; i < GLB_RECORDING_ENTRIES_MAX + 10; i++)
    g_assert_true (glb_record_writer_append (writer, i, "driver", driver, NULL));
  g_clear_object (&writer);
  recording = open_recording (fixture);
  g_assert_true (glb_recording_is_too_long (recording));
  g_assert_cmpuint (g_list_model_get_n_items (glb_recording_get_entries (recording)), ==, GLB_RECORDING_ENTRIES_MAX);
  g_assert_cmpint (glb_recording_get_ms (recording), ==, GLB_RECORDING_ENTRIES_MAX + 9);
}

/* ---- threads ------------------------------------------------------------------------------------ */

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
test_cancel (RecordFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) opened = NULL;
  g_autoptr(GAsyncResult) loaded = NULL;
  g_autoptr(GlbRecording) recording = NULL;
  g_autoptr(GError) error = NULL;

  write_recording (fixture);
  recording = open_recording (fixture);
  g_cancellable_cancel (cancellable);
  glb_recording_open_async (fixture->recording, cancellable, keep_result, &opened);
  g_assert_null (glb_recording_open_finish (wait_for (&opened), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (glb_recording_open (fixture->recording, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  glb_recording_load_async (recording, 1, 2, cancellable, keep_result, &loaded);
  g_assert_null (glb_recording_load_finish (recording, wait_for (&loaded), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Many at once take turns, and each gets what it asked for. */
static void
test_at_once (RecordFixture *fixture,
              gconstpointer  data)
{
  GAsyncResult *results[24] = { NULL };
  g_autoptr(GlbRecording) recording = NULL;
  guint n;

  write_recording (fixture);
  recording = open_recording (fixture);
  n = g_list_model_get_n_items (glb_recording_get_entries (recording));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (glb_recording_get_entries (recording), i % n);

      glb_recording_load_async (recording, i % n, glb_recording_entry_get_last (entry), NULL, keep_result, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(GlbRecordingMoment) moment = glb_recording_load_finish (recording, wait_for (&results[i]), NULL);
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (glb_recording_get_entries (recording), i % n);

      g_object_unref (results[i]);
      if (i % n > 0)
        g_assert_cmphex (get_pixel (moment->now, 9, 9), ==, glb_recording_entry_get_ms (entry) >= 900 ? 0x00ff00 : 0xffffff);
    }
}

/* ---- the list --------------------------------------------------------------------------------------- */

static void
test_info (RecordFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(GlbRecordingInfo) whole = NULL;
  g_autoptr(GlbRecordingInfo) cut = NULL;
  g_autoptr(GlbRecordingInfo) wrong = NULL;
  g_autofree char *text = NULL;
  gsize size;

  g_assert_null (glb_recording_info_new (fixture->folder));
  write_recording (fixture);
  whole = glb_recording_info_new (fixture->recording);
  g_assert_cmpint (glb_recording_info_get_state (whole), ==, GLB_RECORDING_WHOLE);
  g_assert_cmpint (glb_recording_info_get_ms (whole), ==, 1500);
  g_assert_cmpstr (glb_recording_info_get_name (whole), ==, "recording");

  g_assert_true (g_file_get_contents (fixture->lines, &text, &size, NULL));
  g_assert_true (g_file_set_contents (fixture->lines, text, size - 5, NULL));
  cut = glb_recording_info_new (fixture->recording);
  g_assert_cmpint (glb_recording_info_get_state (cut), ==, GLB_RECORDING_OPEN);
  g_assert_cmpint (glb_recording_info_get_ms (cut), ==, -1);

  g_assert_true (g_file_set_contents (fixture->lines, "{\n", 2, NULL));
  wrong = glb_recording_info_new (fixture->recording);
  g_assert_cmpint (glb_recording_info_get_state (wrong), ==, GLB_RECORDING_UNREADABLE);
}

static void
test_list (RecordFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *nowhere = g_build_filename (fixture->folder, "nowhere", NULL);
  g_autoptr(GAsyncResult) listed = NULL;
  g_autoptr(GAsyncResult) none = NULL;
  g_autoptr(GPtrArray) infos = NULL;
  g_autoptr(GPtrArray) nothing = NULL;
  g_autoptr(GError) error = NULL;

  write_recording (fixture);
  glb_recording_folder_list_async (fixture->folder, NULL, keep_result, &listed);
  infos = glb_recording_folder_list_finish (wait_for (&listed), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (infos->len, ==, 1);
  g_assert_cmpstr (glb_recording_info_get_folder (infos->pdata[0]), ==, fixture->recording);

  glb_recording_folder_list_async (nowhere, NULL, keep_result, &none);
  nothing = glb_recording_folder_list_finish (wait_for (&none), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nothing->len, ==, 0);
}

/* A session's name is the agent's starter's, and no way out of the folder. */
static void
test_new_folder (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = glb_recording_folder_dup_default ();
  g_autofree char *path = glb_recording_folder_dup_new ("../../etc/ä x", &error);
  g_autofree char *parent = NULL;

  g_assert_no_error (error);
  parent = g_path_get_dirname (path);
  g_assert_cmpstr (parent, ==, folder);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

#define ADD(name, function) \
  g_test_add ("/recording/" name, RecordFixture, NULL, record_fixture_set_up, function, record_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("test-recording-XXXXXX", NULL);
  g_autofree char *own = g_build_filename (data, "glovebox", NULL);
  g_autofree char *recordings = g_build_filename (own, "recordings", NULL);
  int status;

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);

  ADD ("entries", test_entries);
  ADD ("before-and-after", test_before_and_after);
  ADD ("overlapping", test_overlapping);
  ADD ("late", test_late);
  ADD ("question", test_question);
  ADD ("scrub", test_scrub);
  ADD ("cut", test_cut);
  ADD ("missing-images", test_missing_images);
  ADD ("wrong-members", test_wrong_members);
  ADD ("too-long", test_too_long);
  ADD ("cancel", test_cancel);
  ADD ("at-once", test_at_once);
  ADD ("info", test_info);
  ADD ("list", test_list);
  g_test_add_func ("/recording/new-folder", test_new_folder);

  status = g_test_run ();
  g_rmdir (recordings);
  g_rmdir (own);
  g_rmdir (data);

  return status;
}
