/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/record/glb-record-caption.h"
#include "session-broker/record/glb-record-line.h"
#include "session-broker/record/glb-record-reader.h"

/*
 * Any text as the lines of a recording: it opens or says why not, all of its
 * records can be had again, and its screens are there or are not. And the same
 * text with its lines numbered and chained, so that what is behind the chain is
 * reached, too. Any bytes as an image.
 */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static char *folder;

static void
remove_folder (void)
{
  g_autofree char *lines = g_build_filename (folder, "recording.jsonl", NULL);

  g_unlink (lines);
  g_rmdir (folder);
}

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("glovebox-fuzz-record-XXXXXX", NULL);
  g_assert_nonnull (folder);
  atexit (remove_folder);
}

/* What a terminal and a picture get to show. */
static void
check_caption (JsonObject *record)
{
  g_autofree char *caption = glb_record_caption (record);

  if (caption == NULL)
    return;
  g_assert_true (g_utf8_validate (caption, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (caption, -1), <=, GLB_RECORD_CAPTION_MAX);
  for (const char *c = caption; *c != '\0'; c++)
    g_assert_false (g_ascii_iscntrl (*c));
}

static void
check_reader (GlbRecordReader *reader)
{
  guint n = glb_record_reader_get_n_records (reader);
  guint width, height;

  g_assert_cmpuint (n, >, 0);
  glb_record_reader_get_size (reader, &width, &height);
  g_assert_true (glb_record_image_size_is_valid (width, height));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(JsonObject) record = glb_record_reader_get_record (reader, i);

      g_assert_nonnull (record);
      g_assert_cmpint (json_object_get_int_member (record, "n"), ==, i + 1);
      g_assert_cmpstr (json_object_get_string_member (record, "type"), ==, glb_record_reader_get_record_type (reader, i));
      check_caption (record);
    }
  /* Without any image no screen can be had. */
  if (width * height < 65536)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_record_reader_get_screen (reader, n - 1, &error));
      g_assert_nonnull (error);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
open_lines (const char *data,
            gsize       size)
{
  g_autofree char *lines = g_build_filename (folder, "recording.jsonl", NULL);
  g_autoptr(GlbRecordReader) reader = NULL;
  g_autoptr(GError) error = NULL;
  FILE *file = g_fopen (lines, "w");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);

  reader = glb_record_reader_open (folder, &error);
  if (reader != NULL)
    check_reader (reader);
  else
    g_assert_null (strchr (error->message, '\n'));
}

/* The lines that are objects, as records behind each other. */
static void
open_chained (const char *data,
              gsize       size)
{
  g_autofree char *text = g_strndup (data, size);
  g_auto(GStrv) lines = g_strsplit (text, "\n", 64);
  g_autoptr(GString) chained = g_string_new (NULL);
  GlbRecordLine line = { .n = 1 };

  g_strlcpy (line.prev, glb_record_line_zero_hash (), sizeof line.prev);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      GlbRecordLine parsed;
      g_autoptr(JsonObject) object = glb_record_line_parse (&parsed, lines[i], strlen (lines[i]), NULL);
      g_autofree char *type = NULL;
      g_autoptr(GString) composed = NULL;

      if (object == NULL)
        continue;
      type = g_strdup (parsed.type);
      for (guint k = 0; k < 4; k++)
        json_object_remove_member (object, ((const char *[]) { "n", "ms", "type", "prev" })[k]);
      line.type = type;
      line.ms = parsed.ms;
      composed = glb_record_line_compose (&line, object, NULL);
      g_assert_nonnull (composed);
      g_string_append (chained, composed->str);
      glb_record_line_hash (composed->str, composed->len - 1, line.prev);
      line.n++;
    }
  open_lines (chained->str, chained->len);
}

static void
check_image (const guint8 *data,
             gsize         size)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecordImage) image = glb_record_image_decode (bytes, 5, 3, &error);

  g_assert_true ((image != NULL) != (error != NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  if (folder == NULL)
    make_folder ();

  open_lines ((const char *) data, size);
  open_chained ((const char *) data, size);
  check_image (data, size);
  return 0;
}
