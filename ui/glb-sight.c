/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-sight.h"

struct _GlbSight
{
  GtkWidget *widget;           /* owns this */
  void (*shown) (GtkWidget *widget);
  gint64 asked_us;             /* monotonic; since then it should have been drawn. 0: it was */
  guint tick_id;               /* nobody looks; the next picture says that somebody does */
};

/* Longer than a busy machine takes for a picture. */
#define PATIENCE_US G_USEC_PER_SEC

GlbSight *
glb_sight_new (GtkWidget *widget,
               void     (*shown) (GtkWidget *widget))
{
  GlbSight *self = g_new0 (GlbSight, 1);

  self->widget = widget;
  self->shown = shown;

  return self;
}

void
glb_sight_free (GlbSight *self)
{
  glb_sight_reset (self);
  g_free (self);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  GlbSight *self = user_data;

  self->tick_id = 0;
  self->asked_us = 0;
  self->shown (widget);

  return G_SOURCE_REMOVE;
}

gboolean
glb_sight_draw (GlbSight *self)
{
  gint64 now = g_get_monotonic_time ();

  gtk_widget_queue_draw (self->widget);
  if (self->asked_us == 0)
    self->asked_us = now;
  if (now - self->asked_us < PATIENCE_US)
    return TRUE;

  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (self->widget, on_tick, self, NULL);

  return FALSE;
}

void
glb_sight_drawn (GlbSight *self)
{
  self->asked_us = 0;
}

void
glb_sight_reset (GlbSight *self)
{
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (self->widget, self->tick_id);
  self->tick_id = 0;
  self->asked_us = 0;
}
