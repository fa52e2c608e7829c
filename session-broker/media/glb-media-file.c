/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "session-broker/media/glb-media-file.h"

GlbMediaFileKind
glb_media_file_detect (const guint8 *untrusted, gsize size)
{
  static const struct { GlbMediaFileKind kind; const char *magic; gsize length; } kinds[] = {
    { GLB_MEDIA_FILE_PNG, "\x89PNG\r\n\x1a\n", 8 },
    { GLB_MEDIA_FILE_Y4M, "YUV4MPEG2", 9 },
    { GLB_MEDIA_FILE_WAV, "RIFF", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (size >= kinds[i].length && memcmp (untrusted, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].kind;

  return GLB_MEDIA_FILE_UNKNOWN;
}

GBytes *
glb_media_file_map (int fd)
{
  GMappedFile *mapped = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  GBytes *bytes;

  close (fd);
  if (mapped == NULL)
    return NULL;

  bytes = g_mapped_file_get_bytes (mapped);
  g_mapped_file_unref (mapped);
  return bytes;
}
