/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

/* The whole screen, as the newest frame has it, is what the window drew and the background. */
static void
assert_screen (GlbTestCompositor *compositor,
               GlbTestWindow     *window,
               const char        *title)
{
  GlbShimRect rect = glb_test_find_window (compositor, title)->geometry;
  guint32 background = glb_test_pixel (compositor, 0, 0);

  for (int y = 0; y < 600; y++)
    for (int x = 0; x < 800; x++)
      {
        gboolean inside = x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
        guint32 expected = inside ? window->pixels[(y - rect.y) * window->width + x - rect.x] : background;

        if (glb_test_pixel (compositor, x, y) != expected)
          g_error ("pixel %d,%d is %06x, not %06x", x, y, glb_test_pixel (compositor, x, y), expected);
      }
}

static void
test_damage_is_exact (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0x204060, NULL);
    GlbShimRect rect = glb_test_find_window (compositor, "window")->geometry;
    guint before;

    glb_test_watch (compositor, 2);
    g_assert_cmpuint (compositor->frame.n_rects, ==, 1);
    g_assert_cmpint (compositor->rects[0].width, ==, 800);
    g_assert_cmpint (compositor->rects[0].height, ==, 600);
    assert_screen (compositor, window, "window");

    for (int i = 0; i < 20; i++)
      {
        before = compositor->n_frames;
        glb_test_window_draw (window, 10 + i, 20 + i * 2, 8, 16, 0xffff00 + i);
        glb_test_wait_until (compositor, compositor->n_frames > before);
        g_assert_cmpuint (compositor->frame.n_rects, ==, 1);
        g_assert_cmpint (compositor->rects[0].x, ==, rect.x + 10 + i);
        g_assert_cmpint (compositor->rects[0].y, ==, rect.y + 20 + i * 2);
        g_assert_cmpint (compositor->rects[0].width, ==, 8);
        g_assert_cmpint (compositor->rects[0].height, ==, 16);
        g_assert_cmpuint (compositor->frame.frame, ==, compositor->damage.frame);
        g_assert_cmpint (compositor->damage.bounds.width, ==, 8);
        assert_screen (compositor, window, "window");
      }

    /* Nothing changed: nothing comes. */
    before = compositor->n_frames;
    g_assert_cmpuint (glb_test_settle (compositor, 100, 5000).n_frames, ==, 0);
    g_assert_cmpuint (compositor->n_frames, ==, before);
  }
}

static void
test_slots (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0x204060, NULL);
    GlbShimRect rect = glb_test_find_window (compositor, "window")->geometry;
    guint first, second, damages;

    compositor->hold_frames = TRUE;
    glb_test_watch (compositor, 2);
    first = compositor->frame.slot;
    glb_test_window_draw (window, 0, 0, 10, 10, 0xff0000);
    glb_test_wait_until (compositor, compositor->n_frames == 2);
    second = compositor->frame.slot;
    g_assert_cmpuint (second, !=, first);

    /* Both are out: changes gather, and the slots stay as they are. */
    damages = compositor->n_damages;
    glb_test_window_draw (window, 20, 20, 10, 10, 0x00ff00);
    glb_test_wait_until (compositor, compositor->n_damages == damages + 1);
    glb_test_window_draw (window, 100, 100, 10, 10, 0x0000ff);
    glb_test_wait_until (compositor, compositor->n_damages == damages + 2);
    glb_test_settle (compositor, 50, 5000);
    g_assert_cmpuint (compositor->n_frames, ==, 2);
    g_assert_cmphex (glb_test_pixel (compositor, rect.x + 25, rect.y + 25), ==, 0x204060);

    /* One comes back: one frame with all of it. */
    glb_test_release (compositor, first);
    glb_test_wait_until (compositor, compositor->n_frames == 3);
    g_assert_cmpuint (compositor->frame.slot, ==, first);
    g_assert_cmpuint (compositor->frame.n_rects, ==, 2);
    g_assert_cmpint (compositor->rects[0].x, ==, rect.x + 20);
    g_assert_cmpint (compositor->rects[1].y, ==, rect.y + 100);
    assert_screen (compositor, window, "window");

    /* What makes no sense is dropped. */
    glb_test_release (compositor, 77);
    glb_test_release (compositor, second);
    glb_test_settle (compositor, 50, 5000);
    g_assert_cmpuint (compositor->n_frames, ==, 3);
  }
}

static void
test_ring_is_sealed (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autofree char *path = NULL;
  int seals, fd;

  if (compositor == NULL)
    return;
  glb_test_watch (compositor, 3);
  g_assert_cmpuint (compositor->ring.n_slots, ==, 3);
  g_assert_cmpuint (compositor->ring.width, ==, 800);
  g_assert_cmpuint (compositor->ring.height, ==, 600);
  g_assert_cmphex (compositor->ring.format, ==, 0x34325258);

  g_assert_true (mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, compositor->ring_fd, 0) == MAP_FAILED);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (write (compositor->ring_fd, "x", 1), ==, -1);
  g_assert_cmpint (ftruncate (compositor->ring_fd, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (fcntl (compositor->ring_fd, F_ADD_SEALS, F_SEAL_WRITE), ==, -1);
  path = g_strdup_printf ("/proc/self/fd/%d", compositor->ring_fd);
  fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd >= 0)
    {
      g_assert_true (mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
      g_assert_cmpint (write (fd, "x", 1), ==, -1);
      close (fd);
    }
  seals = fcntl (compositor->ring_fd, F_GET_SEALS);
  g_assert_cmphex (seals & (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW), ==, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW);
}

static void
test_unwatched (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0x204060, NULL);
    guint damages = compositor->n_damages;

    /* Damage is told, frames are not. */
    glb_test_window_draw (window, 0, 0, 5, 5, 0xabcdef);
    glb_test_wait_until (compositor, compositor->n_damages == damages + 1);
    g_assert_cmpint (compositor->damage.bounds.width, ==, 5);
    g_assert_cmpuint (compositor->n_rings, ==, 0);

    /* One picture on request, of the present. */
    glb_test_capture (compositor);
    g_assert_cmpuint (compositor->n_rings, ==, 1);
    assert_screen (compositor, window, "window");
    glb_test_window_draw (window, 50, 50, 5, 5, 0xfedcba);
    glb_test_wait_until (compositor, compositor->n_damages == damages + 2);
    glb_test_settle (compositor, 50, 5000);
    g_assert_cmpuint (compositor->n_frames, ==, 1);
    glb_test_capture (compositor);
    g_assert_cmpuint (compositor->n_rings, ==, 1);
    assert_screen (compositor, window, "window");
    glb_test_capture (compositor);
    g_assert_cmpuint (compositor->frame.n_rects, ==, 0);

    /* A new watch after the end of the old one has a new ring. */
    glb_test_watch (compositor, 2);
    glb_test_send (compositor, GLB_SHIM_UNWATCH, NULL, 0);
    glb_test_watch (compositor, 2);
    g_assert_cmpuint (compositor->ring.generation, ==, 2);
    assert_screen (compositor, window, "window");
  }
}

/* How many mappings of a ring the compositor has. */
static guint
count_ring_mappings (GlbTestCompositor *compositor)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/maps", (int) compositor->pid);
  g_autofree char *maps = NULL;
  guint count = 0;

  g_assert_true (g_file_get_contents (path, &maps, NULL, NULL));
  for (const char *p = maps; (p = strstr (p, "glovebox-ring")) != NULL; p++)
    count++;
  return count;
}

/* A spare has the memory of its ring; a session that nobody watches gives it back. */
static void
test_prepare (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  const GlbShimWatch two = { .n_slots = 2 }, three = { .n_slots = 3 };

  if (compositor == NULL)
    return;
  g_assert_cmpuint (count_ring_mappings (compositor), ==, 0);
  glb_test_send (compositor, GLB_SHIM_PREPARE, &two, sizeof two);
  glb_test_wait_until (compositor, count_ring_mappings (compositor) > 0);
  g_assert_cmpuint (compositor->n_rings, ==, 0);

  /* as many slots as are watched for, whatever was prepared */
  glb_test_watch (compositor, 3);
  g_assert_cmpuint (compositor->n_rings, ==, 1);
  g_assert_cmpuint (compositor->ring.n_slots, ==, 3);

  /* while it is watched there is nothing to prepare, nor to give back */
  glb_test_send (compositor, GLB_SHIM_PREPARE, &three, sizeof three);
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0x204060, NULL);

    assert_screen (compositor, window, "window");
  }
  glb_test_send (compositor, GLB_SHIM_UNWATCH, NULL, 0);
  glb_test_wait_until (compositor, count_ring_mappings (compositor) == 0);

  glb_test_send (compositor, GLB_SHIM_PREPARE, &two, sizeof two);
  glb_test_wait_until (compositor, count_ring_mappings (compositor) > 0);
  glb_test_wait_until (compositor, count_ring_mappings (compositor) == 0);
}

static void
test_settle (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window = glb_test_window_new (client, "window", 300, 200, 0x204060, NULL);
    GlbShimRect rect = glb_test_find_window (compositor, "window")->geometry;
    GlbShimSettle request = { .quiet_ms = 60, .max_ms = 5000, .since_frame = compositor->damage.frame };
    GlbShimSettled settled;
    gint64 start;
    guint64 serial;

    settled = glb_test_settle (compositor, 30, 5000);
    g_assert_cmpuint (settled.settled, ==, 1);
    g_assert_cmpuint (settled.n_frames, ==, 0);
    g_assert_cmpint (settled.bounds.width, ==, 0);

    /* What changed between the frame that is named and the request counts. */
    glb_test_window_draw (window, 10, 10, 10, 10, 1);
    glb_test_wait_until (compositor, compositor->damage.frame == request.since_frame + 1);
    glb_test_window_draw (window, 30, 10, 10, 20, 1);
    glb_test_wait_until (compositor, compositor->damage.frame == request.since_frame + 2);
    start = g_get_monotonic_time ();
    serial = glb_test_send (compositor, GLB_SHIM_SETTLE, &request, sizeof request);
    settled = *(const GlbShimSettled *) glb_test_wait_answer (compositor, serial, GLB_SHIM_SETTLED);
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 55 * 1000);
    g_assert_cmpuint (settled.settled, ==, 1);
    g_assert_cmpuint (settled.n_frames, ==, 2);
    g_assert_cmpuint (settled.frame, ==, request.since_frame + 2);
    g_assert_cmpint (settled.bounds.x, ==, rect.x + 10);
    g_assert_cmpint (settled.bounds.y, ==, rect.y + 10);
    g_assert_cmpint (settled.bounds.width, ==, 30);
    g_assert_cmpint (settled.bounds.height, ==, 20);

    /* A screen that never rests: on a busy machine this test may not run for a while. */
    request = (GlbShimSettle) { .quiet_ms = 500, .max_ms = 1000 };
    serial = glb_test_send (compositor, GLB_SHIM_SETTLE, &request, sizeof request);
    for (guint i = 0; !g_hash_table_contains (compositor->answers, &serial); i++)
      {
        guint damages = compositor->n_damages;

        glb_test_window_draw (window, 0, 0, 4, 4, i);
        glb_test_wait_until (compositor, compositor->n_damages > damages ||
                             g_hash_table_contains (compositor->answers, &serial));
      }
    settled = *(const GlbShimSettled *) glb_test_wait_answer (compositor, serial, GLB_SHIM_SETTLED);
    g_assert_cmpuint (settled.settled, ==, 0);
    g_assert_cmpuint (settled.n_frames, >, 3);
  }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frames/ring-is-sealed", test_ring_is_sealed);
  g_test_add_func ("/frames/damage-is-exact", test_damage_is_exact);
  g_test_add_func ("/frames/slots", test_slots);
  g_test_add_func ("/frames/unwatched", test_unwatched);
  g_test_add_func ("/frames/prepare", test_prepare);
  g_test_add_func ("/frames/settle", test_settle);
  return g_test_run ();
}
