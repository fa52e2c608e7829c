/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "session-broker/broker/glb-line-reader.h"

#define MAX_BYTES 8

typedef struct
{
  GlbLineReader *reader;
  GlbLinePace pace;
  int fd;                    /* what the client writes to */
  GAsyncResult *result;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GInputStream) stream = NULL;
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  stream = g_unix_input_stream_new (ends[0], TRUE);
  fixture->pace = (GlbLinePace) { .per_second = 10, .burst = 3 };
  fixture->reader = glb_line_reader_new (stream, MAX_BYTES, 4, &fixture->pace);
  fixture->fd = ends[1];
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->reader);
  if (fixture->fd >= 0)
    close (fixture->fd);
}

static void
on_line (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_null (fixture->result);
  fixture->result = g_object_ref (result);
}

static void
begin (Fixture *fixture, GCancellable *cancellable)
{
  glb_line_reader_read_async (fixture->reader, cancellable, on_line, fixture);
}

static char *
finish (Fixture *fixture, gsize *length, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  result = g_steal_pointer (&fixture->result);
  return glb_line_reader_read_finish (fixture->reader, result, length, error);
}

static void
say (Fixture *fixture, const char *text)
{
  g_assert_cmpint (write (fixture->fd, text, strlen (text)), ==, (gssize) strlen (text));
}

/* expected: (nullable): there is none */
static void
assert_line (Fixture *fixture, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  gsize length = 0;

  begin (fixture, NULL);
  line = finish (fixture, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line, ==, expected);
  g_assert_cmpuint (length, ==, expected != NULL ? strlen (expected) : 0);
}

static void
assert_too_long (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  gsize length;

  begin (fixture, NULL);
  g_assert_null (finish (fixture, &length, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  g_assert_cmpstr (error->message, ==, "the line is too long");
}

static void
test_too_long (Fixture *fixture, gconstpointer data)
{
  say (fixture, "12345678\n123456789\n");
  assert_line (fixture, "12345678");
  assert_too_long (fixture);
}

/* The end of what is too long already is not waited for. */
static void
test_without_end (Fixture *fixture, gconstpointer data)
{
  say (fixture, "123456789");
  assert_too_long (fixture);
}

static void
test_lines (Fixture *fixture, gconstpointer data)
{
  say (fixture, "one\n\ntwo");
  assert_line (fixture, "one");
  assert_line (fixture, "");
  say (fixture, "2\nrest");
  assert_line (fixture, "two2");
  close (fixture->fd);
  fixture->fd = -1;
  assert_line (fixture, NULL);
}

static void
test_nul (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  gsize length;

  g_assert_cmpint (write (fixture->fd, "a\0b\n", 4), ==, 4);
  begin (fixture, NULL);
  line = finish (fixture, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (line, length, "a\0b", 3);
}

/* Ten a second after the first three: what came too soon waits, and nothing of it is lost. */
static void
test_pace (Fixture *fixture, gconstpointer data)
{
  gint64 started;

  say (fixture, "1\n2\n3\n");
  for (char line[] = "1"; line[0] <= '3'; line[0]++)
    assert_line (fixture, line);
  started = g_get_monotonic_time ();
  say (fixture, "4\n5\n");
  assert_line (fixture, "4");
  assert_line (fixture, "5");
  g_assert_cmpint (g_get_monotonic_time () - started, >=, 150 * G_TIME_SPAN_MILLISECOND);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  gsize length;

  begin (fixture, cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_null (finish (fixture, &length, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Also while a line waits for its turn, which would be in a year. */
static void
test_cancelled_in_turn (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  gsize length;

  fixture->pace = (GlbLinePace) { .per_second = 0, .burst = 1 };
  say (fixture, "1\n2\n");
  assert_line (fixture, "1");
  begin (fixture, cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_null (finish (fixture, &length, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_pace_take (void)
{
  GlbLinePace pace = { .per_second = 2, .burst = 2 };
  gint64 now = 1000;

  g_assert_true (glb_line_pace_take (&pace, now));
  g_assert_true (glb_line_pace_take (&pace, now));
  g_assert_false (glb_line_pace_take (&pace, now));
  g_assert_false (glb_line_pace_take (&pace, now + 499999));
  g_assert_true (glb_line_pace_take (&pace, now + 500001));
  /* an hour of silence saves no more than the burst */
  now += G_TIME_SPAN_HOUR;
  g_assert_true (glb_line_pace_take (&pace, now));
  g_assert_true (glb_line_pace_take (&pace, now));
  g_assert_false (glb_line_pace_take (&pace, now));
}

#define ADD(name, function) g_test_add ("/line-reader/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("too-long", test_too_long);
  ADD ("without-end", test_without_end);
  ADD ("lines", test_lines);
  ADD ("nul", test_nul);
  ADD ("pace", test_pace);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled-in-turn", test_cancelled_in_turn);
  g_test_add_func ("/line-reader/pace-take", test_pace_take);
  return g_test_run ();
}
