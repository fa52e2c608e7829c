/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The broker's end of the selections, with a real compositor in its sandbox: hostile owners, and a real program that pastes. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/broker/glb-compositor.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/broker-fixture.h"
#include "tests/compositor-shim/glb-test-selection.h"

/* Longer than any test: a deadline that must not matter. */
#define LONG_MS 120000
#define TEXT "text/plain"

typedef struct
{
  char *root, *socket_path;
  GlbHost *host;
  GlbCompositor *compositor;
  GAsyncResult *result;
  guint n_selections, n_pasted;
  GlbShimPasted pasted;
  gboolean died;
  GlbTestCompositor wayland;     /* only what clients need; its control channel is the broker's */
  GlbTestClient *client;
  GlbTestDevice *device;
  guint32 serial;
} Fixture;

static void
step (Fixture *fixture)
{
  glb_test_pump (&fixture->wayland, g_get_monotonic_time () + 2000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

#define WAIT(fixture, condition)                                                                \
  G_STMT_START                                                                                  \
    {                                                                                           \
      gint64 end_ = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;                          \
      while (!(condition))                                                                      \
        {                                                                                       \
          step (fixture);                                                                       \
          if (g_get_monotonic_time () > end_)                                                   \
            g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, #condition);             \
        }                                                                                       \
    }                                                                                           \
  G_STMT_END

static void
on_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_null (fixture->result);
  fixture->result = g_object_ref (result);
}

static GAsyncResult *
wait_result (Fixture *fixture)
{
  WAIT (fixture, fixture->result != NULL);
  return g_steal_pointer (&fixture->result);
}

static void
on_selection (GlbCompositor *compositor, guint kind, Fixture *fixture)
{
  if (kind == GLB_SHIM_CLIPBOARD)
    fixture->n_selections++;
}

static void
on_pasted (GlbCompositor *compositor, const GlbShimPasted *pasted, Fixture *fixture)
{
  fixture->pasted = *pasted;
  fixture->n_pasted++;
}

static void
on_died (GlbCompositor *compositor, const char *why, Fixture *fixture)
{
  fixture->died = TRUE;
}

static char *
make_folder (Fixture *fixture, const char *name, const char *variable)
{
  char *path = g_build_filename (fixture->root, name, NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_setenv (variable, path, TRUE);
  return path;
}

static void
listen_for_clients (Fixture *fixture)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, fixture->socket_path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 16));
  glb_compositor_listen (fixture->compositor, fd);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const GlbCompositorConfig config = { .width = 640, .height = 480 };
  g_autofree char *runtime = NULL, *state = NULL, *home = NULL, *program = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  if (!broker_fixture_can_run (TRUE))
    return;

  fixture->root = g_dir_make_tmp ("glb-sel-XXXXXX", &error);
  g_assert_no_error (error);
  runtime = make_folder (fixture, "runtime", "XDG_RUNTIME_DIR");
  state = make_folder (fixture, "state", "XDG_STATE_HOME");
  home = make_folder (fixture, "home", "HOME");
  fixture->socket_path = g_build_filename (runtime, "wayland", NULL);
  program = glb_paths_find_program ("glovebox-broker", &error);
  g_assert_no_error (error);
  fixture->host = glb_host_new (program, &error);
  g_assert_no_error (error);
  fixture->wayland.control = -1;
  fixture->wayland.closed = TRUE;
  fixture->wayland.clients = g_ptr_array_new ();

  glb_compositor_new_async (fixture->host, &config, NULL, on_result, fixture);
  result = wait_result (fixture);
  fixture->compositor = glb_compositor_new_finish (result, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->compositor, "selection", G_CALLBACK (on_selection), fixture);
  g_signal_connect (fixture->compositor, "pasted", G_CALLBACK (on_pasted), fixture);
  g_signal_connect (fixture->compositor, "died", G_CALLBACK (on_died), fixture);
  listen_for_clients (fixture);
  fixture->client = glb_test_client_new (&fixture->wayland, fixture->socket_path);
  fixture->device = glb_test_device_new (fixture->client, GLB_SHIM_CLIPBOARD);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  if (fixture->root == NULL)
    return;

  glb_test_device_free (fixture->device);
  glb_test_client_free (fixture->client);
  glb_compositor_kill (fixture->compositor, "the test is over");
  WAIT (fixture, fixture->died);
  g_object_unref (fixture->compositor);
  glb_host_free (fixture->host);
  g_ptr_array_unref (fixture->wayland.clients);
  glb_sandbox_remove_tree (fixture->root, &error);
  g_assert_no_error (error);
  g_free (fixture->socket_path);
  g_free (fixture->root);
}

/* A client copies, and the broker has heard of it. */
static GlbTestSource *
copy (Fixture *fixture, const char *content)
{
  GlbTestSource *source = glb_test_source_new (fixture->client, GLB_SHIM_CLIPBOARD, content);
  guint n_before = fixture->n_selections;

  glb_test_source_offer (source, TEXT);
  glb_test_source_offer (source, "bad\ntype");
  glb_test_device_copy (fixture->device, source, ++fixture->serial);
  WAIT (fixture, fixture->n_selections > n_before);
  return source;
}

static guint64
get_id (Fixture *fixture)
{
  return glb_compositor_get_selection (fixture->compositor, GLB_SHIM_CLIPBOARD)->id;
}

static GBytes *
read_selection (Fixture *fixture, guint64 id, const char *type, gsize max_bytes, guint deadline_ms, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  glb_compositor_read_selection_async (fixture->compositor, GLB_SHIM_CLIPBOARD, id, type, max_bytes, deadline_ms, NULL, on_result, fixture);
  result = wait_result (fixture);
  return glb_compositor_read_selection_finish (fixture->compositor, result, error);
}

#define REFUSES(fixture, id, type, max_bytes, deadline_ms, domain, code)                                                        \
  G_STMT_START                                                                                                                  \
    {                                                                                                                           \
      g_autoptr(GError) error_ = NULL;                                                                                          \
      g_assert_null (read_selection (fixture, id, type, max_bytes, deadline_ms, &error_));                                      \
      g_assert_error (error_, domain, code);                                                                                    \
    }                                                                                                                           \
  G_STMT_END

#define READS(fixture, id, text)                                                                                                \
  G_STMT_START                                                                                                                  \
    {                                                                                                                           \
      g_autoptr(GError) error_ = NULL;                                                                                          \
      g_autoptr(GBytes) got_ = read_selection (fixture, id, TEXT, strlen (text), LONG_MS, &error_);                             \
      g_assert_no_error (error_);                                                                                               \
      g_assert_cmpmem (g_bytes_get_data (got_, NULL), g_bytes_get_size (got_), text, strlen (text));                            \
    }                                                                                                                           \
  G_STMT_END

static void
test_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbTestSource) source = NULL;
  g_autoptr(GlbTestSource) next = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  const GlbCompositorSelection *selection;
  guint64 id;

  if (fixture->root == NULL)
    return;

  g_assert_cmpuint (get_id (fixture), ==, 0);
  REFUSES (fixture, 0, TEXT, 100, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_CHANGED);
  REFUSES (fixture, 1, TEXT, 100, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_CHANGED);

  source = copy (fixture, "0123456789");
  selection = glb_compositor_get_selection (fixture->compositor, GLB_SHIM_CLIPBOARD);
  id = selection->id;
  g_assert_cmpuint (selection->n_offered, ==, 2);
  g_assert_cmpuint (g_strv_length (selection->types), ==, 1);
  g_assert_cmpstr (selection->types[0], ==, TEXT);
  REFUSES (fixture, id, "text/html", 100, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_NO_SUCH_TYPE);
  REFUSES (fixture, id, TEXT, 9, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TOO_LARGE);
  READS (fixture, id, "0123456789");

  source->manner = GLB_TEST_SOURCE_HOLDS;
  REFUSES (fixture, id, TEXT, 100, 200, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TIMED_OUT);
  glb_compositor_read_selection_async (fixture->compositor, GLB_SHIM_CLIPBOARD, id, TEXT, 100, LONG_MS, cancellable, on_result, fixture);
  WAIT (fixture, source->held->len == 2);
  g_cancellable_cancel (cancellable);
  result = wait_result (fixture);
  g_assert_null (glb_compositor_read_selection_finish (fixture->compositor, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* Another copy while it is read. */
  g_clear_object (&result);
  glb_compositor_read_selection_async (fixture->compositor, GLB_SHIM_CLIPBOARD, id, TEXT, 100, 2000, NULL, on_result, fixture);
  WAIT (fixture, source->held->len == 3);
  next = copy (fixture, "next");
  g_clear_error (&error);
  result = wait_result (fixture);
  g_assert_null (glb_compositor_read_selection_finish (fixture->compositor, result, &error));
  g_assert_error (error, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TIMED_OUT);
  REFUSES (fixture, id, TEXT, 100, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_CHANGED);
  READS (fixture, get_id (fixture), "next");
  next->manner = GLB_TEST_SOURCE_CLOSES;
  READS (fixture, get_id (fixture), "");

  g_clear_pointer (&next, glb_test_source_free);
  WAIT (fixture, get_id (fixture) == 0);
  g_assert_false (fixture->died);
}

/* A person's policy allows megabytes; a client writes more without end. */
static void
test_read_much (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');
  g_autoptr(GlbTestSource) source = NULL;

  if (fixture->root == NULL)
    return;

  source = copy (fixture, text);
  REFUSES (fixture, get_id (fixture), TEXT, 1024 * 1024, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TOO_LARGE);
  READS (fixture, get_id (fixture), text);

  /* and one that has 2 GiB gets rid of no more than that */
  source->manner = GLB_TEST_SOURCE_FLOODS;
  __atomic_store_n (&source->n_written, 0, __ATOMIC_SEQ_CST);
  REFUSES (fixture, get_id (fixture), TEXT, 16 * 1024 * 1024, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_TOO_LARGE);
  WAIT (fixture, __atomic_load_n (&source->n_written, __ATOMIC_SEQ_CST) > 16 * 1024 * 1024);
  g_assert_cmpuint (source->n_written, <, 18 * 1024 * 1024);
}

static void
test_flood (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbTestSource) one = NULL;
  g_autoptr(GlbTestSource) two = NULL;
  g_autoptr(GlbTestSource) last = NULL;

  if (fixture->root == NULL)
    return;

  one = copy (fixture, "one");
  two = copy (fixture, "two");
  for (guint i = 0; i < 5000; i++)
    {
      glb_test_device_copy (fixture->device, i % 2 ? one : two, ++fixture->serial);
      if (i % 100 == 0)
        step (fixture);
    }
  last = glb_test_source_new (fixture->client, GLB_SHIM_CLIPBOARD, "last");
  glb_test_source_offer (last, TEXT);
  glb_test_source_offer (last, "x/last");
  glb_test_device_copy (fixture->device, last, ++fixture->serial);
  WAIT (fixture, g_strv_contains ((const char * const *) glb_compositor_get_selection (fixture->compositor, GLB_SHIM_CLIPBOARD)->types, "x/last"));
  READS (fixture, get_id (fixture), "last");
  g_assert_cmpuint (fixture->n_selections, <, 5000);
  g_assert_false (fixture->died);
}

static guint64
set_selection (Fixture *fixture, const char *text, guint uses, GError **error)
{
  const char *types[] = { TEXT, "text/plain;charset=utf-8", NULL };
  g_autoptr(GBytes) content = g_bytes_new (text, strlen (text));
  g_autoptr(GAsyncResult) result = NULL;

  glb_compositor_set_selection_async (fixture->compositor, GLB_SHIM_CLIPBOARD, types, content, uses, on_result, fixture);
  result = wait_result (fixture);
  return glb_compositor_set_selection_finish (fixture->compositor, result, error);
}

static void
clear_selection (Fixture *fixture)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  glb_compositor_clear_selection_async (fixture->compositor, GLB_SHIM_CLIPBOARD, on_result, fixture);
  result = wait_result (fixture);
  g_assert_true (glb_compositor_done_finish (fixture->compositor, result, NULL, &error));
  g_assert_no_error (error);
}

/* What a real program pastes, "" where it says that there is nothing. (transfer full) */
static char *
paste (Fixture *fixture)
{
  const char *argv[] = { "wl-paste", "--no-newline", "--type", TEXT, NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "WAYLAND_DISPLAY", fixture->socket_path, TRUE);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  char buffer[4096];
  gssize n;
  GPid pid;
  int out, status = -1;

  g_spawn_async_with_pipes (NULL, (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                            NULL, &pid, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  WAIT (fixture, waitpid (pid, &status, WNOHANG) == pid);
  while ((n = read (out, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  close (out);
  g_assert_true (WIFEXITED (status));
  g_assert_true ((WEXITSTATUS (status) == 0) == (text->len > 0));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_pastes (Fixture *fixture, const char *expected)
{
  g_autofree char *text = paste (fixture);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_set (Fixture *fixture, gconstpointer data)
{
  g_autofree char *wl_paste = g_find_program_in_path ("wl-paste");
  g_autoptr(GlbTestSource) source = NULL;
  g_autoptr(GlbTestSource) later = NULL;
  g_autoptr(GError) error = NULL;
  guint64 client_id, id;

  if (fixture->root == NULL)
    return;
  if (wl_paste == NULL)
    {
      g_test_skip ("wl-paste is missing; install the package wl-clipboard");
      return;
    }

  assert_pastes (fixture, "");
  source = copy (fixture, "client's");
  client_id = get_id (fixture);
  id = set_selection (fixture, "host's", 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (id, >, 0);
  /* The client's is gone, and not said to be there. */
  g_assert_cmpuint (get_id (fixture), ==, 0);
  g_assert_cmpuint (g_strv_length (glb_compositor_get_selection (fixture->compositor, GLB_SHIM_CLIPBOARD)->types), ==, 0);
  REFUSES (fixture, client_id, TEXT, 100, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_CHANGED);
  REFUSES (fixture, id, TEXT, 100, LONG_MS, GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_CHANGED);
  g_assert_cmpuint (fixture->n_selections, ==, 1);

  assert_pastes (fixture, "host's");
  WAIT (fixture, fixture->n_pasted == 1);
  g_assert_cmpuint (fixture->pasted.id, ==, id);
  g_assert_cmpuint (fixture->pasted.bytes, ==, strlen ("host's"));
  g_assert_cmpstr (fixture->pasted.type, ==, TEXT);
  assert_pastes (fixture, "");

  g_assert_cmpuint (set_selection (fixture, "again", 0, &error), >, id);
  assert_pastes (fixture, "again");
  assert_pastes (fixture, "again");
  clear_selection (fixture);
  assert_pastes (fixture, "");
  clear_selection (fixture);
  WAIT (fixture, fixture->n_pasted == 3);

  g_assert_cmpuint (set_selection (fixture, "replaced", 0, &error), >, id);
  fixture->serial += 1000000;
  later = copy (fixture, "own");
  clear_selection (fixture);
  READS (fixture, get_id (fixture), "own");
  g_assert_cmpuint (fixture->n_pasted, ==, 3);
}

static void
test_after_the_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbTestSource) source = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  if (fixture->root == NULL)
    return;

  source = copy (fixture, "x");
  source->manner = GLB_TEST_SOURCE_HOLDS;
  glb_compositor_read_selection_async (fixture->compositor, GLB_SHIM_CLIPBOARD, get_id (fixture), TEXT, 100, 500, NULL, on_result, fixture);
  WAIT (fixture, source->held->len == 1);
  glb_compositor_kill (fixture->compositor, "the test");
  result = wait_result (fixture);
  g_assert_null (glb_compositor_read_selection_finish (fixture->compositor, result, &error));
  g_assert_nonnull (error);

  REFUSES (fixture, 1, TEXT, 100, LONG_MS, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpuint (set_selection (fixture, "x", 0, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/broker-selection/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("read", test_read);
  ADD ("read-much", test_read_much);
  ADD ("flood", test_flood);
  ADD ("set", test_set);
  ADD ("after-the-end", test_after_the_end);
  return g_test_run ();
}
