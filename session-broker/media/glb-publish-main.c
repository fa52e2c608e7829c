/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-publish: shows one session's screen to recorders of the person.
 * Started by the broker in a sandbox of its own, under an account of its own,
 * when the person publishes the screen; it ends with the control socket.
 *
 *   the session's compositor ══ ring, by the broker ══ us ══ (a connection that the broker made) ══ the person's PipeWire
 *
 * Everything on the left is hostile: only pixels go to the right, in a size
 * that the frames' reader has checked. Nothing goes to the left but the slots
 * that we give back. There are frames only while a recorder takes them.
 */

#define G_LOG_DOMAIN "glovebox-publish"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/client/glb-frame-stream.h"
#include "session-broker/media/glb-publish-node.h"
#include "session-broker/media/glb-publish-protocol.h"

#define CONTROL_FD  3
#define CONFIG_PATH "/run/glovebox/pipewire-client.conf"

typedef struct
{
  GMainLoop *main_loop;
  struct pw_loop *loop;
  struct pw_context *context;
  GlbPublishNode *node;          /* (nullable) */
  GlbFrameStream *stream;        /* (nullable): while a recorder takes frames */
  gboolean wanted;               /* a recorder takes frames */
  int exit_status;
} Helper;

static void
quit (Helper *self, int exit_status)
{
  self->exit_status = exit_status;
  g_main_loop_quit (self->main_loop);
}

/* The last line of standard error is what the broker gives as the reason. */
static void
give_up (Helper *self, const char *why)
{
  g_printerr ("glovebox-publish: %s\n", why);
  quit (self, 1);
}

static void
say (Helper *self, GlbPublishMessageType type, guint value)
{
  const struct { GlbPublishHeader header; GlbPublishSaid said; } packet = { { type, sizeof (GlbPublishSaid) }, { value, 0 } };

  /* the broker reads; one that does not is as good as gone */
  if (send (CONTROL_FD, &packet, sizeof packet, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof packet)
    quit (self, 1);
}

/* ---- frames ------------------------------------------------------------------------ */

static void
drop_stream (Helper *self)
{
  if (self->stream == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->stream, self);
  g_clear_object (&self->stream);
}

static void
on_frame (GlbFrameStream *stream, gpointer user_data)
{
  Helper *self = user_data;
  const GlbFrame *frame = glb_frame_stream_peek (stream);
  gboolean good = TRUE;

  for (guint i = 0; i < frame->n_rects && good; i++)
    {
      const GlbRect *rect = &frame->rects[i];

      good = glb_publish_node_update (self->node, frame->width, frame->height, frame->pixels, frame->stride,
                                      rect->x, rect->y, rect->width, rect->height);
    }
  glb_frame_stream_release (stream);
  if (!good)
    give_up (self, "the screen changed its size; publish again");
}

static void
on_stream_closed (GlbFrameStream *stream, gpointer user_data)
{
  const GError *error = glb_frame_stream_get_error (stream);

  give_up (user_data, error != NULL ? error->message : "it lost the session's frames; publish again");
}

/* Takes fd. */
static void
handle_stream (Helper *self, int fd)
{
  g_autoptr(GError) error = NULL;

  drop_stream (self);
  /* the recorder may have gone meanwhile */
  if (!self->wanted)
    {
      close (fd);
      return;
    }

  self->stream = glb_frame_stream_new (fd, &error);
  if (self->stream == NULL)
    {
      give_up (self, error->message);
      return;
    }
  g_signal_connect (self->stream, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (self->stream, "closed", G_CALLBACK (on_stream_closed), self);
}

/* ---- the node ------------------------------------------------------------------------ */

static void
on_begun (gpointer user_data)
{
  say (user_data, GLB_PUBLISH_BEGUN, 0);
}

static void
on_in_use (gboolean in_use, gpointer user_data)
{
  Helper *self = user_data;

  self->wanted = in_use;
  if (!in_use)
    drop_stream (self);
  say (self, GLB_PUBLISH_IN_USE, in_use);
}

static void
on_ended (guint n_nodes, gpointer user_data)
{
  say (user_data, GLB_PUBLISH_ENDED, n_nodes);
}

static void
on_failed (const char *why, gpointer user_data)
{
  give_up (user_data, why);
}

static const GlbPublishNodeEvents node_events = { on_begun, on_in_use, on_ended, on_failed };

/* Takes fd. */
static void
handle_begin (Helper *self, const GlbPublishBegin *begin, int fd)
{
  self->node = glb_publish_node_new (self->context, fd, begin->name, begin->description, begin->width, begin->height,
                                     &node_events, self);
  if (self->node == NULL)
    give_up (self, "can't connect to the person's PipeWire");
}

/* ---- the broker ----------------------------------------------------------------------- */

/* The broker is trusted; a message that is not understood is a mistake in one of us, and ends it. FALSE: so it is. */
static gboolean
handle_message (Helper *self, const GlbPublishHeader *header, const guint8 *payload, int fd)
{
  GlbPublishBegin begin;

  if (header->type == GLB_PUBLISH_BEGIN && self->node == NULL && header->size == sizeof begin && fd >= 0)
    {
      memcpy (&begin, payload, sizeof begin);
      if (memchr (begin.name, 0, sizeof begin.name) == NULL || memchr (begin.description, 0, sizeof begin.description) == NULL)
        return FALSE;
      handle_begin (self, &begin, fd);
      return TRUE;
    }
  if (header->type == GLB_PUBLISH_STREAM && self->node != NULL && header->size == 0 && fd >= 0)
    {
      handle_stream (self, fd);
      return TRUE;
    }
  if (header->type == GLB_PUBLISH_END && self->node != NULL && header->size == 0 && fd < 0)
    {
      drop_stream (self);
      glb_publish_node_end (self->node);
      return TRUE;
    }
  return FALSE;
}

static gboolean
on_control (int control_fd, GIOCondition condition, gpointer user_data)
{
  Helper *self = user_data;
  guint8 packet[GLB_PUBLISH_MESSAGE_MAX];
  struct iovec iov = { packet, sizeof packet };
  union { struct cmsghdr align; char space[CMSG_SPACE (sizeof (int))]; } control;
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space };
  ssize_t n = recvmsg (control_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR (&message) : NULL;
  GlbPublishHeader header;
  int fd = -1;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (cmsg != NULL && cmsg->cmsg_type == SCM_RIGHTS)
    memcpy (&fd, CMSG_DATA (cmsg), sizeof fd);
  if (n >= (ssize_t) sizeof header)
    {
      memcpy (&header, packet, sizeof header);
      if (header.size == n - sizeof header && handle_message (self, &header, packet + sizeof header, fd))
        return G_SOURCE_CONTINUE;
    }

  quit (self, n == 0 ? 0 : 1);
  return G_SOURCE_REMOVE;
}

/* PipeWire's loop runs in GLib's: the reader of frames is the latter's. */
static gboolean
on_pipewire (int fd, GIOCondition condition, gpointer user_data)
{
  Helper *self = user_data;

  if (pw_loop_iterate (self->loop, 0) >= 0)
    return G_SOURCE_CONTINUE;

  give_up (self, "PipeWire's loop failed");
  return G_SOURCE_REMOVE;
}

static gboolean
start (Helper *self)
{
  if (prctl (PR_SET_DUMPABLE, 0) != 0 || fcntl (CONTROL_FD, F_SETFD, FD_CLOEXEC) != 0)
    return FALSE;

  self->main_loop = g_main_loop_new (NULL, FALSE);
  self->loop = pw_loop_new (NULL);
  pw_loop_enter (self->loop);
  self->context = pw_context_new (self->loop, pw_properties_new (PW_KEY_CONFIG_NAME, CONFIG_PATH, NULL), 0);
  if (self->context == NULL)
    return FALSE;

  g_unix_fd_add (pw_loop_get_fd (self->loop), G_IO_IN, on_pipewire, self);
  g_unix_fd_add (CONTROL_FD, G_IO_IN | G_IO_HUP | G_IO_ERR, on_control, self);
  return TRUE;
}

static void
finish (Helper *self)
{
  drop_stream (self);
  g_clear_pointer (&self->node, glb_publish_node_free);
  g_clear_pointer (&self->context, pw_context_destroy);
  if (self->loop != NULL)
    {
      pw_loop_leave (self->loop);
      pw_loop_destroy (self->loop);
    }
  g_clear_pointer (&self->main_loop, g_main_loop_unref);
}

int
main (int argc, char **argv)
{
  Helper self = { 0 };

  if (argc != 1)
    {
      g_printerr ("glovebox-publish: the broker starts it\n");
      return 2;
    }

  pw_init (&argc, &argv);
  if (start (&self))
    g_main_loop_run (self.main_loop);
  else
    {
      g_printerr ("glovebox-publish: can't begin: %s\n", g_strerror (errno));
      self.exit_status = 1;
    }
  finish (&self);
  pw_deinit ();

  return self.exit_status;
}
