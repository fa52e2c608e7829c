/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "session-broker/media/glb-media-file.h"
#include "session-broker/media/glb-media-mode.h"
#include "session-broker/media/glb-media-picture.h"
#include "session-broker/media/glb-media-wav.h"
#include "session-broker/media/glb-media-y4m.h"

/* Whatever the bytes: a refusal with one line, or frames and samples that can all be taken. Each input goes through all parsers. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_refusal (GError *error)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpuint (strlen (error->message), <, 256);
  for (const char *c = error->message; *c != '\0'; c++)
    g_assert_true (g_ascii_isprint (*c));
}

static void
check_wav (const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  float left[64], right[64], *channels[GLB_MEDIA_CHANNELS] = { left, right };
  double position = 0;
  GlbMediaWav wav;

  if (!glb_media_wav_parse (data, size, &wav, &error))
    {
      check_refusal (error);
      return;
    }

  g_assert_cmpuint (wav.n_frames, >, 0);
  for (guint i = 0; i < 4; i++)
    {
      glb_media_wav_play (&wav, &position, channels, G_N_ELEMENTS (left), i == 0 ? wav.rate : 8000u << i);
      g_assert_cmpfloat (position, >=, 0);
      g_assert_cmpfloat (position, <, wav.n_frames);
      for (guint n = 0; n < G_N_ELEMENTS (left); n++)
        g_assert_true (fabsf (left[n]) <= 1 && fabsf (right[n]) <= 1);
    }
}

static void
check_y4m (const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaY4m) film = glb_media_y4m_new (data, size, &error);
  g_autofree guint8 *frame = NULL;
  GlbMediaLayout layout;

  if (film == NULL)
    {
      check_refusal (error);
      return;
    }

  g_assert_true (glb_media_mode_is_valid (&film->mode));
  g_assert_true (film->rate > 0 && film->per > 0 && film->n_frames > 0);
  glb_media_layout_init (&layout, &film->mode);
  frame = g_malloc (layout.size);
  for (guint i = 0; i < MIN (film->n_frames, 4); i++)
    glb_media_y4m_get_frame (film, i, frame);
  glb_media_y4m_get_frame (film, film->n_frames - 1, frame);
}

static void
check_picture (const guint8 *data, gsize size)
{
  const GlbMediaMode shown = { GLB_MEDIA_YUY2, 64, 48, 30 };
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaPicture) picture = NULL;
  GlbMediaMode own = { GLB_MEDIA_RGBX, 0, 0, 30 };
  g_autofree guint8 *frame = NULL;
  GlbMediaLayout layout;

  /* sides that a mutation made huge cost time, not insight: fuzz-clean-image has them */
  if (size >= 24 && glb_media_file_detect (data, size) == GLB_MEDIA_FILE_PNG && (data[16] | data[17] | data[18] | data[20] | data[21] | data[22]) != 0)
    return;
  picture = glb_media_picture_new (data, size, &error);
  if (picture == NULL)
    {
      check_refusal (error);
      return;
    }

  own.width = picture->width;
  own.height = picture->height;
  g_assert_true (glb_media_mode_is_valid (&own));
  glb_media_layout_init (&layout, &shown);
  frame = g_malloc (layout.size);
  glb_media_frame_draw (frame, &shown, &layout, picture->pixels, picture->width, picture->height);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_wav (data, size);
  check_y4m (data, size);
  check_picture (data, size);
  return 0;
}
