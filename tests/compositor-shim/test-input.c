/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/input-event-codes.h>

#include "tests/compositor-shim/glb-test-client.h"

static void
test_malformed_is_refused (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  static const GlbShimEvent bad[] = {
    { .kind = 0 },
    { .kind = 77 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = 0, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = BTN_LEFT, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = 0xffffffff, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_A, .value = 2 },
    { .kind = GLB_SHIM_EVENT_BUTTON, .code = KEY_A, .value = 1 },
    { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = -1 },
    { .kind = GLB_SHIM_EVENT_AXIS, .code = 2, .value = 120 },
    { .kind = GLB_SHIM_EVENT_AXIS, .code = 0, .value = G_MININT32 },
  };

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
      {
        /* The good event before it is not applied either. */
        GlbShimEvent events[] = { { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_A, .value = 1 }, bad[i] };

        g_assert_cmpuint (glb_test_input (compositor, events, 2).error, ==, EINVAL);
      }
    g_assert_true (glb_test_client_sync (client));
    g_assert_cmpstr (client->typed->str, ==, "");
  }
}

static void
test_keys (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  static const GlbShimEvent events[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTSHIFT, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_H, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_H, .value = 0 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTSHIFT, .value = 0 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_I, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_I, .value = 1 },   /* already down */
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_I, .value = 0 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_I, .value = 0 },   /* already up */
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_X, .value = 0 },   /* never was down */
  };

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);
    GlbShimDone done = glb_test_input (compositor, events, G_N_ELEMENTS (events));

    g_assert_cmpuint (done.error, ==, 0);
    g_assert_cmpuint (done.focus_window, ==, glb_test_find_window (compositor, "window")->id);
    glb_test_wait_until (compositor, client->typed->len >= 2);
    g_assert_true (glb_test_client_sync (client));
    g_assert_cmpstr (client->typed->str, ==, "Hi");
    g_assert_cmpuint (client->n_keys_down, ==, 0);
  }
}

static void
test_pointer (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0, NULL);
    GlbShimRect rect = glb_test_find_window (compositor, "window")->geometry;
    GlbShimEvent events[] = {
      { .kind = GLB_SHIM_EVENT_MOTION, .x = (rect.x + 30) * 256 + 128, .y = (rect.y + 40) * 256 },
      { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_RIGHT, .value = 1 },
      { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_RIGHT, .value = 0 },
      { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_RIGHT, .value = 0 },
      { .kind = GLB_SHIM_EVENT_AXIS, .code = 0, .value = 240 },
      { .kind = GLB_SHIM_EVENT_AXIS, .code = 0, .value = -120 },
    };
    GlbShimEvent far = { .kind = GLB_SHIM_EVENT_MOTION, .x = 5000 * 256, .y = -5000 * 256 };
    GlbShimDone done = glb_test_input (compositor, events, G_N_ELEMENTS (events));

    g_assert_cmpint (done.pointer_x, ==, rect.x + 30);
    g_assert_cmpint (done.pointer_y, ==, rect.y + 40);
    glb_test_wait_until (compositor, client->n_wheel_clicks == 3);
    g_assert_true (client->pointer_focus == window->surface);
    g_assert_cmpfloat (client->pointer_x, ==, 30.5);
    g_assert_cmpfloat (client->pointer_y, ==, 40);
    g_assert_cmpuint (client->n_presses, ==, 1);
    g_assert_cmpuint (client->n_releases, ==, 1);
    g_assert_cmpuint (client->last_button, ==, BTN_RIGHT);
    g_assert_cmpfloat (client->scrolled, ==, 10);

    /* The pointer stays on the screen. */
    done = glb_test_input (compositor, &far, 1);
    g_assert_cmpint (done.pointer_x, ==, 799);
    g_assert_cmpint (done.pointer_y, ==, 0);
  }
}

static void
test_release_input (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  static const GlbShimEvent events[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTCTRL, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_C, .value = 1 },
    { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 1 },
  };

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);
    GlbShimRect rect = glb_test_find_window (compositor, "window")->geometry;
    guint64 serial;

    glb_test_click (compositor, rect.x + 5, rect.y + 5);
    glb_test_input (compositor, events, G_N_ELEMENTS (events));
    glb_test_wait_until (compositor, client->n_keys_down == 2 && client->n_presses == 2);
    serial = glb_test_send (compositor, GLB_SHIM_RELEASE_INPUT, NULL, 0);
    glb_test_wait_answer (compositor, serial, GLB_SHIM_DONE);
    glb_test_wait_until (compositor, client->n_keys_down == 0 && client->n_releases == 2);
  }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/input/malformed-is-refused", test_malformed_is_refused);
  g_test_add_func ("/input/keys", test_keys);
  g_test_add_func ("/input/pointer", test_pointer);
  g_test_add_func ("/input/release-input", test_release_input);
  return g_test_run ();
}
