/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The picture is kept here, in one copy, so that a slot of the session's ring
 * can go back at once, and a recorder that comes while nothing changes, or that
 * has no buffer free when something does, still gets the picture as it is.
 *
 * Buffers are sealed against a change of their size, as those of the camera.
 *
 * On the person's PipeWire we need: the core (a client answers it), sight of
 * what comes (PipeWire lets nobody link two nodes whose owners do not see each
 * other), and nothing of what is there, but the streams that may record. No
 * factory: with none in sight nothing more can be made, no link and no stream.
 * PipeWire gives nobody back what they gave up.
 */

#define G_LOG_DOMAIN "glovebox-publish"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <spa/param/buffers.h>
#include <spa/param/video/format-utils.h>
#include <spa/pod/builder.h>

#include "session-broker/media/glb-media-lease.h"
#include "session-broker/media/glb-publish-node.h"

#define POD_SIZE      1024
#define BYTES         4u           /* of a pixel */
#define SIDE_MAX      4096u        /* the largest screen of a policy */
#define OBJECTS_MAX   8192
#define N_BUFFERS     4
#define N_BUFFERS_MIN 2
#define N_BUFFERS_MAX 8
/* Of the session's screen; what comes faster waits for the next. */
#define FPS           60
#define FRAME_US      (G_USEC_PER_SEC / FPS - 1000)
/* A recorder that gives no buffer back is asked again, ever slower. */
#define RETRY_MAX_US  (G_USEC_PER_SEC / 4)
/* After a picture was handed out and nothing follows: ever slower, the last after half a second. */
#define N_PUSHES      5
#define PUSH_US       (G_USEC_PER_SEC / 30)
/* With PipeWire 1.4 a stream stands still for a moment when a recorder comes beside another, or as it begins. */
#define IDLE_US       (G_USEC_PER_SEC / 4)

typedef struct
{
  guint32 id;
  gboolean recorder;             /* a stream that takes video: it may be linked to us, and has to be seen */
} Global;

/* A link of somebody's to our node. */
typedef struct
{
  GlbPublishNode *node;
  guint32 id;
  gboolean active;
  struct pw_proxy *proxy;
  struct spa_hook listener;
  gboolean running;
  struct pw_proxy *recorder;     /* the node at its other end */
  struct spa_hook recorder_listener;
} Link;

struct _GlbPublishNode
{
  const GlbPublishNodeEvents *events;
  gpointer user_data;
  struct pw_loop *loop;
  struct spa_source *timer, *push_timer, *idle_timer;
  struct pw_core *core;
  struct spa_hook core_listener;
  struct pw_registry *registry;
  struct spa_hook registry_listener;
  struct pw_stream *stream;      /* (nullable): from the registry's first list on */
  struct spa_hook stream_listener;
  GlbMediaBinding binding;
  char *name, *description;
  GArray *globals;               /* Global: what was there before us */
  GPtrArray *links;              /* Link */
  guint n_objects;
  guint32 node_id;               /* PW_ID_ANY: none */
  gboolean node_seen;            /* the registry has it */
  int list_seq, begun_seq, end_seq;
  gboolean failed, streaming, freed;
  gboolean in_use;               /* as it was told */

  guint width, height;
  guint8 *picture;               /* width * height * BYTES */
  gboolean drawn;                /* something of it was */
  gboolean dirty;                /* it was not handed out since it changed */
  gboolean agreed;               /* on its size */
  gint64 handed_us;              /* when it was, last */
  gint64 retry_us;
  gboolean timed;
  guint n_pushes;                /* since it was handed out */
  guint64 n_frames;
};

static void
fail (GlbPublishNode *self, const char *why)
{
  if (self->failed || self->freed)
    return;

  self->failed = TRUE;
  self->events->failed (why, self->user_data);
}

/* ---- handing out ---------------------------------------------------------------- */

static void
start_timer (GlbPublishNode *self, struct spa_source *timer, gint64 delay_us)
{
  struct timespec delay = { .tv_sec = delay_us / G_USEC_PER_SEC, .tv_nsec = delay_us % G_USEC_PER_SEC * 1000 + 1 };

  pw_loop_update_timer (self->loop, timer, &delay, NULL, FALSE);
}

static void
set_timer (GlbPublishNode *self, gint64 delay_us)
{
  self->timed = TRUE;
  start_timer (self, self->timer, delay_us);
}

/*
 * PipeWire keeps a picture back while a recorder has not taken the one before,
 * and one that is just starting may sleep through its first. The next turn brings
 * both to it; where no next picture comes, an empty turn does, and costs nothing
 * where there is nothing to bring.
 */
static void
on_push (void *data, guint64 expirations)
{
  GlbPublishNode *self = data;

  if (!self->streaming || ++self->n_pushes > N_PUSHES)
    return;
  start_timer (self, self->push_timer, PUSH_US << self->n_pushes);
  pw_stream_trigger_process (self->stream);
}

/* Now, or when the display's time for the next has come. */
static void
hand_out (GlbPublishNode *self)
{
  gint64 wait = self->handed_us + FRAME_US - g_get_monotonic_time ();

  if (!self->dirty || !self->drawn || !self->streaming || !self->agreed || self->timed)
    return;
  if (wait > 0)
    set_timer (self, wait);
  else
    pw_stream_trigger_process (self->stream);
}

static void
on_timer (void *data, guint64 expirations)
{
  GlbPublishNode *self = data;

  self->timed = FALSE;
  hand_out (self);
}

static void
fill (GlbPublishNode *self, struct pw_buffer *buffer)
{
  struct spa_data *block = &buffer->buffer->datas[0];
  gsize size = (gsize) self->width * self->height * BYTES;
  struct spa_meta_header *header = spa_buffer_find_meta_data (buffer->buffer, SPA_META_Header, sizeof *header);

  memcpy (block->data, self->picture, size);
  if (header != NULL)
    *header = (struct spa_meta_header) { .pts = g_get_monotonic_time () * 1000, .seq = self->n_frames };
  self->n_frames++;
  block->chunk->offset = 0;
  block->chunk->size = size;
  block->chunk->stride = self->width * BYTES;
  block->chunk->flags = 0;
}

static void
on_process (void *data)
{
  GlbPublishNode *self = data;
  struct pw_buffer *buffer;

  if (self->freed || !self->dirty || !self->agreed || self->timed)
    return;

  buffer = pw_stream_dequeue_buffer (self->stream);
  if (buffer == NULL)
    {
      /* each turn brings back a buffer, if the recorder is done with one */
      self->retry_us = CLAMP (self->retry_us * 2, FRAME_US, RETRY_MAX_US);
      set_timer (self, self->retry_us);
      return;
    }
  if (buffer->buffer->datas[0].data == NULL || buffer->buffer->datas[0].maxsize < (gsize) self->width * self->height * BYTES)
    {
      pw_stream_queue_buffer (self->stream, buffer);
      return;
    }

  fill (self, buffer);
  self->dirty = FALSE;
  self->retry_us = 0;
  self->handed_us = g_get_monotonic_time ();
  pw_stream_queue_buffer (self->stream, buffer);
  self->n_pushes = 0;
  start_timer (self, self->push_timer, PUSH_US);
}

/* ---- the stream ------------------------------------------------------------------ */

static void
on_add_buffer (void *data, struct pw_buffer *buffer)
{
  GlbPublishNode *self = data;
  struct spa_data *block = &buffer->buffer->datas[0];
  gsize size = (gsize) self->width * self->height * BYTES;
  void *memory = MAP_FAILED;
  int fd;

  block->data = NULL;
  if (!self->agreed || (block->type & (1 << SPA_DATA_MemFd)) == 0)
    return;

  fd = memfd_create ("glovebox-screen", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd >= 0 && ftruncate (fd, size) == 0 && fcntl (fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
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
  block->maxsize = size;
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

/* One format, as often as the recorder wants, but when something changed. */
static const struct spa_pod *
build_format (GlbPublishNode *self, struct spa_pod_builder *builder)
{
  return spa_pod_builder_add_object (builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat,
                                     SPA_FORMAT_mediaType, SPA_POD_Id (SPA_MEDIA_TYPE_video),
                                     SPA_FORMAT_mediaSubtype, SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw),
                                     SPA_FORMAT_VIDEO_format, SPA_POD_Id (SPA_VIDEO_FORMAT_BGRx),
                                     SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle (&SPA_RECTANGLE (self->width, self->height)),
                                     SPA_FORMAT_VIDEO_framerate,
                                     SPA_POD_CHOICE_RANGE_Fraction (&SPA_FRACTION (0, 1), &SPA_FRACTION (0, 1),
                                                                    &SPA_FRACTION (FPS, 1)));
}

static void
on_param_changed (void *data, guint32 id, const struct spa_pod *untrusted_param)
{
  GlbPublishNode *self = data;
  guint8 buffer[POD_SIZE];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  struct spa_video_info_raw info = { 0 };
  const struct spa_pod *params[2];
  guint stride = self->width * BYTES;

  if (id != SPA_PARAM_Format || self->freed)
    return;

  self->agreed = FALSE;
  if (untrusted_param == NULL)
    return;
  if (spa_format_video_raw_parse (untrusted_param, &info) < 0 || info.format != SPA_VIDEO_FORMAT_BGRx ||
      info.size.width != self->width || info.size.height != self->height)
    {
      pw_stream_set_error (self->stream, -EINVAL, "not the format of this screen");
      return;
    }

  self->agreed = TRUE;
  params[0] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
                                          SPA_PARAM_BUFFERS_buffers,
                                          SPA_POD_CHOICE_RANGE_Int (N_BUFFERS, N_BUFFERS_MIN, N_BUFFERS_MAX),
                                          SPA_PARAM_BUFFERS_blocks, SPA_POD_Int (1),
                                          SPA_PARAM_BUFFERS_size, SPA_POD_Int (stride * self->height),
                                          SPA_PARAM_BUFFERS_stride, SPA_POD_Int (stride),
                                          SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int (1 << SPA_DATA_MemFd));
  params[1] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
                                          SPA_PARAM_META_type, SPA_POD_Id (SPA_META_Header),
                                          SPA_PARAM_META_size, SPA_POD_Int (sizeof (struct spa_meta_header)));
  pw_stream_update_params (self->stream, params, G_N_ELEMENTS (params));
}

static void
tell_in_use (GlbPublishNode *self, gboolean in_use)
{
  if (self->in_use == in_use)
    return;

  self->in_use = in_use;
  self->events->in_use (in_use, self->user_data);
}

static void
on_idle (void *data, guint64 expirations)
{
  GlbPublishNode *self = data;

  if (!self->streaming && !self->failed)
    tell_in_use (self, FALSE);
}

static void
set_streaming (GlbPublishNode *self, gboolean streaming)
{
  if (self->streaming == streaming)
    return;

  self->streaming = streaming;
  if (streaming)
    tell_in_use (self, TRUE);
  else
    start_timer (self, self->idle_timer, IDLE_US);
}

static void
on_state_changed (void *data, enum pw_stream_state old, enum pw_stream_state state, const char *message)
{
  GlbPublishNode *self = data;

  if (self->freed || self->failed)
    return;

  set_streaming (self, state == PW_STREAM_STATE_STREAMING);
  if (state == PW_STREAM_STATE_STREAMING)
    {
      self->dirty = TRUE;
      hand_out (self);
    }
  else if (state == PW_STREAM_STATE_ERROR)
    fail (self, message != NULL ? message : "the person's PipeWire refused the stream");
  else if (state == PW_STREAM_STATE_UNCONNECTED && old != PW_STREAM_STATE_CONNECTING)
    fail (self, "the person's PipeWire took the node away");
}

static const struct pw_stream_events stream_events = {
  PW_VERSION_STREAM_EVENTS,
  .state_changed = on_state_changed,
  .param_changed = on_param_changed,
  .add_buffer = on_add_buffer,
  .remove_buffer = on_remove_buffer,
  .process = on_process,
};

/* ---- links to us ------------------------------------------------------------------ */

static void
link_free (gpointer data)
{
  Link *link = data;

  spa_hook_remove (&link->listener);
  pw_proxy_destroy (link->proxy);
  spa_hook_remove (&link->recorder_listener);
  pw_proxy_destroy (link->recorder);
  g_free (link);
}

/* The first picture of a recorder that comes while another one, and nothing else, goes on: when link and recorder can take it. */
static void
greet (Link *link)
{
  if (!link->active || !link->running)
    return;
  link->node->dirty = TRUE;
  hand_out (link->node);
}

static void
on_link_info (void *data, const struct pw_link_info *info)
{
  Link *link = data;
  gboolean active = info->state == PW_LINK_STATE_ACTIVE;

  if (link->active == active)
    return;
  link->active = active;
  greet (link);
}

static void
on_recorder_info (void *data, const struct pw_node_info *info)
{
  Link *link = data;
  gboolean running = info->state == PW_NODE_STATE_RUNNING;

  if (link->running == running)
    return;
  link->running = running;
  greet (link);
}

static const struct pw_node_events recorder_events = {
  PW_VERSION_NODE_EVENTS,
  .info = on_recorder_info,
};

static const struct pw_link_events link_events = {
  PW_VERSION_LINK_EVENTS,
  .info = on_link_info,
};

static guint32
get_number (const struct spa_dict *properties, const char *key)
{
  const char *value = spa_dict_lookup (properties, key);
  guint64 number;

  return value != NULL && g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32 - 1, &number, NULL) ? number : PW_ID_ANY;
}

static void
watch_link (GlbPublishNode *self, guint32 id, const struct spa_dict *properties)
{
  Link *link;

  if (self->node_id == PW_ID_ANY || get_number (properties, PW_KEY_LINK_OUTPUT_NODE) != self->node_id)
    return;

  link = g_new0 (Link, 1);
  link->node = self;
  link->id = id;
  link->proxy = pw_registry_bind (self->registry, id, PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, 0);
  link->recorder = pw_registry_bind (self->registry, get_number (properties, PW_KEY_LINK_INPUT_NODE), PW_TYPE_INTERFACE_Node,
                                     PW_VERSION_NODE, 0);
  pw_proxy_add_object_listener (link->proxy, &link->listener, &link_events, link);
  pw_proxy_add_object_listener (link->recorder, &link->recorder_listener, &recorder_events, link);
  g_ptr_array_add (self->links, link);
}

/* ---- the registry ------------------------------------------------------------------ */

static void
on_global (void *data, guint32 id, guint32 permissions, const char *type, guint32 version, const struct spa_dict *properties)
{
  GlbPublishNode *self = data;

  if (self->failed)
    return;
  if (++self->n_objects > OBJECTS_MAX)
    {
      fail (self, "the person's PipeWire has too many objects");
      return;
    }

  if (id == self->node_id)
    self->node_seen = TRUE;
  if (self->stream == NULL)
    {
      Global global = { .id = id };

      global.recorder = g_str_equal (type, PW_TYPE_INTERFACE_Node) && properties != NULL &&
                        g_strcmp0 (spa_dict_lookup (properties, PW_KEY_MEDIA_CLASS), "Stream/Input/Video") == 0;
      g_array_append_val (self->globals, global);
    }
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Link) && properties != NULL)
    watch_link (self, id, properties);
}

static void
on_global_remove (void *data, guint32 id)
{
  GlbPublishNode *self = data;

  self->n_objects -= self->n_objects > 0;
  if (id == self->node_id)
    self->node_seen = FALSE;
  for (guint i = self->globals->len; i-- > 0;)
    if (g_array_index (self->globals, Global, i).id == id)
      g_array_remove_index_fast (self->globals, i);
  for (guint i = self->links->len; i-- > 0;)
    if (((Link *) g_ptr_array_index (self->links, i))->id == id)
      g_ptr_array_remove_index_fast (self->links, i);
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

/* ---- the beginning ------------------------------------------------------------------- */

static void
give_up_rights (GlbPublishNode *self)
{
  g_autoptr(GArray) permissions = g_array_new (FALSE, FALSE, sizeof (struct pw_permission));
  struct pw_permission permission;
  guint32 own_id = pw_proxy_get_bound_id ((struct pw_proxy *) pw_core_get_client (self->core));

  for (guint i = 0; i < self->globals->len; i++)
    {
      const Global *global = &g_array_index (self->globals, Global, i);

      permission = (struct pw_permission) PW_PERMISSION_INIT (global->id, global->recorder || global->id == own_id ? PW_PERM_R : 0);
      if (global->id != PW_ID_CORE)
        g_array_append_val (permissions, permission);
    }
  permission = (struct pw_permission) PW_PERMISSION_INIT (PW_ID_CORE, PW_PERM_R | PW_PERM_X);
  g_array_append_val (permissions, permission);
  permission = (struct pw_permission) PW_PERMISSION_INIT (PW_ID_ANY, PW_PERM_R);
  g_array_append_val (permissions, permission);

  pw_client_update_permissions (pw_core_get_client (self->core), permissions->len,
                                &g_array_index (permissions, struct pw_permission, 0));
}

static guint32
get_node_id (gpointer user_data)
{
  return pw_stream_get_node_id (((GlbPublishNode *) user_data)->stream);
}

static void
on_bound (guint32 node_id, gpointer user_data)
{
  GlbPublishNode *self = user_data;

  if (node_id == PW_ID_ANY)
    {
      fail (self, "the person's PipeWire did not take the node");
      return;
    }

  self->node_id = node_id;
  self->node_seen = TRUE;
  give_up_rights (self);
  self->begun_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}

/* Video/Source and Camera are what programs look for that take pictures. */
static gboolean
open_stream (GlbPublishNode *self)
{
  guint8 buffer[POD_SIZE];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  const struct spa_pod *format = build_format (self, &builder);

  self->stream = pw_stream_new (self->core, self->description,
                                pw_properties_new (PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE, "Camera",
                                                   PW_KEY_NODE_NAME, self->name, PW_KEY_NODE_DESCRIPTION, self->description,
                                                   PW_KEY_APP_NAME, "Glovebox", NULL));
  if (self->stream == NULL)
    return FALSE;

  pw_stream_add_listener (self->stream, &self->stream_listener, &stream_events, self);
  if (pw_stream_connect (self->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                         PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_ALLOC_BUFFERS | PW_STREAM_FLAG_NO_CONVERT, &format, 1) < 0)
    return FALSE;

  self->binding = (GlbMediaBinding) { .core = self->core, .get_node_id = get_node_id, .bound = on_bound, .user_data = self };
  glb_media_binding_start (&self->binding);
  return TRUE;
}

static void
on_core_done (void *data, guint32 id, int seq)
{
  GlbPublishNode *self = data;

  if (self->failed || id != PW_ID_CORE)
    return;

  if (seq == self->list_seq && !open_stream (self))
    fail (self, "can't make a stream");
  else if (seq == self->begun_seq)
    self->events->begun (self->user_data);
  else if (seq == self->end_seq)
    self->events->ended (self->node_seen, self->user_data);
}

static void
on_core_error (void *data, guint32 id, int seq, int res, const char *message)
{
  if (id == PW_ID_CORE && res == -EPIPE)
    fail (data, "the person's PipeWire ended; start it (systemctl --user start pipewire), then publish again");
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
  .error = on_core_error,
};

GlbPublishNode *
glb_publish_node_new (struct pw_context          *context,
                      int                         fd,
                      const char                 *name,
                      const char                 *description,
                      guint                       width,
                      guint                       height,
                      const GlbPublishNodeEvents *events,
                      gpointer                    user_data)
{
  GlbPublishNode *self = g_new0 (GlbPublishNode, 1);

  self->events = events;
  self->user_data = user_data;
  self->name = g_strdup (name);
  self->description = g_strdup (description);
  self->node_id = PW_ID_ANY;
  self->list_seq = self->begun_seq = self->end_seq = -1;
  self->globals = g_array_new (FALSE, FALSE, sizeof (Global));
  self->links = g_ptr_array_new_with_free_func (link_free);
  self->loop = pw_context_get_main_loop (context);
  self->timer = pw_loop_add_timer (self->loop, on_timer, self);
  self->push_timer = pw_loop_add_timer (self->loop, on_push, self);
  self->idle_timer = pw_loop_add_timer (self->loop, on_idle, self);
  self->core = pw_context_connect_fd (context, fd, NULL, 0);
  if (self->core == NULL || width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX)
    {
      glb_publish_node_free (self);
      return NULL;
    }

  self->width = width;
  self->height = height;
  self->picture = g_malloc0 ((gsize) width * height * BYTES);
  pw_core_add_listener (self->core, &self->core_listener, &core_events, self);
  self->registry = pw_core_get_registry (self->core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self->registry, &self->registry_listener, &registry_events, self);
  self->list_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
  return self;
}

static void
close_stream (GlbPublishNode *self)
{
  glb_media_binding_stop (&self->binding);
  if (self->stream == NULL)
    return;

  /* the listener stays for on_remove_buffer() */
  self->freed = TRUE;
  pw_stream_disconnect (self->stream);
  g_clear_pointer (&self->stream, pw_stream_destroy);
}

void
glb_publish_node_free (GlbPublishNode *self)
{
  self->freed = TRUE;
  close_stream (self);
  g_ptr_array_unref (self->links);
  if (self->registry != NULL)
    {
      spa_hook_remove (&self->registry_listener);
      pw_proxy_destroy ((struct pw_proxy *) self->registry);
      spa_hook_remove (&self->core_listener);
    }
  if (self->core != NULL)
    pw_core_disconnect (self->core);
  pw_loop_destroy_source (self->loop, self->timer);
  pw_loop_destroy_source (self->loop, self->push_timer);
  pw_loop_destroy_source (self->loop, self->idle_timer);
  g_array_unref (self->globals);
  g_free (self->picture);
  g_free (self->name);
  g_free (self->description);
  g_free (self);
}

gboolean
glb_publish_node_update (GlbPublishNode *self, guint width, guint height, const guint8 *pixels, gsize stride,
                         guint x, guint y, guint rect_width, guint rect_height)
{
  if (width != self->width || height != self->height)
    return FALSE;
  if (x > width || rect_width > width - x || y > height || rect_height > height - y || stride < (gsize) width * BYTES)
    return FALSE;

  for (guint row = y; row < y + rect_height; row++)
    memcpy (self->picture + ((gsize) row * width + x) * BYTES, pixels + row * stride + (gsize) x * BYTES,
            (gsize) rect_width * BYTES);
  self->drawn = TRUE;
  self->dirty = TRUE;
  hand_out (self);
  return TRUE;
}

void
glb_publish_node_end (GlbPublishNode *self)
{
  gboolean was_there = self->node_id != PW_ID_ANY;

  self->streaming = FALSE;
  tell_in_use (self, FALSE);
  close_stream (self);
  if (!was_there)
    self->node_seen = FALSE;
  self->end_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}
