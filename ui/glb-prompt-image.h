/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* As of the largest that crosses. */
#define GLB_PROMPT_IMAGE_MAX_BYTES  (16 * 1024 * 1024)
#define GLB_PROMPT_IMAGE_MAX_SIDE   8192
#define GLB_PROMPT_IMAGE_MAX_PIXELS (33 * 1000 * 1000)

/* The picture that a prompt is about. png: as handed out by the broker; sha256: as the prompt says. Checks size and
 * digest before anything is decoded. May be called in any thread. */
GdkTexture *glb_prompt_image_decode     (GBytes *png, const char *sha256, GError **error);
/* fd: of a sealed memfd; taken. */
void        glb_prompt_image_load_async (int fd, const char *sha256, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
/* Of a picture that stands in the prompt itself: nothing else could be meant by it. */
void        glb_prompt_image_load_bytes_async (GBytes *png, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
/* Of both. */
GdkTexture *glb_prompt_image_load_finish (GAsyncResult *result, GError **error);

/* All of a sealed memfd, or of any file that is not larger than GLB_PROMPT_IMAGE_MAX_BYTES. Does not take fd. */
GBytes     *glb_prompt_image_read       (int fd, GError **error);

G_END_DECLS
