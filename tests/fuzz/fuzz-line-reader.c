/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-line-reader.h"

/* However the bytes come in: the lines are those that stand between their ends, none is longer than was asked for, and a rest
 * without an end is none. The first two bytes say how many are read at once, and how long a line may be. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static char *
read_line (GlbLineReader *reader, gsize *length, GError **error)
{
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  glb_line_reader_read_async (reader, NULL, read_cb, &pending);
  while (pending == NULL)
    g_main_context_iteration (NULL, TRUE);
  result = pending;
  return glb_line_reader_read_finish (reader, result, length, error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  gsize read_bytes = size > 0 ? data[0] % 32 + 1 : 1;
  gsize max_bytes = size > 1 ? data[1] % 64 : 0;
  const guint8 *rest = data + MIN (size, 2);
  const guint8 *stop = data + size;
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data (rest, stop - rest, NULL);
  GlbLinePace pace = { .per_second = 1000000, .burst = 1000000 };
  g_autoptr(GlbLineReader) reader = glb_line_reader_new (stream, max_bytes, read_bytes, &pace);

  for (;;)
    {
      const guint8 *end = rest < stop ? memchr (rest, '\n', stop - rest) : NULL;
      g_autoptr(GError) error = NULL;
      gsize length = G_MAXSIZE;
      g_autofree char *line = read_line (reader, &length, &error);

      if (line == NULL && error == NULL)
        {
          g_assert_null (end);
          g_assert_cmpuint (stop - rest, <=, max_bytes);
          return 0;
        }
      if (line == NULL)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
          g_assert_cmpuint ((end != NULL ? end : stop) - rest, >, max_bytes);
          return 0;
        }
      g_assert_nonnull (end);
      g_assert_cmpmem (line, length, rest, (gsize) (end - rest));
      g_assert_cmpuint (length, <=, max_bytes);
      g_assert_cmpint (line[length], ==, '\0');
      rest = end + 1;
    }
}
