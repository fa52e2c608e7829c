/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-app-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GlbAppList
{
  GtkPopover parent_instance;

  GtkSearchEntry *search;
  GtkListBox *list;
  gboolean filled;
};

G_DEFINE_FINAL_TYPE (GlbAppList, glb_app_list, GTK_TYPE_POPOVER)

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

#define APPLICATION "application"

static GAppInfo *
get_application (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), APPLICATION);
}

char *
glb_app_list_get_command (GAppInfo *application)
{
  const char *line = g_app_info_get_commandline (application);
  GString *command = g_string_new (NULL);

  for (const char *c = line != NULL ? line : ""; *c != '\0'; c++)
    if (c[0] != '%')
      g_string_append_c (command, *c);
    else if (c[1] != '\0' && *++c == '%')
      g_string_append_c (command, '%');

  return g_strstrip (g_string_free (command, FALSE));
}

/* ---- the list ------------------------------------------------------------------- */

static int
compare_applications (gconstpointer a,
                      gconstpointer b)
{
  return g_utf8_collate (g_app_info_get_display_name ((GAppInfo *) a), g_app_info_get_display_name ((GAppInfo *) b));
}

static GtkWidget *
make_row (GAppInfo *application)
{
  g_autofree char *command = glb_app_list_get_command (application);
  GtkWidget *row = adw_action_row_new ();
  GIcon *icon = g_app_info_get_icon (application);
  GtkWidget *image = icon != NULL ? gtk_image_new_from_gicon (icon) : gtk_image_new_from_icon_name ("application-x-executable");

  gtk_image_set_icon_size (GTK_IMAGE (image), GTK_ICON_SIZE_LARGE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), g_app_info_get_display_name (application));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), command);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), APPLICATION, g_object_ref (application), g_object_unref);
  return row;
}

static void
fill (GlbAppList *self)
{
  g_autolist(GAppInfo) applications = g_list_sort (g_app_info_get_all (), compare_applications);

  for (GList *link = applications; link != NULL; link = link->next)
    {
      g_autofree char *command = glb_app_list_get_command (link->data);

      if (g_app_info_should_show (link->data) && *command != '\0')
        gtk_list_box_append (self->list, make_row (link->data));
    }
  self->filled = TRUE;
}

static gboolean
contains (const char *text,
          const char *folded_needle)
{
  g_autofree char *folded = g_utf8_casefold (text != NULL ? text : "", -1);

  return strstr (folded, folded_needle) != NULL;
}

static gboolean
is_shown (GtkListBoxRow *row,
          gpointer       user_data)
{
  GlbAppList *self = user_data;
  GAppInfo *application = get_application (row);
  g_autofree char *needle = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);

  return contains (g_app_info_get_display_name (application), needle) || contains (g_app_info_get_commandline (application), needle) ||
         contains (g_app_info_get_description (application), needle);
}

static void
on_search_changed (GtkSearchEntry *search,
                   GlbAppList     *self)
{
  gtk_list_box_invalidate_filter (self->list);
}

static void
choose (GlbAppList    *self,
        GtkListBoxRow *row)
{
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[CHOSEN], 0, get_application (row));
}

static void
on_row_activated (GtkListBox    *list,
                  GtkListBoxRow *row,
                  GlbAppList    *self)
{
  choose (self, row);
}

/* Enter takes the first that is found. */
static void
on_search_activate (GtkSearchEntry *search,
                    GlbAppList     *self)
{
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row != NULL; row = gtk_widget_get_next_sibling (row))
    if (GTK_IS_LIST_BOX_ROW (row) && gtk_widget_get_child_visible (row))
      {
        choose (self, GTK_LIST_BOX_ROW (row));
        return;
      }
}

/* ---- the widget ----------------------------------------------------------------- */

static void
glb_app_list_show (GtkWidget *widget)
{
  GlbAppList *self = GLB_APP_LIST (widget);

  if (!self->filled)
    fill (self);
  GTK_WIDGET_CLASS (glb_app_list_parent_class)->show (widget);
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

static void
glb_app_list_class_init (GlbAppListClass *klass)
{
  GTK_WIDGET_CLASS (klass)->show = glb_app_list_show;
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_APP_INFO);
}

static GtkWidget *
make_placeholder (void)
{
  GtkWidget *label = gtk_label_new (_("No application has this name.\nIts command can be typed instead."));

  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_set_margin_top (label, 36);
  gtk_widget_set_margin_bottom (label, 36);
  return label;
}

static void
glb_app_list_init (GlbAppList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->search = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Search applications"), -1);
  g_signal_connect (self->search, "search-changed", G_CALLBACK (on_search_changed), self);
  g_signal_connect (self->search, "activate", G_CALLBACK (on_search_activate), self);

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Installed applications"), -1);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (self->list, is_shown, self, NULL);
  gtk_list_box_set_placeholder (self->list, make_placeholder ());
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row_activated), self);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->list));
  gtk_widget_set_size_request (scrolled, 380, 360);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->search));
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_popover_set_child (GTK_POPOVER (self), box);
}

GtkWidget *
glb_app_list_new (void)
{
  return g_object_new (GLB_TYPE_APP_LIST, NULL);
}
