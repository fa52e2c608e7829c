/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/video/glb-video-captions.h"

#include <pango/pangocairo.h>

#define N_LINES     3u
#define LINE_HEIGHT 22
#define MARGIN      8

struct _GlbVideoCaptions
{
  char *lines[N_LINES];      /* (nullable): oldest first */
};

GlbVideoCaptions *
glb_video_captions_new (void)
{
  return g_new0 (GlbVideoCaptions, 1);
}

void
glb_video_captions_free (GlbVideoCaptions *self)
{
  for (guint i = 0; i < N_LINES; i++)
    g_free (self->lines[i]);
  g_free (self);
}

void
glb_video_captions_add (GlbVideoCaptions *self,
                        const char       *caption)
{
  g_free (self->lines[0]);
  for (guint i = 1; i < N_LINES; i++)
    self->lines[i - 1] = self->lines[i];
  self->lines[N_LINES - 1] = g_strdup (caption);
}

static PangoLayout *
new_layout (cairo_t *cr,
            guint    width)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string ("Sans");

  pango_font_description_set_absolute_size (font, 15 * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, MAX (1, (int) width - 2 * MARGIN) * PANGO_SCALE);
  return layout;
}

static void
draw_lines (GlbVideoCaptions *self,
            cairo_t          *cr,
            guint             width,
            guint             top)
{
  g_autoptr(PangoLayout) layout = new_layout (cr, width);

  cairo_rectangle (cr, 0, top, width, GLB_VIDEO_CAPTIONS_HEIGHT);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  cairo_fill (cr);
  for (guint i = 0; i < N_LINES; i++)
    {
      double grey = i + 1 == N_LINES ? 1 : 0.6;

      if (self->lines[i] == NULL)
        continue;
      cairo_set_source_rgb (cr, grey, grey, grey);
      cairo_move_to (cr, MARGIN, top + 3 + i * LINE_HEIGHT);
      pango_layout_set_text (layout, self->lines[i], -1);
      pango_cairo_show_layout (cr, layout);
    }
}

void
glb_video_captions_draw (GlbVideoCaptions *self,
                         GlbRecordImage   *frame)
{
  cairo_surface_t *surface;
  cairo_t *cr;

  g_return_if_fail (frame->height >= GLB_VIDEO_CAPTIONS_HEIGHT);

  /* Cairo's RGB24 is what our pixels are. */
  surface = cairo_image_surface_create_for_data ((guint8 *) frame->pixels, CAIRO_FORMAT_RGB24, frame->width, frame->height,
                                                 4 * (int) frame->width);
  cr = cairo_create (surface);
  draw_lines (self, cr, frame->width, frame->height - GLB_VIDEO_CAPTIONS_HEIGHT);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
}
