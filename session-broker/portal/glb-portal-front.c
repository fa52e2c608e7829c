/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-portal"
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "session-broker/portal/glb-portal-call.h"
#include "session-broker/portal/glb-portal-front.h"
#include "session-broker/portal/glb-portal-interfaces.h"

#define PATH       "/org/freedesktop/portal/desktop"
#define PREFIX     "org.freedesktop.portal."
#define APPEARANCE "org.freedesktop.appearance"

typedef struct
{
  GDBusConnection *bus;
  GlbPortalLink *link;
  guint color_scheme, contrast;
  gboolean camera;
} Front;

/* ---- Settings --------------------------------------------------------------------- */

/* (floating) (nullable): there is no such setting */
static GVariant *
read_setting (Front *front, const char *namespace, const char *key)
{
  if (!g_str_equal (namespace, APPEARANCE))
    return NULL;
  if (g_str_equal (key, "color-scheme"))
    return g_variant_new_uint32 (front->color_scheme);
  return g_str_equal (key, "contrast") ? g_variant_new_uint32 (front->contrast) : NULL;
}

/* No patterns are all of them; a pattern is a namespace, or the beginning of one with "*" behind. */
static gboolean
is_wanted (const char * const *patterns)
{
  for (guint i = 0; patterns[i] != NULL; i++)
    {
      gsize length = strlen (patterns[i]);

      if (length == 0 || g_str_equal (patterns[i], APPEARANCE) ||
          (patterns[i][length - 1] == '*' && strncmp (patterns[i], APPEARANCE, length - 1) == 0))
        return TRUE;
    }
  return patterns[0] == NULL;
}

static void
read_all (Front *front, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autofree const char **patterns = NULL;
  GVariantBuilder builder;

  g_variant_get (parameters, "(^a&s)", &patterns);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  if (is_wanted (patterns))
    {
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "color-scheme", "u", front->color_scheme);
      g_variant_dict_insert (&dict, "contrast", "u", front->contrast);
      g_variant_builder_add (&builder, "{s@a{sv}}", APPEARANCE, g_variant_dict_end (&dict));
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{sa{sv}})", &builder));
}

static void
handle_settings (Front *front, const char *method, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *namespace, *key;
  GVariant *value;

  if (g_str_equal (method, "ReadAll"))
    {
      read_all (front, parameters, invocation);
      return;
    }

  g_variant_get (parameters, "(&s&s)", &namespace, &key);
  value = read_setting (front, namespace, key);
  if (value == NULL)
    glb_portal_return_error (invocation, "NotFound", "Requested setting not found");
  else
    /* the older method has always wrapped it twice */
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(v)", g_str_equal (method, "Read") ? g_variant_new_variant (value)
                                                                                                         : value));
}

static void
tell_change (Front *front, const char *key, guint value)
{
  g_dbus_connection_emit_signal (front->bus, NULL, PATH, PREFIX "Settings", "SettingChanged",
                                 g_variant_new ("(ssv)", APPEARANCE, key, g_variant_new_uint32 (value)), NULL);
}

static void
on_settings (GlbPortalLink *link, guint color_scheme, guint contrast, gpointer user_data)
{
  Front *front = user_data;
  gboolean scheme_changed = color_scheme != front->color_scheme, contrast_changed = contrast != front->contrast;

  front->color_scheme = color_scheme;
  front->contrast = contrast;
  if (scheme_changed)
    tell_change (front, "color-scheme", color_scheme);
  if (contrast_changed)
    tell_change (front, "contrast", contrast);
}

/* ---- OpenURI and FileChooser --------------------------------------------------------- */

static void
handle_open_uri (Front *front, const char *method, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *members[] = { "uri", NULL, NULL };
  g_autoptr(GVariant) options = NULL;

  /* a file of the session's means nothing on the host */
  if (!g_str_equal (method, "OpenURI"))
    {
      glb_portal_return_error (invocation, "NotAllowed", "Files of a session are not opened on the host");
      return;
    }

  g_variant_get (parameters, "(&s&s@a{sv})", NULL, &members[1], &options);
  glb_portal_call_start (front->link, invocation, options, "open-uri", members);
}

static void
handle_file_chooser (Front *front, const char *method, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *members[] = { "title", NULL, NULL };
  g_autoptr(GVariant) options = NULL;
  gboolean directory = FALSE;

  g_variant_get (parameters, "(&s&s@a{sv})", NULL, &members[1], &options);
  g_variant_lookup (options, "directory", "b", &directory);
  if (!g_str_equal (method, "OpenFile") || directory)
    glb_portal_return_error (invocation, "NotAllowed", "One file can be handed in; nothing is saved on the host");
  else
    glb_portal_call_start (front->link, invocation, options, "choose-file", members);
}

/* ---- Notification ---------------------------------------------------------------------- */

static void
notified (const GlbPortalAnswer *answer, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;

  if (answer->status == GLB_PORTAL_DONE)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    glb_portal_return_error (invocation, g_str_has_prefix (answer->code, "bad_") ? "InvalidArgument" : "NotAllowed", answer->message);
}

static void
send_notification (Front *front, const char *request, const char * const *members, GDBusMethodInvocation *invocation)
{
  if (glb_portal_link_send (front->link, request, members, notified, invocation) == 0)
    glb_portal_return_error (invocation, "InvalidArgument", "A text is too long");
}

static void
handle_notification (Front *front, const char *method, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *add[] = { "name", NULL, "title", "", "body", "", NULL };
  const char *remove[] = { "name", NULL, NULL };
  g_autoptr(GVariant) notification = NULL;

  if (g_str_equal (method, "RemoveNotification"))
    {
      g_variant_get (parameters, "(&s)", &remove[1]);
      send_notification (front, "withdraw", remove, invocation);
      return;
    }

  /* icons and buttons stay inside: the first is a picture for a hostile decoder, the second a way back in */
  g_variant_get (parameters, "(&s@a{sv})", &add[1], &notification);
  g_variant_lookup (notification, "title", "&s", &add[3]);
  g_variant_lookup (notification, "body", "&s", &add[5]);
  send_notification (front, "notify", add, invocation);
}

/* ---- Camera ---------------------------------------------------------------------------- */

/* The session's own PipeWire, in which there are the devices that were granted, while they are. -1: there is none. */
static int
connect_pipewire (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0 && g_snprintf (address.sun_path, sizeof address.sun_path, "%s/pipewire-0", g_get_user_runtime_dir ()) < (int) sizeof address.sun_path &&
      connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;

  if (fd >= 0)
    close (fd);
  return -1;
}

static void
open_pipewire (Front *front, GDBusMethodInvocation *invocation)
{
  int fd = front->camera ? connect_pipewire () : -1;
  g_autoptr(GUnixFDList) fds = NULL;

  if (fd < 0)
    {
      glb_portal_return_error (invocation, "NotAllowed", "There is no camera in this session");
      return;
    }

  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0), fds);
}

/* Where the policy has none, what asks for it hears that from the portal, as on a host without one. */
static void
handle_camera (Front *front, const char *method, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr(GVariant) options = NULL;

  if (g_str_equal (method, "OpenPipeWireRemote"))
    {
      open_pipewire (front, invocation);
      return;
    }

  g_variant_get (parameters, "(@a{sv})", &options);
  glb_portal_call_start (front->link, invocation, options, front->camera ? "camera" : NULL, NULL);
}

/* ---- the objects ------------------------------------------------------------------------- */

static void
handle_method (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
               GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  static const struct { const char *name; void (*handle) (Front *, const char *, GVariant *, GDBusMethodInvocation *); } handlers[] = {
    { PREFIX "Settings", handle_settings },
    { PREFIX "OpenURI", handle_open_uri },
    { PREFIX "FileChooser", handle_file_chooser },
    { PREFIX "Notification", handle_notification },
    { PREFIX "Camera", handle_camera },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (g_str_equal (handlers[i].name, interface))
      handlers[i].handle (user_data, method, parameters, invocation);
}

static GVariant *
get_property (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *property,
              GError **error, gpointer user_data)
{
  if (g_str_equal (property, "version"))
    return g_variant_new_uint32 (glb_portal_interface_version (interface));
  return g_variant_new_boolean (((Front *) user_data)->camera);   /* IsCameraPresent */
}

gboolean
glb_portal_front_export (GDBusConnection *bus, GlbPortalLink *link, const GlbPortalFeatures *features, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_method, .get_property = get_property };
  const struct { const char *name; gboolean there; } portals[] = {
    { PREFIX "Settings", features->settings },
    { PREFIX "OpenURI", features->open_uri },
    { PREFIX "FileChooser", features->file_chooser },
    { PREFIX "Notification", features->notification },
    { PREFIX "Camera", TRUE },
  };
  Front *front = g_new0 (Front, 1);

  front->bus = g_object_ref (bus);
  front->link = g_object_ref (link);
  front->color_scheme = features->color_scheme;
  front->contrast = features->contrast;
  front->camera = features->camera;
  g_signal_connect (link, "settings", G_CALLBACK (on_settings), front);
  for (guint i = 0; i < G_N_ELEMENTS (portals); i++)
    if (portals[i].there &&
        g_dbus_connection_register_object (bus, PATH, glb_portal_interface (portals[i].name), &vtable, front, NULL, error) == 0)
      return FALSE;
  return TRUE;
}
