/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-prompt-bar.h"

#include <glib/gi18n-lib.h>
#include <gio/gunixfdlist.h>
#include <string.h>

#include "ui/glb-accessible.h"
#include "ui/glb-gate-text.h"
#include "ui/glb-prompt-file.h"
#include "ui/glb-prompt-image.h"

/**
 * GlbPromptBar:
 *
 * One question of a session to its person, outside the session's picture: who
 * wants what, exactly what would cross, and how long there is to answer.
 *
 * It never takes the focus, has no default answer, and takes none before
 * [struct@PromptGuard] says that it is meant. The buttons keep their places as
 * long as the question is there, whatever its content turns out to be, and the
 * bar stays for a moment without them: the second half of a double click, or
 * an answer that comes too late, must not fall through to the session.
 */
struct _GlbPromptBar
{
  AdwBin parent_instance;

  GtkWidget *frame;
  GtkLabel *question;
  GtkLabel *title;
  GtkWidget *preview_frame;
  GtkStack *preview_stack;
  GtkLabel *preview;
  GtkPicture *picture;
  GtkWidget *enlarge_button;
  GtkLabel *picture_problem;
  GtkLabel *findings;
  GtkWidget *findings_box;
  GtkLabel *facts;
  GtkLabel *history;
  GtkLabel *policy;
  GtkLabel *left;
  GtkProgressBar *progress;
  GtkLabel *waiting;
  GtkWidget *deny_button;
  AdwSplitButton *allow_button;

  GlbDBusPrompt1 *prompt;      /* (nullable) */
  GlbPromptGuard guard;
  gboolean answering;          /* the broker was told */
  GtkNativeDialog *choosing;   /* weak, (nullable): where the person looks for a file */
  guint arm_id;
  guint linger_id;
  guint tick_id;
  GStrv sources;               /* (nullable): what may be given in place of a device */
  GCancellable *cancellable;   /* of the picture */
  GtkWindow *enlarged;         /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbPromptBar, glb_prompt_bar, ADW_TYPE_BIN)

enum
{
  SIGNAL_PROBLEM,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define FOR_A_WHILE_S 300
#define CALL_DEADLINE_MS 10000
#define LINGER_MS 500
/* while it is not armed, its place is looked at so often */
#define ARMING_MS 25

/* What the menu has to give in place of a device. */
static const struct { const char *action; const char *source; } gives[] = {
  { "prompt.give-test-pattern", "test-pattern" },
  { "prompt.give-tone", "tone" },
  { "prompt.give-silence", "silence" },
};

/* ---- when it takes answers --------------------------------------------------- */

static void
update_sensitivity (GlbPromptBar *self)
{
  gboolean takes = self->prompt != NULL && !self->answering &&
                   glb_prompt_guard_is_armed (&self->guard, g_get_monotonic_time ());
  gboolean lasts = takes && g_strcmp0 (glb_dbus_prompt1_get_kind (self->prompt), "file") != 0;

  gtk_widget_set_sensitive (self->deny_button, takes);
  gtk_widget_set_sensitive (GTK_WIDGET (self->allow_button), takes);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "prompt.deny", takes);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "prompt.allow-once", takes);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "prompt.allow-session", lasts);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "prompt.allow-a-while", lasts);
  for (guint i = 0; i < G_N_ELEMENTS (gives); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), gives[i].action,
                                   takes && self->sources != NULL && g_strv_contains ((const char * const *) self->sources, gives[i].source));
}

/* TRUE: it is not where it was. */
static gboolean
look_at_place (GlbPromptBar *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  graphene_rect_t place;

  return root != NULL && gtk_widget_compute_bounds (self->deny_button, GTK_WIDGET (root), &place) &&
         glb_prompt_guard_place (&self->guard, (int) place.origin.x, (int) place.origin.y, g_get_monotonic_time ());
}

static gboolean
on_armed (gpointer user_data)
{
  GlbPromptBar *self = user_data;

  look_at_place (self);
  if (!glb_prompt_guard_is_armed (&self->guard, g_get_monotonic_time ()))
    return G_SOURCE_CONTINUE;

  self->arm_id = 0;
  update_sensitivity (self);

  return G_SOURCE_REMOVE;
}

static void
wait_for_guard (GlbPromptBar *self)
{
  g_clear_handle_id (&self->arm_id, g_source_remove);
  self->arm_id = g_timeout_add (ARMING_MS, on_armed, self);
  update_sensitivity (self);
}

static void
start_guard (GlbPromptBar *self)
{
  glb_prompt_guard_show (&self->guard, g_get_monotonic_time ());
  wait_for_guard (self);
}

/* Nothing that was aimed at another place answers. */
static gboolean
is_meant (GlbPromptBar *self)
{
  if (look_at_place (self))
    wait_for_guard (self);

  return glb_prompt_guard_is_armed (&self->guard, g_get_monotonic_time ());
}

void
glb_prompt_bar_hold (GlbPromptBar *self)
{
  GtkPopover *menu;

  g_return_if_fail (GLB_IS_PROMPT_BAR (self));

  /* A menu takes the keyboard from its window and gives it back: that is the person answering. */
  menu = adw_split_button_get_popover (self->allow_button);
  if (self->prompt != NULL && (menu == NULL || !gtk_widget_get_visible (GTK_WIDGET (menu))))
    start_guard (self);
}

/* ---- the answer -------------------------------------------------------------- */

static void
answered_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GlbPromptBar) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (object), result, &error);

  if (reply != NULL)
    return;

  if (object == G_OBJECT (self->prompt))
    {
      self->answering = FALSE;
      update_sensitivity (self);
    }
  /* Somebody else was faster, or the time. */
  if (g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    g_signal_emit (self, signals[SIGNAL_PROBLEM], 0, _("The question was answered or withdrawn before"));
  else
    {
      g_dbus_error_strip_remote_error (error);
      g_signal_emit (self, signals[SIGNAL_PROBLEM], 0, error->message);
    }
}

/* parameters: floating or NULL; taken. */
static void
answer (GlbPromptBar *self,
        const char   *method,
        GVariant     *parameters)
{
  g_autoptr(GVariant) held = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;

  if (self->prompt == NULL || self->answering || !is_meant (self))
    return;

  self->answering = TRUE;
  update_sensitivity (self);
  g_dbus_proxy_call (G_DBUS_PROXY (self->prompt), method, held, G_DBUS_CALL_FLAGS_NONE, CALL_DEADLINE_MS, NULL,
                     answered_cb, g_object_ref (self));
}

/* parameters: floating; taken. */
static void
allow (GlbPromptBar *self,
       GVariant     *parameters)
{
  g_autoptr(GVariant) held = g_variant_ref_sink (parameters);
  GtkNativeDialog *dialog;

  if (self->prompt == NULL || g_strcmp0 (glb_dbus_prompt1_get_kind (self->prompt), "file") != 0)
    {
      answer (self, "Allow", held);
      return;
    }
  /* one dialog, however often the key is pressed */
  if (self->choosing != NULL || self->answering || !is_meant (self))
    return;

  dialog = glb_prompt_file_choose (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->prompt, answered_cb, G_OBJECT (self));
  g_set_weak_pointer (&self->choosing, dialog);
}

static void
on_deny (GtkWidget  *widget,
         const char *name,
         GVariant   *parameter)
{
  answer (GLB_PROMPT_BAR (widget), "Deny", NULL);
}

static void
on_allow_once (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  allow (GLB_PROMPT_BAR (widget), g_variant_new ("(su)", "once", 0));
}

static void
on_allow_session (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  allow (GLB_PROMPT_BAR (widget), g_variant_new ("(su)", "session", 0));
}

static void
on_allow_a_while (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  allow (GLB_PROMPT_BAR (widget), g_variant_new ("(su)", "seconds", FOR_A_WHILE_S));
}

static void
on_give (GtkWidget  *widget,
         const char *name,
         GVariant   *parameter)
{
  GVariantDict options;

  for (guint i = 0; i < G_N_ELEMENTS (gives); i++)
    if (g_str_equal (name, gives[i].action))
      {
        g_variant_dict_init (&options, NULL);
        g_variant_dict_insert (&options, "source", "s", gives[i].source);
        answer (GLB_PROMPT_BAR (widget), "AllowWith",
                g_variant_new ("(su@a{sv})", "once", 0, g_variant_dict_end (&options)));
      }
}

gboolean
glb_prompt_bar_press (GlbPromptBar        *self,
                      GlbPromptAnswerKind  kind)
{
  gboolean meant;

  g_return_val_if_fail (GLB_IS_PROMPT_BAR (self), FALSE);

  meant = glb_prompt_guard_press (&self->guard, kind, g_get_monotonic_time ());
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return FALSE;

  if (meant)
    gtk_widget_activate_action (GTK_WIDGET (self),
                                kind == GLB_PROMPT_ANSWER_ALLOW ? "prompt.allow-once" : "prompt.deny", NULL);

  return TRUE;
}

void
glb_prompt_bar_release (GlbPromptBar        *self,
                        GlbPromptAnswerKind  kind)
{
  g_return_if_fail (GLB_IS_PROMPT_BAR (self));

  glb_prompt_guard_release (&self->guard, kind);
}

/* ---- what it shows ----------------------------------------------------------- */

/* What happened the last time; how long ago that is goes on. */
static void
show_history (GlbPromptBar *self)
{
  GVariant *details = glb_dbus_prompt1_get_details (self->prompt);
  const char *answer = NULL;
  guint n_asked = 0;
  gint64 answered_us = 0;
  gboolean same = TRUE;
  g_autofree char *text = NULL;

  if (details == NULL || !g_variant_lookup (details, "asked-before", "u", &n_asked))
    return;
  g_variant_lookup (details, "last-answer", "&s", &answer);
  g_variant_lookup (details, "last-answered", "x", &answered_us);
  /* what is handed in is chosen with the answer, and not asked for */
  if (*glb_dbus_prompt1_get_sha256 (self->prompt) != '\0')
    g_variant_lookup (details, "last-same", "b", &same);
  text = glb_gate_text_history (n_asked, answer, same, g_get_real_time () - answered_us);
  gtk_label_set_label (self->history, text);
}

static gboolean
on_tick (gpointer user_data)
{
  GlbPromptBar *self = user_data;
  gint64 left_us = glb_dbus_prompt1_get_expires (self->prompt) - g_get_real_time ();
  gint64 all_us = glb_dbus_prompt1_get_expires (self->prompt) - glb_dbus_prompt1_get_asked (self->prompt);
  g_autofree char *text = glb_gate_text_left (left_us);

  gtk_label_set_label (self->left, text);
  gtk_progress_bar_set_fraction (self->progress, all_us > 0 ? CLAMP ((double) left_us / all_us, 0.0, 1.0) : 0.0);
  show_history (self);
  if (look_at_place (self))
    wait_for_guard (self);

  return G_SOURCE_CONTINUE;
}

static void
show_picture_problem (GlbPromptBar *self,
                      const char   *message)
{
  g_autofree char *text = g_strdup_printf (_("The picture cannot be shown: %s"), message);

  gtk_label_set_label (self->picture_problem, text);
  gtk_stack_set_visible_child_name (self->preview_stack, "problem");
}

static void
picture_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GlbPromptBar) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = glb_prompt_image_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (texture == NULL)
    show_picture_problem (self, error->message);
  else
    {
      gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
      gtk_widget_set_sensitive (self->enlarge_button, TRUE);
    }
}

static void
on_enlarge_clicked (GtkButton    *button,
                    GlbPromptBar *self)
{
  GtkWidget *picture = gtk_picture_new_for_paintable (gtk_picture_get_paintable (self->picture));
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  g_clear_pointer (&self->enlarged, gtk_window_destroy);
  gtk_picture_set_can_shrink (GTK_PICTURE (picture), FALSE);
  gtk_widget_set_halign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, _("What would cross"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), picture);

  self->enlarged = GTK_WINDOW (gtk_window_new ());
  g_object_add_weak_pointer (G_OBJECT (self->enlarged), (gpointer *) &self->enlarged);
  gtk_window_set_title (self->enlarged, gtk_label_get_label (self->question));
  gtk_window_set_transient_for (self->enlarged, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_set_destroy_with_parent (self->enlarged, TRUE);
  gtk_window_set_default_size (self->enlarged, 960, 640);
  gtk_window_set_child (self->enlarged, scrolled);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (GTK_WIDGET (self->enlarged), keys);
  gtk_window_present (self->enlarged);
}

static void
content_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GlbPromptBar) self = user_data;
  GlbDBusPrompt1 *prompt = GLB_DBUS_PROMPT1 (object);
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) handle = NULL;
  g_autoptr(GError) error = NULL;
  int fd = -1;

  if (glb_dbus_prompt1_call_content_finish (prompt, &handle, &fds, result, &error))
    {
      if (fds != NULL)
        fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &error);
      else
        g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("the broker sent none"));
    }

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      show_picture_problem (self, error->message);
      return;
    }

  glb_prompt_image_load_async (fd, glb_dbus_prompt1_get_sha256 (prompt), self->cancellable,
                               picture_cb, g_object_ref (self));
}

static void
set_text (GtkLabel   *label,
          GtkWidget  *shown,
          const char *text)
{
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (shown, text != NULL && *text != '\0');
}

/* What a camera sees stands in the prompt. (transfer full) (nullable) */
static GBytes *
get_picture (GlbPromptBar *self)
{
  GVariant *details = glb_dbus_prompt1_get_details (self->prompt);
  g_autoptr(GVariant) picture = NULL;

  picture = details != NULL ? g_variant_lookup_value (details, "picture", G_VARIANT_TYPE_BYTESTRING) : NULL;

  return picture != NULL ? g_variant_get_data_as_bytes (picture) : NULL;
}

/* The last line of a policy's preview is the agent's own words: where they wrap, they must not pass for a change. */
static void
style_reason (GlbPromptBar *self,
              const char   *preview)
{
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();
  const char *last = preview != NULL ? strrchr (preview, '\n') : NULL;

  if (last != NULL && g_strcmp0 (glb_dbus_prompt1_get_kind (self->prompt), "policy") == 0)
    {
      PangoAttribute *style = pango_attr_style_new (PANGO_STYLE_ITALIC);
      PangoAttribute *alpha = pango_attr_foreground_alpha_new (G_MAXUINT16 / 10 * 7);

      style->start_index = alpha->start_index = (guint) (last - preview);
      pango_attr_list_insert (attributes, style);
      pango_attr_list_insert (attributes, alpha);
    }
  gtk_label_set_attributes (self->preview, attributes);
}

static void
show_content (GlbPromptBar *self,
              const char   *type)
{
  const char *preview = glb_dbus_prompt1_get_preview (self->prompt);
  g_autoptr(GBytes) picture = get_picture (self);
  gboolean is_picture = picture != NULL || g_strcmp0 (type, "image/png") == 0;

  gtk_picture_set_paintable (self->picture, NULL);
  gtk_widget_set_sensitive (self->enlarge_button, FALSE);
  gtk_label_set_label (self->preview, preview);
  style_reason (self, preview);
  gtk_widget_set_visible (self->preview_frame, is_picture || (preview != NULL && *preview != '\0'));
  gtk_stack_set_visible_child_name (self->preview_stack, is_picture ? "picture" : "text");
  if (picture != NULL)
    glb_prompt_image_load_bytes_async (picture, self->cancellable, picture_cb, g_object_ref (self));
  else if (is_picture)
    glb_dbus_prompt1_call_content (self->prompt, NULL, self->cancellable, content_cb, g_object_ref (self));
}

/* The question and the preview are all there is to say. */
static gboolean
says_all (GlbDBusPrompt1 *prompt)
{
  const char *kind = glb_dbus_prompt1_get_kind (prompt);

  return g_strcmp0 (kind, "policy") == 0 || g_strcmp0 (kind, "confirm") == 0;
}

static void
show_facts (GlbPromptBar *self,
            const char   *spoken,
            gboolean      secret)
{
  const char *sha256 = glb_dbus_prompt1_get_sha256 (self->prompt);
  /* the title has a host and port already, and the question what these two are about */
  const char *target = spoken != NULL ? spoken : says_all (self->prompt) ? NULL : glb_dbus_prompt1_get_target (self->prompt);
  g_autofree char *facts = glb_gate_text_facts (NULL, glb_dbus_prompt1_get_size (self->prompt), sha256, target);
  g_autofree char *policy = glb_gate_text_policy (glb_dbus_prompt1_get_kind (self->prompt), secret);

  set_text (self->facts, GTK_WIDGET (self->facts), facts);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->facts), sha256);
  gtk_label_set_label (self->policy, policy);
  gtk_label_set_label (self->history, "");
}

/* All that is seen at one glance, for who cannot see it. */
static void
speak (GlbPromptBar *self,
       const char   *question,
       const char   *findings)
{
  const char *parts[] = {
    glb_dbus_prompt1_get_title (self->prompt), findings, gtk_label_get_label (self->history), glb_dbus_prompt1_get_preview (self->prompt),
  };
  GtkAccessible *places[] = { GTK_ACCESSIBLE (self), GTK_ACCESSIBLE (self->frame) };
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL && *parts[i] != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? ". " : "", parts[i]);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    gtk_accessible_update_property (places[i], GTK_ACCESSIBLE_PROPERTY_LABEL, question,
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

static void
show_prompt (GlbPromptBar *self)
{
  GVariant *details = glb_dbus_prompt1_get_details (self->prompt);
  const char *kind = glb_dbus_prompt1_get_kind (self->prompt);
  g_autofree const char **codes = NULL;
  g_autofree char *question = NULL;
  g_autofree char *findings = NULL;
  const char *type = "", *spoken = NULL;
  gboolean secret = FALSE;

  if (details != NULL)
    {
      g_variant_lookup (details, "type", "&s", &type);
      g_variant_lookup (details, "findings", "^a&s", &codes);
      g_variant_lookup (details, "secret", "b", &secret);
      g_variant_lookup (details, "sources", "^as", &self->sources);
      g_variant_lookup (details, "spoken", "&s", &spoken);
    }
  question = glb_gate_text_question (kind, glb_dbus_prompt1_get_requester (self->prompt), type,
                                     glb_dbus_prompt1_get_session_name (self->prompt));
  findings = glb_gate_text_findings ((const char * const *) codes, secret);

  gtk_label_set_label (self->question, question);
  set_text (self->title, GTK_WIDGET (self->title), says_all (self->prompt) ? NULL : glb_dbus_prompt1_get_title (self->prompt));
  adw_split_button_set_label (self->allow_button, g_strcmp0 (kind, "file") == 0 ? _("Choose File…") : _("Allow Once"));
  set_text (self->findings, self->findings_box, findings);
  show_facts (self, spoken, secret);
  show_content (self, type);
  on_tick (self);
  speak (self, question, findings);
}

/* The broker learns that a person sees it. One that is over meanwhile does not matter. */
static void
look (GlbPromptBar *self)
{
  if (self->prompt != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    glb_dbus_prompt1_call_look (self->prompt, NULL, NULL, NULL);
}

static void
glb_prompt_bar_map (GtkWidget *widget)
{
  GlbPromptBar *self = GLB_PROMPT_BAR (widget);

  GTK_WIDGET_CLASS (glb_prompt_bar_parent_class)->map (widget);
  if (self->prompt != NULL)
    start_guard (self);
  look (self);
}

static void
forget_prompt (GlbPromptBar *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->arm_id, g_source_remove);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_pointer (&self->sources, g_strfreev);
  g_clear_object (&self->prompt);
  g_clear_pointer (&self->enlarged, gtk_window_destroy);
  glb_prompt_guard_hide (&self->guard);
  self->answering = FALSE;
}

static gboolean
on_lingered (gpointer user_data)
{
  GlbPromptBar *self = user_data;

  self->linger_id = 0;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);

  return G_SOURCE_REMOVE;
}

static void
glb_prompt_bar_dispose (GObject *object)
{
  GlbPromptBar *self = GLB_PROMPT_BAR (object);

  forget_prompt (self);
  g_clear_weak_pointer (&self->choosing);
  g_clear_handle_id (&self->linger_id, g_source_remove);

  G_OBJECT_CLASS (glb_prompt_bar_parent_class)->dispose (object);
}

static void
glb_prompt_bar_class_init (GlbPromptBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_prompt_bar_dispose;
  widget_class->map = glb_prompt_bar_map;

  /**
   * GlbPromptBar::problem:
   * @message: plain text
   *
   * An answer did not arrive.
   */
  signals[SIGNAL_PROBLEM] = g_signal_new ("problem", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_css_name (widget_class, "promptbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-prompt-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, frame);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, question);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, title);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, preview_frame);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, preview_stack);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, preview);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, picture);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, enlarge_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, picture_problem);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, findings);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, findings_box);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, facts);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, history);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, policy);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, left);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, progress);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, waiting);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, deny_button);
  gtk_widget_class_bind_template_child (widget_class, GlbPromptBar, allow_button);
  gtk_widget_class_bind_template_callback (widget_class, on_enlarge_clicked);
  gtk_widget_class_install_action (widget_class, "prompt.deny", NULL, on_deny);
  gtk_widget_class_install_action (widget_class, "prompt.allow-once", NULL, on_allow_once);
  gtk_widget_class_install_action (widget_class, "prompt.allow-session", NULL, on_allow_session);
  gtk_widget_class_install_action (widget_class, "prompt.allow-a-while", NULL, on_allow_a_while);
  for (guint i = 0; i < G_N_ELEMENTS (gives); i++)
    gtk_widget_class_install_action (widget_class, gives[i].action, NULL, on_give);
}

static void
glb_prompt_bar_init (GlbPromptBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_name_split_button (self->allow_button);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  update_sensitivity (self);
}

/**
 * glb_prompt_bar_new:
 *
 * Returns: (transfer floating): a bar that asks nothing, and hides
 */
GtkWidget *
glb_prompt_bar_new (void)
{
  return g_object_new (GLB_TYPE_PROMPT_BAR, NULL);
}

void
glb_prompt_bar_set_prompt (GlbPromptBar   *self,
                           GlbDBusPrompt1 *prompt,
                           guint           n_waiting)
{
  g_autofree char *waiting = NULL;

  g_return_if_fail (GLB_IS_PROMPT_BAR (self));

  waiting = glb_gate_text_waiting (n_waiting);
  set_text (self->waiting, GTK_WIDGET (self->waiting), waiting);
  if (prompt == self->prompt)
    return;

  forget_prompt (self);
  g_clear_handle_id (&self->linger_id, g_source_remove);
  gtk_widget_set_sensitive (GTK_WIDGET (self), prompt != NULL);
  if (prompt == NULL)
    {
      gtk_label_set_label (self->left, _("Over"));
      self->linger_id = g_timeout_add (LINGER_MS, on_lingered, self);
      update_sensitivity (self);
      return;
    }

  self->prompt = g_object_ref (prompt);
  self->cancellable = g_cancellable_new ();
  self->tick_id = g_timeout_add (250, on_tick, self);
  show_prompt (self);
  /* mapping it does the same; a menu that is open is about the question before */
  adw_split_button_popdown (self->allow_button);
  start_guard (self);
  look (self);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

gboolean
glb_prompt_bar_focus (GlbPromptBar *self)
{
  g_return_val_if_fail (GLB_IS_PROMPT_BAR (self), FALSE);

  return self->prompt != NULL && gtk_widget_grab_focus (self->frame);
}
