/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/mcp/glb-mcp-message.h"
#include "session-broker/mcp/glb-mcp-result.h"

G_BEGIN_DECLS

/**
 * GlbMcpRouter:
 *
 * What one line of a client asks for. Pure: it answers by itself what needs no
 * session, and hands on calls of tools with arguments that their schema takes.
 */
typedef struct _GlbMcpRouter GlbMcpRouter;

typedef enum
{
  GLB_MCP_ROUTE_NOTHING,
  GLB_MCP_ROUTE_ANSWER,    /* answer: the line to send */
  GLB_MCP_ROUTE_CALL,      /* of a tool */
  GLB_MCP_ROUTE_CANCEL,    /* the call of key */
} GlbMcpRouteKind;

typedef struct
{
  GlbMcpRouteKind kind;
  char *answer;
  GlbMcpEra era;
  JsonNode *id;
  char *key;               /* of the id, see glb_mcp_id_to_key() */
  const char *tool;        /* the name, which lives as long as the router */
  JsonObject *arguments;
  JsonNode *progress_token; /* (nullable): the client wants to hear of it while it is under way */
} GlbMcpRoute;

GlbMcpRouter *glb_mcp_router_new  (void);
void          glb_mcp_router_free (GlbMcpRouter *self);
/* (transfer none) */
JsonArray    *glb_mcp_router_get_tools (GlbMcpRouter *self);

/* (transfer full) (element-type GlbMcpRoute): of each message of the line, which may be several where the client's version has
 * batches. Their answers then are one line. */
GPtrArray *glb_mcp_router_route (GlbMcpRouter *self, const char *untrusted_line, gsize length, gboolean *is_batch);
void glb_mcp_route_clear  (GlbMcpRoute *route);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpRouter, glb_mcp_router_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbMcpRoute, glb_mcp_route_clear)

G_END_DECLS
