/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who has which slot: the hub keeps the newest one until every viewer has had
 * it; each viewer keeps at most one; each screenshot in the making keeps one.
 * Quick readers so make do with one slot's memory, and the next frame changes
 * only what is new in it. Who comes later asks the compositor to publish the
 * same frame again, which draws nothing. The counts are ours, nobody shares
 * memory for them, so a viewer that dies or dawdles can do no more than lose
 * its stream.
 *
 * A slow viewer does not slow the others: frames that it misses are merged
 * into the damage of the next one it gets. One that wants few frames is slow
 * of its own will.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-frame-hub.h"
#include "session-broker/sandbox/glb-send-fd.h"

#define VIEWERS_MAX         8
#define HOLD_DEADLINE_MS    250
#define ACQUIRE_DEADLINE_MS 3000
/* What a viewer misses is kept for it: not for hours. */
#define INTERVAL_MAX_MS     10000
/* The ring stays this long after its last reader: the next screenshot often comes soon. */
#define LINGER_MS           2000

struct _GlbFrameHub
{
  GObject parent_instance;

  GlbCompositor *compositor;
  GlbRing *ring;               /* (nullable) */
  guint refs[GLB_SHIM_SLOTS_MAX];
  int latest_slot;             /* -1: none */
  guint64 latest_frame;
  gint64 latest_time;
  GPtrArray *viewers;
  GQueue waiters;              /* Waiter */
  gboolean watching;
  gboolean capturing;          /* asked the compositor for the present frame */
  guint linger_id;
};

G_DEFINE_FINAL_TYPE (GlbFrameHub, glb_frame_hub, G_TYPE_OBJECT)

typedef struct
{
  GlbFrameHub *hub;
  int fd;
  guint read_id, deadline_id;
  guint generation;            /* of the ring it knows */
  int held;                    /* slot, -1: none */
  guint interval_ms;           /* it wants frames no more often than that; 0: all */
  gint64 next_us;              /* not before that, monotonic */
  guint pace_id;
  gboolean pending;            /* there is something it has not seen */
  guint n_rects;
  GlbShimRect rects[GLB_SHIM_RECTS_MAX];
} Viewer;

typedef struct
{
  GlbFrameHub *hub;
  GTask *task;
  guint64 frame;               /* this one or a newer one */
  guint timeout_id;
} Waiter;

struct _GlbHeldFrame
{
  GlbFrameHub *hub;
  GlbRing *ring;
  guint slot;
  guint64 frame;
};

/* ---- slots ---------------------------------------------------------------- */

static gboolean
somebody_needs_latest (GlbFrameHub *self)
{
  for (guint i = 0; i < self->viewers->len; i++)
    if (((const Viewer *) g_ptr_array_index (self->viewers, i))->pending)
      return TRUE;

  return !g_queue_is_empty (&self->waiters);
}

static void
slot_unref (GlbFrameHub *self, guint generation, int slot)
{
  if (slot < 0 || self->ring == NULL || self->ring->info.generation != generation)
    return;

  g_assert (self->refs[slot] > 0);
  if (--self->refs[slot] == 0)
    glb_compositor_release (self->compositor, generation, slot);
}

static void
drop_latest (GlbFrameHub *self)
{
  int slot = self->latest_slot;

  self->latest_slot = -1;
  if (self->ring != NULL)
    slot_unref (self, self->ring->info.generation, slot);
}

/* Nobody reads it but us, and nobody is waiting for it. */
static void
drop_latest_if_idle (GlbFrameHub *self)
{
  if (self->latest_slot >= 0 && self->refs[self->latest_slot] == 1 && !somebody_needs_latest (self))
    drop_latest (self);
}

/* A reader of a slot is done. */
static void
give_back (GlbFrameHub *self, guint generation, int slot)
{
  slot_unref (self, generation, slot);
  drop_latest_if_idle (self);
}

static void
capture (GlbFrameHub *self)
{
  if (self->capturing)
    return;

  self->capturing = TRUE;
  glb_compositor_capture (self->compositor);
}

static void
forget_ring (GlbFrameHub *self)
{
  self->latest_slot = -1;
  self->capturing = FALSE;
  memset (self->refs, 0, sizeof self->refs);
  g_clear_pointer (&self->ring, glb_ring_unref);
}

static gboolean
on_linger (gpointer user_data)
{
  GlbFrameHub *self = user_data;

  self->linger_id = 0;
  if (self->viewers->len > 0 || !g_queue_is_empty (&self->waiters))
    return G_SOURCE_REMOVE;

  self->watching = FALSE;
  forget_ring (self);
  glb_compositor_unwatch (self->compositor);
  return G_SOURCE_REMOVE;
}

static void
linger (GlbFrameHub *self)
{
  g_clear_handle_id (&self->linger_id, g_source_remove);
  if (self->viewers->len == 0)
    self->linger_id = g_timeout_add (LINGER_MS, on_linger, self);
}

/* ---- viewers -------------------------------------------------------------- */

static void
viewer_free (gpointer data)
{
  Viewer *viewer = data;

  viewer->pending = FALSE;
  give_back (viewer->hub, viewer->generation, viewer->held);
  g_clear_handle_id (&viewer->read_id, g_source_remove);
  g_clear_handle_id (&viewer->deadline_id, g_source_remove);
  g_clear_handle_id (&viewer->pace_id, g_source_remove);
  close (viewer->fd);
  g_free (viewer);
}

static void
drop_viewer (Viewer *viewer, const char *why)
{
  GlbFrameHub *self = viewer->hub;

  g_debug ("A viewer loses its stream: %s", why);
  g_ptr_array_remove_fast (self->viewers, viewer);
  linger (self);
}

static gboolean
on_hold_deadline (gpointer user_data)
{
  Viewer *viewer = user_data;

  viewer->deadline_id = 0;
  drop_viewer (viewer, "it keeps a slot too long");
  return G_SOURCE_REMOVE;
}

static void
add_damage (Viewer *viewer, const GlbShimRect *rects, guint n_rects)
{
  if (viewer->n_rects + n_rects > GLB_SHIM_RECTS_MAX)
    {
      GlbShimRect all = { 0 };

      for (guint i = 0; i < viewer->n_rects; i++)
        all = glb_shim_rect_union (all, viewer->rects[i]);
      for (guint i = 0; i < n_rects; i++)
        all = glb_shim_rect_union (all, rects[i]);
      viewer->rects[0] = all;
      viewer->n_rects = 1;
    }
  else if (n_rects > 0)
    {
      memcpy (viewer->rects + viewer->n_rects, rects, n_rects * sizeof *rects);
      viewer->n_rects += n_rects;
    }
  viewer->pending = viewer->pending || n_rects > 0;
}

static void
add_full_damage (Viewer *viewer)
{
  const GlbCompositorConfig *config = glb_compositor_get_config (viewer->hub->compositor);
  GlbShimRect all = { 0, 0, config->width, config->height };

  viewer->n_rects = 0;
  add_damage (viewer, &all, 1);
}

static gboolean
viewer_send (Viewer *viewer, GlbShimMessageType type, const void *payload, gsize size, const void *tail, gsize tail_size, int fd)
{
  GlbShimHeader header = { .type = type, .size = size + tail_size };
  struct iovec iov[3] = { { &header, sizeof header }, { (void *) payload, size }, { (void *) tail, tail_size } };

  return glb_send_with_fd (viewer->fd, iov, 3, fd) >= 0;
}

static gboolean deliver (Viewer *viewer);

static gboolean
on_pace (gpointer user_data)
{
  Viewer *viewer = user_data;

  viewer->pace_id = 0;
  deliver (viewer);
  return G_SOURCE_REMOVE;
}

/* TRUE: later, by itself. */
static gboolean
is_too_soon (Viewer *viewer)
{
  gint64 now;

  if (viewer->interval_ms == 0)
    return FALSE;

  now = g_get_monotonic_time ();
  if (now >= viewer->next_us)
    {
      viewer->next_us = now + viewer->interval_ms * G_TIME_SPAN_MILLISECOND;
      return FALSE;
    }
  if (viewer->pace_id == 0)
    viewer->pace_id = g_timeout_add ((viewer->next_us - now) / G_TIME_SPAN_MILLISECOND + 1, on_pace, viewer);
  return TRUE;
}

/* FALSE: it was dropped. */
static gboolean
deliver (Viewer *viewer)
{
  GlbFrameHub *self = viewer->hub;
  GlbShimFrame frame = { 0 };

  if (self->ring == NULL || self->latest_slot < 0 || !viewer->pending || viewer->held >= 0 || is_too_soon (viewer))
    return TRUE;
  if (viewer->generation != self->ring->info.generation)
    {
      if (!viewer_send (viewer, GLB_SHIM_RING, &self->ring->info, sizeof self->ring->info, NULL, 0, self->ring->fd))
        {
          drop_viewer (viewer, "it does not read");
          return FALSE;
        }
      viewer->generation = self->ring->info.generation;
      add_full_damage (viewer);
    }

  frame.generation = viewer->generation;
  frame.slot = self->latest_slot;
  frame.frame = self->latest_frame;
  frame.time_us = self->latest_time;
  frame.n_rects = viewer->n_rects;
  if (!viewer_send (viewer, GLB_SHIM_FRAME, &frame, sizeof frame, viewer->rects, viewer->n_rects * sizeof (GlbShimRect), -1))
    {
      drop_viewer (viewer, "it does not read");
      return FALSE;
    }

  viewer->held = self->latest_slot;
  self->refs[viewer->held]++;
  viewer->pending = FALSE;
  viewer->n_rects = 0;
  viewer->deadline_id = g_timeout_add (HOLD_DEADLINE_MS, on_hold_deadline, viewer);
  return TRUE;
}

static gboolean
on_viewer_readable (int fd, GIOCondition condition, gpointer user_data)
{
  Viewer *viewer = user_data;
  struct { GlbShimHeader header; GlbShimRelease release; } untrusted;
  ssize_t n = recv (fd, &untrusted, sizeof untrusted, MSG_DONTWAIT | MSG_TRUNC);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n != sizeof untrusted || untrusted.header.type != GLB_SHIM_RELEASE ||
      untrusted.header.size != sizeof untrusted.release)
    {
      viewer->read_id = 0;
      drop_viewer (viewer, n <= 0 ? "it went" : "it sent garbage");
      return G_SOURCE_REMOVE;
    }

  /* of a ring that was replaced meanwhile, or given back already: nothing to do */
  if (untrusted.release.generation != viewer->generation || viewer->held < 0 ||
      untrusted.release.slot != (guint) viewer->held)
    return G_SOURCE_CONTINUE;

  g_clear_handle_id (&viewer->deadline_id, g_source_remove);
  give_back (viewer->hub, viewer->generation, viewer->held);
  viewer->held = -1;
  return deliver (viewer) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- waiters -------------------------------------------------------------- */

static GlbHeldFrame *
hold_latest (GlbFrameHub *self)
{
  GlbHeldFrame *held = g_new0 (GlbHeldFrame, 1);

  held->hub = g_object_ref (self);
  held->ring = glb_ring_ref (self->ring);
  held->slot = self->latest_slot;
  held->frame = self->latest_frame;
  self->refs[held->slot]++;
  return held;
}

static void
waiter_free (Waiter *waiter)
{
  g_clear_handle_id (&waiter->timeout_id, g_source_remove);
  g_object_unref (waiter->task);
  g_free (waiter);
}

static gboolean
on_waiter_timeout (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->timeout_id = 0;
  g_queue_remove (&waiter->hub->waiters, waiter);
  g_task_return_new_error (waiter->task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "screenshot: the compositor gave no frame in time");
  waiter_free (waiter);
  return G_SOURCE_REMOVE;
}

static void
serve_waiters (GlbFrameHub *self)
{
  GList *next;

  for (GList *l = self->waiters.head; l != NULL; l = next)
    {
      Waiter *waiter = l->data;

      next = l->next;
      if (self->latest_slot < 0 || self->latest_frame < waiter->frame)
        continue;
      g_queue_delete_link (&self->waiters, l);
      g_task_return_pointer (waiter->task, hold_latest (self), (GDestroyNotify) glb_held_frame_free);
      waiter_free (waiter);
    }
}

/* ---- the compositor's events ---------------------------------------------- */

static void
on_ring (GlbCompositor *compositor, GlbRing *ring, gpointer user_data)
{
  GlbFrameHub *self = user_data;

  forget_ring (self);
  self->ring = glb_ring_ref (ring);
  for (guint i = 0; i < self->viewers->len; i++)
    {
      Viewer *viewer = g_ptr_array_index (self->viewers, i);

      viewer->held = -1;
      g_clear_handle_id (&viewer->deadline_id, g_source_remove);
      add_full_damage (viewer);
    }
}

static void
on_frame (GlbCompositor *compositor, const GlbShimMessage *message, gpointer user_data)
{
  GlbFrameHub *self = user_data;
  guint slot = message->frame.slot;

  /* still under way when the ring was given up */
  if (self->ring == NULL || message->frame.generation != self->ring->info.generation)
    return;
  if (self->refs[slot] > 0)
    {
      glb_compositor_kill (compositor, "it published a slot that is being read");
      return;
    }

  self->capturing = FALSE;
  drop_latest (self);
  self->refs[slot] = 1;
  self->latest_slot = slot;
  self->latest_frame = message->frame.frame;
  self->latest_time = message->frame.time_us;
  for (guint i = self->viewers->len; i > 0; i--)
    {
      Viewer *viewer = g_ptr_array_index (self->viewers, i - 1);

      add_damage (viewer, message->rects, message->n_rects);
      deliver (viewer);
    }
  serve_waiters (self);
  /* what was captured may have been older than what they wait for */
  if (!g_queue_is_empty (&self->waiters))
    capture (self);
  drop_latest_if_idle (self);
}

static void
on_died (GlbCompositor *compositor, const char *why, gpointer user_data)
{
  GlbFrameHub *self = user_data;
  Waiter *waiter;

  forget_ring (self);
  g_ptr_array_set_size (self->viewers, 0);
  g_clear_handle_id (&self->linger_id, g_source_remove);
  while ((waiter = g_queue_pop_head (&self->waiters)) != NULL)
    {
      g_task_return_new_error (waiter->task, G_IO_ERROR, G_IO_ERROR_CLOSED, "screenshot: the compositor ended");
      waiter_free (waiter);
    }
}

static void
glb_frame_hub_dispose (GObject *object)
{
  GlbFrameHub *self = GLB_FRAME_HUB (object);

  if (self->compositor != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->compositor, self);
      on_died (self->compositor, NULL, self);
    }
  g_clear_object (&self->compositor);

  G_OBJECT_CLASS (glb_frame_hub_parent_class)->dispose (object);
}

static void
glb_frame_hub_finalize (GObject *object)
{
  GlbFrameHub *self = GLB_FRAME_HUB (object);

  g_ptr_array_unref (self->viewers);

  G_OBJECT_CLASS (glb_frame_hub_parent_class)->finalize (object);
}

static void
glb_frame_hub_class_init (GlbFrameHubClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_frame_hub_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_frame_hub_finalize;
}

static void
glb_frame_hub_init (GlbFrameHub *self)
{
  self->latest_slot = -1;
  self->viewers = g_ptr_array_new_with_free_func (viewer_free);
  g_queue_init (&self->waiters);
}

GlbFrameHub *
glb_frame_hub_new (GlbCompositor *compositor)
{
  GlbFrameHub *self = g_object_new (GLB_TYPE_FRAME_HUB, NULL);

  self->compositor = g_object_ref (compositor);
  g_signal_connect (compositor, "ring", G_CALLBACK (on_ring), self);
  g_signal_connect (compositor, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (compositor, "died", G_CALLBACK (on_died), self);
  return self;
}

int
glb_frame_hub_add_viewer (GlbFrameHub *self, guint interval_ms, GError **error)
{
  Viewer *viewer;
  int pair[2];

  if (self->viewers->len >= VIEWERS_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "watch: %u viewers already; close one", VIEWERS_MAX);
      return -1;
    }
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "watch: no socket: %s", g_strerror (errno));
      return -1;
    }

  viewer = g_new0 (Viewer, 1);
  viewer->hub = self;
  viewer->fd = pair[0];
  viewer->held = -1;
  viewer->interval_ms = MIN (interval_ms, INTERVAL_MAX_MS);
  viewer->read_id = g_unix_fd_add (viewer->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_viewer_readable, viewer);
  add_full_damage (viewer);
  g_ptr_array_add (self->viewers, viewer);
  g_clear_handle_id (&self->linger_id, g_source_remove);
  if (!self->watching)
    {
      /* the ring that a screenshot made may have other slots: begin anew */
      self->watching = TRUE;
      drop_latest (self);
      glb_compositor_watch (self->compositor, GLB_FRAME_HUB_SLOTS);
    }
  else if (self->latest_slot >= 0)
    deliver (viewer);
  else
    capture (self);

  return pair[1];
}

guint
glb_frame_hub_get_n_viewers (GlbFrameHub *self)
{
  return self->viewers->len;
}

void
glb_frame_hub_acquire_async (GlbFrameHub *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  guint64 newest = glb_compositor_get_newest_frame (self->compositor);
  Waiter *waiter;

  g_task_set_source_tag (task, glb_frame_hub_acquire_async);
  if (!glb_compositor_is_alive (self->compositor))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "screenshot: the compositor ended");
      return;
    }

  linger (self);
  if (self->latest_slot >= 0 && self->latest_frame == newest)
    {
      g_task_return_pointer (task, hold_latest (self), (GDestroyNotify) glb_held_frame_free);
      return;
    }

  waiter = g_new0 (Waiter, 1);
  waiter->hub = self;
  waiter->task = g_steal_pointer (&task);
  waiter->frame = newest;
  waiter->timeout_id = g_timeout_add (ACQUIRE_DEADLINE_MS, on_waiter_timeout, waiter);
  g_queue_push_tail (&self->waiters, waiter);
  capture (self);
}

GlbHeldFrame *
glb_frame_hub_acquire_finish (GlbFrameHub *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const guint8 *
glb_held_frame_get_pixels (GlbHeldFrame *self)
{
  return glb_ring_slot (self->ring, self->slot);
}

const GlbShimRing *
glb_held_frame_get_info (GlbHeldFrame *self)
{
  return &self->ring->info;
}

guint64
glb_held_frame_get_frame (GlbHeldFrame *self)
{
  return self->frame;
}

void
glb_held_frame_free (GlbHeldFrame *self)
{
  give_back (self->hub, self->ring->info.generation, self->slot);
  glb_ring_unref (self->ring);
  g_object_unref (self->hub);
  g_free (self);
}
