/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

static void
assert_alive (GlbTestCompositor *compositor)
{
  guint64 serial = glb_test_send (compositor, GLB_SHIM_PING, NULL, 0);

  glb_test_wait_answer (compositor, serial, GLB_SHIM_PONG);
}

static void
test_ready (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  g_assert_cmpuint (compositor->ready_message.version, ==, GLB_SHIM_PROTOCOL_VERSION);
  g_assert_cmpuint (compositor->ready_message.width, ==, 800);
  g_assert_cmpuint (compositor->ready_message.height, ==, 600);
  g_assert_cmpuint (compositor->ready_message.weston_major, >=, 10);
  assert_alive (compositor);
}

static void
assert_refused (GlbTestCompositor *compositor,
                guint32            type,
                gconstpointer      payload,
                gsize              size)
{
  guint64 serial = glb_test_send (compositor, type, payload, size);
  const GlbShimDone *done = glb_test_wait_answer (compositor, serial, GLB_SHIM_DONE);

  if (done->error != EINVAL)
    g_error ("message %u of %zu bytes: error %u", type, size, done->error);
}

static void
test_malformed_is_refused (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  guint32 words[64] = { 0 };
  g_autofree guint8 *large = g_malloc0 (GLB_SHIM_MESSAGE_MAX);

  if (compositor == NULL)
    return;
  for (guint32 type = 0; type < 100; type++)
    {
      gboolean sizeless = type == GLB_SHIM_UNWATCH || type == GLB_SHIM_CAPTURE || type == GLB_SHIM_PING ||
                          type == GLB_SHIM_RELEASE_INPUT || type == GLB_SHIM_ASK_OWNERS;

      if (!sizeless)
        assert_refused (compositor, type, NULL, 0);
      assert_refused (compositor, type, words, 4);
      assert_refused (compositor, type, words, 7);
      assert_refused (compositor, type, large, GLB_SHIM_MESSAGE_MAX - sizeof (GlbShimHeader));
    }

  /* counts that do not fit */
  words[0] = GLB_SHIM_EVENTS_MAX + 1;
  assert_refused (compositor, GLB_SHIM_INPUT, words, 8);
  words[0] = 0xffffffff;
  assert_refused (compositor, GLB_SHIM_INPUT, words, 8);
  assert_refused (compositor, GLB_SHIM_TEXT, words, 8);
  words[0] = 2;
  assert_refused (compositor, GLB_SHIM_INPUT, words, 8 + 20);
  assert_refused (compositor, GLB_SHIM_TEXT, words, 8 + 1);
  words[0] = 1;
  assert_refused (compositor, GLB_SHIM_WATCH, words, 8);
  words[0] = GLB_SHIM_SLOTS_MAX + 1;
  assert_refused (compositor, GLB_SHIM_WATCH, words, 8);

  /* a header that lies, and less than a header */
  {
    GlbShimHeader header = { .type = GLB_SHIM_PING, .size = 4, .serial = ++compositor->last_serial };

    glb_test_send_raw (compositor, &header, sizeof header, -1);
    glb_test_wait_answer (compositor, header.serial, GLB_SHIM_DONE);
  }
  assert_alive (compositor);
}

static void
test_noise (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  guint8 noise[200];

  if (compositor == NULL)
    return;
  for (guint i = 0; i < 3000; i++)
    {
      GlbShimHeader *header = (GlbShimHeader *) (gpointer) noise;
      gsize size = (gsize) g_test_rand_int_range (sizeof *header, sizeof noise);

      for (gsize n = 0; n < size; n++)
        noise[n] = (guint8) g_test_rand_int_range (0, 256);
      /* Mostly known types and right sizes, so that the noise gets further; a stray descriptor now and then. */
      header->type = (guint32) g_test_rand_int_range (0, 14);
      header->serial = ++compositor->last_serial;
      if (i % 8 != 0)
        header->size = (guint32) (size - sizeof *header);
      if (header->type == GLB_SHIM_LISTEN)
        header->size++;
      glb_test_send_raw (compositor, noise, size, i % 10 == 0 ? 0 : -1);
      glb_test_pump (compositor, 0);
    }
  assert_alive (compositor);
}

/* A descriptor that nobody asked for is closed. */
static void
test_stray_descriptors (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  GlbShimHeader header = { .type = GLB_SHIM_PING };
  int ends[2];
  char byte;

  if (compositor == NULL)
    return;
  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  header.serial = ++compositor->last_serial;
  glb_test_send_raw (compositor, &header, sizeof header, ends[1]);
  glb_test_wait_answer (compositor, header.serial, GLB_SHIM_PONG);
  close (ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 0);
  close (ends[0]);
}

static void
test_end_of_channel_ends_weston (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0x123456, NULL);
    gint64 start = g_get_monotonic_time ();

    compositor->may_end = TRUE;
    glb_test_watch (compositor, 2);
    shutdown (compositor->control, SHUT_RDWR);
    glb_test_wait_until (compositor, client->failed);
    while (waitpid (compositor->pid, &compositor->exit_status, WNOHANG) == 0)
      {
        g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_TIME_SPAN_SECOND);
        g_usleep (1000);
      }
    compositor->exited = TRUE;
    g_assert_true (WIFEXITED (compositor->exit_status) && WEXITSTATUS (compositor->exit_status) == 0);
  }
}

/* The broker may be gone before Weston runs. */
static void
test_channel_that_ended_before (void)
{
  g_autofree char *weston = g_find_program_in_path ("weston"), *shell = NULL, *dir = NULL, *number = NULL;
  const char *argv[] = { "timeout", "10", weston, "--no-config", "--backend=headless-backend.so", "--use-pixman",
                         "--socket=own", NULL, NULL };
  g_auto(GStrv) env = NULL;
  g_autoptr(GError) error = NULL;
  int sockets[2], status = 0;

  if (weston == NULL)
    {
      g_test_skip ("weston is not installed");
      return;
    }
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, sockets));
  close (sockets[0]);
  dir = g_dir_make_tmp ("glovebox-shim-XXXXXX", &error);
  g_assert_no_error (error);
  shell = g_strdup_printf ("--shell=%s", g_getenv ("GLOVEBOX_TEST_SHELL"));
  argv[7] = shell;
  number = g_strdup_printf ("%d", sockets[1]);
  env = g_environ_setenv (g_get_environ (), "XDG_RUNTIME_DIR", dir, TRUE);
  env = g_environ_setenv (env, "GLOVEBOX_CONTROL_FD", number, TRUE);
  if (g_getenv ("GLOVEBOX_TEST_PRELOAD") != NULL)
    {
      env = g_environ_setenv (env, "LD_PRELOAD", g_getenv ("GLOVEBOX_TEST_PRELOAD"), TRUE);
      env = g_environ_setenv (env, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
    }
  g_spawn_sync (dir, (char **) argv, env, G_SPAWN_SEARCH_PATH | G_SPAWN_LEAVE_DESCRIPTORS_OPEN |
                G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  close (sockets[1]);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  rmdir (dir);
}

/* Without a channel there is no session. */
static void
test_no_channel (void)
{
  g_autofree char *weston = g_find_program_in_path ("weston"), *shell = NULL, *dir = NULL, *log = NULL;
  const char *argv[] = { weston, "--no-config", "--backend=headless-backend.so", "--use-pixman", NULL, NULL };
  g_auto(GStrv) env = NULL;
  g_autoptr(GError) error = NULL;
  int status = 0;

  if (weston == NULL)
    {
      g_test_skip ("weston is not installed");
      return;
    }
  dir = g_dir_make_tmp ("glovebox-shim-XXXXXX", &error);
  g_assert_no_error (error);
  shell = g_strdup_printf ("--shell=%s", g_getenv ("GLOVEBOX_TEST_SHELL"));
  argv[4] = shell;
  env = g_environ_setenv (g_get_environ (), "XDG_RUNTIME_DIR", dir, TRUE);
  env = g_environ_setenv (env, "GLOVEBOX_CONTROL_FD", "0", TRUE);
  if (g_getenv ("GLOVEBOX_TEST_PRELOAD") != NULL)
    {
      env = g_environ_setenv (env, "LD_PRELOAD", g_getenv ("GLOVEBOX_TEST_PRELOAD"), TRUE);
      env = g_environ_setenv (env, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
      env = g_environ_setenv (env, "UBSAN_OPTIONS", "halt_on_error=1", TRUE);
    }
  g_spawn_sync (dir, (char **) argv, env, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &log, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) != 0);
  g_assert_nonnull (strstr (log, "GLOVEBOX_CONTROL_FD is no sequential packet socket"));
  rmdir (dir);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/ready", test_ready);
  g_test_add_func ("/control/malformed-is-refused", test_malformed_is_refused);
  g_test_add_func ("/control/noise", test_noise);
  g_test_add_func ("/control/stray-descriptors", test_stray_descriptors);
  g_test_add_func ("/control/end-of-channel-ends-weston", test_end_of_channel_ends_weston);
  g_test_add_func ("/control/channel-that-ended-before", test_channel_that_ended_before);
  g_test_add_func ("/control/no-channel", test_no_channel);
  return g_test_run ();
}
