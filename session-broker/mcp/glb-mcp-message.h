/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One message is one line, of at most so many bytes. */
#define GLB_MCP_LINE_MAX  (4u * 1024u * 1024u)
#define GLB_MCP_DEPTH_MAX 32u
/* So many messages may be in one batch. */
#define GLB_MCP_BATCH_MAX 64u

/* Of JSON-RPC 2.0, and of MCP 2026-07-28. */
enum
{
  GLB_MCP_ERROR_PARSE               = -32700,
  GLB_MCP_ERROR_INVALID_REQUEST     = -32600,
  GLB_MCP_ERROR_METHOD_NOT_FOUND    = -32601,
  GLB_MCP_ERROR_INVALID_PARAMS      = -32602,
  GLB_MCP_ERROR_INTERNAL            = -32603,
  GLB_MCP_ERROR_UNSUPPORTED_VERSION = -32022,
};

typedef enum
{
  GLB_MCP_REQUEST,
  GLB_MCP_NOTIFICATION,
  GLB_MCP_RESPONSE,      /* to a request of ours, of which there are none */
  GLB_MCP_INVALID,       /* code and message say why */
} GlbMcpMessageKind;

/* One JSON-RPC message of the client, its form checked. */
typedef struct
{
  GlbMcpMessageKind kind;
  JsonNode *id;          /* (nullable): a string or an integer; of an invalid message where it is known */
  char *method;          /* (nullable) */
  JsonObject *params;    /* (nullable) */
  int code;
  char *message;
} GlbMcpMessage;

/* The messages of one line, which may be a batch of them where takes_batches. A line that is none is one invalid message.
 * (transfer full) (element-type GlbMcpMessage): at least one */
GPtrArray *glb_mcp_messages_new (const char *untrusted_line, gsize length, gboolean takes_batches, gboolean *is_batch);
void           glb_mcp_message_free (GlbMcpMessage *self);

/* A member that is a string; NULL: there is none. untrusted_object: (nullable) */
const char *glb_mcp_get_string (JsonObject *untrusted_object, const char *name);

/* A string or an integer: what ids and tokens are. */
gboolean glb_mcp_is_id (JsonNode *untrusted_id);
/* What tells requests in flight apart: 1 is not "1". (transfer full) */
char *glb_mcp_id_to_key   (JsonNode *id);
/* Lines to the client, without their end. id: (nullable); data: (nullable). (transfer full) */
char *glb_mcp_write_result (JsonNode *id, JsonObject *result);
char *glb_mcp_write_error  (JsonNode *id, int code, const char *message, JsonObject *data);
/* Of a request that is under way. token: as the client gave it. */
char *glb_mcp_write_progress (JsonNode *token, double progress, const char *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpMessage, glb_mcp_message_free)

G_END_DECLS
