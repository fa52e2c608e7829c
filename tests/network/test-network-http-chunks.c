/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-http.h"

/* Which case it is, in one line. */
static void
say (const char *bytes)
{
  g_autofree char *escaped = g_strescape (bytes, NULL);

  g_test_message ("%s", escaped);
}

/* -1: malformed; else how many bytes belong to the body. step: so many at a time. */
static long
feed (const char *body, gsize size, gsize step, bool *done)
{
  GlbNetworkHttpChunks chunks = { 0 };
  long total = 0;

  *done = false;
  for (gsize at = 0; at < size && !*done; at += step)
    {
      long taken = glb_network_http_chunks_feed (&chunks, body + at, MIN (step, size - at), done);

      if (taken < 0)
        return -1;
      total += taken;
    }
  return total;
}

static void
test_refused (void)
{
  const char *bodies[] = {
    "\r\n", "g\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "1 \r\n", "0x1\r\n", "1\n", "1\r\r\n", "1;a=b\r\n", "0;a\r\n\r\n",
    "1000000000000000\r\n", "0000000000000001\r\n", "1\r\nab\r\n", "1\r\na\n", "1\r\na0\r\n", "2\r\na\r\n0\r\n\r\n",
    "0\r\na\r\n", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n: a\r\n\r\n", "0\r\n a: b\r\n\r\n", "0\r\na: b\n\r\n",
    "0\r\na: \1\r\n\r\n", "0\r\n\rGET", "0\r\n\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    for (gsize step = 1; step <= strlen (bodies[i]); step++)
      {
        bool done;

        say (bodies[i]);
        g_assert_cmpint (feed (bodies[i], strlen (bodies[i]), step, &done), ==, -1);
        g_assert_false (done);
      }
}

/* What is behind the body is not of it, in whatever parts it comes. */
static void
test_end (void)
{
  const char *bodies[] = {
    "0\r\n\r\n", "000\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
    "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\nX-Sum: 1\r\nY:\t\303\244\r\n\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *bytes = g_strconcat (bodies[i], "GET /next HTTP/1.1\r\n", NULL);

      say (bodies[i]);
      for (gsize step = 1; step <= strlen (bytes); step++)
        {
          bool done;

          g_assert_cmpint (feed (bytes, strlen (bytes), step, &done), ==, strlen (bodies[i]));
          g_assert_true (done);
        }
      for (gsize part = 0; part < strlen (bodies[i]); part++)
        {
          bool done;

          g_assert_cmpint (feed (bytes, part, 1, &done), ==, part);
          g_assert_false (done);
        }
    }
}

static void
test_behind_end (void)
{
  GlbNetworkHttpChunks chunks = { 0 };
  bool done = false;

  g_assert_cmpint (glb_network_http_chunks_feed (&chunks, "0\r\n\r\nGET", 8, &done), ==, 5);
  g_assert_true (done);
  g_assert_cmpint (glb_network_http_chunks_feed (&chunks, "GET", 3, &done), ==, 0);
  g_assert_true (done);
}

static void
test_after_malformed (void)
{
  GlbNetworkHttpChunks chunks = { 0 };
  bool done = false;

  g_assert_cmpint (glb_network_http_chunks_feed (&chunks, "x", 1, &done), ==, -1);
  g_assert_cmpint (glb_network_http_chunks_feed (&chunks, "0\r\n\r\n", 5, &done), ==, -1);
  g_assert_false (done);
}

static void
test_large_chunk (void)
{
  GlbNetworkHttpChunks chunks = { 0 };
  char data[4096] = "";
  bool done = false;

  g_assert_cmpint (glb_network_http_chunks_feed (&chunks, "fffffffffffffff\r\n", 17, &done), ==, 17);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpint (glb_network_http_chunks_feed (&chunks, data, sizeof data, &done), ==, sizeof data);
  g_assert_cmpuint (chunks.left, ==, (G_GUINT64_CONSTANT (1) << 60) - 1 - 1000 * sizeof data);
}

static void
test_trailers_bound (void)
{
  g_autofree char *value = g_strnfill (8192 - 4, 'a');
  g_autofree char *most = g_strdup_printf ("0\r\nX:%s\r\n\r\n", value), *more = g_strdup_printf ("0\r\nX: %s\r\n\r\n", value);
  g_autoptr(GString) many = g_string_new ("0\r\n");
  bool done;

  g_assert_cmpint (feed (most, strlen (most), strlen (most), &done), ==, strlen (most));
  g_assert_true (done);
  g_assert_cmpint (feed (more, strlen (more), strlen (more), &done), ==, -1);

  while (many->len < 16384)
    g_string_append (many, "X:\r\n");
  g_assert_cmpint (feed (many->str, many->len, 100, &done), ==, -1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/http/chunks/refused", test_refused);
  g_test_add_func ("/network/http/chunks/end", test_end);
  g_test_add_func ("/network/http/chunks/behind-end", test_behind_end);
  g_test_add_func ("/network/http/chunks/after-malformed", test_after_malformed);
  g_test_add_func ("/network/http/chunks/large", test_large_chunk);
  g_test_add_func ("/network/http/chunks/trailers-bound", test_trailers_bound);
  return g_test_run ();
}
