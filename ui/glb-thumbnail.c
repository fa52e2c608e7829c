/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-thumbnail.h"

struct _GlbThumbnail
{
  guint screen_width, screen_height;
  guint width, height;
  gboolean complete;
  guint32 *pixels;
};

GlbThumbnail *
glb_thumbnail_new (guint screen_width,
                   guint screen_height,
                   guint max_width,
                   guint max_height)
{
  GlbThumbnail *self = g_new0 (GlbThumbnail, 1);
  double scale = MIN (1.0, MIN ((double) max_width / screen_width, (double) max_height / screen_height));

  self->screen_width = screen_width;
  self->screen_height = screen_height;
  self->width = MAX (1, (guint) (screen_width * scale));
  self->height = MAX (1, (guint) (screen_height * scale));
  self->pixels = g_new0 (guint32, (gsize) self->width * self->height);

  return self;
}

void
glb_thumbnail_free (GlbThumbnail *self)
{
  g_free (self->pixels);
  g_free (self);
}

gboolean
glb_thumbnail_fits (const GlbThumbnail *self,
                    const GlbFrame     *frame)
{
  return frame->width == self->screen_width && frame->height == self->screen_height;
}

/* Of the rectangle of the screen that one small pixel stands for. */
static guint32
get_mean (const GlbFrame *frame,
          guint           left,
          guint           top,
          guint           right,
          guint           bottom)
{
  /* two colours in one sum: 16 bits for each of at most 255 pixels */
  guint64 red_blue = 0, green = 0;
  guint n = (right - left) * (bottom - top);

  for (guint y = top; y < bottom; y++)
    {
      const guint32 *row = (const guint32 *) (frame->pixels + (gsize) y * frame->stride);

      for (guint x = left; x < right; x++)
        {
          red_blue += ((guint64) (row[x] & 0xff0000u) << 16) | (row[x] & 0xffu);
          green += (row[x] >> 8) & 0xffu;
        }
    }

  return 0xff000000u | ((guint32) ((red_blue >> 32) / n) << 16) | ((guint32) (green / n) << 8) |
         (guint32) ((red_blue & 0xffffffffu) / n);
}

static guint
scale_part (GlbThumbnail   *self,
            const GlbFrame *frame,
            const GlbRect  *rect)
{
  guint left = (guint64) rect->x * self->width / self->screen_width;
  guint top = (guint64) rect->y * self->height / self->screen_height;
  guint right = MIN (self->width, (guint64) (rect->x + rect->width) * self->width / self->screen_width + 1);
  guint bottom = MIN (self->height, (guint64) (rect->y + rect->height) * self->height / self->screen_height + 1);

  for (guint y = top; y < bottom; y++)
    {
      guint from_y = (guint64) y * self->screen_height / self->height;
      guint to_y = (guint64) (y + 1) * self->screen_height / self->height;

      for (guint x = left; x < right; x++)
        self->pixels[(gsize) y * self->width + x] = get_mean (frame, (guint64) x * self->screen_width / self->width, from_y,
                                                              (guint64) (x + 1) * self->screen_width / self->width, to_y);
    }

  return (right - left) * (bottom - top);
}

guint
glb_thumbnail_update (GlbThumbnail   *self,
                      const GlbFrame *frame)
{
  const GlbRect all = { 0, 0, self->screen_width, self->screen_height };
  guint n = 0;

  g_return_val_if_fail (glb_thumbnail_fits (self, frame), 0);

  if (!self->complete)
    n = scale_part (self, frame, &all);
  else
    for (guint i = 0; i < frame->n_rects; i++)
      n += scale_part (self, frame, &frame->rects[i]);
  self->complete = TRUE;

  return n;
}

GdkTexture *
glb_thumbnail_dup_texture (const GlbThumbnail *self)
{
  gsize stride = (gsize) self->width * 4;
  g_autoptr(GBytes) bytes = g_bytes_new (self->pixels, stride * self->height);

  return gdk_memory_texture_new (self->width, self->height, GDK_MEMORY_DEFAULT, bytes, stride);
}
