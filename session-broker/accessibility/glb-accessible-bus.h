/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One object of a program. */
typedef struct
{
  char *owner;     /* the program's name on the bus */
  char *path;
} GlbAccessibleRef;

#define GLB_ACCESSIBLE_INTERFACE "org.a11y.atspi.Accessible"
#define GLB_ACCESSIBLE_ROOT      "/org/a11y/atspi/accessible/root"

/* The session's accessibility bus, which starts now if it did not run; and toolkits that wait to be asked are. Blocks. */
GDBusConnection  *glb_accessible_bus_connect (GError **error);
/* Programs tell what changes while this is on. */
void              glb_accessible_bus_watch   (GDBusConnection *bus, gboolean on);

GlbAccessibleRef *glb_accessible_ref_new     (const char *owner, const char *path);
/* value: (so); NULL for AT-SPI's "null" */
GlbAccessibleRef *glb_accessible_ref_from_variant (GVariant *value);
void              glb_accessible_ref_free    (GlbAccessibleRef *self);
guint             glb_accessible_ref_hash    (gconstpointer self);
gboolean          glb_accessible_ref_equal   (gconstpointer a, gconstpointer b);
/* reply: (nullable): the type that is expected; anything else is an error */
void              glb_accessible_ref_call    (const GlbAccessibleRef *self, GDBusConnection *bus, const char *interface, const char *method,
                                              GVariant *arguments, const char *reply, int timeout_ms, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
void              glb_accessible_ref_get     (const GlbAccessibleRef *self, GDBusConnection *bus, const char *interface, const char *property,
                                              int timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAccessibleRef, glb_accessible_ref_free)

G_END_DECLS
