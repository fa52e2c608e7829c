/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-question-notices.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-gate-text.h"
#include "ui/glb-session-item.h"

/* On a GlbSessionItem: the number of the question that its notification is about. */
#define SHOWN "question-notice"

char *
glb_question_notices_without_markup (const char *text)
{
  GString *plain = g_string_new (text);

  g_string_replace (plain, "&", "＆", 0);
  g_string_replace (plain, "<", "‹", 0);
  g_string_replace (plain, ">", "›", 0);
  return g_string_free (plain, FALSE);
}

static char *
make_id (GlbSessionItem *item)
{
  return g_strconcat ("question/", glb_dbus_session1_get_id (glb_session_item_get_session (item)), NULL);
}

static void
send (GApplication   *application,
      GlbSessionItem *item,
      GlbDBusPrompt1 *prompt)
{
  GlbDBusSession1 *session = glb_session_item_get_session (item);
  const char *kind = glb_dbus_prompt1_get_kind (prompt);
  g_autofree char *heading = glb_gate_text_kind (kind);
  g_autofree char *subject = glb_gate_text_subject (kind, glb_dbus_prompt1_get_title (prompt), glb_dbus_prompt1_get_target (prompt),
                                                    glb_dbus_prompt1_get_preview (prompt));
  g_autofree char *title = g_strdup_printf (_("“%s” asks you: %s"), glb_dbus_session1_get_name (session), heading);
  g_autofree char *body = glb_question_notices_without_markup (subject);
  g_autofree char *id = make_id (item);
  g_autoptr(GNotification) notification = g_notification_new (title);
  g_autoptr(GIcon) icon = g_themed_icon_new ("dialog-question-symbolic");

  g_notification_set_body (notification, body);
  g_notification_set_icon (notification, icon);
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action_and_target (notification, "app.show-question", "s", glb_dbus_session1_get_id (session));
  g_application_send_notification (application, id, notification);
}

/* FALSE, too, where there is no desktop to tell: GLib would complain. */
static gboolean
is_wanted (GtkApplication *application)
{
  if (g_application_get_dbus_connection (G_APPLICATION (application)) == NULL)
    return FALSE;
  for (GList *link = gtk_application_get_windows (application); link != NULL; link = link->next)
    if (gtk_window_is_active (link->data))
      return FALSE;

  return TRUE;
}

static void
refresh (GlbSessionItem *item,
         GtkApplication *application)
{
  GlbDBusPrompt1 *prompt = glb_session_gates_get_prompt (glb_session_item_get_gates (item));
  guint shown = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (item), SHOWN));
  guint wanted = prompt != NULL && is_wanted (application) ? (guint) glb_dbus_prompt1_get_id (prompt) : 0;
  g_autofree char *id = make_id (item);

  if (wanted == shown)
    return;

  g_object_set_data (G_OBJECT (item), SHOWN, GUINT_TO_POINTER (wanted));
  if (wanted != 0)
    send (G_APPLICATION (application), item, prompt);
  else
    g_application_withdraw_notification (G_APPLICATION (application), id);
}

static void
on_sessions_changed (GListModel     *sessions,
                     guint           position,
                     guint           removed,
                     guint           added,
                     GtkApplication *application)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);

      g_signal_connect_object (item, "changed", G_CALLBACK (refresh), application, 0);
      refresh (item, application);
    }
}

static void
on_attention_changed (GtkWindow  *window,
                      GParamSpec *pspec,
                      GListModel *sessions)
{
  GtkApplication *application = gtk_window_get_application (window);

  /* one that is being closed has none */
  for (guint i = 0; application != NULL && i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (sessions, i);

      refresh (item, application);
    }
}

static void
on_window_added (GtkApplication *application,
                 GtkWindow      *window,
                 GListModel     *sessions)
{
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (on_attention_changed), sessions, 0);
}

void
glb_question_notices_watch (GtkApplication *application,
                            GListModel     *sessions)
{
  for (GList *link = gtk_application_get_windows (application); link != NULL; link = link->next)
    on_window_added (application, link->data, sessions);
  g_signal_connect_object (application, "window-added", G_CALLBACK (on_window_added), sessions, 0);
  g_signal_connect_object (sessions, "items-changed", G_CALLBACK (on_sessions_changed), application, 0);
  on_sessions_changed (sessions, 0, 0, g_list_model_get_n_items (sessions), application);
}
