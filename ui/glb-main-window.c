/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-main-window.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-button-content.h"
#include "ui/glb-gate-text.h"
#include "ui/glb-recording-page.h"
#include "ui/glb-session-page.h"
#include "ui/glb-session-text.h"
#include "ui/glb-stop-key.h"
#include "ui/glb-wall.h"

struct _GlbMainWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *levels;
  AdwViewStack *pages;
  GtkMenuButton *menu_button;
  GtkWidget *questions_button;
  AdwButtonContent *questions_content;
  GlbSessionPage *session_page;
  GlbWall *wall;

  GlbBrokerLink *link;
  char *wanted;                /* (nullable): the session on the page, or waited for */
  guint count_id;              /* the questions are to be counted */
  guint n_questions;           /* of all sessions */
};

G_DEFINE_FINAL_TYPE (GlbMainWindow, glb_main_window, ADW_TYPE_APPLICATION_WINDOW)

#define RECORDINGS "recordings"

static gboolean
is_on_session (GlbMainWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->levels), "session") == 0;
}

/* ---- from level to level ------------------------------------------------------- */

static void
show_level (GlbMainWindow *self,
            const char    *level)
{
  gboolean session = g_str_equal (level, "session");

  gtk_stack_set_visible_child_name (self->levels, level);
  /* of two, F10 would open the hidden one */
  gtk_menu_button_set_primary (self->menu_button, !session);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", session);
}

/* What is asked is in the window's name, too: GTK 4.8 has no live regions, and tells a screen reader nothing of an alert that appears. */
static void
update_title (GlbMainWindow *self)
{
  GlbSessionItem *item = glb_session_page_get_item (self->session_page);
  GlbDBusPrompt1 *prompt = item != NULL ? glb_session_gates_get_prompt (glb_session_item_get_gates (item)) : NULL;
  const char *name = item != NULL ? glb_dbus_session1_get_name (glb_session_item_get_session (item)) : NULL;
  g_autofree char *kind = prompt != NULL ? glb_gate_text_kind (glb_dbus_prompt1_get_kind (prompt)) : NULL;
  g_autofree char *asks = prompt != NULL ? g_strdup_printf (_("“%s” asks you: %s"), name, kind) : g_strdup (name);
  g_autofree char *title = asks != NULL ? g_strdup_printf ("%s – Glovebox", asks)
                           : self->n_questions > 0 ? g_strdup_printf ("(%u) Glovebox", self->n_questions) : g_strdup ("Glovebox");

  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
go_back (GlbMainWindow *self)
{
  g_clear_pointer (&self->wanted, g_free);
  show_level (self, "pages");
  glb_session_page_set_item (self->session_page, NULL);
  update_title (self);
  glb_wall_grab_focus (self->wall);
}

static void
show_item (GlbMainWindow  *self,
           GlbSessionItem *item)
{
  show_level (self, "session");
  glb_session_page_set_item (self->session_page, item);
  update_title (self);
}

/* While it is waited for, and where the broker or the session is gone. */
static void
follow_wanted (GlbMainWindow *self)
{
  g_autoptr(GlbSessionItem) item = NULL;
  g_autofree char *text = NULL;

  if (self->wanted == NULL || glb_session_page_get_item (self->session_page) != NULL)
    return;

  if (glb_broker_link_get_state (self->link) == GLB_BROKER_LINK_GONE)
    {
      glb_session_page_set_problem (self->session_page, _("The Broker Does Not Answer"), glb_broker_link_get_problem (self->link));
      return;
    }
  if (glb_broker_link_get_state (self->link) != GLB_BROKER_LINK_THERE)
    return;

  item = glb_broker_link_find (self->link, self->wanted);
  if (item != NULL)
    {
      show_item (self, item);
      return;
    }
  text = g_strdup_printf (_("“glovebox ps” lists the sessions; this window waits for “%s”."), self->wanted);
  glb_session_page_set_problem (self->session_page, _("No Such Session"), text);
}

static void
on_link_changed (GlbBrokerLink *link,
                 GlbMainWindow *self)
{
  follow_wanted (self);
}

static void count_questions (GlbMainWindow *self);

static void
on_sessions_changed (GListModel    *sessions,
                     guint          position,
                     guint          removed,
                     guint          added,
                     GlbMainWindow *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);

      g_signal_connect_object (glb_session_item_get_gates (item), "changed", G_CALLBACK (count_questions), self, G_CONNECT_SWAPPED);
    }
  count_questions (self);
  if (added > 0)
    follow_wanted (self);
}

static void
on_session_opened (GlbWall        *wall,
                   GlbSessionItem *item,
                   GlbMainWindow  *self)
{
  glb_main_window_show_session (self, glb_dbus_session1_get_id (glb_session_item_get_session (item)));
}

/* ---- actions --------------------------------------------------------------------- */

static void
on_back (GtkWidget  *widget,
         const char *name,
         GVariant   *parameter)
{
  go_back (GLB_MAIN_WINDOW (widget));
}

static void
on_show_page (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  GlbMainWindow *self = GLB_MAIN_WINDOW (widget);

  if (is_on_session (self))
    go_back (self);
  adw_view_stack_set_visible_child_name (self->pages, g_variant_get_string (parameter, NULL));
}

static void
on_show_recording (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  GlbMainWindow *self = GLB_MAIN_WINDOW (widget);
  GtkWidget *page = adw_view_stack_get_child_by_name (self->pages, RECORDINGS);
  g_autofree char *folder = g_filename_from_uri (g_variant_get_string (parameter, NULL), NULL, NULL);

  if (folder == NULL || page == NULL)
    return;
  gtk_widget_activate_action (widget, "win.show-page", "s", RECORDINGS);
  glb_recording_page_open (GLB_RECORDING_PAGE (page), folder);
}

static void
on_show_session (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  glb_main_window_show_session (GLB_MAIN_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* ---- questions -------------------------------------------------------------------- */

/* session: "", or its id. (nullable) (transfer full): that session, or the one whose question is the oldest */
static GlbSessionItem *
find_asking (GlbMainWindow *self,
             const char    *session)
{
  GListModel *sessions = glb_broker_link_get_sessions (self->link);
  g_autoptr(GlbSessionItem) found = NULL;
  gint64 oldest = G_MAXINT64;

  for (guint i = 0; i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);
      GlbDBusPrompt1 *prompt = glb_session_gates_get_prompt (glb_session_item_get_gates (item));

      if (prompt == NULL || (*session != '\0' && !glb_session_item_is (item, session)) || glb_dbus_prompt1_get_asked (prompt) >= oldest)
        continue;
      oldest = glb_dbus_prompt1_get_asked (prompt);
      g_set_object (&found, item);
    }

  return g_steal_pointer (&found);
}

/* The one on the page comes first: nobody is taken away from a question that they see. */
static void
on_show_question (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  GlbMainWindow *self = GLB_MAIN_WINDOW (widget);
  const char *session = g_variant_get_string (parameter, NULL);
  g_autoptr(GlbSessionItem) item = NULL;

  if (*session == '\0' && is_on_session (self) && glb_session_page_focus_question (self->session_page))
    return;

  item = find_asking (self, session);
  if (item == NULL)
    {
      glb_main_window_say (self, _("Nobody asks you anything"));
      return;
    }
  if (item != glb_session_page_get_item (self->session_page))
    glb_main_window_show_session (self, glb_dbus_session1_get_id (glb_session_item_get_session (item)));
  glb_session_page_focus_question (self->session_page);
}

static gboolean
on_count_questions (gpointer user_data)
{
  GlbMainWindow *self = user_data;
  GListModel *sessions = glb_broker_link_get_sessions (self->link);
  g_autofree char *label = NULL;
  guint n = 0;

  self->count_id = 0;
  for (guint i = 0; i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);

      n += glb_session_gates_get_n_prompts (glb_session_item_get_gates (item));
    }
  self->n_questions = n;
  update_title (self);
  label = glb_session_text_questions (n);
  adw_button_content_set_label (self->questions_content, label);
  gtk_widget_set_visible (self->questions_button, n > 0);

  return G_SOURCE_REMOVE;
}

/* Once for all that changes together. */
static void
count_questions (GlbMainWindow *self)
{
  if (self->count_id == 0)
    self->count_id = g_idle_add (on_count_questions, self);
}

/* ---- stop everything ------------------------------------------------------------ */

#define CALL_DEADLINE_MS 10000

static char *
describe_stop (guint               frozen,
               guint               revoked,
               const char * const *failed)
{
  g_autofree char *agents = g_strdup_printf (ngettext ("%u agent", "%u agents", frozen), frozen);
  g_autofree char *grants = g_strdup_printf (ngettext ("%u permission", "%u permissions", revoked), revoked);
  g_autofree char *names = g_strjoinv (", ", (char **) failed);

  if (*names != '\0')
    return g_strdup_printf (_("These could not be frozen and run on: %s. Stop them one by one"), names);

  return g_strdup_printf (_("Everything stands still: %s frozen, %s taken back. Resume them one by one"), agents, grants);
}

static void
stopped_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GlbMainWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) failed = NULL;
  guint frozen, revoked;

  if (glb_dbus_broker1_call_freeze_all_finish (GLB_DBUS_BROKER1 (object), &frozen, &revoked, &failed, result, &error))
    text = describe_stop (frozen, revoked, (const char * const *) failed);
  else
    {
      g_dbus_error_strip_remote_error (error);
      text = g_strdup_printf (_("Not everything was stopped: %s"), error->message);
    }
  glb_main_window_say (self, text);
}

static void
on_stop_everything (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  GlbMainWindow *self = GLB_MAIN_WINDOW (widget);
  GlbDBusBroker1 *broker = glb_broker_link_get_broker (self->link);

  if (broker == NULL)
    {
      glb_main_window_say (self, _("Nothing runs: there is no broker"));
      return;
    }

  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (broker), CALL_DEADLINE_MS);
  glb_dbus_broker1_call_freeze_all (broker, NULL, stopped_cb, g_object_ref (self));
}

/* Ctrl+Alt+Q leads to the question, while the person drives, too. */
static gboolean
on_key_pressed (GtkEventControllerKey *keys,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                GlbMainWindow         *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (keys));

  if (gdk_key_event_matches (event, GDK_KEY_q, GDK_CONTROL_MASK | GDK_ALT_MASK) == GDK_KEY_MATCH_NONE)
    return GDK_EVENT_PROPAGATE;

  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-question", "s", "");

  return GDK_EVENT_STOP;
}

static void
on_say (GtkWidget  *widget,
        const char *name,
        GVariant   *parameter)
{
  glb_main_window_say (GLB_MAIN_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* ---- the widget -------------------------------------------------------------------- */

static void
glb_main_window_dispose (GObject *object)
{
  GlbMainWindow *self = GLB_MAIN_WINDOW (object);

  g_clear_handle_id (&self->count_id, g_source_remove);
  g_clear_object (&self->link);
  g_clear_pointer (&self->wanted, g_free);

  G_OBJECT_CLASS (glb_main_window_parent_class)->dispose (object);
}

static void
glb_main_window_class_init (GlbMainWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_main_window_dispose;

  g_type_ensure (GLB_TYPE_BUTTON_CONTENT);
  g_type_ensure (GLB_TYPE_SESSION_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-main-window.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, levels);
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, questions_button);
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, questions_content);
  gtk_widget_class_bind_template_child (widget_class, GlbMainWindow, session_page);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, on_back);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", on_show_page);
  gtk_widget_class_install_action (widget_class, "win.show-recording", "s", on_show_recording);
  gtk_widget_class_install_action (widget_class, "win.show-session", "s", on_show_session);
  gtk_widget_class_install_action (widget_class, "win.show-question", "s", on_show_question);
  gtk_widget_class_install_action (widget_class, "win.stop-everything", NULL, on_stop_everything);
  gtk_widget_class_install_action (widget_class, "win.say", "s", on_say);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.back", NULL);
}

static void
glb_main_window_init (GlbMainWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  glb_stop_key_watch (GTK_WIDGET (self));
  self->wall = GLB_WALL (glb_wall_new ());
  g_signal_connect (self->wall, "opened", G_CALLBACK (on_session_opened), self);
  glb_main_window_add_page (self, GTK_WIDGET (self->wall), "wall", _("Agents"), "view-grid-symbolic");
  show_level (self, "pages");
  /* not on the first button, which stops everything */
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->wall));
}

GlbMainWindow *
glb_main_window_new (GtkApplication *application,
                     GlbBrokerLink  *link)
{
  GlbMainWindow *self = g_object_new (GLB_TYPE_MAIN_WINDOW, "application", application, NULL);

  self->link = g_object_ref (link);
  g_signal_connect_object (link, "changed", G_CALLBACK (on_link_changed), self, 0);
  g_signal_connect_object (glb_broker_link_get_sessions (link), "items-changed", G_CALLBACK (on_sessions_changed), self, 0);
  glb_wall_set_link (self->wall, link);

  return self;
}

void
glb_main_window_add_page (GlbMainWindow *self,
                          GtkWidget     *page,
                          const char    *name,
                          const char    *title,
                          const char    *icon)
{
  AdwViewStackPage *added;

  g_return_if_fail (GLB_IS_MAIN_WINDOW (self));

  added = adw_view_stack_add_titled (self->pages, page, name, title);
  adw_view_stack_page_set_icon_name (added, icon);
}

void
glb_main_window_add_recordings (GlbMainWindow *self,
                                GtkWidget     *page)
{
  glb_main_window_add_page (self, page, RECORDINGS, _("Recordings"), "media-record-symbolic");
}

void
glb_main_window_show_session (GlbMainWindow *self,
                              const char    *session)
{
  g_return_if_fail (GLB_IS_MAIN_WINDOW (self));

  glb_session_page_set_item (self->session_page, NULL);
  g_free (self->wanted);
  self->wanted = g_strdup (session);
  show_level (self, "session");
  follow_wanted (self);
}

void
glb_main_window_say (GlbMainWindow *self,
                     const char    *message)
{
  g_autofree char *text = g_markup_escape_text (message, -1);

  g_return_if_fail (GLB_IS_MAIN_WINDOW (self));

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

GlbBrokerLink *
glb_main_window_get_link (GlbMainWindow *self)
{
  g_return_val_if_fail (GLB_IS_MAIN_WINDOW (self), NULL);

  return self->link;
}
