/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

#define WINDOW(title) (glb_test_find_window (compositor, title))
#define LEVEL(title)  (glb_test_window_level (compositor, title))

static void
test_list (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) one = glb_test_window_new (client, "one", 200, 100, 0x112233, NULL);
    g_autoptr(GlbTestWindow) two G_GNUC_UNUSED = glb_test_window_new (client, "two żółw", 300, 150, 0x445566, NULL);

    g_assert_cmpuint (compositor->windows->n_windows, ==, 2);
    g_assert_cmpstr (WINDOW ("one")->app_id, ==, "org.glovebox.Test");
    g_assert_cmpint (WINDOW ("one")->geometry.width, ==, 200);
    g_assert_cmpint (WINDOW ("one")->geometry.height, ==, 100);
    g_assert_cmpuint (WINDOW ("one")->parent, ==, 0);
    g_assert_cmpuint (WINDOW ("one")->flags, ==, 0);
    g_assert_cmpuint (WINDOW ("two żółw")->flags, ==, GLB_SHIM_WINDOW_FOCUSED);
    g_assert_cmpuint (WINDOW ("one")->id, !=, WINDOW ("two żółw")->id);
    g_assert_cmpint (LEVEL ("two żółw"), >, LEVEL ("one"));

    xdg_toplevel_set_title (one->toplevel, "renamed");
    glb_test_wait_until (compositor, WINDOW ("renamed") != NULL);
  }
  glb_test_wait_until (compositor, compositor->windows->n_windows == 0);
  g_assert_cmpuint (compositor->windows->focus_window, ==, 0);
}

static guint
count_owners (GlbTestCompositor *compositor)
{
  guint64 serial = glb_test_send (compositor, GLB_SHIM_ASK_OWNERS, NULL, 0);
  const GlbShimDone *done;

  g_array_set_size (compositor->owners, 0);
  done = glb_test_wait_answer (compositor, serial, GLB_SHIM_DONE);
  g_assert_cmpuint (done->error, ==, 0);
  for (guint i = 0; i < compositor->owners->len; i++)
    g_assert_cmpint (g_array_index (compositor->owners, pid_t, i), ==, getpid ());
  return compositor->owners->len;
}

/* Whoever has a window is named by its connection, once; who only connects is not, nor who has a window no more. */
static void
test_owners (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  g_assert_cmpuint (count_owners (compositor), ==, 0);
  {
    g_autoptr(GlbTestClient) silent = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestClient) other = glb_test_client_new (compositor, compositor->socket_path);

    g_assert_true (glb_test_client_sync (silent));
    g_assert_cmpuint (count_owners (compositor), ==, 0);
    {
      g_autoptr(GlbTestWindow) one = glb_test_window_new (client, "one", 200, 100, 0, NULL);
      g_autoptr(GlbTestWindow) two G_GNUC_UNUSED = glb_test_window_new (client, "two", 200, 100, 0, NULL);
      g_autoptr(GlbTestWindow) three G_GNUC_UNUSED = glb_test_window_new (other, "three", 200, 100, 0, one);

      g_assert_cmpuint (count_owners (compositor), ==, 2);
    }
    glb_test_wait_until (compositor, compositor->windows->n_windows == 0);
    g_assert_cmpuint (count_owners (compositor), ==, 0);
  }
}

/* A hostile title is cut at a character and stays UTF-8. */
static void
test_long_title (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) title = g_string_new ("x");

  if (compositor == NULL)
    return;
  for (guint i = 0; i < 300; i++)
    g_string_append (title, "漢");
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "short", 200, 100, 0, NULL);
    const char *seen;

    xdg_toplevel_set_title (window->toplevel, title->str);
    glb_test_wait_until (compositor, WINDOW ("short") == NULL);
    seen = compositor->windows->windows[0].title;
    g_assert_true (g_utf8_validate (seen, -1, NULL));
    g_assert_true (g_str_has_prefix (title->str, seen));
    g_assert_cmpuint (strlen (seen), >, GLB_SHIM_TITLE_MAX - 5);

    xdg_toplevel_set_title (window->toplevel, "bad \xff\xc0\x80 \xed\xa0\x80 end");
    glb_test_wait_until (compositor, g_str_has_prefix (compositor->windows->windows[0].title, "bad"));
    g_assert_cmpstr (compositor->windows->windows[0].title, ==, "bad ??? ??? end");
  }
}

static void
test_click_raises_and_focuses (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) below = glb_test_window_new (client, "below", 300, 200, 0xff0000, NULL);
    g_autoptr(GlbTestWindow) above = glb_test_window_new (client, "above", 300, 200, 0x0000ff, NULL);
    GlbShimRect low = WINDOW ("below")->geometry;
    GlbShimDone done;

    glb_test_capture (compositor);
    g_assert_cmphex (glb_test_pixel (compositor, low.x + 200, low.y + 150), ==, 0x0000ff);
    g_assert_true (client->keyboard_focus == above->surface);

    done = glb_test_click (compositor, low.x + 4, low.y + 4);
    g_assert_cmpuint (done.error, ==, 0);
    g_assert_cmpint (done.pointer_x, ==, low.x + 4);
    g_assert_cmpint (done.pointer_y, ==, low.y + 4);
    glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "below"));
    g_assert_cmpint (LEVEL ("below"), >, LEVEL ("above"));
    g_assert_cmpuint (done.focus_window, ==, WINDOW ("below")->id);
    glb_test_wait_until (compositor, client->keyboard_focus == below->surface && below->activated && !above->activated);
    glb_test_settle (compositor, 40, 5000);
    glb_test_capture (compositor);
    g_assert_cmphex (glb_test_pixel (compositor, low.x + 200, low.y + 150), ==, 0xff0000);
  }
}

static void
test_close_passes_focus_on (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) stays = glb_test_window_new (client, "stays", 300, 200, 0xff0000, NULL);
    GlbTestWindow *goes = glb_test_window_new (client, "goes", 300, 200, 0x0000ff, NULL);

    g_assert_cmpuint (glb_test_window_op (compositor, WINDOW ("goes")->id, GLB_SHIM_WINDOW_CLOSE).error, ==, 0);
    glb_test_wait_until (compositor, goes->closed);
    glb_test_window_free (goes);
    glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "stays") && stays->activated);
    g_assert_cmpuint (glb_test_window_op (compositor, 4711, GLB_SHIM_WINDOW_CLOSE).error, ==, ENOENT);
    g_assert_cmpuint (glb_test_window_op (compositor, WINDOW ("stays")->id, 99).error, ==, EINVAL);
  }
}

static void
test_maximize (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0xff0000, NULL);
    GlbShimRect before = WINDOW ("window")->geometry;

    xdg_toplevel_set_maximized (window->toplevel);
    glb_test_wait_until (compositor, window->maximized && window->asked_width == 800 && window->asked_height == 600);
    glb_test_wait_until (compositor, WINDOW ("window")->geometry.width == 800 && WINDOW ("window")->geometry.x == 0 &&
                         WINDOW ("window")->geometry.y == 0 &&
                         (WINDOW ("window")->flags & GLB_SHIM_WINDOW_MAXIMIZED));

    glb_test_window_op (compositor, WINDOW ("window")->id, GLB_SHIM_WINDOW_RESTORE);
    glb_test_wait_until (compositor, !window->maximized && window->asked_width == 300 && window->asked_height == 200);
    glb_test_wait_until (compositor, WINDOW ("window")->geometry.x == before.x &&
                         WINDOW ("window")->geometry.y == before.y && WINDOW ("window")->geometry.width == 300);

    xdg_toplevel_set_fullscreen (window->toplevel, NULL);
    glb_test_wait_until (compositor, window->fullscreen && window->asked_width == 800);
    glb_test_wait_until (compositor, WINDOW ("window")->flags & GLB_SHIM_WINDOW_FULLSCREEN);
    xdg_toplevel_unset_fullscreen (window->toplevel);
    glb_test_wait_until (compositor, !window->fullscreen && window->asked_width == 300);
  }
}

static void
test_dialog_above_parent (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) parent = glb_test_window_new (client, "parent", 400, 300, 0xff0000, NULL);
    g_autoptr(GlbTestWindow) dialog = glb_test_window_new (client, "dialog", 100, 60, 0x00ff00, parent);
    g_autoptr(GlbTestWindow) other G_GNUC_UNUSED = glb_test_window_new (client, "other", 500, 400, 0x0000ff, NULL);
    GlbShimRect low = WINDOW ("parent")->geometry, high = WINDOW ("dialog")->geometry;

    g_assert_cmpuint (WINDOW ("dialog")->parent, ==, WINDOW ("parent")->id);
    g_assert_cmpint (high.x, ==, low.x + 150);
    g_assert_cmpint (high.y, ==, low.y + 120);
    g_assert_cmpint (LEVEL ("other"), ==, 2);

    /* the parent comes up, and its dialog above it */
    glb_test_window_op (compositor, WINDOW ("parent")->id, GLB_SHIM_WINDOW_ACTIVATE);
    glb_test_wait_until (compositor, LEVEL ("other") == 0 && LEVEL ("parent") == 1 && LEVEL ("dialog") == 2);
    g_assert_true (glb_test_window_is_focused (compositor, "parent"));

    /* A ring of parents is refused. */
    xdg_toplevel_set_parent (parent->toplevel, dialog->toplevel);
    g_assert_true (glb_test_client_sync (client));
    glb_test_window_op (compositor, WINDOW ("parent")->id, GLB_SHIM_WINDOW_ACTIVATE);
    g_assert_cmpuint (WINDOW ("parent")->parent, ==, 0);
  }
}

static void
test_placement (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    GlbTestWindow *windows[12];

    for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
      {
        g_autofree char *title = g_strdup_printf ("window %u", i);
        GlbShimRect rect;

        windows[i] = glb_test_window_new (client, title, 700, 560, 0x101010 * i, NULL);
        rect = WINDOW (title)->geometry;
        g_assert_cmpint (rect.x, >=, 0);
        g_assert_cmpint (rect.y, >=, 0);
        g_assert_cmpint (rect.x + rect.width, <=, 800);
        g_assert_cmpint (rect.y + rect.height, <=, 600);
      }
    for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
      glb_test_window_free (windows[i]);

    /* Too large: its corner is in sight and it is asked to fit. */
    windows[0] = glb_test_window_new (client, "huge", 2000, 1000, 0x123456, NULL);
    g_assert_cmpint (WINDOW ("huge")->geometry.x, ==, 0);
    g_assert_cmpint (WINDOW ("huge")->geometry.y, ==, 0);
    glb_test_wait_until (compositor, windows[0]->asked_width == 800 && windows[0]->asked_height == 600);
    glb_test_window_free (windows[0]);
  }
}

static void
drag (GlbTestCompositor *compositor,
      GlbTestClient     *client,
      GlbTestWindow     *window,
      gboolean           resize,
      int                dx,
      int                dy)
{
  GlbShimRect rect = glb_test_find_window (compositor, "window")->geometry;
  int x = (rect.x + 5) * 256, y = (rect.y + 5) * 256;
  GlbShimEvent press[] = {
    { .kind = GLB_SHIM_EVENT_MOTION, .x = x, .y = y },
    { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 1 },
  };
  GlbShimEvent move = { .kind = GLB_SHIM_EVENT_MOTION, .x = x + dx * 256, .y = y + dy * 256 };
  GlbShimEvent release = { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 0 };
  guint before = client->n_presses;

  glb_test_input (compositor, press, G_N_ELEMENTS (press));
  glb_test_wait_until (compositor, client->n_presses > before);
  if (resize)
    xdg_toplevel_resize (window->toplevel, client->seat, client->last_button_serial,
                         XDG_TOPLEVEL_RESIZE_EDGE_TOP_LEFT);
  else
    xdg_toplevel_move (window->toplevel, client->seat, client->last_button_serial);
  g_assert_true (glb_test_client_sync (client));
  glb_test_input (compositor, &move, 1);
  if (resize)
    glb_test_wait_until (compositor, window->resizing && window->asked_width == rect.width - dx &&
                         window->asked_height == rect.height - dy);
  glb_test_input (compositor, &release, 1);
}

static void
test_drag (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0xff0000, NULL);
    GlbShimRect start = WINDOW ("window")->geometry;

    drag (compositor, client, window, FALSE, 60, -40);
    glb_test_wait_until (compositor, WINDOW ("window")->geometry.x == start.x + 60 &&
                         WINDOW ("window")->geometry.y == start.y - 40);

    /* The corner that is not dragged stays. */
    drag (compositor, client, window, TRUE, -20, 30);
    glb_test_wait_until (compositor, WINDOW ("window")->geometry.x == start.x + 40 &&
                         WINDOW ("window")->geometry.y == start.y - 10 &&
                         WINDOW ("window")->geometry.width == 320 && WINDOW ("window")->geometry.height == 170);

    /* Its title bar can't be lost. */
    drag (compositor, client, window, FALSE, 0, -500);
    glb_test_wait_until (compositor, WINDOW ("window")->geometry.y == 0);

    /* Without a button that is down a client moves nothing. */
    xdg_toplevel_move (window->toplevel, client->seat, client->last_button_serial);
    g_assert_true (glb_test_client_sync (client));
    start = WINDOW ("window")->geometry;
    glb_test_click (compositor, 700, 500);
    g_assert_cmpint (WINDOW ("window")->geometry.x, ==, start.x);
  }
}

static void
test_minimize (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0xff0000, NULL);
    GlbShimRect rect = WINDOW ("window")->geometry;

    xdg_toplevel_set_minimized (window->toplevel);
    glb_test_wait_until (compositor, WINDOW ("window")->flags == GLB_SHIM_WINDOW_MINIMIZED);
    g_assert_cmpuint (compositor->windows->focus_window, ==, 0);
    glb_test_settle (compositor, 40, 5000);
    glb_test_capture (compositor);
    g_assert_cmphex (glb_test_pixel (compositor, rect.x + 10, rect.y + 10), !=, 0xff0000);

    /* A click on the empty desktop brings it back. */
    glb_test_click (compositor, 3, 3);
    glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "window"));
    glb_test_settle (compositor, 40, 5000);
    glb_test_capture (compositor);
    g_assert_cmphex (glb_test_pixel (compositor, rect.x + 10, rect.y + 10), ==, 0xff0000);
  }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/windows/list", test_list);
  g_test_add_func ("/windows/owners", test_owners);
  g_test_add_func ("/windows/long-title", test_long_title);
  g_test_add_func ("/windows/click-raises-and-focuses", test_click_raises_and_focuses);
  g_test_add_func ("/windows/close-passes-focus-on", test_close_passes_focus_on);
  g_test_add_func ("/windows/maximize", test_maximize);
  g_test_add_func ("/windows/dialog-above-parent", test_dialog_above_parent);
  g_test_add_func ("/windows/placement", test_placement);
  g_test_add_func ("/windows/drag", test_drag);
  g_test_add_func ("/windows/minimize", test_minimize);
  return g_test_run ();
}
