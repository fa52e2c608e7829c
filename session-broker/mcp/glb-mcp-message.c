/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-message.h"

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"

const char *
glb_mcp_get_string (JsonObject *untrusted_object,
                    const char *name)
{
  JsonNode *node = untrusted_object != NULL ? json_object_get_member (untrusted_object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

static GlbMcpMessage *
refuse (GlbMcpMessage *self,
        int            code,
        const char    *message)
{
  self->kind = GLB_MCP_INVALID;
  self->code = code;
  g_free (self->message);
  self->message = g_strdup (message);
  return self;
}

gboolean
glb_mcp_is_id (JsonNode *untrusted_id)
{
  return JSON_NODE_HOLDS_VALUE (untrusted_id) &&
         (json_node_get_value_type (untrusted_id) == G_TYPE_STRING || json_node_get_value_type (untrusted_id) == G_TYPE_INT64);
}

/* One thing at a time, so that an error names its cause, and carries the id as soon as that is known. */
static GlbMcpMessage *
read_message (GlbMcpMessage *self,
              JsonObject    *untrusted_object)
{
  JsonNode *id = json_object_get_member (untrusted_object, "id");
  JsonNode *params = json_object_get_member (untrusted_object, "params");
  gboolean is_answer = json_object_has_member (untrusted_object, "result") || json_object_has_member (untrusted_object, "error");

  if (id != NULL && glb_mcp_is_id (id))
    self->id = json_node_copy (id);
  if (g_strcmp0 (glb_mcp_get_string (untrusted_object, "jsonrpc"), "2.0") != 0)
    return refuse (self, GLB_MCP_ERROR_INVALID_REQUEST, "\"jsonrpc\" is not \"2.0\"; only JSON-RPC 2.0 is spoken here");
  if (is_answer && !json_object_has_member (untrusted_object, "method"))
    {
      self->kind = GLB_MCP_RESPONSE;
      return self;
    }
  if (id != NULL && self->id == NULL)
    return refuse (self, GLB_MCP_ERROR_INVALID_REQUEST, "\"id\" is neither a string nor an integer");

  self->method = g_strdup (glb_mcp_get_string (untrusted_object, "method"));
  if (self->method == NULL)
    return refuse (self, GLB_MCP_ERROR_INVALID_REQUEST, "\"method\" is missing, or no string");
  if (params != NULL && !JSON_NODE_HOLDS_OBJECT (params))
    return refuse (self, id != NULL ? GLB_MCP_ERROR_INVALID_PARAMS : GLB_MCP_ERROR_INVALID_REQUEST, "\"params\" is no object");

  self->params = params != NULL ? json_node_dup_object (params) : NULL;
  self->kind = id != NULL ? GLB_MCP_REQUEST : GLB_MCP_NOTIFICATION;
  return self;
}

static GlbMcpMessage *
message_new_from_node (JsonNode *node)
{
  GlbMcpMessage *self = g_new0 (GlbMcpMessage, 1);

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (self, GLB_MCP_ERROR_INVALID_REQUEST, "the message is no object");
  return read_message (self, json_node_get_object (node));
}

static GlbMcpMessage *
message_new_invalid (int         code,
                     const char *message)
{
  return refuse (g_new0 (GlbMcpMessage, 1), code, message);
}

/* (nullable): what is wrong with it */
static const char *
find_fault (JsonArray *batch,
            gboolean   takes_batches)
{
  if (!takes_batches)
    return "batches are not taken; send one message a line";
  if (json_array_get_length (batch) == 0)
    return "the batch is empty";
  return json_array_get_length (batch) > GLB_MCP_BATCH_MAX ? "more than 64 messages in one batch" : NULL;
}

GPtrArray *
glb_mcp_messages_new (const char *untrusted_line,
                      gsize       length,
                      gboolean    takes_batches,
                      gboolean   *is_batch)
{
  static const GlbStrictJsonLimits limits = { GLB_MCP_LINE_MAX, GLB_MCP_DEPTH_MAX };
  GPtrArray *messages = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_mcp_message_free);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = glb_strict_json_parse (untrusted_line, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &error);
  JsonArray *batch = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const char *fault = batch != NULL ? find_fault (batch, takes_batches) : NULL;

  *is_batch = batch != NULL && fault == NULL;
  if (node == NULL)
    g_ptr_array_add (messages, message_new_invalid (GLB_MCP_ERROR_PARSE, error->message));
  else if (fault != NULL)
    g_ptr_array_add (messages, message_new_invalid (GLB_MCP_ERROR_INVALID_REQUEST, fault));
  else if (batch == NULL)
    g_ptr_array_add (messages, message_new_from_node (node));
  else
    for (guint i = 0; i < json_array_get_length (batch); i++)
      g_ptr_array_add (messages, message_new_from_node (json_array_get_element (batch, i)));
  return messages;
}

void
glb_mcp_message_free (GlbMcpMessage *self)
{
  g_clear_pointer (&self->id, json_node_unref);
  g_clear_pointer (&self->params, json_object_unref);
  g_free (self->method);
  g_free (self->message);
  g_free (self);
}

char *
glb_mcp_id_to_key (JsonNode *id)
{
  return glb_json_write (id);
}

static JsonObject *
start_answer (JsonNode *id)
{
  JsonObject *answer = json_object_new ();

  json_object_set_string_member (answer, "jsonrpc", "2.0");
  json_object_set_member (answer, "id", id != NULL ? json_node_copy (id) : json_node_new (JSON_NODE_NULL));
  return answer;
}

static char *
write_object (JsonObject *object)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return glb_json_write (node);
}

char *
glb_mcp_write_result (JsonNode   *id,
                      JsonObject *result)
{
  g_autoptr(JsonObject) answer = start_answer (id);

  json_object_set_object_member (answer, "result", json_object_ref (result));
  return write_object (answer);
}

char *
glb_mcp_write_progress (JsonNode   *token,
                        double      progress,
                        const char *message)
{
  g_autoptr(JsonObject) notification = json_object_new ();
  JsonObject *params = json_object_new ();

  json_object_set_member (params, "progressToken", json_node_copy (token));
  json_object_set_double_member (params, "progress", progress);
  json_object_set_string_member (params, "message", message);
  json_object_set_string_member (notification, "jsonrpc", "2.0");
  json_object_set_string_member (notification, "method", "notifications/progress");
  json_object_set_object_member (notification, "params", params);
  return write_object (notification);
}

char *
glb_mcp_write_error (JsonNode   *id,
                     int         code,
                     const char *message,
                     JsonObject *data)
{
  g_autoptr(JsonObject) answer = start_answer (id);
  JsonObject *error = json_object_new ();

  json_object_set_int_member (error, "code", code);
  json_object_set_string_member (error, "message", message);
  if (data != NULL)
    json_object_set_object_member (error, "data", json_object_ref (data));
  json_object_set_object_member (answer, "error", error);
  return write_object (answer);
}
