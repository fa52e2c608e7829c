/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-session-sidebar.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-grants-list.h"
#include "ui/glb-timeline-view.h"
#include "ui/glb-usage-view.h"
#include "ui/glb-windows-list.h"

struct _GlbSessionSidebar
{
  AdwBin parent_instance;

  GlbWindowsList *windows;
  GlbUsageView *usage;
  GlbGrantsList *grants;
  GtkListBox *refusals;
  GlbTimelineView *timeline;

  GlbSessionItem *item;        /* (nullable) */
  gboolean driving;
  GtkFilterListModel *refused; /* the timeline's */
};

G_DEFINE_FINAL_TYPE (GlbSessionSidebar, glb_session_sidebar, ADW_TYPE_BIN)

enum
{
  SIGNAL_RAISE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* The timeline has the others. */
#define REFUSALS_MAX 6

/* ---- what the session has ---------------------------------------------------------------- */

static void
update_windows (GlbSessionSidebar *self)
{
  GlbDBusSession1 *session = glb_session_item_get_session (self->item);

  glb_windows_list_set_windows (self->windows, glb_dbus_session1_get_windows (session), self->driving);
}

static void
on_properties_changed (GlbDBusSession1   *session,
                       GVariant          *changed,
                       GStrv              invalidated,
                       GlbSessionSidebar *self)
{
  g_autoptr(GVariant) windows = g_variant_lookup_value (changed, "Windows", NULL);

  if (windows != NULL)
    update_windows (self);
}

static void
on_gates_changed (GlbSessionGates   *gates,
                  GlbSessionSidebar *self)
{
  glb_grants_list_set_grants (self->grants, glb_session_gates_get_grants (gates));
}

static void
on_raise (GlbWindowsList    *list,
          guint              id,
          GlbSessionSidebar *self)
{
  g_signal_emit (self, signals[SIGNAL_RAISE], 0, id);
}

/* ---- what it was refused ------------------------------------------------------------------- */

static gboolean
is_refusal (gpointer item,
            gpointer user_data)
{
  return glb_timeline_entry_get_kind (item) == GLB_TIMELINE_REFUSAL;
}

static GtkWidget *
make_refusal_row (gpointer item,
                  gpointer user_data)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *time_text = glb_timeline_entry_dup_time (item);
  GtkWidget *time = gtk_label_new (time_text);
  const char *detail = glb_timeline_entry_get_detail (item);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), glb_timeline_entry_get_title (item));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), detail != NULL ? detail : "");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_widget_add_css_class (time, "dim-label");
  gtk_widget_add_css_class (time, "caption");
  gtk_widget_add_css_class (time, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), time);

  return row;
}

static void
add_refusals (GlbSessionSidebar *self)
{
  GtkWidget *nothing = gtk_label_new (_("Nothing. What the policy keeps the agent from is listed here."));
  GtkSliceListModel *newest;

  gtk_label_set_wrap (GTK_LABEL (nothing), TRUE);
  gtk_label_set_justify (GTK_LABEL (nothing), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (nothing, "placeholder");
  gtk_list_box_set_placeholder (self->refusals, nothing);
  self->refused = gtk_filter_list_model_new (NULL, GTK_FILTER (gtk_custom_filter_new (is_refusal, NULL, NULL)));
  newest = gtk_slice_list_model_new (G_LIST_MODEL (g_object_ref (self->refused)), 0, REFUSALS_MAX);
  gtk_list_box_bind_model (self->refusals, G_LIST_MODEL (newest), make_refusal_row, self, NULL);
  g_object_unref (newest);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
forget_item (GlbSessionSidebar *self)
{
  if (self->item == NULL)
    return;

  g_signal_handlers_disconnect_by_data (glb_session_item_get_session (self->item), self);
  g_signal_handlers_disconnect_by_data (glb_session_item_get_gates (self->item), self);
  g_clear_object (&self->item);
}

static void
glb_session_sidebar_dispose (GObject *object)
{
  GlbSessionSidebar *self = GLB_SESSION_SIDEBAR (object);

  forget_item (self);
  g_clear_object (&self->refused);
  gtk_widget_dispose_template (GTK_WIDGET (self), GLB_TYPE_SESSION_SIDEBAR);

  G_OBJECT_CLASS (glb_session_sidebar_parent_class)->dispose (object);
}

static void
glb_session_sidebar_class_init (GlbSessionSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_session_sidebar_dispose;

  signals[SIGNAL_RAISE] = g_signal_new ("raise", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  g_type_ensure (GLB_TYPE_WINDOWS_LIST);
  g_type_ensure (GLB_TYPE_USAGE_VIEW);
  g_type_ensure (GLB_TYPE_GRANTS_LIST);
  g_type_ensure (GLB_TYPE_TIMELINE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-session-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbSessionSidebar, windows);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionSidebar, usage);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionSidebar, grants);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionSidebar, refusals);
  gtk_widget_class_bind_template_child (widget_class, GlbSessionSidebar, timeline);
  gtk_widget_class_bind_template_callback (widget_class, on_raise);
  gtk_widget_class_set_css_name (widget_class, "sessionsidebar");
}

static void
glb_session_sidebar_init (GlbSessionSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_refusals (self);
}

GtkWidget *
glb_session_sidebar_new (void)
{
  return g_object_new (GLB_TYPE_SESSION_SIDEBAR, NULL);
}

void
glb_session_sidebar_set_item (GlbSessionSidebar *self,
                              GlbSessionItem    *item)
{
  GlbTimeline *timeline = item != NULL ? glb_session_item_get_timeline (item) : NULL;
  GlbDBusSession1 *session = item != NULL ? glb_session_item_get_session (item) : NULL;
  GlbSessionGates *gates = item != NULL ? glb_session_item_get_gates (item) : NULL;

  g_return_if_fail (GLB_IS_SESSION_SIDEBAR (self));

  forget_item (self);
  glb_usage_view_set_session (self->usage, session);
  glb_timeline_view_set_timeline (self->timeline, timeline);
  gtk_filter_list_model_set_model (self->refused, timeline != NULL ? glb_timeline_get_entries (timeline) : NULL);
  if (item == NULL)
    return;

  self->item = g_object_ref (item);
  g_signal_connect_object (session, "g-properties-changed", G_CALLBACK (on_properties_changed), self, 0);
  g_signal_connect_object (gates, "changed", G_CALLBACK (on_gates_changed), self, 0);
  update_windows (self);
  on_gates_changed (gates, self);
}

void
glb_session_sidebar_set_driving (GlbSessionSidebar *self,
                                 gboolean           driving)
{
  g_return_if_fail (GLB_IS_SESSION_SIDEBAR (self));

  if (self->driving == driving)
    return;

  self->driving = driving;
  if (self->item != NULL)
    update_windows (self);
}
