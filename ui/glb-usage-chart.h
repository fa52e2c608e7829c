/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One number over the last two minutes, drawn. */
#define GLB_TYPE_USAGE_CHART (glb_usage_chart_get_type ())
G_DECLARE_FINAL_TYPE (GlbUsageChart, glb_usage_chart, GLB, USAGE_CHART, GtkWidget)

GtkWidget *glb_usage_chart_new   (const char *label);
void       glb_usage_chart_clear (GlbUsageChart *self);
/* limit: 0: none. text: what it says beside the label, for ears, too */
void       glb_usage_chart_add   (GlbUsageChart *self, double value, double limit, const char *text);

G_END_DECLS
