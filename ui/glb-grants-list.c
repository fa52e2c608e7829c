/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-grants-list.h"

#include <glib/gi18n-lib.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"
#include "ui/glb-accessible.h"
#include "ui/glb-gate-text.h"
#include "ui/glb-sight.h"

/**
 * GlbGrantsList:
 *
 * What a session was allowed and still may, each with its time and a button
 * that ends it.
 */
struct _GlbGrantsList
{
  AdwBin parent_instance;

  GtkListBox *list;
  GlbSight *sight;
  guint tick_id;               /* while there are grants, and somebody looks */
};

G_DEFINE_FINAL_TYPE (GlbGrantsList, glb_grants_list, ADW_TYPE_BIN)

#define TICK_MS 250

static void
update_time (GtkWidget *row)
{
  GlbDBusGrant1 *grant = g_object_get_data (G_OBJECT (row), "grant");
  g_autofree char *scope = glb_gate_text_scope (glb_dbus_grant1_get_scope (grant), glb_dbus_grant1_get_expires (grant),
                                                g_get_real_time ());
  const char *target = glb_dbus_grant1_get_target (grant);
  const char *sha256 = glb_dbus_grant1_get_sha256 (grant);
  g_autoptr(GString) text = g_string_new (scope);

  if (target != NULL && *target != '\0')
    g_string_append_printf (text, " · %s", target);
  if (sha256 != NULL && *sha256 != '\0')
    g_string_append_printf (text, " · SHA-256 %.12s…", sha256);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text->str);
}

static gboolean
on_tick (gpointer user_data)
{
  GlbGrantsList *self = user_data;
  GtkListBoxRow *row;
  int i;

  for (i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    update_time (GTK_WIDGET (row));
  if (i > 0 && glb_sight_draw (self->sight))
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

/* The list, what is in it, or the window that was hidden. */
static void
on_shown (GtkWidget *widget)
{
  GlbGrantsList *self = GLB_GRANTS_LIST (widget);

  if (self->tick_id == 0 && on_tick (self))
    self->tick_id = g_timeout_add (TICK_MS, on_tick, self);
}

/* The list follows the broker; a grant that is over already has gone from it, too. */
static void
on_revoke_clicked (GtkButton     *button,
                   GlbDBusGrant1 *grant)
{
  gtk_widget_set_sensitive (GTK_WIDGET (button), FALSE);
  glb_dbus_grant1_call_revoke (grant, NULL, NULL, NULL);
}

static GtkWidget *
make_row (GlbDBusGrant1 *grant)
{
  g_autofree char *kind = glb_gate_text_kind (glb_dbus_grant1_get_kind (grant));
  g_autofree char *label = g_strdup_printf (_("Revoke: %s"), kind);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (_("Revoke"));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), kind);
  gtk_widget_set_tooltip_text (row, glb_dbus_grant1_get_title (grant));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  glb_accessible_name_button (GTK_BUTTON (button), label);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_revoke_clicked), grant, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  g_object_set_data_full (G_OBJECT (row), "grant", g_object_ref (grant), g_object_unref);
  update_time (row);

  return row;
}

/* Rows of grants that go leave the others, and the focus in them, alone. */
void
glb_grants_list_set_grants (GlbGrantsList *self,
                            GPtrArray     *grants)
{
  g_autoptr(GHashTable) shown = NULL;
  GtkListBoxRow *row;
  int index = 0;

  g_return_if_fail (GLB_IS_GRANTS_LIST (self));

  shown = g_hash_table_new (NULL, NULL);
  while ((row = gtk_list_box_get_row_at_index (self->list, index)) != NULL)
    {
      gpointer grant = g_object_get_data (G_OBJECT (row), "grant");

      if (grants != NULL && g_ptr_array_find (grants, grant, NULL))
        {
          g_hash_table_add (shown, grant);
          index++;
        }
      else
        gtk_list_box_remove (self->list, GTK_WIDGET (row));
    }
  for (guint i = 0; grants != NULL && i < grants->len; i++)
    if (!g_hash_table_contains (shown, grants->pdata[i]))
      gtk_list_box_append (self->list, make_row (grants->pdata[i]));
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    on_shown (GTK_WIDGET (self));
}

static void
glb_grants_list_snapshot (GtkWidget   *widget,
                          GtkSnapshot *snapshot)
{
  glb_sight_drawn (GLB_GRANTS_LIST (widget)->sight);
  GTK_WIDGET_CLASS (glb_grants_list_parent_class)->snapshot (widget, snapshot);
}

static void
stop (GlbGrantsList *self)
{
  glb_sight_reset (self->sight);
  g_clear_handle_id (&self->tick_id, g_source_remove);
}

static void
glb_grants_list_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glb_grants_list_parent_class)->map (widget);
  on_shown (widget);
}

static void
glb_grants_list_unmap (GtkWidget *widget)
{
  stop (GLB_GRANTS_LIST (widget));
  GTK_WIDGET_CLASS (glb_grants_list_parent_class)->unmap (widget);
}

static void
glb_grants_list_dispose (GObject *object)
{
  stop (GLB_GRANTS_LIST (object));

  G_OBJECT_CLASS (glb_grants_list_parent_class)->dispose (object);
}

static void
glb_grants_list_finalize (GObject *object)
{
  glb_sight_free (GLB_GRANTS_LIST (object)->sight);

  G_OBJECT_CLASS (glb_grants_list_parent_class)->finalize (object);
}

static void
glb_grants_list_class_init (GlbGrantsListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_grants_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_grants_list_finalize;
  widget_class->snapshot = glb_grants_list_snapshot;
  widget_class->map = glb_grants_list_map;
  widget_class->unmap = glb_grants_list_unmap;
}

static void
glb_grants_list_init (GlbGrantsList *self)
{
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *nothing = gtk_label_new (_("Nothing beyond its policy"));

  self->sight = glb_sight_new (GTK_WIDGET (self), on_shown);
  self->list = GTK_LIST_BOX (list);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "grants");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("What the session may"), -1);
  gtk_widget_add_css_class (nothing, "placeholder");
  gtk_list_box_set_placeholder (self->list, nothing);
  adw_bin_set_child (ADW_BIN (self), list);
}

GtkWidget *
glb_grants_list_new (void)
{
  return g_object_new (GLB_TYPE_GRANTS_LIST, NULL);
}
