/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A picture that is nothing but its pixels
 * ========================================
 *
 * Reads a hostile PNG to 8-bit RGBA and writes these pixels as a new PNG.
 * What does not survive: comments, profiles, positions, previews, what stands
 * behind the end, bits of 16 that no screen shows, and the colours of pixels
 * that are wholly transparent, which nobody sees and everybody can read back.
 *
 * libpng's limits are set before it reads a byte; ancillary chunks are skipped,
 * not stored. What it forgives elsewhere (bad checksums, too much data) is an
 * error here. It reports by longjmp(): nothing that is to be freed is held in
 * a local variable, but in Image.
 */

#include "clipboard-guard/glb-clean-image.h"

#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const uint8_t       *at;
  const uint8_t       *end;
  png_structp          reader;
  png_infop            reader_info;
  png_structp          writer;
  png_infop            writer_info;
  png_uint_32          width;
  png_uint_32          height;
  bool                 opaque;
  uint8_t             *pixels;
  png_bytep           *rows;
  uint8_t             *out;
  size_t               out_size;
  size_t               out_room;
  size_t               max_bytes;
  GlbCleanImageResult  result;
  char                *message;
} Image;

/* The first reason stays. */
static void __attribute__ ((format (printf, 3, 4)))
set_result (Image               *self,
            GlbCleanImageResult  result,
            const char          *format,
            ...)
{
  va_list arguments;

  if (self->result != GLB_CLEAN_IMAGE_OK)
    return;
  self->result = result;
  va_start (arguments, format);
  vsnprintf (self->message, GLB_CLEAN_IMAGE_MAX_MESSAGE, format, arguments);
  va_end (arguments);
}

/* libpng's text may quote the file: only what is printable is passed on. */
static void
error_cb (png_structp     png,
          png_const_charp text)
{
  Image *self = png_get_error_ptr (png);
  char plain[80];
  size_t i;

  for (i = 0; text[i] != '\0' && i + 1 < sizeof plain; i++)
    plain[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
  plain[i] = '\0';
  set_result (self, GLB_CLEAN_IMAGE_MALFORMED, "not a sound PNG: %s", plain);
  png_longjmp (png, 1);
}

static void
warning_cb (png_structp     png,
            png_const_charp text)
{
}

static void
read_cb (png_structp png,
         png_bytep   bytes,
         size_t      length)
{
  Image *self = png_get_io_ptr (png);

  if (length > (size_t) (self->end - self->at))
    png_error (png, "it ends too early");
  memcpy (bytes, self->at, length);
  self->at += length;
}

static void
write_cb (png_structp png,
          png_bytep   bytes,
          size_t      length)
{
  Image *self = png_get_io_ptr (png);

  if (length > self->max_bytes - self->out_size)
    {
      set_result (self, GLB_CLEAN_IMAGE_TOO_LARGE, "written anew it is larger than %zu bytes", self->max_bytes);
      png_error (png, "too large");
    }
  if (length > self->out_room - self->out_size)
    {
      size_t room = self->out_room * 2 + length;
      uint8_t *out = realloc (self->out, room);

      if (out == NULL)
        {
          set_result (self, GLB_CLEAN_IMAGE_FAILED, "no memory");
          png_error (png, "no memory");
        }
      self->out = out;
      self->out_room = room;
    }
  memcpy (self->out + self->out_size, bytes, length);
  self->out_size += length;
}

static void
flush_cb (png_structp png)
{
}

static bool
open_reader (Image *self)
{
  self->reader = png_create_read_struct (PNG_LIBPNG_VER_STRING, self, error_cb, warning_cb);
  self->reader_info = self->reader != NULL ? png_create_info_struct (self->reader) : NULL;
  if (self->reader_info == NULL)
    {
      set_result (self, GLB_CLEAN_IMAGE_FAILED, "no memory");
      return false;
    }

  png_set_read_fn (self->reader, self, read_cb);
  png_set_user_limits (self->reader, GLB_CLEAN_IMAGE_MAX_SIDE, GLB_CLEAN_IMAGE_MAX_SIDE);
  png_set_chunk_malloc_max (self->reader, GLB_CLEAN_IMAGE_MAX_BYTES);
  png_set_chunk_cache_max (self->reader, 1);
  png_set_crc_action (self->reader, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors (self->reader, 0);
  /* All chunks but those that pixels are made from. */
  png_set_keep_unknown_chunks (self->reader, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  return true;
}

static uint32_t
get_uint32 (const uint8_t *at)
{
  return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
}

/* libpng checks the sides again. This is for the exit code: too large is not the same as damaged. */
static bool
check_size (Image *self)
{
  uint64_t width, height;

  if (self->end - self->at < 24 || memcmp (self->at + 12, "IHDR", 4) != 0)
    return true;
  width = get_uint32 (self->at + 16);
  height = get_uint32 (self->at + 20);
  if (width <= GLB_CLEAN_IMAGE_MAX_SIDE && height <= GLB_CLEAN_IMAGE_MAX_SIDE && width * height <= GLB_CLEAN_IMAGE_MAX_PIXELS)
    return true;
  set_result (self, GLB_CLEAN_IMAGE_TOO_MANY, "%u x %u pixels are too many; %u a side and %u in all are the limits",
              (unsigned) width, (unsigned) height, GLB_CLEAN_IMAGE_MAX_SIDE, GLB_CLEAN_IMAGE_MAX_PIXELS);
  return false;
}

static bool
read_header (Image *self)
{
  if (setjmp (png_jmpbuf (self->reader)) != 0)
    return false;

  png_read_info (self->reader, self->reader_info);
  self->width = png_get_image_width (self->reader, self->reader_info);
  self->height = png_get_image_height (self->reader, self->reader_info);
  /* What check_size() read is what libpng reads; if it ever is not, nothing is allocated. */
  if ((uint64_t) self->width * self->height > GLB_CLEAN_IMAGE_MAX_PIXELS)
    png_error (self->reader, "its size is not that of its first bytes");

  png_set_expand (self->reader);
  png_set_scale_16 (self->reader);
  png_set_gray_to_rgb (self->reader);
  png_set_add_alpha (self->reader, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling (self->reader);
  png_read_update_info (self->reader, self->reader_info);
  if (png_get_rowbytes (self->reader, self->reader_info) != (size_t) self->width * 4)
    png_error (self->reader, "its rows have another length");
  return true;
}

static bool
read_pixels (Image *self)
{
  size_t stride = (size_t) self->width * 4;

  /* Zeroed: a file that leaves pixels out must not show this process's memory. */
  self->pixels = calloc (self->height, stride);
  self->rows = malloc (self->height * sizeof *self->rows);
  if (self->pixels == NULL || self->rows == NULL)
    {
      set_result (self, GLB_CLEAN_IMAGE_FAILED, "no memory for %u x %u pixels", (unsigned) self->width, (unsigned) self->height);
      return false;
    }
  for (png_uint_32 y = 0; y < self->height; y++)
    self->rows[y] = self->pixels + y * stride;

  if (setjmp (png_jmpbuf (self->reader)) != 0)
    return false;
  png_read_image (self->reader, self->rows);
  png_read_end (self->reader, NULL);
  return true;
}

static void
clear_invisible (Image *self)
{
  size_t n = (size_t) self->width * self->height;

  self->opaque = true;
  for (size_t i = 0; i < n; i++)
    {
      uint8_t *pixel = self->pixels + 4 * i;

      if (pixel[3] == 0)
        memset (pixel, 0, 4);
      self->opaque = self->opaque && pixel[3] == 0xff;
    }
}

static bool
write_image (Image *self)
{
  self->writer = png_create_write_struct (PNG_LIBPNG_VER_STRING, self, error_cb, warning_cb);
  self->writer_info = self->writer != NULL ? png_create_info_struct (self->writer) : NULL;
  if (self->writer_info == NULL)
    {
      set_result (self, GLB_CLEAN_IMAGE_FAILED, "no memory");
      return false;
    }
  if (setjmp (png_jmpbuf (self->writer)) != 0)
    return false;

  png_set_write_fn (self->writer, self, write_cb, flush_cb);
  png_set_IHDR (self->writer, self->writer_info, self->width, self->height, 8,
                self->opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA,
                PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level (self->writer, 6);
  png_write_info (self->writer, self->writer_info);
  if (self->opaque)
    png_set_filler (self->writer, 0, PNG_FILLER_AFTER);
  png_write_image (self->writer, self->rows);
  png_write_end (self->writer, NULL);
  return true;
}

/* Frees all but pixels and out. */
static void
close_image (Image *self)
{
  png_destroy_read_struct (&self->reader, &self->reader_info, NULL);
  png_destroy_write_struct (&self->writer, &self->writer_info);
  free (self->rows);
}

static bool
read_image (Image *self)
{
  if ((size_t) (self->end - self->at) > self->max_bytes)
    {
      set_result (self, GLB_CLEAN_IMAGE_TOO_LARGE, "larger than %zu bytes", self->max_bytes);
      return false;
    }
  if (!check_size (self) || !open_reader (self) || !read_header (self) || !read_pixels (self))
    return false;

  clear_invisible (self);
  return true;
}

GlbCleanImageResult
glb_clean_image (const uint8_t  *untrusted,
                 size_t          size,
                 size_t          max_bytes,
                 uint8_t       **out,
                 size_t         *out_size,
                 char            message[GLB_CLEAN_IMAGE_MAX_MESSAGE])
{
  Image self = { .at = untrusted, .end = untrusted + size, .max_bytes = max_bytes, .message = message };

  *out = NULL;
  *out_size = 0;
  message[0] = '\0';
  if (read_image (&self))
    write_image (&self);
  close_image (&self);
  free (self.pixels);
  if (self.result != GLB_CLEAN_IMAGE_OK)
    {
      free (self.out);
      return self.result;
    }
  *out = self.out;
  *out_size = self.out_size;
  return GLB_CLEAN_IMAGE_OK;
}

GlbCleanImageResult
glb_clean_image_read (const uint8_t  *untrusted,
                      size_t          size,
                      size_t          max_bytes,
                      uint8_t       **pixels,
                      uint32_t       *width,
                      uint32_t       *height,
                      char            message[GLB_CLEAN_IMAGE_MAX_MESSAGE])
{
  Image self = { .at = untrusted, .end = untrusted + size, .max_bytes = max_bytes, .message = message };

  *pixels = NULL;
  *width = *height = 0;
  message[0] = '\0';
  read_image (&self);
  close_image (&self);
  if (self.result != GLB_CLEAN_IMAGE_OK)
    {
      free (self.pixels);
      return self.result;
    }
  *pixels = self.pixels;
  *width = self.width;
  *height = self.height;
  return GLB_CLEAN_IMAGE_OK;
}
