/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "session-broker/media/glb-media-ring.h"

#define CYCLE 1024

static float left[CYCLE], right[CYCLE];
static double phase;

static void
write_cycle (GlbMediaRing *ring)
{
  const float *const channels[] = { left, right };

  for (guint i = 0; i < CYCLE; i++)
    {
      left[i] = sin (phase);
      right[i] = 1;
      phase += 2 * G_PI * 440 / 48000;
    }
  glb_media_ring_write (ring, channels, CYCLE);
}

static void
read_cycle (GlbMediaRing *ring, guint n, guint read_rate)
{
  float *const channels[] = { left, right };

  glb_media_ring_read (ring, channels, n, 48000, read_rate);
}

static void
test_empty (void)
{
  g_autofree GlbMediaRing *ring = g_new (GlbMediaRing, 1);

  glb_media_ring_clear (ring);
  left[0] = right[CYCLE - 1] = 1;
  read_cycle (ring, CYCLE, 48000);
  for (guint i = 0; i < CYCLE; i++)
    g_assert_true (left[i] == 0 && right[i] == 0);
}

/* Two clocks, one of them at another rate: no gap and no jump in a minute. */
static void
test_flow (gconstpointer data)
{
  guint read_rate = GPOINTER_TO_UINT (data);
  g_autofree GlbMediaRing *ring = g_new (GlbMediaRing, 1);
  guint n_read = 0, n_silent = 0;
  double read_credit = 0;
  float last = 0;

  glb_media_ring_clear (ring);
  phase = 0;
  for (guint cycle = 0; cycle < 60 * 48000 / CYCLE; cycle++)
    {
      write_cycle (ring);
      /* the reader's clock is a thousandth slow */
      read_credit += (double) CYCLE * read_rate / 48000 * 0.999;
      while (read_credit >= CYCLE / 2)
        {
          read_cycle (ring, CYCLE / 2, read_rate);
          read_credit -= CYCLE / 2;
          for (guint i = 0; i < CYCLE / 2; i++, n_read++)
            {
              n_silent += right[i] == 0;
              if (n_read > 20000)
                {
                  g_assert_cmpfloat (fabsf (left[i] - last), <, 0.1);
                  g_assert_cmpfloat (right[i], ==, 1);
                }
              last = left[i];
            }
        }
    }
  /* only until enough was there, once */
  g_assert_cmpuint (n_silent, <, 8192);
}

static void
test_reader_gone (void)
{
  g_autofree GlbMediaRing *ring = g_new (GlbMediaRing, 1);

  glb_media_ring_clear (ring);
  for (guint cycle = 0; cycle < 1000; cycle++)
    write_cycle (ring);
  read_cycle (ring, CYCLE, 48000);
  g_assert_cmpfloat (right[0], ==, 1);
  /* what it hears is new, not what lay there */
  g_assert_cmpfloat (ring->written - ring->read, <, 4096);
}

static void
test_no_channel (void)
{
  const float *const from[] = { NULL, NULL };
  float *const to[] = { NULL, right };
  g_autofree GlbMediaRing *ring = g_new (GlbMediaRing, 1);

  glb_media_ring_clear (ring);
  for (guint cycle = 0; cycle < 8; cycle++)
    glb_media_ring_write (ring, from, CYCLE);
  right[0] = 1;
  glb_media_ring_read (ring, to, CYCLE, 48000, 48000);
  g_assert_cmpfloat (right[0], ==, 0);
}

static void
test_piece (void)
{
  static const float first[] = { 9, 0, 1, -1, 0.5, -0.5, 7, -7, NAN, INFINITY, -INFINITY };
  static const gint16 expected[] = { 0, 32767, -32767, 16383, -16383, 32767, -32767, 0, 32767, -32767 };
  const float *const channels[] = { first, NULL };
  guint8 piece[GLB_MEDIA_PIECE];
  guint n = G_N_ELEMENTS (expected);

  g_assert_cmpuint (glb_media_piece_fill (piece, channels, 1, n), ==, n * 4);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint ((gint16) (piece[i * 4] | piece[i * 4 + 1] << 8), ==, expected[i]);
      g_assert_cmpint (piece[i * 4 + 2] | piece[i * 4 + 3], ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/media/ring/empty", test_empty);
  g_test_add_data_func ("/media/ring/flow-48000", GUINT_TO_POINTER (48000), test_flow);
  g_test_add_data_func ("/media/ring/flow-44100", GUINT_TO_POINTER (44100), test_flow);
  g_test_add_func ("/media/ring/reader-gone", test_reader_gone);
  g_test_add_func ("/media/ring/no-channel", test_no_channel);
  g_test_add_func ("/media/ring/piece", test_piece);

  return g_test_run ();
}
