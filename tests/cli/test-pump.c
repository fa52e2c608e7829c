/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-pump.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE (3 * 1024 * 1024 + 17)

typedef struct
{
  int fd;
  const guint8 *bytes;
  gsize length;
} Writer;

static gpointer
writer_thread (gpointer data)
{
  Writer *writer = data;
  gsize written = 0;
  ssize_t n;

  while (written < writer->length)
    {
      n = write (writer->fd, writer->bytes + written, MIN (writer->length - written, 30011));
      if (n < 0)
        break;
      written += (gsize) n;
    }
  close (writer->fd);
  return NULL;
}

static gpointer
reader_thread (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[5003];
  ssize_t n;

  while ((n = read (fd, buffer, sizeof buffer)) > 0)
    g_byte_array_append (bytes, buffer, (guint) n);
  close (fd);
  return bytes;
}

static guint8 *
random_bytes (gsize length)
{
  guint8 *bytes = g_malloc (length);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8) g_test_rand_int ();
  return bytes;
}

static void
done_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
run_until (gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

typedef enum { PIPE, SOCKET } Kind;

static void
make (Kind kind,
      int  fds[2])
{
  if (kind == PIPE)
    g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  else
    g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
}

static gboolean
is_nonblocking (int fd)
{
  return (fcntl (fd, F_GETFL) & O_NONBLOCK) != 0;
}

static void
move (Kind         in_kind,
      Kind         out_kind,
      GlbPumpFlags flags)
{
  g_autofree guint8 *bytes = random_bytes (SIZE);
  g_autoptr(GByteArray) received = NULL;
  g_autoptr(GlbPump) pump = NULL;
  gboolean done = FALSE;
  GThread *writer, *reader;
  int in[2], out[2];
  Writer data;

  make (in_kind, in);
  make (out_kind, out);
  data = (Writer) { in[1], bytes, SIZE };
  writer = g_thread_new ("writer", writer_thread, &data);
  reader = g_thread_new ("reader", reader_thread, GINT_TO_POINTER (out[0]));

  pump = glb_pump_new (in[0], out[1], flags, done_cb, &done);
  run_until (&done);
  g_assert_true (glb_pump_is_done (pump));
  if ((flags & GLB_PUMP_OWNS_IN) == 0)
    {
      g_assert_false (is_nonblocking (in[0]));
      close (in[0]);
    }
  if ((flags & GLB_PUMP_OWNS_OUT) == 0)
    {
      g_assert_false (is_nonblocking (out[1]));
      close (out[1]);
    }

  g_thread_join (writer);
  received = g_thread_join (reader);
  g_assert_cmpmem (received->data, received->len, bytes, SIZE);
}

static void
test_move (void)
{
  for (int in = PIPE; in <= SOCKET; in++)
    for (int out = PIPE; out <= SOCKET; out++)
      for (guint flags = 0; flags < 4; flags++)
        move (in, out, flags);
}

/* The output's reader goes: the input's writer learns it from its own pipe. */
static void
reader_gone (Kind kind)
{
  g_autoptr(GlbPump) pump = NULL;
  gboolean done = FALSE;
  int in[2], out[2];

  make (PIPE, in);
  make (kind, out);
  close (out[0]);
  pump = glb_pump_new (in[0], out[1], GLB_PUMP_OWNS_IN, done_cb, &done);
  g_assert_cmpint (write (in[1], "x", 1), ==, 1);
  run_until (&done);
  g_assert_cmpint (write (in[1], "x", 1), ==, -1);
  g_assert_cmpint (errno, ==, EPIPE);
  close (in[1]);
  close (out[1]);
}

static void
test_reader_gone (void)
{
  reader_gone (PIPE);
  reader_gone (SOCKET);
}

/* What was written before is moved, though another process keeps the pipe open. */
static void
test_drain (void)
{
  g_autofree guint8 *bytes = random_bytes (50000);
  g_autoptr(GByteArray) received = NULL;
  g_autoptr(GlbPump) pump = NULL;
  gboolean done = FALSE;
  GThread *reader;
  int in[2], out[2];

  make (PIPE, in);
  make (PIPE, out);
  reader = g_thread_new ("reader", reader_thread, GINT_TO_POINTER (out[0]));
  g_assert_cmpint (write (in[1], bytes, 50000), ==, 50000);
  pump = glb_pump_new (in[0], out[1], GLB_PUMP_OWNS_IN | GLB_PUMP_OWNS_OUT, done_cb, &done);
  glb_pump_drain (pump);
  run_until (&done);
  received = g_thread_join (reader);
  g_assert_cmpmem (received->data, received->len, bytes, 50000);
  close (in[1]);
}

static void
test_drain_empty (void)
{
  g_autoptr(GlbPump) pump = NULL;
  gboolean done = FALSE;
  int in[2], out[2];

  make (PIPE, in);
  make (PIPE, out);
  pump = glb_pump_new (in[0], out[1], GLB_PUMP_OWNS_IN | GLB_PUMP_OWNS_OUT, done_cb, &done);
  glb_pump_drain (pump);
  g_assert_true (done);
  close (in[1]);
  close (out[0]);
}

/* Nobody reads, and nobody may wait in write(2): the loop goes on. */
static gboolean
on_late (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_full (void)
{
  g_autofree guint8 *bytes = random_bytes (SIZE);
  gboolean done = FALSE, late = FALSE;
  GlbPump *pump;
  GThread *writer;
  int in[2], out[2];
  Writer data;

  make (SOCKET, in);
  make (PIPE, out);
  data = (Writer) { in[1], bytes, SIZE };
  writer = g_thread_new ("writer", writer_thread, &data);
  pump = glb_pump_new (in[0], out[1], GLB_PUMP_OWNS_IN, done_cb, &done);
  g_timeout_add (100, on_late, &late);
  run_until (&late);
  g_assert_false (done);

  glb_pump_free (pump);
  g_thread_join (writer);
  close (out[0]);
  close (out[1]);
}

static void
test_no_input (void)
{
  g_autoptr(GlbPump) pump = NULL;
  gboolean done = FALSE;
  int out[2];

  make (PIPE, out);
  /* A folder as standard input: an error of read, and so its end. */
  pump = glb_pump_new (open ("/", O_RDONLY | O_CLOEXEC), out[1], GLB_PUMP_OWNS_IN | GLB_PUMP_OWNS_OUT, done_cb, &done);
  run_until (&done);
  close (out[0]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/cli/pump/reader-gone", test_reader_gone);
  g_test_add_func ("/cli/pump/no-input", test_no_input);
  g_test_add_func ("/cli/pump/full", test_full);
  g_test_add_func ("/cli/pump/drain", test_drain);
  g_test_add_func ("/cli/pump/drain-empty", test_drain_empty);
  g_test_add_func ("/cli/pump/move", test_move);
  return g_test_run ();
}
