/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-usage-chart.h"

#include <string.h>

#define N_VALUES 120
#define HEIGHT   44

struct _GlbUsageChart
{
  GtkWidget parent_instance;

  char *label;
  double values[N_VALUES];     /* newest last */
  guint n_values;
  double limit;                /* 0: none */
};

G_DEFINE_FINAL_TYPE (GlbUsageChart, glb_usage_chart, GTK_TYPE_WIDGET)

/* A limit is the top where it is not far away; else the line would lie on the ground. */
static double
get_top (GlbUsageChart *self)
{
  double top = 0;

  for (guint i = 0; i < self->n_values; i++)
    top = MAX (top, self->values[i]);

  return self->limit > 0 && self->limit <= 4 * top ? MAX (self->limit, top) : MAX (top * 1.25, 1e-9);
}

/* Time goes with the direction of reading. */
static void
get_point (GlbUsageChart *self,
           guint          i,
           double         top,
           double        *x,
           double        *y)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2;

  *x = width * (N_VALUES - self->n_values + i) / (N_VALUES - 1);
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    *x = width - *x;
  *y = 1 + height * (1 - self->values[i] / top);
}

static void
draw_limit (GlbUsageChart *self,
            cairo_t       *cr,
            double         top)
{
  const double dashes[] = { 3, 3 };
  double y = 1 + (gtk_widget_get_height (GTK_WIDGET (self)) - 2) * (1 - self->limit / top);

  if (self->limit <= 0 || self->limit > top)
    return;

  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, y);
  cairo_line_to (cr, gtk_widget_get_width (GTK_WIDGET (self)), y);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* What the values stand on: an empty plot is one, too. */
static void
draw_ground (GlbUsageChart *self,
             cairo_t       *cr)
{
  double y = gtk_widget_get_height (GTK_WIDGET (self)) - 0.5;

  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, y);
  cairo_line_to (cr, gtk_widget_get_width (GTK_WIDGET (self)), y);
  cairo_stroke (cr);
}

static void
draw_values (GlbUsageChart *self,
             cairo_t       *cr,
             const GdkRGBA *color,
             double         top)
{
  double first_x = 0, x = 0, y;

  for (guint i = 0; i < self->n_values; i++)
    {
      get_point (self, i, top, &x, &y);
      if (i == 0)
        {
          first_x = x;
          cairo_move_to (cr, x, y);
        }
      else
        cairo_line_to (cr, x, y);
    }
  cairo_set_line_width (cr, 1.5);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_stroke_preserve (cr);
  cairo_line_to (cr, x, gtk_widget_get_height (GTK_WIDGET (self)));
  cairo_line_to (cr, first_x, gtk_widget_get_height (GTK_WIDGET (self)));
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, 0.18);
  cairo_fill (cr);
}

static void
glb_usage_chart_snapshot (GtkWidget   *widget,
                          GtkSnapshot *snapshot)
{
  GlbUsageChart *self = GLB_USAGE_CHART (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  double top = get_top (self);
  GdkRGBA color;
  cairo_t *cr;

  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS   /* gtk_widget_get_color() is of 4.10 */
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  G_GNUC_END_IGNORE_DEPRECATIONS
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, 0.3);
  draw_ground (self, cr);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, 0.6);
  draw_limit (self, cr, top);
  if (self->n_values > 0)
    draw_values (self, cr, &color, top);
  cairo_destroy (cr);
}

static void
glb_usage_chart_measure (GtkWidget      *widget,
                         GtkOrientation  orientation,
                         int             for_size,
                         int            *minimum,
                         int            *natural,
                         int            *minimum_baseline,
                         int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : HEIGHT;
}

static void
glb_usage_chart_finalize (GObject *object)
{
  g_free (GLB_USAGE_CHART (object)->label);

  G_OBJECT_CLASS (glb_usage_chart_parent_class)->finalize (object);
}

static void
glb_usage_chart_class_init (GlbUsageChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = glb_usage_chart_finalize;
  widget_class->snapshot = glb_usage_chart_snapshot;
  widget_class->measure = glb_usage_chart_measure;
  gtk_widget_class_set_css_name (widget_class, "usagechart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glb_usage_chart_init (GlbUsageChart *self)
{
}

GtkWidget *
glb_usage_chart_new (const char *label)
{
  GlbUsageChart *self = g_object_new (GLB_TYPE_USAGE_CHART, NULL);

  self->label = g_strdup (label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);

  return GTK_WIDGET (self);
}

void
glb_usage_chart_clear (GlbUsageChart *self)
{
  g_return_if_fail (GLB_IS_USAGE_CHART (self));

  self->n_values = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glb_usage_chart_add (GlbUsageChart *self,
                     double         value,
                     double         limit,
                     const char    *text)
{
  g_autofree char *spoken = NULL;

  g_return_if_fail (GLB_IS_USAGE_CHART (self));

  if (self->n_values == N_VALUES)
    memmove (self->values, self->values + 1, (N_VALUES - 1) * sizeof *self->values);
  else
    self->n_values++;
  self->values[self->n_values - 1] = value;
  self->limit = limit;
  spoken = g_strdup_printf ("%s: %s", self->label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
