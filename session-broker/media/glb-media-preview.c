/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include "session-broker/media/glb-media-file.h"
#include "session-broker/media/glb-media-host.h"
#include "session-broker/media/glb-media-lease.h"
#include "session-broker/media/glb-media-preview.h"
#include "session-broker/media/glb-media-video-source.h"
#include "session-broker/media/glb-media-wav.h"

#define DEADLINE_S 5

struct _GlbMediaPreview
{
  const GlbMediaPreviewEvents *events;
  gpointer user_data;
  GlbMediaSource source;
  struct pw_loop *loop;
  struct spa_source *deadline;
  struct spa_source *event;      /* a generated sound is there, from the main loop */
  GlbMediaVideoSource *camera;   /* (nullable) */
  GlbMediaHost *host;            /* (nullable): sound of the person's */
  GBytes *file;                  /* (nullable): a file with sound */
  char *file_description;
  gboolean over;
};

static void
fail (GlbMediaPreview *self, GlbMediaWhy why, const char *detail)
{
  if (self->over)
    return;
  self->over = TRUE;
  self->events->failed (self, why, detail, self->user_data);
}

static void
on_deadline (void *data, guint64 expirations)
{
  fail (data, GLB_MEDIA_WHY_HOST_GONE, "the camera sends no picture; is another program using it?");
}

/* ---- a camera ------------------------------------------------------------------- */

static void
on_camera_ready (GlbMediaVideoSource *source, gpointer user_data)
{
  const GlbMediaMode *best = &g_array_index (source->modes, GlbMediaMode, 0);

  for (guint i = 1; i < source->modes->len; i++)
    {
      const GlbMediaMode *mode = &g_array_index (source->modes, GlbMediaMode, i);

      /* the largest that needs no shrinking, else the smallest */
      if ((mode->width <= GLB_MEDIA_PREVIEW_WIDTH && (mode->width > best->width || best->width > GLB_MEDIA_PREVIEW_WIDTH)) ||
          (best->width > GLB_MEDIA_PREVIEW_WIDTH && mode->width < best->width))
        best = mode;
    }
  glb_media_video_source_start (source, best);
}

static void
on_camera_frame (GlbMediaVideoSource *source, gpointer user_data)
{
  GlbMediaPreview *self = user_data;
  g_autofree guint32 *pixels = NULL;
  guint width, height;

  if (self->over)
    return;

  self->over = TRUE;
  pixels = glb_media_frame_shrink (source->frame, &source->mode, &source->layout,
                                   GLB_MEDIA_PREVIEW_WIDTH, GLB_MEDIA_PREVIEW_HEIGHT, &width, &height);
  self->events->seen (self, source->name, source->description, pixels, width, height, self->user_data);
}

static void
on_camera_ended (GlbMediaVideoSource *source, GlbMediaWhy why, const char *detail, gpointer user_data)
{
  fail (user_data, why, detail);
}

static const GlbMediaVideoSourceEvents camera_events = { on_camera_ready, on_camera_frame, on_camera_ended };

/* ---- sound ---------------------------------------------------------------------- */

static void
on_host_found (gpointer user_data)
{
  GlbMediaPreview *self = user_data;

  if (self->over)
    return;

  self->over = TRUE;
  self->events->seen (self, glb_media_host_get_name (self->host), glb_media_host_get_description (self->host), NULL, 0, 0,
                      self->user_data);
}

static void
on_host_format (const struct spa_pod *untrusted_format, gpointer user_data)
{
  /* sound has one format for all: the graph's */
}

static void
on_host_ended (GlbMediaWhy why, const char *detail, gpointer user_data)
{
  fail (user_data, why, detail);
}

static const GlbMediaHostEvents host_events = { on_host_found, on_host_format, on_host_ended };

static void
on_sound (void *data, guint64 count)
{
  GlbMediaPreview *self = data;
  const char *description = self->file != NULL ? self->file_description : glb_media_sound_get_description (self->source);
  gsize size = 0;
  const guint8 *untrusted = self->file != NULL ? g_bytes_get_data (self->file, &size) : NULL;
  g_autoptr(GError) error = NULL;
  GlbMediaWav wav;

  if (self->over)
    return;
  if (self->file != NULL && !glb_media_wav_parse (untrusted, size, &wav, &error))
    {
      fail (self, GLB_MEDIA_WHY_FILE, error->message);
      return;
    }

  self->over = TRUE;
  self->events->seen (self, glb_media_sound_get_name (self->source), description, NULL, 0, 0, self->user_data);
}

/* ---- beginning and end ------------------------------------------------------------ */

static gboolean
start (GlbMediaPreview *self, struct pw_context *context, const GlbMediaGrant *grant, int fd)
{
  if (grant->device == GLB_MEDIA_CAMERA)
    {
      self->camera = glb_media_video_source_new (context, grant, fd, &camera_events, self);
      return self->camera != NULL;
    }
  if (grant->source == GLB_MEDIA_SOURCE_HOST)
    {
      self->host = glb_media_host_new (context, fd, grant->device, grant->target, &host_events, self);
      return self->host != NULL;
    }

  if (grant->source == GLB_MEDIA_SOURCE_FILE)
    {
      self->file = glb_media_file_map (fd);
      self->file_description = g_strdup (grant->target);
      if (self->file == NULL)
        return FALSE;
    }
  self->event = pw_loop_add_event (self->loop, on_sound, self);
  pw_loop_signal_event (self->loop, self->event);
  return TRUE;
}

GlbMediaPreview *
glb_media_preview_new (struct pw_context           *context,
                       const GlbMediaGrant         *grant,
                       int                          fd,
                       const GlbMediaPreviewEvents *events,
                       gpointer                     user_data)
{
  g_autoptr(GlbMediaPreview) self = g_new0 (GlbMediaPreview, 1);
  struct timespec deadline = { .tv_sec = DEADLINE_S };

  self->events = events;
  self->user_data = user_data;
  self->source = grant->source;
  self->loop = pw_context_get_main_loop (context);
  self->deadline = pw_loop_add_timer (self->loop, on_deadline, self);
  pw_loop_update_timer (self->loop, self->deadline, &deadline, NULL, FALSE);

  return start (self, context, grant, fd) ? g_steal_pointer (&self) : NULL;
}

void
glb_media_preview_free (GlbMediaPreview *self)
{
  self->over = TRUE;
  g_clear_pointer (&self->camera, glb_media_video_source_free);
  g_clear_pointer (&self->host, glb_media_host_free);
  if (self->event != NULL)
    pw_loop_destroy_source (self->loop, self->event);
  g_clear_pointer (&self->file, g_bytes_unref);
  g_free (self->file_description);
  pw_loop_destroy_source (self->loop, self->deadline);
  g_free (self);
}
