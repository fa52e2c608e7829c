/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-router.h"

#include <string.h>

#include "session-broker/mcp/glb-mcp-schema.h"
#include "session-broker/mcp/glb-mcp-tools.h"

#define STATELESS_VERSION    "2026-07-28"
#define META_VERSION         "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES    "io.modelcontextprotocol/clientCapabilities"
/* From here on, arguments that do not fit are the tool's answer, for the model to read. */
#define FIRST_READABLE_ERROR "2025-11-25"
/* The only one that has them. */
#define BATCHES_VERSION      "2025-03-26"
#define LIST_TTL_MS          (60 * 60 * 1000)

#define INSTRUCTIONS \
  "Desktops behind glass. Start with session_start and give its handle to the other tools. computer answers when the screen " \
  "has settled, with a screenshot: no sleeping, no second call. What the policy asks about is answered by a person at this " \
  "machine, never through this connection."

/* The newest last. */
static const char * const handshake_versions[] = { "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25" };

struct _GlbMcpRouter
{
  JsonArray *tools;
  const char *version;       /* (nullable): that initialize agreed on */
};

typedef void (*Handler) (GlbMcpRouter *self, GlbMcpMessage *message, GlbMcpRoute *route);

static void
answer_error (GlbMcpRoute   *route,
              GlbMcpMessage *message,
              int            code,
              const char    *text,
              JsonObject    *data)
{
  route->kind = GLB_MCP_ROUTE_ANSWER;
  route->answer = glb_mcp_write_error (message->id, code, text, data);
}

/* Takes result. */
static void
answer_result (GlbMcpRoute   *route,
               GlbMcpMessage *message,
               JsonObject    *result)
{
  g_autoptr(JsonObject) owned = result;
  g_autoptr(JsonObject) finished = glb_mcp_result_finish (route->era, result);

  route->kind = GLB_MCP_ROUTE_ANSWER;
  route->answer = glb_mcp_write_result (message->id, finished);
}

static JsonObject *
make_capabilities (void)
{
  JsonObject *capabilities = json_object_new ();

  json_object_set_object_member (capabilities, "tools", json_object_new ());
  return capabilities;
}

static void
handle_initialize (GlbMcpRouter  *self,
                   GlbMcpMessage *message,
                   GlbMcpRoute   *route)
{
  const char *wanted = glb_mcp_get_string (message->params, "protocolVersion");
  JsonObject *result;

  if (wanted == NULL)
    {
      answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS, "protocolVersion is missing, or no string", NULL);
      return;
    }

  self->version = handshake_versions[G_N_ELEMENTS (handshake_versions) - 1];
  for (gsize i = 0; i < G_N_ELEMENTS (handshake_versions); i++)
    if (g_str_equal (wanted, handshake_versions[i]))
      self->version = handshake_versions[i];

  result = json_object_new ();
  json_object_set_string_member (result, "protocolVersion", self->version);
  json_object_set_object_member (result, "capabilities", make_capabilities ());
  json_object_set_object_member (result, "serverInfo", glb_mcp_result_server_info ());
  json_object_set_string_member (result, "instructions", INSTRUCTIONS);
  answer_result (route, message, result);
}

static void
handle_ping (GlbMcpRouter  *self,
             GlbMcpMessage *message,
             GlbMcpRoute   *route)
{
  answer_result (route, message, json_object_new ());
}

static void
set_cache (JsonObject *result)
{
  json_object_set_int_member (result, "ttlMs", LIST_TTL_MS);
  json_object_set_string_member (result, "cacheScope", "public");
}

static JsonArray *
make_supported (void)
{
  JsonArray *versions = json_array_new ();

  json_array_add_string_element (versions, STATELESS_VERSION);
  return versions;
}

static void
handle_discover (GlbMcpRouter  *self,
                 GlbMcpMessage *message,
                 GlbMcpRoute   *route)
{
  JsonObject *result = json_object_new ();

  json_object_set_array_member (result, "supportedVersions", make_supported ());
  json_object_set_object_member (result, "capabilities", make_capabilities ());
  json_object_set_string_member (result, "instructions", INSTRUCTIONS);
  set_cache (result);
  answer_result (route, message, result);
}

/* All of them on one page, so no cursor was ever given out. */
static void
handle_tools_list (GlbMcpRouter  *self,
                   GlbMcpMessage *message,
                   GlbMcpRoute   *route)
{
  JsonObject *result;

  if (message->params != NULL && json_object_has_member (message->params, "cursor"))
    {
      answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS,
                    "there is no such cursor: all tools are on the first page", NULL);
      return;
    }

  result = json_object_new ();
  json_object_set_array_member (result, "tools", json_array_ref (self->tools));
  if (route->era == GLB_MCP_ERA_STATELESS)
    set_cache (result);
  answer_result (route, message, result);
}

static void
answer_arguments (GlbMcpRouter  *self,
                  GlbMcpMessage *message,
                  GlbMcpRoute   *route,
                  const char    *wrong)
{
  g_autoptr(JsonObject) refusal = NULL;

  if (route->era == GLB_MCP_ERA_HANDSHAKE && strcmp (self->version, FIRST_READABLE_ERROR) < 0)
    {
      answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS, wrong, NULL);
      return;
    }

  refusal = glb_mcp_result_refusal ("invalid_arguments", wrong);
  answer_result (route, message, glb_mcp_result_of_tool (refusal, NULL, NULL, TRUE));
}

/* Of a call that says none. (transfer full) */
static JsonNode *
make_no_arguments (void)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, json_object_new ());
  return node;
}

/* (nullable): a request of the stateless era has it, any other may. */
static JsonObject *
get_meta (GlbMcpMessage *message)
{
  JsonNode *meta = message->params != NULL ? json_object_get_member (message->params, "_meta") : NULL;

  return meta != NULL && JSON_NODE_HOLDS_OBJECT (meta) ? json_node_get_object (meta) : NULL;
}

/* (nullable) (transfer full) */
static JsonNode *
dup_progress_token (GlbMcpMessage *message)
{
  JsonObject *meta = get_meta (message);
  JsonNode *token = meta != NULL ? json_object_get_member (meta, "progressToken") : NULL;

  return token != NULL && glb_mcp_is_id (token) ? json_node_copy (token) : NULL;
}

static void
handle_tools_call (GlbMcpRouter  *self,
                   GlbMcpMessage *message,
                   GlbMcpRoute   *route)
{
  const char *name = glb_mcp_get_string (message->params, "name");
  JsonObject *tool = name != NULL ? glb_mcp_tools_find (self->tools, name) : NULL;
  JsonNode *given = tool != NULL ? json_object_get_member (message->params, "arguments") : NULL;
  g_autoptr(JsonNode) arguments = NULL;
  g_autofree char *wrong = NULL;

  if (tool == NULL)
    {
      answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS,
                    name == NULL ? "name is missing, or no string" : "there is no such tool; see tools/list", NULL);
      return;
    }

  arguments = given != NULL ? json_node_copy (given) : make_no_arguments ();
  wrong = glb_mcp_schema_check (json_object_get_object_member (tool, "inputSchema"), arguments);
  if (wrong != NULL)
    {
      answer_arguments (self, message, route, wrong);
      return;
    }

  route->kind = GLB_MCP_ROUTE_CALL;
  route->id = json_node_copy (message->id);
  route->key = glb_mcp_id_to_key (message->id);
  route->tool = json_object_get_string_member (tool, "name");
  route->arguments = json_node_dup_object (arguments);
  route->progress_token = dup_progress_token (message);
}

/* ---- eras ------------------------------------------------------------------------ */

static const struct { const char *name; Handler handlers[2]; } methods[] = {
  /*                     handshake          stateless */
  { "initialize",      { handle_initialize, NULL } },
  { "ping",            { handle_ping,       NULL } },
  { "server/discover", { NULL,              handle_discover } },
  { "tools/list",      { handle_tools_list, handle_tools_list } },
  { "tools/call",      { handle_tools_call, handle_tools_call } },
};

static void
answer_version (GlbMcpMessage *message,
                GlbMcpRoute   *route,
                const char    *requested)
{
  g_autoptr(JsonObject) data = json_object_new ();

  json_object_set_array_member (data, "supported", make_supported ());
  json_object_set_string_member (data, "requested", requested);
  answer_error (route, message, GLB_MCP_ERROR_UNSUPPORTED_VERSION, "Unsupported protocol version", data);
}

/* What each request of the stateless era has to carry. FALSE: answered. */
static gboolean
check_meta (GlbMcpMessage *message,
            GlbMcpRoute   *route,
            JsonObject    *meta)
{
  const char *version = glb_mcp_get_string (meta, META_VERSION);
  JsonNode *capabilities = json_object_get_member (meta, META_CAPABILITIES);

  if (version == NULL)
    answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS, "_meta: " META_VERSION " is no string", NULL);
  else if (!g_str_equal (version, STATELESS_VERSION))
    answer_version (message, route, version);
  else if (capabilities == NULL || !JSON_NODE_HOLDS_OBJECT (capabilities))
    answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS, "_meta: " META_CAPABILITIES " is missing, or no object", NULL);
  else
    return TRUE;
  return FALSE;
}

static Handler
find_handler (const char *method,
              GlbMcpEra   era)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, method))
      return methods[i].handlers[era];
  return NULL;
}

static void
route_request (GlbMcpRouter  *self,
               GlbMcpMessage *message,
               GlbMcpRoute   *route)
{
  JsonObject *meta = get_meta (message);
  gboolean stateless = meta != NULL && json_object_has_member (meta, META_VERSION);
  Handler handler;

  route->era = stateless ? GLB_MCP_ERA_STATELESS : GLB_MCP_ERA_HANDSHAKE;
  if (stateless && !check_meta (message, route, meta))
    return;

  handler = find_handler (message->method, route->era);
  if (handler == NULL && !stateless && g_str_equal (message->method, "server/discover"))
    answer_error (route, message, GLB_MCP_ERROR_INVALID_PARAMS, "_meta: " META_VERSION " is missing", NULL);
  else if (handler == NULL)
    answer_error (route, message, GLB_MCP_ERROR_METHOD_NOT_FOUND, "Method not found", NULL);
  else if (!stateless && self->version == NULL && handler != handle_initialize && handler != handle_ping)
    answer_error (route, message, GLB_MCP_ERROR_INVALID_REQUEST,
                  "call initialize first, or say in _meta which version this request is of", NULL);
  else
    handler (self, message, route);
}

/* Others are for servers that do more, or for none: a notification is never answered. */
static void
route_notification (GlbMcpMessage *message,
                    GlbMcpRoute   *route)
{
  JsonNode *id = message->params != NULL ? json_object_get_member (message->params, "requestId") : NULL;

  if (!g_str_equal (message->method, "notifications/cancelled") || id == NULL || !JSON_NODE_HOLDS_VALUE (id))
    return;

  route->kind = GLB_MCP_ROUTE_CANCEL;
  route->key = glb_mcp_id_to_key (id);
}

static GlbMcpRoute *
route_message (GlbMcpRouter  *self,
               GlbMcpMessage *message)
{
  GlbMcpRoute *route = g_new0 (GlbMcpRoute, 1);

  switch (message->kind)
    {
    case GLB_MCP_REQUEST:
      route_request (self, message, route);
      break;
    case GLB_MCP_NOTIFICATION:
      route_notification (message, route);
      break;
    case GLB_MCP_INVALID:
      answer_error (route, message, message->code, message->message, NULL);
      break;
    case GLB_MCP_RESPONSE:
      break;
    }
  return route;
}

static void
route_free (gpointer data)
{
  glb_mcp_route_clear (data);
  g_free (data);
}

GPtrArray *
glb_mcp_router_route (GlbMcpRouter *self,
                      const char   *untrusted_line,
                      gsize         length,
                      gboolean     *is_batch)
{
  gboolean takes_batches = g_strcmp0 (self->version, BATCHES_VERSION) == 0;
  g_autoptr(GPtrArray) messages = glb_mcp_messages_new (untrusted_line, length, takes_batches, is_batch);
  GPtrArray *routes = g_ptr_array_new_with_free_func (route_free);

  for (guint i = 0; i < messages->len; i++)
    g_ptr_array_add (routes, route_message (self, messages->pdata[i]));
  return routes;
}

void
glb_mcp_route_clear (GlbMcpRoute *route)
{
  g_free (route->answer);
  g_clear_pointer (&route->id, json_node_unref);
  g_free (route->key);
  g_clear_pointer (&route->arguments, json_object_unref);
  g_clear_pointer (&route->progress_token, json_node_unref);
}

GlbMcpRouter *
glb_mcp_router_new (void)
{
  GlbMcpRouter *self = g_new0 (GlbMcpRouter, 1);

  self->tools = glb_mcp_tools_list ();
  return self;
}

void
glb_mcp_router_free (GlbMcpRouter *self)
{
  json_array_unref (self->tools);
  g_free (self);
}

JsonArray *
glb_mcp_router_get_tools (GlbMcpRouter *self)
{
  return self->tools;
}
