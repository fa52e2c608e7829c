/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/record/record-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  if (dir != NULL)
    {
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_tree (child);
        }
      g_dir_close (dir);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
record_fixture_set_up (RecordFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("glovebox-record-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->recording = g_build_filename (fixture->folder, "recording", NULL);
  fixture->lines = g_build_filename (fixture->recording, "recording.jsonl", NULL);
}

void
record_fixture_tear_down (RecordFixture *fixture,
                          gconstpointer  data)
{
  remove_tree (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->recording);
  g_free (fixture->lines);
}

GlbRecordWriter *
record_fixture_new_writer (RecordFixture *fixture,
                           guint          width,
                           guint          height)
{
  const GlbRecordWriterOptions options = { .width = width, .height = height, .max_bytes = 16 * 1024 * 1024 };
  g_autoptr(JsonObject) session = json_object_new ();
  g_autoptr(GError) error = NULL;
  GlbRecordWriter *writer;

  json_object_set_string_member (session, "id", "s-1");
  writer = glb_record_writer_new (fixture->recording, &options, session, &error);
  g_assert_no_error (error);
  return writer;
}

GlbRecordImage *
record_fixture_new_image (guint   width,
                          guint   height,
                          guint32 rgb)
{
  GlbRecordImage *image = glb_record_image_new (width, height);

  glb_record_image_fill (image, &(GlbRect) { 0, 0, width, height }, rgb);
  return image;
}

void
record_fixture_write_small (RecordFixture *fixture)
{
  g_autoptr(GlbRecordWriter) writer = record_fixture_new_writer (fixture, 32, 16);
  g_autoptr(GlbRecordImage) white = record_fixture_new_image (32, 16, 0xffffff);
  g_autoptr(GlbRecordImage) red = record_fixture_new_image (8, 4, 0xff0000);
  g_autoptr(GlbRecordImage) green = record_fixture_new_image (2, 2, 0x00ff00);
  g_autoptr(JsonObject) action = json_object_new ();
  g_autoptr(GError) error = NULL;

  json_object_set_string_member (action, "actor", "agent");
  g_assert_true (glb_record_writer_append_screen (writer, 0, 1, white, 0, 0, &error));
  g_assert_true (glb_record_writer_append (writer, 10, "action", action, &error));
  g_assert_true (glb_record_writer_append_screen (writer, 20, 2, red, 4, 4, &error));
  g_assert_true (glb_record_writer_append_screen (writer, 30, 3, green, 5, 5, &error));
  g_assert_true (glb_record_writer_end (writer, 40, "asked", &error));
  g_assert_no_error (error);
}

GlbRecordReader *
record_fixture_open (RecordFixture *fixture)
{
  g_autoptr(GError) error = NULL;
  GlbRecordReader *reader = glb_record_reader_open (fixture->recording, &error);

  g_assert_no_error (error);
  return reader;
}

guint32
record_fixture_get_pixel (GlbRecordReader *reader,
                          guint            index,
                          guint            x,
                          guint            y)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecordImage) image = glb_record_reader_get_screen (reader, index, &error);

  g_assert_no_error (error);
  return image->pixels[y * image->width + x];
}

GPtrArray *
record_fixture_list_images (RecordFixture *fixture)
{
  g_autofree char *images = g_build_filename (fixture->recording, "images", NULL);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GDir) dir = g_dir_open (images, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (list, g_build_filename (images, name, NULL));
  return list;
}

static guint32
get_uint32 (const char *data,
            gsize       at)
{
  guint32 value;

  memcpy (&value, data + at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static gboolean
image_has_colour (const char *path,
                  guint32     rgb)
{
  g_autofree char *data = NULL;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(GlbRecordImage) image = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpuint (size, >, 24);
  png = g_bytes_new (data, size);
  image = glb_record_image_decode (png, get_uint32 (data, 16), get_uint32 (data, 20), NULL);
  g_assert_nonnull (image);
  for (gsize i = 0; i < (gsize) image->width * image->height; i++)
    if (image->pixels[i] == rgb)
      return TRUE;
  return FALSE;
}

gboolean
record_fixture_has_colour (RecordFixture *fixture,
                           guint32        rgb)
{
  g_autoptr(GPtrArray) images = record_fixture_list_images (fixture);

  for (guint i = 0; i < images->len; i++)
    if (image_has_colour (g_ptr_array_index (images, i), rgb))
      return TRUE;
  return FALSE;
}

static gboolean
file_has_text (const char *path,
               const char *text)
{
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  return memmem (data, size, text, strlen (text)) != NULL;
}

gboolean
record_fixture_has_text (RecordFixture *fixture,
                         const char    *text)
{
  g_autoptr(GPtrArray) images = record_fixture_list_images (fixture);

  for (guint i = 0; i < images->len; i++)
    if (file_has_text (g_ptr_array_index (images, i), text))
      return TRUE;
  return file_has_text (fixture->lines, text);
}
