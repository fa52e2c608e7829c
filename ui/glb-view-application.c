/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-view-application.h"

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"
#include "ui/glb-view-portal.h"
#include "ui/glb-view-window.h"

/**
 * GlbViewApplication:
 *
 * Connects to the broker, finds the session to show and opens its window.
 */
struct _GlbViewApplication
{
  AdwApplication parent_instance;

  char *wanted;                  /* (nullable): id or name */
  GlbClient *client;
  GDBusObjectManager *manager;
  GlbViewWindow *window;
  gboolean shown;
};

G_DEFINE_FINAL_TYPE (GlbViewApplication, glb_view_application, ADW_TYPE_APPLICATION)

#define BROKER_PATH "/org/glovebox/Broker1"

static GlbDBusSession1 *
get_session (GDBusObject *object)
{
  GDBusInterface *interface = g_dbus_object_get_interface (object, "org.glovebox.Session1");

  return interface != NULL ? GLB_DBUS_SESSION1 (interface) : NULL;
}

static gboolean
is_wanted (GlbViewApplication *self,
           GlbDBusSession1    *session)
{
  if (self->wanted != NULL)
    return g_strcmp0 (self->wanted, glb_dbus_session1_get_id (session)) == 0 ||
           g_strcmp0 (self->wanted, glb_dbus_session1_get_name (session)) == 0;

  return g_strcmp0 (glb_dbus_session1_get_state (session), "ended") != 0 &&
         g_strcmp0 (glb_dbus_session1_get_tier (session), "process") != 0;
}

static GlbDBusSession1 *
find_newest (GlbViewApplication *self)
{
  g_autolist(GDBusObject) objects = g_dbus_object_manager_get_objects (self->manager);
  GlbDBusSession1 *newest = NULL;

  for (GList *link = objects; link != NULL; link = link->next)
    {
      g_autoptr(GlbDBusSession1) session = get_session (link->data);

      if (session != NULL && is_wanted (self, session) &&
          (newest == NULL || glb_dbus_session1_get_started (session) > glb_dbus_session1_get_started (newest)))
        g_set_object (&newest, session);
    }

  return newest;
}

static void
show_session (GlbViewApplication *self,
              GlbDBusSession1    *session)
{
  self->shown = TRUE;
  glb_view_window_set_session (self->window, self->manager, session);
}

static void
on_object_added (GDBusObjectManager *manager,
                 GDBusObject        *object,
                 GlbViewApplication *self)
{
  g_autoptr(GlbDBusSession1) session = get_session (object);

  if (!self->shown && session != NULL && is_wanted (self, session))
    show_session (self, session);
}

static void
show_problem (GlbViewApplication *self,
              const char         *title,
              GError             *error)
{
  g_dbus_error_strip_remote_error (error);
  glb_view_window_set_problem (self->window, title, error->message);
}

static void
manager_ready_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GlbViewApplication) self = user_data;
  g_autoptr(GlbDBusSession1) session = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  self->manager = glb_dbus_object_manager_client_new_finish (result, &error);
  if (self->manager == NULL)
    {
      show_problem (self, "The Broker Does Not Answer", error);
      return;
    }

  g_signal_connect_object (self->manager, "object-added", G_CALLBACK (on_object_added), self, 0);
  glb_view_portal_watch (G_APPLICATION (self), G_DBUS_OBJECT_MANAGER (self->manager), glb_client_get_connection (self->client));
  session = find_newest (self);
  if (session != NULL)
    {
      show_session (self, session);
      return;
    }

  if (self->wanted == NULL)
    {
      glb_view_window_set_problem (self->window, "No Session Is Running",
                                   "Start one with “glovebox run -- COMMAND”; it shows here.");
      return;
    }

  text = g_strdup_printf ("“glovebox ps” lists the sessions; this window waits for “%s”.", self->wanted);
  glb_view_window_set_problem (self->window, "No Such Session", text);
}

static void
client_ready_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GlbViewApplication) self = user_data;
  g_autoptr(GError) error = NULL;

  self->client = glb_client_new_finish (result, &error);
  if (self->client == NULL)
    {
      show_problem (self, "The Broker Does Not Start", error);
      return;
    }

  glb_dbus_object_manager_client_new (glb_client_get_connection (self->client), G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                      NULL, BROKER_PATH, NULL, manager_ready_cb, g_object_ref (self));
}

static void
glb_view_application_activate (GApplication *application)
{
  GlbViewApplication *self = GLB_VIEW_APPLICATION (application);

  if (self->window == NULL)
    {
      self->window = glb_view_window_new (GTK_APPLICATION (self));
      glb_client_new_async (TRUE, NULL, client_ready_cb, g_object_ref (self));
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
glb_view_application_startup (GApplication *application)
{
  g_autoptr(GtkCssProvider) css = gtk_css_provider_new ();

  G_APPLICATION_CLASS (glb_view_application_parent_class)->startup (application);

  gtk_css_provider_load_from_resource (css, "/org/glovebox/View/glovebox-view.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
glb_view_application_dispose (GObject *object)
{
  GlbViewApplication *self = GLB_VIEW_APPLICATION (object);

  g_clear_object (&self->manager);
  g_clear_object (&self->client);
  g_clear_pointer (&self->wanted, g_free);

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
}

GlbViewApplication *
glb_view_application_new (const char *session)
{
  GlbViewApplication *self = g_object_new (GLB_TYPE_VIEW_APPLICATION,
                                           "application-id", "org.glovebox.View",
                                           "flags", G_APPLICATION_NON_UNIQUE,
                                           NULL);

  self->wanted = g_strdup (session);

  return self;
}
