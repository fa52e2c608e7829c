/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-rows.h"

#include "ui/glb-recording-entry.h"

typedef struct
{
  GtkWidget *icon, *title, *actor, *time;
} Row;

static const char * const icons[GLB_N_RECORDING_KINDS] = {
  [GLB_RECORDING_ACTION] = "input-mouse-symbolic",
  [GLB_RECORDING_QUESTION] = "dialog-question-symbolic",
  [GLB_RECORDING_WINDOWS] = "focus-windows-symbolic",
  [GLB_RECORDING_OUTPUT] = "utilities-terminal-symbolic",
  [GLB_RECORDING_STATE] = "system-run-symbolic",
};

static GtkWidget *
make_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);

  return label;
}

static void
on_setup (GtkListItemFactory *factory,
          GtkListItem        *item)
{
  GtkWidget *grid = gtk_grid_new ();
  Row *row = g_new (Row, 1);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 8);
  row->icon = gtk_image_new ();
  gtk_widget_set_valign (row->icon, GTK_ALIGN_START);
  row->title = make_label (NULL);
  row->actor = make_label ("actor");
  row->time = make_label ("dim-label");
  gtk_widget_add_css_class (row->time, "caption");
  gtk_widget_add_css_class (row->time, "numeric");
  gtk_widget_set_hexpand (row->title, TRUE);
  gtk_label_set_wrap (GTK_LABEL (row->title), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (row->title), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (row->title), 3);
  gtk_label_set_ellipsize (GTK_LABEL (row->title), PANGO_ELLIPSIZE_END);
  gtk_grid_attach (GTK_GRID (grid), row->icon, 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), row->title, 1, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), row->actor, 2, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), row->time, 3, 0, 1, 1);
  gtk_list_item_set_child (item, grid);
  g_object_set_data_full (G_OBJECT (item), "row", row, g_free);
}

/* The colour says the same as the word. */
static void
set_actor (GtkWidget         *label,
           GlbRecordingEntry *entry)
{
  GlbRecordingActor actor = glb_recording_entry_get_actor (entry);

  for (GlbRecordingActor i = GLB_RECORDING_NOBODY; i <= GLB_RECORDING_REPLAY; i++)
    gtk_widget_remove_css_class (label, glb_recording_actor_get_class (i));
  gtk_widget_add_css_class (label, glb_recording_actor_get_class (actor));
  gtk_label_set_label (GTK_LABEL (label), glb_recording_actor_get_name (actor));
  gtk_widget_set_visible (label, glb_recording_entry_get_kind (entry) == GLB_RECORDING_ACTION);
}

static void
on_bind (GtkListItemFactory *factory,
         GtkListItem        *item)
{
  GlbRecordingEntry *entry = gtk_list_item_get_item (item);
  GlbRecordingKind kind = glb_recording_entry_get_kind (entry);
  const char *title = glb_recording_entry_get_title (entry);
  const char *who = kind == GLB_RECORDING_ACTION ? glb_recording_actor_get_name (glb_recording_entry_get_actor (entry))
                                                 : glb_recording_kind_get_name (kind);
  g_autofree char *time = glb_recording_format_ms (glb_recording_entry_get_ms (entry), TRUE);
  g_autofree char *spoken = g_strdup_printf ("%s, %s: %s", who, time, title);
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  /* the row itself, which has no property for it before GTK 4.12 */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (gtk_list_item_get_child (item))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_image_set_from_icon_name (GTK_IMAGE (row->icon), icons[kind]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->icon), GTK_ACCESSIBLE_PROPERTY_LABEL, glb_recording_kind_get_name (kind), -1);
  gtk_label_set_label (GTK_LABEL (row->title), title);
  gtk_label_set_label (GTK_LABEL (row->time), time);
  set_actor (row->actor, entry);
  if (glb_recording_entry_is_refused (entry))
    gtk_widget_add_css_class (row->icon, "refused");
  else
    gtk_widget_remove_css_class (row->icon, "refused");
}

GtkListItemFactory *
glb_recording_rows_new (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);

  return factory;
}

char *
glb_recording_format_ms (gint64   ms,
                         gboolean tenths)
{
  gint64 seconds = ms / 1000;
  g_autofree char *fraction = tenths ? g_strdup_printf (".%d", (int) (ms / 100 % 10)) : g_strdup ("");

  if (seconds >= 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d%s", seconds / 3600, (int) (seconds / 60 % 60), (int) (seconds % 60), fraction);

  return g_strdup_printf ("%d:%02d%s", (int) (seconds / 60), (int) (seconds % 60), fraction);
}
