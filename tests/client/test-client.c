/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/client/glb-client.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/client/glb-broker-dbus-generated.h"
#include "session-broker/client/glb-broker-start.h"

/* argv[1]: the fake broker, see fake-broker.c. */
static char *fake_broker;

typedef struct
{
  char *folder;
  char *runtime;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer mode)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *link = NULL;

  fixture->folder = g_dir_make_tmp ("glb-client-XXXXXX", &error);
  g_assert_no_error (error);
  link = g_build_filename (fixture->folder, "glovebox-broker", NULL);
  g_assert_cmpint (symlink (fake_broker, link), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", fixture->folder, TRUE);
  g_setenv ("XDG_STATE_HOME", fixture->folder, TRUE);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", fixture->folder, TRUE);
  g_setenv ("GLB_FAKE_MODE", mode != NULL ? mode : "", TRUE);
  fixture->runtime = glb_paths_get_runtime_dir (&error);
  g_assert_no_error (error);
}

static GArray *
read_pids (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->runtime, "pids", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (int));

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return pids;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      {
        int pid = atoi (lines[i]);

        g_array_append_val (pids, pid);
      }
  return pids;
}

static void
remove_tree (const char *path)
{
  const char *argv[] = { "rm", "-rf", path, NULL };

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer mode)
{
  g_autoptr(GArray) pids = read_pids (fixture);

  for (guint i = 0; i < pids->len; i++)
    kill (g_array_index (pids, int, i), SIGKILL);
  remove_tree (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->runtime);
}

static void
test_nobody (Fixture      *fixture,
             gconstpointer mode)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_client_new_sync (FALSE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_start_error (Fixture      *fixture,
                  gconstpointer mode)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_client_new_sync (TRUE, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "start: the test wants it so; unset GLB_FAKE_MODE");
}

static void
test_start_dies (Fixture      *fixture,
                 gconstpointer mode)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_client_new_sync (TRUE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "broker.log"));
}

static void
test_start_silent (Fixture      *fixture,
                   gconstpointer mode)
{
  g_autofree char *path = g_build_filename (fixture->runtime, GLB_BROKER_SOCKET, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (glb_broker_start (fixture->runtime, path, g_get_monotonic_time () + 200000, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* Somebody else is starting, and never gets done. */
static void
test_start_locked (Fixture      *fixture,
                   gconstpointer mode)
{
  g_autofree char *path = g_build_filename (fixture->runtime, GLB_BROKER_SOCKET, NULL);
  g_autofree char *lock = g_build_filename (fixture->runtime, "start.lock", NULL);
  const char *argv[] = { "flock", lock, "cat", NULL };
  g_autoptr(GSubprocess) holder = NULL;
  g_autoptr(GArray) pids = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *flock = g_find_program_in_path ("flock");
  char byte;

  if (flock == NULL)
    {
      g_test_skip ("flock(1) is not installed");
      return;
    }

  holder = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  /* It holds the lock when its cat answers. */
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (holder), "x", 1, NULL, NULL, NULL);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (holder), &byte, 1, NULL, NULL), ==, 1);

  g_assert_cmpint (glb_broker_start (fixture->runtime, path, g_get_monotonic_time () + 200000, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  pids = read_pids (fixture);
  g_assert_cmpuint (pids->len, ==, 0);

  g_output_stream_close (g_subprocess_get_stdin_pipe (holder), NULL, NULL);
  g_subprocess_wait (holder, NULL, NULL);
}

static void
test_mute (Fixture      *fixture,
           gconstpointer mode)
{
  g_autoptr(GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  g_assert_null (glb_client_new_sync (TRUE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 8 * G_USEC_PER_SEC);
}

static void
test_long_path (void)
{
  g_autofree char *name = g_strnfill (200, 'x');
  g_autofree char *path = g_build_filename ("/tmp", name, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (glb_broker_connect (path, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);
}

static gpointer
accept_all (gpointer user_data)
{
  int listener = GPOINTER_TO_INT (user_data), fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
    close (fd);
  return NULL;
}

/* More clients at once than the listener's queue has room for. */
static void
test_full_queue (void)
{
  g_autofree char *folder = g_dir_make_tmp ("glb-client-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bus", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autoptr(GArray) waiting = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr(GError) error = NULL;
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  GThread *thread;
  int fd;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  while (fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
         connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    g_array_append_val (waiting, fd);
  g_assert_cmpint (errno, ==, EAGAIN);
  close (fd);

  thread = g_thread_new ("accept", accept_all, GINT_TO_POINTER (listener));
  fd = glb_broker_connect (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  close (fd);

  shutdown (listener, SHUT_RDWR);
  g_thread_join (thread);
  close (listener);
  for (guint i = 0; i < waiting->len; i++)
    close (g_array_index (waiting, int, i));
  unlink (path);
  rmdir (folder);
}

static void
test_start (Fixture      *fixture,
            gconstpointer mode)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbDBusBroker1) broker = NULL;
  g_autofree char *found = NULL;
  g_autoptr(GArray) pids = NULL;
  GlbClient *client;
  pid_t pid;

  client = glb_client_new_sync (TRUE, NULL, &error);
  g_assert_no_error (error);
  pids = read_pids (fixture);
  g_assert_cmpuint (pids->len, ==, 1);

  /* Not in our session: keys of our terminal do not reach it. */
  pid = g_array_index (pids, int, 0);
  g_assert_cmpint (getsid (pid), ==, pid);
  g_assert_cmpint (getsid (pid), !=, getsid (0));

  broker = glb_dbus_broker1_proxy_new_sync (glb_client_get_connection (client),
                                            G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                            GLB_BROKER_OBJECT_PATH, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (glb_dbus_broker1_call_find_sync (broker, "none", &found, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
  g_clear_object (&broker);

  /* The second finds it. */
  g_assert_finalize_object (client);
  g_clear_error (&error);
  client = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (client);
}

static void
new_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbClient) client = glb_client_new_finish (result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (client);
  ++*(guint *) user_data;
}

static void
test_simultaneous (Fixture      *fixture,
                   gconstpointer mode)
{
  g_autoptr(GArray) pids = NULL;
  guint n_done = 0;

  for (guint i = 0; i < 12; i++)
    glb_client_new_async (TRUE, NULL, new_cb, &n_done);
  while (n_done < 12)
    g_main_context_iteration (NULL, TRUE);

  pids = read_pids (fixture);
  g_assert_cmpuint (pids->len, ==, 1);
}

static void
test_after_kill (Fixture      *fixture,
                 gconstpointer mode)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) pids = NULL;
  g_autoptr(GlbClient) client = glb_client_new_sync (TRUE, NULL, &error);

  g_assert_no_error (error);
  pids = read_pids (fixture);
  kill (g_array_index (pids, int, 0), SIGKILL);
  while (!g_dbus_connection_is_closed (glb_client_get_connection (client)))
    g_main_context_iteration (NULL, TRUE);

  /* Its socket is still there, and nobody answers. */
  g_clear_object (&client);
  client = glb_client_new_sync (TRUE, NULL, &error);
  g_assert_no_error (error);
}

static void
test_cancelled (Fixture      *fixture,
                gconstpointer mode)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (glb_client_new_sync (TRUE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(name, mode, function) g_test_add ("/client/" name, Fixture, mode, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  fake_broker = g_canonicalize_filename (argv[1], NULL);
  ADD ("nobody", NULL, test_nobody);
  ADD ("start-error", "error", test_start_error);
  ADD ("start-dies", "die", test_start_dies);
  ADD ("start-silent", "silent", test_start_silent);
  ADD ("start-locked", NULL, test_start_locked);
  ADD ("mute", "mute", test_mute);
  g_test_add_func ("/client/long-path", test_long_path);
  g_test_add_func ("/client/full-queue", test_full_queue);
  ADD ("cancelled", NULL, test_cancelled);
  ADD ("start", NULL, test_start);
  ADD ("simultaneous", NULL, test_simultaneous);
  ADD ("after-kill", NULL, test_after_kill);
  return g_test_run ();
}
