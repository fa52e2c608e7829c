/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/mcp/glb-mcp-channel.h"

#define ANSWER_BYTES (1024 * 1024)
#define N_LINES      100

typedef struct
{
  int in[2], out[2];
  GlbMcpChannel *channel;
  guint n_lines, n_too_long, n_closed, n_flushed;
  gsize received;
} Fixture;

/* A short question, and a long answer. */
static void
on_line (const char *line,
         gsize       length,
         gpointer    user_data)
{
  Fixture *fixture = user_data;
  char *answer;

  if (line == NULL)
    {
      fixture->n_too_long++;
      return;
    }
  fixture->n_lines++;
  answer = g_strnfill (ANSWER_BYTES - 1, 'x');
  glb_mcp_channel_write (fixture->channel, answer);
}

static void
on_closed (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_closed++;
}

static void
on_flushed (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_flushed++;
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  static const GlbMcpChannelEvents events = { on_line, on_closed, on_flushed };

  g_assert_true (g_unix_open_pipe (fixture->in, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (fixture->out, FD_CLOEXEC, NULL));
  fixture->channel = glb_mcp_channel_new (fixture->in[0], fixture->out[1], 100, &events, fixture);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  glb_mcp_channel_free (fixture->channel);
  close (fixture->in[0]);
  close (fixture->out[1]);
  if (fixture->in[1] >= 0)
    close (fixture->in[1]);
  if (fixture->out[0] >= 0)
    close (fixture->out[0]);
}

/* Until nothing more can happen by itself. */
static void
run_dry (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
ask (Fixture    *fixture,
     const char *text)
{
  g_assert_cmpint (write (fixture->in[1], text, strlen (text)), ==, (gssize) strlen (text));
}

static void
receive_some (Fixture *fixture)
{
  char buffer[64 * 1024];
  ssize_t n = read (fixture->out[0], buffer, sizeof buffer);

  g_assert_cmpint (n, >, 0);
  fixture->received += (gsize) n;
}

/* What waits for a client that does not read is bounded, and all of it comes when it does. */
static void
test_slow_reader (Fixture      *fixture,
                  gconstpointer data)
{
  /* one by one, or one read would take them all */
  for (guint i = 0; i < N_LINES; i++)
    {
      ask (fixture, "q\n");
      run_dry ();
    }
  g_assert_cmpuint (fixture->n_lines, >, 1);
  g_assert_cmpuint (fixture->n_lines, <, N_LINES / 2);

  while (fixture->received < (gsize) N_LINES * ANSWER_BYTES)
    {
      run_dry ();
      receive_some (fixture);
    }
  run_dry ();
  g_assert_cmpuint (fixture->n_lines, ==, N_LINES);
  g_assert_true (glb_mcp_channel_is_flushed (fixture->channel));
  g_assert_cmpuint (fixture->n_closed, ==, 0);
}

static void
test_closed (Fixture      *fixture,
             gconstpointer data)
{
  ask (fixture, "q\nhalf");
  close (fixture->in[1]);
  fixture->in[1] = -1;
  run_dry ();
  g_assert_cmpuint (fixture->n_lines, ==, 1);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
  g_assert_false (glb_mcp_channel_is_flushed (fixture->channel));
}

static void
test_deaf (Fixture      *fixture,
           gconstpointer data)
{
  close (fixture->out[0]);
  fixture->out[0] = -1;
  ask (fixture, "q\n");
  run_dry ();
  g_assert_cmpuint (fixture->n_closed, ==, 1);
  g_assert_cmpuint (fixture->n_flushed, ==, 1);
}

static void
test_too_long (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *text = g_strnfill (1000, 'q');

  ask (fixture, text);
  run_dry ();
  g_assert_cmpuint (fixture->n_too_long, ==, 1);
  ask (fixture, text);
  ask (fixture, "\nq\n");
  run_dry ();
  g_assert_cmpuint (fixture->n_too_long, ==, 1);
  g_assert_cmpuint (fixture->n_lines, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add ("/mcp-channel/slow-reader", Fixture, NULL, set_up, test_slow_reader, tear_down);
  g_test_add ("/mcp-channel/closed", Fixture, NULL, set_up, test_closed, tear_down);
  g_test_add ("/mcp-channel/deaf", Fixture, NULL, set_up, test_deaf, tear_down);
  g_test_add ("/mcp-channel/too-long", Fixture, NULL, set_up, test_too_long, tear_down);
  return g_test_run ();
}
