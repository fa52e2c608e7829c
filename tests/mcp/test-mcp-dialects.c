/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/input-filter/dialect-rows.h"
#include "tests/mcp/mcp-session.h"

/* The table of actions and dialects through MCP, by what a terminal gets of each call: its bytes, or the picture of it. */

typedef struct
{
  McpClient *client;
  char *session;         /* as arguments begin */
  char *path;            /* of what the terminal got */
  guint n_marks;
} Terminal;

static gboolean
open_terminal (BrokerFixture *fixture,
               Terminal      *terminal)
{
  g_autofree char *listen = g_strescape (DIALECT_LISTEN, NULL);
  g_autofree char *more = g_strdup_printf (",\"command\":[\"foot\",\"-m\",\"-T\",\"events\",\"sh\",\"-c\",\"%s\"]", listen);

  if (!broker_fixture_can_run (TRUE))
    return FALSE;

  terminal->client = mcp_start_client (fixture, TRUE);
  terminal->session = mcp_start_session (fixture, terminal->client, NULL);
  terminal->path = g_build_filename (fixture->workspace, "events", NULL);
  terminal->n_marks = 0;
  json_object_unref (mcp_call (terminal->client, "launch_app", terminal->session, more));
  json_object_unref (mcp_call (terminal->client, "wait_for", terminal->session, ",\"title\":\"events\",\"quietMs\":100"));
  return TRUE;
}

static void
close_terminal (Terminal *terminal)
{
  mcp_client_close (terminal->client);
  g_free (terminal->session);
  g_free (terminal->path);
}

/* (transfer full): what lies between the marks; the last is what came since. */
static GStrv
read_events (const Terminal *terminal)
{
  g_autofree char *text = NULL;

  return g_strsplit (g_file_get_contents (terminal->path, &text, NULL, NULL) ? text : "", DIALECT_MARK, -1);
}

static gboolean
has_marks (gpointer user_data)
{
  const Terminal *terminal = user_data;
  g_auto(GStrv) parts = read_events (terminal);

  return g_strv_length (parts) == terminal->n_marks + 1;
}

/* call: an object, which becomes the arguments. Says of which dialect it was. (transfer full) */
static char *
do_call (Terminal   *terminal,
         const char *call,
         const char *more)
{
  g_autofree char *members = g_strndup (call + 1, strlen (call) - 2);
  g_autofree char *arguments = g_strdup_printf (",%s,\"image\":\"none\"%s", members, more);
  g_autoptr(JsonObject) result = mcp_call (terminal->client, "computer", terminal->session, arguments);

  return g_strdup (json_object_get_string_member (result, "dialect"));
}

/* All that was done before has reached the file after this. (transfer full): what came since the last mark */
static char *
mark (Terminal *terminal)
{
  g_auto(GStrv) parts = NULL;

  g_free (do_call (terminal, "{\"action\":\"type\",\"text\":\"" DIALECT_MARK "\"}", ""));
  terminal->n_marks++;
  test_wait (has_marks, terminal, "the terminal to write down what it gets");
  parts = read_events (terminal);
  return g_strdup (parts[terminal->n_marks - 1]);
}

/* Begins with the pointer where no call has it. dialect: (out): of the last one. (transfer full): what the terminal gets */
static char *
do_calls (Terminal    *terminal,
          const char  *calls,
          const char  *more,
          char       **dialect)
{
  g_auto(GStrv) lines = g_strsplit (calls, "\n", -1);
  g_autofree char *before = NULL;

  g_free (do_call (terminal, "{\"action\":\"mouse_move\",\"coordinate\":[900,600]}", ""));
  before = mark (terminal);
  *dialect = NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_free (*dialect);
      *dialect = do_call (terminal, lines[i], more);
    }
  return mark (terminal);
}

/* The same calls as one list. (transfer full) */
static char *
make_batch (const char *calls)
{
  g_auto(GStrv) lines = g_strsplit (calls, "\n", -1);
  g_autofree char *list = g_strjoinv (",", lines);

  return g_strdup_printf ("{\"actions\":[%s]}", list);
}

static void
check_calls (Terminal   *terminal,
             const char *calls,
             const char *more,
             const char *expected)
{
  g_autofree char *dialect = NULL;
  g_autofree char *got = do_calls (terminal, calls, more, &dialect);

  g_test_message ("%s: %s", dialect, calls);
  g_assert_cmpstr (got, ==, expected);
}

static void
test_row (BrokerFixture *fixture,
          gconstpointer  data)
{
  const DialectRow *row = data;
  g_autofree char *more = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *dialect = NULL;
  Terminal terminal;
  int width, height;

  if (!open_terminal (fixture, &terminal))
    return;

  if (row->size != NULL && sscanf (row->size, "%dx%d", &width, &height) == 2)
    more = g_strdup_printf (",\"modelSize\":[%d,%d]", width, height);
  expected = do_calls (&terminal, row->calls[0], "", &dialect);
  g_assert_nonnull (strstr (expected, row->bytes));
  for (guint i = 1; row->calls[i] != NULL; i++)
    check_calls (&terminal, row->calls[i], more != NULL ? more : "", expected);
  for (guint i = 0; row->calls[i] != NULL; i++)
    if (strchr (row->calls[i], '\n') != NULL)
      {
        g_autofree char *batch = make_batch (row->calls[i]);

        check_calls (&terminal, batch, "", expected);
      }
  close_terminal (&terminal);
}

static GBytes *
take_picture (McpClient  *client,
              const char *session,
              const char *call)
{
  g_autofree char *arguments = g_strconcat (session, call, NULL);
  GBytes *picture = NULL;

  json_object_unref (mcp_client_call (client, "computer", arguments, FALSE, &picture));
  g_assert_nonnull (picture);
  return picture;
}

/* In each dialect it is the picture of the same terminal. */
static void
test_screenshot (BrokerFixture *fixture,
                 gconstpointer  data)
{
  static const char * const calls[] = {
    ",\"action\":\"screenshot\"", ",\"type\":\"screenshot\"", ",\"name\":\"take_screenshot\",\"args\":{}",
    ",\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"computer\",\"input\":{\"action\":\"screenshot\"}",
    ",\"action\":\"zoom\",\"region\":[0,0,1280,800]",
  };
  g_autofree char *session = NULL;
  g_autoptr(GBytes) before = NULL;
  g_autoptr(GBytes) expected = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, TRUE);
  session = mcp_start_session (fixture, client, NULL);
  before = take_picture (client, session, calls[0]);
  json_object_unref (mcp_call (client, "launch_app", session, ",\"command\":[\"foot\",\"cat\"]"));
  json_object_unref (mcp_call (client, "wait_for", session, ",\"appId\":\"foot\",\"quietMs\":100"));
  expected = take_picture (client, session, calls[0]);
  g_assert_false (g_bytes_equal (before, expected));
  for (gsize i = 1; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr(GBytes) picture = take_picture (client, session, calls[i]);

      g_assert_true (g_bytes_equal (picture, expected));
    }
  mcp_client_close (client);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  mcp_set_program (argv[1]);
  for (guint i = 0; dialect_rows[i].name != NULL; i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (dialect_rows[i].name), " ", '-');
      g_autofree char *path = g_strconcat ("/mcp-dialects/", name, NULL);

      g_test_add (path, BrokerFixture, &dialect_rows[i], broker_fixture_set_up, test_row, broker_fixture_tear_down);
    }
  g_test_add ("/mcp-dialects/screenshot", BrokerFixture, NULL, broker_fixture_set_up, test_screenshot, broker_fixture_tear_down);
  return g_test_run ();
}
