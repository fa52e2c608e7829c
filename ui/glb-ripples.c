/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-ripples.h"

typedef struct
{
  double x, y;
  gboolean refused;
  gint64 began_us;             /* monotonic */
} Ripple;

struct _GlbRipples
{
  GtkWidget parent_instance;

  GArray *ripples;
  guint tick_id;
};

G_DEFINE_FINAL_TYPE (GlbRipples, glb_ripples, GTK_TYPE_WIDGET)

#define LIFE_US    900000
#define RADIUS_MIN 8.0
#define RADIUS_MAX 30.0
#define RIPPLES_MAX 32

/* 0 to 1 */
static double
get_age (const Ripple *ripple)
{
  return MIN (1.0, (double) (g_get_monotonic_time () - ripple->began_us) / LIFE_US);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  GlbRipples *self = GLB_RIPPLES (widget);

  while (self->ripples->len > 0 && get_age (&g_array_index (self->ripples, Ripple, 0)) >= 1)
    g_array_remove_index (self->ripples, 0);
  gtk_widget_queue_draw (widget);
  if (self->ripples->len > 0)
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;

  return G_SOURCE_REMOVE;
}

/* A light ring within a dark one: to be seen on each ground. */
static void
draw_ring (GtkSnapshot   *snapshot,
           const Ripple  *ripple,
           double         radius,
           double         width,
           const GdkRGBA *color)
{
  const float widths[4] = { width, width, width, width };
  const GdkRGBA colors[4] = { *color, *color, *color, *color };
  GskRoundedRect ring;

  gsk_rounded_rect_init_from_rect (&ring, &GRAPHENE_RECT_INIT (ripple->x - radius, ripple->y - radius, 2 * radius, 2 * radius),
                                   radius);
  gtk_snapshot_append_border (snapshot, &ring, widths, colors);
}

/* Where the person wants no motion, it stays as it is and goes. */
static void
draw_ripple (GlbRipples   *self,
             GtkSnapshot  *snapshot,
             const Ripple *ripple)
{
  gboolean moves = TRUE;
  double age = get_age (ripple), radius, alpha;
  GdkRGBA color;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &moves, NULL);
  radius = moves ? RADIUS_MIN + (RADIUS_MAX - RADIUS_MIN) * (1 - (1 - age) * (1 - age)) : RADIUS_MAX / 2;
  alpha = moves ? 1 - age * age : 1;
  color = ripple->refused ? (GdkRGBA) { 0.88, 0.11, 0.14, alpha } : (GdkRGBA) { 0.21, 0.52, 0.89, alpha };
  draw_ring (snapshot, ripple, radius + 1.5, 6, &(GdkRGBA) { 1, 1, 1, alpha * 0.85 });
  draw_ring (snapshot, ripple, radius, 3, &color);
}

static void
glb_ripples_snapshot (GtkWidget   *widget,
                      GtkSnapshot *snapshot)
{
  GlbRipples *self = GLB_RIPPLES (widget);

  for (guint i = 0; i < self->ripples->len; i++)
    draw_ripple (self, snapshot, &g_array_index (self->ripples, Ripple, i));
}

static void
glb_ripples_unmap (GtkWidget *widget)
{
  g_array_set_size (GLB_RIPPLES (widget)->ripples, 0);

  GTK_WIDGET_CLASS (glb_ripples_parent_class)->unmap (widget);
}

static void
glb_ripples_finalize (GObject *object)
{
  g_array_unref (GLB_RIPPLES (object)->ripples);

  G_OBJECT_CLASS (glb_ripples_parent_class)->finalize (object);
}

static void
glb_ripples_class_init (GlbRipplesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = glb_ripples_finalize;
  widget_class->snapshot = glb_ripples_snapshot;
  widget_class->unmap = glb_ripples_unmap;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
glb_ripples_init (GlbRipples *self)
{
  self->ripples = g_array_new (FALSE, FALSE, sizeof (Ripple));
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
glb_ripples_new (void)
{
  return g_object_new (GLB_TYPE_RIPPLES, NULL);
}

void
glb_ripples_add (GlbRipples *self,
                 double      x,
                 double      y,
                 gboolean    refused)
{
  const Ripple ripple = { x, y, refused, g_get_monotonic_time () };

  g_return_if_fail (GLB_IS_RIPPLES (self));

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  if (self->ripples->len == RIPPLES_MAX)
    g_array_remove_index (self->ripples, 0);
  g_array_append_val (self->ripples, ripple);
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
glb_ripples_count (GlbRipples *self)
{
  g_return_val_if_fail (GLB_IS_RIPPLES (self), 0);

  return self->ripples->len;
}
