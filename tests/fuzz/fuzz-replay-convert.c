/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "session-broker/record/glb-record-line.h"
#include "session-broker/replay/glb-replay-convert.h"
#include "session-broker/replay/glb-replay-test.h"

/*
 * Any lines as a recording, numbered and chained so that what is behind the chain is reached: it says why it is no test in one line,
 * or it becomes a test that can be read again.
 */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static char *folder, *lines_path, *file;

static void
remove_folder (void)
{
  g_unlink (lines_path);
  g_rmdir (folder);
}

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("glovebox-fuzz-convert-XXXXXX", NULL);
  g_assert_nonnull (folder);
  lines_path = g_build_filename (folder, "recording.jsonl", NULL);
  file = g_build_filename (folder, "test.json", NULL);
  atexit (remove_folder);
}

static void
append_record (GString       *chained,
               GlbRecordLine *line,
               JsonObject    *object,
               const char    *untrusted_type)
{
  g_autofree char *type = g_strdup (untrusted_type);
  g_autoptr(GString) composed = NULL;

  for (guint k = 0; k < 4; k++)
    json_object_remove_member (object, ((const char *[]) { "n", "ms", "type", "prev" })[k]);
  line->type = type;
  composed = glb_record_line_compose (line, object, NULL);
  if (composed == NULL)
    return;
  g_string_append (chained, composed->str);
  glb_record_line_hash (composed->str, composed->len - 1, line->prev);
  line->n++;
}

static char *
chain (const char *data,
       gsize       size)
{
  g_autofree char *text = g_strndup (data, size);
  g_auto(GStrv) lines = g_strsplit (text, "\n", 64);
  GString *chained = g_string_new (NULL);
  GlbRecordLine line = { .n = 1 };

  g_strlcpy (line.prev, glb_record_line_zero_hash (), sizeof line.prev);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      GlbRecordLine parsed;
      g_autoptr(JsonObject) object = glb_record_line_parse (&parsed, lines[i], strlen (lines[i]), NULL);

      if (object != NULL)
        append_record (chained, &line, object, parsed.type);
    }
  return g_string_free (chained, FALSE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *lines = NULL;
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;
  FILE *stream;

  if (folder == NULL)
    make_folder ();
  lines = chain ((const char *) data, size);
  stream = g_fopen (lines_path, "w");
  g_assert_nonnull (stream);
  g_assert_cmpint (fputs (lines, stream), >=, 0);
  g_assert_cmpint (fclose (stream), ==, 0);

  if (glb_replay_convert (folder, file, TRUE, notes, &error))
    {
      g_autoptr(GlbReplayTest) test = glb_replay_test_load (file, &error);

      if (test == NULL)
        g_error ("what was written can't be read: %s", error->message);
      glb_replay_remove_test (file);
    }
  else
    g_assert_null (strchr (error->message, '\n'));
  return 0;
}
