/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The tools as clients are told of them (tools.json), in an order that never changes; read once, and not to be changed. Each
 * outputSchema also takes {"code", "message"}: a call that failed, or was refused. (transfer full) (element-type JsonObject) */
JsonArray  *glb_mcp_tools_list (void);
/* (nullable) (transfer none): of tools */
JsonObject *glb_mcp_tools_find (JsonArray *tools, const char *name);

G_END_DECLS
