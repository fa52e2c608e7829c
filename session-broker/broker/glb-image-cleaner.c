/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clipboard-guard/glb-clean-image.h"
#include "clipboard-guard/glb-clipboard-code.h"
#include "session-broker/broker/glb-image-cleaner.h"
#include "session-broker/broker/glb-sealed-file.h"
#include "session-broker/broker/glb-pipe-reader.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-seccomp.h"

#define PROGRAM     "/run/glovebox/clean-image"
#define DEADLINE_MS 10000
#define MEMORY      (512u << 20)
#define FILES       16

/* Two things have to happen: the program's output ends, and so does its sandbox. One time for both: a program that was taken
 * over may close its output and stay. */
typedef struct
{
  GlbHost *host;
  GlbAccount *account;
  GlbSandbox *sandbox;
  guint64 chores[2];           /* told to the janitor */
  guint n_open;
  guint timeout_id;
  gboolean late;
  int status;                  /* of the program, as from waitpid() */
  GBytes *bytes;               /* (nullable) */
  GError *error;               /* (nullable): of reading */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_handle_id (&job->timeout_id, g_source_remove);
  g_clear_object (&job->sandbox);
  for (guint i = 0; i < G_N_ELEMENTS (job->chores); i++)
    glb_janitor_done (job->host->janitor, job->chores[i]);
  g_clear_object (&job->account);
  g_clear_pointer (&job->bytes, g_bytes_unref);
  g_clear_error (&job->error);
  g_free (job);
}

static void
return_failure (GTask *task, Job *job)
{
  g_autofree char *failure = glb_sandbox_dup_failure (job->sandbox);
  int code = WIFEXITED (job->status) ? WEXITSTATUS (job->status) : -1;

  switch (code)
    {
    case GLB_CLEAN_IMAGE_TOO_LARGE:
    case GLB_CLEAN_IMAGE_TOO_MANY:
      g_task_return_new_error (task, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_TOO_LARGE, "the picture is too large");
      break;
    case GLB_CLEAN_IMAGE_MALFORMED:
      g_task_return_new_error (task, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_MALFORMED, "it is not a sound PNG");
      break;
    default:
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "the picture can't be cleaned: %s",
                               failure != NULL ? failure : "glovebox-clean-image was ended");
    }
}

static void
step (GTask *task)
{
  Job *job = g_task_get_task_data (task);

  if (--job->n_open > 0)
    return;

  if (job->late)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the picture took too long");
  else if (job->error != NULL)
    g_task_return_error (task, g_steal_pointer (&job->error));
  else if (WIFEXITED (job->status) && WEXITSTATUS (job->status) == GLB_CLEAN_IMAGE_OK)
    g_task_return_pointer (task, g_steal_pointer (&job->bytes), (GDestroyNotify) g_bytes_unref);
  else
    return_failure (task, job);
}

static gboolean
on_late (gpointer user_data)
{
  Job *job = user_data;

  job->timeout_id = 0;
  job->late = TRUE;
  glb_sandbox_kill (job->sandbox);
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);

  job->bytes = glb_pipe_reader_read_finish (result, &job->error);
  if (g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    {
      g_clear_error (&job->error);
      g_set_error_literal (&job->error, GLB_CLIPBOARD_ERROR, GLB_CLIPBOARD_CODE_TOO_LARGE, "the picture is too large");
    }
  if (job->error != NULL)
    glb_sandbox_kill (job->sandbox);
  step (task);
}

static void
on_exited (GlbSandbox *sandbox, int status, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);

  g_signal_handlers_disconnect_by_data (sandbox, task);
  job->status = status;
  step (task);
}

/* NULL with error. Takes the descriptors. */
static GlbSandboxSpec *
make_spec (Job *job, int input, int output, GError **error)
{
  static const char * const argv[] = { PROGRAM, NULL };
  g_autoptr(GlbSandboxSpec) spec = glb_sandbox_spec_new ("clean-image", job->account);
  g_autofree char *program = glb_sandbox_find_private ("glovebox-clean-image");
  g_autoptr(GBytes) seccomp = NULL;

  glb_sandbox_spec_take_fd (spec, input, STDIN_FILENO);
  glb_sandbox_spec_take_fd (spec, output, STDOUT_FILENO);
  if (program == NULL)
    {
      g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "Can't find glovebox-clean-image; install Glovebox again");
      return NULL;
    }

  seccomp = glb_seccomp_build (GLB_SECCOMP_STRICT, FALSE, error);
  if (seccomp == NULL)
    return NULL;
  glb_sandbox_spec_add_mount (spec, program, PROGRAM, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_set_seccomp (spec, seccomp);
  glb_sandbox_spec_set_limits (spec, FILES, MEMORY);
  glb_sandbox_spec_set_argv (spec, argv);
  return g_steal_pointer (&spec);
}

/* Gives the end to read from; -1 with error. */
static int
launch (Job *job, GBytes *untrusted, GError **error)
{
  g_autoptr(GlbSandboxSpec) spec = NULL;
  int input, ends[2];

  job->account = glb_account_allocate (job->host->accounts_dir, error);
  if (job->account == NULL)
    return -1;
  job->chores[0] = glb_janitor_add_account (job->host->janitor, job->account, error);
  if (job->chores[0] == 0)
    return -1;
  input = glb_sealed_file_new ("glovebox-image", untrusted, error);
  if (input < 0)
    return -1;
  lseek (input, 0, SEEK_SET);
  if (pipe2 (ends, O_CLOEXEC) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "broker: can't make a pipe: %s", g_strerror (errno));
      close (input);
      return -1;
    }

  spec = make_spec (job, input, ends[1], error);
  if (spec != NULL)
    job->sandbox = glb_sandbox_launch (spec, error);
  if (job->sandbox == NULL)
    {
      close (ends[0]);
      return -1;
    }

  /* if this cannot be told any more, the account's chore ends the process as well */
  job->chores[1] = glb_janitor_add (job->host->janitor, GLB_CHORE_PROCESS, glb_sandbox_get_pid (job->sandbox), NULL, NULL);
  return ends[0];
}

void
glb_image_cleaner_clean_async (GlbHost             *host,
                               GBytes              *untrusted,
                               gsize                max_bytes,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);
  GError *error = NULL;
  int fd;

  g_task_set_source_tag (task, glb_image_cleaner_clean_async);
  g_task_set_task_data (task, job, job_free);
  job->host = host;
  fd = launch (job, untrusted, &error);
  if (fd < 0)
    {
      g_task_return_error (task, error);
      return;
    }

  job->n_open = 2;
  job->timeout_id = g_timeout_add (DEADLINE_MS, on_late, job);
  g_signal_connect (job->sandbox, "exited", G_CALLBACK (on_exited), g_object_ref (task));
  glb_pipe_reader_read_async (fd, max_bytes, 2 * DEADLINE_MS, cancellable, read_cb, g_object_ref (task));
}

GBytes *
glb_image_cleaner_clean_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
