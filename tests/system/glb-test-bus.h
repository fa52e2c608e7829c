/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* FALSE: the test was skipped, as nothing here can read what programs show. */
gboolean         glb_test_bus_can_read      (void);
/* A session bus of one test, in this environment; it ends with us. address: (out) (transfer full). Never NULL. */
GSubprocess     *glb_test_bus_start         (GStrv environment, char **address);
/* Never NULL. (transfer full) */
GDBusConnection *glb_test_bus_connect       (const char *address);
/* To the accessibility bus that the session bus knows. Never NULL. (transfer full) */
GDBusConnection *glb_test_bus_connect_accessibility (GDBusConnection *session);

G_END_DECLS
