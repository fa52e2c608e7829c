/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a lease of a file is called, whatever the file is. */
#define GLB_MEDIA_FILE_NAME "glovebox.file"

typedef enum
{
  GLB_MEDIA_FILE_UNKNOWN,
  GLB_MEDIA_FILE_PNG,
  GLB_MEDIA_FILE_Y4M,
  GLB_MEDIA_FILE_WAV,
} GlbMediaFileKind;

/* By its first bytes; its name says nothing. Pure. */
GlbMediaFileKind glb_media_file_detect (const guint8 *untrusted, gsize size);
/* Takes fd, of a file whose size cannot change. (nullable) (transfer full) */
GBytes          *glb_media_file_map    (int fd);

G_END_DECLS
