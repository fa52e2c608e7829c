/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program glovebox-act against an action socket of ours. */

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

static char *glovebox_act;

typedef struct
{
  char *folder, *socket;
  GSocketListener *listener;
  GThread *server;
  GCancellable *cancellable;     /* ends the server */
  GPtrArray *answers;            /* to the requests, in their order; all in one connection */
  GString *requests;
} Fixture;

/* One connection, line by line. */
static void
answer (Fixture           *fixture,
        GSocketConnection *connection)
{
  g_autoptr(GDataInputStream) input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  for (guint i = 0; i < fixture->answers->len; i++)
    {
      g_autofree char *line = g_data_input_stream_read_line (input, NULL, fixture->cancellable, NULL);
      const char *answer = fixture->answers->pdata[i];

      if (line == NULL)
        break;
      g_string_append_printf (fixture->requests, "%s\n", line);
      g_output_stream_write_all (output, answer, strlen (answer), NULL, fixture->cancellable, NULL);
    }
}

/* A thread of our own, which tear_down() joins: a socket service still accepts when its listener is closed. */
static gpointer
serve (gpointer user_data)
{
  Fixture *fixture = user_data;

  while (TRUE)
    {
      g_autoptr(GSocketConnection) connection = NULL;

      connection = g_socket_listener_accept (fixture->listener, NULL, fixture->cancellable, NULL);
      if (connection == NULL)
        return NULL;
      answer (fixture, connection);
    }
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("glb-act-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->socket = g_build_filename (fixture->folder, "action", NULL);
  fixture->answers = g_ptr_array_new ();
  fixture->requests = g_string_new (NULL);
  fixture->cancellable = g_cancellable_new ();
  fixture->listener = g_socket_listener_new ();
  address = g_unix_socket_address_new (fixture->socket);
  g_socket_listener_add_address (fixture->listener, address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->server = g_thread_new ("server", serve, fixture);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  const char *argv[] = { "rm", "-rf", fixture->folder, NULL };

  g_cancellable_cancel (fixture->cancellable);
  g_thread_join (fixture->server);
  g_object_unref (fixture->listener);
  g_object_unref (fixture->cancellable);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_ptr_array_unref (fixture->answers);
  g_string_free (fixture->requests, TRUE);
  g_free (fixture->socket);
  g_free (fixture->folder);
}

static void
communicate_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* socket: NULL: the environment has none. out, err: (out). Gives the exit code. */
static int
act (Fixture            *fixture,
     const char         *socket,
     const char         *input,
     const char * const *words,
     char              **out,
     char              **err)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_ptr_array_add (argv, glovebox_act);
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) words[i]);
  g_ptr_array_add (argv, NULL);

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                        G_SUBPROCESS_FLAGS_STDERR_PIPE);
  if (socket != NULL)
    g_subprocess_launcher_setenv (launcher, "GLOVEBOX_ACTION_SOCKET", socket, TRUE);
  else
    g_subprocess_launcher_unsetenv (launcher, "GLOVEBOX_ACTION_SOCKET");
  g_subprocess_launcher_set_cwd (launcher, fixture->folder);
  process = g_subprocess_launcher_spawnv (launcher, (const char * const *) argv->pdata, &error);
  g_assert_no_error (error);

  g_subprocess_communicate_utf8_async (process, input, NULL, communicate_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_subprocess_communicate_utf8_finish (process, result, out, err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}

static void
assert_act (Fixture            *fixture,
            const char         *input,
            const char * const *words,
            int                 code,
            const char         *wanted_out,
            const char         *wanted_err)
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_cmpint (act (fixture, fixture->socket, input, words, &out, &err), ==, code);
  g_assert_cmpstr (out, ==, wanted_out);
  if (*wanted_err == '\0')
    g_assert_cmpstr (err, ==, "");
  else
    g_assert_nonnull (strstr (err, wanted_err));
}

#define WORDS(...) ((const char *[]) { __VA_ARGS__, NULL })

static void
test_no_socket (Fixture      *fixture,
                gconstpointer data)
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_cmpint (act (fixture, NULL, "", WORDS ("{}"), &out, &err), ==, 125);
  g_assert_nonnull (strstr (err, "GLOVEBOX_ACTION_SOCKET"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (act (fixture, "/nowhere/socket", "", WORDS ("{}"), &out, &err), ==, 125);
  g_assert_nonnull (strstr (err, "/nowhere/socket: No such file"));
  assert_act (fixture, "", WORDS ("--nonsense"), 125, "", "Usage:");
}

static void
test_refused (Fixture      *fixture,
              gconstpointer data)
{
  g_ptr_array_add (fixture->answers, (char *) "{\"status\":\"refused\",\"code\":\"lease_human\"}\n");
  /* The second is not sent. */
  assert_act (fixture, "", WORDS ("{\"a\":1}", "{\"a\":2}"), 126, "{\"status\":\"refused\",\"code\":\"lease_human\"}\n", "");
  g_assert_cmpstr (fixture->requests->str, ==, "{\"a\":1}\n");
}

static void
test_odd_answers (Fixture      *fixture,
                  gconstpointer data)
{
  g_ptr_array_add (fixture->answers, (char *) "{\"status\":\"perhaps\"}\n");
  assert_act (fixture, "", WORDS ("{}"), 125, "{\"status\":\"perhaps\"}\n", "unknown status");
  fixture->answers->pdata[0] = (char *) "what?\n";
  assert_act (fixture, "", WORDS ("{}"), 125, "what?\n", "no status");
  fixture->answers->pdata[0] = (char *) "{\"status\":";
  assert_act (fixture, "", WORDS ("{}"), 125, "", "reset");
  fixture->answers->pdata[0] = (char *) "{\"status\":\"delivered\",\"png\":\"?\"}\n";
  assert_act (fixture, "", WORDS ("-o", "shot.png", "{}"), 125, "{\"status\":\"delivered\",\"png\":\"?\"}\n", "base64");
  assert_act (fixture, "", WORDS ("{\n}"), 125, "", "one line");
}

static void
test_delivered (Fixture      *fixture,
                gconstpointer data)
{
  g_ptr_array_add (fixture->answers, (char *) "{\"status\":\"delivered\",\"frameId\":1}\n");
  g_ptr_array_add (fixture->answers, (char *) "{\"status\":\"delivered\",\"frameId\":2}\n");
  assert_act (fixture, "", WORDS ("{\"a\":1}", "{\"a\":2}"), 0,
              "{\"status\":\"delivered\",\"frameId\":1}\n{\"status\":\"delivered\",\"frameId\":2}\n", "");
  g_assert_cmpstr (fixture->requests->str, ==, "{\"a\":1}\n{\"a\":2}\n");
}

static void
test_lines (Fixture      *fixture,
            gconstpointer data)
{
  const char *none[] = { NULL };

  g_ptr_array_add (fixture->answers, (char *) "{\"status\":\"delivered\",\"frameId\":1}\n");
  g_ptr_array_add (fixture->answers, (char *) "{\"status\":\"refused\"}\n");
  assert_act (fixture, "{\"a\":1}\n\n  \n{\"a\":2}\n{\"a\":3}", none, 126,
              "{\"status\":\"delivered\",\"frameId\":1}\n{\"status\":\"refused\"}\n", "");
  g_assert_cmpstr (fixture->requests->str, ==, "{\"a\":1}\n{\"a\":2}\n");
}

/* An image larger than any buffer on the way. */
static void
test_image (Fixture      *fixture,
            gconstpointer data)
{
  gsize size = 3 * 1024 * 1024 + 1;
  g_autofree guchar *image = g_malloc (size);
  g_autofree char *base64 = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *path = g_build_filename (fixture->folder, "shot.png", NULL);
  g_autofree char *saved = NULL;
  gsize saved_length;

  for (gsize i = 0; i < size; i++)
    image[i] = (guchar) g_test_rand_int ();
  base64 = g_base64_encode (image, size);
  answer = g_strdup_printf ("{\"status\":\"delivered\",\"png\":\"%s\",\"frameId\":3}\n", base64);
  g_ptr_array_add (fixture->answers, answer);

  assert_act (fixture, "", WORDS ("-o", "shot.png", "{}"), 0, "{\"status\":\"delivered\",\"frameId\":3}\n", "");
  g_assert_true (g_file_get_contents (path, &saved, &saved_length, NULL));
  g_assert_cmpmem (saved, saved_length, image, size);
  assert_act (fixture, "", WORDS ("{}"), 0, answer, "");
}

#define ADD(name, function) g_test_add ("/cli/glovebox-act/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  glovebox_act = g_canonicalize_filename (argv[1], NULL);
  ADD ("no-socket", test_no_socket);
  ADD ("refused", test_refused);
  ADD ("odd-answers", test_odd_answers);
  ADD ("delivered", test_delivered);
  ADD ("lines", test_lines);
  ADD ("image", test_image);
  return g_test_run ();
}
