/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-changes-list.h"

#include <glib/gi18n-lib.h>

#include "policies/glb-policy-diff.h"
#include "policies/glb-policy-words.h"

struct _GlbChangesList
{
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (GlbChangesList, glb_changes_list, GTK_TYPE_BOX)

/* The sentences of this key, or its value where it has none. (transfer full) */
static char *
describe (GPtrArray  *words,
          const char *pointer,
          const char *value)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      const GlbPolicySentence *sentence = words->pdata[i];

      if (!g_str_equal (sentence->pointer, pointer))
        continue;
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, sentence->text);
    }
  if (text->len == 0)
    g_string_append (text, value);
  return g_string_free (text, FALSE);
}

static GtkWidget *
make_line (const char *sign,
           const char *name,
           const char *style,
           const char *text)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *mark = gtk_label_new (sign);
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (line, style);
  gtk_widget_set_valign (mark, GTK_ALIGN_START);
  gtk_widget_add_css_class (mark, "monospace");
  gtk_accessible_update_property (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), mark);
  gtk_box_append (GTK_BOX (line), label);
  return line;
}

static GtkWidget *
make_change (const GlbPolicyChange *change,
             GPtrArray             *words_before,
             GPtrArray             *words_after)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *pointer = gtk_label_new (change->pointer + 1);
  g_autofree char *before = describe (words_before, change->pointer, change->before);
  g_autofree char *after = describe (words_after, change->pointer, change->after);
  gboolean same = g_str_equal (before, after);

  gtk_label_set_xalign (GTK_LABEL (pointer), 0);
  gtk_widget_add_css_class (pointer, "caption-heading");
  gtk_box_append (GTK_BOX (box), pointer);
  /* what the sentence does not tell apart, the values do */
  gtk_box_append (GTK_BOX (box), make_line ("−", _("Before"), "removed", same ? change->before : before));
  gtk_box_append (GTK_BOX (box), make_line ("+", _("Now"), "added", same ? change->after : after));
  return box;
}

static void
glb_changes_list_class_init (GlbChangesListClass *klass)
{
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "changeslist");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
glb_changes_list_init (GlbChangesList *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Differences"), -1);
}

GtkWidget *
glb_changes_list_new (void)
{
  return g_object_new (GLB_TYPE_CHANGES_LIST, NULL);
}

static void
show_none (GlbChangesList *self)
{
  GtkWidget *label = gtk_label_new (_("Both say the same."));

  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (self), label);
}

void
glb_changes_list_set_policies (GlbChangesList  *self,
                               const GlbPolicy *before,
                               const GlbPolicy *after)
{
  g_autoptr(GPtrArray) changes = NULL;
  g_autoptr(GPtrArray) words_before = NULL;
  g_autoptr(GPtrArray) words_after = NULL;
  GtkWidget *child;

  g_return_if_fail (GLB_IS_CHANGES_LIST (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_box_remove (GTK_BOX (self), child);
  if (before == NULL || after == NULL)
    return;

  changes = glb_policy_diff (before, after);
  words_before = glb_policy_words_new (before);
  words_after = glb_policy_words_new (after);
  for (guint i = 0; i < changes->len; i++)
    gtk_box_append (GTK_BOX (self), make_change (changes->pdata[i], words_before, words_after));
  if (changes->len == 0)
    show_none (self);
}
