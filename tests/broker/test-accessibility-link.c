/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The broker's end of glovebox-accessibility, with whoever may speak in its place: what it says, when, and how often. */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/broker/glb-accessibility-link.h"

#define NODE "{\"role\":\"label\",\"name\":\"n\",\"states\":[],\"bounds\":[0,0,1,1]}"
#define DEADLINE_US (30 * G_USEC_PER_SEC)

typedef struct
{
  GlbAccessibilityLink *link;
  int to, from;              /* the program's ends */
  guint n_changed;
  char *closed;              /* (nullable): why */
  GlbAccessibilityAnswer *answer;
  GError *error;
  guint n_answers;
} Fixture;

static void
on_changed (GlbAccessibilityLink *link, gpointer user_data)
{
  ((Fixture *) user_data)->n_changed++;
}

static void
on_closed (GlbAccessibilityLink *link, const char *why, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_null (fixture->closed);
  fixture->closed = g_strdup (why);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int in[2], out[2];

  g_assert_no_errno (pipe (in));
  g_assert_no_errno (pipe (out));
  fixture->link = glb_accessibility_link_new (in[1], out[0]);
  fixture->from = in[0];
  fixture->to = out[1];
  g_signal_connect (fixture->link, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->link, "closed", G_CALLBACK (on_closed), fixture);
}

static void
run_until (gboolean (*condition) (Fixture *fixture), Fixture *fixture, const char *what)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

  while (!condition (fixture))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("waited too long for %s", what);
      g_main_context_iteration (NULL, FALSE);
    }
}

static gboolean
is_closed (Fixture *fixture)
{
  return fixture->closed != NULL;
}

static gboolean
is_last (Fixture *fixture)
{
  return G_OBJECT (fixture->link)->ref_count == 1;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close (fixture->to);
  close (fixture->from);
  run_until (is_closed, fixture, "the end");
  run_until (is_last, fixture, "the last callback");
  g_assert_finalize_object (fixture->link);
  g_clear_pointer (&fixture->answer, glb_accessibility_answer_free);
  g_clear_error (&fixture->error);
  g_free (fixture->closed);
}

static void
say (Fixture *fixture, const char *lines)
{
  g_assert_cmpint (write (fixture->to, lines, strlen (lines)), ==, (gssize) strlen (lines));
}

static void
hello_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->error);
  glb_accessibility_link_hello_finish (GLB_ACCESSIBILITY_LINK (source), result, &fixture->error);
  fixture->n_answers++;
}

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->error);
  g_clear_pointer (&fixture->answer, glb_accessibility_answer_free);
  fixture->answer = glb_accessibility_link_ask_finish (GLB_ACCESSIBILITY_LINK (source), result, &fixture->error);
  fixture->n_answers++;
}

static gboolean
has_answer (Fixture *fixture)
{
  return fixture->n_answers > 0;
}

static void
expect_answer (Fixture *fixture)
{
  run_until (has_answer, fixture, "an answer");
  fixture->n_answers = 0;
}

static void
begin (Fixture *fixture)
{
  glb_accessibility_link_hello_async (fixture->link, 30000, hello_cb, fixture);
  say (fixture, "{\"hello\":1}\n");
  expect_answer (fixture);
  g_assert_no_error (fixture->error);
}

static void
ask (Fixture *fixture, guint deadline_ms)
{
  JsonObject *request = json_object_new ();

  json_object_set_string_member (request, "request", "tree");
  glb_accessibility_link_ask_async (fixture->link, request, deadline_ms, answer_cb, fixture);
}

static gboolean
has_changed (Fixture *fixture)
{
  return fixture->n_changed > 0;
}

static void
test_answers (Fixture *fixture, gconstpointer data)
{
  begin (fixture);
  ask (fixture, 30000);
  say (fixture, "{\"id\":1,\"node\":" NODE ",\"truncated\":true}\n");
  expect_answer (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (fixture->answer->element->name, ==, "n");
  g_assert_true (fixture->answer->truncated);
  ask (fixture, 30000);
  say (fixture, "{\"id\":2,\"failed\":\"a\\nb\"}\n{\"event\":\"changed\"}\n");
  expect_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_null (strchr (fixture->error->message, '\n'));
  run_until (has_changed, fixture, "a change");
  g_assert_null (fixture->closed);
}

static void
test_error (Fixture *fixture, gconstpointer data)
{
  glb_accessibility_link_hello_async (fixture->link, 30000, hello_cb, fixture);
  say (fixture, "{\"error\":\"no bus\"}\n");
  expect_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* Each of them ends it, when it has begun properly. */
static const char * const wrong[] = {
  "\n", "{\n", "{}\n", "[]\n", "{\"hello\":1}\n", "{\"error\":\"a\"}\n", "{\"id\":1}\n", "{\"id\":0,\"node\":" NODE "}\n", "{\"node\":" NODE "}\n",
  "{\"id\":9,\"node\":" NODE "}\n", "{\"id\":-1,\"failed\":\"a\"}\n", "{\"id\":1,\"failed\":1}\n", "{\"event\":\"closed\"}\n", "{\"evil\":1}\n",
  "{\"id\":1,\"node\":" NODE ",\"failed\":\"a\"}\n", "{\"id\":1,\"node\":{\"role\":\"label\",\"name\":\"n\"}}\n",
  "{\"id\":1,\"node\":{\"role\":\"l\",\"name\":\"n\",\"states\":[],\"bounds\":[0,0,1]}}\n", "{\"id\":1,\"toplevels\":[1]}\n",
  "{\"id\":1,\"toplevels\":[{\"toplevel\":1,\"application\":\"a\",\"node\":{\"role\":\"f\",\"name\":\"n\",\"states\":[],\"children\":[" NODE "]}}]}\n",
  "{\"id\":1,\"failed\":\"\xff\"}\n",
};

static void
test_wrong (Fixture *fixture, gconstpointer data)
{
  begin (fixture);
  ask (fixture, 30000);
  say (fixture, data);
  run_until (is_closed, fixture, "the end");
  expect_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_true (glb_accessibility_link_is_closed (fixture->link));
  ask (fixture, 30000);
  expect_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* Before it has said hello it says nothing else. */
static void
test_early (Fixture *fixture, gconstpointer data)
{
  glb_accessibility_link_hello_async (fixture->link, 30000, hello_cb, fixture);
  say (fixture, "{\"id\":1,\"node\":" NODE "}\n");
  expect_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_silent (Fixture *fixture, gconstpointer data)
{
  begin (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_null (fixture->closed);
      ask (fixture, 1);
      expect_answer (fixture);
      g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      /* what comes too late is nobody's, and no crime */
      if (i == 0)
        say (fixture, "{\"id\":1,\"node\":" NODE "}\n");
    }
  run_until (is_closed, fixture, "the end");
}

static void
test_no_hello (Fixture *fixture, gconstpointer data)
{
  glb_accessibility_link_hello_async (fixture->link, 1, hello_cb, fixture);
  expect_answer (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static gpointer
say_long (gpointer data)
{
  char block[4096];

  memset (block, ' ', sizeof block);
  /* until nobody reads any more */
  while (write (GPOINTER_TO_INT (data), block, sizeof block) > 0)
    ;
  return NULL;
}

static void
test_long (Fixture *fixture, gconstpointer data)
{
  GThread *thread;

  begin (fixture);
  thread = g_thread_new ("long", say_long, GINT_TO_POINTER (fixture->to));
  run_until (is_closed, fixture, "the end");
  run_until (is_last, fixture, "the last callback");
  /* it ends when the reader's end is closed */
  g_clear_object (&fixture->link);
  g_thread_join (thread);
  close (fixture->to);
  close (fixture->from);
  set_up (fixture, NULL);
  g_clear_pointer (&fixture->closed, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);

#define ADD(name, test) g_test_add ("/accessibility-link/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("answers", test_answers);
  ADD ("error", test_error);
  ADD ("early", test_early);
  ADD ("silent", test_silent);
  ADD ("no-hello", test_no_hello);
  ADD ("long", test_long);
#undef ADD
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = g_strdup_printf ("/accessibility-link/wrong/%u", i);

      g_test_add (path, Fixture, wrong[i], set_up, test_wrong, tear_down);
    }

  return g_test_run ();
}
