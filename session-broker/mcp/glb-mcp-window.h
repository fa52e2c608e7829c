/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One of Session1.Windows (a{sv}) as clients see it. (transfer full) */
JsonObject *glb_mcp_window_to_json (GVariant *window);

G_END_DECLS
