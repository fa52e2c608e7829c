/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-usage-view.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-sight.h"
#include "ui/glb-usage-chart.h"

enum { MEMORY, CPU, PROCESSES, N_CHARTS };

struct _GlbUsageView
{
  AdwBin parent_instance;

  GlbUsageChart *charts[N_CHARTS];
  GtkLabel *numbers[N_CHARTS];
  GlbDBusSession1 *session;    /* (nullable) */
  GCancellable *cancellable;   /* (nullable): the question is under way */
  GlbSight *sight;
  guint tick_id;               /* while somebody looks */
  guint64 cpu_us;              /* of the last answer, 0: none */
  gint64 time;
};

G_DEFINE_FINAL_TYPE (GlbUsageView, glb_usage_view, ADW_TYPE_BIN)

#define TICK_S 1

static void
show (GlbUsageView *self,
      guint         chart,
      double        value,
      double        limit,
      const char   *text)
{
  gtk_label_set_label (self->numbers[chart], text);
  glb_usage_chart_add (self->charts[chart], value, limit, text);
}

static void
show_memory (GlbUsageView *self,
             GVariant     *usage)
{
  g_autofree char *used = NULL;
  g_autofree char *limit_text = NULL;
  g_autofree char *text = NULL;
  guint64 memory, limit = 0;

  if (!g_variant_lookup (usage, "memory", "t", &memory))
    return;

  g_variant_lookup (usage, "memory-limit", "t", &limit);
  used = g_format_size_full (memory, G_FORMAT_SIZE_IEC_UNITS);
  limit_text = g_format_size_full (limit, G_FORMAT_SIZE_IEC_UNITS);
  text = limit != 0 ? g_strdup_printf (_("%s of %s"), used, limit_text) : g_strdup (used);
  show (self, MEMORY, memory, limit, text);
}

/* Of one core, between two answers. */
static void
show_cpu (GlbUsageView *self,
          GVariant     *usage)
{
  g_autofree char *text = NULL;
  guint64 cpu_us = 0;
  gint64 time = 0;
  guint limit = 0;
  double percent;

  if (!g_variant_lookup (usage, "cpu-us", "t", &cpu_us) || !g_variant_lookup (usage, "time", "x", &time))
    return;

  g_variant_lookup (usage, "cpu-limit", "u", &limit);
  if (self->time != 0 && time > self->time && cpu_us >= self->cpu_us)
    {
      percent = 100.0 * (cpu_us - self->cpu_us) / (time - self->time);
      text = limit != 0 ? g_strdup_printf (_("%.0f %% of %u %%"), percent, limit) : g_strdup_printf (_("%.0f %% of a core"), percent);
      show (self, CPU, percent, limit, text);
    }
  self->cpu_us = cpu_us;
  self->time = time;
}

static void
show_processes (GlbUsageView *self,
                GVariant     *usage)
{
  g_autofree char *text = NULL;
  guint processes, limit = 0;

  if (!g_variant_lookup (usage, "processes", "u", &processes))
    return;

  g_variant_lookup (usage, "processes-limit", "u", &limit);
  text = limit != 0 ? g_strdup_printf (_("%u of %u"), processes, limit) : g_strdup_printf ("%u", processes);
  show (self, PROCESSES, processes, limit, text);
}

static void
usage_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbUsageView) self = user_data;
  g_autoptr(GVariant) usage = NULL;
  g_autoptr(GError) error = NULL;

  if (!glb_dbus_session1_call_usage_finish (GLB_DBUS_SESSION1 (object), &usage, result, &error))
    {
      /* else the session has ended: what it took stays to be seen */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_clear_object (&self->cancellable);
      return;
    }

  g_clear_object (&self->cancellable);
  show_memory (self, usage);
  show_cpu (self, usage);
  show_processes (self, usage);
  if (!glb_sight_draw (self->sight))
    g_clear_handle_id (&self->tick_id, g_source_remove);
}

static gboolean
on_tick (gpointer user_data)
{
  GlbUsageView *self = user_data;

  if (self->session == NULL || self->cancellable != NULL)
    return G_SOURCE_CONTINUE;

  self->cancellable = g_cancellable_new ();
  glb_dbus_session1_call_usage (self->session, self->cancellable, usage_cb, g_object_ref (self));

  return G_SOURCE_CONTINUE;
}

/* The page, or its window that was hidden. */
static void
on_shown (GtkWidget *widget)
{
  GlbUsageView *self = GLB_USAGE_VIEW (widget);

  on_tick (self);
  if (self->tick_id == 0)
    self->tick_id = g_timeout_add_seconds (TICK_S, on_tick, self);
}

static void
stop (GlbUsageView *self)
{
  glb_sight_reset (self->sight);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->time = 0;
}

static void
glb_usage_view_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  glb_sight_drawn (GLB_USAGE_VIEW (widget)->sight);
  GTK_WIDGET_CLASS (glb_usage_view_parent_class)->snapshot (widget, snapshot);
}

static void
glb_usage_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glb_usage_view_parent_class)->map (widget);
  on_shown (widget);
}

static void
glb_usage_view_unmap (GtkWidget *widget)
{
  stop (GLB_USAGE_VIEW (widget));
  GTK_WIDGET_CLASS (glb_usage_view_parent_class)->unmap (widget);
}

static void
glb_usage_view_dispose (GObject *object)
{
  GlbUsageView *self = GLB_USAGE_VIEW (object);

  stop (self);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (glb_usage_view_parent_class)->dispose (object);
}

static void
glb_usage_view_finalize (GObject *object)
{
  glb_sight_free (GLB_USAGE_VIEW (object)->sight);

  G_OBJECT_CLASS (glb_usage_view_parent_class)->finalize (object);
}

static void
glb_usage_view_class_init (GlbUsageViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_usage_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_usage_view_finalize;
  widget_class->snapshot = glb_usage_view_snapshot;
  widget_class->map = glb_usage_view_map;
  widget_class->unmap = glb_usage_view_unmap;
}

static void
add_chart (GlbUsageView *self,
           GtkGrid      *grid,
           guint         chart,
           const char   *label)
{
  GtkWidget *name = gtk_label_new (label);
  GtkWidget *number = gtk_label_new ("–");
  GtkWidget *drawing = glb_usage_chart_new (label);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_widget_set_hexpand (number, TRUE);
  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_set_margin_bottom (drawing, 8);
  gtk_grid_attach (grid, name, 0, 2 * chart, 1, 1);
  gtk_grid_attach (grid, number, 1, 2 * chart, 1, 1);
  gtk_grid_attach (grid, drawing, 0, 2 * chart + 1, 2, 1);
  self->charts[chart] = GLB_USAGE_CHART (drawing);
  self->numbers[chart] = GTK_LABEL (number);
}

static void
glb_usage_view_init (GlbUsageView *self)
{
  GtkWidget *grid = gtk_grid_new ();

  self->sight = glb_sight_new (GTK_WIDGET (self), on_shown);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
  add_chart (self, GTK_GRID (grid), MEMORY, _("Memory"));
  add_chart (self, GTK_GRID (grid), CPU, _("Processor"));
  add_chart (self, GTK_GRID (grid), PROCESSES, _("Processes"));
  adw_bin_set_child (ADW_BIN (self), grid);
}

GtkWidget *
glb_usage_view_new (void)
{
  return g_object_new (GLB_TYPE_USAGE_VIEW, NULL);
}

void
glb_usage_view_set_session (GlbUsageView    *self,
                            GlbDBusSession1 *session)
{
  g_return_if_fail (GLB_IS_USAGE_VIEW (self));

  if (!g_set_object (&self->session, session))
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->time = 0;
  for (guint i = 0; i < N_CHARTS; i++)
    {
      glb_usage_chart_clear (self->charts[i]);
      gtk_label_set_label (self->numbers[i], "–");
    }
}
