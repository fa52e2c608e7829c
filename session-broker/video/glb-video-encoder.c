/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GStreamer's threads tell us by signals whether the pipeline wants more, has
 * failed or is through; whoever pushes waits for that, with a deadline.
 */

#include "session-broker/video/glb-video-encoder.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/client/glb-save.h"
#include "session-broker/video/glb-video-clock.h"

/* As its pixels are in memory. */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define FORMAT "BGRx"
#else
#define FORMAT "xRGB"
#endif

#define N_FRAMES_QUEUED 4u

/* Screens are read, so they are sharp rather than small. */
#define PIPELINE \
  "appsrc name=source ! videoconvert ! vp8enc deadline=1 cpu-used=4 threads=2 end-usage=cq cq-level=12 max-quantizer=40 " \
  "target-bitrate=8000000 keyframe-max-dist=100 ! webmmux ! filesink name=sink"

struct _GlbVideoEncoder
{
  char *path;
  char *partial;             /* (nullable): what is written; NULL: nothing, or it has its name */
  GstElement *pipeline;
  GstElement *source;

  GMutex mutex;
  GCond changed;
  gboolean wants_more;
  gboolean is_through;
  GError *failure;
};

/* ---- when a signal ends us ---------------------------------------------------- */

/* Of the one file that is being written. */
static char partial_of_signal[4096];

static void
handle_signal (int number)
{
  unlink (partial_of_signal);
  signal (number, SIG_DFL);
  raise (number);
}

static void
remove_at_signals (const char *partial)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

  if (g_strlcpy (partial_of_signal, partial, sizeof partial_of_signal) >= sizeof partial_of_signal)
    partial_of_signal[0] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    signal (numbers[i], handle_signal);
}

/* ---- the pipeline ------------------------------------------------------------- */

static void
set_wants_more (GlbVideoEncoder *self,
                gboolean         wants_more)
{
  g_mutex_lock (&self->mutex);
  self->wants_more = wants_more;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
on_need_data (GstAppSrc *source,
              guint      length,
              gpointer   user_data)
{
  set_wants_more (user_data, TRUE);
}

static void
on_enough_data (GstAppSrc *source,
                gpointer   user_data)
{
  set_wants_more (user_data, FALSE);
}

/* In any thread. Who drops a message frees it. */
static GstBusSyncReply
on_message (GstBus     *bus,
            GstMessage *message,
            gpointer    user_data)
{
  GlbVideoEncoder *self = user_data;

  g_mutex_lock (&self->mutex);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    self->is_through = TRUE;
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR && self->failure == NULL)
    gst_message_parse_error (message, &self->failure, NULL);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* Until the flag is set, or it cannot be any more. */
static gboolean
wait_for (GlbVideoEncoder  *self,
          const gboolean   *flag,
          GError          **error)
{
  gint64 deadline = g_get_monotonic_time () + GLB_VIDEO_DEADLINE_S * G_TIME_SPAN_SECOND;
  gboolean in_time = TRUE;
  gboolean done;

  g_mutex_lock (&self->mutex);
  while (!*flag && self->failure == NULL && in_time)
    in_time = g_cond_wait_until (&self->changed, &self->mutex, deadline);
  done = *flag && self->failure == NULL;
  if (self->failure != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't encode: %s", self->failure->message);
  else if (!done)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 "Can't encode: the encoder did nothing for %d s; try again when this host has time", GLB_VIDEO_DEADLINE_S);
  g_mutex_unlock (&self->mutex);
  return done;
}

static void
set_up_source (GlbVideoEncoder *self,
               guint            width,
               guint            height)
{
  GstAppSrcCallbacks callbacks = { .need_data = on_need_data, .enough_data = on_enough_data };
  g_autoptr(GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, FORMAT, "width", G_TYPE_INT, width,
                                                 "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);

  g_object_set (self->source, "caps", caps, "format", GST_FORMAT_TIME, "max-bytes",
                (guint64) N_FRAMES_QUEUED * 4 * width * height, NULL);
  gst_app_src_set_callbacks (GST_APP_SRC (self->source), &callbacks, self, NULL);
}

static gboolean
make_pipeline (GlbVideoEncoder  *self,
               guint             width,
               guint             height,
               GError          **error)
{
  g_autoptr(GstElement) sink = NULL;
  g_autoptr(GstBus) bus = NULL;

  self->pipeline = gst_parse_launch_full (PIPELINE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (self->pipeline == NULL)
    {
      g_prefix_error (error, "Can't encode; install gstreamer1.0-plugins-base and gstreamer1.0-plugins-good: ");
      return FALSE;
    }
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "source");
  sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  set_up_source (self, width, height);
  g_object_set (sink, "location", self->partial, NULL);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_message, self, NULL);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't encode: %s",
               self->failure != NULL ? self->failure->message : "GStreamer does not start");
  return FALSE;
}

static gboolean
make_partial (GlbVideoEncoder  *self,
              GError          **error)
{
  g_autofree char *name = NULL;
  int fd;

  /* the muxer goes back in what it wrote, which a FIFO does not take */
  name = glb_save_is_stream (self->path) ? g_build_filename (g_get_tmp_dir (), "glovebox-video-XXXXXX", NULL)
                                         : g_strconcat (self->path, ".XXXXXX", NULL);
  fd = g_mkstemp (name);

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't write %s: %s", self->path, g_strerror (errno));
      return FALSE;
    }
  close (fd);
  self->partial = g_steal_pointer (&name);
  remove_at_signals (self->partial);
  return TRUE;
}

/* ---- what its user calls -------------------------------------------------------- */

GlbVideoEncoder *
glb_video_encoder_new (const char  *path,
                       guint        width,
                       guint        height,
                       GError     **error)
{
  g_autoptr(GlbVideoEncoder) self = g_new0 (GlbVideoEncoder, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->path = g_strdup (path);
  if (!make_partial (self, error) || !make_pipeline (self, width, height, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
glb_video_encoder_push (GlbVideoEncoder  *self,
                        GlbRecordImage   *frame,
                        gint64            number,
                        GError          **error)
{
  gsize size = 4 * (gsize) frame->width * frame->height;
  GstBuffer *buffer = gst_buffer_new_wrapped (g_steal_pointer (&frame->pixels), size);

  glb_record_image_free (frame);
  GST_BUFFER_PTS (buffer) = number * GLB_VIDEO_FRAME_MS * GST_MSECOND;
  if (!wait_for (self, &self->wants_more, error))
    {
      gst_buffer_unref (buffer);
      return FALSE;
    }
  if (gst_app_src_push_buffer (GST_APP_SRC (self->source), buffer) == GST_FLOW_OK)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't encode: the encoder takes no more frames");
  return FALSE;
}

static gboolean
pass_on (GlbVideoEncoder  *self,
         GError          **error)
{
  g_autofree char *video = NULL;
  gsize length;

  return g_file_get_contents (self->partial, &video, &length, error) && glb_save (self->path, video, length, error);
}

gboolean
glb_video_encoder_finish (GlbVideoEncoder  *self,
                          GError          **error)
{
  gst_app_src_end_of_stream (GST_APP_SRC (self->source));
  if (!wait_for (self, &self->is_through, error))
    return FALSE;
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  if (glb_save_is_stream (self->path))
    return pass_on (self, error);
  if (g_rename (self->partial, self->path) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't write %s: %s", self->path, g_strerror (errno));
      return FALSE;
    }
  g_clear_pointer (&self->partial, g_free);
  return TRUE;
}

void
glb_video_encoder_free (GlbVideoEncoder *self)
{
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->source);
  gst_clear_object (&self->pipeline);
  if (self->partial != NULL)
    g_unlink (self->partial);
  g_free (self->partial);
  g_free (self->path);
  g_clear_error (&self->failure);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}
