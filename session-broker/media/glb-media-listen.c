/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the session's programs play, for a person who listens: a sink
 * (Audio/Sink) of the session's instance that writes into a pipe. A pipe has
 * one direction, and we have its end for writing: nothing of the listener's
 * gets here. The listener is not waited for: what does not fit into the pipe is
 * lost, in whole pieces, so that no sample is ever cut in two.
 *
 * process() runs in the data thread; what the main thread changes is atomic.
 */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pipewire/filter.h>

#include "session-broker/media/glb-media-lease.h"
#include "session-broker/media/glb-media-ring.h"

/* Of one cycle; a graph that says more is not believed. */
#define CYCLE_MAX 8192

typedef struct
{
  GlbMediaLease parent;
  struct pw_loop *loop;
  struct pw_core *session;
  int fd;
  struct spa_source *reader;     /* says that nobody reads any more */
  struct spa_source *event;      /* to begin from the main loop */
  struct pw_filter *filter;      /* (nullable) */
  struct spa_hook listener;
  GlbMediaBinding binding;
  void *ports[GLB_MEDIA_CHANNELS];
  gint muted;                    /* atomic */
} Listen;

G_STATIC_ASSERT (GLB_MEDIA_PIECE <= PIPE_BUF);

static void
end (Listen *self, GlbMediaWhy why, const char *detail)
{
  self->parent.events->ended (&self->parent, why, detail, self->parent.user_data);
}

/* ---- samples -------------------------------------------------------------------- */

static void
on_process (void *data, struct spa_io_position *position)
{
  Listen *self = data;
  const float *channels[GLB_MEDIA_CHANNELS];
  guint8 piece[GLB_MEDIA_PIECE];
  guint n;

  if (position == NULL || position->clock.duration == 0 || position->clock.duration > CYCLE_MAX)
    return;

  n = position->clock.duration;
  for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
    {
      channels[c] = pw_filter_get_dsp_buffer (self->ports[c], n);
      if (g_atomic_int_get (&self->muted))
        channels[c] = NULL;
    }
  for (guint at = 0; at < n; at += GLB_MEDIA_PIECE_FRAMES)
    {
      guint frames = MIN (n - at, GLB_MEDIA_PIECE_FRAMES);

      /* up to PIPE_BUF bytes go in whole, or not at all */
      if (write (self->fd, piece, glb_media_piece_fill (piece, channels, at, frames)) < 0)
        return;
    }
}

/* ---- the node ----------------------------------------------------------------------- */

static void
on_state_changed (void *data, enum pw_filter_state old, enum pw_filter_state state, const char *message)
{
  if (state == PW_FILTER_STATE_ERROR)
    end (data, GLB_MEDIA_WHY_INTERNAL, message != NULL ? message : "the session's PipeWire refused the listener");
  else if (state == PW_FILTER_STATE_UNCONNECTED)
    end (data, GLB_MEDIA_WHY_INTERNAL, "the session's PipeWire took the listener away");
}

static const struct pw_filter_events filter_events = {
  PW_VERSION_FILTER_EVENTS,
  .state_changed = on_state_changed,
  .process = on_process,
};

static guint32
get_node_id (gpointer user_data)
{
  return pw_filter_get_node_id (((Listen *) user_data)->filter);
}

static void
on_bound (guint32 node_id, gpointer user_data)
{
  Listen *self = user_data;

  if (node_id == PW_ID_ANY)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "the session's PipeWire did not take the listener");
      return;
    }
  self->parent.node_id = node_id;
  self->parent.name = "glovebox.sound";
  self->parent.description = "Sound";
  self->parent.events->ready (&self->parent, self->parent.user_data);
}

static void
on_event (void *data, guint64 count)
{
  static const char * const names[GLB_MEDIA_CHANNELS] = { "FL", "FR" };
  Listen *self = data;

  self->filter = pw_filter_new (self->session, "Glovebox sound",
                                pw_properties_new (PW_KEY_MEDIA_CLASS, "Audio/Sink", PW_KEY_NODE_NAME, "glovebox.sound",
                                                   PW_KEY_NODE_DESCRIPTION, "Sound", NULL));
  if (self->filter == NULL)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "can't make a stream");
      return;
    }

  pw_filter_add_listener (self->filter, &self->listener, &filter_events, self);
  for (guint c = 0; c < GLB_MEDIA_CHANNELS; c++)
    self->ports[c] = pw_filter_add_port (self->filter, PW_DIRECTION_INPUT, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
                                         pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                            PW_KEY_PORT_NAME, names[c], PW_KEY_AUDIO_CHANNEL, names[c], NULL),
                                         NULL, 0);
  if (pw_filter_connect (self->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0) < 0)
    {
      end (self, GLB_MEDIA_WHY_INTERNAL, "can't connect a stream");
      return;
    }
  self->binding = (GlbMediaBinding) { .core = self->session, .get_node_id = get_node_id, .bound = on_bound, .user_data = self };
  glb_media_binding_start (&self->binding);
}

/* ---- beginning and end ------------------------------------------------------------ */

static void
on_reader (void *data, int fd, guint32 mask)
{
  Listen *self = data;

  pw_loop_update_io (self->loop, self->reader, 0);
  end (self, GLB_MEDIA_WHY_UNPLUGGED, "nobody listens any more");
}

static void
listen_set_muted (GlbMediaLease *parent, gboolean muted)
{
  g_atomic_int_set (&((Listen *) parent)->muted, muted);
}

static void
listen_free (GlbMediaLease *parent)
{
  Listen *self = (Listen *) parent;

  glb_media_binding_stop (&self->binding);
  if (self->filter != NULL)
    {
      spa_hook_remove (&self->listener);
      g_clear_pointer (&self->filter, pw_filter_destroy);
    }
  pw_loop_destroy_source (self->loop, self->event);
  pw_loop_destroy_source (self->loop, self->reader);
  close (self->fd);
  g_free (self);
}

static const GlbMediaLeaseClass listen_class = { listen_set_muted, listen_free };

GlbMediaLease *
glb_media_listen_new (struct pw_context         *context,
                      struct pw_core            *session,
                      const GlbMediaGrant       *grant,
                      int                        fd,
                      const GlbMediaLeaseEvents *events,
                      gpointer                   user_data)
{
  Listen *self;
  struct stat st;
  int flags = fcntl (fd, F_GETFL);

  /* to write into and nothing else */
  if (fstat (fd, &st) != 0 || !S_ISFIFO (st.st_mode) || flags < 0 || (flags & O_ACCMODE) != O_WRONLY ||
      fcntl (fd, F_SETFL, flags | O_NONBLOCK) != 0)
    {
      close (fd);
      return NULL;
    }

  /* a listener that goes is an error of write(), and not the end of us */
  signal (SIGPIPE, SIG_IGN);
  self = g_new0 (Listen, 1);
  self->parent = (GlbMediaLease) { .klass = &listen_class, .events = events, .user_data = user_data, .device = grant->device,
                                   .source = grant->source, .node_id = PW_ID_ANY };
  self->loop = pw_context_get_main_loop (context);
  self->session = session;
  self->fd = fd;
  self->reader = pw_loop_add_io (self->loop, fd, SPA_IO_ERR, FALSE, on_reader, self);
  self->event = pw_loop_add_event (self->loop, on_event, self);
  pw_loop_signal_event (self->loop, self->event);
  return &self->parent;
}
