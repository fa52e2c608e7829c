/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program of the session, in the tests: media-client SOCKET WHAT. Says each
 * thing it sees as a line, until it is killed or its connection ends.
 *
 *   list         global TYPE CLASS NAME, for each that it sees; then "end"
 *   watch        the same for ever: global …, removed ID
 *   camera       frame COUNTER MICROSECONDS (of a test pattern; a picture that is all black has the counter 0)
 *   microphone   sound LEVEL, in thousandths, of each tenth of a second
 *   speaker      plays a tone; "state streaming" and the like
 *   rights       may NUMBER PERMISSIONS, for each right that each client has by itself (of a person's instance)
 *   webcam       is a camera, test.webcam, of YUY2 320x240, as a program can be (of a person's instance)
 *   monitor      sound LEVEL, of what the person's speaker plays (of a person's instance)
 *   link         tries to make a link by itself
 *   load         tries each factory and a module; tries to change others' permissions
 *   destroy      destroys all that it sees
 *   flood        makes objects without end
 *   params       changes its stream's parameters without end
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>

#include <glib.h>
#include <pipewire/pipewire.h>
#include <pipewire/filter.h>
#include <spa/param/audio/format-utils.h>
#include <spa/param/props.h>
#include <spa/param/video/format-utils.h>

#define FLOOD_STEP 20

typedef struct
{
  struct pw_main_loop *loop;
  struct pw_core *core;
  struct pw_registry *registry;
  struct pw_stream *stream;
  struct spa_hook core_listener, registry_listener, stream_listener;
  const char *what;
  int last_seq;
  guint32 format;
  guint width, height;
  double phase, level;
  guint n_samples;
  void *monitor;
  guint32 monitor_node, from, from_node, to;
  gboolean linked;
} Client;

static void
say (const char *line)
{
  printf ("%s\n", line);
  fflush (stdout);
}

/* ---- a program of the person, who may look at everything ---------------------------- */

static void
on_permissions (void *data, guint32 index, guint32 n_permissions, const struct pw_permission *permissions)
{
  for (guint i = 0; i < n_permissions; i++)
    {
      g_autofree char *line = g_strdup_printf ("may %d %o", (int) permissions[i].id, permissions[i].permissions & PW_PERM_RWX);

      say (line);
    }
}

static const struct pw_client_events client_events = {
  PW_VERSION_CLIENT_EVENTS,
  .permissions = on_permissions,
};

static void
ask_rights (Client *self, guint32 id)
{
  struct pw_proxy *proxy = pw_registry_bind (self->registry, id, PW_TYPE_INTERFACE_Client, PW_VERSION_CLIENT, 0);
  struct spa_hook *hook = g_new0 (struct spa_hook, 1);

  pw_proxy_add_object_listener (proxy, hook, &client_events, self);
  pw_client_get_permissions ((struct pw_client *) proxy, 0, 64);
}

static void
on_monitor_process (void *data, struct spa_io_position *position)
{
  Client *self = data;
  guint n = position->clock.duration;
  const float *samples = pw_filter_get_dsp_buffer (self->monitor, n);

  for (guint i = 0; samples != NULL && i < n; i++)
    {
      self->level = MAX (self->level, fabsf (samples[i]));
      if (++self->n_samples == 4800)
        {
          g_autofree char *line = g_strdup_printf ("sound %d", (int) (self->level * 1000));

          say (line);
          self->n_samples = 0;
          self->level = 0;
        }
    }
}

static const struct pw_filter_events monitor_events = {
  PW_VERSION_FILTER_EVENTS,
  .process = on_monitor_process,
};

static void
open_monitor (Client *self)
{
  struct pw_filter *filter = pw_filter_new (self->core, "monitor", pw_properties_new (PW_KEY_NODE_NAME, "test.monitor", NULL));

  pw_filter_add_listener (filter, &self->stream_listener, &monitor_events, self);
  self->monitor = pw_filter_add_port (filter, PW_DIRECTION_INPUT, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
                                      pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio", NULL), NULL, 0);
  pw_filter_connect (filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0);
}

/* From the first monitor port to our own, when both are there. */
static void
link_monitor (Client *self, guint32 id, const struct spa_dict *properties)
{
  guint32 node = g_ascii_strtoull (spa_dict_lookup (properties, PW_KEY_NODE_ID), NULL, 10);
  gboolean output = g_strcmp0 (spa_dict_lookup (properties, PW_KEY_PORT_DIRECTION), "out") == 0;

  if (output && self->from == 0 && g_strcmp0 (spa_dict_lookup (properties, PW_KEY_PORT_MONITOR), "true") == 0)
    {
      self->from = id;
      self->from_node = node;
    }
  if (!output && node == self->monitor_node)
    self->to = id;
  if (self->from != 0 && self->to != 0 && !self->linked)
    {
      struct pw_properties *link = pw_properties_new (NULL, NULL);

      self->linked = TRUE;
      pw_properties_setf (link, PW_KEY_LINK_OUTPUT_NODE, "%u", self->from_node);
      pw_properties_setf (link, PW_KEY_LINK_OUTPUT_PORT, "%u", self->from);
      pw_properties_setf (link, PW_KEY_LINK_INPUT_NODE, "%u", self->monitor_node);
      pw_properties_setf (link, PW_KEY_LINK_INPUT_PORT, "%u", self->to);
      pw_core_create_object (self->core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &link->dict, 0);
      pw_properties_free (link);
    }
}

/* ---- the registry ------------------------------------------------------------------ */

static void
on_global (void *data, guint32 id, guint32 permissions, const char *type, guint32 version, const struct spa_dict *properties)
{
  Client *self = data;
  const char *media_class = properties != NULL ? spa_dict_lookup (properties, PW_KEY_MEDIA_CLASS) : NULL;
  const char *name = properties != NULL ? spa_dict_lookup (properties, PW_KEY_NODE_NAME) : NULL;
  g_autofree char *line = g_strdup_printf ("global %u %s %s %s", id, strrchr (type, ':') + 1, media_class != NULL ? media_class : "-",
                                           name != NULL ? name : "-");

  say (line);
  if (g_str_equal (self->what, "rights") && g_str_equal (type, PW_TYPE_INTERFACE_Client))
    ask_rights (self, id);
  if (g_strcmp0 (name, "test.monitor") == 0)
    self->monitor_node = id;
  if (g_str_equal (self->what, "monitor") && g_str_equal (type, PW_TYPE_INTERFACE_Port))
    link_monitor (self, id, properties);
}

static void
on_global_remove (void *data, guint32 id)
{
  g_autofree char *line = g_strdup_printf ("removed %u", id);

  say (line);
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

/* ---- attacks ---------------------------------------------------------------------- */

static void
create (Client *self, const char *factory, const char *type, const struct spa_dict *properties)
{
  pw_core_create_object (self->core, factory, type, 3, properties, 0);
}

static void
attack_links (Client *self)
{
  for (guint from = 0; from < 64; from++)
    {
      char number[16];
      struct spa_dict_item items[] = { { PW_KEY_LINK_OUTPUT_NODE, number }, { PW_KEY_LINK_INPUT_NODE, "2" } };

      g_snprintf (number, sizeof number, "%u", from);
      create (self, "link-factory", PW_TYPE_INTERFACE_Link, &SPA_DICT_INIT (items, 2));
    }
}

static void
attack_factories (Client *self)
{
  static const char * const factories[] = { "spa-node-factory", "spa-device-factory", "adapter", "client-device", "metadata",
                                            "link-factory", "session-manager" };
  const struct spa_dict_item items[] = { { "factory.name", "support.node.driver" }, { "library.name", "support/libspa-support" } };

  for (guint i = 0; i < G_N_ELEMENTS (factories); i++)
    create (self, factories[i], PW_TYPE_INTERFACE_Node, &SPA_DICT_INIT (items, 2));
}

/* We are all that we may be: to say more changes nothing, and others are not there to be named. */
static void
attack_permissions (Client *self)
{
  const struct pw_permission all = PW_PERMISSION_INIT (PW_ID_ANY, PW_PERM_ALL);
  const struct spa_dict_item items[] = { { "pipewire.sec.uid", "1000" }, { "pipewire.access", "unrestricted" },
                                         { "pipewire.client.access", "unrestricted" } };

  pw_core_update_properties (self->core, &SPA_DICT_INIT (items, 3));
  pw_client_update_permissions (pw_core_get_client (self->core), 1, &all);
  for (guint id = 1; id < 64; id++)
    {
      struct pw_proxy *proxy = pw_registry_bind (self->registry, id, PW_TYPE_INTERFACE_Client, PW_VERSION_CLIENT, 0);

      pw_client_update_permissions ((struct pw_client *) proxy, 1, &all);
      pw_registry_destroy (self->registry, id);
    }
}

static void
attack_everything (Client *self)
{
  for (guint id = 0; id < 64; id++)
    pw_registry_destroy (self->registry, id);
}

/* ---- streams ---------------------------------------------------------------------- */

static guint32
read_counter (Client *self, const guint8 *pixels)
{
  guint bytes = self->format == SPA_VIDEO_FORMAT_YUY2 || self->format == SPA_VIDEO_FORMAT_UYVY ? 2 :
                self->format == SPA_VIDEO_FORMAT_I420 ? 1 : self->format == SPA_VIDEO_FORMAT_RGB ? 3 : 4;
  guint32 counter = 0;

  for (guint bit = 0; bit < 32; bit++)
    counter = counter << 1 | (pixels[(bit * self->width / 32 + 2) / 2 * 2 * bytes] > 128);
  return counter;
}

static void
on_frame (Client *self, struct spa_buffer *buffer)
{
  const struct spa_data *data = &buffer->datas[0];
  g_autofree char *line = NULL;

  if (data->data == NULL || data->chunk->size == 0)
    return;
  line = g_strdup_printf ("frame %u %" G_GINT64_FORMAT, read_counter (self, (const guint8 *) data->data + data->chunk->offset),
                          g_get_monotonic_time ());
  say (line);
}

static void
on_sound (Client *self, struct spa_buffer *buffer)
{
  const struct spa_data *data = &buffer->datas[0];
  const float *samples = data->data;

  for (guint i = 0; samples != NULL && i < data->chunk->size / sizeof (float); i++)
    {
      self->level = MAX (self->level, fabsf (samples[i]));
      if (++self->n_samples == 9600)
        {
          g_autofree char *line = g_strdup_printf ("sound %d", (int) (self->level * 1000));

          say (line);
          self->n_samples = 0;
          self->level = 0;
        }
    }
}

static void
make_sound (Client *self, struct spa_buffer *buffer)
{
  struct spa_data *data = &buffer->datas[0];
  float *samples = data->data;
  guint n = MIN (data->maxsize / 8, 1024);

  for (guint i = 0; samples != NULL && i < n; i++)
    {
      samples[i * 2] = samples[i * 2 + 1] = sin (self->phase) * 0.5;
      self->phase += 2 * G_PI * 440 / 48000;
    }
  data->chunk->offset = 0;
  data->chunk->stride = 8;
  data->chunk->size = n * 8;
}

static void
on_process (void *data)
{
  Client *self = data;
  struct pw_buffer *buffer;

  while ((buffer = pw_stream_dequeue_buffer (self->stream)) != NULL)
    {
      if (g_str_equal (self->what, "microphone"))
        on_sound (self, buffer->buffer);
      else if (g_str_equal (self->what, "speaker"))
        make_sound (self, buffer->buffer);
      else
        on_frame (self, buffer->buffer);
      pw_stream_queue_buffer (self->stream, buffer);
    }
}

static void
on_state (void *data, enum pw_stream_state old, enum pw_stream_state state, const char *message)
{
  g_autofree char *line = g_strdup_printf ("state %s", pw_stream_state_as_string (state));

  say (line);
}

static void
on_param (void *data, guint32 id, const struct spa_pod *param)
{
  Client *self = data;
  struct spa_video_info_raw info = { 0 };
  g_autofree char *line = NULL;

  if (id != SPA_PARAM_Format || param == NULL || spa_format_video_raw_parse (param, &info) < 0)
    return;
  self->format = info.format;
  self->width = info.size.width;
  self->height = info.size.height;
  line = g_strdup_printf ("format %u %u %u", info.format, info.size.width, info.size.height);
  say (line);
}

static const struct pw_stream_events stream_events = {
  PW_VERSION_STREAM_EVENTS,
  .state_changed = on_state,
  .param_changed = on_param,
  .process = on_process,
};

/* What a program usually says: it takes what there is, from 1x1 to 4096x4096. */
static const struct spa_pod *
build_video (struct spa_pod_builder *builder)
{
  return spa_pod_builder_add_object (builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat,
                                     SPA_FORMAT_mediaType, SPA_POD_Id (SPA_MEDIA_TYPE_video),
                                     SPA_FORMAT_mediaSubtype, SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw),
                                     SPA_FORMAT_VIDEO_format,
                                     SPA_POD_CHOICE_ENUM_Id (6, SPA_VIDEO_FORMAT_YUY2, SPA_VIDEO_FORMAT_YUY2, SPA_VIDEO_FORMAT_I420,
                                                             SPA_VIDEO_FORMAT_RGBx, SPA_VIDEO_FORMAT_RGB, SPA_VIDEO_FORMAT_UYVY),
                                     SPA_FORMAT_VIDEO_size,
                                     SPA_POD_CHOICE_RANGE_Rectangle (&SPA_RECTANGLE (320, 240), &SPA_RECTANGLE (1, 1),
                                                                     &SPA_RECTANGLE (4096, 4096)),
                                     SPA_FORMAT_VIDEO_framerate,
                                     SPA_POD_CHOICE_RANGE_Fraction (&SPA_FRACTION (30, 1), &SPA_FRACTION (0, 1),
                                                                    &SPA_FRACTION (120, 1)));
}

static void
open_stream (Client *self)
{
  guint8 buffer[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  gboolean sound = g_str_equal (self->what, "microphone") || g_str_equal (self->what, "speaker");
  gboolean plays = g_str_equal (self->what, "speaker");
  struct spa_audio_info_raw info = SPA_AUDIO_INFO_RAW_INIT (.format = SPA_AUDIO_FORMAT_F32, .rate = 48000, .channels = 2);
  const struct spa_pod *params[1];

  params[0] = sound ? spa_format_audio_raw_build (&builder, SPA_PARAM_EnumFormat, &info) : build_video (&builder);
  self->stream = pw_stream_new (self->core, "media-client",
                                pw_properties_new (PW_KEY_MEDIA_TYPE, sound ? "Audio" : "Video",
                                                   PW_KEY_MEDIA_CATEGORY, plays ? "Playback" : "Capture", NULL));
  /* a flood makes more than there are listeners */
  if (!g_str_equal (self->what, "flood"))
    pw_stream_add_listener (self->stream, &self->stream_listener, &stream_events, self);
  pw_stream_connect (self->stream, plays ? PW_DIRECTION_OUTPUT : PW_DIRECTION_INPUT, PW_ID_ANY,
                     PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS, params, 1);
}

/* ---- a camera ---------------------------------------------------------------------- */

static void
on_webcam_process (void *data)
{
  Client *self = data;
  struct pw_buffer *buffer = pw_stream_dequeue_buffer (self->stream);
  struct spa_data *block;

  if (buffer == NULL)
    return;
  block = &buffer->buffer->datas[0];
  if (block->data != NULL && block->maxsize >= 320 * 240 * 2)
    {
      memset (block->data, self->n_samples++, 320 * 240 * 2);
      block->chunk->offset = 0;
      block->chunk->stride = 320 * 2;
      block->chunk->size = 320 * 240 * 2;
    }
  pw_stream_queue_buffer (self->stream, buffer);
}

static void
on_webcam_tick (void *data, uint64_t expirations)
{
  Client *self = data;

  pw_stream_trigger_process (self->stream);
}

static void
on_webcam_param (void *data, guint32 id, const struct spa_pod *param)
{
  Client *self = data;
  guint8 buffer[512];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  const struct spa_pod *params[1];

  if (id != SPA_PARAM_Format || param == NULL)
    return;
  params[0] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
                                          SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int (4, 2, 8),
                                          SPA_PARAM_BUFFERS_blocks, SPA_POD_Int (1),
                                          SPA_PARAM_BUFFERS_size, SPA_POD_Int (320 * 240 * 2),
                                          SPA_PARAM_BUFFERS_stride, SPA_POD_Int (320 * 2));
  pw_stream_update_params (self->stream, params, 1);
}

static const struct pw_stream_events webcam_events = {
  PW_VERSION_STREAM_EVENTS,
  .state_changed = on_state,
  .param_changed = on_webcam_param,
  .process = on_webcam_process,
};

static void
open_webcam (Client *self)
{
  struct pw_loop *loop = pw_main_loop_get_loop (self->loop);
  struct spa_source *timer = pw_loop_add_timer (loop, on_webcam_tick, self);
  struct timespec interval = { .tv_nsec = 33333333 };
  guint8 buffer[512];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  const struct spa_pod *params[1];

  params[0] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat,
                                          SPA_FORMAT_mediaType, SPA_POD_Id (SPA_MEDIA_TYPE_video),
                                          SPA_FORMAT_mediaSubtype, SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw),
                                          SPA_FORMAT_VIDEO_format, SPA_POD_Id (SPA_VIDEO_FORMAT_YUY2),
                                          SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle (&SPA_RECTANGLE (320, 240)),
                                          SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction (&SPA_FRACTION (30, 1)));
  self->stream = pw_stream_new (self->core, "webcam",
                                pw_properties_new (PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_NODE_NAME, "test.webcam",
                                                   PW_KEY_NODE_DESCRIPTION, "Travel Camera", NULL));
  pw_stream_add_listener (self->stream, &self->stream_listener, &webcam_events, self);
  pw_stream_connect (self->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                     PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_NO_CONVERT, params, 1);
  pw_loop_update_timer (loop, timer, &interval, &interval, FALSE);
}

static void
flood (Client *self)
{
  if (g_str_equal (self->what, "params"))
    {
      guint8 buffer[1024];
      struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
      const struct spa_pod *params[1] = { build_video (&builder) };

      for (guint i = 0; i < FLOOD_STEP; i++)
        pw_stream_update_params (self->stream, params, 1);
    }
  else
    for (guint i = 0; i < FLOOD_STEP; i++)
      open_stream (self);
}

/* ---- the core ---------------------------------------------------------------------- */

static void
on_core_done (void *data, guint32 id, int seq)
{
  Client *self = data;

  if (id != PW_ID_CORE || seq != self->last_seq)
    return;

  if (g_str_equal (self->what, "flood") || g_str_equal (self->what, "params"))
    {
      flood (self);
      self->last_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
      return;
    }
  /* what was asked meanwhile is answered a turn later */
  if (g_str_equal (self->what, "rights") && !self->linked)
    {
      self->linked = TRUE;
      self->last_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
      return;
    }
  say ("end");
  if (g_str_equal (self->what, "list") || g_str_equal (self->what, "rights"))
    pw_main_loop_quit (self->loop);
}

static void
on_core_error (void *data, guint32 id, int seq, int res, const char *message)
{
  Client *self = data;
  g_autofree char *line = g_strdup_printf ("error %d %s", res, message);

  say (line);
  if (id == PW_ID_CORE && res == -EPIPE)
    pw_main_loop_quit (self->loop);
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
  .error = on_core_error,
};

int
main (int argc, char **argv)
{
  Client self = { 0 };
  struct pw_context *context;

  if (argc != 3)
    return 2;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  pw_init (NULL, NULL);
  self.what = argv[2];
  self.loop = pw_main_loop_new (NULL);
  context = pw_context_new (pw_main_loop_get_loop (self.loop), NULL, 0);
  self.core = pw_context_connect (context, pw_properties_new (PW_KEY_REMOTE_NAME, argv[1], NULL), 0);
  if (self.core == NULL)
    {
      say ("error connect");
      return 1;
    }

  pw_core_add_listener (self.core, &self.core_listener, &core_events, &self);
  self.registry = pw_core_get_registry (self.core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self.registry, &self.registry_listener, &registry_events, &self);
  if (g_str_equal (self.what, "link"))
    attack_links (&self);
  else if (g_str_equal (self.what, "load"))
    {
      attack_factories (&self);
      attack_permissions (&self);
    }
  else if (g_str_equal (self.what, "webcam"))
    open_webcam (&self);
  else if (g_str_equal (self.what, "monitor"))
    open_monitor (&self);
  else if (g_str_equal (self.what, "destroy"))
    attack_everything (&self);
  else if (!g_strv_contains ((const char * const []) { "list", "rights", "watch", "flood", NULL }, self.what))
    open_stream (&self);
  self.last_seq = pw_core_sync (self.core, PW_ID_CORE, 0);
  pw_main_loop_run (self.loop);

  return 0;
}
