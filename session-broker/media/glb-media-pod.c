/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <spa/buffer/buffer.h>
#include <spa/param/buffers.h>
#include <spa/param/param.h>
#include <spa/param/video/format-utils.h>
#include <spa/pod/iter.h>
#include <spa/pod/parser.h>

#include "session-broker/media/glb-media-pod.h"

#define N_BUFFERS     4
#define N_BUFFERS_MIN 2
#define N_BUFFERS_MAX 16
#define DEFAULT_FPS   30
/* Of one choice: a longer list than any camera has. */
#define CHOICES_MAX   256

static const guint32 spa_formats[GLB_MEDIA_N_PIXELS] = {
  [GLB_MEDIA_RGBX] = SPA_VIDEO_FORMAT_RGBx,
  [GLB_MEDIA_BGRX] = SPA_VIDEO_FORMAT_BGRx,
  [GLB_MEDIA_RGB] = SPA_VIDEO_FORMAT_RGB,
  [GLB_MEDIA_YUY2] = SPA_VIDEO_FORMAT_YUY2,
  [GLB_MEDIA_UYVY] = SPA_VIDEO_FORMAT_UYVY,
  [GLB_MEDIA_I420] = SPA_VIDEO_FORMAT_I420,
  [GLB_MEDIA_NV12] = SPA_VIDEO_FORMAT_NV12,
};

/* What a device that takes any size is asked for. */
static const struct spa_rectangle usual_sizes[] = { { 1280, 720 }, { 640, 480 }, { 320, 240 } };

static gboolean
find_pixels (guint32 untrusted_format, GlbMediaPixels *pixels)
{
  for (guint i = 0; i < GLB_MEDIA_N_PIXELS; i++)
    if (spa_formats[i] == untrusted_format)
      {
        *pixels = i;
        return TRUE;
      }
  return FALSE;
}

struct spa_pod *
glb_media_pod_build (struct spa_pod_builder *builder, const GlbMediaMode *mode)
{
  return spa_pod_builder_add_object (builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat,
                                     SPA_FORMAT_mediaType, SPA_POD_Id (SPA_MEDIA_TYPE_video),
                                     SPA_FORMAT_mediaSubtype, SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw),
                                     SPA_FORMAT_VIDEO_format, SPA_POD_Id (spa_formats[mode->pixels]),
                                     SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle (&SPA_RECTANGLE (mode->width, mode->height)),
                                     SPA_FORMAT_VIDEO_framerate,
                                     SPA_POD_CHOICE_RANGE_Fraction (&SPA_FRACTION (mode->fps, 1), &SPA_FRACTION (0, 1),
                                                                    &SPA_FRACTION (120, 1)));
}

struct spa_pod *
glb_media_pod_build_buffers (struct spa_pod_builder *builder, const GlbMediaLayout *layout)
{
  if (layout->n_planes == 0)
    return spa_pod_builder_add_object (builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
                                       SPA_PARAM_BUFFERS_buffers,
                                       SPA_POD_CHOICE_RANGE_Int (N_BUFFERS, N_BUFFERS_MIN, N_BUFFERS_MAX),
                                       SPA_PARAM_BUFFERS_dataType,
                                       SPA_POD_CHOICE_FLAGS_Int ((1 << SPA_DATA_MemFd) | (1 << SPA_DATA_MemPtr)));

  return spa_pod_builder_add_object (builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
                                     SPA_PARAM_BUFFERS_buffers,
                                     SPA_POD_CHOICE_RANGE_Int (N_BUFFERS, N_BUFFERS_MIN, N_BUFFERS_MAX),
                                     SPA_PARAM_BUFFERS_blocks, SPA_POD_Int (1),
                                     SPA_PARAM_BUFFERS_size, SPA_POD_Int (layout->size),
                                     SPA_PARAM_BUFFERS_stride, SPA_POD_Int (layout->stride[0]),
                                     SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int (1 << SPA_DATA_MemFd));
}

gboolean
glb_media_pod_parse (const struct spa_pod *untrusted_format, GlbMediaMode *mode)
{
  struct spa_video_info_raw info = { 0 };
  guint32 type = 0, subtype = 0;

  if (untrusted_format == NULL || spa_format_parse (untrusted_format, &type, &subtype) < 0 || type != SPA_MEDIA_TYPE_video ||
      subtype != SPA_MEDIA_SUBTYPE_raw || spa_format_video_raw_parse (untrusted_format, &info) < 0 ||
      !find_pixels (info.format, &mode->pixels))
    return FALSE;

  mode->width = info.size.width;
  mode->height = info.size.height;
  /* 0/1 is "as it comes" */
  mode->fps = info.framerate.denom > 0 ? info.framerate.num / info.framerate.denom : 0;
  if (mode->fps == 0 || mode->fps > 120)
    mode->fps = DEFAULT_FPS;

  return glb_media_mode_is_valid (mode);
}

static void
add_mode (GArray *modes, GlbMediaPixels pixels, const struct spa_rectangle *untrusted_size)
{
  GlbMediaMode mode = { .pixels = pixels, .width = untrusted_size->width, .height = untrusted_size->height, .fps = DEFAULT_FPS };

  if (modes->len >= GLB_MEDIA_MODES_MAX || !glb_media_mode_is_valid (&mode))
    return;
  for (guint i = 0; i < modes->len; i++)
    if (glb_media_mode_equal (&g_array_index (modes, GlbMediaMode, i), &mode))
      return;
  g_array_append_val (modes, mode);
}

static void
add_sizes (GArray *modes, GlbMediaPixels pixels, const struct spa_pod *values, guint n_values, guint choice)
{
  const struct spa_rectangle *sizes = SPA_POD_BODY_CONST (values);

  switch (choice)
    {
    case SPA_CHOICE_None:
      add_mode (modes, pixels, &sizes[0]);
      break;
    case SPA_CHOICE_Enum:
      for (guint i = 0; i < n_values; i++)
        add_mode (modes, pixels, &sizes[i]);
      break;
    case SPA_CHOICE_Range:
    case SPA_CHOICE_Step:
      /* the preferred size, then what is usual where it lies within */
      add_mode (modes, pixels, &sizes[0]);
      for (guint i = 0; n_values >= 3 && i < G_N_ELEMENTS (usual_sizes); i++)
        if (usual_sizes[i].width >= sizes[1].width && usual_sizes[i].width <= sizes[2].width &&
            usual_sizes[i].height >= sizes[1].height && usual_sizes[i].height <= sizes[2].height)
          add_mode (modes, pixels, &usual_sizes[i]);
      break;
    default:
      break;
    }
}

/* The values of a property, and how they are meant. NULL: none of that type. */
static const struct spa_pod *
get_values (const struct spa_pod *format, guint32 key, guint32 type, guint *n_values, guint *choice)
{
  const struct spa_pod_prop *property = spa_pod_find_prop (format, NULL, key);
  uint32_t n = 0, kind = SPA_CHOICE_None;
  const struct spa_pod *values;

  if (property == NULL)
    return NULL;
  values = spa_pod_get_values (&property->value, &n, &kind);
  if (values == NULL || values->type != type || n == 0 || n > CHOICES_MAX ||
      values->size < (type == SPA_TYPE_Id ? sizeof (guint32) : sizeof (struct spa_rectangle)))
    return NULL;

  *n_values = n;
  *choice = kind;
  return values;
}

void
glb_media_pod_list (const struct spa_pod *untrusted_format, GArray *modes)
{
  guint32 type = 0, subtype = 0;
  const struct spa_pod *formats, *sizes;
  guint n_formats, n_sizes, choice, sizes_choice;

  if (untrusted_format == NULL || spa_format_parse (untrusted_format, &type, &subtype) < 0 || type != SPA_MEDIA_TYPE_video ||
      subtype != SPA_MEDIA_SUBTYPE_raw)
    return;

  formats = get_values (untrusted_format, SPA_FORMAT_VIDEO_format, SPA_TYPE_Id, &n_formats, &choice);
  sizes = get_values (untrusted_format, SPA_FORMAT_VIDEO_size, SPA_TYPE_Rectangle, &n_sizes, &sizes_choice);
  if (formats == NULL || sizes == NULL)
    return;

  for (guint i = 0; i < n_formats; i++)
    {
      GlbMediaPixels pixels;

      if (find_pixels (((const guint32 *) SPA_POD_BODY_CONST (formats))[i], &pixels))
        add_sizes (modes, pixels, sizes, n_sizes, sizes_choice);
    }
}
