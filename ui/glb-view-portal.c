/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes out of sessions through their portals, on the person's desktop. The broker has decided and recorded it. */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-view-portal.h"

#include <adwaita.h>

#include "session-broker/client/glb-broker-dbus-generated.h"
#include "session-broker/client/glb-client.h"
#include "ui/glb-question-notices.h"

static void
launched_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    g_warning ("Can't open an address that was allowed: %s", error->message);
}

static void
taken_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autofree char *uri = NULL;

  /* another client may have been faster: then it opens it */
  if (glb_dbus_session1_call_take_uri_finish (GLB_DBUS_SESSION1 (object), &uri, result, NULL))
    g_app_info_launch_default_for_uri_async (uri, NULL, NULL, launched_cb, NULL);
}

/* A session's own name for it, apart from other sessions'. */
static char *
make_id (GlbDBusSession1 *session,
         const char      *name)
{
  return g_strconcat (glb_dbus_session1_get_id (session), "/", name, NULL);
}

static void
show_notification (GApplication    *application,
                   GlbDBusSession1 *session,
                   GVariant        *parameters)
{
  const char *name, *title, *body;
  g_autoptr(GNotification) notification = NULL;
  g_autofree char *whose = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *id = NULL;

  g_variant_get (parameters, "(&s&s&s)", &name, &title, &body);
  id = make_id (session, name);
  /* whose it is comes first, and from us: nothing of a session looks like the desktop's own */
  whose = g_strdup_printf ("%s: %s", glb_dbus_session1_get_name (session), title);
  notification = g_notification_new (whose);
  plain = glb_question_notices_without_markup (body);
  g_notification_set_body (notification, plain);
  g_application_send_notification (application, id, notification);
}

static void
on_signal (GDBusObjectManagerClient *manager,
           GDBusObjectProxy         *object,
           GDBusProxy               *proxy,
           const char               *sender,
           const char               *signal,
           GVariant                 *parameters,
           GApplication             *application)
{
  if (!GLB_DBUS_IS_SESSION1 (proxy))
    return;

  if (g_str_equal (signal, "UriAllowed") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    {
      guint number;

      g_variant_get (parameters, "(u&s)", &number, NULL);
      glb_dbus_session1_call_take_uri (GLB_DBUS_SESSION1 (proxy), number, NULL, taken_cb, NULL);
    }
  else if (g_str_equal (signal, "Notified") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    show_notification (application, GLB_DBUS_SESSION1 (proxy), parameters);
  else if (g_str_equal (signal, "NotificationWithdrawn") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(s)")))
    {
      const char *name;
      g_autofree char *id = NULL;

      g_variant_get (parameters, "(&s)", &name);
      id = make_id (GLB_DBUS_SESSION1 (proxy), name);
      g_application_withdraw_notification (application, id);
    }
}

static void
tell_appearance (AdwStyleManager *style,
                 GParamSpec      *pspec,
                 GDBusConnection *connection)
{
  guint color_scheme = adw_style_manager_get_dark (style) ? 1 : 0;
  guint contrast = adw_style_manager_get_high_contrast (style) ? 1 : 0;

  g_dbus_connection_call (connection, NULL, GLB_BROKER_OBJECT_PATH, "org.glovebox.Broker1", "SetAppearance",
                          g_variant_new ("(uu)", color_scheme, contrast), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

void
glb_view_portal_watch (GApplication       *application,
                       GDBusObjectManager *manager,
                       GDBusConnection    *connection)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  g_signal_connect_object (manager, "interface-proxy-signal", G_CALLBACK (on_signal), application, 0);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (tell_appearance), connection, 0);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (tell_appearance), connection, 0);
  tell_appearance (style, NULL, connection);
}
