/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-job.h"

#include <signal.h>
#include <string.h>

#include "session-broker/client/glb-paths.h"

/* What of its last line is told. */
#define MESSAGE_MAX 400

struct _GlbRecordingJob
{
  GObject parent_instance;

  char *file;
  GSubprocess *program;        /* (nullable): it ended */
  GDataInputStream *out, *err;
  GCancellable *cancellable;
  char *message;               /* (nullable): its last line on standard error */
  guint n_pending;             /* streams that are not at their end, and the program */
};

enum
{
  PROGRESS,
  DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlbRecordingJob, glb_recording_job, G_TYPE_OBJECT)

/* Exit code 1: the recording is not whole, and there is the file of what there is. */
static void
finish_one (GlbRecordingJob *self)
{
  gboolean made;

  if (--self->n_pending > 0)
    return;
  made = g_subprocess_get_if_exited (self->program) && g_subprocess_get_exit_status (self->program) <= 1 &&
         g_file_test (self->file, G_FILE_TEST_IS_REGULAR);
  g_clear_object (&self->program);
  g_signal_emit (self, signals[DONE], 0, made, self->message);
}

static void read_out (GlbRecordingJob *self);
static void read_err (GlbRecordingJob *self);

static void
out_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GlbRecordingJob) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (object), result, NULL, &error);
  guint64 percent;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line == NULL)
    {
      finish_one (self);
      return;
    }
  if (g_ascii_string_to_unsigned (line, 10, 0, 100, &percent, NULL))
    g_signal_emit (self, signals[PROGRESS], 0, (int) percent);
  read_out (self);
}

static void
read_out (GlbRecordingJob *self)
{
  g_data_input_stream_read_line_async (self->out, G_PRIORITY_DEFAULT, self->cancellable, out_cb, g_object_ref (self));
}

static void
err_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GlbRecordingJob) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (object), result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line == NULL)
    {
      finish_one (self);
      return;
    }
  g_free (self->message);
  line[MIN (strlen (line), MESSAGE_MAX)] = '\0';
  self->message = g_utf8_make_valid (g_str_has_prefix (line, "glovebox: ") ? line + strlen ("glovebox: ") : line, -1);
  read_err (self);
}

static void
read_err (GlbRecordingJob *self)
{
  g_data_input_stream_read_line_async (self->err, G_PRIORITY_DEFAULT, self->cancellable, err_cb, g_object_ref (self));
}

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbRecordingJob) self = user_data;

  if (g_subprocess_wait_finish (G_SUBPROCESS (object), result, NULL))
    finish_one (self);
}

/* ---- the object ---------------------------------------------------------------------- */

static void
glb_recording_job_dispose (GObject *object)
{
  GlbRecordingJob *self = GLB_RECORDING_JOB (object);

  glb_recording_job_cancel (self);
  g_clear_object (&self->program);
  g_clear_object (&self->out);
  g_clear_object (&self->err);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->message, g_free);

  G_OBJECT_CLASS (glb_recording_job_parent_class)->dispose (object);
}

static void
glb_recording_job_class_init (GlbRecordingJobClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_recording_job_dispose;

  signals[PROGRESS] = g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                    G_TYPE_INT);
  signals[DONE] = g_signal_new ("done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                G_TYPE_BOOLEAN, G_TYPE_STRING);
}

static void
glb_recording_job_init (GlbRecordingJob *self)
{
  self->cancellable = g_cancellable_new ();
}

GlbRecordingJob *
glb_recording_job_new (const char  *verb,
                       const char  *folder,
                       const char  *file,
                       GError     **error)
{
  g_autoptr(GlbRecordingJob) self = g_object_new (GLB_TYPE_RECORDING_JOB, NULL);
  g_autofree char *program = glb_paths_find_program ("glovebox", NULL);
  g_autofree char *option = g_strconcat ("--output=", file, NULL);
  const char *progress = g_str_equal (verb, "video") ? "--progress" : NULL;

  self->file = g_strdup (file);
  self->program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error,
                                    program != NULL ? program : "glovebox", "recording", verb, folder, option, progress, NULL);
  if (self->program == NULL)
    return NULL;
  self->out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->program));
  self->err = g_data_input_stream_new (g_subprocess_get_stderr_pipe (self->program));
  self->n_pending = 3;
  read_out (self);
  read_err (self);
  g_subprocess_wait_async (self->program, self->cancellable, ended_cb, g_object_ref (self));

  return g_steal_pointer (&self);
}

const char *
glb_recording_job_get_file (GlbRecordingJob *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING_JOB (self), NULL);

  return self->file;
}

void
glb_recording_job_cancel (GlbRecordingJob *self)
{
  g_return_if_fail (GLB_IS_RECORDING_JOB (self));

  g_cancellable_cancel (self->cancellable);
  if (self->program != NULL)
    g_subprocess_send_signal (self->program, SIGTERM);
}
