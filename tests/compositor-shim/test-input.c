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

#define FINGER(what, id, at_x, at_y) \
  { .kind = GLB_SHIM_EVENT_TOUCH_ ## what, .code = id, .x = (at_x) * 256, .y = (at_y) * 256 }

/* A seat that shall have no touch screen does not say that it has one, and cannot be touched. */
static void
test_no_touch (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  static const GlbShimEvent down = FINGER (DOWN, 0, 10, 10);

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);

    g_assert_cmpuint (client->seat_capabilities, ==, WL_SEAT_CAPABILITY_POINTER | WL_SEAT_CAPABILITY_KEYBOARD);
    g_assert_cmpuint (glb_test_input (compositor, &down, 1).error, ==, EINVAL);
  }
}

static GlbTestCompositor *
new_with_touch (void)
{
  GlbTestCompositor *compositor;

  g_setenv (GLB_SHIM_TOUCH_VARIABLE, "1", TRUE);
  compositor = glb_test_compositor_new ();
  g_unsetenv (GLB_SHIM_TOUCH_VARIABLE);
  return compositor;
}

static void
test_touch (void)
{
  g_autoptr(GlbTestCompositor) compositor = new_with_touch ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) below G_GNUC_UNUSED = glb_test_window_new (client, "below", 300, 200, 0, NULL);
    g_autoptr(GlbTestWindow) above G_GNUC_UNUSED = glb_test_window_new (client, "above", 100, 100, 0, NULL);
    GlbShimRect rect = glb_test_find_window (compositor, "below")->geometry;
    const GlbShimEvent bad[] = { FINGER (DOWN, GLB_SHIM_TOUCHES_MAX, 0, 0), FINGER (UP, 0xffffffff, 0, 0) };
    const GlbShimEvent tap[] = {
      FINGER (MOTION, 0, 5, 5),                     /* is not down */
      FINGER (DOWN, 0, rect.x + 5, rect.y + 7), FINGER (DOWN, 0, 0, 0), FINGER (DOWN, 3, rect.x + 20, rect.y + 30),
      FINGER (MOTION, 3, rect.x + 21, rect.y + 32), FINGER (UP, 0, 0, 0), FINGER (UP, 0, 0, 0),
    };

    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
      g_assert_cmpuint (glb_test_input (compositor, &bad[i], 1).error, ==, EINVAL);
    g_assert_true (client->seat_capabilities & WL_SEAT_CAPABILITY_TOUCH);
    g_assert_true (glb_test_window_is_focused (compositor, "above"));
    g_assert_cmpuint (glb_test_input (compositor, tap, G_N_ELEMENTS (tap)).error, ==, 0);
    glb_test_wait_until (compositor, client->n_ups == 1);
    g_assert_cmpuint (client->n_downs, ==, 2);
    g_assert_cmpuint (client->n_moves, ==, 1);
    g_assert_cmpuint (client->n_touch_frames, >=, 3);
    g_assert_cmpfloat (client->touch_x, ==, 21);
    g_assert_cmpfloat (client->touch_y, ==, 32);
    g_assert_cmpint (client->last_finger, ==, 0);
    glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "below"));
    g_assert_cmpint (glb_test_window_level (compositor, "below"), >, glb_test_window_level (compositor, "above"));

    /* what is still down is lifted with the rest */
    glb_test_wait_answer (compositor, glb_test_send (compositor, GLB_SHIM_RELEASE_INPUT, NULL, 0), GLB_SHIM_DONE);
    glb_test_wait_until (compositor, client->n_ups == 2);
    g_assert_cmpint (client->last_finger, ==, 3);
    g_assert_cmpuint (glb_test_input (compositor, &tap[1], 1).error, ==, 0);
    glb_test_wait_until (compositor, client->n_downs == 3);
  }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/input/malformed-is-refused", test_malformed_is_refused);
  g_test_add_func ("/input/no-touch", test_no_touch);
  g_test_add_func ("/input/touch", test_touch);
  g_test_add_func ("/input/keys", test_keys);
  g_test_add_func ("/input/pointer", test_pointer);
  g_test_add_func ("/input/release-input", test_release_input);
  return g_test_run ();
}
