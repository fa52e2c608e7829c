/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-accessibility"
#include "config.h"

#include "session-broker/accessibility/glb-accessible-bus.h"

#define LAUNCHER          "org.a11y.Bus"
#define LAUNCHER_PATH     "/org/a11y/bus"
#define REGISTRY          "org.a11y.atspi.Registry"
#define REGISTRY_PATH     "/org/a11y/atspi/registry"
#define PROPERTIES        "org.freedesktop.DBus.Properties"
/* The bus and its launcher have to start, on a machine that may be busy. */
#define START_TIMEOUT_MS  10000

static const char * const events[] = {
  "object:children-changed", "object:state-changed", "object:text-changed", "object:property-change", "object:visible-data-changed",
  "window:",
};

/* Qt and Chromium have no tree before somebody asks for one. */
static gboolean
ask_toolkits (GDBusConnection *session, GError **error)
{
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (session, LAUNCHER, LAUNCHER_PATH, PROPERTIES, "Set",
                                       g_variant_new ("(ssv)", "org.a11y.Status", "IsEnabled", g_variant_new_boolean (TRUE)), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, START_TIMEOUT_MS, NULL, error);
  return reply != NULL;
}

GDBusConnection *
glb_accessible_bus_connect (GError **error)
{
  g_autoptr(GDBusConnection) session = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  g_autoptr(GVariant) reply = NULL;
  const char *address;

  if (session == NULL)
    return NULL;
  reply = g_dbus_connection_call_sync (session, LAUNCHER, LAUNCHER_PATH, LAUNCHER, "GetAddress", NULL, G_VARIANT_TYPE ("(s)"),
                                       G_DBUS_CALL_FLAGS_NONE, START_TIMEOUT_MS, NULL, error);
  if (reply == NULL || !ask_toolkits (session, error))
    return NULL;

  g_variant_get (reply, "(&s)", &address);
  return g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                 G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, error);
}

void
glb_accessible_bus_watch (GDBusConnection *bus, gboolean on)
{
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    g_dbus_connection_call (bus, REGISTRY, REGISTRY_PATH, REGISTRY, on ? "RegisterEvent" : "DeregisterEvent",
                            on ? g_variant_new ("(sass)", events[i], NULL, "") : g_variant_new ("(s)", events[i]), NULL,
                            G_DBUS_CALL_FLAGS_NONE, START_TIMEOUT_MS, NULL, NULL, NULL);
}

GlbAccessibleRef *
glb_accessible_ref_new (const char *owner, const char *path)
{
  GlbAccessibleRef *self = g_new0 (GlbAccessibleRef, 1);

  self->owner = g_strdup (owner);
  self->path = g_strdup (path);
  return self;
}

GlbAccessibleRef *
glb_accessible_ref_from_variant (GVariant *value)
{
  const char *owner, *path;

  g_variant_get (value, "(&s&o)", &owner, &path);
  if (!g_dbus_is_name (owner) || g_str_has_suffix (path, "/null"))
    return NULL;

  return glb_accessible_ref_new (owner, path);
}

void
glb_accessible_ref_free (GlbAccessibleRef *self)
{
  g_free (self->owner);
  g_free (self->path);
  g_free (self);
}

guint
glb_accessible_ref_hash (gconstpointer self)
{
  const GlbAccessibleRef *ref = self;

  return g_str_hash (ref->owner) ^ g_str_hash (ref->path);
}

gboolean
glb_accessible_ref_equal (gconstpointer a, gconstpointer b)
{
  const GlbAccessibleRef *one = a, *other = b;

  return g_str_equal (one->path, other->path) && g_str_equal (one->owner, other->owner);
}

void
glb_accessible_ref_call (const GlbAccessibleRef *self,
                         GDBusConnection        *bus,
                         const char             *interface,
                         const char             *method,
                         GVariant               *arguments,
                         const char             *reply,
                         int                     timeout_ms,
                         GCancellable           *cancellable,
                         GAsyncReadyCallback     callback,
                         gpointer                user_data)
{
  g_dbus_connection_call (bus, self->owner, self->path, interface, method, arguments, reply != NULL ? G_VARIANT_TYPE (reply) : NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, timeout_ms, cancellable, callback, user_data);
}

void
glb_accessible_ref_get (const GlbAccessibleRef *self,
                        GDBusConnection        *bus,
                        const char             *interface,
                        const char             *property,
                        int                     timeout_ms,
                        GCancellable           *cancellable,
                        GAsyncReadyCallback     callback,
                        gpointer                user_data)
{
  glb_accessible_ref_call (self, bus, PROPERTIES, "Get", g_variant_new ("(ss)", interface, property), "(v)", timeout_ms, cancellable,
                           callback, user_data);
}
