/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-mode.h"

#define FPS_MAX      120
#define COUNTER_ROWS 16
#define COUNTER_BITS 32
#define N_BARS       8
#define BAR_STEP     4

typedef struct
{
  guint8 r, g, b, y, u, v;
} Colour;

/* BT.601, from the brightest to the darkest */
static const Colour bars[N_BARS] = {
  { 255, 255, 255, 235, 128, 128 }, { 255, 255, 0, 210, 16, 146 }, { 0, 255, 255, 170, 166, 16 }, { 0, 255, 0, 145, 54, 34 },
  { 255, 0, 255, 106, 202, 222 },   { 255, 0, 0, 81, 90, 240 },    { 0, 0, 255, 41, 240, 110 },   { 0, 0, 0, 16, 128, 128 },
};

gboolean
glb_media_mode_is_valid (const GlbMediaMode *mode)
{
  return mode->pixels < GLB_MEDIA_N_PIXELS &&
         mode->width >= GLB_MEDIA_SIZE_MIN && mode->width <= GLB_MEDIA_SIZE_MAX && mode->width % 2 == 0 &&
         mode->height >= GLB_MEDIA_SIZE_MIN && mode->height <= GLB_MEDIA_SIZE_MAX && mode->height % 2 == 0 &&
         mode->fps >= 1 && mode->fps <= FPS_MAX;
}

gboolean
glb_media_mode_equal (const GlbMediaMode *a, const GlbMediaMode *b)
{
  return a->pixels == b->pixels && a->width == b->width && a->height == b->height;
}

static void
add_plane (GlbMediaLayout *self, gsize row_bytes, gsize rows)
{
  guint i = self->n_planes++;

  self->offset[i] = self->size;
  self->row_bytes[i] = row_bytes;
  self->stride[i] = (row_bytes + 3) & ~(gsize) 3;
  self->rows[i] = rows;
  self->size += self->stride[i] * rows;
}

void
glb_media_layout_init (GlbMediaLayout *self, const GlbMediaMode *mode)
{
  g_assert (glb_media_mode_is_valid (mode));

  memset (self, 0, sizeof *self);
  switch (mode->pixels)
    {
    case GLB_MEDIA_RGBX:
    case GLB_MEDIA_BGRX:
      add_plane (self, (gsize) mode->width * 4, mode->height);
      break;
    case GLB_MEDIA_RGB:
      add_plane (self, (gsize) mode->width * 3, mode->height);
      break;
    case GLB_MEDIA_YUY2:
    case GLB_MEDIA_UYVY:
      add_plane (self, (gsize) mode->width * 2, mode->height);
      break;
    case GLB_MEDIA_I420:
      add_plane (self, mode->width, mode->height);
      add_plane (self, mode->width / 2, mode->height / 2);
      add_plane (self, mode->width / 2, mode->height / 2);
      break;
    case GLB_MEDIA_NV12:
      add_plane (self, mode->width, mode->height);
      add_plane (self, mode->width, mode->height / 2);
      break;
    case GLB_MEDIA_N_PIXELS:
    default:
      g_assert_not_reached ();
    }
}

/* Of a plane's first byte and stride in what the source sent: FALSE where it does not lie within. */
static gboolean
locate (const GlbMediaLayout *layout, const GlbMediaPlane *planes, guint n_planes, guint i, const guint8 **start, gsize *stride)
{
  const GlbMediaPlane *plane = &planes[n_planes == 1 ? 0 : i];
  gsize first = n_planes == 1 ? planes[0].untrusted_stride : plane->untrusted_stride;
  gsize offset = 0;

  if (plane->untrusted_stride < 0 || plane->untrusted_stride > 16 * GLB_MEDIA_SIZE_MAX)
    return FALSE;

  /* in one block, a further plane's stride follows from the first's */
  *stride = first;
  if (n_planes == 1 && i > 0)
    *stride = layout->row_bytes[i] == layout->row_bytes[0] ? first : first / 2;
  for (guint before = 0; n_planes == 1 && before < i; before++)
    offset += (before == 0 ? first : *stride) * layout->rows[before];

  *start = plane->data + offset;
  return *stride >= layout->row_bytes[i] && offset <= plane->size &&
         *stride * (layout->rows[i] - 1) + layout->row_bytes[i] <= plane->size - offset;
}

gboolean
glb_media_frame_copy (guint8 *frame, const GlbMediaLayout *layout, const GlbMediaPlane *planes, guint n_planes)
{
  const guint8 *start[3];
  gsize stride[3];

  if (n_planes != 1 && n_planes != layout->n_planes)
    return FALSE;
  for (guint i = 0; i < layout->n_planes; i++)
    if (!locate (layout, planes, n_planes, i, &start[i], &stride[i]))
      return FALSE;

  for (guint i = 0; i < layout->n_planes; i++)
    for (gsize row = 0; row < layout->rows[i]; row++)
      memcpy (frame + layout->offset[i] + row * layout->stride[i], start[i] + row * stride[i], layout->row_bytes[i]);

  return TRUE;
}

/* One row of each plane, the pixels at x and beside it in the colours given; where they share a number, it is the mean. */
static void
put_pair (guint8 *const rows[3], GlbMediaPixels pixels, guint x, const Colour *left, const Colour *right)
{
  guint8 *row = rows[0];
  guint8 u = (left->u + right->u + 1) / 2, v = (left->v + right->v + 1) / 2;

  switch (pixels)
    {
    case GLB_MEDIA_RGBX:
    case GLB_MEDIA_BGRX:
      for (guint8 *p = row + x * 4; p < row + (x + 2) * 4; p += 4)
        {
          const Colour *colour = p == row + x * 4 ? left : right;

          p[0] = pixels == GLB_MEDIA_RGBX ? colour->r : colour->b;
          p[1] = colour->g;
          p[2] = pixels == GLB_MEDIA_RGBX ? colour->b : colour->r;
          p[3] = 0xff;
        }
      break;
    case GLB_MEDIA_RGB:
      for (guint8 *p = row + x * 3; p < row + (x + 2) * 3; p += 3)
        {
          const Colour *colour = p == row + x * 3 ? left : right;

          p[0] = colour->r;
          p[1] = colour->g;
          p[2] = colour->b;
        }
      break;
    case GLB_MEDIA_UYVY:
      row[x * 2 + 1] = left->y;
      row[x * 2 + 3] = right->y;
      row[x * 2] = u;
      row[x * 2 + 2] = v;
      break;
    case GLB_MEDIA_YUY2:
      row[x * 2] = left->y;
      row[x * 2 + 2] = right->y;
      row[x * 2 + 1] = u;
      row[x * 2 + 3] = v;
      break;
    case GLB_MEDIA_I420:
      row[x] = left->y;
      row[x + 1] = right->y;
      rows[1][x / 2] = u;
      rows[2][x / 2] = v;
      break;
    case GLB_MEDIA_NV12:
      row[x] = left->y;
      row[x + 1] = right->y;
      rows[1][x] = u;
      rows[1][x + 1] = v;
      break;
    case GLB_MEDIA_N_PIXELS:
    default:
      g_assert_not_reached ();
    }
}

/* Rows from..to of the picture, all like the first. */
static void
repeat_rows (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout, guint from, guint to)
{
  for (guint i = 0; i < layout->n_planes; i++)
    {
      gsize shrunk = mode->height / layout->rows[i];
      guint8 *first = frame + layout->offset[i] + from / shrunk * layout->stride[i];

      for (gsize row = from / shrunk + 1; row < to / shrunk; row++)
        memcpy (frame + layout->offset[i] + row * layout->stride[i], first, layout->row_bytes[i]);
    }
}

static void
draw_rows (guint8               *frame,
           const GlbMediaMode   *mode,
           const GlbMediaLayout *layout,
           guint                 from,
           guint                 to,
           const Colour         *(*colour_at) (guint x, guint width, guint32 counter),
           guint32               counter)
{
  guint8 *rows[3];

  for (guint i = 0; i < layout->n_planes; i++)
    rows[i] = frame + layout->offset[i] + from / (mode->height / layout->rows[i]) * layout->stride[i];
  for (guint x = 0; x < mode->width; x += 2)
    {
      const Colour *colour = colour_at (x, mode->width, counter);

      put_pair (rows, mode->pixels, x, colour, colour);
    }
  repeat_rows (frame, mode, layout, from, to);
}

static const Colour *
black_at (guint x, guint width, guint32 counter)
{
  return &bars[N_BARS - 1];
}

static const Colour *
bit_at (guint x, guint width, guint32 counter)
{
  guint bit = COUNTER_BITS - 1 - x * COUNTER_BITS / width;

  return &bars[(counter >> bit & 1) != 0 ? 0 : N_BARS - 1];
}

static const Colour *
bar_at (guint x, guint width, guint32 counter)
{
  return &bars[(x + (guint64) counter * BAR_STEP) * N_BARS / width % N_BARS];
}

void
glb_media_frame_blank (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout)
{
  draw_rows (frame, mode, layout, 0, mode->height, black_at, 0);
}

void
glb_media_frame_pattern (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout, guint32 counter)
{
  guint split = MIN (COUNTER_ROWS, mode->height);

  draw_rows (frame, mode, layout, 0, split, bit_at, counter);
  if (split < mode->height)
    draw_rows (frame, mode, layout, split, mode->height, bar_at, counter);
}

/* BT.601, as the bars are. */
static Colour
from_rgb (guint32 pixel)
{
  int r = pixel >> 16 & 0xff, g = pixel >> 8 & 0xff, b = pixel & 0xff;

  return (Colour) { r, g, b, 16 + ((66 * r + 129 * g + 25 * b + 128) >> 8), 128 + ((-38 * r - 74 * g + 112 * b + 128) >> 8),
                    128 + ((112 * r - 94 * g - 18 * b + 128) >> 8) };
}

/* Of a picture: where it comes to lie. */
typedef struct
{
  const guint32 *pixels;
  guint width, height;
  guint left, top, shown_width, shown_height;
} Fit;

static void
fit_init (Fit *self, const GlbMediaMode *mode, const guint32 *pixels, guint width, guint height)
{
  *self = (Fit) { pixels, width, height, 0, 0, mode->width, mode->height };
  if ((guint64) width * mode->height > (guint64) height * mode->width)
    self->shown_height = MAX (1, (guint64) height * mode->width / width);
  else
    self->shown_width = MAX (1, (guint64) width * mode->height / height);
  self->left = (mode->width - self->shown_width) / 2;
  self->top = (mode->height - self->shown_height) / 2;
}

/* The mean of all that falls onto one pixel; the nearest where it is made larger. */
static Colour
fit_get (const Fit *self, guint x, guint y)
{
  guint64 r = 0, g = 0, b = 0, n;
  guint x0, x1, y0, y1;

  if (x < self->left || x >= self->left + self->shown_width || y < self->top || y >= self->top + self->shown_height)
    return bars[N_BARS - 1];
  if (self->width == self->shown_width && self->height == self->shown_height)
    return from_rgb (self->pixels[(gsize) (y - self->top) * self->width + x - self->left]);

  x0 = (guint64) (x - self->left) * self->width / self->shown_width;
  x1 = MAX (x0 + 1, (guint64) (x - self->left + 1) * self->width / self->shown_width);
  y0 = (guint64) (y - self->top) * self->height / self->shown_height;
  y1 = MAX (y0 + 1, (guint64) (y - self->top + 1) * self->height / self->shown_height);
  n = (guint64) (x1 - x0) * (y1 - y0);
  for (guint row = y0; row < y1; row++)
    for (guint column = x0; column < x1; column++)
      {
        guint32 pixel = self->pixels[(gsize) row * self->width + column];

        r += pixel >> 16 & 0xff;
        g += pixel >> 8 & 0xff;
        b += pixel & 0xff;
      }

  return from_rgb ((r + n / 2) / n << 16 | (g + n / 2) / n << 8 | (b + n / 2) / n);
}

void
glb_media_frame_draw (guint8               *frame,
                      const GlbMediaMode   *mode,
                      const GlbMediaLayout *layout,
                      const guint32        *pixels,
                      guint                 width,
                      guint                 height)
{
  guint8 *rows[3];
  Fit fit;

  fit_init (&fit, mode, pixels, width, height);
  for (guint y = 0; y < mode->height; y++)
    {
      for (guint i = 0; i < layout->n_planes; i++)
        rows[i] = frame + layout->offset[i] + y / (mode->height / layout->rows[i]) * layout->stride[i];
      for (guint x = 0; x < mode->width; x += 2)
        {
          const Colour left = fit_get (&fit, x, y), right = fit_get (&fit, x + 1, y);

          put_pair (rows, mode->pixels, x, &left, &right);
        }
    }
}

void
glb_media_frame_repack (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout, const guint8 *i420)
{
  const GlbMediaMode from = { GLB_MEDIA_I420, mode->width, mode->height, mode->fps };
  GlbMediaLayout source;

  g_assert (mode->pixels == GLB_MEDIA_I420 || mode->pixels == GLB_MEDIA_NV12 || mode->pixels == GLB_MEDIA_YUY2);

  glb_media_layout_init (&source, &from);
  if (mode->pixels == GLB_MEDIA_I420)
    memcpy (frame, i420, source.size);
  for (guint y = 0; mode->pixels != GLB_MEDIA_I420 && y < mode->height; y++)
    {
      const guint8 *luma = i420 + y * source.stride[0];
      const guint8 *u = i420 + source.offset[1] + y / 2 * source.stride[1], *v = i420 + source.offset[2] + y / 2 * source.stride[2];
      guint8 *to = frame + y * layout->stride[0], *chroma = frame + layout->offset[1] + y / 2 * layout->stride[1];

      if (mode->pixels == GLB_MEDIA_NV12)
        memcpy (to, luma, mode->width);
      for (guint x = 0; x < mode->width / 2; x++)
        if (mode->pixels == GLB_MEDIA_YUY2)
          memcpy (to + x * 4, (guint8[]) { luma[x * 2], u[x], luma[x * 2 + 1], v[x] }, 4);
        else
          memcpy (chroma + x * 2, (guint8[]) { u[x], v[x] }, 2);
    }
}

static guint32
from_yuv (int y, int u, int v)
{
  int c = 298 * (y - 16) + 128, d = u - 128, e = v - 128;
  guint32 r = CLAMP ((c + 409 * e) >> 8, 0, 255);
  guint32 g = CLAMP ((c - 100 * d - 208 * e) >> 8, 0, 255);
  guint32 b = CLAMP ((c + 516 * d) >> 8, 0, 255);

  return 0xff000000u | r << 16 | g << 8 | b;
}

static guint32
get_pixel (const guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout, guint x, guint y)
{
  const guint8 *row = frame + layout->offset[0] + y * layout->stride[0];
  const guint8 *second = layout->n_planes > 1 ? frame + layout->offset[1] + y / 2 * layout->stride[1] : NULL;
  const guint8 *third = layout->n_planes > 2 ? frame + layout->offset[2] + y / 2 * layout->stride[2] : NULL;

  switch (mode->pixels)
    {
    case GLB_MEDIA_RGBX:
      return 0xff000000u | (guint32) row[x * 4] << 16 | (guint32) row[x * 4 + 1] << 8 | row[x * 4 + 2];
    case GLB_MEDIA_BGRX:
      return 0xff000000u | (guint32) row[x * 4 + 2] << 16 | (guint32) row[x * 4 + 1] << 8 | row[x * 4];
    case GLB_MEDIA_RGB:
      return 0xff000000u | (guint32) row[x * 3] << 16 | (guint32) row[x * 3 + 1] << 8 | row[x * 3 + 2];
    case GLB_MEDIA_UYVY:
      return from_yuv (row[x * 2 + 1], row[x / 2 * 4], row[x / 2 * 4 + 2]);
    case GLB_MEDIA_YUY2:
      return from_yuv (row[x * 2], row[x / 2 * 4 + 1], row[x / 2 * 4 + 3]);
    case GLB_MEDIA_I420:
      return from_yuv (row[x], second[x / 2], third[x / 2]);
    case GLB_MEDIA_NV12:
      return from_yuv (row[x], second[x / 2 * 2], second[x / 2 * 2 + 1]);
    case GLB_MEDIA_N_PIXELS:
    default:
      g_assert_not_reached ();
    }
}

guint32 *
glb_media_frame_shrink (const guint8         *frame,
                        const GlbMediaMode   *mode,
                        const GlbMediaLayout *layout,
                        guint                 max_width,
                        guint                 max_height,
                        guint                *width,
                        guint                *height)
{
  guint factor = MAX (1, MAX ((mode->width + max_width - 1) / max_width, (mode->height + max_height - 1) / max_height));
  guint32 *pixels;

  *width = mode->width / factor;
  *height = mode->height / factor;
  pixels = g_new (guint32, (gsize) *width * *height);
  for (guint y = 0; y < *height; y++)
    for (guint x = 0; x < *width; x++)
      pixels[(gsize) y * *width + x] = get_pixel (frame, mode, layout, x * factor, y * factor);

  return pixels;
}
