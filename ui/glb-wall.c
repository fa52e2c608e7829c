/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-wall.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/glb-accessible.h"
#include "ui/glb-session-tile.h"

#define ALL GLB_N_SESSION_GROUPS
#define COLUMNS_MIN 3
#define COLUMNS_MAX 6

typedef enum
{
  ORDER_START,
  ORDER_STATE,
  ORDER_NAME,
} Order;

struct _GlbWall
{
  AdwBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *gone_page;
  GtkLabel *command;
  GtkSearchEntry *search;
  GtkBox *groups;
  GtkDropDown *order;
  GtkStack *found;
  GtkScrolledWindow *scrolled;
  GtkGridView *grid;

  GlbBrokerLink *link;         /* (nullable) */
  GtkToggleButton *buttons[GLB_N_SESSION_GROUPS + 1];   /* of groups, and of all */
  GtkFilter *filter;
  GtkSorter *sorter;
  GtkSingleSelection *selection;
  GHashTable *tiles;           /* GlbSessionTile: those that show a session */
  guint sight_id;
  guint arrange_id;
  gboolean pointed;            /* the pointer is among the tiles: they stay where they are */
};

G_DEFINE_FINAL_TYPE (GlbWall, glb_wall, ADW_TYPE_BIN)

enum
{
  SIGNAL_OPENED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* ---- which tiles are in sight ------------------------------------------------------- */

static gboolean
is_in_sight (GlbWall   *self,
             GtkWidget *tile)
{
  graphene_rect_t bounds;

  return gtk_widget_get_mapped (tile) && gtk_widget_compute_bounds (tile, GTK_WIDGET (self->scrolled), &bounds) &&
         bounds.origin.y < gtk_widget_get_height (GTK_WIDGET (self->scrolled)) && bounds.origin.y + bounds.size.height > 0;
}

static gboolean
on_sight (gpointer user_data)
{
  GlbWall *self = user_data;
  GHashTableIter iter;
  gpointer tile;

  self->sight_id = 0;
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, &tile, NULL))
    glb_session_tile_set_in_sight (tile, is_in_sight (self, tile));

  return G_SOURCE_REMOVE;
}

/* After the layout that this is a part of. */
static void
look (GlbWall *self)
{
  if (self->sight_id == 0)
    self->sight_id = g_idle_add_full (GDK_PRIORITY_REDRAW + 10, on_sight, self, NULL);
}

/* ---- what is shown, in which order ----------------------------------------------------- */

static gboolean
contains (const char *text,
          const char *folded_words)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, folded_words) != NULL;
}

static gboolean
window_matches (GlbDBusSession1 *session,
                const char      *folded_words)
{
  GVariant *windows = glb_dbus_session1_get_windows (session);

  for (gsize i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr(GVariant) window = g_variant_get_child_value (windows, i);
      const char *title = NULL, *app_id = NULL;

      g_variant_lookup (window, "title", "&s", &title);
      g_variant_lookup (window, "app-id", "&s", &app_id);
      if (contains (title, folded_words) || contains (app_id, folded_words))
        return TRUE;
    }

  return FALSE;
}

static gboolean
words_match (GlbSessionItem *item,
             const char     *words)
{
  GlbDBusSession1 *session = glb_session_item_get_session (item);
  const char * const *command = glb_dbus_session1_get_command (session);
  g_autofree char *line = command != NULL ? g_strjoinv (" ", (char **) command) : NULL;
  g_autofree char *folded = g_utf8_casefold (words, -1);

  return contains (glb_dbus_session1_get_name (session), folded) || contains (glb_dbus_session1_get_id (session), folded) ||
         contains (line, folded) || window_matches (session, folded);
}

static guint
get_chosen_group (GlbWall *self)
{
  for (guint i = 0; i < GLB_N_SESSION_GROUPS; i++)
    if (gtk_toggle_button_get_active (self->buttons[i]))
      return i;

  return ALL;
}

static gboolean
is_shown (gpointer item,
          gpointer user_data)
{
  GlbWall *self = user_data;
  const char *words = gtk_editable_get_text (GTK_EDITABLE (self->search));
  guint group = get_chosen_group (self);

  return (group == ALL || glb_session_item_get_group (item) == group) && (*words == '\0' || words_match (item, words));
}

static int
compare (gconstpointer a,
         gconstpointer b,
         gpointer      user_data)
{
  GlbWall *self = user_data;
  GlbDBusSession1 *first = glb_session_item_get_session ((GlbSessionItem *) a);
  GlbDBusSession1 *second = glb_session_item_get_session ((GlbSessionItem *) b);
  Order order = gtk_drop_down_get_selected (self->order);
  int result = 0;

  if (order == ORDER_STATE)
    result = (int) glb_session_item_get_group ((GlbSessionItem *) a) - (int) glb_session_item_get_group ((GlbSessionItem *) b);
  else if (order == ORDER_NAME)
    result = g_utf8_collate (glb_dbus_session1_get_name (first), glb_dbus_session1_get_name (second));
  if (result != 0)
    return result;

  return glb_dbus_session1_get_started (first) < glb_dbus_session1_get_started (second) ? GTK_ORDERING_SMALLER :
         glb_dbus_session1_get_started (first) > glb_dbus_session1_get_started (second);
}

static void
update_counts (GlbWall *self)
{
  GListModel *sessions = glb_broker_link_get_sessions (self->link);
  static const char * const names[GLB_N_SESSION_GROUPS + 1] = {
    N_("Ask you"), N_("You drive"), N_("Agent drives"), N_("Paused"), N_("Ended"), N_("All"),
  };
  guint counts[GLB_N_SESSION_GROUPS + 1] = { 0 };

  for (guint i = 0; i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);

      counts[glb_session_item_get_group (item)]++;
      counts[ALL]++;
    }
  for (guint i = 0; i <= GLB_N_SESSION_GROUPS; i++)
    {
      g_autofree char *label = g_strdup_printf ("%s %u", _(names[i]), counts[i]);

      gtk_button_set_label (GTK_BUTTON (self->buttons[i]), label);
      gtk_widget_set_visible (GTK_WIDGET (self->buttons[i]), i == ALL || counts[i] > 0 || gtk_toggle_button_get_active (self->buttons[i]));
    }
}

static void
update_page (GlbWall *self)
{
  GlbBrokerLinkState state = glb_broker_link_get_state (self->link);
  GListModel *sessions = glb_broker_link_get_sessions (self->link);
  const char *page = "sessions";

  if (state == GLB_BROKER_LINK_GONE)
    {
      g_autofree char *text = g_markup_printf_escaped (_("Without it no agent runs: %s. It starts by itself with the next agent."),
                                                       glb_broker_link_get_problem (self->link));

      adw_status_page_set_description (self->gone_page, text);
      page = "gone";
    }
  else if (state == GLB_BROKER_LINK_CONNECTING)
    page = "connecting";
  else if (g_list_model_get_n_items (sessions) == 0)
    page = "empty";

  /* they came in no order, and the view stays with the first that came */
  if (g_str_equal (page, "sessions") && g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), page) != 0)
    gtk_widget_activate_action (GTK_WIDGET (self->grid), "list.scroll-to-item", "u", 0);
  gtk_stack_set_visible_child_name (self->stack, page);
  if (gtk_widget_is_focus (GTK_WIDGET (self)) && g_str_equal (page, "sessions"))
    gtk_widget_grab_focus (GTK_WIDGET (self->grid));
  gtk_stack_set_visible_child_name (self->found, g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0 ? "grid" : "nothing");
  look (self);
}

/* Few agents are seen large. */
static void
update_columns (GlbWall *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection)), columns = COLUMNS_MIN;

  while (columns < COLUMNS_MAX && columns * columns < n)
    columns++;
  gtk_grid_view_set_max_columns (self->grid, columns);
}

static gboolean
on_arrange (gpointer user_data)
{
  GlbWall *self = user_data;

  self->arrange_id = 0;
  update_counts (self);
  /* a tile that moves under the pointer would get the click for another */
  if (!self->pointed)
    {
      gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
      if (gtk_drop_down_get_selected (self->order) == ORDER_STATE)
        gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
      update_columns (self);
    }
  update_page (self);

  return G_SOURCE_REMOVE;
}

/* Once for all that changes together. */
static void
arrange (GlbWall *self)
{
  if (self->arrange_id == 0)
    self->arrange_id = g_idle_add (on_arrange, self);
}

/* ---- sessions come and change ------------------------------------------------------------ */

static void
on_item_changed (GlbSessionItem *item,
                 GlbWall        *self)
{
  guint known = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (item), "wall-group"));
  guint group = glb_session_item_get_group (item) + 1;

  if (group == known)
    return;

  g_object_set_data (G_OBJECT (item), "wall-group", GUINT_TO_POINTER (group));
  arrange (self);
}

static void
on_sessions_changed (GListModel *sessions,
                     guint       position,
                     guint       removed,
                     guint       added,
                     GlbWall    *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);

      g_signal_connect_object (item, "changed", G_CALLBACK (on_item_changed), self, 0);
      on_item_changed (item, self);
    }
  arrange (self);
}

static void
on_link_changed (GlbBrokerLink *link,
                 GlbWall       *self)
{
  arrange (self);
}

/* ---- tiles -------------------------------------------------------------------------------- */

static void
on_tile_problem (GlbSessionTile *tile,
                 const char     *message,
                 GlbWall        *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", message);
}

static void
on_setup (GtkListItemFactory *factory,
          GtkListItem        *list_item,
          GlbWall            *self)
{
  GtkWidget *tile = glb_session_tile_new ();

  g_signal_connect_object (tile, "problem", G_CALLBACK (on_tile_problem), self, 0);
  gtk_list_item_set_child (list_item, tile);
}

static void
on_bind (GtkListItemFactory *factory,
         GtkListItem        *list_item,
         GlbWall            *self)
{
  GlbSessionTile *tile = GLB_SESSION_TILE (gtk_list_item_get_child (list_item));

  glb_session_tile_set_item (tile, gtk_list_item_get_item (list_item));
  g_hash_table_add (self->tiles, tile);
  look (self);
}

static void
on_unbind (GtkListItemFactory *factory,
           GtkListItem        *list_item,
           GlbWall            *self)
{
  GlbSessionTile *tile = GLB_SESSION_TILE (gtk_list_item_get_child (list_item));

  g_hash_table_remove (self->tiles, tile);
  glb_session_tile_set_in_sight (tile, FALSE);
  glb_session_tile_set_item (tile, NULL);
}

static void
on_activate (GtkGridView *grid,
             guint        position,
             GlbWall     *self)
{
  g_autoptr(GlbSessionItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    g_signal_emit (self, signals[SIGNAL_OPENED], 0, item);
}

/* ---- what the person does -------------------------------------------------------------------- */

static void
on_search_changed (GtkSearchEntry *entry,
                   GlbWall        *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_page (self);
}

static void
on_stop_search (GtkSearchEntry *entry,
                GlbWall        *self)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  glb_wall_grab_focus (self);
}

static gboolean
on_find (GtkWidget *widget,
         GVariant  *arguments,
         gpointer   user_data)
{
  return gtk_widget_grab_focus (GTK_WIDGET (GLB_WALL (widget)->search));
}

static void
on_group_toggled (GtkToggleButton *button,
                  GlbWall         *self)
{
  if (!gtk_toggle_button_get_active (button) || self->link == NULL)
    return;

  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_page (self);
}

static void
on_order_changed (GtkDropDown *order,
                  GParamSpec  *pspec,
                  GlbWall     *self)
{
  if (self->sorter != NULL)
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
on_start_clicked (GtkButton *button,
                  GlbWall   *self)
{
  glb_broker_link_start (self->link);
}

static void
on_copy_clicked (GtkButton *button,
                 GlbWall   *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_label (self->command));
}

static void
on_enter (GtkEventControllerMotion *motion,
          double                    x,
          double                    y,
          GlbWall                  *self)
{
  self->pointed = TRUE;
}

static void
on_leave (GtkEventControllerMotion *motion,
          GlbWall                  *self)
{
  self->pointed = FALSE;
  arrange (self);
}

/* ---- the widget --------------------------------------------------------------------------------- */

static void
add_group_button (GlbWall *self,
                  guint    group)
{
  GtkWidget *button = gtk_toggle_button_new ();

  self->buttons[group] = GTK_TOGGLE_BUTTON (button);
  if (group != ALL)
    gtk_toggle_button_set_group (self->buttons[group], self->buttons[ALL]);
  g_signal_connect (button, "toggled", G_CALLBACK (on_group_toggled), self);
  gtk_box_append (self->groups, button);
}

static void
make_model (GlbWall *self)
{
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;

  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare, self, NULL));
  filtered = gtk_filter_list_model_new (NULL, g_object_ref (self->filter));
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (self->sorter));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (self->selection));
}

static void
make_factory (GlbWall *self)
{
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), self);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), self);
  gtk_grid_view_set_factory (self->grid, factory);
}

static void
watch_place (GlbWall *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect (motion, "enter", G_CALLBACK (on_enter), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self->grid), motion);
}

static void
glb_wall_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glb_wall_parent_class)->map (widget);
  look (GLB_WALL (widget));
}

static void
glb_wall_dispose (GObject *object)
{
  GlbWall *self = GLB_WALL (object);

  g_clear_handle_id (&self->sight_id, g_source_remove);
  g_clear_handle_id (&self->arrange_id, g_source_remove);
  if (self->grid != NULL)
    gtk_grid_view_set_model (self->grid, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);
  g_clear_object (&self->link);

  G_OBJECT_CLASS (glb_wall_parent_class)->dispose (object);
}

static void
glb_wall_finalize (GObject *object)
{
  g_hash_table_unref (GLB_WALL (object)->tiles);

  G_OBJECT_CLASS (glb_wall_parent_class)->finalize (object);
}

static void
glb_wall_class_init (GlbWallClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_wall_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_wall_finalize;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  widget_class->map = glb_wall_map;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-wall.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbWall, stack);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, gone_page);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, command);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, search);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, groups);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, order);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, found);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, scrolled);
  gtk_widget_class_bind_template_child (widget_class, GlbWall, grid);
  gtk_widget_class_bind_template_callback (widget_class, on_start_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_order_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, on_find, NULL);

  signals[SIGNAL_OPENED] = g_signal_new ("opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, GLB_TYPE_SESSION_ITEM);
}

static void
glb_wall_init (GlbWall *self)
{
  self->tiles = g_hash_table_new (NULL, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_drop_underscores (GTK_WIDGET (self));
  glb_accessible_name_drop_down (self->order, _("Order of the agents"));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Agents"), -1);
  add_group_button (self, ALL);
  for (guint i = 0; i < GLB_N_SESSION_GROUPS; i++)
    add_group_button (self, i);
  gtk_toggle_button_set_active (self->buttons[ALL], TRUE);
  make_model (self);
  make_factory (self);
  watch_place (self);
  gtk_search_entry_set_key_capture_widget (self->search, GTK_WIDGET (self->grid));
}

GtkWidget *
glb_wall_new (void)
{
  return g_object_new (GLB_TYPE_WALL, NULL);
}

void
glb_wall_set_link (GlbWall       *self,
                   GlbBrokerLink *link)
{
  GListModel *sessions = glb_broker_link_get_sessions (link);
  GtkSortListModel *sorted;

  g_return_if_fail (GLB_IS_WALL (self) && self->link == NULL);

  self->link = g_object_ref (link);
  sorted = GTK_SORT_LIST_MODEL (gtk_single_selection_get_model (self->selection));
  gtk_filter_list_model_set_model (GTK_FILTER_LIST_MODEL (gtk_sort_list_model_get_model (sorted)), sessions);
  g_signal_connect_object (link, "changed", G_CALLBACK (on_link_changed), self, 0);
  g_signal_connect_object (sessions, "items-changed", G_CALLBACK (on_sessions_changed), self, 0);
  on_sessions_changed (sessions, 0, 0, g_list_model_get_n_items (sessions), self);
}

void
glb_wall_grab_focus (GlbWall *self)
{
  g_return_if_fail (GLB_IS_WALL (self));

  if (!gtk_widget_grab_focus (GTK_WIDGET (self->grid)))
    gtk_window_set_focus (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), GTK_WIDGET (self));
}
