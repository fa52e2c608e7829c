/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/record/record-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *
read_lines (RecordFixture *fixture,
            gsize         *size)
{
  char *text;

  g_assert_true (g_file_get_contents (fixture->lines, &text, size, NULL));
  return text;
}

static void
write_lines (RecordFixture *fixture,
             const char    *text,
             gsize          size)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents (fixture->lines, text, size, &error);
  g_assert_no_error (error);
}

static guint
count_newlines (const char *text,
                gsize       size)
{
  guint n = 0;

  for (gsize i = 0; i < size; i++)
    n += text[i] == '\n';
  return n;
}

/* As kill -9 may leave it: cut behind any byte. */
static void
test_cut (RecordFixture *fixture,
          gconstpointer  data)
{
  g_autofree char *text = NULL;
  gsize size;

  record_fixture_write_small (fixture);
  text = read_lines (fixture, &size);
  for (gsize cut = 0; cut < size; cut++)
    {
      guint n_full = count_newlines (text, cut);
      g_autofree char *flaw = g_strdup_printf ("cut after record %u", n_full);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbRecordReader) reader = NULL;

      write_lines (fixture, text, cut);
      reader = glb_record_reader_open (fixture->recording, &error);
      if (n_full == 0)
        {
          g_assert_null (reader);
          g_assert_true (g_str_has_suffix (error->message, flaw));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (glb_record_reader_get_n_records (reader), ==, n_full);
      g_assert_cmpstr (glb_record_reader_get_flaw (reader), ==, flaw);
      g_assert_false (glb_record_reader_verify (reader, &error));
      g_assert_cmpstr (error->message, ==, flaw);
      if (n_full > 1)
        g_assert_cmphex (record_fixture_get_pixel (reader, n_full - 1, 0, 0), ==, 0xffffff);
    }
}

/* Any byte before the last line, turned over: named with its line, and what comes before can be read. */
static void
test_altered_byte (RecordFixture *fixture,
                   gconstpointer  data)
{
  g_autofree char *text = NULL;
  gsize size, last;

  record_fixture_write_small (fixture);
  text = read_lines (fixture, &size);
  last = (char *) memrchr (text, '\n', size - 1) - text;
  for (gsize i = 0; i < last; i++)
    {
      guint line = count_newlines (text, i) + 1;
      g_autofree char *place = g_strdup_printf ("altered at record %u, line %u: ", line, line);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbRecordReader) reader = NULL;

      text[i] ^= 1 << i % 7;
      write_lines (fixture, text, size);
      reader = glb_record_reader_open (fixture->recording, &error);
      text[i] ^= 1 << i % 7;
      if (line == 1)
        {
          g_assert_null (reader);
          g_assert_nonnull (strstr (error->message, place));
          continue;
        }
      g_assert_no_error (error);
      g_assert_true (g_str_has_prefix (glb_record_reader_get_flaw (reader), place));
      g_assert_cmpuint (glb_record_reader_get_n_records (reader), ==, line - 1);
    }
}

/* Each line in turn taken out, doubled, or put behind the next. */
static void
test_moved_lines (RecordFixture *fixture,
                  gconstpointer  data)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  gsize size;
  guint n;

  record_fixture_write_small (fixture);
  text = read_lines (fixture, &size);
  lines = g_strsplit (text, "\n", -1);
  n = g_strv_length (lines) - 1;
  for (guint kind = 0; kind < 3; kind++)
    for (guint i = 1; i < n - 1; i++)
      {
        g_autoptr(GString) changed = g_string_new (NULL);
        g_autoptr(GlbRecordReader) reader = NULL;

        for (guint k = 0; k < n; k++)
          {
            const char *line = kind == 2 && k == i ? lines[i + 1] : kind == 2 && k == i + 1 ? lines[i] : lines[k];

            if (kind != 0 || k != i)
              g_string_append_printf (changed, "%s\n", line);
            if (kind == 1 && k == i)
              g_string_append_printf (changed, "%s\n", line);
          }
        write_lines (fixture, changed->str, changed->len);
        reader = record_fixture_open (fixture);
        g_assert_nonnull (glb_record_reader_get_flaw (reader));
        g_assert_true (g_str_has_prefix (glb_record_reader_get_flaw (reader), "altered at record "));
        g_assert_cmpuint (glb_record_reader_get_n_records (reader), <=, i + 1);
      }
}

static void
test_after_end (RecordFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autofree char *text = NULL;
  g_autofree char *longer = NULL;
  gsize size;

  record_fixture_write_small (fixture);
  text = read_lines (fixture, &size);
  longer = g_strconcat (text, "{\"more\":", NULL);
  write_lines (fixture, longer, strlen (longer));
  reader = record_fixture_open (fixture);
  g_assert_cmpstr (glb_record_reader_get_flaw (reader), ==, "altered at record 7, line 7: it comes after the end");
  g_assert_cmpuint (glb_record_reader_get_n_records (reader), ==, 6);
}

/* The recording of one hand-made record after the first, and its screen. */
static GlbRecordReader *
open_with_screen (RecordFixture *fixture,
                  const char    *members)
{
  const char *first = "{\"n\":1,\"ms\":0,\"type\":\"recording\",\"version\":1,\"width\":32,\"height\":16,\"prev\":\"0000000000000000\"}";
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, first, -1);
  g_autofree char *text = g_strdup_printf ("%s\n{\"n\":2,\"ms\":0,\"type\":\"screen\",%s,\"prev\":\"%.16s\"}\n", first, members, hash);

  write_lines (fixture, text, strlen (text));
  return record_fixture_open (fixture);
}

#define IMAGE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_wrong_screens (RecordFixture *fixture,
                    gconstpointer  data)
{
  static const char * const wrong[] = {
    "\"frame\":1,\"rect\":[0,0,32,16],\"image\":\"images/" IMAGE ".png\"",
    "\"frame\":1,\"rect\":[0,0,31,16],\"image\":\"images/" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[1,0,32,16],\"image\":\"images/" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32,9223372036854775807],\"image\":\"images/" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[-1,0,32,16],\"image\":\"images/" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32],\"image\":\"images/" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32,16],\"image\":\"images/../" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32,16],\"image\":\"/etc/passwd\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32,16],\"image\":\"images/" IMAGE ".png/..\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32,16],\"image\":7,\"whole\":true",
    "\"frame\":-1,\"rect\":[0,0,32,16],\"image\":\"images/" IMAGE ".png\",\"whole\":true",
    "\"frame\":1,\"rect\":[0,0,32,16],\"image\":\"images/" IMAGE ".png\",\"whole\":1",
    "\"frame\":1",
  };

  record_fixture_write_small (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr(GlbRecordReader) reader = open_with_screen (fixture, wrong[i]);

      g_assert_cmpuint (glb_record_reader_get_n_records (reader), ==, 1);
      g_assert_true (g_str_has_prefix (glb_record_reader_get_flaw (reader), "altered at record 2, line 2: "));
    }
}

static void
test_wrong_first (RecordFixture *fixture,
                  gconstpointer  data)
{
  static const char * const wrong[] = {
    "", "\n", "{}\n", "\"recording\"\n", "[1,2,3]\n", "\xff\xfe\n",
    "{\"n\":1,\"ms\":0,\"type\":\"recording\",\"version\":2,\"width\":32,\"height\":16,\"prev\":\"0000000000000000\"}\n",
    "{\"n\":1,\"ms\":0,\"type\":\"recording\",\"version\":1,\"width\":99999,\"height\":16,\"prev\":\"0000000000000000\"}\n",
    "{\"n\":1,\"ms\":0,\"type\":\"recording\",\"version\":1,\"width\":-1,\"height\":16,\"prev\":\"0000000000000000\"}\n",
    "{\"n\":1,\"ms\":0,\"type\":\"recording\",\"version\":1,\"width\":32,\"height\":16,\"prev\":\"0000000000000001\"}\n",
    "{\"n\":1,\"ms\":0,\"type\":\"screen\",\"version\":1,\"width\":32,\"height\":16,\"prev\":\"0000000000000000\"}\n",
    "{\"n\":2,\"ms\":0,\"type\":\"recording\",\"version\":1,\"width\":32,\"height\":16,\"prev\":\"0000000000000000\"}\n",
    "{\"n\":1,\"ms\":-1,\"type\":\"recording\",\"version\":1,\"width\":32,\"height\":16,\"prev\":\"0000000000000000\"}\n",
    "{\"n\":1,\"n\":1,\"ms\":0,\"type\":\"recording\",\"version\":1,\"width\":32,\"height\":16,\"prev\":\"0000000000000000\"}\n",
  };

  record_fixture_write_small (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr(GError) error = NULL;

      write_lines (fixture, wrong[i], strlen (wrong[i]));
      g_assert_null (glb_record_reader_open (fixture->recording, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
assert_altered_image (RecordFixture *fixture)
{
  g_autoptr(GlbRecordReader) reader = record_fixture_open (fixture);
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_record_reader_get_flaw (reader));
  g_assert_false (glb_record_reader_verify (reader, &error));
  g_assert_nonnull (g_strstr_len (error->message, -1, "altered at record "));
  g_clear_error (&error);
  g_assert_null (glb_record_reader_get_screen (reader, glb_record_reader_get_n_records (reader) - 1, &error));
  g_assert_nonnull (g_strstr_len (error->message, -1, "altered at record "));
}

/* Each image in turn: gone, cut, one bit of it another, a link to a true copy, a folder, a pipe. */
static void
test_images (RecordFixture *fixture,
             gconstpointer  data)
{
  g_autofree char *elsewhere = g_build_filename (fixture->folder, "copy.png", NULL);
  g_autoptr(GPtrArray) images = NULL;

  record_fixture_write_small (fixture);
  images = record_fixture_list_images (fixture);
  g_assert_cmpuint (images->len, ==, 3);
  for (guint i = 0; i < images->len; i++)
    {
      const char *path = g_ptr_array_index (images, i);
      g_autofree char *png = NULL;
      g_autoptr(GError) error = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (path, &png, &size, NULL));
      g_assert_cmpint (g_remove (path), ==, 0);
      assert_altered_image (fixture);

      g_assert_true (g_file_set_contents (elsewhere, png, size, NULL));
      g_assert_cmpint (symlink (elsewhere, path), ==, 0);
      assert_altered_image (fixture);
      g_assert_cmpint (g_remove (path), ==, 0);

      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      assert_altered_image (fixture);
      g_assert_cmpint (g_remove (path), ==, 0);

      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
      assert_altered_image (fixture);
      g_assert_cmpint (g_remove (path), ==, 0);

      g_assert_true (g_file_set_contents (path, png, size / 2, NULL));
      assert_altered_image (fixture);
      png[size / 2] ^= 4;
      g_assert_true (g_file_set_contents (path, png, size, NULL));
      assert_altered_image (fixture);
      png[size / 2] ^= 4;
      g_assert_true (g_file_set_contents (path, png, size, &error));
    }

  {
    g_autoptr(GlbRecordReader) reader = record_fixture_open (fixture);

    g_assert_true (glb_record_reader_verify (reader, NULL));
  }
}

/* The name is true and the image sound, but of another size than its place. */
static void
test_image_of_other_size (RecordFixture *fixture,
                          gconstpointer  data)
{
  g_autoptr(GlbRecordImage) small = record_fixture_new_image (8, 8, 0);
  g_autoptr(GBytes) png = glb_record_image_encode (small, NULL);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  g_autofree char *path = g_strdup_printf ("%s/images/%s.png", fixture->recording, hash);
  g_autofree char *members = g_strdup_printf ("\"frame\":1,\"rect\":[0,0,32,16],\"image\":\"images/%s.png\",\"whole\":true", hash);
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(GError) error = NULL;

  record_fixture_write_small (fixture);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL), g_bytes_get_size (png), NULL));
  reader = open_with_screen (fixture, members);
  g_assert_cmpuint (glb_record_reader_get_n_records (reader), ==, 2);
  g_assert_null (glb_record_reader_get_screen (reader, 1, &error));
  g_assert_nonnull (strstr (error->message, "8 x 8"));
}

/* The lines, and the folder of images, as links to true ones. */
static void
test_links (RecordFixture *fixture,
            gconstpointer  data)
{
  g_autofree char *moved = g_build_filename (fixture->folder, "moved", NULL);
  g_autofree char *images = g_build_filename (fixture->recording, "images", NULL);
  g_autoptr(GError) error = NULL;

  record_fixture_write_small (fixture);
  g_assert_cmpint (g_rename (images, moved), ==, 0);
  g_assert_cmpint (symlink (moved, images), ==, 0);
  assert_altered_image (fixture);
  g_assert_cmpint (g_remove (images), ==, 0);
  g_assert_cmpint (g_rename (moved, images), ==, 0);

  g_assert_cmpint (g_rename (fixture->lines, moved), ==, 0);
  g_assert_cmpint (symlink (moved, fixture->lines), ==, 0);
  g_assert_null (glb_record_reader_open (fixture->recording, &error));
  g_assert_nonnull (error);
}

#define ADD(name, function) \
  g_test_add ("/record/reader/" name, RecordFixture, NULL, record_fixture_set_up, function, record_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cut", test_cut);
  ADD ("altered-byte", test_altered_byte);
  ADD ("moved-lines", test_moved_lines);
  ADD ("after-end", test_after_end);
  ADD ("wrong-screens", test_wrong_screens);
  ADD ("wrong-first", test_wrong_first);
  ADD ("images", test_images);
  ADD ("image-of-other-size", test_image_of_other_size);
  ADD ("links", test_links);
  return g_test_run ();
}
