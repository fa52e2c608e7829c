/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-windows-list.h"

#include <glib/gi18n-lib.h>

struct _GlbWindowsList
{
  AdwBin parent_instance;

  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (GlbWindowsList, glb_windows_list, ADW_TYPE_BIN)

enum
{
  SIGNAL_RAISE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
on_row_activated (GtkListBox     *list,
                  GtkListBoxRow  *row,
                  GlbWindowsList *self)
{
  g_signal_emit (self, signals[SIGNAL_RAISE], 0, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "window")));
}

static GtkWidget *
make_row (GVariant *window,
          gboolean  can_raise)
{
  GtkWidget *row = adw_action_row_new ();
  const char *title = "", *app_id = "";
  gboolean focused = FALSE;
  guint32 id = 0;

  g_variant_lookup (window, "title", "&s", &title);
  g_variant_lookup (window, "app-id", "&s", &app_id);
  g_variant_lookup (window, "focused", "b", &focused);
  g_variant_lookup (window, "id", "u", &id);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), *title != '\0' ? title : *app_id != '\0' ? app_id : _("(no title)"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), app_id);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), can_raise);
  gtk_widget_set_focusable (row, can_raise);
  g_object_set_data (G_OBJECT (row), "window", GUINT_TO_POINTER (id));
  if (focused)
    {
      GtkWidget *mark = gtk_label_new (_("In front"));

      gtk_widget_add_css_class (mark, "mark");
      gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), mark);
    }

  return row;
}

static void
glb_windows_list_class_init (GlbWindowsListClass *klass)
{
  signals[SIGNAL_RAISE] = g_signal_new ("raise", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
glb_windows_list_init (GlbWindowsList *self)
{
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *nothing = gtk_label_new (_("No windows yet"));

  self->list = GTK_LIST_BOX (list);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_add_css_class (nothing, "placeholder");
  gtk_list_box_set_placeholder (self->list, nothing);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Windows of the session"), -1);
  g_signal_connect (list, "row-activated", G_CALLBACK (on_row_activated), self);
  adw_bin_set_child (ADW_BIN (self), list);
}

GtkWidget *
glb_windows_list_new (void)
{
  return g_object_new (GLB_TYPE_WINDOWS_LIST, NULL);
}

void
glb_windows_list_set_windows (GlbWindowsList *self,
                              GVariant       *windows,
                              gboolean        can_raise)
{
  GtkListBoxRow *row;

  g_return_if_fail (GLB_IS_WINDOWS_LIST (self));

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (gsize i = windows != NULL ? g_variant_n_children (windows) : 0; i > 0; i--)
    {
      g_autoptr(GVariant) window = g_variant_get_child_value (windows, i - 1);

      gtk_list_box_append (self->list, make_row (window, can_raise));
    }
}
