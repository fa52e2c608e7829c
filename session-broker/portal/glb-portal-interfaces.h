/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The portal interfaces that a session has, as xdg-desktop-portal's documentation describes them. (transfer none) */
GDBusInterfaceInfo *glb_portal_interface (const char *name);
/* Of the property that each portal has. */
guint               glb_portal_interface_version (const char *name);

G_END_DECLS
