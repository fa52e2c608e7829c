/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-picture.h"

#include <stdlib.h>

#include "clipboard-guard/glb-clean-image.h"
#include "session-broker/capture/glb-png.h"

GlbReplayPicture *
glb_replay_picture_new (guint width,
                        guint height)
{
  GlbReplayPicture *self = g_new0 (GlbReplayPicture, 1);

  g_return_val_if_fail (width > 0 && height > 0 && (guint64) width * height <= GLB_CLEAN_IMAGE_MAX_PIXELS, NULL);

  g_atomic_ref_count_init (&self->refs);
  self->width = width;
  self->height = height;
  self->pixels = g_new (guint32, (gsize) width * height);
  for (gsize i = 0; i < (gsize) width * height; i++)
    self->pixels[i] = 0xff000000;
  return self;
}

GlbReplayPicture *
glb_replay_picture_new_from_png (GBytes  *untrusted_png,
                                 GError **error)
{
  char message[GLB_CLEAN_IMAGE_MAX_MESSAGE];
  GlbReplayPicture *self;
  guint32 width, height;
  guint8 *rgba;
  gsize size;
  const guint8 *data = g_bytes_get_data (untrusted_png, &size);

  if (glb_clean_image_read (data, size, GLB_REPLAY_PNG_BYTES_MAX, &rgba, &width, &height, message) != GLB_CLEAN_IMAGE_OK)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, message);
      return NULL;
    }

  self = glb_replay_picture_new (width, height);
  for (gsize i = 0; i < (gsize) width * height; i++)
    self->pixels[i] = 0xff000000u | (guint32) rgba[4 * i] << 16 | (guint32) rgba[4 * i + 1] << 8 | rgba[4 * i + 2];
  free (rgba);
  return self;
}

GlbReplayPicture *
glb_replay_picture_ref (GlbReplayPicture *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
glb_replay_picture_unref (GlbReplayPicture *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_free (self->pixels);
  g_free (self);
}

GBytes *
glb_replay_picture_to_png (const GlbReplayPicture  *self,
                           GError                 **error)
{
  return glb_png_encode ((const guint8 *) self->pixels, self->width, self->height, 4 * (gsize) self->width, error);
}
