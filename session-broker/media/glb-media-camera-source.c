/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A camera of the person: our capture stream on their PipeWire, linked to it alone, and only while it runs. */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include "session-broker/media/glb-media-host.h"
#include "session-broker/media/glb-media-pod.h"
#include "session-broker/media/glb-media-video-source.h"

typedef struct
{
  GlbMediaVideoSource parent;
  GlbMediaHost *host;
  struct pw_stream *stream;     /* (nullable): while running */
  struct spa_hook listener;
  gboolean agreed;              /* the format is the one that was asked for */
} CameraSource;

static void
end (CameraSource *self, GlbMediaWhy why, const char *detail)
{
  self->parent.events->ended (&self->parent, why, detail, self->parent.user_data);
}

static void
on_host_format (const struct spa_pod *untrusted_format, gpointer user_data)
{
  CameraSource *self = user_data;

  glb_media_pod_list (untrusted_format, self->parent.modes);
}

static void
on_host_found (gpointer user_data)
{
  CameraSource *self = user_data;
  g_autofree char *detail = NULL;

  self->parent.name = glb_media_host_get_name (self->host);
  self->parent.description = glb_media_host_get_description (self->host);
  if (self->parent.modes->len > 0)
    {
      self->parent.events->ready (&self->parent, self->parent.user_data);
      return;
    }

  detail = g_strdup_printf ("%s: it has none of the formats that are carried (raw RGB, RGBx, BGRx, YUY2, UYVY, I420, NV12); "
                            "use another camera",
                            self->parent.description);
  end (self, GLB_MEDIA_WHY_FORMAT, detail);
}

static void
on_host_ended (GlbMediaWhy why, const char *detail, gpointer user_data)
{
  end (user_data, why, detail);
}

static const GlbMediaHostEvents host_events = { on_host_found, on_host_format, on_host_ended };

/* ---- frames ------------------------------------------------------------------- */

static gboolean
take_frame (CameraSource *self, const struct spa_buffer *buffer)
{
  GlbMediaPlane planes[3];

  if (!self->agreed || buffer->n_datas == 0 || buffer->n_datas > 3)
    return FALSE;

  for (guint i = 0; i < buffer->n_datas; i++)
    {
      const struct spa_data *data = &buffer->datas[i];
      guint32 offset, size;

      if (data->data == NULL || data->chunk == NULL)
        return FALSE;
      /* read once: the chunk lies in memory that the other side may still write */
      offset = __atomic_load_n (&data->chunk->offset, __ATOMIC_RELAXED);
      size = __atomic_load_n (&data->chunk->size, __ATOMIC_RELAXED);
      if (offset > data->maxsize || size > data->maxsize - offset)
        return FALSE;
      planes[i].data = (const guint8 *) data->data + offset;
      planes[i].size = size;
      planes[i].untrusted_stride = __atomic_load_n (&data->chunk->stride, __ATOMIC_RELAXED);
      /* some say none, and mean the least */
      if (planes[i].untrusted_stride == 0)
        planes[i].untrusted_stride = self->parent.layout.row_bytes[i];
    }

  return glb_media_frame_copy (self->parent.frame, &self->parent.layout, planes, buffer->n_datas);
}

static void
on_process (void *data)
{
  CameraSource *self = data;
  struct pw_buffer *buffer, *newest = NULL;
  gboolean taken;

  while ((buffer = pw_stream_dequeue_buffer (self->stream)) != NULL)
    {
      if (newest != NULL)
        pw_stream_queue_buffer (self->stream, newest);
      newest = buffer;
    }
  if (newest == NULL)
    return;

  taken = take_frame (self, newest->buffer);
  pw_stream_queue_buffer (self->stream, newest);
  if (taken)
    self->parent.events->frame (&self->parent, self->parent.user_data);
}

static void
on_param_changed (void *data, guint32 id, const struct spa_pod *untrusted_param)
{
  CameraSource *self = data;
  GlbMediaMode mode;
  GlbMediaLayout any = { 0 };
  guint8 buffer[256];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  const struct spa_pod *params[1];

  if (id != SPA_PARAM_Format || untrusted_param == NULL)
    return;

  self->agreed = glb_media_pod_parse (untrusted_param, &mode) && glb_media_mode_equal (&mode, &self->parent.mode);
  if (!self->agreed)
    {
      pw_stream_set_error (self->stream, -EINVAL, "not the format that was asked for");
      return;
    }
  params[0] = glb_media_pod_build_buffers (&builder, &any);
  pw_stream_update_params (self->stream, params, 1);
}

static void
on_state_changed (void *data, enum pw_stream_state old, enum pw_stream_state state, const char *message)
{
  CameraSource *self = data;
  g_autofree char *detail = NULL;

  if (state != PW_STREAM_STATE_ERROR)
    return;

  detail = g_strdup_printf ("%s: its stream failed (%s); ask again", self->parent.description,
                            message != NULL ? message : "no reason given");
  glb_media_host_fail (self->host, GLB_MEDIA_WHY_FORMAT, detail);
}

static const struct pw_stream_events stream_events = {
  PW_VERSION_STREAM_EVENTS,
  .state_changed = on_state_changed,
  .param_changed = on_param_changed,
  .process = on_process,
};

static guint32
get_node_id (gpointer user_data)
{
  return pw_stream_get_node_id (((CameraSource *) user_data)->stream);
}

static void
camera_start (GlbMediaVideoSource *parent)
{
  CameraSource *self = (CameraSource *) parent;
  guint8 buffer[512];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  const struct spa_pod *params[1] = { glb_media_pod_build (&builder, &parent->mode) };

  self->agreed = FALSE;
  self->stream = pw_stream_new (glb_media_host_get_core (self->host), "Glovebox camera",
                                pw_properties_new (PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Capture",
                                                   PW_KEY_MEDIA_ROLE, "Camera", PW_KEY_NODE_NAME, "glovebox.camera",
                                                   PW_KEY_APP_NAME, "Glovebox", NULL));
  if (self->stream == NULL)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "can't make a stream");
      return;
    }

  pw_stream_add_listener (self->stream, &self->listener, &stream_events, self);
  if (pw_stream_connect (self->stream, PW_DIRECTION_INPUT, PW_ID_ANY,
                         PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_NO_CONVERT, params, 1) < 0)
    end (self, GLB_MEDIA_WHY_INTERNAL, "can't connect a stream");
  else
    glb_media_host_link (self->host, get_node_id, self);
}

static void
camera_stop (GlbMediaVideoSource *parent)
{
  CameraSource *self = (CameraSource *) parent;

  glb_media_host_link (self->host, NULL, NULL);
  if (self->stream == NULL)
    return;
  spa_hook_remove (&self->listener);
  g_clear_pointer (&self->stream, pw_stream_destroy);
}

static void
camera_free (GlbMediaVideoSource *parent)
{
  CameraSource *self = (CameraSource *) parent;

  g_clear_pointer (&self->host, glb_media_host_free);
  g_free (self);
}

static const GlbMediaVideoSourceClass camera_class = { camera_start, camera_stop, camera_free };

GlbMediaVideoSource *
glb_media_camera_source_new (struct pw_context               *context,
                             int                              fd,
                             const char                      *target,
                             const GlbMediaVideoSourceEvents *events,
                             gpointer                         user_data)
{
  CameraSource *self = g_new0 (CameraSource, 1);

  glb_media_video_source_init (&self->parent, &camera_class, events, user_data);
  self->host = glb_media_host_new (context, fd, GLB_MEDIA_CAMERA, target, &host_events, self);
  if (self->host != NULL)
    return &self->parent;

  g_array_unref (self->parent.modes);
  g_free (self);
  return NULL;
}
