/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/cli/glb-wav.h"

static void
test_header (void)
{
  static const guint8 one_second[GLB_WAV_HEADER] = {
    'R', 'I', 'F', 'F', 0x24, 0xee, 0x02, 0x00, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 2, 0,
    0x80, 0xbb, 0x00, 0x00, 0x00, 0xee, 0x02, 0x00, 4, 0, 16, 0, 'd', 'a', 't', 'a', 0x00, 0xee, 0x02, 0x00,
  };
  static const guint8 unknown[] = { 0xff, 0xff, 0xff, 0xff };
  guint8 header[GLB_WAV_HEADER];

  glb_wav_fill_header (header, GLB_WAV_RATE * GLB_WAV_FRAME);
  g_assert_cmpmem (header, sizeof header, one_second, sizeof one_second);
  glb_wav_fill_header (header, G_MAXUINT64);
  g_assert_cmpmem (header + 4, 4, unknown, 4);
  g_assert_cmpmem (header + 40, 4, unknown, 4);
  /* the last that fits says so */
  glb_wav_fill_header (header, GLB_WAV_BYTES_MAX);
  g_assert_true (memcmp (header + 4, unknown, 4) != 0 && memcmp (header + 40, unknown, 4) != 0);
  glb_wav_fill_header (header, GLB_WAV_BYTES_MAX + 1);
  g_assert_cmpmem (header + 40, 4, unknown, 4);
}

#define S ((guint64) G_USEC_PER_SEC)
#define R ((guint64) GLB_WAV_RATE)

static void
test_plan (void)
{
  static const struct { guint64 elapsed, written, arrived, silence, take; } cases[] = {
    { 0, 0, 0, 0, 0 },
    { 0, 0, 100, 0, 100 },
    /* in time */
    { 1 * S, R - 1024, 1024, 0, 1024 },
    /* late, but no silence yet */
    { 1 * S, 3 * R / 4, 0, 0, 0 },
    { 1 * S, 3 * R / 4 - 100, 100, 0, 100 },
    /* nothing came for a while */
    { 2 * S, R, 0, R - R / 16, 0 },
    { 2 * S, R, 1024, R - R / 16 - 1024, 1024 },
    { 100 * S, 0, 0, 100 * R - R / 16, 0 },
    /* after that, what comes in time and a little late has no hole */
    { 2 * S + S / 10, 2 * R - R / 16, R / 10 - 4096, 0, R / 10 - 4096 },
    /* more than can be heard: a second ahead, and no more */
    { 0, 0, 2 * R, 0, R },
    { 1 * S, 2 * R - 10, 1024, 0, 10 },
    { 1 * S, 2 * R, 1024, 0, 0 },
    { 1 * S, 5 * R, 1024, 0, 0 },
    { 1 * S, 0, G_MAXUINT32, 0, 2 * R },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlbWavPlan plan = glb_wav_plan (cases[i].elapsed, cases[i].written, cases[i].arrived);

      g_test_message ("case %u", i);
      g_assert_cmpuint (plan.silence, ==, cases[i].silence);
      g_assert_cmpuint (plan.take, ==, cases[i].take);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wav/header", test_header);
  g_test_add_func ("/wav/plan", test_plan);
  return g_test_run ();
}
