/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/broker/glb-pipe-reader.h"

/* Longer than any test: a deadline that must not matter. */
#define LONG_MS 120000

typedef struct
{
  int fd;                    /* what the writer has */
  GAsyncResult *result;
} Read;

static void
on_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Read *self = user_data;

  g_assert_null (self->result);
  self->result = g_object_ref (result);
}

static void
begin (Read *self, gsize max_bytes, guint deadline_ms, GCancellable *cancellable)
{
  int ends[2];

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  self->fd = ends[1];
  self->result = NULL;
  glb_pipe_reader_read_async (ends[0], max_bytes, deadline_ms, cancellable, on_read, self);
}

static GBytes *
end (Read *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  while (self->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  result = g_steal_pointer (&self->result);
  return glb_pipe_reader_read_finish (result, error);
}

/* The reading end is closed, so that a writer is told. */
static void
assert_nobody_reads (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, -1);
  g_assert_cmpint (errno, ==, EPIPE);
  close (fd);
}

static void
test_too_large (void)
{
  g_autoptr(GError) error = NULL;
  Read read;

  begin (&read, 3, LONG_MS, NULL);
  g_assert_cmpint (write (read.fd, "1234", 4), ==, 4);
  g_assert_null (end (&read, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  assert_nobody_reads (read.fd);
  g_clear_error (&error);

  begin (&read, 0, LONG_MS, NULL);
  g_assert_cmpint (write (read.fd, "1", 1), ==, 1);
  g_assert_null (end (&read, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  assert_nobody_reads (read.fd);
}

static gpointer
write_without_end (gpointer data)
{
  static const char zeros[65536];
  int fd = GPOINTER_TO_INT (data);

  while (write (fd, zeros, sizeof zeros) > 0)
    ;
  g_assert_cmpint (errno, ==, EPIPE);
  close (fd);
  return NULL;
}

static void
test_without_end (void)
{
  g_autoptr(GError) error = NULL;
  GThread *thread;
  Read read;

  begin (&read, 1000 * 1000, LONG_MS, NULL);
  thread = g_thread_new ("writer", write_without_end, GINT_TO_POINTER (read.fd));
  g_assert_null (end (&read, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  g_thread_join (thread);
}

static void
test_deadline (void)
{
  g_autoptr(GError) error = NULL;
  Read read;

  /* Some bytes do not help. */
  begin (&read, 1000, 30, NULL);
  g_assert_cmpint (write (read.fd, "12", 2), ==, 2);
  g_assert_null (end (&read, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_nobody_reads (read.fd);
}

static void
test_cancelled (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Read read;

  begin (&read, 1000, LONG_MS, cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_null (end (&read, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_nobody_reads (read.fd);
  g_clear_error (&error);

  begin (&read, 1000, LONG_MS, cancellable);
  g_assert_null (end (&read, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_nobody_reads (read.fd);
}

static void
test_no_pipe (void)
{
  g_autoptr(GError) error = NULL;
  Read read = { .fd = -1 };

  glb_pipe_reader_read_async (open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 10, 30, NULL, on_read, &read);
  g_assert_null (end (&read, &error));
  g_assert_nonnull (error);
}

static void
test_reads (void)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  Read read;

  begin (&read, 3, LONG_MS, NULL);
  g_assert_cmpint (write (read.fd, "123", 3), ==, 3);
  close (read.fd);
  bytes = end (&read, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "123", 3);
  g_clear_pointer (&bytes, g_bytes_unref);

  begin (&read, 0, LONG_MS, NULL);
  close (read.fd);
  bytes = end (&read, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipe-reader/too-large", test_too_large);
  g_test_add_func ("/pipe-reader/without-end", test_without_end);
  g_test_add_func ("/pipe-reader/deadline", test_deadline);
  g_test_add_func ("/pipe-reader/cancelled", test_cancelled);
  g_test_add_func ("/pipe-reader/no-pipe", test_no_pipe);
  g_test_add_func ("/pipe-reader/reads", test_reads);
  return g_test_run ();
}
