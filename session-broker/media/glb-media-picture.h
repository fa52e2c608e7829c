/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a picture is made smaller to, if need be. */
#define GLB_MEDIA_PICTURE_WIDTH  1920u
#define GLB_MEDIA_PICTURE_HEIGHT 1080u

/**
 * GlbMediaPicture:
 *
 * A PNG as a camera shows it: without transparency, on black, of a size that
 * a camera can have. One that has such a size keeps each of its pixels.
 */
typedef struct
{
  guint    width, height;      /* even, at least GLB_MEDIA_SIZE_MIN */
  guint32 *pixels;             /* XRGB8888, native-endian */
} GlbMediaPicture;

/* Pure. NULL: G_IO_ERROR_INVALID_DATA with what is wrong and what to do. (transfer full) */
GlbMediaPicture *glb_media_picture_new  (const guint8 *untrusted, gsize size, GError **error);
void             glb_media_picture_free (GlbMediaPicture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaPicture, glb_media_picture_free)

G_END_DECLS
