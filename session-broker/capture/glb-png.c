/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A PNG of a screen, fast. Rows are not filtered: text and flat areas compress
 * as well without, and most of the time goes into the search for matches. All
 * rows go into one IDAT chunk, whose length and checksum are set at the end.
 */

#include "session-broker/capture/glb-png.h"

#include <string.h>

#if GLB_PNG_ISAL
#include <isa-l.h>
#else
#include <libdeflate.h>
#endif

#define SIZE_MAX_PIXELS 16384u

#define SIGNATURE_BYTES 8
#define CHUNK_BYTES     12           /* length, type and checksum */
#define IHDR_BYTES      13
#define IDAT_OFFSET     (SIGNATURE_BYTES + CHUNK_BYTES + IHDR_BYTES)

static guint32
compute_crc (const guint8 *data,
             gsize         size)
{
#if GLB_PNG_ISAL
  return crc32_gzip_refl (0, data, size);
#else
  return libdeflate_crc32 (0, data, size);
#endif
}

static void
put_uint32 (guint8  *at,
            guint32  value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  memcpy (at, &big_endian, sizeof big_endian);
}

/* The content of the chunk is in place already. Returns where the next chunk begins. */
static guint8 *
finish_chunk (guint8     *chunk,
              const char *type,
              guint32     size)
{
  put_uint32 (chunk, size);
  memcpy (chunk + 4, type, 4);
  put_uint32 (chunk + 8 + size, compute_crc (chunk + 4, 4 + size));
  return chunk + CHUNK_BYTES + size;
}

static void
put_header (guint8 *png,
            guint   width,
            guint   height)
{
  static const guint8 signature[SIGNATURE_BYTES] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  guint8 *header = png + SIGNATURE_BYTES + 8;

  memcpy (png, signature, sizeof signature);
  put_uint32 (header, width);
  put_uint32 (header + 4, height);
  header[8] = 8;       /* bits a channel */
  header[9] = 2;       /* RGB */
  header[10] = 0;      /* deflate */
  header[11] = 0;      /* filters by row */
  header[12] = 0;      /* not interlaced */
  finish_chunk (png + SIGNATURE_BYTES, "IHDR", IHDR_BYTES);
}

/* One row as PNG has it: the filter's number, then R, G, B. Four pixels are three words. */
static void
convert_row (const guint8 *pixels,
             guint         width,
             guint8       *row)
{
  guint x = 0;

  *row++ = 0;
  for (; x + 4 <= width; x += 4, row += 12)
    {
      guint32 in[4];
      guint32 out[3];

      memcpy (in, pixels + 4 * (gsize) x, sizeof in);
      for (guint i = 0; i < 4; i++)
        in[i] = GUINT32_SWAP_LE_BE (in[i]) >> 8;      /* 0x00BBGGRR */
      out[0] = GUINT32_TO_LE (in[0] | in[1] << 24);
      out[1] = GUINT32_TO_LE (in[1] >> 8 | in[2] << 16);
      out[2] = GUINT32_TO_LE (in[2] >> 16 | in[3] << 8);
      memcpy (row, out, sizeof out);
    }
  for (; x < width; x++, row += 3)
    {
      guint32 pixel;

      memcpy (&pixel, pixels + 4 * (gsize) x, sizeof pixel);
      row[0] = pixel >> 16;
      row[1] = pixel >> 8;
      row[2] = pixel;
    }
}

/* A PNG in the making: the header's room, then what is compressed so far. */
typedef struct
{
  guint8 *data;
  gsize   capacity;
} Buffer;

static gboolean
buffer_grow (Buffer *buffer,
             gsize   capacity)
{
  guint8 *data = g_try_realloc (buffer->data, capacity);

  if (data == NULL)
    return FALSE;
  buffer->data = data;
  buffer->capacity = capacity;
  return TRUE;
}

#if GLB_PNG_ISAL

/* Rows are converted and compressed in batches that stay in the cache. */
#define BATCH_BYTES (64u * 1024u)

typedef struct
{
  struct isal_zstream stream;
  guint8              level[ISAL_DEF_LVL1_DEFAULT];
} Compressor;

/* Keeps room for the tail after the compressed bytes. */
static gboolean
compress_batch (struct isal_zstream *stream,
                Buffer              *buffer)
{
  do
    {
      gsize used = IDAT_OFFSET + 8 + stream->total_out;

      if (buffer->capacity - used < BATCH_BYTES && !buffer_grow (buffer, buffer->capacity * 2))
        return FALSE;
      stream->next_out = buffer->data + used;
      stream->avail_out = MIN (buffer->capacity - used - 4 - CHUNK_BYTES, G_MAXINT32);
      if (isal_deflate (stream) != COMP_OK)
        return FALSE;
    }
  while (stream->avail_in > 0 || stream->avail_out == 0
         || (stream->end_of_stream && stream->internal_state.state != ZSTATE_END));
  return TRUE;
}

/* Returns how many bytes were written at IDAT's content, 0: no memory. */
static gsize
compress_pixels (const guint8 *pixels,
                 guint         width,
                 guint         height,
                 gsize         stride,
                 Buffer       *buffer)
{
  gsize row_bytes = 1 + 3 * (gsize) width;
  guint batch_rows = MAX (1, BATCH_BYTES / row_bytes);
  g_autofree Compressor *compressor = g_try_new (Compressor, 1);
  g_autofree guint8 *batch = g_try_malloc (batch_rows * row_bytes);
  struct isal_zstream *stream;

  if (compressor == NULL || batch == NULL || !buffer_grow (buffer, MAX (4 * BATCH_BYTES, row_bytes * height / 4)))
    return 0;

  stream = &compressor->stream;
  isal_deflate_init (stream);
  stream->level = 1;
  stream->level_buf = compressor->level;
  stream->level_buf_size = sizeof compressor->level;
  stream->gzip_flag = IGZIP_ZLIB;

  for (guint y = 0; y < height; )
    {
      guint n_rows = MIN (batch_rows, height - y);

      for (guint i = 0; i < n_rows; i++)
        convert_row (pixels + (y + i) * stride, width, batch + i * row_bytes);
      y += n_rows;
      stream->next_in = batch;
      stream->avail_in = n_rows * row_bytes;
      stream->end_of_stream = y == height;
      if (!compress_batch (stream, buffer))
        return 0;
    }
  return stream->total_out;
}

#else

static gsize
compress_pixels (const guint8 *pixels,
                 guint         width,
                 guint         height,
                 gsize         stride,
                 Buffer       *buffer)
{
  gsize row_bytes = 1 + 3 * (gsize) width;
  g_autofree guint8 *rows = g_try_malloc (row_bytes * height);
  struct libdeflate_compressor *compressor = NULL;
  gsize bound;
  gsize size = 0;

  if (rows == NULL || (compressor = libdeflate_alloc_compressor (1)) == NULL)
    return 0;

  for (guint y = 0; y < height; y++)
    convert_row (pixels + y * stride, width, rows + y * row_bytes);
  bound = libdeflate_zlib_compress_bound (compressor, row_bytes * height);
  if (buffer_grow (buffer, IDAT_OFFSET + bound + 2 * CHUNK_BYTES))
    size = libdeflate_zlib_compress (compressor, rows, row_bytes * height, buffer->data + IDAT_OFFSET + 8, bound);
  libdeflate_free_compressor (compressor);
  return size;
}

#endif

GBytes *
glb_png_encode (const guint8  *pixels,
                guint          width,
                guint          height,
                gsize          stride,
                GError       **error)
{
  Buffer buffer = { NULL, 0 };
  guint8 *end;
  gsize size;

  g_return_val_if_fail (pixels != NULL, NULL);

  if (width == 0 || height == 0 || width > SIZE_MAX_PIXELS || height > SIZE_MAX_PIXELS || stride < 4 * (gsize) width)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "Can't encode an image of %u x %u pixels with %" G_GSIZE_FORMAT " bytes a row", width, height, stride);
      return NULL;
    }

  size = compress_pixels (pixels, width, height, stride, &buffer);
  if (size == 0)
    {
      g_free (buffer.data);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "Can't encode an image of %u x %u pixels: no memory", width, height);
      return NULL;
    }

  put_header (buffer.data, width, height);
  end = finish_chunk (buffer.data + IDAT_OFFSET, "IDAT", size);
  end = finish_chunk (end, "IEND", 0);
  size = end - buffer.data;
  return g_bytes_new_take (g_realloc (buffer.data, size), size);
}
