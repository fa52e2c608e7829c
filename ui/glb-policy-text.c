/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-policy-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/glb-line-gutter.h"

struct _GlbPolicyText
{
  AdwBin parent_instance;

  GtkTextView *view;
  GtkTextBuffer *buffer;
  GlbLineGutter *gutter;
  GtkTextTag *marked, *key, *comment;
};

G_DEFINE_FINAL_TYPE (GlbPolicyText, glb_policy_text, ADW_TYPE_BIN)

enum { EDITED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- what is a key, what a comment ------------------------------------------------ */

static void
tag (GlbPolicyText *self,
     GtkTextTag    *text_tag,
     const char    *text,
     const char    *from,
     const char    *to)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, g_utf8_pointer_to_offset (text, from));
  gtk_text_buffer_get_iter_at_offset (self->buffer, &end, g_utf8_pointer_to_offset (text, to));
  gtk_text_buffer_apply_tag (self->buffer, text_tag, &start, &end);
}

/* at: the first quote. Behind the last, or where the line ends. */
static const char *
skip_string (const char *at)
{
  for (at++; *at != '\0' && *at != '"' && *at != '\n'; at++)
    if (at[0] == '\\' && at[1] != '\0')
      at++;
  return *at == '"' ? at + 1 : at;
}

static void
highlight (GlbPolicyText *self)
{
  g_autofree char *text = glb_policy_text_get (self);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  gtk_text_buffer_remove_tag (self->buffer, self->key, &start, &end);
  gtk_text_buffer_remove_tag (self->buffer, self->comment, &start, &end);
  for (const char *at = text; *at != '\0';)
    if (*at == '"')
      {
        const char *string = at;

        at = skip_string (at);
        if (at[strspn (at, " \t")] == ':')
          tag (self, self->key, text, string, at);
      }
    else if (at[0] == '/' && at[1] == '/')
      {
        const char *comment = at;

        at += strcspn (at, "\n");
        tag (self, self->comment, text, comment, at);
      }
    else
      at++;
}

static void
on_changed (GtkTextBuffer *buffer,
            GlbPolicyText *self)
{
  highlight (self);
  g_signal_emit (self, signals[EDITED], 0);
}

/* ---- the widget -------------------------------------------------------------------- */

static void
glb_policy_text_class_init (GlbPolicyTextClass *klass)
{
  signals[EDITED] = g_signal_new ("edited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_policy_text_init (GlbPolicyText *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);
  self->marked = gtk_text_buffer_create_tag (self->buffer, NULL, "paragraph-background", "rgba(224,27,36,0.22)", NULL);
  self->key = gtk_text_buffer_create_tag (self->buffer, NULL, "weight", PANGO_WEIGHT_BOLD, NULL);
  self->comment = gtk_text_buffer_create_tag (self->buffer, NULL, "style", PANGO_STYLE_ITALIC, NULL);
  gtk_text_view_set_monospace (self->view, TRUE);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_left_margin (self->view, 8);
  gtk_text_view_set_right_margin (self->view, 8);
  gtk_text_view_set_top_margin (self->view, 8);
  gtk_text_view_set_bottom_margin (self->view, 8);
  gtk_widget_set_vexpand (GTK_WIDGET (self->view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("The policy as JSON"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->view));
  adw_bin_set_child (ADW_BIN (self), scrolled);
  self->gutter = glb_line_gutter_new (self->view);
  g_signal_connect (self->buffer, "changed", G_CALLBACK (on_changed), self);
}

GtkWidget *
glb_policy_text_new (void)
{
  return g_object_new (GLB_TYPE_POLICY_TEXT, NULL);
}

void
glb_policy_text_set (GlbPolicyText *self,
                     const char    *text,
                     gboolean       editable)
{
  g_return_if_fail (GLB_IS_POLICY_TEXT (self));

  g_signal_handlers_block_by_func (self->buffer, on_changed, self);
  gtk_text_buffer_begin_irreversible_action (self->buffer);
  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_text_buffer_end_irreversible_action (self->buffer);
  g_signal_handlers_unblock_by_func (self->buffer, on_changed, self);
  gtk_text_view_set_editable (self->view, editable);
  highlight (self);
  glb_policy_text_go_to_line (self, 1);
}

/* Only what differs is touched, so that the cursor and what is in view stay. */
void
glb_policy_text_replace (GlbPolicyText *self,
                         const char    *text)
{
  g_autofree char *before = glb_policy_text_get (self);
  const char *old_end = before + strlen (before), *new_end = text + strlen (text);
  const char *old_start = before, *new_start = text;
  GtkTextIter start, end;

  while (*old_start != '\0' && *old_start == *new_start)
    old_start++, new_start++;
  /* not amid a character */
  while (old_start > before && (*old_start & 0xc0) == 0x80)
    old_start--, new_start--;
  while (old_end > old_start && new_end > new_start && old_end[-1] == new_end[-1])
    old_end--, new_end--;
  while ((*old_end & 0xc0) == 0x80)
    old_end++, new_end++;

  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, g_utf8_pointer_to_offset (before, old_start));
  gtk_text_buffer_get_iter_at_offset (self->buffer, &end, g_utf8_pointer_to_offset (before, old_end));
  g_signal_handlers_block_by_func (self->buffer, on_changed, self);
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_delete (self->buffer, &start, &end);
  gtk_text_buffer_insert (self->buffer, &start, new_start, new_end - new_start);
  gtk_text_buffer_end_user_action (self->buffer);
  g_signal_handlers_unblock_by_func (self->buffer, on_changed, self);
  gtk_text_view_scroll_to_iter (self->view, &start, 0.1, FALSE, 0, 0);
  on_changed (self->buffer, self);
}

char *
glb_policy_text_get (GlbPolicyText *self)
{
  GtkTextIter start, end;

  g_return_val_if_fail (GLB_IS_POLICY_TEXT (self), NULL);

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, TRUE);
}

void
glb_policy_text_mark_line (GlbPolicyText *self,
                           guint          line)
{
  GtkTextIter start, end;

  g_return_if_fail (GLB_IS_POLICY_TEXT (self));

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  gtk_text_buffer_remove_tag (self->buffer, self->marked, &start, &end);
  if (line > 0)
    {
      gtk_text_buffer_get_iter_at_line (self->buffer, &start, line - 1);
      end = start;
      gtk_text_iter_forward_line (&end);
      gtk_text_buffer_apply_tag (self->buffer, self->marked, &start, &end);
    }
  glb_line_gutter_set_mark (self->gutter, line);
}

void
glb_policy_text_go_to_line (GlbPolicyText *self,
                            guint          line)
{
  GtkTextIter iter;

  g_return_if_fail (GLB_IS_POLICY_TEXT (self) && line > 0);

  gtk_text_buffer_get_iter_at_line (self->buffer, &iter, line - 1);
  gtk_text_buffer_place_cursor (self->buffer, &iter);
  gtk_text_view_scroll_to_mark (self->view, gtk_text_buffer_get_insert (self->buffer), 0.1, FALSE, 0, 0);
}
