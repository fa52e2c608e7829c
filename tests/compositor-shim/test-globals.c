/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/compositor-shim/glb-test-client.h"

static const char *const expected[] = {
  "wl_compositor", "wl_data_device_manager", "wl_output", "wl_seat", "wl_shm", "wl_subcompositor", "wp_presentation",
  "wp_viewporter", "xdg_wm_base", "zwp_primary_selection_device_manager_v1", "zwp_relative_pointer_manager_v1",
  "zwp_text_input_manager_v3", "zxdg_output_manager_v1",
};

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return strcmp (*(char **) a, *(char **) b);
}

static void
test_exactly_the_list (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);

    g_ptr_array_sort (client->globals, compare);
    for (guint i = 0; i < MIN (client->globals->len, G_N_ELEMENTS (expected)); i++)
      g_assert_cmpstr (g_ptr_array_index (client->globals, i), ==, expected[i]);
    g_assert_cmpuint (client->globals->len, ==, G_N_ELEMENTS (expected));
  }
}

/* Whether a client at @path can bind a global of this name, by trying all numbers. */
static gboolean
can_bind (GlbTestCompositor *compositor,
          const char        *path,
          const char        *global)
{
  struct wl_interface interface = { .name = global, .version = 1 };

  for (guint32 number = 1; number <= 40; number++)
    {
      g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, path);
      struct wl_proxy *proxy = wl_registry_bind (client->registry, number, &interface, 1);
      gboolean bound = glb_test_client_sync (client);

      if (!bound)
        g_assert_cmpint (wl_display_get_error (client->display), ==, EPROTO);
      wl_proxy_destroy (proxy);
      if (bound)
        return TRUE;
    }
  return FALSE;
}

/* Numbers of hidden globals can be guessed; binding them ends the client. */
static void
test_binding_a_hidden_one_is_fatal (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  g_assert_false (can_bind (compositor, compositor->socket_path, "zwp_pointer_constraints_v1"));
  g_assert_false (can_bind (compositor, compositor->socket_path, "zwp_input_timestamps_manager_v1"));
  g_assert_false (can_bind (compositor, compositor->socket_path, "weston_capture_v1"));
  g_assert_true (can_bind (compositor, compositor->socket_path, "wp_viewporter"));
}

/* The positive control: in Weston as it comes the same client sees and binds them, a screen grabber too. */
static void
test_stock_weston_shows_more (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autofree char *weston = g_find_program_in_path ("weston"), *path = NULL;
  const char *argv[] = { weston, "--no-config", "--backend=headless-backend.so", "--use-pixman", "--idle-time=0",
                         "--socket=stock", "--shell=kiosk-shell.so", NULL };
  g_auto(GStrv) env = NULL;
  GPid pid;
  g_autoptr(GError) error = NULL;

  if (compositor == NULL)
    return;
  path = g_build_filename (compositor->dir, "stock", NULL);
  env = g_environ_setenv (g_get_environ (), "XDG_RUNTIME_DIR", compositor->dir, TRUE);
  g_spawn_async (NULL, (char **) argv, env,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, &pid,
                 &error);
  g_assert_no_error (error);
  glb_test_wait_until (compositor, g_file_test (path, G_FILE_TEST_EXISTS));
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, path);

    g_assert_true (glb_test_client_sees (client, "wl_compositor"));
    g_assert_true (glb_test_client_sees (client, "weston_screenshooter") ||
                   glb_test_client_sees (client, "weston_capture_v1"));
  }
  g_assert_true (can_bind (compositor, path, "zwp_pointer_constraints_v1"));
  g_assert_true (can_bind (compositor, path, "zwp_input_timestamps_manager_v1"));
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
}

/* Clients come and go by the hundred, and there are never too many. */
static void
test_many_clients (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_test_client_free);

  if (compositor == NULL)
    return;
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 50; i++)
        g_ptr_array_add (clients, glb_test_client_new (compositor, compositor->socket_path));
      g_ptr_array_set_size (clients, 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/globals/exactly-the-list", test_exactly_the_list);
  g_test_add_func ("/globals/binding-a-hidden-one-is-fatal", test_binding_a_hidden_one_is_fatal);
  g_test_add_func ("/globals/stock-weston-shows-more", test_stock_weston_shows_more);
  g_test_add_func ("/globals/many-clients", test_many_clients);
  return g_test_run ();
}
