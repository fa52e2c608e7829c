/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libglovebox with somebody else at the other end of the socket, who answers too much, too late, with nonsense or not at all. */

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "session-broker/library/glovebox.h"

#define DELIVERED(frame) \
  "{\"status\":\"delivered\",\"frameId\":" frame ",\"changed\":null,\"focus\":null,\"settled\":true,\"pointer\":[1,2]}\n"
#define REFUSED "{\"status\":\"refused\",\"code\":\"stale_frame\",\"message\":\"look again\"}\n"

/* As an answer: the connection is closed instead. */
static const char closes[] = "";

typedef struct
{
  char *folder, *socket;
  GSocketListener *listener;
  GThread *server;
  GCancellable *stop;
  GAsyncQueue *answers;        /* const char *: to the requests, in their order; where there is none yet it waits */
  GAsyncQueue *requests;       /* char * */
} Fixture;

/* ---- the other end -------------------------------------------------------------------- */

static gboolean
answer (Fixture *fixture, GDataInputStream *input, GOutputStream *output)
{
  char *line = g_data_input_stream_read_line (input, NULL, fixture->stop, NULL);
  const char *text;

  if (line == NULL)
    return FALSE;

  g_async_queue_push (fixture->requests, line);
  text = g_async_queue_pop (fixture->answers);
  return text != closes && g_output_stream_write_all (output, text, strlen (text), NULL, fixture->stop, NULL);
}

static gpointer
serve (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr(GSocketConnection) connection = NULL;

  while ((connection = g_socket_listener_accept (fixture->listener, NULL, fixture->stop, NULL)) != NULL)
    {
      g_autoptr(GDataInputStream) input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));

      while (answer (fixture, input, g_io_stream_get_output_stream (G_IO_STREAM (connection))))
        continue;
      g_clear_object (&connection);
    }
  return NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("glb-library-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->socket = g_build_filename (fixture->folder, "action", NULL);
  fixture->stop = g_cancellable_new ();
  fixture->answers = g_async_queue_new ();
  fixture->requests = g_async_queue_new_full (g_free);
  fixture->listener = g_socket_listener_new ();
  address = g_unix_socket_address_new (fixture->socket);
  g_socket_listener_add_address (fixture->listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->server = g_thread_new ("server", serve, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_cancellable_cancel (fixture->stop);
  g_async_queue_push (fixture->answers, (gpointer) closes);
  g_thread_join (fixture->server);
  g_object_unref (fixture->listener);
  g_object_unref (fixture->stop);
  g_async_queue_unref (fixture->answers);
  g_async_queue_unref (fixture->requests);
  g_unlink (fixture->socket);
  g_rmdir (fixture->folder);
  g_free (fixture->socket);
  g_free (fixture->folder);
}

static void
will_answer (Fixture *fixture, const char *text)
{
  g_async_queue_push (fixture->answers, (gpointer) text);
}

static GloveboxDesktop *
open_desktop (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  GloveboxDesktop *desktop = glovebox_desktop_new_for_path (fixture->socket, &error);

  g_assert_no_error (error);
  return desktop;
}

static void
assert_asked (Fixture *fixture, const char *wanted)
{
  g_autofree char *line = g_async_queue_pop (fixture->requests);

  g_assert_cmpstr (line, ==, wanted);
}

/* ---- what is asked ---------------------------------------------------------------------- */

static void
test_asks (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GloveboxDesktop) desktop = open_desktop (fixture);
  g_autoptr(GError) error = NULL;
  g_autoptr(GloveboxResult) first = NULL;
  g_autoptr(GloveboxResult) second = NULL;
  g_autoptr(GloveboxResult) third = NULL;
  int x, y;

  will_answer (fixture, DELIVERED ("7"));
  first = glovebox_desktop_click (desktop, 3, 4, GLOVEBOX_BUTTON_LEFT, 2, NULL, &error);
  g_assert_no_error (error);
  assert_asked (fixture, "{\"action\":\"double_click\",\"coordinate\":[3,4],\"settle\":{\"quietMs\":50,\"maxMs\":2000}}");
  g_assert_cmpuint (glovebox_result_get_frame_id (first), ==, 7);
  g_assert_true (glovebox_result_get_pointer (first, &x, &y));
  g_assert_cmpint (x, ==, 1);
  g_assert_cmpint (y, ==, 2);

  will_answer (fixture, DELIVERED ("8"));
  glovebox_desktop_set_settle (desktop, 0, 0);
  glovebox_desktop_set_screenshots (desktop, TRUE);
  second = glovebox_desktop_key (desktop, "ctrl+s", NULL, &error);
  g_assert_no_error (error);
  assert_asked (fixture, "{\"action\":\"key\",\"text\":\"ctrl+s\",\"screenshot\":true}");

  /* a newline would be another action */
  will_answer (fixture, DELIVERED ("9"));
  third = glovebox_desktop_act (desktop, "{\"action\":\n\"screenshot\"}", NULL, &error);
  g_assert_no_error (error);
  assert_asked (fixture, "{\"action\": \"screenshot\"}");
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GloveboxDesktop) desktop = open_desktop (fixture);
  g_autoptr(GloveboxResult) result = NULL;
  g_autoptr(GError) error = NULL;

  will_answer (fixture, REFUSED);
  g_assert_null (glovebox_desktop_move (desktop, 1, 1, NULL, &error));
  g_assert_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_STALE_FRAME);
  g_assert_cmpstr (error->message, ==, "look again");
  g_clear_error (&error);

  will_answer (fixture, REFUSED);
  result = glovebox_desktop_act (desktop, "{\"action\":\"screenshot\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (glovebox_result_get_status (result), ==, GLOVEBOX_STATUS_REFUSED);
  g_assert_cmpstr (glovebox_result_get_code (result), ==, "stale_frame");
}

static void
test_no_session (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (glovebox_desktop_new_for_path ("/nowhere", &error));
  g_assert_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_NO_SESSION);
  g_clear_error (&error);
  g_unsetenv ("GLOVEBOX_ACTION_SOCKET");
  g_assert_null (glovebox_desktop_new (&error));
  g_assert_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_NO_SESSION);
}

/* ---- who answers wrongly ------------------------------------------------------------------ */

/* One error, and the next call is not taken in by what was left. */
static void
assert_wrong (Fixture *fixture, const char *text, int code)
{
  g_autoptr(GloveboxDesktop) desktop = open_desktop (fixture);
  g_autoptr(GloveboxResult) next = NULL;
  g_autoptr(GError) error = NULL;

  will_answer (fixture, text);
  g_assert_null (glovebox_desktop_screenshot (desktop, NULL, &error));
  g_assert_error (error, GLOVEBOX_ERROR, code);
  g_assert_null (strchr (error->message, '\n'));
  g_clear_error (&error);

  will_answer (fixture, DELIVERED ("5"));
  next = glovebox_desktop_screenshot (desktop, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glovebox_result_get_frame_id (next), ==, 5);
}

static void
test_wrong_answers (Fixture *fixture, gconstpointer data)
{
  static const char * const wrong[] = {
    "\n", "nonsense\n", "[]\n", "{}\n", "{\"status\":\"delivered\"}\n", "{\"status\":7}\n", "{\"status\":\"refused\"}\n",
    "{\"status\":\"refused\",\"message\":\"why\"}\n", "{\"status\":\"failed\"}\n",
    "{\"status\":\"delivered\",\"frameId\":-1,\"changed\":null,\"focus\":null,\"settled\":true,\"pointer\":[1,2]}\n",
    "{\"status\":\"delivered\",\"frameId\":1,\"changed\":null,\"focus\":null,\"settled\":true,\"pointer\":[1,-9223372036854775808]}\n",
    "{\"status\":\"delivered\",\"frameId\":1,\"changed\":{\"x\":0},\"focus\":null,\"settled\":true,\"pointer\":[1,2]}\n",
    "{\"status\":\"delivered\",\"frameId\":1,\"changed\":null,\"focus\":{\"window\":1},\"settled\":true,\"pointer\":[1,2]}\n",
    "{\"png\":\"AAAA\",\"status\":\"delivered\",\"frameId\":1,\"changed\":null,\"focus\":null,\"settled\":true,\"pointer\":[1,2]}\n",
    "{\"png\":7,\"status\":\"delivered\",\"frameId\":1,\"changed\":null,\"focus\":null,\"settled\":true,\"pointer\":[1,2]}\n",
    DELIVERED ("1") DELIVERED ("2"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_wrong (fixture, wrong[i], GLOVEBOX_ERROR_PROTOCOL);
  assert_wrong (fixture, closes, GLOVEBOX_ERROR_NO_SESSION);
}

static void
test_too_late (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GloveboxDesktop) desktop = open_desktop (fixture);
  g_autoptr(GError) error = NULL;

  glovebox_desktop_set_timeout (desktop, 1);
  g_assert_null (glovebox_desktop_screenshot (desktop, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* ---- several at once ------------------------------------------------------------------------ */

typedef struct
{
  GMainLoop *loop;
  guint n_left;
  GError *errors[2];
} Calls;

static void
first_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Calls *calls = user_data;

  g_assert_null (glovebox_desktop_act_finish (GLOVEBOX_DESKTOP (source), result, &calls->errors[0]));
  if (--calls->n_left == 0)
    g_main_loop_quit (calls->loop);
}

static void
second_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Calls *calls = user_data;

  g_assert_null (glovebox_desktop_act_finish (GLOVEBOX_DESKTOP (source), result, &calls->errors[1]));
  if (--calls->n_left == 0)
    g_main_loop_quit (calls->loop);
}

/* The first waits for its answer, the second for its turn: both end when they are cancelled, and nobody hangs. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GloveboxDesktop) desktop = open_desktop (fixture);
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GloveboxResult) next = NULL;
  g_autoptr(GError) error = NULL;
  Calls calls = { .loop = loop, .n_left = 2 };

  glovebox_desktop_move_async (desktop, 1, 1, cancellable, first_cb, &calls);
  glovebox_desktop_move_async (desktop, 2, 2, cancellable, second_cb, &calls);
  assert_asked (fixture, "{\"action\":\"mouse_move\",\"coordinate\":[1,1],\"settle\":{\"quietMs\":50,\"maxMs\":2000}}");
  g_cancellable_cancel (cancellable);
  g_main_loop_run (loop);

  for (guint i = 0; i < G_N_ELEMENTS (calls.errors); i++)
    {
      g_assert_error (calls.errors[i], G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&calls.errors[i]);
    }

  /* the answer that comes after all is not that to the next */
  will_answer (fixture, DELIVERED ("1"));
  will_answer (fixture, DELIVERED ("2"));
  next = glovebox_desktop_move (desktop, 3, 3, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glovebox_result_get_frame_id (next), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/library/asks", Fixture, NULL, set_up, test_asks, tear_down);
  g_test_add ("/library/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add_func ("/library/no-session", test_no_session);
  g_test_add ("/library/wrong-answers", Fixture, NULL, set_up, test_wrong_answers, tear_down);
  g_test_add ("/library/too-late", Fixture, NULL, set_up, test_too_late, tear_down);
  g_test_add ("/library/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);

  return g_test_run ();
}
