/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-client"

#include "session-broker/client/glb-frame-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Two frames at most are ours: `held`, which the user looks at, and `next`,
 * the newest that came since. Every other frame goes back as soon as a newer
 * one is there, so that a slow user costs frames but never the stream.
 */

/* One mapped ring. A held frame keeps its ring, so that its pixels outlive the ring's replacement. */
typedef struct
{
  gatomicrefcount ref_count;
  GlbFrameRing info;
  guint8 *pixels;
} Ring;

typedef struct
{
  Ring *ring;                    /* NULL: no frame */
  GlbFrameInfo info;
} Slot;

struct _GlbFrameStream
{
  GObject parent_instance;

  int fd;
  GSource *source;
  GError *error;
  gboolean closed;

  Ring *ring;                    /* the newest */
  gboolean fresh;                /* nothing of this ring was given to the user */
  Slot held, next;
  GlbFrame frame;                /* of held, as the user sees it */
  guint8 *packet;                /* GLB_SHIM_MESSAGE_MAX */
};

G_DEFINE_FINAL_TYPE (GlbFrameStream, glb_frame_stream, G_TYPE_OBJECT)

enum { FRAME, CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static Ring *
ring_new (const GlbFrameRing *info,
          int                 fd,
          GError            **error)
{
  Ring *ring;
  void *pixels;
  int saved_errno;

  pixels = mmap (NULL, info->size, PROT_READ, MAP_SHARED, fd, 0);
  if (pixels == MAP_FAILED)
    {
      saved_errno = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "Can't map the ring of frames: %s", g_strerror (saved_errno));
      return NULL;
    }

  ring = g_new0 (Ring, 1);
  g_atomic_ref_count_init (&ring->ref_count);
  ring->info = *info;
  ring->pixels = pixels;
  return ring;
}

static Ring *
ring_ref (Ring *ring)
{
  g_atomic_ref_count_inc (&ring->ref_count);
  return ring;
}

static void
ring_unref (Ring *ring)
{
  if (!g_atomic_ref_count_dec (&ring->ref_count))
    return;

  munmap (ring->pixels, ring->info.size);
  g_free (ring);
}

static void
slot_clear (Slot *slot)
{
  g_clear_pointer (&slot->ring, ring_unref);
}

static void
close_stream (GlbFrameStream *self,
              GError         *error)
{
  if (self->closed)
    {
      g_clear_error (&error);
      return;
    }

  self->closed = TRUE;
  self->error = error;
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  close (self->fd);
  self->fd = -1;
  slot_clear (&self->next);
  g_signal_emit (self, signals[CLOSED], 0);
}

/* Gives the slot back, also where its ring was replaced since: the other end counts what each reader keeps. */
static void
give_back (GlbFrameStream *self,
           Slot           *slot)
{
  struct
  {
    GlbShimHeader header;
    GlbShimRelease release;
  } packet = {
    { .type = GLB_SHIM_RELEASE, .size = sizeof (GlbShimRelease) },
    { .generation = slot->ring->info.generation, .slot = slot->info.slot },
  };
  int saved_errno;

  slot_clear (slot);
  if (self->closed)
    return;

  if (send (self->fd, &packet, sizeof packet, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof packet)
    return;

  saved_errno = errno;
  if (saved_errno == EPIPE || saved_errno == ECONNRESET)
    close_stream (self, NULL);
  else
    close_stream (self, g_error_new (G_IO_ERROR, g_io_error_from_errno (saved_errno),
                                     "Can't release a frame: %s", g_strerror (saved_errno)));
}

/* A bounding box, in the first rectangle, where the list would grow too long. */
static void
add_rects (GlbFrameInfo       *info,
           const GlbFrameInfo *older)
{
  if (info->n_rects + older->n_rects <= GLB_SHIM_RECTS_MAX)
    {
      memcpy (info->rects + info->n_rects, older->rects, older->n_rects * sizeof *older->rects);
      info->n_rects += older->n_rects;
      return;
    }

  for (guint i = 0; i < older->n_rects + info->n_rects; i++)
    {
      const GlbRect *rect = i < info->n_rects ? &info->rects[i] : &older->rects[i - info->n_rects];
      GlbRect *box = &info->rects[0];
      int right = MAX (box->x + box->width, rect->x + rect->width);
      int bottom = MAX (box->y + box->height, rect->y + rect->height);

      box->x = MIN (box->x, rect->x);
      box->y = MIN (box->y, rect->y);
      box->width = right - box->x;
      box->height = bottom - box->y;
    }
  info->n_rects = 1;
}

static gboolean
handle_ring (GlbFrameStream *self,
             gsize           length,
             int             fd,
             GError        **error)
{
  GlbFrameRing info;
  Ring *ring;

  if (!glb_frame_message_parse_ring (self->packet, length, &info, error))
    return FALSE;
  if (self->ring != NULL && info.generation <= self->ring->info.generation)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "Malformed frame message: the ring is not newer than the one before");
      return FALSE;
    }
  if (!glb_frame_ring_check_fd (&info, fd, error))
    return FALSE;

  ring = ring_new (&info, fd, error);
  if (ring == NULL)
    return FALSE;

  if (self->next.ring != NULL)
    give_back (self, &self->next);
  g_clear_pointer (&self->ring, ring_unref);
  self->ring = ring;
  self->fresh = TRUE;
  return TRUE;
}

static gboolean
is_ours (const Slot *slot,
         const Ring *ring,
         guint       number)
{
  return slot->ring == ring && slot->info.slot == number;
}

static gboolean
handle_frame (GlbFrameStream *self,
              gsize           length,
              GError        **error)
{
  GlbFrameInfo info;
  Slot older = { 0 };

  if (self->ring == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "Malformed frame message: a frame before its ring");
      return FALSE;
    }
  if (!glb_frame_message_parse_frame (self->packet, length, &self->ring->info, &info, error))
    return FALSE;
  if (is_ours (&self->held, self->ring, info.slot) || is_ours (&self->next, self->ring, info.slot))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "Malformed frame message: a slot that was not released");
      return FALSE;
    }

  if (self->fresh)
    {
      info.n_rects = 1;
      info.rects[0] = (GlbRect) { 0, 0, (int) self->ring->info.width, (int) self->ring->info.height };
    }

  if (self->next.ring != NULL)
    {
      add_rects (&info, &self->next.info);
      older = self->next;
    }

  self->next.ring = ring_ref (self->ring);
  self->next.info = info;
  self->fresh = FALSE;
  if (older.ring != NULL)
    give_back (self, &older);
  return TRUE;
}

/* The descriptor of the packet, or -1; more than one is an error. All are ours to close. */
static gboolean
take_fd (struct msghdr *message,
         int           *fd)
{
  struct cmsghdr *cmsg;
  guint n_fds = 0;

  *fd = -1;
  for (cmsg = CMSG_FIRSTHDR (message); cmsg != NULL; cmsg = CMSG_NXTHDR (message, cmsg))
    {
      if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
        continue;
      for (gsize i = 0; i < (cmsg->cmsg_len - CMSG_LEN (0)) / sizeof (int); i++)
        {
          int received;

          memcpy (&received, CMSG_DATA (cmsg) + i * sizeof (int), sizeof received);
          if (n_fds++ == 0)
            *fd = received;
          else
            close (received);
        }
    }

  return n_fds <= 1;
}

static gboolean
handle_packet (GlbFrameStream *self,
               gsize           length,
               int             fd,
               GError        **error)
{
  guint type = glb_frame_message_get_type (self->packet, length, error);

  if (type == 0)
    return FALSE;

  if ((fd >= 0) != (type == GLB_SHIM_RING))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "Malformed frame message: a descriptor too many or too few");
      return FALSE;
    }

  return type == GLB_SHIM_RING ? handle_ring (self, length, fd, error) : handle_frame (self, length, error);
}

/* FALSE: nothing more to read now, or the stream is closed. */
static gboolean
read_packet (GlbFrameStream *self)
{
  union { struct cmsghdr align; char bytes[CMSG_SPACE (4 * sizeof (int))]; } control;
  struct iovec iov = { self->packet, GLB_SHIM_MESSAGE_MAX };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
                            .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
  GError *error = NULL;
  gboolean good;
  ssize_t n;
  int fd, saved_errno;

  do
    n = recvmsg (self->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);

  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return FALSE;
  if (n < 0)
    {
      saved_errno = errno;
      if (saved_errno != ECONNRESET)
        error = g_error_new (G_IO_ERROR, g_io_error_from_errno (saved_errno),
                             "Can't read frames: %s", g_strerror (saved_errno));
      close_stream (self, error);
      return FALSE;
    }

  good = take_fd (&message, &fd);
  if (n == 0)
    {
      if (fd >= 0)
        close (fd);
      close_stream (self, NULL);
      return FALSE;
    }
  if (good && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
    good = handle_packet (self, (gsize) n, fd, &error);
  else
    {
      good = FALSE;
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Malformed frame message: too large");
    }

  if (fd >= 0)
    close (fd);
  if (!good)
    close_stream (self, error);
  return good && !self->closed;
}

/* The newest frame becomes the one held, where none is. */
static void
advance (GlbFrameStream *self)
{
  const Ring *ring;

  if (self->held.ring != NULL || self->next.ring == NULL)
    return;

  self->held = self->next;
  self->next.ring = NULL;
  ring = self->held.ring;
  self->frame = (GlbFrame) {
    .pixels = ring->pixels + self->held.info.slot * ring->info.stride * ring->info.height,
    .width = ring->info.width,
    .height = ring->info.height,
    .stride = ring->info.stride,
    .frame = self->held.info.frame,
    .time_us = self->held.info.time_us,
    .rects = self->held.info.rects,
    .n_rects = self->held.info.n_rects,
  };
  g_signal_emit (self, signals[FRAME], 0);
}

static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  g_autoptr(GlbFrameStream) self = g_object_ref (user_data);

  /* Bounded: whoever sends without end must not keep the main loop from its other work. */
  for (guint i = 0; i < 16; i++)
    if (!read_packet (self))
      break;

  advance (self);
  return self->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
on_idle_advance (gpointer user_data)
{
  advance (user_data);
  return G_SOURCE_REMOVE;
}

static void
glb_frame_stream_dispose (GObject *object)
{
  GlbFrameStream *self = GLB_FRAME_STREAM (object);

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->closed = TRUE;

  G_OBJECT_CLASS (glb_frame_stream_parent_class)->dispose (object);
}

static void
glb_frame_stream_finalize (GObject *object)
{
  GlbFrameStream *self = GLB_FRAME_STREAM (object);

  slot_clear (&self->held);
  slot_clear (&self->next);
  g_clear_pointer (&self->ring, ring_unref);
  g_clear_error (&self->error);
  g_free (self->packet);

  G_OBJECT_CLASS (glb_frame_stream_parent_class)->finalize (object);
}

static void
glb_frame_stream_class_init (GlbFrameStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = glb_frame_stream_dispose;
  object_class->finalize = glb_frame_stream_finalize;

  /**
   * GlbFrameStream::frame:
   *
   * A frame is held: glb_frame_stream_peek() gives it.
   */
  signals[FRAME] = g_signal_new ("frame", GLB_TYPE_FRAME_STREAM, G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GlbFrameStream::closed:
   *
   * Nothing comes any more. A held frame stays readable until it is released.
   */
  signals[CLOSED] = g_signal_new ("closed", GLB_TYPE_FRAME_STREAM, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_frame_stream_init (GlbFrameStream *self)
{
  self->fd = -1;
}

GlbFrameStream *
glb_frame_stream_new (int      fd,
                      GError **error)
{
  GlbFrameStream *self;
  socklen_t length = sizeof (int);
  int type = 0;

  g_return_val_if_fail (fd >= 0, NULL);

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 || type != SOCK_SEQPACKET)
    {
      close (fd);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The stream of frames is no packet socket");
      return NULL;
    }

  self = g_object_new (GLB_TYPE_FRAME_STREAM, NULL);
  self->fd = fd;
  self->packet = g_malloc (GLB_SHIM_MESSAGE_MAX);
  self->source = g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

const GlbFrame *
glb_frame_stream_peek (GlbFrameStream *self)
{
  g_return_val_if_fail (GLB_IS_FRAME_STREAM (self), NULL);

  return self->held.ring == NULL ? NULL : &self->frame;
}

void
glb_frame_stream_release (GlbFrameStream *self)
{
  g_return_if_fail (GLB_IS_FRAME_STREAM (self));

  if (self->held.ring == NULL)
    return;

  give_back (self, &self->held);
  self->frame = (GlbFrame) { 0 };

  /* Not from here: the user may release in its handler of ::frame. */
  if (self->next.ring != NULL)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_idle_advance, g_object_ref (self), g_object_unref);
}

const GError *
glb_frame_stream_get_error (GlbFrameStream *self)
{
  g_return_val_if_fail (GLB_IS_FRAME_STREAM (self), NULL);

  return self->error;
}
