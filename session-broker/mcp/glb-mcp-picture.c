/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The broker gives a PNG of the screen; a model may want less of it. What is
 * decoded here was encoded by the broker, from pixels: no program of a session
 * says a byte of its form.
 */

#include "config.h"

#include "session-broker/mcp/glb-mcp-picture.h"

#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <stdlib.h>
#include <webp/encode.h>

#include "session-broker/capture/glb-png.h"

#define QUALITY_DEFAULT 80
/* As large as a screen may be, and as the formats take it. */
#define SIDE_MAX        16383
/* From 0 to 6: a screenshot is waited for. */
#define WEBP_METHOD     2
/* Parts of a pixel, where one of the picture is not a whole number of the screen's. */
#define PARTS           256

static const struct { const char *name; const char *mime_type; } formats[] = {
  [GLB_MCP_PICTURE_PNG] = { "png", "image/png" },
  [GLB_MCP_PICTURE_JPEG] = { "jpeg", "image/jpeg" },
  [GLB_MCP_PICTURE_WEBP] = { "webp", "image/webp" },
};

/* Blue, green, red and one more byte a pixel: on a little-endian machine what glb_png_encode() takes. */
G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);
typedef struct
{
  guint8 *data;              /* its first pixel; owned by whoever made them */
  int width, height;
  gsize stride;
} Pixels;

const char *
glb_mcp_picture_get_mime_type (GlbMcpPictureFormat format)
{
  return formats[format].mime_type;
}

/* ---- wishes --------------------------------------------------------------------------- */

static void
read_of (GlbMcpPictureWish *self,
         const char        *word)
{
  static const char * const words[] = { "screen", "changed", "none" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i], word))
      self->of = i;
}

static void
read_format (GlbMcpPictureWish *self,
             const char        *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (formats[i].name, word))
      self->format = i;
}

void
glb_mcp_picture_wish_init (GlbMcpPictureWish *self,
                           JsonNode          *image)
{
  JsonObject *object;

  *self = (GlbMcpPictureWish) { .quality = QUALITY_DEFAULT, .scale = 1, .is_said = image != NULL };
  if (image == NULL)
    return;
  if (JSON_NODE_HOLDS_VALUE (image))
    {
      read_of (self, json_node_get_string (image));
      return;
    }

  object = json_node_get_object (image);
  read_of (self, json_object_get_string_member_with_default (object, "of", "screen"));
  read_format (self, json_object_get_string_member_with_default (object, "format", "png"));
  self->quality = (int) json_object_get_int_member_with_default (object, "quality", QUALITY_DEFAULT);
  self->scale = json_object_get_double_member_with_default (object, "scale", 1);
  self->max_width = (int) json_object_get_int_member_with_default (object, "maxWidth", 0);
  self->has_region = json_object_has_member (object, "region");
  for (guint i = 0; self->has_region && i < G_N_ELEMENTS (self->region); i++)
    self->region[i] = (int) json_array_get_int_element (json_object_get_array_member (object, "region"), i);
}

/* ---- pixels ----------------------------------------------------------------------------- */

/* FALSE with error. *whole: (out) (transfer full): its data is to be freed */
static gboolean
decode (GBytes   *png,
        Pixels   *whole,
        GError  **error)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  gsize length;
  const void *bytes = g_bytes_get_data (png, &length);

  if (png_image_begin_read_from_memory (&image, bytes, length) && image.width <= SIDE_MAX && image.height <= SIDE_MAX)
    {
      image.format = PNG_FORMAT_BGRA;
      *whole = (Pixels) { g_malloc (PNG_IMAGE_SIZE (image)), (int) image.width, (int) image.height, PNG_IMAGE_ROW_STRIDE (image) };
      if (png_image_finish_read (&image, NULL, whole->data, 0, NULL))
        return TRUE;
      g_free (whole->data);
    }
  png_image_free (&image);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's picture can't be read: %s; run the same version of both",
               *image.message != '\0' ? image.message : "it is too large");
  return FALSE;
}

/* A part of whole, which shares its data. FALSE: nothing of area is on it. */
static gboolean
cut (const Pixels *whole,
     const int    *area,
     Pixels       *part)
{
  int x1 = MAX (area[0], 0), y1 = MAX (area[1], 0);
  int x2 = MIN (area[0] + area[2], whole->width), y2 = MIN (area[1] + area[3], whole->height);

  if (x1 >= x2 || y1 >= y2)
    return FALSE;
  *part = (Pixels) { whole->data + y1 * whole->stride + (gsize) x1 * 4, x2 - x1, y2 - y1, whole->stride };
  return TRUE;
}

/* How much of a pixel, in PARTS, is between from and to, which are in PARTS too. */
static guint
cover (int pixel,
       gint64 from,
       gint64 to)
{
  gint64 begin = MAX (from, (gint64) pixel * PARTS);
  gint64 end = MIN (to, (gint64) (pixel + 1) * PARTS);

  return (guint) (end - begin);
}

/* The mean of what is below one pixel of the smaller picture. */
static void
average (const Pixels *from,
         const gint64  box[4],
         guint8       *pixel)
{
  guint64 sums[4] = { 0 }, weight = 0;

  for (int y = (int) (box[1] / PARTS); (gint64) y * PARTS < box[3]; y++)
    for (int x = (int) (box[0] / PARTS); (gint64) x * PARTS < box[2]; x++)
      {
        const guint8 *source = from->data + (gsize) y * from->stride + (gsize) x * 4;
        guint part = cover (x, box[0], box[2]) * cover (y, box[1], box[3]);

        for (guint i = 0; i < 4; i++)
          sums[i] += (guint64) source[i] * part;
        weight += part;
      }
  for (guint i = 0; i < 4; i++)
    pixel[i] = (guint8) ((sums[i] + weight / 2) / weight);
}

/* to's size is no larger than from's. */
static void
shrink (const Pixels *from,
        const Pixels *to)
{
  for (int y = 0; y < to->height; y++)
    for (int x = 0; x < to->width; x++)
      {
        const gint64 box[4] = {
          (gint64) x * from->width * PARTS / to->width, (gint64) y * from->height * PARTS / to->height,
          (gint64) (x + 1) * from->width * PARTS / to->width, (gint64) (y + 1) * from->height * PARTS / to->height,
        };

        average (from, box, to->data + (gsize) y * to->stride + (gsize) x * 4);
      }
}

/* ---- formats ---------------------------------------------------------------------------- */

/* What is left is that there is no memory, where all of Glovebox ends, too. */
static void
on_jpeg_error (j_common_ptr info)
{
  char text[JMSG_LENGTH_MAX];

  info->err->format_message (info, text);
  g_error ("libjpeg: %s", text);
}

static GBytes *
encode_jpeg (const Pixels *pixels,
             int           quality)
{
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  unsigned char *data = NULL;
  unsigned long length = 0;

  info.err = jpeg_std_error (&errors);
  errors.error_exit = on_jpeg_error;
  jpeg_create_compress (&info);
  jpeg_mem_dest (&info, &data, &length);
  info.image_width = (JDIMENSION) pixels->width;
  info.image_height = (JDIMENSION) pixels->height;
  info.input_components = 4;
  info.in_color_space = JCS_EXT_BGRX;
  jpeg_set_defaults (&info);
  jpeg_set_quality (&info, quality, TRUE);
  jpeg_start_compress (&info, TRUE);
  while (info.next_scanline < info.image_height)
    {
      JSAMPROW row = pixels->data + info.next_scanline * pixels->stride;

      jpeg_write_scanlines (&info, &row, 1);
    }
  jpeg_finish_compress (&info);
  jpeg_destroy_compress (&info);
  return g_bytes_new_with_free_func (data, length, free, data);
}

static GBytes *
encode_webp (const Pixels  *pixels,
             int            quality,
             GError       **error)
{
  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  gboolean done;

  WebPMemoryWriterInit (&writer);
  if (!WebPConfigPreset (&config, WEBP_PRESET_TEXT, (float) quality) || !WebPPictureInit (&picture))
    g_error ("libwebp is of another version than its headers");

  config.method = WEBP_METHOD;
  picture.width = pixels->width;
  picture.height = pixels->height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  done = WebPPictureImportBGRX (&picture, pixels->data, (int) pixels->stride) && WebPEncode (&config, &picture);
  WebPPictureFree (&picture);
  if (done)
    return g_bytes_new_with_free_func (writer.mem, writer.size, (GDestroyNotify) WebPFree, writer.mem);
  WebPMemoryWriterClear (&writer);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the picture can't be made into a WebP (%d); ask for a png", picture.error_code);
  return NULL;
}

static GBytes *
encode (const Pixels         *pixels,
        GlbMcpPictureFormat   format,
        int                   quality,
        GError              **error)
{
  switch (format)
    {
    case GLB_MCP_PICTURE_JPEG:
      return encode_jpeg (pixels, quality);
    case GLB_MCP_PICTURE_WEBP:
      return encode_webp (pixels, quality, error);
    case GLB_MCP_PICTURE_PNG:
    default:
      return glb_png_encode (pixels->data, (guint) pixels->width, (guint) pixels->height, pixels->stride, error);
    }
}

/* ---- pictures ----------------------------------------------------------------------------- */

/* Takes bytes. */
static GlbMcpPicture *
picture_new (GBytes              *bytes,
             GlbMcpPictureFormat  format,
             int                  width,
             int                  height)
{
  GlbMcpPicture *self = g_new0 (GlbMcpPicture, 1);

  self->bytes = bytes;
  self->format = format;
  self->width = width;
  self->height = height;
  return self;
}

static GlbMcpPicture *
shrink_and_encode (const Pixels         *part,
                   int                   width,
                   int                   height,
                   GlbMcpPictureFormat   format,
                   int                   quality,
                   GError              **error)
{
  Pixels small = { NULL, CLAMP (width, 1, part->width), CLAMP (height, 1, part->height), 0 };
  gboolean shrinks = small.width < part->width || small.height < part->height;
  g_autofree guint8 *data = NULL;
  GBytes *bytes;

  if (shrinks)
    {
      small.stride = (gsize) small.width * 4;
      small.data = data = g_malloc (small.stride * (gsize) small.height);
      shrink (part, &small);
    }
  bytes = encode (shrinks ? &small : part, format, quality, error);
  return bytes != NULL ? picture_new (bytes, format, small.width, small.height) : NULL;
}

GlbMcpPicture *
glb_mcp_picture_new (GBytes               *png,
                     const int            *area,
                     int                   width,
                     int                   height,
                     GlbMcpPictureFormat   format,
                     int                   quality,
                     GError              **error)
{
  g_autofree guint8 *data = NULL;
  Pixels whole, part;

  if (!decode (png, &whole, error))
    return NULL;

  data = whole.data;
  part = whole;
  if (area != NULL && !cut (&whole, area, &part))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the region is not on the screen");
      return NULL;
    }
  return shrink_and_encode (&part, width, height, format, quality, error);
}

GlbMcpPicture *
glb_mcp_picture_new_from_png (GBytes  *png,
                              GError **error)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  gsize length;
  const void *bytes = g_bytes_get_data (png, &length);

  if (!png_image_begin_read_from_memory (&image, bytes, length))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's picture can't be read: %s", image.message);
      return NULL;
    }
  png_image_free (&image);
  return picture_new (g_bytes_ref (png), GLB_MCP_PICTURE_PNG, (int) image.width, (int) image.height);
}

void
glb_mcp_picture_free (GlbMcpPicture *self)
{
  g_bytes_unref (self->bytes);
  g_free (self);
}
