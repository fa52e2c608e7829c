/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/portal/glb-portal-interfaces.h"

#define IN(name, type)  "<arg name='" name "' type='" type "' direction='in'/>"
#define OUT(name, type) "<arg name='" name "' type='" type "' direction='out'/>"
#define METHOD(name, arguments) "<method name='" name "'>" arguments "</method>"
#define SIGNAL(name, arguments) "<signal name='" name "'>" arguments "</signal>"
#define PORTAL(name, members) \
  "<interface name='org.freedesktop.portal." name "'>" members "<property name='version' type='u' access='read'/></interface>"

static const char xml[] =
  "<node>"
  "<interface name='org.freedesktop.portal.Request'>"
  METHOD ("Close", "")
  SIGNAL ("Response", "<arg name='response' type='u'/><arg name='results' type='a{sv}'/>")
  "</interface>"
  PORTAL ("Settings",
          METHOD ("ReadAll", IN ("namespaces", "as") OUT ("value", "a{sa{sv}}"))
          METHOD ("Read", IN ("namespace", "s") IN ("key", "s") OUT ("value", "v"))
          METHOD ("ReadOne", IN ("namespace", "s") IN ("key", "s") OUT ("value", "v"))
          SIGNAL ("SettingChanged", "<arg name='namespace' type='s'/><arg name='key' type='s'/><arg name='value' type='v'/>"))
  PORTAL ("OpenURI",
          METHOD ("OpenURI", IN ("parent_window", "s") IN ("uri", "s") IN ("options", "a{sv}") OUT ("handle", "o"))
          METHOD ("OpenFile", IN ("parent_window", "s") IN ("fd", "h") IN ("options", "a{sv}") OUT ("handle", "o"))
          METHOD ("OpenDirectory", IN ("parent_window", "s") IN ("fd", "h") IN ("options", "a{sv}") OUT ("handle", "o")))
  PORTAL ("Notification",
          METHOD ("AddNotification", IN ("id", "s") IN ("notification", "a{sv}"))
          METHOD ("RemoveNotification", IN ("id", "s"))
          SIGNAL ("ActionInvoked", "<arg name='id' type='s'/><arg name='action' type='s'/><arg name='parameter' type='av'/>"))
  PORTAL ("FileChooser",
          METHOD ("OpenFile", IN ("parent_window", "s") IN ("title", "s") IN ("options", "a{sv}") OUT ("handle", "o"))
          METHOD ("SaveFile", IN ("parent_window", "s") IN ("title", "s") IN ("options", "a{sv}") OUT ("handle", "o"))
          METHOD ("SaveFiles", IN ("parent_window", "s") IN ("title", "s") IN ("options", "a{sv}") OUT ("handle", "o")))
  PORTAL ("Camera",
          METHOD ("AccessCamera", IN ("options", "a{sv}") OUT ("handle", "o"))
          METHOD ("OpenPipeWireRemote", IN ("options", "a{sv}") OUT ("fd", "h"))
          "<property name='IsCameraPresent' type='b' access='read'/>")
  "</node>";

GDBusInterfaceInfo *
glb_portal_interface (const char *name)
{
  static GDBusNodeInfo *node;

  if (node == NULL)
    node = g_dbus_node_info_new_for_xml (xml, NULL);
  return g_dbus_node_info_lookup_interface (node, name);
}

guint
glb_portal_interface_version (const char *name)
{
  static const struct { const char *name; guint version; } versions[] = {
    { "org.freedesktop.portal.Settings", 2 },
    { "org.freedesktop.portal.OpenURI", 4 },
    { "org.freedesktop.portal.Notification", 1 },
    { "org.freedesktop.portal.FileChooser", 3 },
    { "org.freedesktop.portal.Camera", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_str_equal (versions[i].name, name))
      return versions[i].version;
  return 0;
}
