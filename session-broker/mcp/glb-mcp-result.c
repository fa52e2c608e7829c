/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-result.h"

#include "policies/glb-json-writer.h"

JsonObject *
glb_mcp_result_server_info (void)
{
  JsonObject *info = json_object_new ();

  json_object_set_string_member (info, "name", GLB_MCP_SERVER_NAME);
  json_object_set_string_member (info, "version", GLOVEBOX_VERSION);
  return info;
}

JsonObject *
glb_mcp_result_finish (GlbMcpEra   era,
                       JsonObject *result)
{
  JsonObject *meta;

  if (era == GLB_MCP_ERA_HANDSHAKE)
    return json_object_ref (result);

  meta = json_object_new ();
  json_object_set_object_member (meta, "io.modelcontextprotocol/serverInfo", glb_mcp_result_server_info ());
  json_object_set_string_member (result, "resultType", "complete");
  json_object_set_object_member (result, "_meta", meta);
  return json_object_ref (result);
}

static JsonObject *
make_text (JsonObject *structured)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), structured);
  g_autofree char *text = glb_json_write (node);
  JsonObject *content = json_object_new ();

  json_object_set_string_member (content, "type", "text");
  json_object_set_string_member (content, "text", text);
  return content;
}

static JsonObject *
make_image (GBytes     *image,
            const char *mime_type)
{
  gsize length;
  const guchar *bytes = g_bytes_get_data (image, &length);
  g_autofree char *data = g_base64_encode (bytes, length);
  JsonObject *content = json_object_new ();

  json_object_set_string_member (content, "type", "image");
  json_object_set_string_member (content, "data", data);
  json_object_set_string_member (content, "mimeType", mime_type);
  return content;
}

JsonObject *
glb_mcp_result_of_tool (JsonObject *structured,
                        GBytes     *image,
                        const char *mime_type,
                        gboolean    is_error)
{
  JsonObject *result = json_object_new ();
  JsonArray *content = json_array_new ();

  json_array_add_object_element (content, make_text (structured));
  if (image != NULL)
    json_array_add_object_element (content, make_image (image, mime_type));
  json_object_set_array_member (result, "content", content);
  json_object_set_object_member (result, "structuredContent", json_object_ref (structured));
  json_object_set_boolean_member (result, "isError", is_error);
  return result;
}

JsonObject *
glb_mcp_result_refusal (const char *code,
                        const char *message)
{
  JsonObject *refusal = json_object_new ();

  json_object_set_string_member (refusal, "code", code);
  json_object_set_string_member (refusal, "message", message);
  return refusal;
}
