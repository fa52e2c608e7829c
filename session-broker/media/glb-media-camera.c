/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The camera that the session sees: a Video/Source that drives itself. It has
 * the modes of its source; which one runs, the session's program chooses, and
 * the source runs in that one while the stream does.
 *
 * Frames are copied into memory of our own that is sealed against a change of
 * its size, so that no client can cut it off below us.
 */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <spa/param/buffers.h>

#include "session-broker/media/glb-media-lease.h"
#include "session-broker/media/glb-media-pod.h"
#include "session-broker/media/glb-media-video-source.h"

#define POD_SIZE 512

typedef struct
{
  GlbMediaLease parent;
  struct pw_core *session;
  GlbMediaVideoSource *source;
  struct pw_stream *stream;      /* (nullable): from when the source is ready */
  struct spa_hook listener;
  GlbMediaBinding binding;
  gboolean muted;
  gboolean freed;
  gboolean agreed;
  GlbMediaMode mode;             /* when agreed */
  GlbMediaLayout layout;
  guint64 n_frames;
} Camera;

static void
end (Camera *self, GlbMediaWhy why, const char *detail)
{
  self->parent.events->ended (&self->parent, why, detail, self->parent.user_data);
}

/* ---- memory ------------------------------------------------------------------- */

static void
on_add_buffer (void *data, struct pw_buffer *buffer)
{
  Camera *self = data;
  struct spa_data *block = &buffer->buffer->datas[0];
  void *memory = MAP_FAILED;
  int fd;

  block->data = NULL;
  if (!self->agreed || (block->type & (1 << SPA_DATA_MemFd)) == 0)
    return;

  fd = memfd_create ("glovebox-camera", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd >= 0 && ftruncate (fd, self->layout.size) == 0 &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    memory = mmap (NULL, self->layout.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    {
      if (fd >= 0)
        close (fd);
      return;
    }

  block->type = SPA_DATA_MemFd;
  block->flags = SPA_DATA_FLAG_READABLE;
  block->fd = fd;
  block->mapoffset = 0;
  block->maxsize = self->layout.size;
  block->data = memory;
}

static void
on_remove_buffer (void *data, struct pw_buffer *buffer)
{
  struct spa_data *block = &buffer->buffer->datas[0];

  if (block->data == NULL)
    return;
  munmap (block->data, block->maxsize);
  close (block->fd);
  block->data = NULL;
}

/* ---- frames ------------------------------------------------------------------- */

static void
on_process (void *data)
{
  Camera *self = data;
  struct pw_buffer *buffer;
  struct spa_data *block;
  struct spa_meta_header *header;

  /* the source may have stopped between the frame and here; no buffer free: the program is slow, and misses a frame */
  if (!self->agreed || !self->source->running || (buffer = pw_stream_dequeue_buffer (self->stream)) == NULL)
    return;

  block = &buffer->buffer->datas[0];
  if (block->data == NULL || block->maxsize < self->layout.size)
    {
      pw_stream_queue_buffer (self->stream, buffer);
      return;
    }

  if (self->muted)
    glb_media_frame_blank (block->data, &self->mode, &self->layout);
  else
    memcpy (block->data, self->source->frame, self->layout.size);
  header = spa_buffer_find_meta_data (buffer->buffer, SPA_META_Header, sizeof *header);
  if (header != NULL)
    *header = (struct spa_meta_header) { .pts = g_get_monotonic_time () * 1000, .seq = self->n_frames };
  self->n_frames++;
  block->chunk->offset = 0;
  block->chunk->size = self->layout.size;
  block->chunk->stride = self->layout.stride[0];
  block->chunk->flags = 0;
  pw_stream_queue_buffer (self->stream, buffer);
}

static void
on_source_frame (GlbMediaVideoSource *source, gpointer user_data)
{
  Camera *self = user_data;

  pw_stream_trigger_process (self->stream);
}

static void
on_param_changed (void *data, guint32 id, const struct spa_pod *untrusted_param)
{
  Camera *self = data;
  guint8 buffer[POD_SIZE];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  const struct spa_pod *params[2];
  gboolean known = FALSE;

  if (id != SPA_PARAM_Format)
    return;

  self->agreed = FALSE;
  glb_media_video_source_stop (self->source);
  if (untrusted_param == NULL)
    return;
  if (glb_media_pod_parse (untrusted_param, &self->mode))
    for (guint i = 0; i < self->source->modes->len && !known; i++)
      known = glb_media_mode_equal (&g_array_index (self->source->modes, GlbMediaMode, i), &self->mode);
  if (!known)
    {
      pw_stream_set_error (self->stream, -EINVAL, "not a mode of this camera");
      return;
    }

  glb_media_layout_init (&self->layout, &self->mode);
  self->agreed = TRUE;
  params[0] = glb_media_pod_build_buffers (&builder, &self->layout);
  params[1] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
                                          SPA_PARAM_META_type, SPA_POD_Id (SPA_META_Header),
                                          SPA_PARAM_META_size, SPA_POD_Int (sizeof (struct spa_meta_header)));
  pw_stream_update_params (self->stream, params, G_N_ELEMENTS (params));
}

static void
on_state_changed (void *data, enum pw_stream_state old, enum pw_stream_state state, const char *message)
{
  Camera *self = data;

  if (self->freed)
    return;

  if (state == PW_STREAM_STATE_STREAMING && self->agreed)
    glb_media_video_source_start (self->source, &self->mode);
  else if (state == PW_STREAM_STATE_PAUSED)
    glb_media_video_source_stop (self->source);
  else if (state == PW_STREAM_STATE_ERROR)
    end (self, GLB_MEDIA_WHY_INTERNAL, message != NULL ? message : "the session's PipeWire refused the camera");
  else if (state == PW_STREAM_STATE_UNCONNECTED)
    end (self, GLB_MEDIA_WHY_INTERNAL, "a program of the session destroyed it");
}

static const struct pw_stream_events stream_events = {
  PW_VERSION_STREAM_EVENTS,
  .state_changed = on_state_changed,
  .param_changed = on_param_changed,
  .add_buffer = on_add_buffer,
  .remove_buffer = on_remove_buffer,
  .process = on_process,
};

/* ---- beginning and end ---------------------------------------------------------- */

static guint32
get_node_id (gpointer user_data)
{
  return pw_stream_get_node_id (((Camera *) user_data)->stream);
}

static void
on_bound (guint32 node_id, gpointer user_data)
{
  Camera *self = user_data;

  if (node_id == PW_ID_ANY)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "the session's PipeWire did not take the camera");
      return;
    }

  self->parent.node_id = node_id;
  self->parent.name = self->source->name;
  self->parent.description = self->source->description;
  self->parent.events->ready (&self->parent, self->parent.user_data);
}

static void
on_source_ready (GlbMediaVideoSource *source, gpointer user_data)
{
  Camera *self = user_data;
  g_autofree guint8 *buffer = g_malloc (POD_SIZE * GLB_MEDIA_MODES_MAX);
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, POD_SIZE * GLB_MEDIA_MODES_MAX);
  const struct spa_pod *params[GLB_MEDIA_MODES_MAX];
  guint n = MIN (source->modes->len, GLB_MEDIA_MODES_MAX);

  for (guint i = 0; i < n; i++)
    params[i] = glb_media_pod_build (&builder, &g_array_index (source->modes, GlbMediaMode, i));

  /* the session learns that there is a camera, not which one the person has */
  self->stream = pw_stream_new (self->session, "Camera",
                                pw_properties_new (PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE, "Camera",
                                                   PW_KEY_NODE_NAME, "glovebox.camera", PW_KEY_NODE_DESCRIPTION, "Camera", NULL));
  if (self->stream == NULL)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "can't make a stream");
      return;
    }
  pw_stream_add_listener (self->stream, &self->listener, &stream_events, self);
  /* without a converter, which newer versions put before video as well: what is agreed upon is what we copy */
  if (pw_stream_connect (self->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                         PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_ALLOC_BUFFERS | PW_STREAM_FLAG_NO_CONVERT, params, n) < 0)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "can't connect a stream");
      return;
    }
  self->binding = (GlbMediaBinding) { .core = self->session, .get_node_id = get_node_id, .bound = on_bound, .user_data = self };
  glb_media_binding_start (&self->binding);
}

static void
on_source_ended (GlbMediaVideoSource *source, GlbMediaWhy why, const char *detail, gpointer user_data)
{
  end (user_data, why, detail);
}

static const GlbMediaVideoSourceEvents source_events = { on_source_ready, on_source_frame, on_source_ended };

static void
camera_set_muted (GlbMediaLease *parent, gboolean muted)
{
  ((Camera *) parent)->muted = muted;
}

static void
camera_free (GlbMediaLease *parent)
{
  Camera *self = (Camera *) parent;

  glb_media_binding_stop (&self->binding);
  if (self->stream != NULL)
    {
      /* the listener stays for on_remove_buffer() */
      self->freed = TRUE;
      self->agreed = FALSE;
      pw_stream_disconnect (self->stream);
      pw_stream_destroy (self->stream);
    }
  g_clear_pointer (&self->source, glb_media_video_source_free);
  g_free (self);
}

static const GlbMediaLeaseClass camera_class = { camera_set_muted, camera_free };

GlbMediaLease *
glb_media_camera_new (struct pw_context         *context,
                      struct pw_core            *session,
                      const GlbMediaGrant       *grant,
                      int                        fd,
                      const GlbMediaLeaseEvents *events,
                      gpointer                   user_data)
{
  Camera *self = g_new0 (Camera, 1);

  self->parent = (GlbMediaLease) { .klass = &camera_class, .events = events, .user_data = user_data, .device = GLB_MEDIA_CAMERA,
                                   .source = grant->source, .node_id = PW_ID_ANY };
  self->session = session;
  self->source = glb_media_video_source_new (context, grant, fd, &source_events, self);
  if (self->source != NULL)
    return &self->parent;

  g_free (self);
  return NULL;
}
