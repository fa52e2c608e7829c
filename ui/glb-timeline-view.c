/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-timeline-view.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-accessible.h"

struct _GlbTimelineView
{
  AdwBin parent_instance;

  GtkDropDown *kind;
  GtkWidget *moment;           /* a picture, or why there is none */
  GtkPicture *picture;
  GtkWidget *no_picture;
  GtkStack *stack;
  AdwStatusPage *empty;
  GtkListView *list;
  GtkFilter *filter;
  GtkFilterListModel *shown;
  GtkSingleSelection *selection;
};

G_DEFINE_FINAL_TYPE (GlbTimelineView, glb_timeline_view, ADW_TYPE_BIN)

/* In the drop down, the kinds come after "Everything". */
#define EVERYTHING 0

static const char * const icons[] = {
  [GLB_TIMELINE_ACTION] = "input-mouse-symbolic",
  [GLB_TIMELINE_QUESTION] = "dialog-question-symbolic",
  [GLB_TIMELINE_GRANT] = "channel-secure-symbolic",
  [GLB_TIMELINE_REFUSAL] = "action-unavailable-symbolic",
  [GLB_TIMELINE_STATE] = "system-run-symbolic",
};

static const char * const kind_names[] = {
  [GLB_TIMELINE_ACTION] = N_("Action"),
  [GLB_TIMELINE_QUESTION] = N_("Question"),
  [GLB_TIMELINE_GRANT] = N_("Permission"),
  [GLB_TIMELINE_REFUSAL] = N_("Refused"),
  [GLB_TIMELINE_STATE] = N_("State"),
};

/* ---- which entries ------------------------------------------------------------------- */

static gboolean
is_shown (gpointer item,
          gpointer user_data)
{
  GlbTimelineView *self = user_data;
  guint chosen = gtk_drop_down_get_selected (self->kind);

  return chosen == EVERYTHING || glb_timeline_entry_get_kind (item) == chosen - 1;
}

static void
update_page (GlbTimelineView *self)
{
  gboolean all = gtk_drop_down_get_selected (self->kind) == EVERYTHING;
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0;

  adw_status_page_set_description (self->empty, all ? _("What the agent does, asks and is refused will be listed here")
                                                    : _("Nothing of this kind happened yet"));
  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
}

static void
on_kind_changed (GtkDropDown     *kind,
                 GParamSpec      *pspec,
                 GlbTimelineView *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_page (self);
}

/* ---- the moment ------------------------------------------------------------------------- */

static void
on_selected (GtkSingleSelection *selection,
             GParamSpec         *pspec,
             GlbTimelineView    *self)
{
  GlbTimelineEntry *entry = gtk_single_selection_get_selected_item (selection);
  g_autoptr(GdkTexture) texture = entry != NULL ? glb_timeline_entry_load_picture (entry) : NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->moment, entry != NULL);
  gtk_picture_set_paintable (self->picture, texture != NULL ? GDK_PAINTABLE (texture) : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->picture), texture != NULL);
  gtk_widget_set_visible (self->no_picture, texture == NULL);
  if (entry == NULL)
    return;

  text = g_strdup_printf (_("Screen at that moment: %s"), glb_timeline_entry_get_title (entry));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/* ---- rows --------------------------------------------------------------------------------- */

typedef struct
{
  GtkWidget *icon, *title, *detail, *time;
} Row;

static GtkWidget *
add_label (GtkGrid *grid,
           int      column,
           int      row,
           gboolean dim)
{
  GtkWidget *label = gtk_label_new (NULL);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  /* a hyphen in the name of something would be a part of it */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (dim)
    {
      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "caption");
    }
  gtk_grid_attach (grid, label, column, row, 1, 1);

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
  gtk_grid_attach (GTK_GRID (grid), row->icon, 0, 0, 1, 1);
  row->title = add_label (GTK_GRID (grid), 1, 0, FALSE);
  row->detail = add_label (GTK_GRID (grid), 1, 1, TRUE);
  row->time = add_label (GTK_GRID (grid), 2, 0, TRUE);
  gtk_widget_set_hexpand (row->title, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      gtk_label_set_wrap (GTK_LABEL (i == 0 ? row->title : row->detail), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (i == 0 ? row->title : row->detail), PANGO_WRAP_WORD_CHAR);
    }
  gtk_widget_add_css_class (row->time, "numeric");
  gtk_widget_set_valign (row->time, GTK_ALIGN_START);
  gtk_list_item_set_child (item, grid);
  g_object_set_data_full (G_OBJECT (item), "row", row, g_free);
}

static void
on_bind (GtkListItemFactory *factory,
         GtkListItem        *item)
{
  GlbTimelineEntry *entry = gtk_list_item_get_item (item);
  GlbTimelineKind kind = glb_timeline_entry_get_kind (entry);
  const char *detail = glb_timeline_entry_get_detail (entry);
  g_autofree char *time = glb_timeline_entry_dup_time (entry);
  g_autofree char *spoken = g_strdup_printf ("%s, %s: %s", _(kind_names[kind]), time, glb_timeline_entry_get_title (entry));
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  /* the row itself, which has no property for it before GTK 4.12 */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (gtk_list_item_get_child (item))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_image_set_from_icon_name (GTK_IMAGE (row->icon), icons[kind]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->icon), GTK_ACCESSIBLE_PROPERTY_LABEL, _(kind_names[kind]), -1);
  gtk_label_set_label (GTK_LABEL (row->title), glb_timeline_entry_get_title (entry));
  gtk_label_set_label (GTK_LABEL (row->detail), detail);
  gtk_label_set_label (GTK_LABEL (row->time), time);
  gtk_widget_set_visible (row->detail, detail != NULL && *detail != '\0');
  if (kind == GLB_TIMELINE_REFUSAL)
    gtk_widget_add_css_class (row->icon, "refused");
  else
    gtk_widget_remove_css_class (row->icon, "refused");
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
glb_timeline_view_dispose (GObject *object)
{
  GlbTimelineView *self = GLB_TIMELINE_VIEW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), GLB_TYPE_TIMELINE_VIEW);

  G_OBJECT_CLASS (glb_timeline_view_parent_class)->dispose (object);
}

static void
glb_timeline_view_class_init (GlbTimelineViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_timeline_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-timeline-view.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, kind);
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, moment);
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, picture);
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, no_picture);
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, stack);
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, empty);
  gtk_widget_class_bind_template_child (widget_class, GlbTimelineView, list);
  gtk_widget_class_bind_template_callback (widget_class, on_kind_changed);
}

static void
glb_timeline_view_init (GlbTimelineView *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_name_drop_down (self->kind, _("Which events to show"));
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  self->shown = gtk_filter_list_model_new (NULL, self->filter);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->shown));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, 0);
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (update_page), self, G_CONNECT_SWAPPED);
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (self->selection);
  update_page (self);
}

GtkWidget *
glb_timeline_view_new (void)
{
  return g_object_new (GLB_TYPE_TIMELINE_VIEW, NULL);
}

void
glb_timeline_view_set_timeline (GlbTimelineView *self,
                                GlbTimeline     *timeline)
{
  g_return_if_fail (GLB_IS_TIMELINE_VIEW (self));

  gtk_filter_list_model_set_model (self->shown, timeline != NULL ? glb_timeline_get_entries (timeline) : NULL);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  update_page (self);
}
