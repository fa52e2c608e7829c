/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recordings become tests: what a step does, where, when, and what it expects. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "session-broker/record/glb-record-writer.h"
#include "session-broker/replay/glb-replay-convert.h"
#include "session-broker/replay/glb-replay-folder.h"
#include "session-broker/replay/glb-replay-picture.h"
#include "session-broker/replay/glb-replay-test.h"

#define SESSION "{\"command\":[\"true\",\"one\"],\"policy\":{\"schemaVersion\":\"1.0\"}}"
#define WINDOW "\"window\":{\"window\":3,\"appId\":\"editor\",\"title\":\"notes\",\"x\":10,\"y\":20,\"width\":40,\"height\":30}"
#define DELIVERED "\"result\":{\"status\":\"delivered\"}"

typedef struct
{
  char *folder, *recording, *file, *pictures;
  GlbRecordWriter *writer;
  GPtrArray *notes;
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  const GlbRect mask = { 1, 2, 3, 4 };
  const GlbRecordWriterOptions options = { .width = 64, .height = 64, .max_bytes = 16 * 1024 * 1024, .masks = &mask, .n_masks = 1 };
  g_autoptr(JsonNode) session = json_from_string (data != NULL ? data : SESSION, NULL);
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("glovebox-convert-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->recording = g_build_filename (fixture->folder, "recording", NULL);
  fixture->file = g_build_filename (fixture->folder, "made.json", NULL);
  fixture->pictures = g_build_filename (fixture->folder, "made.images", NULL);
  fixture->notes = g_ptr_array_new_with_free_func (g_free);
  fixture->writer = glb_record_writer_new (fixture->recording, &options, json_node_get_object (session), &error);
  g_assert_no_error (error);
}

static void
remove_folder (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_clear_object (&fixture->writer);
  g_ptr_array_unref (fixture->notes);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->recording);
  g_free (fixture->file);
  g_free (fixture->pictures);
}

static void
add (Fixture    *fixture,
     const char *type,
     const char *text)
{
  g_autoptr(JsonNode) node = json_from_string (text, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (node);
  glb_record_writer_append (fixture->writer, 0, type, json_node_get_object (node), &error);
  g_assert_no_error (error);
}

/* A screen of one colour. */
static void
add_screen (Fixture *fixture,
            guint64  frame,
            guint32  rgb)
{
  g_autoptr(GlbRecordImage) image = glb_record_image_new (64, 64);
  g_autoptr(GError) error = NULL;

  glb_record_image_fill (image, &(GlbRect) { 0, 0, 64, 64 }, rgb);
  glb_record_writer_append_screen (fixture->writer, 0, frame, image, 0, 0, &error);
  g_assert_no_error (error);
}

static void
end (Fixture *fixture)
{
  g_assert_true (glb_record_writer_end (fixture->writer, 0, "asked", NULL));
}

static GlbReplayTest *
convert (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  GlbReplayTest *test;

  glb_replay_convert (fixture->recording, fixture->file, FALSE, fixture->notes, &error);
  g_assert_no_error (error);
  test = glb_replay_test_load (fixture->file, &error);
  g_assert_no_error (error);
  return test;
}

static void
assert_fails (Fixture    *fixture,
              const char *words)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_replay_convert (fixture->recording, fixture->file, FALSE, fixture->notes, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" has no \"%s\"", error->message, words);
  g_assert_null (strchr (error->message, '\n'));
  /* nothing stays of it */
  g_assert_false (g_file_test (fixture->file, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (fixture->pictures, G_FILE_TEST_EXISTS));
}

static GlbReplayStep *
get_step (GlbReplayTest *test,
          guint          index)
{
  g_assert_cmpuint (index, <, test->steps->len);
  return g_ptr_array_index (test->steps, index);
}

static void
assert_colour (Fixture       *fixture,
               GlbReplayStep *step,
               guint32        rgb)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) png = glb_replay_folder_read (fixture->folder, step->screen, GLB_REPLAY_PNG_BYTES_MAX, &error);
  g_autoptr(GlbReplayPicture) picture = NULL;

  g_assert_no_error (error);
  picture = glb_replay_picture_new_from_png (png, &error);
  g_assert_no_error (error);
  g_assert_cmphex (picture->pixels[64 * 64 - 1], ==, 0xff000000u | rgb);
}

static void
test_steps (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GlbReplayTest) test = NULL;
  GlbReplayStep *click, *key;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"number\":1,\"frameBefore\":1,\"action\":{\"action\":\"left_click\",\"coordinate\":[15,26],\"settle\":true,"
       "\"screenshot\":true,\"frameId\":1,\"expect\":{\"title\":\"notes\"}}," WINDOW "," DELIVERED "}");
  /* what comes on the way is not what it comes to */
  add_screen (fixture, 2, 0x222222);
  add (fixture, "settled", "{\"action\":1,\"frame\":2}");
  add_screen (fixture, 3, 0x333333);
  add (fixture, "action", "{\"number\":2,\"action\":{\"action\":\"screenshot\"}," DELIVERED ",\"frameBefore\":3}");
  add (fixture, "action", "{\"number\":3,\"action\":{\"action\":\"type\",\"text\":\"no\"},\"result\":{\"status\":\"refused\"},\"frameBefore\":3}");
  add (fixture, "action", "{\"number\":4,\"frameBefore\":3,\"action\":{\"action\":\"key\",\"text\":\"ctrl+s\"}," WINDOW "," DELIVERED "}");
  add_screen (fixture, 4, 0x444444);
  add (fixture, "settled", "{\"action\":4,\"frame\":4}");
  add_screen (fixture, 5, 0x555555);
  end (fixture);

  test = convert (fixture);
  g_assert_cmpstr (test->command[1], ==, "one");
  g_assert_cmpuint (test->width, ==, 64);
  g_assert_cmpuint (test->compare.masks->len, ==, 1);
  g_assert_cmpuint (test->steps->len, ==, 3);
  g_assert_null (get_step (test, 0)->action);
  assert_colour (fixture, get_step (test, 0), 0x111111);
  g_assert_cmpuint (get_step (test, 0)->when->timeout_ms, ==, 60000);

  click = get_step (test, 1);
  g_assert_cmpuint (json_object_get_size (click->action), ==, 1);
  g_assert_cmpstr (click->at->window->app_id, ==, "editor");
  g_assert_cmpint (click->at->x, ==, 5);
  g_assert_cmpint (click->at->y, ==, 6);
  g_assert_cmpstr (click->when->window->title, ==, "notes");
  g_assert_cmpuint (click->when->timeout_ms, ==, 10000);
  assert_colour (fixture, click, 0x333333);

  key = get_step (test, 2);
  g_assert_cmpstr (json_object_get_string_member (key->action, "text"), ==, "ctrl+s");
  assert_colour (fixture, key, 0x444444);
  g_assert_cmpuint (fixture->notes->len, ==, 0);
}

static void
test_elements (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(GlbReplayTest) test = NULL;
  GlbReplayStep *small, *large, *unnamed, *typed, *beside, *named;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"left_click\",\"coordinate\":[25,26]},\"element\":{\"role\":\"button\","
       "\"name\":\"Save\",\"bounds\":[10,20,30,12]}," WINDOW "," DELIVERED "}");
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"left_click\",\"coordinate\":[15,26]},\"element\":{\"role\":\"text\","
       "\"name\":\"Page\",\"bounds\":[10,20,400,300]}," WINDOW "," DELIVERED "}");
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"left_click\",\"coordinate\":[15,26]},\"element\":{\"role\":\"panel\","
       "\"name\":\"\",\"bounds\":[10,20,400,300]}," WINDOW "," DELIVERED "}");
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"type\",\"text\":\"a\"},\"element\":{\"role\":\"entry\","
       "\"name\":\"Address\",\"bounds\":[10,20,40,30]}," WINDOW "," DELIVERED "}");
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"left_click\",\"coordinate\":[15,26]},\"element\":{\"role\":\"button\","
       "\"name\":\"Save\",\"bounds\":[10,20,30,12]}," WINDOW "," DELIVERED "}");
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"left_click\",\"target\":{\"name\":\"Sa*\"}},\"element\":{\"role\":\"button\","
       "\"name\":\"Save\",\"bounds\":[10,20,30,12]}," WINDOW "," DELIVERED "}");
  end (fixture);

  test = convert (fixture);
  small = get_step (test, 1);
  g_assert_cmpstr (json_object_get_string_member (small->at->element, "name"), ==, "Save");
  g_assert_false (small->at->has_offset);
  g_assert_cmpstr (json_object_get_string_member (small->when->element, "role"), ==, "button");
  large = get_step (test, 2);
  g_assert_true (large->at->has_offset);
  g_assert_cmpint (large->at->x, ==, 5);
  unnamed = get_step (test, 3);
  g_assert_null (unnamed->at->element);
  g_assert_cmpstr (unnamed->at->window->title, ==, "notes");
  typed = get_step (test, 4);
  g_assert_null (typed->at);
  g_assert_true (json_object_has_member (typed->when->element, "states"));
  /* the pointer is in the pictures */
  beside = get_step (test, 5);
  g_assert_true (beside->at->has_offset);
  g_assert_cmpint (beside->at->x, ==, 5);
  named = get_step (test, 6);
  g_assert_null (named->at);
  g_assert_true (json_object_has_member (named->action, "target"));
  g_assert_cmpstr (json_object_get_string_member (named->when->element, "name"), ==, "Save");
  g_assert_false (json_object_has_member (named->when->element, "states"));
}

/* What a person saw before a press has the pointer there, some pixels away at most. */
static void
test_person (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GlbReplayTest) test = NULL;
  GlbReplayStep *way, *again;
  const GlbReplayRect *mask;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"actor\":\"human\",\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"a\"}," WINDOW "," DELIVERED "}");
  add_screen (fixture, 2, 0x222222);
  add (fixture, "action", "{\"actor\":\"human\",\"frameBefore\":2,\"action\":{\"action\":\"left_click\",\"coordinate\":[30,46]}," WINDOW ","
       DELIVERED "}");
  add_screen (fixture, 3, 0x333333);
  add (fixture, "action", "{\"actor\":\"human\",\"frameBefore\":3,\"action\":{\"action\":\"right_click\",\"coordinate\":[30,46]}," WINDOW ","
       DELIVERED "}");
  add (fixture, "action", "{\"actor\":\"agent\",\"frameBefore\":3,\"action\":{\"action\":\"left_click\",\"coordinate\":[12,22]}," WINDOW ","
       DELIVERED "}");
  end (fixture);

  test = convert (fixture);
  g_assert_cmpuint (test->steps->len, ==, 6);
  g_assert_null (get_step (test, 1)->screen);
  way = get_step (test, 2);
  g_assert_cmpstr (json_object_get_string_member (way->action, "action"), ==, "mouse_move");
  g_assert_cmpint (way->at->y, ==, 26);
  assert_colour (fixture, way, 0x222222);
  g_assert_cmpuint (way->compare.masks->len, ==, 1);
  mask = &g_array_index (way->compare.masks, GlbReplayRect, 0);
  g_assert_cmpint (mask->x, ==, 14);
  g_assert_cmpint (mask->y, ==, 30);
  again = get_step (test, 3);
  g_assert_cmpstr (json_object_get_string_member (again->action, "action"), ==, "left_click");
  assert_colour (fixture, again, 0x333333);
  g_assert_null (again->compare.masks);
}

static void
test_drag (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GlbReplayTest) test = NULL;
  GlbReplayStep *drag;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"left_click_drag\",\"start_coordinate\":[12,22],\"coordinate\":[30,40]},"
       WINDOW "," DELIVERED "}");
  end (fixture);

  test = convert (fixture);
  drag = get_step (test, 1);
  g_assert_cmpint (drag->from->x, ==, 2);
  g_assert_cmpint (drag->at->x, ==, 20);
  g_assert_cmpint (drag->at->y, ==, 20);
}

/* The action that ends a session has no screen after it. */
static void
test_ended (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GlbReplayTest) test = NULL;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"number\":1,\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"ctrl+q\"},\"result\":{\"status\":\"refused\",\"code\":\"session_ended\"}}");
  add_screen (fixture, 2, 0x000000);
  add (fixture, "session-end", "{\"reason\":\"exited\"}");
  end (fixture);

  test = convert (fixture);
  g_assert_null (get_step (test, 1)->screen);
}

/* What a masked window shows is black in the pictures, and is not looked at. What was typed there can't be typed again. */
static void
test_masked (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GlbReplayTest) test = NULL;
  const GlbReplayRect *mask;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"a\"}," DELIVERED "}");
  add (fixture, "windows", "{\"windows\":[{\"window\":5,\"masked\":true,\"x\":7,\"y\":8,\"width\":9,\"height\":10}]}");
  end (fixture);
  test = convert (fixture);
  g_assert_cmpuint (get_step (test, 1)->compare.masks->len, ==, 1);
  mask = &g_array_index (get_step (test, 1)->compare.masks, GlbReplayRect, 0);
  g_assert_cmpint (mask->x, ==, 7);
  g_assert_cmpint (mask->height, ==, 10);
}

static void
test_masked_text (Fixture       *fixture,
                  gconstpointer  data)
{
  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"masked\":true,\"frameBefore\":1,\"action\":{\"action\":\"type\",\"text\":{\"characters\":3}}," DELIVERED "}");
  end (fixture);
  assert_fails (fixture, "record 3: what was typed into a masked window is not in it");
}

static void
test_long_title (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *title = g_strnfill (500, 'x');
  g_autofree char *text = g_strdup_printf ("{\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"a\"},\"window\":{\"title\":\"%s\"},"
                                           DELIVERED "}", title);
  g_autoptr(GlbReplayTest) test = NULL;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", text);
  end (fixture);
  test = convert (fixture);
  g_assert_cmpuint (strlen (get_step (test, 1)->when->window->title), ==, 256);
  g_assert_true (g_str_has_suffix (get_step (test, 1)->when->window->title, "x*"));
}

static void
test_no_action (Fixture       *fixture,
                gconstpointer  data)
{
  add_screen (fixture, 1, 0x111111);
  end (fixture);
  assert_fails (fixture, "there is no action in it");
}

static void
test_no_command (Fixture       *fixture,
                 gconstpointer  data)
{
  end (fixture);
  assert_fails (fixture, "record 1: it does not say which command");
}

static void
test_bad_action (Fixture       *fixture,
                 gconstpointer  data)
{
  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"fly\"}," DELIVERED "}");
  end (fixture);
  assert_fails (fixture, "record 3: ");
}

static void
test_cut (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"a\"}," DELIVERED "}");
  assert_fails (fixture, "cut after record 3; make a test of what there is");

  g_assert_true (glb_replay_convert (fixture->recording, fixture->file, TRUE, fixture->notes, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->notes->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (fixture->notes, 0), "cut after record 3"));
}

static void
test_altered (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *images = g_build_filename (fixture->recording, "images", NULL);
  g_autoptr(GDir) dir = NULL;
  const char *name;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"a\"}," DELIVERED "}");
  end (fixture);
  dir = g_dir_open (images, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (images, name, NULL);

      g_assert_true (g_file_set_contents (path, "other", -1, NULL));
    }
  assert_fails (fixture, "altered at record 2");
}

/* Pictures of another test are not overwritten. */
static void
test_occupied (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *picture = g_build_filename (fixture->pictures, "mine.png", NULL);
  g_autoptr(GError) error = NULL;

  add_screen (fixture, 1, 0x111111);
  add (fixture, "action", "{\"frameBefore\":1,\"action\":{\"action\":\"key\",\"text\":\"a\"}," DELIVERED "}");
  end (fixture);
  g_assert_cmpint (g_mkdir (fixture->pictures, 0700), ==, 0);
  g_assert_true (g_file_set_contents (picture, "mine", -1, NULL));
  g_assert_false (glb_replay_convert (fixture->recording, fixture->file, FALSE, fixture->notes, &error));
  g_assert_nonnull (strstr (error->message, "made.images: Directory not empty"));
  g_assert_true (g_file_test (picture, G_FILE_TEST_EXISTS));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function) g_test_add ("/replay/convert/" name, Fixture, data, fixture_set_up, function, fixture_tear_down)
  ADD ("steps", NULL, test_steps);
  ADD ("elements", NULL, test_elements);
  ADD ("person", NULL, test_person);
  ADD ("drag", NULL, test_drag);
  ADD ("ended", NULL, test_ended);
  ADD ("masked", NULL, test_masked);
  ADD ("masked-text", NULL, test_masked_text);
  ADD ("long-title", NULL, test_long_title);
  ADD ("no-action", NULL, test_no_action);
  ADD ("no-command", "{\"command\":[],\"policy\":{}}", test_no_command);
  ADD ("bad-action", NULL, test_bad_action);
  ADD ("cut", NULL, test_cut);
  ADD ("altered", NULL, test_altered);
  ADD ("occupied", NULL, test_occupied);
  return g_test_run ();
}
