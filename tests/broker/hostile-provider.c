/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * hostile-provider MODE: a program of a session that says of its elements what
 * no toolkit would. It is registered on the session's accessibility bus as the
 * program that owns the window "provider". It writes "ready" and then for each
 * line of its input "again", when its elements have changed.
 *
 *   honest   one button "OK", and a label that counts lines: the others are no attack unless this is seen
 *   silent   its elements never answer
 *   mute     nothing of it ever answers
 *   cyclic   each element is in itself, and in all others
 *   endless  each element has 1000 children with long names, each of which has
 *   bytes    control characters, numbers out of range, every state, wrong types
 *   flood    says that something changed, as fast as it can
 */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>

#define ACCESSIBLE "org.a11y.atspi.Accessible"
#define ROOT       "/org/a11y/atspi/accessible/root"
#define FRAME      "/frame"
#define BUTTON     "/frame/ok"
#define LABEL      "/frame/count"
#define WIDE       1000
#define LONG       400

enum { STATE_FOCUSED = 12, STATE_SHOWING = 25, STATE_VISIBLE = 30 };
enum { ROLE_FRAME = 23, ROLE_LABEL = 29, ROLE_BUTTON = 43, ROLE_APPLICATION = 75 };

typedef struct
{
  const char *mode;
  GDBusConnection *bus;
  const char *name;       /* on it */
  gint n_lines;           /* atomic */
} Provider;

static gboolean
is_mode (const Provider *self, const char *mode)
{
  return g_str_equal (self->mode, mode);
}

static void
add_child (const Provider *self, GVariantBuilder *builder, const char *path)
{
  g_variant_builder_add (builder, "(so)", self->name, path);
}

static GVariant *
get_children (const Provider *self, const char *path)
{
  GVariantBuilder builder;
  gboolean is_root = g_str_equal (path, ROOT);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(so)"));
  if (is_root)
    add_child (self, &builder, FRAME);
  for (guint i = 0; !is_root && is_mode (self, "endless") && i < WIDE; i++)
    {
      g_autofree char *child = g_strdup_printf ("%s/n%u", path, i);

      add_child (self, &builder, child);
    }
  if (!is_root && is_mode (self, "cyclic"))
    for (guint i = 0; i < 3; i++)
      {
        add_child (self, &builder, ROOT);
        add_child (self, &builder, FRAME);
        add_child (self, &builder, path);
        add_child (self, &builder, BUTTON);
      }
  if (g_str_equal (path, FRAME))
    {
      add_child (self, &builder, BUTTON);
      add_child (self, &builder, LABEL);
    }
  return g_variant_new ("(a(so))", &builder);
}

/* (transfer full) */
static char *
dup_name (Provider *self, const char *path)
{
  if (g_str_equal (path, ROOT) || g_str_equal (path, FRAME))
    return g_strdup ("provider");
  if (is_mode (self, "bytes"))
    return g_strdup ("a\nb\x1b[2J\xe2\x80\xae\"}]\\");
  if (is_mode (self, "endless"))
    return g_strnfill (LONG, 'n');
  return g_str_equal (path, LABEL) ? g_strdup_printf ("line %d", g_atomic_int_get (&self->n_lines)) : g_strdup ("OK");
}

static GVariant *
get_property (Provider *self, const char *path, const char *property)
{
  g_autofree char *name = dup_name (self, path);

  if (is_mode (self, "bytes") && g_str_equal (property, "Description"))
    return g_variant_new ("(v)", g_variant_new_uint32 (7));
  if (g_str_equal (property, "CurrentValue"))
    return g_variant_new ("(v)", g_variant_new_double (0.0 / 0.0));
  return g_variant_new ("(v)", g_variant_new_string (g_str_equal (property, "Name") ? name : ""));
}

/* The label has the keyboard's focus. */
static GVariant *
get_states (const Provider *self, const char *path)
{
  guint32 states = 1u << STATE_SHOWING | 1u << STATE_VISIBLE | (g_str_equal (path, LABEL) ? 1u << STATE_FOCUSED : 0u);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("au"));
  for (guint i = 0; i < (is_mode (self, "bytes") ? 1000u : 2u); i++)
    g_variant_builder_add (&builder, "u", is_mode (self, "bytes") ? G_MAXUINT32 : i == 0 ? states : 0u);
  return g_variant_new ("(au)", &builder);
}

static GVariant *
get_role (const Provider *self, const char *path)
{
  guint32 role = g_str_equal (path, ROOT) ? ROLE_APPLICATION : g_str_equal (path, FRAME) ? ROLE_FRAME :
                 g_str_equal (path, LABEL) ? ROLE_LABEL : ROLE_BUTTON;

  return g_variant_new ("(u)", is_mode (self, "bytes") && role == ROLE_BUTTON ? G_MAXUINT32 : role);
}

static GVariant *
get_extents (const Provider *self, const char *path)
{
  if (is_mode (self, "bytes") && !g_str_equal (path, FRAME))
    return g_variant_new ("((iiii))", G_MININT32, G_MAXINT32, G_MAXINT32, G_MAXINT32);
  if (g_str_equal (path, FRAME))
    return g_variant_new ("((iiii))", 0, 0, 400, 300);
  return g_variant_new ("((iiii))", 20, g_str_equal (path, LABEL) ? 80 : 40, 60, 30);
}

static GVariant *
get_interfaces (const Provider *self)
{
  const char *names[] = { ACCESSIBLE, "org.a11y.atspi.Component", is_mode (self, "bytes") ? "org.a11y.atspi.Value" : NULL, NULL };

  return g_variant_new ("(^as)", names);
}

/* Floating; NULL: no answer. */
static GVariant *
answer (Provider *self, const char *path, const char *member, GVariant *body)
{
  const char *property;

  if (is_mode (self, "mute") || (is_mode (self, "silent") && !g_str_equal (path, ROOT) && !g_str_equal (path, FRAME)))
    return NULL;
  if (g_str_equal (member, "Get"))
    {
      g_variant_get (body, "(&s&s)", NULL, &property);
      return get_property (self, path, property);
    }
  if (g_str_equal (member, "GetChildren"))
    return get_children (self, path);
  if (g_str_equal (member, "GetState"))
    return get_states (self, path);
  if (g_str_equal (member, "GetRole"))
    return get_role (self, path);
  if (g_str_equal (member, "GetExtents"))
    return get_extents (self, path);
  if (g_str_equal (member, "GetInterfaces"))
    return get_interfaces (self);
  if (g_str_equal (member, "GetAccessibleAtPoint"))
    return g_variant_new ("((so))", self->name, BUTTON);
  return g_variant_new ("()");
}

static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  Provider *self = user_data;
  g_autoptr(GDBusMessage) call = NULL;
  g_autoptr(GDBusMessage) reply = NULL;
  GVariant *body;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  call = message;
  body = answer (self, g_dbus_message_get_path (call), g_dbus_message_get_member (call), g_dbus_message_get_body (call));
  if (body == NULL)
    return NULL;

  reply = g_dbus_message_new_method_reply (call);
  g_dbus_message_set_body (reply, body);
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  return NULL;
}

static void
say_changed (Provider *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sv}"));
  g_dbus_connection_emit_signal (self->bus, NULL, LABEL, "org.a11y.atspi.Event.Object", "PropertyChange",
                                 g_variant_new ("(siiva{sv})", "accessible-name", 0, 0, g_variant_new_string ("x"), &builder), NULL);
}

static GDBusConnection *
connect_bus (GError **error)
{
  g_autoptr(GDBusConnection) session = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  g_autoptr(GVariant) reply = NULL;
  const char *address;

  if (session != NULL)
    reply = g_dbus_connection_call_sync (session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", NULL,
                                         G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(&s)", &address);
  return g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                 G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, error);
}

static gboolean
enter (Provider *self, GError **error)
{
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (self->bus, "org.a11y.atspi.Registry", ROOT, "org.a11y.atspi.Socket", "Embed",
                                       g_variant_new ("((so))", self->name, ROOT), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  return reply != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  Provider self = { argc > 1 ? argv[1] : "honest", connect_bus (&error) };
  char line[64];

  if (self.bus == NULL)
    g_error ("%s", error->message);
  self.name = g_dbus_connection_get_unique_name (self.bus);
  g_dbus_connection_add_filter (self.bus, on_message, &self, NULL);
  if (!enter (&self, &error))
    g_error ("%s", error->message);

  puts ("ready");
  fflush (stdout);
  while (is_mode (&self, "flood"))
    say_changed (&self);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_atomic_int_inc (&self.n_lines);
      say_changed (&self);
      g_dbus_connection_flush_sync (self.bus, NULL, NULL);
      puts ("again");
      fflush (stdout);
    }
  return 0;
}
