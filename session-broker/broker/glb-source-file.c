/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policies/glb-strict-json.h"
#include "session-broker/broker/glb-source-file.h"
#include "session-broker/media/glb-media-protocol.h"

#define DEADLINE_MS    10000
#define STEP_BYTES     (256u << 10)
#define NAME_MAX_CHARS 60

/* Of a task. */
typedef struct
{
  char *folder, *rest;         /* (nullable): to be opened */
  int fd;                      /* -1: to be opened */
  char *name;
  GCancellable *cancellable;   /* after the deadline */
  guint timeout_id;
} Job;

GlbSourceFile *
glb_source_file_ref (GlbSourceFile *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glb_source_file_unref (GlbSourceFile *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  close (self->fd);
  g_free (self->name);
  g_free (self->sha256);
  g_free (self);
}

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->fd >= 0)
    close (job->fd);
  g_free (job->folder);
  g_free (job->rest);
  g_free (job->name);
  g_object_unref (job->cancellable);
  g_free (job);
}

static gboolean
fail (GError **error, int saved_errno, const char *what)
{
  g_set_error (error, G_IO_ERROR, saved_errno != 0 ? g_io_error_from_errno (saved_errno) : G_IO_ERROR_FAILED, "%s", what);
  return FALSE;
}

/* ---- in the thread ---------------------------------------------------------------- */

static int
open_beneath (const char *folder, const char *rest)
{
  struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
  int dir = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd, saved_errno;

  if (dir < 0)
    return -1;
  do
    fd = syscall (SYS_openat2, dir, rest, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  saved_errno = errno;
  close (dir);
  errno = saved_errno;
  return fd;
}

static gboolean
open_file (Job *job, GError **error)
{
  g_autofree char *what = NULL;
  int saved_errno;

  if (job->fd >= 0)
    return TRUE;

  job->fd = open_beneath (job->folder, job->rest);
  if (job->fd >= 0)
    return TRUE;

  saved_errno = errno;
  if (saved_errno == ELOOP)
    return fail (error, saved_errno, "a symbolic link leads there; name the file where it is");
  what = g_strdup_printf ("%s; name a file that you may read", g_strerror (saved_errno));
  return fail (error, saved_errno, what);
}

/* A pipe or a device could hold us for ever, and has no end. */
static gboolean
check_regular (Job *job, GError **error)
{
  struct stat st;

  if (fstat (job->fd, &st) != 0 || !S_ISREG (st.st_mode))
    return fail (error, 0, "not a plain file; name one");
  if (st.st_size > GLB_MEDIA_FILE_MAX)
    return fail (error, EFBIG, "larger than 256 MiB; make it shorter or smaller");
  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = write (fd, bytes + done, size - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += n;
    }
  return TRUE;
}

/* It may grow, shrink and change meanwhile: what was read is what counts. */
static gboolean
copy (Job *job, int to, GChecksum *checksum, guint64 *size, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (STEP_BYTES);

  *size = 0;
  while (!g_cancellable_is_cancelled (job->cancellable))
    {
      gssize n = pread (job->fd, bytes, STEP_BYTES, *size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved_errno = errno;
          g_autofree char *what = g_strdup_printf ("%s; name a file that you may read", g_strerror (saved_errno));

          return fail (error, saved_errno, what);
        }
      if (n == 0)
        return TRUE;
      if (*size + n > GLB_MEDIA_FILE_MAX)
        return fail (error, EFBIG, "larger than 256 MiB; make it shorter or smaller");
      if (!write_all (to, bytes, n))
        return fail (error, ENOSPC, "no memory for a copy of it; make it smaller");
      g_checksum_update (checksum, bytes, n);
      *size += n;
    }

  return fail (error, ETIMEDOUT, "it can't be read in time; copy it to another disk");
}

static void
read_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  int fd = memfd_create ("glovebox-source", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  GError *error = NULL;
  GlbSourceFile *self;
  guint64 size;

  if (fd < 0 || !open_file (job, &error) || !check_regular (job, &error) || !copy (job, fd, checksum, &size, &error) ||
      fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    {
      if (fd >= 0)
        close (fd);
      if (error == NULL)
        fail (&error, ENOSPC, "no memory for a copy of it; free some");
      g_task_return_error (task, error);
      return;
    }

  self = g_new0 (GlbSourceFile, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->fd = fd;
  self->name = g_steal_pointer (&job->name);
  self->sha256 = g_strdup (g_checksum_get_string (checksum));
  self->size = size;
  g_task_return_pointer (task, self, (GDestroyNotify) glb_source_file_unref);
}

/* ---- on the main loop --------------------------------------------------------------- */

static gboolean
on_deadline (gpointer user_data)
{
  GTask *task = user_data;
  Job *job = g_task_get_task_data (task);

  job->timeout_id = 0;
  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;
  GlbSourceFile *file = g_task_propagate_pointer (G_TASK (result), &error);

  g_clear_handle_id (&job->timeout_id, g_source_remove);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_error (&error);
      fail (&error, ETIMEDOUT, "it can't be read in time; copy it to another disk");
    }
  if (file != NULL)
    g_task_return_pointer (task, file, (GDestroyNotify) glb_source_file_unref);
  else
    g_task_return_error (task, error);
}

/* The outer task is the caller's and the deadline's, the inner one the thread's, which may outlive both: each has a job of its own. */
static void
start (Job *job, gpointer tag, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Job *outer = g_new0 (Job, 1);
  g_autoptr(GTask) inner = NULL;

  job->cancellable = g_cancellable_new ();
  outer->fd = -1;
  outer->cancellable = g_object_ref (job->cancellable);
  outer->timeout_id = g_timeout_add (DEADLINE_MS, on_deadline, task);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, outer, job_free);

  inner = g_task_new (NULL, job->cancellable, read_cb, task);
  g_task_set_source_tag (inner, tag);
  g_task_set_task_data (inner, job, job_free);
  g_task_set_return_on_cancel (inner, TRUE);
  g_task_run_in_thread (inner, read_thread);
}

static char *
clean_name (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  return glb_strict_json_printable (name, -1, NAME_MAX_CHARS);
}

void
glb_source_file_open_async (const char *folder, const char *rest, GAsyncReadyCallback callback, gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->folder = g_strdup (folder);
  job->rest = g_strdup (rest);
  job->name = clean_name (rest);
  job->fd = -1;
  start (job, glb_source_file_open_async, callback, user_data);
}

void
glb_source_file_copy_async (int fd, const char *name, GAsyncReadyCallback callback, gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->fd = fd;
  job->name = clean_name (name);
  start (job, glb_source_file_copy_async, callback, user_data);
}

GlbSourceFile *
glb_source_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
