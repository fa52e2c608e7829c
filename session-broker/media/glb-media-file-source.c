/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A picture, or a film that goes round, in place of a camera. The file is a
 * sealed copy, so that what was looked at once is there to the end; it is
 * foreign all the same, and is parsed here, where there is nothing to take.
 *
 * A large picture takes its time, and the main loop has none: other devices
 * are to be taken back at once. So a thread of its own parses, which nobody
 * waits for: what goes away first leaves it alone with its result.
 */

#define G_LOG_DOMAIN "glovebox-media"
#include "config.h"

#include "session-broker/media/glb-media-file.h"
#include "session-broker/media/glb-media-picture.h"
#include "session-broker/media/glb-media-video-source.h"
#include "session-broker/media/glb-media-y4m.h"

#define STILL_FPS 30

/* Shared by a source and its thread. */
typedef struct
{
  gatomicrefcount ref_count;
  GBytes *file;
  struct pw_loop *loop;
  GMutex lock;
  struct spa_source *event;     /* (nullable): the source is gone; under the lock */
  /* the thread's until it has signalled event, then the source's */
  GlbMediaPicture *picture;
  GlbMediaY4m *film;
  GError *error;
} Reading;

typedef struct
{
  GlbMediaVideoSource parent;
  struct pw_loop *loop;
  struct spa_source *timer;
  Reading *reading;
  char *description;
  GlbMediaPicture *picture;     /* (nullable): a picture; reading's, like film */
  GlbMediaY4m *film;            /* (nullable): a film */
  guint64 index;                /* of the film's next frame, round and round */
} FileSource;

static const struct { guint width, height; } usual_sizes[] = { { 1280, 720 }, { 640, 480 }, { 320, 240 } };

static void
add_modes (GArray *modes, guint width, guint height, guint fps, const GlbMediaPixels pixels[3])
{
  for (guint i = 0; i < 3; i++)
    {
      GlbMediaMode mode = { pixels[i], width, height, fps };

      g_array_append_val (modes, mode);
    }
}

/* Its own size first: pixel by pixel. */
static void
offer_picture (FileSource *self)
{
  static const GlbMediaPixels pixels[3] = { GLB_MEDIA_RGBX, GLB_MEDIA_YUY2, GLB_MEDIA_I420 };

  add_modes (self->parent.modes, self->picture->width, self->picture->height, STILL_FPS, pixels);
  for (guint i = 0; i < G_N_ELEMENTS (usual_sizes); i++)
    if (usual_sizes[i].width != self->picture->width || usual_sizes[i].height != self->picture->height)
      add_modes (self->parent.modes, usual_sizes[i].width, usual_sizes[i].height, STILL_FPS, pixels);
}

/* As what costs nothing to make of it, thirty times a second. */
static void
offer_film (FileSource *self)
{
  static const GlbMediaPixels pixels[3] = { GLB_MEDIA_I420, GLB_MEDIA_NV12, GLB_MEDIA_YUY2 };
  const GlbMediaMode *mode = &self->film->mode;

  add_modes (self->parent.modes, mode->width, mode->height, mode->fps, pixels);
}

/* ---- frames ------------------------------------------------------------------- */

static void
draw_film (FileSource *self)
{
  GlbMediaVideoSource *parent = &self->parent;
  guint index = self->index % self->film->n_frames;
  g_autofree guint8 *frame = NULL;
  GlbMediaLayout layout;

  if (parent->mode.pixels == GLB_MEDIA_I420)
    {
      glb_media_y4m_get_frame (self->film, index, parent->frame);
      return;
    }

  glb_media_layout_init (&layout, &self->film->mode);
  frame = g_malloc (layout.size);
  glb_media_y4m_get_frame (self->film, index, frame);
  glb_media_frame_repack (parent->frame, &parent->mode, &parent->layout, frame);
}

static void
on_tick (void *data, guint64 expirations)
{
  FileSource *self = data;
  GlbMediaVideoSource *parent = &self->parent;

  if (self->film != NULL)
    {
      /* who is late leaves frames out, so that the film keeps its pace */
      self->index += self->index == 0 ? 0 : expirations - 1;
      draw_film (self);
      self->index++;
    }
  parent->events->frame (parent, parent->user_data);
}

static void
file_start (GlbMediaVideoSource *parent)
{
  FileSource *self = (FileSource *) parent;
  guint64 interval = SPA_NSEC_PER_SEC / STILL_FPS;
  struct timespec first = { .tv_nsec = 1 }, period;

  self->index = 0;
  if (self->film != NULL)
    interval = SPA_NSEC_PER_SEC * self->film->per / self->film->rate;
  else
    glb_media_frame_draw (parent->frame, &parent->mode, &parent->layout, self->picture->pixels, self->picture->width, self->picture->height);
  period = (struct timespec) { .tv_sec = interval / SPA_NSEC_PER_SEC, .tv_nsec = interval % SPA_NSEC_PER_SEC };
  pw_loop_update_timer (self->loop, self->timer, &first, &period, FALSE);
}

static void
file_stop (GlbMediaVideoSource *parent)
{
  FileSource *self = (FileSource *) parent;

  pw_loop_update_timer (self->loop, self->timer, NULL, NULL, FALSE);
}

/* ---- reading ------------------------------------------------------------------ */

static void
reading_unref (Reading *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->picture, glb_media_picture_free);
  g_clear_pointer (&self->film, glb_media_y4m_free);
  g_clear_error (&self->error);
  g_bytes_unref (self->file);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
parse (Reading *self)
{
  gsize size;
  const guint8 *untrusted = g_bytes_get_data (self->file, &size);

  switch (glb_media_file_detect (untrusted, size))
    {
    case GLB_MEDIA_FILE_PNG:
      self->picture = glb_media_picture_new (untrusted, size, &self->error);
      break;
    case GLB_MEDIA_FILE_Y4M:
      self->film = glb_media_y4m_new (untrusted, size, &self->error);
      break;
    case GLB_MEDIA_FILE_WAV:
    case GLB_MEDIA_FILE_UNKNOWN:
    default:
      g_set_error_literal (&self->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)");
    }
}

static gpointer
read_thread (gpointer data)
{
  Reading *self = data;

  parse (self);
  g_mutex_lock (&self->lock);
  if (self->event != NULL)
    pw_loop_signal_event (self->loop, self->event);
  g_mutex_unlock (&self->lock);
  reading_unref (self);
  return NULL;
}

static void
on_read (void *data, guint64 count)
{
  FileSource *self = data;
  GlbMediaVideoSource *parent = &self->parent;

  self->picture = self->reading->picture;
  self->film = self->reading->film;
  if (self->picture != NULL)
    offer_picture (self);
  else if (self->film != NULL)
    offer_film (self);
  if (parent->modes->len > 0)
    parent->events->ready (parent, parent->user_data);
  else
    parent->events->ended (parent, GLB_MEDIA_WHY_FILE, self->reading->error->message, parent->user_data);
}

/* Takes file. NULL: there is no thread for it. */
static Reading *
reading_new (FileSource *source, GBytes *file)
{
  Reading *self = g_new0 (Reading, 1);
  GThread *thread;

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->file = file;
  self->loop = source->loop;
  self->event = pw_loop_add_event (self->loop, on_read, source);
  g_atomic_ref_count_inc (&self->ref_count);
  thread = g_thread_try_new ("glovebox-file", read_thread, self, NULL);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return self;
    }

  pw_loop_destroy_source (self->loop, self->event);
  reading_unref (self);
  reading_unref (self);
  return NULL;
}

/* The thread goes on for a while, and signals nobody. */
static void
reading_leave (Reading *self)
{
  struct spa_source *event;

  g_mutex_lock (&self->lock);
  event = g_steal_pointer (&self->event);
  g_mutex_unlock (&self->lock);
  pw_loop_destroy_source (self->loop, event);
  reading_unref (self);
}

/* ---- beginning and end ---------------------------------------------------------- */

static void
file_free (GlbMediaVideoSource *parent)
{
  FileSource *self = (FileSource *) parent;

  pw_loop_destroy_source (self->loop, self->timer);
  reading_leave (self->reading);
  g_free (self->description);
  g_free (self);
}

static const GlbMediaVideoSourceClass file_class = { file_start, file_stop, file_free };

GlbMediaVideoSource *
glb_media_file_source_new (struct pw_loop                  *loop,
                           int                              fd,
                           const char                      *description,
                           const GlbMediaVideoSourceEvents *events,
                           gpointer                         user_data)
{
  GBytes *file = glb_media_file_map (fd);
  FileSource *self;

  if (file == NULL)
    return NULL;

  self = g_new0 (FileSource, 1);
  self->loop = loop;
  self->reading = reading_new (self, file);
  if (self->reading == NULL)
    {
      g_free (self);
      return NULL;
    }
  glb_media_video_source_init (&self->parent, &file_class, events, user_data);
  self->description = g_strdup (description);
  self->timer = pw_loop_add_timer (loop, on_tick, self);
  self->parent.name = GLB_MEDIA_FILE_NAME;
  self->parent.description = self->description;

  return &self->parent;
}
