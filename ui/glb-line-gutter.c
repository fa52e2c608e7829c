/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-line-gutter.h"

#define PADDING 10

struct _GlbLineGutter
{
  GtkWidget parent_instance;

  GtkTextView *view;   /* whose child this is */
  guint mark;          /* a line from 1, or 0 */
};

G_DEFINE_FINAL_TYPE (GlbLineGutter, glb_line_gutter, GTK_TYPE_WIDGET)

/* (transfer full) */
static PangoLayout *
make_layout (GlbLineGutter *self,
             guint          line)
{
  g_autofree char *text = g_strdup_printf ("%u", line);

  return gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
}

static void
glb_line_gutter_measure (GtkWidget      *widget,
                         GtkOrientation  orientation,
                         int             for_size,
                         int            *minimum,
                         int            *natural,
                         int            *minimum_baseline,
                         int            *natural_baseline)
{
  GlbLineGutter *self = GLB_LINE_GUTTER (widget);
  g_autoptr(PangoLayout) layout = NULL;
  int width = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      layout = make_layout (self, MAX (100, gtk_text_buffer_get_line_count (gtk_text_view_get_buffer (self->view))));
      pango_layout_get_pixel_size (layout, &width, NULL);
      width += 2 * PADDING;
    }
  *minimum = *natural = width;
  *minimum_baseline = *natural_baseline = -1;
}

static GdkRGBA
get_colour (GlbLineGutter *self,
            gboolean       marked)
{
  GdkRGBA colour;

  /* GTK 4.10 has another way, which 4.8 has not. */
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &colour);
  G_GNUC_END_IGNORE_DEPRECATIONS
  if (!marked)
    colour.alpha *= 0.6;
  return colour;
}

static void
draw_line (GlbLineGutter     *self,
           GtkSnapshot       *snapshot,
           const GtkTextIter *iter)
{
  guint line = gtk_text_iter_get_line (iter) + 1;
  g_autoptr(PangoLayout) layout = make_layout (self, line);
  GdkRGBA colour = get_colour (self, line == self->mark);
  int y, height, window_y, width, text_height;

  gtk_text_view_get_line_yrange (self->view, iter, &y, &height);
  gtk_text_view_buffer_to_window_coords (self->view, GTK_TEXT_WINDOW_LEFT, 0, y, NULL, &window_y);
  pango_layout_get_pixel_size (layout, &width, &text_height);
  if (line == self->mark)
    gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 0.88, 0.11, 0.14, 0.35 },
                               &GRAPHENE_RECT_INIT (0, window_y, gtk_widget_get_width (GTK_WIDGET (self)), height));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (gtk_widget_get_width (GTK_WIDGET (self)) - PADDING - width, window_y));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
}

static void
glb_line_gutter_snapshot (GtkWidget   *widget,
                          GtkSnapshot *snapshot)
{
  GlbLineGutter *self = GLB_LINE_GUTTER (widget);
  GdkRectangle visible;
  GtkTextIter iter;
  int y;

  gtk_text_view_get_visible_rect (self->view, &visible);
  gtk_text_view_get_line_at_y (self->view, &iter, visible.y, NULL);
  do
    {
      gtk_text_view_get_line_yrange (self->view, &iter, &y, NULL);
      if (y > visible.y + visible.height)
        break;
      draw_line (self, snapshot, &iter);
    }
  while (gtk_text_iter_forward_line (&iter));
}

static void
glb_line_gutter_class_init (GlbLineGutterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = glb_line_gutter_measure;
  widget_class->snapshot = glb_line_gutter_snapshot;
  gtk_widget_class_set_css_name (widget_class, "linegutter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
glb_line_gutter_init (GlbLineGutter *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GlbLineGutter *
glb_line_gutter_new (GtkTextView *view)
{
  GlbLineGutter *self = g_object_new (GLB_TYPE_LINE_GUTTER, NULL);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));

  self->view = view;
  g_signal_connect_object (gtk_text_view_get_buffer (view), "changed", G_CALLBACK (gtk_widget_queue_resize), self, G_CONNECT_SWAPPED);
  if (scroll != NULL)
    g_signal_connect_object (scroll, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  gtk_text_view_set_gutter (view, GTK_TEXT_WINDOW_LEFT, GTK_WIDGET (self));
  return self;
}

void
glb_line_gutter_set_mark (GlbLineGutter *self,
                          guint          line)
{
  g_return_if_fail (GLB_IS_LINE_GUTTER (self));

  self->mark = line;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
