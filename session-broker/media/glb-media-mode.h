/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLB_MEDIA_SIZE_MIN 16
#define GLB_MEDIA_SIZE_MAX 4096
#define GLB_MEDIA_MODES_MAX 64

/* The kinds of raw video that are carried, as bytes in memory. */
typedef enum
{
  GLB_MEDIA_RGBX,
  GLB_MEDIA_BGRX,
  GLB_MEDIA_RGB,
  GLB_MEDIA_YUY2,
  GLB_MEDIA_UYVY,
  GLB_MEDIA_I420,
  GLB_MEDIA_NV12,
  GLB_MEDIA_N_PIXELS,
} GlbMediaPixels;

typedef struct
{
  GlbMediaPixels pixels;
  guint          width, height;   /* even, in the bounds above */
  guint          fps;             /* 1 to 120; what is usual, not a promise */
} GlbMediaMode;

/* Where a frame's planes lie: as GStreamer and Chromium lay it out by default. */
typedef struct
{
  guint n_planes;
  gsize offset[3], stride[3], row_bytes[3], rows[3];
  gsize size;
} GlbMediaLayout;

/* A plane in memory that another process wrote, and says things about. */
typedef struct
{
  const guint8 *data;
  gsize         size;
  gint64        untrusted_stride;
} GlbMediaPlane;

/* FALSE: out of bounds; such a mode must not be carried. */
gboolean glb_media_mode_is_valid (const GlbMediaMode *mode);
gboolean glb_media_mode_equal    (const GlbMediaMode *a, const GlbMediaMode *b);   /* but for fps */
void     glb_media_layout_init   (GlbMediaLayout *self, const GlbMediaMode *mode);
/* One plane, or one for each of the layout's. FALSE: what they say does not hold a frame; frame is then as it was. */
gboolean glb_media_frame_copy    (guint8 *frame, const GlbMediaLayout *layout, const GlbMediaPlane *planes, guint n_planes);
void     glb_media_frame_blank   (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout);
/* Moving colour bars; the topmost 16 rows hold counter as 32 blocks, the highest bit left, 1 is white. */
void     glb_media_frame_pattern (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout, guint32 counter);
/* The frame i420, of the mode's size in GLB_MEDIA_I420, as GLB_MEDIA_I420, _NV12 or _YUY2: nothing is computed. */
void     glb_media_frame_repack  (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout, const guint8 *i420);
/* The whole of a picture of XRGB8888, native-endian: pixel by pixel where it has the mode's size, else made to fit, with black beside
 * it. width, height: 1 to 65536 */
void     glb_media_frame_draw    (guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout,
                                  const guint32 *pixels, guint width, guint height);
/* A picture of at most max_width and max_height, as XRGB8888, native-endian. (transfer full): width * height numbers */
guint32 *glb_media_frame_shrink  (const guint8 *frame, const GlbMediaMode *mode, const GlbMediaLayout *layout,
                                  guint max_width, guint max_height, guint *width, guint *height);

G_END_DECLS
