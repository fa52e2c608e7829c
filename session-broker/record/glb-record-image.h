/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/client/glb-frame-message.h"

G_BEGIN_DECLS

/* What a screen may be at most, in each direction and in all. */
#define GLB_RECORD_SIDE_MAX   8192u
#define GLB_RECORD_PIXELS_MAX 33000000u

/* An image in memory, without gaps between its rows. */
typedef struct
{
  guint    width, height;
  guint32 *pixels;           /* 0x00RRGGBB: XRGB8888 in the machine's byte order */
} GlbRecordImage;

/* Whether an image may have this size. */
gboolean        glb_record_image_size_is_valid (guint64 width, guint64 height);
/* Black, and of a valid size. NULL: no memory. (nullable) (transfer full) */
GlbRecordImage *glb_record_image_new     (guint width, guint height);
GlbRecordImage *glb_record_image_copy    (const GlbRecordImage *self);
void            glb_record_image_free    (GlbRecordImage *self);
/* A hostile PNG, which must be 8-bit RGB without interlacing, of just this size: that is looked at before anything is decoded.
 * Damage anywhere is an error. (transfer full) */
GlbRecordImage *glb_record_image_decode  (GBytes *untrusted_png, guint width, guint height, GError **error);
/* As an 8-bit RGB PNG. (transfer full) */
GBytes         *glb_record_image_encode  (const GlbRecordImage *self, GError **error);
/* rect is inside the image. (transfer full) (nullable) */
GlbRecordImage *glb_record_image_crop    (const GlbRecordImage *self, const GlbRect *rect);
/* part is put at x, y, where it fits. */
void            glb_record_image_put     (GlbRecordImage *self, const GlbRecordImage *part, guint x, guint y);
/* Paints the part of rect that is inside the image. */
void            glb_record_image_fill    (GlbRecordImage *self, const GlbRect *rect, guint32 rgb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbRecordImage, glb_record_image_free)

G_END_DECLS
