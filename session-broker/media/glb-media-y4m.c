/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-y4m.h"

#define MAGIC    "YUV4MPEG2 "
#define FRAME    "FRAME"
#define LINE_BYTES 256
#define FPS_MAX  120

#define REMEDY "; write it anew, for example with ffmpeg -i FILE -pix_fmt yuv420p -r 25 NEW.y4m"

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, message);
  return FALSE;
}

/* The line that begins at, without its end; NULL: there is none. after: where the next byte is. (transfer full) */
static char *
dup_line (const guint8 *untrusted, gsize size, gsize at, gsize *after)
{
  const guint8 *end = memchr (untrusted + at, '\n', MIN (size - at, LINE_BYTES));

  if (end == NULL || memchr (untrusted + at, 0, end - (untrusted + at)) != NULL)
    return NULL;

  *after = end - untrusted + 1;
  return g_strndup ((const char *) untrusted + at, end - (untrusted + at));
}

/* For messages: what the file says, so that a person can read it. (transfer full) */
static char *
dup_printable (const char *untrusted_text)
{
  char *text = g_strndup (untrusted_text, 20);

  for (char *c = text; *c != '\0'; c++)
    if (!g_ascii_isprint (*c))
      *c = '?';
  return text;
}

static gboolean
read_number (const char *text, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &value, NULL))
    return FALSE;
  *number = value;
  return TRUE;
}

static gboolean
read_rate (GlbMediaY4m *self, const char *text, GError **error)
{
  g_auto(GStrv) parts = g_strsplit (text, ":", 3);

  if (g_strv_length (parts) != 2 || !read_number (parts[0], &self->rate) || !read_number (parts[1], &self->per) ||
      self->rate == 0 || self->per == 0 || self->rate / self->per > FPS_MAX ||
      (self->rate / self->per == FPS_MAX && self->rate % self->per != 0) || self->per / self->rate >= 60)
    return fail (error, "a y4m file without a usable frame rate; from one a minute to %u a second can be shown" REMEDY, FPS_MAX);
  return TRUE;
}

static gboolean
read_colours (GlbMediaY4m *self, const char *text, GError **error)
{
  static const struct { const char *name; guint x, y; } kinds[] = {
    { "420", 2, 2 }, { "420jpeg", 2, 2 }, { "420mpeg2", 2, 2 }, { "420paldv", 2, 2 }, { "422", 2, 1 }, { "444", 1, 1 }, { "mono", 0, 0 },
  };
  g_autofree char *printable = dup_printable (text);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (text, kinds[i].name))
      {
        self->chroma_x = kinds[i].x;
        self->chroma_y = kinds[i].y;
        return TRUE;
      }

  return fail (error, "a y4m file with colours of kind '%s'; what can be shown is 420, 422, 444 and mono of 8 bits" REMEDY, printable);
}

static gboolean
read_parameter (GlbMediaY4m *self, const char *parameter, GError **error)
{
  switch (parameter[0])
    {
    case 'W':
      return read_number (parameter + 1, &self->mode.width) || fail (error, "a y4m file whose width is no number" REMEDY);
    case 'H':
      return read_number (parameter + 1, &self->mode.height) || fail (error, "a y4m file whose height is no number" REMEDY);
    case 'F':
      return read_rate (self, parameter + 1, error);
    case 'C':
      return read_colours (self, parameter + 1, error);
    case 'I':
      return parameter[1] == 'p' || parameter[1] == '?' ||
             fail (error, "an interlaced y4m file; make it progressive, for example with ffmpeg -i FILE -vf yadif NEW.y4m");
    default:
      /* the shape of pixels, and comments */
      return TRUE;
    }
}

static gboolean
read_header (GlbMediaY4m *self, const guint8 *untrusted, gsize size, gsize *after, GError **error)
{
  g_autofree char *line = dup_line (untrusted, size, 0, after);
  g_auto(GStrv) parameters = line != NULL ? g_strsplit (line, " ", -1) : NULL;

  if (line == NULL || !g_str_has_prefix (line, MAGIC))
    return fail (error, "no y4m file, or one with a damaged first line" REMEDY);

  self->mode.pixels = GLB_MEDIA_I420;
  self->chroma_x = self->chroma_y = 2;
  for (guint i = 1; parameters[i] != NULL; i++)
    if (!read_parameter (self, parameters[i], error))
      return FALSE;
  if (self->rate == 0)
    return read_rate (self, "", error);

  self->mode.fps = CLAMP (self->rate / self->per, 1, FPS_MAX);
  return glb_media_mode_is_valid (&self->mode) ||
         fail (error, "a y4m file of %ux%u pixels; from %ux%u to %ux%u, both even, can be shown" REMEDY, self->mode.width, self->mode.height,
               GLB_MEDIA_SIZE_MIN, GLB_MEDIA_SIZE_MIN, GLB_MEDIA_SIZE_MAX, GLB_MEDIA_SIZE_MAX);
}

static gsize
get_frame_size (const GlbMediaY4m *self)
{
  gsize luma = (gsize) self->mode.width * self->mode.height;

  return luma + (self->chroma_x != 0 ? 2 * (luma / self->chroma_x / self->chroma_y) : 0);
}

static gboolean
read_frames (GlbMediaY4m *self, const guint8 *untrusted, gsize size, gsize at, GError **error)
{
  gsize frame_size = get_frame_size (self);

  while (at < size)
    {
      gsize after = at;
      g_autofree char *line = dup_line (untrusted, size, at, &after);

      if (line == NULL || !g_str_has_prefix (line, FRAME) || (line[strlen (FRAME)] != '\0' && line[strlen (FRAME)] != ' '))
        return fail (error, "a damaged y4m file: no frame begins where number %u should" REMEDY, self->offsets->len + 1);
      if (frame_size > size - after)
        return fail (error, "a y4m file that is cut off in frame %u" REMEDY, self->offsets->len + 1);
      g_array_append_val (self->offsets, after);
      at = after + frame_size;
    }

  self->n_frames = self->offsets->len;
  return self->n_frames > 0 || fail (error, "a y4m file without a frame" REMEDY);
}

GlbMediaY4m *
glb_media_y4m_new (const guint8 *untrusted, gsize size, GError **error)
{
  g_autoptr(GlbMediaY4m) self = g_new0 (GlbMediaY4m, 1);
  gsize after = 0;

  self->bytes = untrusted;
  self->offsets = g_array_new (FALSE, FALSE, sizeof (gsize));
  if (!read_header (self, untrusted, size, &after, error) || !read_frames (self, untrusted, size, after, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
glb_media_y4m_free (GlbMediaY4m *self)
{
  g_array_unref (self->offsets);
  g_free (self);
}

/* One plane of colour as I420 has it: a number for two pixels by two. */
static void
copy_chroma (const GlbMediaY4m *self, const guint8 *plane, guint8 *to, gsize stride)
{
  guint columns = 2 / self->chroma_x, rows = 2 / self->chroma_y;
  gsize width = self->mode.width / self->chroma_x;

  for (guint y = 0; y < self->mode.height / 2; y++)
    for (guint x = 0; x < self->mode.width / 2; x++)
      to[y * stride + x] = plane[(gsize) y * rows * width + (gsize) x * columns];
}

void
glb_media_y4m_get_frame (const GlbMediaY4m *self, guint index, guint8 *frame)
{
  const guint8 *from = self->bytes + g_array_index (self->offsets, gsize, index);
  gsize luma = (gsize) self->mode.width * self->mode.height;
  GlbMediaLayout layout;

  glb_media_layout_init (&layout, &self->mode);
  for (gsize row = 0; row < self->mode.height; row++)
    memcpy (frame + row * layout.stride[0], from + row * self->mode.width, self->mode.width);
  for (guint i = 1; i < 3; i++)
    if (self->chroma_x == 0)
      memset (frame + layout.offset[i], 128, layout.stride[i] * layout.rows[i]);
    else
      copy_chroma (self, from + luma + (i - 1) * (luma / self->chroma_x / self->chroma_y), frame + layout.offset[i], layout.stride[i]);
}
