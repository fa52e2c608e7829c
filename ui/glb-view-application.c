/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-view-application.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-doctor-page.h"
#include "ui/glb-main-window.h"
#include "ui/glb-policy-page.h"
#include "ui/glb-question-notices.h"
#include "ui/glb-recording-page.h"
#include "ui/glb-start-page.h"
#include "ui/glb-view-portal.h"

#define SCHEMA "org.glovebox.View"

/**
 * GlbViewApplication:
 *
 * One app for a person, with one connection to their broker and one window;
 * started again, it comes to the front.
 */
struct _GlbViewApplication
{
  AdwApplication parent_instance;

  GlbBrokerLink *link;
  GlbMainWindow *window;       /* weak, (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbViewApplication, glb_view_application, ADW_TYPE_APPLICATION)

/* Who never had an agent first reads what this machine can hold; who has one, sees it. */
static void
greet (GlbViewApplication *self)
{
  if (self->window == NULL || !glb_doctor_page_is_first_run ())
    return;
  if (g_list_model_get_n_items (glb_broker_link_get_sessions (self->link)) == 0)
    gtk_widget_activate_action (GTK_WIDGET (self->window), "win.show-page", "s", "doctor");
  glb_doctor_page_remember ();
}

static void
on_link_changed (GlbBrokerLink      *link,
                 GlbViewApplication *self)
{
  if (glb_broker_link_get_state (link) == GLB_BROKER_LINK_THERE)
    glb_view_portal_watch (G_APPLICATION (self), glb_broker_link_get_manager (link),
                           glb_client_get_connection (glb_broker_link_get_client (link)));
  if (glb_broker_link_get_state (link) != GLB_BROKER_LINK_CONNECTING)
    greet (self);
}

static void
on_policy_start (GlbPolicyPage *policies,
                 const char    *name,
                 gboolean       own,
                 GlbStartPage  *start)
{
  gtk_widget_activate_action (GTK_WIDGET (policies), "win.show-page", "s", "start");
  glb_start_page_choose_policy (start, name, own);
}

static void
add_pages (GlbMainWindow *window)
{
  GtkWidget *start = glb_start_page_new ();
  GtkWidget *policies = glb_policy_page_new ();

  g_signal_connect_object (policies, "start", G_CALLBACK (on_policy_start), start, 0);
  glb_main_window_add_page (window, start, "start", _("Start"), "media-playback-start-symbolic");
  glb_main_window_add_page (window, policies, "policies", _("Policies"), "security-high-symbolic");
  glb_main_window_add_recordings (window, glb_recording_page_new ());
  glb_main_window_add_page (window, glb_doctor_page_new (), "doctor", _("This Machine"), "computer-symbolic");
}

/* The window comes back as it was left. A tree that is not installed may have no settings. */
static void
remember_size (GlbMainWindow *window)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchema) schema = source != NULL ? g_settings_schema_source_lookup (source, SCHEMA, TRUE) : NULL;
  g_autoptr(GSettings) settings = NULL;

  if (schema == NULL)
    return;
  settings = g_settings_new_full (schema, NULL, NULL);
  g_settings_bind (settings, "window-width", window, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", window, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", window, "maximized", G_SETTINGS_BIND_DEFAULT);
}

static GlbMainWindow *
ensure_window (GlbViewApplication *self)
{
  if (self->window == NULL)
    {
      g_set_weak_pointer (&self->window, glb_main_window_new (GTK_APPLICATION (self), self->link));
      remember_size (self->window);
      add_pages (self->window);
      glb_question_notices_watch (GTK_APPLICATION (self), glb_broker_link_get_sessions (self->link));
      glb_broker_link_start (self->link);
    }

  return self->window;
}

static void
on_show_session (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       user_data)
{
  GlbViewApplication *self = user_data;

  glb_main_window_show_session (ensure_window (self), g_variant_get_string (parameter, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
on_show_question (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  GlbViewApplication *self = user_data;

  gtk_widget_activate_action_variant (GTK_WIDGET (ensure_window (self)), "win.show-question", parameter);
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
on_show_recording (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  GlbViewApplication *self = user_data;

  gtk_widget_activate_action (GTK_WIDGET (ensure_window (self)), "win.show-recording", "s", g_variant_get_string (parameter, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
on_about (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  GlbViewApplication *self = user_data;

  gtk_show_about_dialog (self->window != NULL ? GTK_WINDOW (self->window) : NULL,
                         "program-name", "Glovebox",
                         "logo-icon-name", "org.glovebox.View",
                         "version", GLOVEBOX_VERSION,
                         "comments", _("AI agents that drive a desktop, behind glass"),
                         "license-type", GTK_LICENSE_LGPL_2_1,
                         NULL);
}

static void
glb_view_application_activate (GApplication *application)
{
  GlbViewApplication *self = GLB_VIEW_APPLICATION (application);

  gtk_window_present (GTK_WINDOW (ensure_window (self)));
}

static void
add_style (const char *resource)
{
  g_autoptr(GtkCssProvider) css = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (css, resource);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
glb_view_application_startup (GApplication *application)
{
  /* before AdwApplication adds what is for high contrast: of two that say the same the last one holds */
  gtk_init ();
  add_style ("/org/glovebox/View/glovebox-view.css");
  add_style ("/org/glovebox/View/glovebox-pages.css");
  add_style ("/org/glovebox/View/glovebox-recordings.css");

  G_APPLICATION_CLASS (glb_view_application_parent_class)->startup (application);
}

static void
glb_view_application_dispose (GObject *object)
{
  GlbViewApplication *self = GLB_VIEW_APPLICATION (object);

  g_clear_weak_pointer (&self->window);
  g_clear_object (&self->link);

  G_OBJECT_CLASS (glb_view_application_parent_class)->dispose (object);
}

static void
glb_view_application_class_init (GlbViewApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_view_application_dispose;
  G_APPLICATION_CLASS (klass)->activate = glb_view_application_activate;
  G_APPLICATION_CLASS (klass)->startup = glb_view_application_startup;
}

static void
glb_view_application_init (GlbViewApplication *self)
{
  static const GActionEntry actions[] = {
    { .name = "show-session", .activate = on_show_session, .parameter_type = "s" },
    { .name = "show-question", .activate = on_show_question, .parameter_type = "s" },
    { .name = "show-recording", .activate = on_show_recording, .parameter_type = "s" },
    { .name = "about", .activate = on_about },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  self->link = glb_broker_link_new ();
  g_signal_connect_object (self->link, "changed", G_CALLBACK (on_link_changed), self, 0);
}

GlbViewApplication *
glb_view_application_new (void)
{
  return g_object_new (GLB_TYPE_VIEW_APPLICATION,
                       "application-id", "org.glovebox.View",
                       NULL);
}
