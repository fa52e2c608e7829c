/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-suite.h"

#include <glib/gstdio.h>
#include <string.h>

#include "policies/glb-strict-json.h"
#include "session-broker/client/glb-save.h"
#include "session-broker/replay/glb-replay-convert.h"
#include "session-broker/replay/glb-replay-program.h"

#define MESSAGE_CHARACTERS 400

#define EXIT_DIVERGED 1
#define EXIT_FAILED   125
#define EXIT_REFUSED  126

/* ---- finding -------------------------------------------------------------------------- */

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (*(const char * const *) a, *(const char * const *) b);
}

/* A recording is one test, though it is a folder. */
static gboolean
is_suite (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR) && !glb_replay_is_recording (path);
}

static gboolean
add_folder (GPtrArray   *files,
            const char  *folder,
            GError     **error)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr(GPtrArray) found = g_ptr_array_new ();
  const char *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (found, g_build_filename (folder, name, NULL));
  if (found->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: has no test in it; name a file, or a folder with some", folder);
      return FALSE;
    }
  g_ptr_array_sort (found, compare_names);
  g_ptr_array_extend (files, found, NULL, NULL);
  return TRUE;
}

GPtrArray *
glb_replay_suite_find (const char * const  *names,
                       GError             **error)
{
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names[i] != NULL; i++)
    if (!is_suite (names[i]))
      g_ptr_array_add (files, g_strdup (names[i]));
    else if (!add_folder (files, names[i], error))
      return NULL;
  return g_steal_pointer (&files);
}

/* ---- running -------------------------------------------------------------------------- */

typedef struct
{
  const GlbReplaySuiteOptions *options;
  GMutex mutex;
} Suite;

typedef struct
{
  const char *file;
  GlbReplayResult *result;
} Job;

static GlbReplayResult *
fail_file (const char   *file,
           const GError *error)
{
  g_autofree char *message = glb_strict_json_printable (error->message, -1, MESSAGE_CHARACTERS);
  GlbReplayResult *result = glb_replay_result_new (file, file);

  glb_replay_result_end (result, GLB_REPLAY_FAILED, "%s", message);
  return result;
}

/* The program is the one that the test is of from now on. Only its name is written anew: a person's comments stay. */
static void
update_program (const char          *file,
                const GlbReplayTest *test,
                GlbReplayResult     *result)
{
  g_autofree char *program = test->program != NULL ? glb_replay_program_identify (test->command[0]) : NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  char *place;

  if (result->verdict != GLB_REPLAY_PASSED || program == NULL || g_str_equal (program, test->program))
    return;
  if (!g_file_get_contents (file, &text, NULL, &error) || (place = strstr (text, test->program)) == NULL)
    return;
  memcpy (place, program, strlen (program));
  if (glb_save (file, text, strlen (text), &error))
    g_ptr_array_add (result->updates, g_strdup_printf ("%s: %s is another version", file, test->command[0]));
  else
    glb_replay_result_end (result, GLB_REPLAY_FAILED, "%s", error->message);
}

static GlbReplayResult *
run_test (const char             *file,
          const GlbReplayOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbReplayTest) test = glb_replay_test_load (file, &error);
  GlbReplayResult *result;

  if (test == NULL)
    return fail_file (file, error);
  result = glb_replay_run (test, file, options);
  if (options->update)
    update_program (file, test, result);
  return result;
}

/* By way of a test, of which nothing stays. */
static GlbReplayResult *
run_recording (const char             *recording,
               const GlbReplayOptions *options)
{
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GlbReplayTest) test = NULL;
  g_autoptr(GError) error = NULL;
  GlbReplayResult *result = NULL;

  folder = g_dir_make_tmp ("glovebox-replay-XXXXXX", &error);
  if (folder == NULL)
    return fail_file (recording, error);
  file = g_build_filename (folder, "recording.json", NULL);
  if (options->update)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 "%s: --update: a recording stays as it is; make a test of it with `glovebox recording test`", recording);
  else if (glb_replay_convert (recording, file, FALSE, notes, &error))
    test = glb_replay_test_load (file, &error);
  if (test != NULL)
    {
      g_free (test->name);
      test->name = g_path_get_basename (recording);
      result = glb_replay_run (test, recording, options);
    }
  glb_replay_remove_test (file);
  g_rmdir (folder);
  return result != NULL ? result : fail_file (recording, error);
}

static GlbReplayResult *
run_file (const char             *file,
          const GlbReplayOptions *options)
{
  return glb_replay_is_recording (file) ? run_recording (file, options) : run_test (file, options);
}

static void
do_job (gpointer data,
        gpointer user_data)
{
  Job *job = data;
  Suite *suite = user_data;

  job->result = run_file (job->file, &suite->options->run);
  if (suite->options->over == NULL)
    return;
  g_mutex_lock (&suite->mutex);
  suite->options->over (job->result, suite->options->user_data);
  g_mutex_unlock (&suite->mutex);
}

static GArray *
choose_jobs (GPtrArray            *files,
             const GlbReplayShard *shard)
{
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof (Job));

  for (guint i = 0; i < files->len; i++)
    {
      const Job job = { g_ptr_array_index (files, i), NULL };

      if (glb_replay_shard_has (shard, job.file))
        g_array_append_val (jobs, job);
    }
  return jobs;
}

GPtrArray *
glb_replay_suite_run (GPtrArray                   *files,
                      const GlbReplaySuiteOptions *options)
{
  g_autoptr(GArray) jobs = choose_jobs (files, &options->shard);
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_replay_result_free);
  Suite suite = { .options = options };
  GThreadPool *pool;

  g_mutex_init (&suite.mutex);
  pool = g_thread_pool_new (do_job, &suite, (int) options->n_jobs, TRUE, NULL);
  for (guint i = 0; i < jobs->len; i++)
    g_thread_pool_push (pool, &g_array_index (jobs, Job, i), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  g_mutex_clear (&suite.mutex);

  for (guint i = 0; i < jobs->len; i++)
    g_ptr_array_add (results, g_array_index (jobs, Job, i).result);
  return results;
}

int
glb_replay_suite_exit_code (GPtrArray *results)
{
  static const int codes[] = {
    [GLB_REPLAY_PASSED] = 0, [GLB_REPLAY_DIVERGED] = EXIT_DIVERGED, [GLB_REPLAY_REFUSED] = EXIT_REFUSED, [GLB_REPLAY_FAILED] = EXIT_FAILED
  };
  GlbReplayVerdict worst = GLB_REPLAY_PASSED;

  for (guint i = 0; i < results->len; i++)
    worst = MAX (worst, ((const GlbReplayResult *) g_ptr_array_index (results, i))->verdict);
  return codes[worst];
}
