/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbObjectManager:
 *
 * org.freedesktop.DBus.ObjectManager for any number of peer-to-peer
 * connections: GDBusObjectManagerServer knows only one. Objects here have one
 * interface each, which is all the broker needs.
 *
 * signal ::unexported (GlbObjectManager *self, const char *path)   it is not there any more
 */
#define GLB_TYPE_OBJECT_MANAGER (glb_object_manager_get_type ())
G_DECLARE_FINAL_TYPE (GlbObjectManager, glb_object_manager, GLB, OBJECT_MANAGER, GObject)

GlbObjectManager *glb_object_manager_new               (const char *path);
/* Exports everything on it, until it closes. */
gboolean          glb_object_manager_add_connection    (GlbObjectManager *self, GDBusConnection *connection, GError **error);
void              glb_object_manager_remove_connection (GlbObjectManager *self, GDBusConnection *connection);
/* An object below the manager's path, announced to all. */
gboolean          glb_object_manager_export   (GlbObjectManager *self, const char *path, GDBusInterfaceSkeleton *skeleton, GError **error);
/* Calls that are on their way still reach the skeleton. */
void              glb_object_manager_unexport (GlbObjectManager *self, const char *path);

/* For who serves the same objects by other means. (transfer none) (nullable) */
GDBusInterfaceSkeleton *glb_object_manager_lookup   (GlbObjectManager *self, const char *path);
/* What GetManagedObjects returns. Floating. */
GVariant               *glb_object_manager_describe (GlbObjectManager *self);
/* (transfer none) */
GDBusInterfaceInfo     *glb_object_manager_get_info (GlbObjectManager *self);

G_END_DECLS
