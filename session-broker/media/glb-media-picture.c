/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "clipboard-guard/glb-clean-image.h"
#include "session-broker/media/glb-media-mode.h"
#include "session-broker/media/glb-media-picture.h"

/* In place: what is transparent lies on black. */
static void
flatten (guint32 *pixels, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *rgba = (const guint8 *) &pixels[i];
      guint alpha = rgba[3];

      pixels[i] = (rgba[0] * alpha + 127) / 255 << 16 | (rgba[1] * alpha + 127) / 255 << 8 | (rgba[2] * alpha + 127) / 255;
    }
}

static guint
make_side (guint64 side)
{
  return MAX (side, GLB_MEDIA_SIZE_MIN) & ~1u;
}

/* At most as large as it is, but for the least that a camera has. */
static void
choose_size (guint width, guint height, GlbMediaMode *mode)
{
  guint64 shown_width = width, shown_height = height;

  if (shown_width > GLB_MEDIA_PICTURE_WIDTH)
    {
      shown_height = shown_height * GLB_MEDIA_PICTURE_WIDTH / shown_width;
      shown_width = GLB_MEDIA_PICTURE_WIDTH;
    }
  if (shown_height > GLB_MEDIA_PICTURE_HEIGHT)
    {
      shown_width = shown_width * GLB_MEDIA_PICTURE_HEIGHT / shown_height;
      shown_height = GLB_MEDIA_PICTURE_HEIGHT;
    }
  *mode = (GlbMediaMode) { GLB_MEDIA_RGBX, make_side (shown_width), make_side (shown_height), 1 };
}

static guint32 *
fit (const guint32 *pixels, guint width, guint height, const GlbMediaMode *mode)
{
  g_autofree guint8 *frame = NULL;
  GlbMediaLayout layout;
  guint shown_width, shown_height;

  glb_media_layout_init (&layout, mode);
  frame = g_malloc (layout.size);
  glb_media_frame_draw (frame, mode, &layout, pixels, width, height);
  return glb_media_frame_shrink (frame, mode, &layout, mode->width, mode->height, &shown_width, &shown_height);
}

GlbMediaPicture *
glb_media_picture_new (const guint8 *untrusted, gsize size, GError **error)
{
  GlbMediaPicture *self;
  char message[GLB_CLEAN_IMAGE_MAX_MESSAGE];
  uint32_t width, height;
  uint8_t *pixels;
  GlbMediaMode mode;

  if (glb_clean_image_read (untrusted, size, GLB_CLEAN_IMAGE_MAX_BYTES, &pixels, &width, &height, message) != GLB_CLEAN_IMAGE_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s; save it anew as PNG", message);
      return NULL;
    }

  flatten ((guint32 *) pixels, (gsize) width * height);
  choose_size (width, height, &mode);
  self = g_new0 (GlbMediaPicture, 1);
  self->width = mode.width;
  self->height = mode.height;
  self->pixels = fit ((const guint32 *) pixels, width, height, &mode);
  free (pixels);
  return self;
}

void
glb_media_picture_free (GlbMediaPicture *self)
{
  g_free (self->pixels);
  g_free (self);
}
