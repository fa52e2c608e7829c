/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* While application lives: opens the addresses that the person allowed, shows what sessions notify of, and tells the broker
 * which appearance the person prefers. manager: of the broker's objects. */
void glb_view_portal_watch (GApplication *application, GDBusObjectManager *manager, GDBusConnection *connection);

G_END_DECLS
