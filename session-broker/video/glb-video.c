/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/video/glb-video.h"

#include <string.h>

#include "session-broker/record/glb-record-caption.h"
#include "session-broker/record/glb-record-reader.h"
#include "session-broker/video/glb-video-captions.h"
#include "session-broker/video/glb-video-clock.h"
#include "session-broker/video/glb-video-encoder.h"

/* So that the end can be seen. */
#define LAST_FRAMES (2000 / GLB_VIDEO_FRAME_MS)

typedef struct
{
  GlbRecordReader *reader;
  GlbVideoCaptions *captions;
  GlbVideoEncoder *encoder;
  GlbVideoClock clock;
  guint width, height;       /* of the video */
  guint n_shown;             /* records that are to be seen in the next frame: all before this one */
  gboolean has_screen;
  gboolean has_changed;      /* since the last frame */
  gboolean has_frame;        /* at least one */
  gint64 frame;              /* number of the next frame */
  void (*progress) (guint percent);   /* (nullable) */
  guint percent;             /* that was told */
} Maker;

static void
maker_clear (Maker *maker)
{
  g_clear_object (&maker->reader);
  g_clear_pointer (&maker->captions, glb_video_captions_free);
  g_clear_pointer (&maker->encoder, glb_video_encoder_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maker, maker_clear)

/* The screen above, the captions below. */
static GlbRecordImage *
compose_frame (Maker   *maker,
               GError **error)
{
  g_autoptr(GlbRecordImage) screen = glb_record_reader_get_screen (maker->reader, maker->n_shown - 1, error);
  GlbRecordImage *frame;

  if (screen == NULL)
    return NULL;
  frame = glb_record_image_new (maker->width, maker->height);
  if (frame == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't make a video: no memory");
      return NULL;
    }
  glb_record_image_put (frame, screen, 0, 0);
  glb_video_captions_draw (maker->captions, frame);
  return frame;
}

/* *flaw is set where the recording has no more screens. */
static gboolean
push_frame (Maker   *maker,
            char   **flaw,
            GError **error)
{
  g_autoptr(GError) screen_error = NULL;
  GlbRecordImage *frame;

  if (!maker->has_screen || !maker->has_changed)
    return TRUE;
  frame = compose_frame (maker, &screen_error);
  if (frame == NULL)
    {
      *flaw = g_strdup (screen_error->message);
      return TRUE;
    }
  maker->has_changed = FALSE;
  maker->has_frame = TRUE;
  return glb_video_encoder_push (maker->encoder, frame, maker->frame, error);
}

/* The next record that the video shows, from index on. caption: (out): what it says, or NULL. FALSE: no more. */
static gboolean
find_next (Maker  *maker,
           guint  *index,
           char  **caption)
{
  for (; *index < glb_record_reader_get_n_records (maker->reader); (*index)++)
    {
      g_autoptr(JsonObject) record = glb_record_reader_get_record (maker->reader, *index);

      *caption = glb_record_caption (record);
      if (*caption != NULL || strcmp (glb_record_reader_get_record_type (maker->reader, *index), "screen") == 0)
        return TRUE;
    }
  return FALSE;
}

/* What happens within a frame's time becomes one frame. */
static gboolean
take_record (Maker       *maker,
             guint        index,
             const char  *caption,
             char       **flaw,
             GError     **error)
{
  gint64 frame = glb_video_clock_advance (&maker->clock, glb_record_reader_get_record_ms (maker->reader, index));

  if (frame > maker->frame && !push_frame (maker, flaw, error))
    return FALSE;
  maker->frame = frame;
  maker->n_shown = index + 1;
  maker->has_changed = TRUE;
  if (caption != NULL)
    glb_video_captions_add (maker->captions, caption);
  else
    maker->has_screen = TRUE;
  return TRUE;
}

/* By records, of which each one takes about as long. */
static void
tell (Maker *maker,
      guint  index)
{
  guint percent = (guint) ((guint64) index * 100 / glb_record_reader_get_n_records (maker->reader));

  if (maker->progress == NULL || percent <= maker->percent)
    return;
  maker->percent = percent;
  maker->progress (percent);
}

static gboolean
push_all (Maker   *maker,
          char   **flaw,
          GError **error)
{
  char *next = NULL;

  for (guint i = 0; *flaw == NULL && find_next (maker, &i, &next); i++)
    {
      g_autofree char *caption = g_steal_pointer (&next);

      if (!take_record (maker, i, caption, flaw, error))
        return FALSE;
      tell (maker, i);
    }
  return *flaw != NULL || push_frame (maker, flaw, error);
}

/* The last picture again, which gives it its length. */
static gboolean
push_last (Maker   *maker,
           GError **error)
{
  char *ignored = NULL;
  gboolean pushed;

  maker->frame += LAST_FRAMES;
  maker->has_changed = TRUE;
  pushed = push_frame (maker, &ignored, error);
  g_free (ignored);
  return pushed;
}

static gboolean
open_recording (Maker       *maker,
                const char  *folder,
                GError     **error)
{
  guint width, height;

  maker->reader = glb_record_reader_open (folder, error);
  if (maker->reader == NULL)
    return FALSE;
  glb_record_reader_get_size (maker->reader, &width, &height);
  maker->width = width;
  maker->height = height + GLB_VIDEO_CAPTIONS_HEIGHT;
  if (glb_record_image_size_is_valid (maker->width, maker->height))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Can't make a video of %u x %u pixels: that is too large", width, height);
  return FALSE;
}

gboolean
glb_video_make (const char  *folder,
                const char  *path,
                char       **flaw,
                GError     **error)
{
  return glb_video_make_telling (folder, path, NULL, flaw, error);
}

gboolean
glb_video_make_telling (const char  *folder,
                        const char  *path,
                        void       (*progress) (guint percent),
                        char       **flaw,
                        GError     **error)
{
  g_auto(Maker) maker = { .progress = progress };
  g_autofree char *found = NULL;

  if (!open_recording (&maker, folder, error))
    return FALSE;
  maker.captions = glb_video_captions_new ();
  maker.encoder = glb_video_encoder_new (path, maker.width, maker.height, error);
  if (maker.encoder == NULL || !push_all (&maker, &found, error))
    return FALSE;
  if (!maker.has_frame)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Can't make a video of %s: %s", folder,
                   found != NULL ? found : "it has no screen");
      return FALSE;
    }
  if ((found == NULL && !push_last (&maker, error)) || !glb_video_encoder_finish (maker.encoder, error))
    return FALSE;
  *flaw = found != NULL ? g_steal_pointer (&found) : g_strdup (glb_record_reader_get_flaw (maker.reader));
  return TRUE;
}
