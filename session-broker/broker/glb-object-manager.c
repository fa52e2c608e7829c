/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-object-manager.h"

struct _GlbObjectManager
{
  GObject parent_instance;

  char *path;
  GDBusNodeInfo *info;
  GHashTable *connections;   /* GDBusConnection to the registration id of the manager on it */
  GHashTable *objects;       /* path to GDBusInterfaceSkeleton */
};

G_DEFINE_FINAL_TYPE (GlbObjectManager, glb_object_manager, G_TYPE_OBJECT)

enum { UNEXPORTED, N_SIGNALS };
static guint signals[N_SIGNALS];

#define INTERFACE "org.freedesktop.DBus.ObjectManager"

static const char introspection[] =
  "<node><interface name='" INTERFACE "'>"
  "<method name='GetManagedObjects'><arg type='a{oa{sa{sv}}}' name='objects' direction='out'/></method>"
  "<signal name='InterfacesAdded'><arg type='o' name='path'/><arg type='a{sa{sv}}' name='interfaces'/></signal>"
  "<signal name='InterfacesRemoved'><arg type='o' name='path'/><arg type='as' name='interfaces'/></signal>"
  "</interface></node>";

/* a{sa{sv}}, floating */
static GVariant *
interfaces_of (GDBusInterfaceSkeleton *skeleton)
{
  g_autoptr(GVariant) properties = g_dbus_interface_skeleton_get_properties (skeleton);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&builder, "{s@a{sv}}", g_dbus_interface_skeleton_get_info (skeleton)->name, properties);
  return g_variant_builder_end (&builder);
}

static void
handle_call (GDBusConnection       *connection,
             const char            *sender,
             const char            *path,
             const char            *interface,
             const char            *method,
             GVariant              *parameters,
             GDBusMethodInvocation *invocation,
             gpointer               user_data)
{
  g_dbus_method_invocation_return_value (invocation, glb_object_manager_describe (user_data));
}

static void
emit (GlbObjectManager *self, const char *signal, GVariant *parameters)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (parameters);
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (!g_dbus_connection_is_closed (connection))
      g_dbus_connection_emit_signal (connection, NULL, self->path, INTERFACE, signal, sunk, NULL);
}

static void
glb_object_manager_finalize (GObject *object)
{
  GlbObjectManager *self = GLB_OBJECT_MANAGER (object);
  g_autoptr(GList) connections = g_hash_table_get_keys (self->connections);

  for (GList *l = connections; l != NULL; l = l->next)
    glb_object_manager_remove_connection (self, l->data);
  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->objects);
  g_dbus_node_info_unref (self->info);
  g_free (self->path);

  G_OBJECT_CLASS (glb_object_manager_parent_class)->finalize (object);
}

static void
glb_object_manager_class_init (GlbObjectManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_object_manager_finalize;

  signals[UNEXPORTED] = g_signal_new ("unexported", GLB_TYPE_OBJECT_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_object_manager_init (GlbObjectManager *self)
{
  self->info = g_dbus_node_info_new_for_xml (introspection, NULL);
  self->connections = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

GlbObjectManager *
glb_object_manager_new (const char *path)
{
  GlbObjectManager *self = g_object_new (GLB_TYPE_OBJECT_MANAGER, NULL);

  self->path = g_strdup (path);
  return self;
}

gboolean
glb_object_manager_add_connection (GlbObjectManager *self, GDBusConnection *connection, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_call };
  GHashTableIter iter;
  gpointer path, skeleton;
  guint id;

  id = g_dbus_connection_register_object (connection, self->path, self->info->interfaces[0], &vtable, self, NULL, error);
  if (id == 0)
    return FALSE;

  g_hash_table_insert (self->connections, g_object_ref (connection), GUINT_TO_POINTER (id));
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &path, &skeleton))
    if (!g_dbus_interface_skeleton_export (skeleton, connection, path, error))
      return FALSE;

  return TRUE;
}

void
glb_object_manager_remove_connection (GlbObjectManager *self, GDBusConnection *connection)
{
  guint id = GPOINTER_TO_UINT (g_hash_table_lookup (self->connections, connection));
  GHashTableIter iter;
  gpointer skeleton;

  if (id == 0)
    return;

  g_dbus_connection_unregister_object (connection, id);
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, &skeleton))
    if (g_dbus_interface_skeleton_has_connection (skeleton, connection))
      g_dbus_interface_skeleton_unexport_from_connection (skeleton, connection);
  g_hash_table_remove (self->connections, connection);
}

gboolean
glb_object_manager_export (GlbObjectManager *self, const char *path, GDBusInterfaceSkeleton *skeleton, GError **error)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_insert (self->objects, g_strdup (path), g_object_ref (skeleton));
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (!g_dbus_interface_skeleton_export (skeleton, connection, path, error))
      return FALSE;

  emit (self, "InterfacesAdded", g_variant_new ("(o@a{sa{sv}})", path, interfaces_of (skeleton)));
  return TRUE;
}

static gboolean
on_no_calls_left (gpointer user_data)
{
  GDBusInterfaceSkeleton *skeleton = user_data;

  if (g_dbus_interface_skeleton_get_connection (skeleton) != NULL)
    g_dbus_interface_skeleton_unexport (skeleton);
  return G_SOURCE_REMOVE;
}

void
glb_object_manager_unexport (GlbObjectManager *self, const char *path)
{
  g_autofree char *held = g_strdup (path);
  GDBusInterfaceSkeleton *skeleton = g_hash_table_lookup (self->objects, path);
  const char *interfaces[2] = { NULL, NULL };

  if (skeleton == NULL)
    return;

  interfaces[0] = g_dbus_interface_skeleton_get_info (skeleton)->name;
  emit (self, "InterfacesRemoved", g_variant_new ("(o^as)", path, interfaces));
  /* calls that have come already are answered by the object, which knows better than "no such object" */
  g_idle_add_full (G_PRIORITY_LOW, on_no_calls_left, g_object_ref (skeleton), g_object_unref);
  g_hash_table_remove (self->objects, path);
  g_signal_emit (self, signals[UNEXPORTED], 0, held);
}

GDBusInterfaceSkeleton *
glb_object_manager_lookup (GlbObjectManager *self, const char *path)
{
  return g_hash_table_lookup (self->objects, path);
}

GVariant *
glb_object_manager_describe (GlbObjectManager *self)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer path, skeleton;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &path, &skeleton))
    g_variant_builder_add (&builder, "{o@a{sa{sv}}}", path, interfaces_of (skeleton));
  return g_variant_new ("(@a{oa{sa{sv}}})", g_variant_builder_end (&builder));
}

GDBusInterfaceInfo *
glb_object_manager_get_info (GlbObjectManager *self)
{
  return self->info->interfaces[0];
}
