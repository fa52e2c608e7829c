/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-prompt-image.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  int fd;                      /* -1: png is there already */
  GBytes *png;                 /* (nullable) */
  char *sha256;                /* (nullable) */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->fd >= 0)
    close (job->fd);
  g_clear_pointer (&job->png, g_bytes_unref);
  g_free (job->sha256);
  g_free (job);
}

static guint32
read_be32 (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

/* The signature, and the header that has to follow it. */
static gboolean
size_is_bearable (GBytes *png)
{
  static const guint8 start[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  guint64 width, height;

  if (size < sizeof start + 8 || size > GLB_PROMPT_IMAGE_MAX_BYTES || memcmp (data, start, sizeof start) != 0)
    return FALSE;
  width = read_be32 (data + sizeof start);
  height = read_be32 (data + sizeof start + 4);

  return width > 0 && height > 0 && width <= GLB_PROMPT_IMAGE_MAX_SIDE && height <= GLB_PROMPT_IMAGE_MAX_SIDE &&
         width * height <= GLB_PROMPT_IMAGE_MAX_PIXELS;
}

static GdkTexture *
decode (GBytes  *png,
        GError **error)
{
  if (!size_is_bearable (png))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("The picture is no PNG of a size that can be shown"));
      return NULL;
    }

  return gdk_texture_new_from_bytes (png, error);
}

GdkTexture *
glb_prompt_image_decode (GBytes      *png,
                         const char  *sha256,
                         GError     **error)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);

  if (g_strcmp0 (digest, sha256) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("The picture is not the one that the prompt is about"));
      return NULL;
    }

  return decode (png, error);
}

GBytes *
glb_prompt_image_read (int      fd,
                       GError **error)
{
  g_autofree guint8 *data = NULL;
  struct stat status;
  gsize length = 0, size;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) ||
      status.st_size < 0 || status.st_size > GLB_PROMPT_IMAGE_MAX_BYTES)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The broker sent something of no bearable size"));
      return NULL;
    }

  /* The offset belongs to everybody who has the file. */
  size = (gsize) status.st_size;
  data = g_malloc (size + 1);
  while (length < size)
    {
      gssize n = pread (fd, data + length, size - length, (off_t) length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The broker's file ends too early"));
          return NULL;
        }
      length += (gsize) n;
    }

  return g_bytes_new_take (g_steal_pointer (&data), length);
}

static GdkTexture *
load (Job     *job,
      GError **error)
{
  g_autoptr(GBytes) png = NULL;

  if (job->png != NULL)
    return decode (job->png, error);

  png = glb_prompt_image_read (job->fd, error);

  return png != NULL ? glb_prompt_image_decode (png, job->sha256, error) : NULL;
}

static void
load_thread (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  GError *error = NULL;
  GdkTexture *texture = load (task_data, &error);

  if (texture == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, texture, g_object_unref);
}

/* job: taken */
static void
load_async (Job                 *job,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, load_async);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, load_thread);
}

void
glb_prompt_image_load_async (int                  fd,
                             const char          *sha256,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  Job *job = g_new0 (Job, 1);

  job->fd = fd;
  job->sha256 = g_strdup (sha256);
  load_async (job, cancellable, callback, user_data);
}

void
glb_prompt_image_load_bytes_async (GBytes              *png,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  Job *job = g_new0 (Job, 1);

  job->fd = -1;
  job->png = g_bytes_ref (png);
  load_async (job, cancellable, callback, user_data);
}

GdkTexture *
glb_prompt_image_load_finish (GAsyncResult  *result,
                              GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
