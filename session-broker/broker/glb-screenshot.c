/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "session-broker/broker/glb-memfd.h"
#include "session-broker/broker/glb-screenshot.h"
#include "session-broker/capture/glb-png.h"

struct _GlbScreenshot
{
  GObject parent_instance;

  GlbCompositor *compositor;
  GlbFrameHub *hub;
  GlbImage *cache;           /* (nullable): of the whole screen */
};

G_DEFINE_FINAL_TYPE (GlbScreenshot, glb_screenshot, G_TYPE_OBJECT)

typedef struct
{
  GTask *outer;
  GlbHeldFrame *frame;
  gboolean has_region;
  int region[4];
} Job;

static GlbImage *
glb_image_new (GBytes *png, guint64 frame, guint width, guint height)
{
  GlbImage *self = g_new0 (GlbImage, 1);

  self->png = g_bytes_ref (png);
  self->frame = frame;
  self->width = width;
  self->height = height;
  self->memfd = -1;
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

GlbImage *
glb_image_ref (GlbImage *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glb_image_unref (GlbImage *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_bytes_unref (self->png);
  if (self->memfd >= 0)
    close (self->memfd);
  g_free (self);
}

int
glb_image_open (GlbImage *self, GError **error)
{
  g_autofree char *path = NULL;
  int fd;

  if (self->memfd < 0 && (self->memfd = glb_memfd_new_sealed ("glovebox-image", self->png, error)) < 0)
    return -1;

  /* opened anew: each reader has its own position */
  path = g_strdup_printf ("/proc/self/fd/%d", self->memfd);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "screenshot: can't open the image: %s", g_strerror (errno));
  return fd;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->frame, glb_held_frame_free);
  g_clear_object (&job->outer);
  g_free (job);
}

static void
encode (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  const GlbShimRing *info = glb_held_frame_get_info (job->frame);
  const guint8 *pixels = glb_held_frame_get_pixels (job->frame);
  guint width = info->width, height = info->height;
  g_autoptr(GBytes) png = NULL;
  GError *error = NULL;

  if (job->has_region)
    {
      pixels += (gsize) job->region[1] * info->stride + (gsize) job->region[0] * 4;
      width = job->region[2] - job->region[0];
      height = job->region[3] - job->region[1];
    }
  png = glb_png_encode (pixels, width, height, info->stride, &error);
  if (png == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, glb_image_new (png, glb_held_frame_get_frame (job->frame), width, height),
                           (GDestroyNotify) glb_image_unref);
}

static void
encoded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GlbScreenshot *self = GLB_SCREENSHOT (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  GlbImage *image = g_task_propagate_pointer (G_TASK (result), &error);

  g_clear_pointer (&job->frame, glb_held_frame_free);
  if (image == NULL)
    {
      g_task_return_error (job->outer, error);
      return;
    }

  if (!job->has_region)
    {
      g_clear_pointer (&self->cache, glb_image_unref);
      self->cache = glb_image_ref (image);
    }
  g_task_return_pointer (job->outer, image, (GDestroyNotify) glb_image_unref);
}

static void
acquired_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  GError *error = NULL;
  g_autoptr(GTask) inner = NULL;

  job->frame = glb_frame_hub_acquire_finish (GLB_FRAME_HUB (source), result, &error);
  if (job->frame == NULL)
    {
      g_task_return_error (job->outer, error);
      job_free (job);
      return;
    }

  inner = g_task_new (g_task_get_source_object (job->outer), NULL, encoded_cb, NULL);
  g_task_set_source_tag (inner, acquired_cb);
  g_task_set_task_data (inner, job, job_free);
  g_task_run_in_thread (inner, encode);
}

static void
glb_screenshot_dispose (GObject *object)
{
  GlbScreenshot *self = GLB_SCREENSHOT (object);

  g_clear_object (&self->compositor);
  g_clear_object (&self->hub);
  g_clear_pointer (&self->cache, glb_image_unref);

  G_OBJECT_CLASS (glb_screenshot_parent_class)->dispose (object);
}

static void
glb_screenshot_class_init (GlbScreenshotClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_screenshot_dispose;
}

static void
glb_screenshot_init (GlbScreenshot *self)
{
}

GlbScreenshot *
glb_screenshot_new (GlbCompositor *compositor, GlbFrameHub *hub)
{
  GlbScreenshot *self = g_object_new (GLB_TYPE_SCREENSHOT, NULL);

  self->compositor = g_object_ref (compositor);
  self->hub = g_object_ref (hub);
  return self;
}

void
glb_screenshot_take_async (GlbScreenshot *self, const int *region, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  Job *job;

  g_task_set_source_tag (task, glb_screenshot_take_async);
  if (region == NULL && self->cache != NULL && self->cache->frame == glb_compositor_get_newest_frame (self->compositor))
    {
      g_task_return_pointer (task, glb_image_ref (self->cache), (GDestroyNotify) glb_image_unref);
      return;
    }

  job = g_new0 (Job, 1);
  job->outer = g_steal_pointer (&task);
  if (region != NULL)
    {
      job->has_region = TRUE;
      memcpy (job->region, region, sizeof job->region);
    }
  glb_frame_hub_acquire_async (self->hub, acquired_cb, job);
}

GlbImage *
glb_screenshot_take_finish (GlbScreenshot *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
