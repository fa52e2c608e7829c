/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "session-broker/client/glb-save.h"
#include "session-broker/replay/glb-replay-report.h"
#include "session-broker/replay/glb-replay-suite.h"

#define JOBS_MAX 64

typedef struct
{
  char *report, *junit, *compare, *policy, *workspace, *shard;
  gboolean update, deterministic;
  int jobs;
} ReplayOptions;

static void
replay_options_clear (ReplayOptions *options)
{
  g_free (options->report);
  g_free (options->junit);
  g_free (options->compare);
  g_free (options->policy);
  g_free (options->workspace);
  g_free (options->shard);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ReplayOptions, replay_options_clear)

static void
print_where (const GlbReplayResult *result)
{
  const GlbReplayDone *done;
  g_autofree char *text = NULL;

  if (result->verdict == GLB_REPLAY_PASSED || result->done->len == 0)
    return;

  done = g_ptr_array_index (result->done, result->done->len - 1);
  text = glb_cli_clean (done->text);
  printf ("  at step %u, line %u: %s\n", result->done->len, done->line, text);
}

static void
print_result (const GlbReplayResult *result,
              gpointer               user_data)
{
  g_autofree char *name = glb_cli_clean (result->name);
  g_autofree char *reason = result->reason != NULL ? glb_cli_clean (result->reason) : NULL;

  printf ("%-8s  %s  %u of %u steps in %.2f s\n", glb_replay_verdict_to_string (result->verdict), name, result->done->len,
          result->n_steps, (double) result->duration_us / G_USEC_PER_SEC);
  print_where (result);
  if (reason != NULL)
    printf ("  %s\n", reason);
  for (guint i = 0; i < result->updates->len; i++)
    {
      g_autofree char *update = glb_cli_clean (g_ptr_array_index (result->updates, i));

      printf ("  wrote %s\n", update);
    }
  fflush (stdout);
}

static gboolean
write_report (const char *folder,
              GPtrArray  *results)
{
  g_autofree char *path = g_build_filename (folder, "index.html", NULL);
  g_autofree char *html = NULL;
  g_autoptr(GError) error = NULL;

  if (g_mkdir_with_parents (folder, 0777) < 0)
    {
      glb_cli_say ("report: %s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  html = glb_replay_report_to_html (results, &error);
  if (html != NULL && glb_save (path, html, strlen (html), &error))
    return TRUE;
  glb_cli_say ("report: %s", error->message);
  return FALSE;
}

static gboolean
write_junit (const char *path,
             GPtrArray  *results)
{
  g_autofree char *xml = glb_replay_report_to_junit (results);
  g_autoptr(GError) error = NULL;

  if (glb_save (path, xml, strlen (xml), &error))
    return TRUE;
  glb_cli_say ("junit: %s", error->message);
  return FALSE;
}

static gboolean
make_suite_options (const ReplayOptions   *options,
                    GlbReplaySuiteOptions *suite)
{
  *suite = (GlbReplaySuiteOptions) {
    .run = { .session = { options->policy, options->workspace, options->deterministic }, .update = options->update }, .shard = { 1, 1 },
    .n_jobs = (guint) options->jobs, .over = print_result
  };
  if (options->jobs < 1 || options->jobs > JOBS_MAX)
    {
      glb_cli_say ("replay: --jobs %d is out of range; give 1 to %d", options->jobs, JOBS_MAX);
      return FALSE;
    }
  if (options->shard != NULL && !glb_replay_shard_parse (&suite->shard, options->shard))
    {
      glb_cli_say ("replay: --shard %s: no part of a suite; write PART/PARTS, as 1/4", options->shard);
      return FALSE;
    }
  if (options->compare != NULL && !glb_replay_compare_mode_from_string (options->compare, &suite->run.compare.mode))
    {
      glb_cli_say ("replay: --compare %s: no such way; use exact or perceptual", options->compare);
      return FALSE;
    }
  suite->run.compare.has_mode = options->compare != NULL;
  return TRUE;
}

static int
replay (const ReplayOptions *options,
        const char * const  *names)
{
  GlbReplaySuiteOptions suite;
  g_autoptr(GPtrArray) files = NULL;
  g_autoptr(GPtrArray) results = NULL;
  GError *error = NULL;
  gboolean written = TRUE;

  if (!make_suite_options (options, &suite))
    return GLB_EXIT_FAILED;
  files = glb_replay_suite_find (names, &error);
  if (files == NULL)
    return glb_cli_fail_error ("replay", error);

  results = glb_replay_suite_run (files, &suite);
  if (results->len == 0)
    printf ("no test is in this part\n");
  if (options->report != NULL)
    written = write_report (options->report, results);
  if (options->junit != NULL)
    written = write_junit (options->junit, results) && written;
  return written ? glb_replay_suite_exit_code (results) : GLB_EXIT_FAILED;
}

int
glb_cli_replay_verb (int    argc,
                     char **argv)
{
  g_auto(ReplayOptions) options = { .jobs = 1 };
  const GOptionEntry entries[] = {
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &options.report, "Write a page about it, index.html, into this folder", "DIR" },
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &options.junit, "Write JUnit XML", "FILE" },
    { "update", 'u', 0, G_OPTION_ARG_NONE, &options.update, "Take what is seen as what is expected from now on", NULL },
    { "compare", 0, 0, G_OPTION_ARG_STRING, &options.compare, "Compare screens exact or perceptual, whatever the tests say", "MODE" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs, "So many tests at a time (default: 1)", "N" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &options.shard, "Only this part of the tests, as 1/4", "PART/PARTS" },
    { "deterministic", 0, 0, G_OPTION_ARG_NONE, &options.deterministic,
      "Clock, locale, fonts and seed the same each time, and no animations, whatever the tests say", NULL },
    { "policy", 'p', 0, G_OPTION_ARG_FILENAME, &options.policy, "Policy file instead of the tests' own", "FILE" },
    { "workspace", 'w', 0, G_OPTION_ARG_FILENAME, &options.workspace,
      "Folder that the policy calls ${WORKSPACE} (default: the current one, if the policy names it)", "DIR" },
    { NULL }
  };

  if (!glb_cli_parse (&argc, &argv, "TEST…", "Do tests, each in a session of its own, and say where they go another way.\n"
                      "A test is a recording, a test file, or a folder with some.\n"
                      "Exit codes: 0 all passed; 1 one diverged; 125 Glovebox failed; 126 refused.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc < 2)
    return glb_cli_fail ("replay: no test; name a recording or a test file");

  return replay (&options, (const char * const *) argv + 1);
}
