/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "clipboard-guard/glb-clean-image.h"
#include "clipboard-guard/glb-clipboard-png.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Whatever the bytes: a refusal with one line, or a picture that the guard takes for clean and that cleaned again is the same.
 * Each input also with its checksums made right, or no mutation would reach beyond them. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check (const guint8 *data,
       gsize         size,
       gboolean      again)
{
  char message[GLB_CLEAN_IMAGE_MAX_MESSAGE];
  g_autoptr(GBytes) bytes = NULL;
  guint width, height;
  uint8_t *out;
  size_t out_size;

  if (glb_clean_image (data, size, 1 << 20, &out, &out_size, message) != GLB_CLEAN_IMAGE_OK)
    {
      g_assert_null (out);
      g_assert_cmpint (message[0], !=, '\0');
      for (const char *c = message; *c != '\0'; c++)
        g_assert_true (g_ascii_isprint (*c));
      g_assert_false (again);
      return;
    }
  bytes = g_bytes_new_with_free_func (out, out_size, free, out);
  g_assert_true (glb_clipboard_png_check (bytes, &width, &height));
  if (again)
    g_assert_cmpmem (out, out_size, data, size);
  else
    check (out, out_size, TRUE);
}

static guint32
compute_crc (const guint8 *data,
             gsize         size)
{
  guint32 crc = 0xffffffffu;

  for (gsize i = 0; i < size; i++)
    {
      crc ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
    }
  return GUINT32_TO_BE (~crc);
}

/* Sides stay small: pixels cost time, not insight. */
static void
repair (guint8 *data,
        gsize   size)
{
  gsize at = 8;

  if (size >= 24)
    memset (data + 16, 0, 2), memset (data + 20, 0, 2), data[18] &= 1, data[22] &= 1;
  while (at + 12 <= size)
    {
      guint32 length;
      guint32 crc;

      memcpy (&length, data + at, 4);
      length = GUINT32_FROM_BE (length);
      if (length > size - at - 12)
        return;
      crc = compute_crc (data + at + 4, 4 + (gsize) length);
      memcpy (data + at + 8 + length, &crc, 4);
      at += 12 + (gsize) length;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree guint8 *repaired = g_memdup2 (data, size);

  check (data, size, FALSE);
  if (size > 8)
    {
      repair (repaired, size);
      check (repaired, size, FALSE);
    }
  return 0;
}
