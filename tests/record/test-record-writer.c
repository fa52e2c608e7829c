/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/record/record-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define CANARY 0xc0ffeeu

static void
test_whole (RecordFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(GError) error = NULL;
  guint last;

  record_fixture_write_small (fixture);
  reader = record_fixture_open (fixture);
  g_assert_null (glb_record_reader_get_flaw (reader));
  g_assert_true (glb_record_reader_verify (reader, &error));
  last = glb_record_reader_get_n_records (reader) - 1;
  g_assert_cmpuint (last, ==, 5);
  g_assert_cmpstr (glb_record_reader_get_record_type (reader, 0), ==, "recording");
  g_assert_cmpstr (glb_record_reader_get_record_type (reader, 2), ==, "action");
  g_assert_cmpstr (glb_record_reader_get_record_type (reader, last), ==, "end");
  g_assert_cmpint (glb_record_reader_get_record_ms (reader, last), ==, 40);

  g_assert_cmphex (record_fixture_get_pixel (reader, last, 5, 5), ==, 0x00ff00);
  g_assert_cmphex (record_fixture_get_pixel (reader, last, 4, 4), ==, 0xff0000);
  g_assert_cmphex (record_fixture_get_pixel (reader, last, 0, 0), ==, 0xffffff);
  /* Back, and forward again. */
  g_assert_cmphex (record_fixture_get_pixel (reader, 1, 5, 5), ==, 0xffffff);
  g_assert_cmphex (record_fixture_get_pixel (reader, 2, 5, 5), ==, 0xffffff);
  g_assert_cmphex (record_fixture_get_pixel (reader, 3, 5, 5), ==, 0xff0000);
  g_assert_null (glb_record_reader_get_screen (reader, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static guint
count_screens (GlbRecordReader *reader)
{
  guint n = 0;

  for (guint i = 0; i < glb_record_reader_get_n_records (reader); i++)
    n += strcmp (glb_record_reader_get_record_type (reader, i), "screen") == 0;
  return n;
}

/* Programs say that all has changed; what has is two places far apart. */
static void
test_only_what_is_different (RecordFixture *fixture,
                             gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 400, 300);
  g_autoptr(GlbRecordImage) screen = record_fixture_new_image (400, 300, 0xffffff);
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(JsonObject) record = NULL;

  g_assert_true (glb_record_writer_append_screen (writer, 0, 1, screen, 0, 0, NULL));
  g_assert_true (glb_record_writer_append_screen (writer, 1, 2, screen, 0, 0, NULL));
  glb_record_image_fill (screen, &(GlbRect) { 10, 20, 5, 6 }, 0x0000ff);
  glb_record_image_fill (screen, &(GlbRect) { 300, 200, 7, 8 }, 0x0000ff);
  g_assert_true (glb_record_writer_append_screen (writer, 2, 3, screen, 0, 0, NULL));
  /* What no screen shows is not a difference. */
  for (guint i = 0; i < 400 * 300; i++)
    screen->pixels[i] |= 0xab000000;
  g_assert_true (glb_record_writer_append_screen (writer, 3, 4, screen, 0, 0, NULL));
  g_assert_true (glb_record_writer_end (writer, 4, "asked", NULL));

  reader = record_fixture_open (fixture);
  g_assert_cmpuint (count_screens (reader), ==, 3);
  record = glb_record_reader_get_record (reader, 3);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (record, "rect"), 0), ==, 300);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (record, "rect"), 3), ==, 8);
  g_assert_cmphex (record_fixture_get_pixel (reader, 3, 14, 25), ==, 0x0000ff);
  g_assert_cmphex (record_fixture_get_pixel (reader, 3, 306, 207), ==, 0x0000ff);
}

static void
test_same_image_once (RecordFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 100, 100);
  g_autoptr(GlbRecordImage) screen = record_fixture_new_image (100, 100, 0xffffff);
  g_autoptr(GlbRecordImage) on = record_fixture_new_image (8, 16, 0x000000);
  g_autoptr(GlbRecordImage) off = record_fixture_new_image (8, 16, 0xffffff);
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(GPtrArray) images = NULL;

  g_assert_true (glb_record_writer_append_screen (writer, 0, 1, screen, 0, 0, NULL));
  for (guint i = 0; i < 20; i++)
    g_assert_true (glb_record_writer_append_screen (writer, i, 2 + i, i % 2 == 0 ? on : off, 50, 50, NULL));
  g_assert_true (glb_record_writer_end (writer, 20, "asked", NULL));

  reader = record_fixture_open (fixture);
  g_assert_cmpuint (count_screens (reader), ==, 21);
  images = record_fixture_list_images (fixture);
  g_assert_cmpuint (images->len, ==, 3);
}

/* However many changes: each is near a whole screen. */
static void
test_whole_screens (RecordFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 16, 16);
  g_autoptr(GlbRecordImage) screen = record_fixture_new_image (16, 16, 0xffffff);
  g_autoptr(GlbRecordReader) reader = NULL;
  guint n_whole = 0;

  g_assert_true (glb_record_writer_append_screen (writer, 0, 1, screen, 0, 0, NULL));
  for (guint i = 0; i < 3 * GLB_RECORD_WHOLE_EVERY; i++)
    {
      g_autoptr(GlbRecordImage) dot = record_fixture_new_image (1, 1, i);

      g_assert_true (glb_record_writer_append_screen (writer, i, 2 + i, dot, 3, 3, NULL));
    }
  g_assert_true (glb_record_writer_end (writer, 1, "asked", NULL));

  reader = record_fixture_open (fixture);
  g_assert_null (glb_record_reader_get_flaw (reader));
  for (guint i = 0; i < glb_record_reader_get_n_records (reader); i++)
    {
      g_autoptr(JsonObject) record = glb_record_reader_get_record (reader, i);

      n_whole += json_object_has_member (record, "whole");
    }
  g_assert_cmpuint (n_whole, ==, 4);
  g_assert_cmphex (record_fixture_get_pixel (reader, 700, 3, 3), ==, 698);
}

static void
write_canary (RecordFixture *fixture,
              const GlbRect *mask)
{
  const GlbRecordWriterOptions options = {
    .width = 64, .height = 48, .max_bytes = GLB_RECORD_BYTES_MIN, .masks = mask, .n_masks = mask != NULL,
  };
  g_autoptr(GlbRecordImage) screen = record_fixture_new_image (64, 48, 0xffffff);
  g_autoptr(GlbRecordImage) canary = record_fixture_new_image (10, 10, CANARY);
  g_autoptr(JsonObject) session = json_object_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecordWriter) writer = glb_record_writer_new (fixture->recording, &options, session, &error);

  g_assert_no_error (error);
  g_assert_true (glb_record_writer_append_screen (writer, 0, 1, screen, 0, 0, &error));
  g_assert_true (glb_record_writer_append_screen (writer, 1, 2, canary, 20, 20, &error));
  glb_record_image_put (screen, canary, 20, 20);
  g_assert_true (glb_record_writer_append_screen (writer, 2, 3, screen, 0, 0, &error));
  g_assert_true (glb_record_writer_end (writer, 3, "asked", &error));
}

static void
test_mask (RecordFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(GlbRecordReader) reader = NULL;

  write_canary (fixture, &(GlbRect) { 20, 20, 10, 10 });
  g_assert_false (record_fixture_has_colour (fixture, CANARY));
  reader = record_fixture_open (fixture);
  /* Not even that something happened there. */
  g_assert_cmpuint (count_screens (reader), ==, 1);
  g_assert_cmphex (record_fixture_get_pixel (reader, 1, 20, 20), ==, 0);
  g_assert_cmphex (record_fixture_get_pixel (reader, 1, 19, 20), ==, 0xffffff);
}

static void
test_mask_control (RecordFixture *fixture,
                   gconstpointer  data)
{
  write_canary (fixture, NULL);
  g_assert_true (record_fixture_has_colour (fixture, CANARY));
}

static void
fill_with_noise (GlbRecordImage *image,
                 GRand          *rand)
{
  for (guint i = 0; i < image->width * image->height; i++)
    image->pixels[i] = g_rand_int (rand);
}

static guint64
measure (RecordFixture *fixture)
{
  g_autoptr(GPtrArray) images = record_fixture_list_images (fixture);
  guint64 bytes = 0;
  GStatBuf status;

  g_ptr_array_add (images, g_strdup (fixture->lines));
  for (guint i = 0; i < images->len; i++)
    {
      g_assert_cmpint (g_stat (g_ptr_array_index (images, i), &status), ==, 0);
      bytes += status.st_size;
    }
  return bytes;
}

static void
test_size (RecordFixture *fixture,
           gconstpointer  data)
{
  const GlbRecordWriterOptions options = { .width = 200, .height = 200, .max_bytes = GLB_RECORD_BYTES_MIN };
  g_autoptr(GlbRecordImage) screen = record_fixture_new_image (200, 200, 0);
  g_autoptr(JsonObject) session = json_object_new ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecordWriter) writer = glb_record_writer_new (fixture->recording, &options, session, &error);
  g_autoptr(GlbRecordReader) reader = NULL;
  guint n = 0;

  do
    fill_with_noise (screen, rand);
  while (glb_record_writer_append_screen (writer, n, 1 + n, screen, 0, 0, &error) && n++ < 100);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (n, >, 5);
  g_assert_true (glb_record_writer_end (writer, n, "full", NULL));

  g_assert_cmpuint (measure (fixture), <=, GLB_RECORD_BYTES_MIN);
  g_assert_cmpuint (glb_record_writer_get_bytes (writer), ==, measure (fixture));
  reader = record_fixture_open (fixture);
  g_assert_null (glb_record_reader_get_flaw (reader));
}

static void
test_folder_in_use (RecordFixture *fixture,
                    gconstpointer  data)
{
  const GlbRecordWriterOptions options = { .width = 8, .height = 8, .max_bytes = GLB_RECORD_BYTES_MIN };
  g_autoptr(JsonObject) session = json_object_new ();
  g_autoptr(GError) error = NULL;

  record_fixture_write_small (fixture);
  g_assert_null (glb_record_writer_new (fixture->recording, &options, session, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
}

static void
test_after_end (RecordFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 8, 8);
  g_autoptr(GError) error = NULL;

  g_assert_true (glb_record_writer_end (writer, 0, "asked", NULL));
  g_assert_false (glb_record_writer_append (writer, 0, "output", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

#define ADD(name, function) \
  g_test_add ("/record/writer/" name, RecordFixture, NULL, record_fixture_set_up, function, record_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("only-what-is-different", test_only_what_is_different);
  ADD ("same-image-once", test_same_image_once);
  ADD ("whole-screens", test_whole_screens);
  ADD ("mask", test_mask);
  ADD ("mask-control", test_mask_control);
  ADD ("size", test_size);
  ADD ("folder-in-use", test_folder_in_use);
  ADD ("after-end", test_after_end);
  return g_test_run ();
}
