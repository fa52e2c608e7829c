/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Asks the session's portal to open uri, and waits for what comes of it. Result: the exit status. */
int glb_portal_open (GDBusConnection *bus, const char *uri);

G_END_DECLS
