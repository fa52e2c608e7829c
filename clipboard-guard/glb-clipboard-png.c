/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-png.h"
#include "clipboard-guard/glb-clean-image.h"

#include <string.h>

#define SIGNATURE    "\x89PNG\r\n\x1a\n"
#define HEADER_BYTES 13
#define CHUNK_BYTES  12         /* length, type and checksum */

static guint32
get_uint32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
}

static guint32
compute_crc (const guint8 *data,
             gsize         length)
{
  static guint32 table[256];
  static gsize made;
  guint32 crc = 0xffffffffu;

  if (g_once_init_enter (&made))
    {
      for (guint32 i = 0; i < 256; i++)
        {
          guint32 value = i;

          for (guint bit = 0; bit < 8; bit++)
            value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
          table[i] = value;
        }
      g_once_init_leave (&made, 1);
    }
  for (gsize i = 0; i < length; i++)
    crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

/* One chunk at the beginning of data; FALSE: there is none that is whole and right. */
static gboolean
read_chunk (const guint8  *data,
            gsize          size,
            const char   **type,
            guint32       *length)
{
  if (size < CHUNK_BYTES)
    return FALSE;
  *length = get_uint32 (data);
  if (*length > size - CHUNK_BYTES)
    return FALSE;
  *type = (const char *) data + 4;
  return compute_crc (data + 4, 4 + (gsize) *length) == get_uint32 (data + 8 + *length);
}

static gboolean
check_header (const guint8 *header,
              guint         *width,
              guint         *height)
{
  *width = get_uint32 (header);
  *height = get_uint32 (header + 4);

  if (*width == 0 || *height == 0 || *width > GLB_CLEAN_IMAGE_MAX_SIDE || *height > GLB_CLEAN_IMAGE_MAX_SIDE ||
      (guint64) *width * *height > GLB_CLEAN_IMAGE_MAX_PIXELS)
    return FALSE;
  /* 8 bits; RGB or RGBA; deflate, filters, not interlaced */
  return header[8] == 8 && (header[9] == 2 || header[9] == 6) && header[10] == 0 && header[11] == 0 && header[12] == 0;
}

gboolean
glb_clipboard_png_check (GBytes *untrusted,
                         guint  *width,
                         guint  *height)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (untrusted, &size);
  const char *type;
  guint32 length;
  gboolean has_pixels = FALSE;

  if (size < 8 || memcmp (data, SIGNATURE, 8) != 0)
    return FALSE;
  data += 8;
  size -= 8;
  if (!read_chunk (data, size, &type, &length) || memcmp (type, "IHDR", 4) != 0 || length != HEADER_BYTES ||
      !check_header (data + 8, width, height))
    return FALSE;

  for (;;)
    {
      data += CHUNK_BYTES + (gsize) length;
      size -= CHUNK_BYTES + (gsize) length;
      if (!read_chunk (data, size, &type, &length))
        return FALSE;
      if (memcmp (type, "IEND", 4) == 0)
        return has_pixels && length == 0 && size == CHUNK_BYTES;
      if (memcmp (type, "IDAT", 4) != 0)
        return FALSE;
      has_pixels = TRUE;
    }
}
