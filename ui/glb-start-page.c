/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-start-page.h"

#include <glib/gi18n-lib.h>

#include "session-broker/client/glb-client.h"
#include "ui/glb-accessible.h"
#include "ui/glb-app-list.h"
#include "ui/glb-folder-choice.h"
#include "ui/glb-own-policies.h"
#include "ui/glb-recent-starts.h"
#include "ui/glb-start.h"
#include "ui/glb-template-text.h"
#include "ui/glb-words-list.h"

#define FIRST_TEMPLATE "default"

struct _GlbStartPage
{
  AdwBin parent_instance;

  GtkWidget *recent_group;
  GtkBox *recent_box;
  GtkFlowBox *cards;
  AdwEntryRow *command_row;
  GtkImage *command_icon;
  GlbAppList *apps;
  AdwActionRow *workspace_row;
  GtkMenuButton *recent_folders;
  AdwComboRow *tier_row;
  AdwEntryRow *name_row;
  GtkLabel *side_title;
  GlbWordsList *words;
  GtkWidget *problem;
  GtkLabel *problem_label;
  GtkButton *start_button;

  char *state_dir;             /* (nullable) */
  char *workspace;             /* (nullable) */
  GAppInfo *application;       /* (nullable): whose command is in the row */
  GlbStart *running;           /* (nullable): which is being started */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (GlbStartPage, glb_start_page, ADW_TYPE_BIN)

/* ---- what is chosen --------------------------------------------------------------- */

#define POLICY_NAME "policy-name"
#define POLICY_OWN  "policy-own"

static GtkWidget *
get_card (GlbStartPage *self)
{
  g_autoptr(GList) selected = gtk_flow_box_get_selected_children (self->cards);

  return selected != NULL ? selected->data : NULL;
}

static GlbStart *
get_start (GlbStartPage *self)
{
  GtkWidget *card = get_card (self);
  GlbStart *start = g_new0 (GlbStart, 1);

  start->policy = g_strdup (card != NULL ? g_object_get_data (G_OBJECT (card), POLICY_NAME) : FIRST_TEMPLATE);
  start->own = card != NULL && g_object_get_data (G_OBJECT (card), POLICY_OWN) != NULL;
  start->command = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->command_row))));
  start->workspace = g_strdup (self->workspace);
  start->name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));
  start->tier = adw_combo_row_get_selected (self->tier_row) == 1 ? GLB_TIER_PROCESS : GLB_TIER_SESSION;
  return start;
}

/* ---- what is wrong, and where ------------------------------------------------------ */

static void
clear_problem (GlbStartPage *self)
{
  gtk_widget_set_visible (self->problem, FALSE);
  gtk_widget_remove_css_class (GTK_WIDGET (self->command_row), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->workspace_row), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->name_row), "error");
}

/* The row that a message is about, by how it begins. (nullable) */
static GtkWidget *
find_place (GlbStartPage *self,
            const GError *error)
{
  if (g_str_has_prefix (error->message, "workspace") ||
      (self->workspace != NULL && g_str_has_prefix (error->message, self->workspace)))
    return GTK_WIDGET (self->workspace_row);
  if (g_str_has_prefix (error->message, "name"))
    return GTK_WIDGET (self->name_row);
  if (g_str_has_prefix (error->message, "command") || g_str_has_prefix (error->message, "run:") ||
      g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND))
    return GTK_WIDGET (self->command_row);
  return NULL;
}

static void
show_problem (GlbStartPage *self,
              const GError *error,
              gboolean      focus)
{
  GtkWidget *place = find_place (self, error);

  gtk_label_set_text (self->problem_label, error->message);
  gtk_widget_set_visible (self->problem, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->start_button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, error->message, -1);
  if (place == NULL)
    return;
  gtk_widget_add_css_class (place, "error");
  if (focus)
    gtk_widget_child_focus (place, GTK_DIR_TAB_FORWARD);
}

/* ---- in plain words ---------------------------------------------------------------- */

static void
update (GlbStartPage *self)
{
  g_autoptr(GlbStart) start = get_start (self);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = glb_start_load_policy (start, &error);
  g_autofree char *title = g_strdup_printf (_("“%s”, in Plain Words"), start->own ? start->policy : glb_template_text_get_title (start->policy));

  clear_problem (self);
  gtk_label_set_text (self->side_title, title);
  glb_words_list_set_policy (self->words, policy);
  gtk_widget_set_visible (GTK_WIDGET (self->workspace_row), policy == NULL || glb_start_wants_workspace (policy));
  adw_action_row_set_subtitle (self->workspace_row, self->workspace != NULL ? self->workspace : _("None chosen yet"));
  if (error != NULL)
    show_problem (self, error, FALSE);
}

static void
on_changed (GObject      *object,
            GParamSpec   *property,
            GlbStartPage *self)
{
  update (self);
}

static void
set_tier (GlbStartPage *self,
          GlbTier       tier)
{
  adw_combo_row_set_selected (self->tier_row, tier == GLB_TIER_PROCESS ? 1 : 0);
}

/* A policy made for one tier begins there. */
static void
on_policy_selected (GtkFlowBox   *cards,
                    GlbStartPage *self)
{
  g_autoptr(GlbStart) start = get_start (self);
  GlbTier tier;

  if (glb_start_get_own_tier (start, &tier))
    set_tier (self, tier);
  update (self);
}

static void
on_name_changed (GtkEditable  *row,
                 GlbStartPage *self)
{
  clear_problem (self);
}

static void
on_command_changed (GtkEditable  *row,
                    GlbStartPage *self)
{
  g_autofree char *command = self->application != NULL ? glb_app_list_get_command (self->application) : NULL;

  clear_problem (self);
  if (command == NULL || g_str_has_prefix (gtk_editable_get_text (row), command))
    return;
  g_clear_object (&self->application);
  gtk_image_set_from_icon_name (self->command_icon, "utilities-terminal-symbolic");
}

static void
on_application_chosen (GlbAppList   *apps,
                       GAppInfo     *application,
                       GlbStartPage *self)
{
  g_autofree char *command = glb_app_list_get_command (application);
  GIcon *icon = g_app_info_get_icon (application);

  g_set_object (&self->application, application);
  gtk_editable_set_text (GTK_EDITABLE (self->command_row), command);
  if (icon != NULL)
    gtk_image_set_from_gicon (self->command_icon, icon);
  gtk_widget_grab_focus (GTK_WIDGET (self->start_button));
}

/* ---- the folder -------------------------------------------------------------------- */

static void
set_workspace (GObject    *object,
               const char *path)
{
  GlbStartPage *self = GLB_START_PAGE (object);
  char *copy = g_strdup (path);

  g_free (self->workspace);
  self->workspace = copy;
  update (self);
}

static void
on_choose_folder (GtkButton    *button,
                  GlbStartPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  glb_folder_choose (GTK_WINDOW (root), _("The Folder That the Agent Works In"), self->workspace, G_OBJECT (self), set_workspace);
}

static void
on_use_folder (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  set_workspace (G_OBJECT (widget), g_variant_get_string (parameter, NULL));
}

/* ---- recent starts ------------------------------------------------------------------ */

static void
apply (GlbStartPage   *self,
       const GlbStart *start)
{
  g_clear_object (&self->application);
  gtk_image_set_from_icon_name (self->command_icon, "utilities-terminal-symbolic");
  gtk_editable_set_text (GTK_EDITABLE (self->command_row), start->command);
  glb_start_page_choose_policy (self, start->policy, start->own);
  set_tier (self, start->tier);
  set_workspace (G_OBJECT (self), start->workspace);
  gtk_widget_grab_focus (GTK_WIDGET (self->start_button));
}

static void
on_recent_clicked (GtkButton    *button,
                   GlbStartPage *self)
{
  apply (self, g_object_get_data (G_OBJECT (button), "start"));
}

static GtkWidget *
make_recent (GlbStartPage   *self,
             const GlbStart *start)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *command = gtk_label_new (start->command);
  g_autofree char *folder = start->workspace != NULL ? g_path_get_basename (start->workspace) : NULL;
  const char *policy = start->own ? start->policy : glb_template_text_get_title (start->policy);
  g_autofree char *detail = folder != NULL ? g_strdup_printf ("%s · %s", policy, folder) : g_strdup (policy);
  GtkWidget *below = gtk_label_new (detail);

  gtk_label_set_ellipsize (GTK_LABEL (command), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (command), 28);
  gtk_label_set_xalign (GTK_LABEL (command), 0);
  gtk_widget_add_css_class (command, "heading");
  gtk_label_set_ellipsize (GTK_LABEL (below), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (below), 28);
  gtk_label_set_xalign (GTK_LABEL (below), 0);
  gtk_widget_add_css_class (below, "caption");
  gtk_box_append (GTK_BOX (box), command);
  gtk_box_append (GTK_BOX (box), below);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "recent");
  gtk_widget_set_tooltip_text (button, start->workspace);
  g_object_set_data_full (G_OBJECT (button), "start", glb_start_copy (start), (GDestroyNotify) glb_start_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_recent_clicked), self);
  return button;
}

static void
add_folder (GMenu      *menu,
            GHashTable *known,
            const char *path)
{
  g_autoptr(GMenuItem) item = NULL;

  if (path == NULL || !g_hash_table_add (known, g_strdup (path)))
    return;
  item = g_menu_item_new (path, NULL);
  g_menu_item_set_action_and_target (item, "start.use-folder", "s", path);
  g_menu_append_item (menu, item);
}

static void
update_recent (GlbStartPage *self)
{
  g_autoptr(GPtrArray) starts = self->state_dir != NULL ? glb_recent_starts_load (self->state_dir) : g_ptr_array_new ();
  g_autoptr(GMenu) folders = g_menu_new ();
  g_autoptr(GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->recent_box))) != NULL)
    gtk_box_remove (self->recent_box, child);
  for (guint i = 0; i < starts->len; i++)
    {
      const GlbStart *start = starts->pdata[i];

      gtk_box_append (self->recent_box, make_recent (self, start));
      add_folder (folders, known, start->workspace);
    }
  gtk_widget_set_visible (self->recent_group, starts->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->recent_folders), g_hash_table_size (known) > 0);
  gtk_menu_button_set_menu_model (self->recent_folders, G_MENU_MODEL (folders));
}

/* ---- cards --------------------------------------------------------------------------- */

static GtkWidget *
make_card (const char *name,
           gboolean    own)
{
  GtkWidget *card = gtk_flow_box_child_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name (own ? "avatar-default-symbolic" : glb_template_text_get_icon (name));
  GtkWidget *title = gtk_label_new (own ? name : glb_template_text_get_title (name));
  GtkWidget *summary = gtk_label_new (own ? _("A policy of your own") : glb_template_text_get_summary (name));
  g_autofree char *label = g_strdup_printf ("%s: %s", gtk_label_get_text (GTK_LABEL (title)), gtk_label_get_text (GTK_LABEL (summary)));

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 24);
  gtk_widget_set_halign (icon, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (title, "heading");
  gtk_label_set_xalign (GTK_LABEL (summary), 0);
  gtk_label_set_yalign (GTK_LABEL (summary), 0);
  gtk_label_set_wrap (GTK_LABEL (summary), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (summary), 18);
  gtk_label_set_max_width_chars (GTK_LABEL (summary), 19);
  gtk_widget_add_css_class (summary, "caption");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), summary);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (card), box);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "template-card");
  gtk_accessible_update_property (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (card), POLICY_NAME, g_strdup (name), g_free);
  g_object_set_data (G_OBJECT (card), POLICY_OWN, GINT_TO_POINTER (own));
  return card;
}

/* The one of most use first, then by name, as they are listed. */
static void
fill_cards (GlbStartPage *self)
{
  g_auto(GStrv) templates = glb_policy_list_templates ();
  g_auto(GStrv) own = glb_own_policies_list ();

  gtk_flow_box_append (self->cards, make_card (FIRST_TEMPLATE, FALSE));
  for (guint i = 0; templates[i] != NULL; i++)
    if (!g_str_equal (templates[i], FIRST_TEMPLATE))
      gtk_flow_box_append (self->cards, make_card (templates[i], FALSE));
  for (guint i = 0; own[i] != NULL; i++)
    gtk_flow_box_append (self->cards, make_card (own[i], TRUE));
}

/* What was chosen stays, where it is still there. */
static void
update_cards (GlbStartPage *self)
{
  g_autoptr(GlbStart) start = get_start (self);
  GtkWidget *child;

  g_signal_handlers_block_by_func (self->cards, on_policy_selected, self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->cards))) != NULL)
    gtk_flow_box_remove (self->cards, child);
  fill_cards (self);
  g_signal_handlers_unblock_by_func (self->cards, on_policy_selected, self);
  glb_start_page_choose_policy (self, start->policy, start->own);
  set_tier (self, start->tier);
}

void
glb_start_page_choose_policy (GlbStartPage *self,
                              const char   *name,
                              gboolean      own)
{
  GtkWidget *card = gtk_widget_get_first_child (GTK_WIDGET (self->cards));
  GtkWidget *found = card;

  g_return_if_fail (GLB_IS_START_PAGE (self));

  for (; card != NULL; card = gtk_widget_get_next_sibling (card))
    if (g_str_equal (g_object_get_data (G_OBJECT (card), POLICY_NAME), name) &&
        (g_object_get_data (G_OBJECT (card), POLICY_OWN) != NULL) == own)
      found = card;
  if (found != NULL)
    gtk_flow_box_select_child (self->cards, GTK_FLOW_BOX_CHILD (found));
  update (self);
}

/* ---- the start ------------------------------------------------------------------------ */

static void
set_starting (GlbStartPage *self,
              gboolean      starting)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->start_button), !starting);
  glb_accessible_set_button_label (self->start_button, starting ? _("Starting…") : _("_Start"));
}

static void
started_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GlbStartPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *id = glb_start_run_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_starting (self, FALSE);
  if (id == NULL)
    {
      show_problem (self, error, TRUE);
      return;
    }
  if (self->state_dir != NULL)
    glb_recent_starts_add (self->state_dir, self->running);
  update_recent (self);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), "");
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-session", "s", id);
}

static void
on_start_clicked (GlbStartPage *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->start_button)))
    return;
  clear_problem (self);
  set_starting (self, TRUE);
  g_clear_pointer (&self->running, glb_start_free);
  self->running = get_start (self);
  glb_start_run_async (self->running, self->cancellable, started_cb, g_object_ref (self));
}

/* ---- the widget ------------------------------------------------------------------------ */

/* Policies may have been written since. */
static void
glb_start_page_map (GtkWidget *widget)
{
  GlbStartPage *self = GLB_START_PAGE (widget);

  update_cards (self);
  update_recent (self);
  GTK_WIDGET_CLASS (glb_start_page_parent_class)->map (widget);
}

static void
glb_start_page_dispose (GObject *object)
{
  GlbStartPage *self = GLB_START_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->application);
  g_clear_pointer (&self->running, glb_start_free);
  g_clear_pointer (&self->state_dir, g_free);
  g_clear_pointer (&self->workspace, g_free);

  G_OBJECT_CLASS (glb_start_page_parent_class)->dispose (object);
}

static void
glb_start_page_finalize (GObject *object)
{
  g_object_unref (GLB_START_PAGE (object)->cancellable);

  G_OBJECT_CLASS (glb_start_page_parent_class)->finalize (object);
}

static void
glb_start_page_class_init (GlbStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_start_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_start_page_finalize;
  widget_class->map = glb_start_page_map;

  g_type_ensure (GLB_TYPE_APP_LIST);
  g_type_ensure (GLB_TYPE_WORDS_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, recent_group);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, recent_box);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, cards);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, command_row);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, command_icon);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, apps);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, workspace_row);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, recent_folders);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, tier_row);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, side_title);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, words);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, problem);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, problem_label);
  gtk_widget_class_bind_template_child (widget_class, GlbStartPage, start_button);
  gtk_widget_class_bind_template_callback (widget_class, on_policy_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_command_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_application_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_folder);
  gtk_widget_class_bind_template_callback (widget_class, on_start_clicked);
  gtk_widget_class_install_action (widget_class, "start.use-folder", "s", on_use_folder);
}

static void
glb_start_page_init (GlbStartPage *self)
{
  g_autoptr(GError) error = NULL;

  self->cancellable = g_cancellable_new ();
  self->state_dir = glb_paths_get_state_dir (&error);
  if (self->state_dir == NULL)
    g_message ("recent starts: %s", error->message);
  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_drop_underscores (GTK_WIDGET (self));
  fill_cards (self);
  glb_start_page_choose_policy (self, FIRST_TEMPLATE, FALSE);
}

GtkWidget *
glb_start_page_new (void)
{
  return g_object_new (GLB_TYPE_START_PAGE, NULL);
}
