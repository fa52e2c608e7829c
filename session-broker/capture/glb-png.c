/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A PNG of a screen, fast. Rows are not filtered: text and flat areas compress
 * as well without, and most of the time goes into the search for matches. A
 * chunk's length and checksum are set when its content is there.
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

/* A PNG in the making: the header's room, whole chunks, and an IDAT chunk that is being filled. */
typedef struct
{
  guint8 *data;
  gsize   capacity;
  gsize   chunk;             /* where the chunk that is being filled begins */
  gsize   chunk_size;        /* of its content so far */
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

/* Noise grows by more than libpng allows one chunk to be larger than the image: chunks are never as large. */
#define CHUNK_BYTES_MIN 256u
#define CHUNK_BYTES_MAX (256u * 1024u)

typedef struct
{
  struct isal_zstream stream;
  guint8              level[ISAL_DEF_LVL1_DEFAULT];
} Compressor;

/* Gives the compressor room in the present chunk, or in a new one where that is full. */
static gboolean
give_room (struct isal_zstream *stream,
           Buffer              *buffer,
           gsize                chunk_max)
{
  gsize needed;

  if (buffer->chunk_size == chunk_max)
    {
      buffer->chunk = finish_chunk (buffer->data + buffer->chunk, "IDAT", buffer->chunk_size) - buffer->data;
      buffer->chunk_size = 0;
    }
  /* This chunk, and the one that ends the file. */
  needed = buffer->chunk + CHUNK_BYTES + chunk_max + CHUNK_BYTES;
  if (needed > buffer->capacity && !buffer_grow (buffer, MAX (needed, buffer->capacity * 2)))
    return FALSE;
  stream->next_out = buffer->data + buffer->chunk + 8 + buffer->chunk_size;
  stream->avail_out = chunk_max - buffer->chunk_size;
  return TRUE;
}

static gboolean
compress_batch (struct isal_zstream *stream,
                Buffer              *buffer,
                gsize                chunk_max)
{
  do
    {
      if (!give_room (stream, buffer, chunk_max) || isal_deflate (stream) != COMP_OK)
        return FALSE;
      buffer->chunk_size = chunk_max - stream->avail_out;
    }
  while (stream->avail_in > 0 || stream->avail_out == 0
         || (stream->end_of_stream && stream->internal_state.state != ZSTATE_END));
  return TRUE;
}

static void
init_stream (Compressor *compressor)
{
  isal_deflate_init (&compressor->stream);
  compressor->stream.level = 1;
  compressor->stream.level_buf = compressor->level;
  compressor->stream.level_buf_size = sizeof compressor->level;
  compressor->stream.gzip_flag = IGZIP_ZLIB;
}

/* FALSE: no memory. */
static gboolean
compress_pixels (const guint8 *pixels,
                 guint         width,
                 guint         height,
                 gsize         stride,
                 Buffer       *buffer)
{
  gsize row_bytes = 1 + 3 * (gsize) width;
  guint batch_rows = MAX (1, BATCH_BYTES / row_bytes);
  gsize chunk_max = CLAMP (row_bytes * height / 2, CHUNK_BYTES_MIN, CHUNK_BYTES_MAX);
  g_autofree Compressor *compressor = g_try_new (Compressor, 1);
  g_autofree guint8 *batch = g_try_malloc (batch_rows * row_bytes);

  if (compressor == NULL || batch == NULL || !buffer_grow (buffer, IDAT_OFFSET + row_bytes * height / 4))
    return FALSE;

  init_stream (compressor);
  for (guint y = 0; y < height; )
    {
      guint n_rows = MIN (batch_rows, height - y);

      for (guint i = 0; i < n_rows; i++)
        convert_row (pixels + (y + i) * stride, width, batch + i * row_bytes);
      y += n_rows;
      compressor->stream.next_in = batch;
      compressor->stream.avail_in = n_rows * row_bytes;
      compressor->stream.end_of_stream = y == height;
      if (!compress_batch (&compressor->stream, buffer, chunk_max))
        return FALSE;
    }
  return TRUE;
}

#else

/* FALSE: no memory. */
static gboolean
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

  if (rows == NULL || (compressor = libdeflate_alloc_compressor (1)) == NULL)
    return FALSE;

  for (guint y = 0; y < height; y++)
    convert_row (pixels + y * stride, width, rows + y * row_bytes);
  bound = libdeflate_zlib_compress_bound (compressor, row_bytes * height);
  if (buffer_grow (buffer, IDAT_OFFSET + bound + 2 * CHUNK_BYTES))
    buffer->chunk_size = libdeflate_zlib_compress (compressor, rows, row_bytes * height,
                                                   buffer->data + IDAT_OFFSET + 8, bound);
  libdeflate_free_compressor (compressor);
  return buffer->chunk_size > 0;
}

#endif

GBytes *
glb_png_encode (const guint8  *pixels,
                guint          width,
                guint          height,
                gsize          stride,
                GError       **error)
{
  Buffer buffer = { .chunk = IDAT_OFFSET };
  guint8 *end;
  gsize size;

  g_return_val_if_fail (pixels != NULL, NULL);

  if (width == 0 || height == 0 || width > SIZE_MAX_PIXELS || height > SIZE_MAX_PIXELS || stride < 4 * (gsize) width)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "Can't encode an image of %u x %u pixels with %" G_GSIZE_FORMAT " bytes a row", width, height, stride);
      return NULL;
    }

  if (!compress_pixels (pixels, width, height, stride, &buffer))
    {
      g_free (buffer.data);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "Can't encode an image of %u x %u pixels: no memory", width, height);
      return NULL;
    }

  put_header (buffer.data, width, height);
  end = finish_chunk (buffer.data + buffer.chunk, "IDAT", buffer.chunk_size);
  end = finish_chunk (end, "IEND", 0);
  size = end - buffer.data;
  return g_bytes_new_take (g_realloc (buffer.data, size), size);
}
