/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-image.h"

#include <stdlib.h>
#include <string.h>

#include "clipboard-guard/glb-clean-image.h"
#include "session-broker/capture/glb-png.h"

/* What comes before the pixels of a PNG: signature, length, "IHDR", width, height, bits, colours, and three methods. */
#define HEAD_BYTES 29u

G_STATIC_ASSERT (GLB_RECORD_SIDE_MAX <= GLB_CLEAN_IMAGE_MAX_SIDE);
G_STATIC_ASSERT (GLB_RECORD_PIXELS_MAX <= GLB_CLEAN_IMAGE_MAX_PIXELS);

gboolean
glb_record_image_size_is_valid (guint64 width,
                                guint64 height)
{
  return width > 0 && height > 0 && width <= GLB_RECORD_SIDE_MAX && height <= GLB_RECORD_SIDE_MAX
         && width * height <= GLB_RECORD_PIXELS_MAX;
}

GlbRecordImage *
glb_record_image_new (guint width,
                      guint height)
{
  guint32 *pixels;
  GlbRecordImage *self;

  g_return_val_if_fail (glb_record_image_size_is_valid (width, height), NULL);

  pixels = g_try_malloc0_n ((gsize) width * height, sizeof *pixels);
  if (pixels == NULL)
    return NULL;
  self = g_new (GlbRecordImage, 1);
  *self = (GlbRecordImage) { width, height, pixels };
  return self;
}

GlbRecordImage *
glb_record_image_copy (const GlbRecordImage *self)
{
  return glb_record_image_crop (self, &(GlbRect) { 0, 0, self->width, self->height });
}

void
glb_record_image_free (GlbRecordImage *self)
{
  g_free (self->pixels);
  g_free (self);
}

static guint32
get_uint32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
}

/* Of the first bytes, before a decoder sees them. */
static gboolean
check_head (GBytes  *untrusted_png,
            guint    width,
            guint    height,
            GError **error)
{
  static const guint8 rgb_not_interlaced[] = { 8, 2, 0, 0, 0 };
  gsize size;
  const guint8 *data = g_bytes_get_data (untrusted_png, &size);

  if (size < HEAD_BYTES || memcmp (data + 12, "IHDR", 4) != 0
      || memcmp (data + 24, rgb_not_interlaced, sizeof rgb_not_interlaced) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "not a PNG of 8-bit RGB");
      return FALSE;
    }
  if (get_uint32 (data + 16) != width || get_uint32 (data + 20) != height)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it has %u x %u pixels, where %u x %u belong",
                   get_uint32 (data + 16), get_uint32 (data + 20), width, height);
      return FALSE;
    }
  return TRUE;
}

static void
convert_pixels (GlbRecordImage *self,
                const guint8   *rgba)
{
  gsize n = (gsize) self->width * self->height;

  for (gsize i = 0; i < n; i++)
    self->pixels[i] = (guint32) rgba[4 * i] << 16 | (guint32) rgba[4 * i + 1] << 8 | rgba[4 * i + 2];
}

GlbRecordImage *
glb_record_image_decode (GBytes  *untrusted_png,
                         guint    width,
                         guint    height,
                         GError **error)
{
  g_autoptr(GlbRecordImage) self = NULL;
  char message[GLB_CLEAN_IMAGE_MAX_MESSAGE];
  uint8_t *rgba;
  uint32_t read_width, read_height;

  g_return_val_if_fail (glb_record_image_size_is_valid (width, height), NULL);

  if (!check_head (untrusted_png, width, height, error))
    return NULL;
  if (glb_clean_image_read (g_bytes_get_data (untrusted_png, NULL), g_bytes_get_size (untrusted_png), G_MAXSIZE, &rgba,
                            &read_width, &read_height, message) != GLB_CLEAN_IMAGE_OK)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, message);
      return NULL;
    }

  if (read_width == width && read_height == height)
    self = glb_record_image_new (width, height);
  if (self != NULL)
    convert_pixels (self, rgba);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory for %u x %u pixels", width, height);
  free (rgba);
  return g_steal_pointer (&self);
}

GBytes *
glb_record_image_encode (const GlbRecordImage  *self,
                         GError               **error)
{
  return glb_png_encode ((const guint8 *) self->pixels, self->width, self->height, 4 * (gsize) self->width, error);
}

GlbRecordImage *
glb_record_image_crop (const GlbRecordImage *self,
                       const GlbRect        *rect)
{
  GlbRecordImage *part;

  g_return_val_if_fail (rect->x >= 0 && rect->y >= 0 && rect->width > 0 && rect->height > 0, NULL);
  g_return_val_if_fail ((gint64) rect->x + rect->width <= self->width, NULL);
  g_return_val_if_fail ((gint64) rect->y + rect->height <= self->height, NULL);

  part = glb_record_image_new (rect->width, rect->height);
  for (guint y = 0; part != NULL && y < part->height; y++)
    memcpy (part->pixels + (gsize) y * part->width, self->pixels + (gsize) (rect->y + y) * self->width + rect->x,
            part->width * sizeof *part->pixels);
  return part;
}

void
glb_record_image_put (GlbRecordImage       *self,
                      const GlbRecordImage *part,
                      guint                 x,
                      guint                 y)
{
  g_return_if_fail ((guint64) x + part->width <= self->width && (guint64) y + part->height <= self->height);

  for (guint row = 0; row < part->height; row++)
    memcpy (self->pixels + (gsize) (y + row) * self->width + x, part->pixels + (gsize) row * part->width,
            part->width * sizeof *part->pixels);
}

void
glb_record_image_fill (GlbRecordImage *self,
                       const GlbRect  *rect,
                       guint32         rgb)
{
  gint64 left = MAX (rect->x, 0);
  gint64 top = MAX (rect->y, 0);
  gint64 right = MIN ((gint64) rect->x + rect->width, self->width);
  gint64 bottom = MIN ((gint64) rect->y + rect->height, self->height);

  for (gint64 y = top; y < bottom; y++)
    for (gint64 x = left; x < right; x++)
      self->pixels[y * self->width + x] = rgb;
}
