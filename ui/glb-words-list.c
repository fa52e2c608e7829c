/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-words-list.h"

#include <glib/gi18n-lib.h>

#include "policies/glb-policy-words.h"

struct _GlbWordsList
{
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (GlbWordsList, glb_words_list, GTK_TYPE_BOX)

static const struct { const char *icon, *style; } kinds[GLB_WORDS_N_KINDS] = {
  { "emblem-ok-symbolic", "may" },
  { "dialog-question-symbolic", "asks" },
  { "action-unavailable-symbolic", "may-not" },
  { "power-profile-balanced-symbolic", "limit" },
};

static GtkWidget *
make_sentence (const GlbPolicySentence *sentence)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *icon = gtk_image_new_from_icon_name (kinds[sentence->kind].icon);
  GtkWidget *label = gtk_label_new (sentence->text);

  gtk_widget_add_css_class (row, "sentence");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_margin_top (icon, 2);
  gtk_widget_set_tooltip_text (row, sentence->pointer);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), label);
  return row;
}

/* NULL: there is no sentence of this kind. */
static GtkWidget *
make_section (const GPtrArray *words,
              GlbWordsKind     kind)
{
  GtkWidget *section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *title = gtk_label_new (glb_policy_words_get_kind_title (kind));
  guint n = 0;

  gtk_widget_add_css_class (section, kinds[kind].style);
  gtk_widget_add_css_class (title, "heading");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_box_append (GTK_BOX (section), title);
  for (guint i = 0; i < words->len; i++)
    {
      const GlbPolicySentence *sentence = words->pdata[i];

      if (sentence->kind != kind)
        continue;
      gtk_box_append (GTK_BOX (section), make_sentence (sentence));
      n++;
    }
  if (n > 0)
    return section;

  g_object_ref_sink (section);
  g_object_unref (section);
  return NULL;
}

static void
glb_words_list_class_init (GlbWordsListClass *klass)
{
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "wordslist");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
glb_words_list_init (GlbWordsList *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 18);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("The policy in plain words"), -1);
}

GtkWidget *
glb_words_list_new (void)
{
  return g_object_new (GLB_TYPE_WORDS_LIST, NULL);
}

void
glb_words_list_set_policy (GlbWordsList    *self,
                           const GlbPolicy *policy)
{
  g_autoptr(GPtrArray) words = NULL;
  GtkWidget *child;

  g_return_if_fail (GLB_IS_WORDS_LIST (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_box_remove (GTK_BOX (self), child);
  if (policy == NULL)
    return;

  words = glb_policy_words_new (policy);
  for (int kind = 0; kind < GLB_WORDS_N_KINDS; kind++)
    {
      GtkWidget *section = make_section (words, kind);

      if (section != NULL)
        gtk_box_append (GTK_BOX (self), section);
    }
}
