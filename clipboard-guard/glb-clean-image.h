/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* No GLib: what reads hostile images carries nothing that it does not need. */

#define GLB_CLEAN_IMAGE_MAX_SIDE   8192u
#define GLB_CLEAN_IMAGE_MAX_PIXELS 33000000u
#define GLB_CLEAN_IMAGE_MAX_BYTES  (16u * 1024 * 1024)

/* Exit codes of glovebox-clean-image, too. */
typedef enum
{
  GLB_CLEAN_IMAGE_OK        = 0,
  GLB_CLEAN_IMAGE_USAGE     = 2,
  GLB_CLEAN_IMAGE_TOO_LARGE = 3,   /* bytes, before or after */
  GLB_CLEAN_IMAGE_TOO_MANY  = 4,   /* pixels */
  GLB_CLEAN_IMAGE_MALFORMED = 5,   /* not a PNG, or a damaged one */
  GLB_CLEAN_IMAGE_FAILED    = 6,   /* no memory, no pipe */
} GlbCleanImageResult;

#define GLB_CLEAN_IMAGE_MAX_MESSAGE 128

/* Decodes a PNG and encodes its pixels anew. out: to be freed with free(). message: one line where the result is not OK. */
GlbCleanImageResult glb_clean_image (const uint8_t  *untrusted,
                                     size_t          size,
                                     size_t          max_bytes,
                                     uint8_t       **out,
                                     size_t         *out_size,
                                     char            message[GLB_CLEAN_IMAGE_MAX_MESSAGE]);

/* Only decodes it, to 8-bit RGBA without a gap between rows. pixels: to be freed with free(). */
GlbCleanImageResult glb_clean_image_read (const uint8_t  *untrusted,
                                          size_t          size,
                                          size_t          max_bytes,
                                          uint8_t       **pixels,
                                          uint32_t       *width,
                                          uint32_t       *height,
                                          char            message[GLB_CLEAN_IMAGE_MAX_MESSAGE]);
