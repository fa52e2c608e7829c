/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a lease of a camera costs, with everything real but the camera: the helper in its sandbox, the session's PipeWire and a
 * program that looks, in the tests' own words (tests/media). Each run has an instance of its own. Medians, with the tenth and
 * ninetieth percentile behind them:
 *
 * first grant   from the grant, with neither helper nor daemon running and a program that waits already, to the time at which
 *               that program had its first frame; likewise where both run.
 * revoke        from the request to the broker's answer, which counts links and nodes in the session's registry; and to the last
 *               frame that the program had (less than nothing: it was before the request), also while another program changes
 *               its stream's parameters without end.
 *
 * usage: bench-devices [RUNS]   with GLOVEBOX_PRIVATE_PATH as the tests have it
 */

#include "config.h"

#include <stdlib.h>

#include "tests/media/media-fixture.h"

#define FRAME_US 40000

typedef enum { FIRST, AGAIN, FIRST_HOST, REVOKE, REVOKE_FLOOD, REVOKE_HOST, LAST, LAST_FLOOD, LAST_HOST, N_FIGURES } Figure;

static const char * const names[N_FIGURES] = {
  "first grant to first frame, a test pattern", "the next grant to first frame, a test pattern",
  "first grant to first frame, a PipeWire of the person's", "revoke to answer, a test pattern", "revoke to answer, under a flood of parameters",
  "revoke to answer, a PipeWire of the person's", "revoke to last frame, a test pattern", "revoke to last frame, under a flood of parameters",
  "revoke to last frame, a PipeWire of the person's",
};

static GArray *figures[N_FIGURES];
static guint n_left;          /* links and nodes after a revoke, of all runs */
static double latest = -G_MAXDOUBLE;   /* of all last frames, after the request */

static void
add (Figure figure, gint64 us)
{
  double ms = (double) us / 1000;

  g_array_append_val (figures[figure], ms);
}

static gint64
get_frame_time (Program *client)
{
  const char *line = program_last (client, "frame ");

  return line != NULL ? g_ascii_strtoll (strrchr (line, ' ') + 1, NULL, 10) : 0;
}

/* Grants, and waits for the program's next frame. */
static gint64
measure_grant (Fixture *fixture, Program *client, GlbMediaSource source)
{
  guint n = program_count (client, "frame ");
  gint64 asked = g_get_monotonic_time ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) granted = fixture_grant (fixture, GLB_MEDIA_CAMERA, source, NULL, &error);
  const char *first;

  g_assert_no_error (error);
  wait_until (program_count (client, "frame ") > n);
  for (guint i = 0;; i++)
    {
      first = g_ptr_array_index (client->lines, i);
      if (g_str_has_prefix (first, "frame ") && n-- == 0)
        return g_ascii_strtoll (strrchr (first, ' ') + 1, NULL, 10) - asked;
    }
}

static void
measure_revoke (Fixture *fixture, Program *client, Figure answer, Figure last)
{
  guint n_removed = program_count (client, "removed ");
  gint64 asked = g_get_monotonic_time () + g_random_int_range (0, FRAME_US);
  g_autoptr(GlbMediaAnswer) revoked = NULL;

  /* at no certain moment between two frames */
  while (g_get_monotonic_time () < asked)
    wait_step (G_MAXINT64, "the moment");
  asked = g_get_monotonic_time ();
  revoked = fixture_revoke (fixture, GLB_MEDIA_CAMERA);
  add (answer, g_get_monotonic_time () - asked);
  n_left += revoked->n_links + revoked->n_nodes;
  /* all frames that it had before it was told are in its output by then; a flood may have brought the instance down */
  wait_until (program_count (client, "removed ") >= n_removed + 2 || program_count (client, "error ") > 0);
  add (last, get_frame_time (client) - asked);
  latest = MAX (latest, g_array_index (figures[last], double, figures[last]->len - 1));
}

static void
run_once (GlbMediaSource source)
{
  gboolean host = source == GLB_MEDIA_SOURCE_HOST;
  Fixture fixture = { 0 };
  g_autoptr(Program) client = NULL;
  g_autoptr(Program) attacker = NULL;

  fixture_set_up (&fixture, NULL);
  if (host)
    fixture_start_host (&fixture, TRUE);
  client = fixture_start_client (&fixture, "camera");
  add (host ? FIRST_HOST : FIRST, measure_grant (&fixture, client, source));
  wait_until (program_count (client, "frame ") > 5);
  measure_revoke (&fixture, client, host ? REVOKE_HOST : REVOKE, host ? LAST_HOST : LAST);
  if (!host)
    {
      add (AGAIN, measure_grant (&fixture, client, source));
      attacker = fixture_start_client (&fixture, "params");
      wait_until (program_count (attacker, "format ") > 20);
      measure_revoke (&fixture, client, REVOKE_FLOOD, LAST_FLOOD);
    }
  g_clear_pointer (&attacker, program_free);
  g_clear_pointer (&client, program_free);
  fixture_tear_down (&fixture, NULL);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

int
main (int argc, char **argv)
{
  guint runs = argc > 1 ? (guint) atoi (argv[1]) : 15;
  g_autofree char *missing = glb_media_diagnose ();
  g_autofree char *folder = g_path_get_dirname (argv[0]);
  g_autofree char *programs = g_build_filename (folder, "..", "media", NULL);

  /* where the fixture finds its client */
  g_setenv ("G_TEST_BUILDDIR", programs, FALSE);
  g_test_init (&argc, &argv, NULL);
  if (missing != NULL || runs == 0)
    {
      g_printerr ("bench-devices: %s\n", missing != NULL ? missing : "usage: bench-devices [RUNS]");
      return 1;
    }
  for (guint i = 0; i < N_FIGURES; i++)
    figures[i] = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < runs; i++)
    {
      run_once (GLB_MEDIA_SOURCE_TEST_PATTERN);
      run_once (GLB_MEDIA_SOURCE_HOST);
    }

  g_print ("| what | median | 10th to 90th percentile | runs |\n|---|---:|---:|---:|\n");
  for (guint i = 0; i < N_FIGURES; i++)
    {
      const double *sorted = (const double *) (void *) figures[i]->data;

      g_array_sort (figures[i], compare);
      g_print ("| %s | %.1f ms | %.1f to %.1f | %u |\n", names[i], sorted[runs / 2], sorted[runs / 10], sorted[MIN (runs - 1, runs * 9 / 10)], runs);
      g_array_unref (figures[i]);
    }
  g_print ("| the latest of all last frames | %.1f ms | | %u |\n", latest, runs * 3);
  g_print ("| links and nodes left after them all | %u | | %u |\n", n_left, runs * 3);
  return n_left == 0 ? 0 : 1;
}
