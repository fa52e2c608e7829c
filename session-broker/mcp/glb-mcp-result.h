/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define GLB_MCP_SERVER_NAME "glovebox"

/* The two ways of speaking MCP; each message says which is its own. */
typedef enum
{
  GLB_MCP_ERA_HANDSHAKE,   /* 2024-11-05 to 2025-11-25: initialize comes first */
  GLB_MCP_ERA_STATELESS,   /* 2026-07-28: each request carries its version */
} GlbMcpEra;

/* The result of a request, with what its era wants of each. (transfer full) */
JsonObject *glb_mcp_result_finish (GlbMcpEra era, JsonObject *result);
/* Of tools/call: structured beside the same as text, and image: (nullable) as image content. (transfer full) */
JsonObject *glb_mcp_result_of_tool (JsonObject *structured, GBytes *image, const char *mime_type, gboolean is_error);
/* Structured content of a call that failed. (transfer full) */
JsonObject *glb_mcp_result_refusal (const char *code, const char *message);
/* (transfer full): {"name", "version"} */
JsonObject *glb_mcp_result_server_info (void);

G_END_DECLS
