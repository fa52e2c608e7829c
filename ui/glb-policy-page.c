/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-policy-page.h"

#include <glib/gi18n-lib.h>

#include "policies/glb-json-edit.h"
#include "ui/glb-accessible.h"
#include "ui/glb-changes-list.h"
#include "ui/glb-own-policies.h"
#include "ui/glb-policy-draft.h"
#include "ui/glb-policy-form.h"
#include "ui/glb-policy-text.h"
#include "ui/glb-template-text.h"
#include "ui/glb-words-list.h"

struct _GlbPolicyPage
{
  AdwBin parent_instance;

  GtkListBox *list;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkWidget *delete_button;
  GtkMenuButton *copy_button;
  GtkWidget *save_button;
  GtkWidget *start_button;
  GlbPolicyForm *form;
  GlbPolicyText *text;
  GtkWidget *verdict;
  GtkImage *verdict_icon;
  GtkLabel *verdict_label;
  GtkWidget *line_button;
  GtkDropDown *base;
  GtkStack *views;
  GlbWordsList *words;
  GlbChangesList *changes;
  GtkPopover *copy_popover;
  GtkEditable *copy_name;
  GtkLabel *copy_hint;
  GtkWidget *copy_confirm;
  GtkPopover *delete_popover;

  GPtrArray *drafts;       /* GlbPolicyDraft: which the person changed and did not save, and the one that is shown */
  GlbPolicyDraft *draft;   /* (nullable): in drafts: that is shown */
  gboolean understood;     /* form and words say what it says, or said when it was right */
  guint problem_line;      /* or 0 */
};

G_DEFINE_FINAL_TYPE (GlbPolicyPage, glb_policy_page, ADW_TYPE_BIN)

enum { START, N_SIGNALS };
static guint signals[N_SIGNALS];

#define ROW_NAME "policy-name"
#define ROW_OWN  "policy-own"

static void
say (GlbPolicyPage *self,
     const char    *message)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", message);
}

/* ---- what the text says -------------------------------------------------------------- */

static void
show_verdict (GlbPolicyPage *self,
              const char    *problem)
{
  g_autofree char *text = NULL;

  if (problem == NULL)
    text = g_strdup (_("Every line is understood and can be held."));
  else if (self->problem_line > 0)
    text = g_strdup_printf (_("Line %u: %s"), self->problem_line, problem);
  else
    text = g_strdup (problem);
  gtk_label_set_text (self->verdict_label, text);
  gtk_image_set_from_icon_name (self->verdict_icon, problem == NULL ? "emblem-ok-symbolic" : "dialog-error-symbolic");
  if (problem == NULL)
    gtk_widget_remove_css_class (self->verdict, "wrong");
  else
    gtk_widget_add_css_class (self->verdict, "wrong");
  gtk_widget_set_visible (self->line_button, self->problem_line > 0);
  glb_policy_text_mark_line (self->text, self->problem_line);
}

/* (transfer full) (nullable) */
static GlbPolicy *
load_base (GlbPolicyPage *self)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (self->base);
  g_auto(GStrv) names = glb_policy_list_templates ();
  guint n = gtk_drop_down_get_selected (self->base);

  return item != NULL && n < g_strv_length (names) ? glb_policy_new_from_template (names[n], NULL) : NULL;
}

static void
update_buttons (GlbPolicyPage *self,
                gboolean       valid)
{
  gboolean saved = glb_policy_draft_is_saved (self->draft);

  gtk_widget_set_visible (self->save_button, self->draft->own);
  gtk_widget_set_visible (self->delete_button, self->draft->own);
  gtk_widget_set_sensitive (self->start_button, saved && valid);
  gtk_widget_set_tooltip_text (self->start_button, !saved ? _("Save it first") : !valid ? _("Mend it first") : NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "policy.save", self->draft->own && !saved);
}

/* What is wrong is marked; form and words then stay at what was right last. */
static void
update (GlbPolicyPage *self)
{
  g_autofree char *problem = NULL;
  g_autoptr(GlbPolicy) policy = glb_policy_draft_parse (self->draft, &self->problem_line, &problem);
  g_autoptr(GlbPolicy) base = load_base (self);

  show_verdict (self, problem);
  update_buttons (self, policy != NULL);
  self->understood = self->understood || policy != NULL;
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), self->draft->own && self->understood);
  gtk_widget_set_opacity (GTK_WIDGET (self->views), policy != NULL ? 1 : 0.5);
  if (policy == NULL && self->understood)
    return;
  if (policy != NULL)
    glb_policy_form_set_policy (self->form, policy);
  glb_words_list_set_policy (self->words, policy);
  glb_changes_list_set_policies (self->changes, base, policy);
}

static void
take_text (GlbPolicyPage *self)
{
  g_free (self->draft->text);
  self->draft->text = glb_policy_text_get (self->text);
  update (self);
}

static void
on_text_edited (GlbPolicyText *text,
                GlbPolicyPage *self)
{
  take_text (self);
}

static void
on_form_edited (GlbPolicyForm *form,
                const char    *pointer,
                const char    *json,
                GlbPolicyPage *self)
{
  g_autofree char *text = glb_json_edit_set (self->draft->text, pointer, json);

  if (text != NULL)
    glb_policy_text_replace (self->text, text);
  else
    say (self, _("The JSON is broken where it is marked; mend it first"));
}

static void
on_go_to_line (GlbPolicyPage *self)
{
  glb_policy_text_go_to_line (self->text, self->problem_line);
  gtk_widget_child_focus (GTK_WIDGET (self->text), GTK_DIR_TAB_FORWARD);
}

static void
on_base_changed (GtkDropDown   *base,
                 GParamSpec    *property,
                 GlbPolicyPage *self)
{
  if (self->draft != NULL)
    update (self);
}

static void
on_view_changed (GtkStack      *views,
                 GParamSpec    *property,
                 GlbPolicyPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->base), g_strcmp0 (gtk_stack_get_visible_child_name (views), "changes") == 0);
}

/* ---- the list ------------------------------------------------------------------------- */

static gboolean
is_own (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), ROW_OWN) != NULL;
}

static void
set_header (GtkListBoxRow *row,
            GtkListBoxRow *before,
            gpointer       user_data)
{
  GtkWidget *label = NULL;

  if (before == NULL || is_own (before) != is_own (row))
    {
      label = gtk_label_new (is_own (row) ? _("Your Policies") : _("Templates"));
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "heading");
      gtk_widget_add_css_class (label, "list-heading");
    }
  gtk_list_box_row_set_header (row, label);
}

static GtkWidget *
make_row (const char *name,
          gboolean    own)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *label = gtk_label_new (own ? name : glb_template_text_get_title (name));

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (own ? "avatar-default-symbolic" : glb_template_text_get_icon (name)));
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, gtk_label_get_text (GTK_LABEL (label)), -1);
  g_object_set_data_full (G_OBJECT (row), ROW_NAME, g_strdup (name), g_free);
  g_object_set_data (G_OBJECT (row), ROW_OWN, GINT_TO_POINTER (own));
  return row;
}

static void
append_rows (GlbPolicyPage *self,
             GStrv          names,
             gboolean       own)
{
  for (guint i = 0; names[i] != NULL; i++)
    gtk_list_box_append (self->list, make_row (names[i], own));
}

static void
fill_list (GlbPolicyPage *self)
{
  g_auto(GStrv) own = glb_own_policies_list ();
  g_auto(GStrv) templates = glb_policy_list_templates ();
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  append_rows (self, own, TRUE);
  append_rows (self, templates, FALSE);
}

/* The first, where there is none of that name. */
static void
select_row (GlbPolicyPage *self,
            const char    *name,
            gboolean       own)
{
  GtkListBoxRow *found = gtk_list_box_get_row_at_index (self->list, 0), *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (is_own (row) == own && g_str_equal (g_object_get_data (G_OBJECT (row), ROW_NAME), name))
      found = row;
  gtk_list_box_select_row (self->list, found);
}

/* ---- one policy ----------------------------------------------------------------------- */

static GlbPolicyDraft *
find_draft (GlbPolicyPage *self,
            const char    *name,
            gboolean       own)
{
  for (guint i = 0; i < self->drafts->len; i++)
    {
      GlbPolicyDraft *draft = self->drafts->pdata[i];

      if (draft->own == own && g_str_equal (draft->name, name))
        return draft;
    }
  return NULL;
}

static void
forget_draft (GlbPolicyPage *self)
{
  if (self->draft != NULL)
    g_ptr_array_remove_fast (self->drafts, self->draft);
  self->draft = NULL;
}

static void
choose_base (GlbPolicyPage *self)
{
  g_autofree char *base = glb_policy_draft_find_base (self->draft);
  g_auto(GStrv) names = glb_policy_list_templates ();

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], base))
      gtk_drop_down_set_selected (self->base, i);
}

static void
show_draft (GlbPolicyPage *self)
{
  GlbPolicyDraft *draft = self->draft;
  g_autofree char *path = draft->own ? glb_own_policies_get_path (draft->name) : NULL;

  gtk_label_set_text (self->title, draft->own ? draft->name : glb_template_text_get_title (draft->name));
  gtk_label_set_text (self->subtitle, draft->own ? path : _("Comes with Glovebox. Make a copy to change it."));
  glb_policy_text_set (self->text, draft->text, draft->own);
  choose_base (self);
  self->understood = FALSE;
  update (self);
}

static void
open_policy (GlbPolicyPage *self,
             const char    *name,
             gboolean       own)
{
  g_autoptr(GError) error = NULL;
  GlbPolicyDraft *draft;

  if (self->draft != NULL && glb_policy_draft_is_saved (self->draft))
    forget_draft (self);
  draft = find_draft (self, name, own);
  if (draft == NULL && (draft = glb_policy_draft_new (name, own, &error)) != NULL)
    g_ptr_array_add (self->drafts, draft);
  if (draft == NULL)
    {
      say (self, error->message);
      glb_policy_page_choose (self, "default", FALSE);
      return;
    }
  self->draft = draft;
  show_draft (self);
}

static void
on_row_selected (GtkListBox    *list,
                 GtkListBoxRow *row,
                 GlbPolicyPage *self)
{
  if (row != NULL)
    open_policy (self, g_object_get_data (G_OBJECT (row), ROW_NAME), is_own (row));
}

static void
on_save (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  GlbPolicyPage *self = GLB_POLICY_PAGE (widget);
  g_autoptr(GError) error = NULL;

  if (!glb_policy_draft_save (self->draft, &error))
    say (self, error->message);
  update (self);
}

static void
on_start (GlbPolicyPage *self)
{
  g_signal_emit (self, signals[START], 0, self->draft->name, self->draft->own);
}

/* ---- copies ------------------------------------------------------------------------------ */

/* NULL: it can be the name of a copy. */
static const char *
find_name_problem (const char *name)
{
  g_autofree char *path = glb_own_policies_is_name (name) ? glb_own_policies_get_path (name) : NULL;

  if (path == NULL)
    return _("Letters without accents, digits, “.”, “_” and “-”");
  return g_file_test (path, G_FILE_TEST_EXISTS) ? _("There is one of this name") : NULL;
}

static void
on_copy_name_changed (GtkEditable   *entry,
                      GlbPolicyPage *self)
{
  const char *problem = find_name_problem (gtk_editable_get_text (entry));

  gtk_label_set_text (self->copy_hint, problem != NULL ? problem : "");
  gtk_widget_set_sensitive (self->copy_confirm, problem == NULL);
}

static void
on_copy_shown (GlbPolicyPage *self)
{
  g_autofree char *base = g_strconcat ("my-", self->draft->name, NULL);
  g_autofree char *name = glb_own_policies_find_free_name (self->draft->own ? self->draft->name : base);

  gtk_editable_set_text (self->copy_name, name);
  gtk_widget_grab_focus (GTK_WIDGET (self->copy_name));
}

static void
on_copy (GlbPolicyPage *self)
{
  g_autofree char *name = g_strdup (gtk_editable_get_text (self->copy_name));
  g_autoptr(GError) error = NULL;

  if (find_name_problem (name) != NULL)
    return;
  gtk_popover_popdown (self->copy_popover);
  if (!glb_own_policies_save (name, NULL, self->draft->text, &error))
    {
      say (self, error->message);
      return;
    }
  glb_policy_page_choose (self, name, TRUE);
}

static void
on_delete (GlbPolicyPage *self)
{
  g_autoptr(GError) error = NULL;

  gtk_popover_popdown (self->delete_popover);
  if (!glb_own_policies_remove (self->draft->name, &error))
    {
      say (self, error->message);
      return;
    }
  forget_draft (self);
  glb_policy_page_choose (self, "default", FALSE);
}

/* ---- the widget -------------------------------------------------------------------------- */

/* Policies may have come and gone since. */
static void
glb_policy_page_map (GtkWidget *widget)
{
  GlbPolicyPage *self = GLB_POLICY_PAGE (widget);
  g_autofree char *name = g_strdup (self->draft != NULL ? self->draft->name : "default");

  glb_policy_page_choose (self, name, self->draft != NULL && self->draft->own);
  GTK_WIDGET_CLASS (glb_policy_page_parent_class)->map (widget);
}

static void
glb_policy_page_dispose (GObject *object)
{
  GlbPolicyPage *self = GLB_POLICY_PAGE (object);

  self->draft = NULL;
  g_clear_pointer (&self->drafts, g_ptr_array_unref);

  G_OBJECT_CLASS (glb_policy_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, list);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, title);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, subtitle);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, delete_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, copy_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, start_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, form);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, text);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, verdict);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, verdict_icon);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, verdict_label);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, line_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, base);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, views);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, words);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, changes);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, copy_popover);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, copy_name);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, copy_hint);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, copy_confirm);
  gtk_widget_class_bind_template_child (widget_class, GlbPolicyPage, delete_popover);
}

static void
glb_policy_page_class_init (GlbPolicyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_policy_page_dispose;
  widget_class->map = glb_policy_page_map;
  signals[START] = g_signal_new ("start", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                 G_TYPE_STRING, G_TYPE_BOOLEAN);

  g_type_ensure (GLB_TYPE_CHANGES_LIST);
  g_type_ensure (GLB_TYPE_POLICY_FORM);
  g_type_ensure (GLB_TYPE_POLICY_TEXT);
  g_type_ensure (GLB_TYPE_WORDS_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-policy-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_start);
  gtk_widget_class_bind_template_callback (widget_class, on_go_to_line);
  gtk_widget_class_bind_template_callback (widget_class, on_base_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_view_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_name_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
  gtk_widget_class_install_action (widget_class, "policy.save", NULL, on_save);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "policy.save", NULL);
}

static void
fill_bases (GlbPolicyPage *self)
{
  g_auto(GStrv) names = glb_policy_list_templates ();
  g_autoptr(GtkStringList) titles = gtk_string_list_new (NULL);

  for (guint i = 0; names[i] != NULL; i++)
    gtk_string_list_append (titles, glb_template_text_get_title (names[i]));
  gtk_drop_down_set_model (self->base, G_LIST_MODEL (titles));
}

static void
glb_policy_page_init (GlbPolicyPage *self)
{
  self->drafts = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_policy_draft_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_drop_underscores (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, set_header, NULL, NULL);
  fill_bases (self);
  on_view_changed (self->views, NULL, self);
  g_signal_connect (self->text, "edited", G_CALLBACK (on_text_edited), self);
  g_signal_connect (self->form, "edited", G_CALLBACK (on_form_edited), self);
  g_signal_connect_swapped (self->copy_popover, "show", G_CALLBACK (on_copy_shown), self);
}

GtkWidget *
glb_policy_page_new (void)
{
  return g_object_new (GLB_TYPE_POLICY_PAGE, NULL);
}

void
glb_policy_page_choose (GlbPolicyPage *self,
                        const char    *name,
                        gboolean       own)
{
  g_return_if_fail (GLB_IS_POLICY_PAGE (self));

  fill_list (self);
  select_row (self, name, own);
}
