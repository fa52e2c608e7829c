/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-network-popover.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-gate-text.h"

/**
 * GlbNetworkPopover:
 *
 * What a session is connected to now, each with a button that cuts it, and what
 * it was refused last. While it is open it asks the broker every half second.
 */
struct _GlbNetworkPopover
{
  GtkPopover parent_instance;

  GlbDBusSession1 *session;    /* (nullable) */
  GtkListBox *connections;
  GtkListBox *refusals;
  GtkWidget *refusals_title;
  GCancellable *cancellable;   /* (nullable): of the question that is under way */
  guint tick_id;               /* while it is open */
};

G_DEFINE_FINAL_TYPE (GlbNetworkPopover, glb_network_popover, GTK_TYPE_POPOVER)

#define TICK_MS 500

static guint64
lookup_id (GVariant *entry)
{
  guint64 id = 0;

  g_variant_lookup (entry, "id", "t", &id);
  return id;
}

/* ---- connections ------------------------------------------------------------------ */

/* The list follows the broker; one that has ended already has gone from it, too. */
static void
on_close_clicked (GtkButton         *button,
                  GlbNetworkPopover *self)
{
  guint64 *id = g_object_get_data (G_OBJECT (button), "id");

  gtk_widget_set_sensitive (GTK_WIDGET (button), FALSE);
  if (self->session != NULL)
    glb_dbus_session1_call_close_connection (self->session, *id, NULL, NULL, NULL);
}

static GtkWidget *
make_row (const char *title,
          const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static GtkWidget *
make_connection_row (GlbNetworkPopover *self,
                     GVariant          *entry)
{
  g_autofree char *place = glb_gate_text_place (entry);
  g_autofree char *label = g_strdup_printf (_("Close: %s"), place);
  GtkWidget *row = make_row (place, "");
  GtkWidget *button = gtk_button_new_with_label (_("Close"));
  guint64 *id = g_new (guint64, 1);

  *id = lookup_id (entry);
  g_object_set_data_full (G_OBJECT (button), "id", id, g_free);
  g_object_set_data (G_OBJECT (row), "id", id);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_close_clicked), self, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

/* (nullable) (transfer none): in a list of entries */
static GVariant *
take_entry (GHashTable *entries,
            GtkWidget  *row)
{
  const guint64 *id = g_object_get_data (G_OBJECT (row), "id");
  GVariant *entry = id != NULL ? g_hash_table_lookup (entries, id) : NULL;

  return entry;
}

/* Rows of connections that end leave the others, and the focus in them, alone. */
static void
show_connections (GlbNetworkPopover *self,
                  GVariant          *connections)
{
  g_autoptr(GHashTable) entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_variant_unref);
  GtkWidget *row, *next;

  for (gsize i = 0; i < g_variant_n_children (connections); i++)
    {
      GVariant *entry = g_variant_get_child_value (connections, i);
      guint64 id = lookup_id (entry);

      g_hash_table_insert (entries, g_memdup2 (&id, sizeof id), entry);
    }
  for (row = gtk_widget_get_first_child (GTK_WIDGET (self->connections)); row != NULL; row = next)
    {
      GVariant *entry = ADW_IS_ACTION_ROW (row) ? take_entry (entries, row) : NULL;

      next = gtk_widget_get_next_sibling (row);
      if (entry != NULL)
        {
          g_autofree char *text = glb_gate_text_connection (entry);
          const guint64 *id = g_object_get_data (G_OBJECT (row), "id");

          adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
          g_hash_table_remove (entries, id);
        }
      else if (ADW_IS_ACTION_ROW (row))
        gtk_list_box_remove (self->connections, row);
    }
  for (gsize i = 0; i < g_variant_n_children (connections); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (connections, i);
      g_autofree char *text = glb_gate_text_connection (entry);
      guint64 id = lookup_id (entry);

      if (!g_hash_table_contains (entries, &id))
        continue;
      row = make_connection_row (self, entry);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
      gtk_list_box_append (self->connections, row);
    }
}

/* ---- refusals ----------------------------------------------------------------------- */

/* Newest first. */
static void
show_refusals (GlbNetworkPopover *self,
               GVariant          *refusals)
{
  gsize n = g_variant_n_children (refusals);
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->refusals))) != NULL)
    gtk_list_box_remove (self->refusals, row);
  for (gsize i = n; i > 0; i--)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (refusals, i - 1);
      g_autofree char *place = glb_gate_text_place (entry);
      const char *message = "";

      g_variant_lookup (entry, "message", "&s", &message);
      gtk_list_box_append (self->refusals, make_row (place, message));
    }
  gtk_widget_set_visible (GTK_WIDGET (self->refusals), n > 0);
  gtk_widget_set_visible (self->refusals_title, n > 0);
}

/* ---- the broker ------------------------------------------------------------------------ */

static void
connections_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GlbNetworkPopover) self = user_data;
  g_autoptr(GVariant) connections = NULL;
  g_autoptr(GVariant) refusals = NULL;

  /* the next tick asks again; a session that has ended has no network */
  if (!glb_dbus_session1_call_connections_finish (GLB_DBUS_SESSION1 (object), &connections, &refusals, result, NULL))
    return;

  g_clear_object (&self->cancellable);
  show_connections (self, connections);
  show_refusals (self, refusals);
}

static gboolean
on_tick (gpointer user_data)
{
  GlbNetworkPopover *self = user_data;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->session == NULL)
    return G_SOURCE_CONTINUE;

  self->cancellable = g_cancellable_new ();
  glb_dbus_session1_call_connections (self->session, self->cancellable, connections_cb, g_object_ref (self));
  return G_SOURCE_CONTINUE;
}

void
glb_network_popover_set_session (GlbNetworkPopover *self,
                                 GlbDBusSession1   *session)
{
  g_return_if_fail (GLB_IS_NETWORK_POPOVER (self));

  g_set_object (&self->session, session);
}

/* ---- the widget ---------------------------------------------------------------------------- */

static void
glb_network_popover_map (GtkWidget *widget)
{
  GlbNetworkPopover *self = GLB_NETWORK_POPOVER (widget);

  on_tick (self);
  self->tick_id = g_timeout_add (TICK_MS, on_tick, self);
  GTK_WIDGET_CLASS (glb_network_popover_parent_class)->map (widget);
}

static void
glb_network_popover_unmap (GtkWidget *widget)
{
  GlbNetworkPopover *self = GLB_NETWORK_POPOVER (widget);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  GTK_WIDGET_CLASS (glb_network_popover_parent_class)->unmap (widget);
}

static void
glb_network_popover_dispose (GObject *object)
{
  GlbNetworkPopover *self = GLB_NETWORK_POPOVER (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (glb_network_popover_parent_class)->dispose (object);
}

static void
glb_network_popover_class_init (GlbNetworkPopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_network_popover_dispose;
  widget_class->map = glb_network_popover_map;
  widget_class->unmap = glb_network_popover_unmap;
}

static GtkListBox *
add_list (GtkBox     *box,
          const char *label)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "grants");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_box_append (box, list);
  return GTK_LIST_BOX (list);
}

static void
glb_network_popover_init (GlbNetworkPopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *nothing = gtk_label_new (_("Nothing is connected"));

  self->connections = add_list (GTK_BOX (box), _("What the session is connected to"));
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_widget_set_margin_top (nothing, 12);
  gtk_widget_set_margin_bottom (nothing, 12);
  gtk_list_box_set_placeholder (self->connections, nothing);

  self->refusals_title = gtk_label_new (_("Refused"));
  gtk_label_set_xalign (GTK_LABEL (self->refusals_title), 0);
  gtk_widget_set_margin_start (self->refusals_title, 12);
  gtk_widget_add_css_class (self->refusals_title, "heading");
  gtk_box_append (GTK_BOX (box), self->refusals_title);
  self->refusals = add_list (GTK_BOX (box), _("What the session was refused"));

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 440);
  gtk_widget_set_size_request (scrolled, 460, -1);
  gtk_popover_set_child (GTK_POPOVER (self), scrolled);
}
