/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "policies/glb-strict-json.h"
#include "session-broker/mcp/glb-mcp-lines.h"
#include "session-broker/mcp/glb-mcp-router.h"
#include "session-broker/mcp/glb-mcp-schema.h"
#include "session-broker/mcp/glb-mcp-tools.h"

#define META "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define HELLO(version) \
  "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"" version "\",\"capabilities\":{}," \
  "\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}"

static void
route_line (GlbMcpRouter *router,
            const char   *line,
            GlbMcpRoute  *route)
{
  gboolean is_batch;
  g_autoptr(GPtrArray) routes = glb_mcp_router_route (router, line, strlen (line), &is_batch);
  GlbMcpRoute *first = routes->pdata[0];

  g_assert_false (is_batch);
  g_assert_cmpuint (routes->len, ==, 1);
  *route = *first;
  *first = (GlbMcpRoute) { .kind = GLB_MCP_ROUTE_NOTHING };
}

/* (transfer full): the answer to line */
static JsonObject *
ask (GlbMcpRouter *router,
     const char   *line)
{
  g_auto(GlbMcpRoute) route = { .kind = GLB_MCP_ROUTE_NOTHING };
  g_autoptr(JsonNode) node = NULL;

  route_line (router, line, &route);
  g_assert_cmpint (route.kind, ==, GLB_MCP_ROUTE_ANSWER);
  node = json_from_string (route.answer, NULL);
  return json_node_dup_object (node);
}

/* ---- errors ------------------------------------------------------------------------- */

typedef struct
{
  const char *name, *line;
  const char *id;        /* as JSON, of the answer */
  int code;
} Wrong;

static const Wrong wrong[] = {
  { "no-json", "hello", "null", -32700 },
  { "half", "{\"jsonrpc\":\"2.0\",\"id\":1", "null", -32700 },
  { "twice", "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}", "null", -32700 },
  { "not-utf-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", "null", -32700 },
  { "overlong", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xc0\xaf\"}", "null", -32700 },
  { "half-a-character", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xe2\x82\"}", "null", -32700 },
  { "surrogate", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}", "null", -32700 },
  { "nul", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\\u0000x\"}", "null", -32700 },
  { "id-too-large", "{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"ping\"}", "null", -32700 },
  { "batch-of-the-other-era", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}]", "null", -32600 },
  { "comment", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} // x", "null", -32700 },
  { "batch", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", "null", -32600 },
  { "empty-batch", "[]", "null", -32600 },
  { "number", "1", "null", -32600 },
  { "no-version", "{\"id\":1,\"method\":\"ping\"}", "1", -32600 },
  { "version-1", "{\"jsonrpc\":\"1.0\",\"id\":\"x\",\"method\":\"ping\"}", "\"x\"", -32600 },
  { "version-number", "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"ping\"}", "1", -32600 },
  { "id-null", "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "null", -32600 },
  { "id-fraction", "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "null", -32600 },
  { "id-object", "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "null", -32600 },
  { "no-method", "{\"jsonrpc\":\"2.0\",\"id\":1}", "1", -32600 },
  { "method-number", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}", "1", -32600 },
  { "params-array", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", "1", -32602 },
  { "unknown-method", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/list\"}", "1", -32601 },
  { "initialize-without-version", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}", "1", -32602 },
  { "before-initialize", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", "1", -32600 },
  { "discover-without-meta", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}", "1", -32602 },
  { "unsupported-version", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":"
    "{\"io.modelcontextprotocol/protocolVersion\":\"2030-01-01\",\"io.modelcontextprotocol/clientCapabilities\":{}}}}", "1", -32022 },
  { "version-of-meta-number", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":"
    "{\"io.modelcontextprotocol/protocolVersion\":1}}}", "1", -32602 },
  { "no-capabilities", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":"
    "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}", "1", -32602 },
  { "initialize-of-the-other-era", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{" META "}}", "1", -32601 },
  { "ping-of-the-other-era", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}", "1", -32601 },
  { "unknown-tool", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"sudo\"," META "}}", "1", -32602 },
  { "no-tool", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{" META "}}", "1", -32602 },
  { "cursor", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"2\"," META "}}", "1", -32602 },
};

static void
test_wrong (gconstpointer data)
{
  const Wrong *sample = data;
  g_autoptr(GlbMcpRouter) router = glb_mcp_router_new ();
  g_autoptr(JsonObject) answer = ask (router, sample->line);
  g_autofree char *id = json_to_string (json_object_get_member (answer, "id"), FALSE);
  JsonObject *error = json_object_get_object_member (answer, "error");

  g_assert_nonnull (error);
  g_assert_cmpstr (json_object_get_string_member (answer, "jsonrpc"), ==, "2.0");
  g_assert_cmpstr (id, ==, sample->id);
  g_assert_cmpint (json_object_get_int_member (error, "code"), ==, sample->code);
  if (sample->code == -32022)
    {
      JsonObject *told = json_object_get_object_member (error, "data");

      g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (told, "supported"), 0), ==, "2026-07-28");
      g_assert_cmpstr (json_object_get_string_member (told, "requested"), ==, "2030-01-01");
    }
}

/* ---- eras --------------------------------------------------------------------------- */

static void
test_initialize (void)
{
  static const char * const versions[][2] = {
    { HELLO ("2024-11-05"), "2024-11-05" }, { HELLO ("2025-03-26"), "2025-03-26" }, { HELLO ("2025-06-18"), "2025-06-18" },
    { HELLO ("2025-11-25"), "2025-11-25" }, { HELLO ("1999-01-01"), "2025-11-25" }, { HELLO ("2026-07-28"), "2025-11-25" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr(GlbMcpRouter) router = glb_mcp_router_new ();
      g_autoptr(JsonObject) answer = ask (router, versions[i][0]);
      g_autoptr(JsonObject) list = ask (router, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
      JsonObject *result = json_object_get_object_member (answer, "result");

      g_assert_cmpstr (json_object_get_string_member (result, "protocolVersion"), ==, versions[i][1]);
      g_assert_true (json_object_has_member (json_object_get_object_member (result, "capabilities"), "tools"));
      /* an older client may not know what it was never told of */
      g_assert_false (json_object_has_member (json_object_get_object_member (list, "result"), "resultType"));
    }
}

static void
test_discover (void)
{
  g_autoptr(GlbMcpRouter) router = glb_mcp_router_new ();
  g_autoptr(JsonObject) answer = ask (router, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}");
  g_autoptr(JsonObject) list = ask (router, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}");
  JsonObject *results[] = { json_object_get_object_member (answer, "result"), json_object_get_object_member (list, "result") };

  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (results[0], "supportedVersions"), 0), ==, "2026-07-28");
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    {
      JsonObject *meta = json_object_get_object_member (results[i], "_meta");

      g_assert_cmpstr (json_object_get_string_member (results[i], "resultType"), ==, "complete");
      g_assert_cmpint (json_object_get_int_member (results[i], "ttlMs"), >=, 0);
      g_assert_cmpstr (json_object_get_string_member (results[i], "cacheScope"), ==, "public");
      g_assert_true (json_object_has_member (meta, "io.modelcontextprotocol/serverInfo"));
    }
}

/* ---- calls -------------------------------------------------------------------------- */

static void
test_call (void)
{
  g_autoptr(GlbMcpRouter) router = glb_mcp_router_new ();
  g_auto(GlbMcpRoute) route = { .kind = GLB_MCP_ROUTE_NOTHING };

  route_line (router, "{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"method\":\"tools/call\",\"params\":{\"name\":\"exec\",\"arguments\":"
              "{\"session\":\"s\",\"command\":[\"true\"]}," META "}}", &route);
  g_assert_cmpint (route.kind, ==, GLB_MCP_ROUTE_CALL);
  g_assert_cmpint (route.era, ==, GLB_MCP_ERA_STATELESS);
  g_assert_cmpstr (route.tool, ==, "exec");
  g_assert_cmpstr (route.key, ==, "\"7\"");
  g_assert_cmpstr (json_object_get_string_member (route.arguments, "session"), ==, "s");
}

/* A model can read the one, and its client only the other. */
static void
test_arguments (void)
{
  static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"session_start\","
                             "\"arguments\":{\"policy\":\"{}\"}}}";
  g_autoptr(GlbMcpRouter) old = glb_mcp_router_new (), new = glb_mcp_router_new ();
  g_autoptr(JsonObject) hello_old = ask (old, HELLO ("2025-06-18"));
  g_autoptr(JsonObject) hello_new = ask (new, HELLO ("2025-11-25"));
  g_autoptr(JsonObject) from_old = ask (old, line);
  g_autoptr(JsonObject) from_new = ask (new, line);
  JsonObject *result = json_object_get_object_member (from_new, "result");

  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (from_old, "error"), "code"), ==, -32602);
  g_assert_true (json_object_get_boolean_member (result, "isError"));
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (result, "structuredContent"), "code"), ==, "invalid_arguments");
}

static void
test_notifications (void)
{
  static const struct { const char *line; GlbMcpRouteKind kind; const char *key; } samples[] = {
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", GLB_MCP_ROUTE_NOTHING, NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard-of\",\"params\":{\"x\":1}}", GLB_MCP_ROUTE_NOTHING, NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"tools/list\"}", GLB_MCP_ROUTE_NOTHING, NULL },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", GLB_MCP_ROUTE_NOTHING, NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", GLB_MCP_ROUTE_NOTHING, NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":[]}}", GLB_MCP_ROUTE_NOTHING, NULL },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}", GLB_MCP_ROUTE_CANCEL, "1" },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"1\"}}", GLB_MCP_ROUTE_CANCEL, "\"1\"" },
  };
  g_autoptr(GlbMcpRouter) router = glb_mcp_router_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto(GlbMcpRoute) route = { .kind = GLB_MCP_ROUTE_NOTHING };

      route_line (router, samples[i].line, &route);
      g_assert_cmpint (route.kind, ==, samples[i].kind);
      g_assert_cmpstr (route.key, ==, samples[i].key);
    }
}

/* ---- schemas -------------------------------------------------------------------------- */

typedef struct
{
  const char *name, *tool, *arguments;
  const char *wrong;     /* (nullable): a part of what is said */
} Arguments;

static const Arguments arguments[] = {
  { "exec", "exec", "{\"session\":\"s\",\"command\":[\"a\",\"b\"],\"timeoutMs\":5}", NULL },
  { "no-session", "exec", "{\"command\":[\"a\"]}", "session" },
  { "empty-command", "exec", "{\"session\":\"s\",\"command\":[]}", "at least 1" },
  { "command-text", "exec", "{\"session\":\"s\",\"command\":\"rm -rf /\"}", "array" },
  { "command-number", "exec", "{\"session\":\"s\",\"command\":[1]}", "command[0]" },
  { "timeout-zero", "exec", "{\"session\":\"s\",\"command\":[\"a\"],\"timeoutMs\":0}", "at least 1" },
  { "timeout-text", "exec", "{\"session\":\"s\",\"command\":[\"a\"],\"timeoutMs\":\"1\"}", "integer" },
  { "unknown", "exec", "{\"session\":\"s\",\"command\":[\"a\"],\"user\":\"root\"}", "user" },
  { "null", "session_info", "{\"session\":null}", "string" },
  { "no-object", "session_info", "[]", "object" },
  { "long-session", "session_info", "{\"session\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}", "at most 64" },
  { "click", "computer", "{\"session\":\"s\",\"action\":\"left_click\",\"coordinate\":[1,2],\"settle\":true}", NULL },
  { "settle", "computer", "{\"session\":\"s\",\"action\":\"wait\",\"duration\":0.5,\"settle\":{\"quietMs\":5}}", NULL },
  { "settle-text", "computer", "{\"session\":\"s\",\"action\":\"wait\",\"settle\":\"yes\"}", "string" },
  { "settle-unknown", "computer", "{\"session\":\"s\",\"action\":\"wait\",\"settle\":{\"ms\":5}}", "ms" },
  { "three-coordinates", "computer", "{\"session\":\"s\",\"action\":\"left_click\",\"coordinate\":[1,2,3]}", "at most 2" },
  { "fraction", "computer", "{\"session\":\"s\",\"action\":\"left_click\",\"coordinate\":[1.5,2]}", "integer" },
  { "unknown-action", "computer", "{\"session\":\"s\",\"action\":\"format\"}", "one of" },
};

static void
test_schema (gconstpointer data)
{
  const Arguments *sample = data;
  g_autoptr(JsonArray) tools = glb_mcp_tools_list ();
  g_autoptr(JsonNode) node = json_from_string (sample->arguments, NULL);
  JsonObject *schema = json_object_get_object_member (glb_mcp_tools_find (tools, sample->tool), "inputSchema");
  g_autofree char *wrong_part = glb_mcp_schema_check (schema, node);

  if (sample->wrong == NULL)
    g_assert_cmpstr (wrong_part, ==, NULL);
  else
    {
      g_assert_nonnull (wrong_part);
      g_assert_nonnull (strstr (wrong_part, sample->wrong));
    }
}

static void
check_keywords (JsonObject *schema)
{
  static const char * const known[] = {
    "type", "properties", "required", "additionalProperties", "anyOf", "items", "minItems", "maxItems", "minLength", "maxLength", "minimum",
    "maximum", "enum", "description", "default", NULL,
  };
  g_autoptr(GList) members = json_object_get_members (schema);
  JsonObject *properties = json_object_has_member (schema, "properties") ? json_object_get_object_member (schema, "properties") : NULL;
  g_autoptr(GList) names = properties != NULL ? json_object_get_members (properties) : NULL;

  for (GList *l = members; l != NULL; l = l->next)
    if (!g_strv_contains (known, l->data))
      g_error ("the keyword %s of a schema is checked by nobody", (char *) l->data);
  for (GList *l = names; l != NULL; l = l->next)
    check_keywords (json_object_get_object_member (properties, l->data));
  for (guint i = 0; json_object_has_member (schema, "anyOf") && i < json_array_get_length (json_object_get_array_member (schema, "anyOf")); i++)
    check_keywords (json_array_get_object_element (json_object_get_array_member (schema, "anyOf"), i));
  if (json_object_has_member (schema, "items"))
    check_keywords (json_object_get_object_member (schema, "items"));
}

/* What the specification wants of each tool, and what we want of their schemas. */
static void
test_tools (void)
{
  g_autoptr(JsonArray) tools = glb_mcp_tools_list ();

  g_assert_cmpuint (json_array_get_length (tools), >, 0);
  for (guint i = 0; i < json_array_get_length (tools); i++)
    {
      JsonObject *tool = json_array_get_object_element (tools, i);
      const char *name = json_object_get_string_member (tool, "name");
      JsonObject *input = json_object_get_object_member (tool, "inputSchema");
      JsonObject *output = json_object_get_object_member (tool, "outputSchema");

      g_assert_cmpuint (strspn (name, "abcdefghijklmnopqrstuvwxyz_"), ==, strlen (name));
      g_assert_true (glb_mcp_tools_find (tools, name) == tool);
      g_assert_cmpstr (json_object_get_string_member (input, "type"), ==, "object");
      /* but the one that takes any model's call as it is, which its own strict parser reads */
      g_assert_true (g_str_equal (name, "computer") == json_object_get_boolean_member (input, "additionalProperties"));
      g_assert_cmpstr (json_object_get_string_member (output, "type"), ==, "object");
      g_assert_true (json_object_has_member (tool, "annotations"));
      check_keywords (input);
      check_keywords (output);
    }
}

/* ---- lines ------------------------------------------------------------------------------ */

static void
collect (const char *line,
         gsize       length,
         gpointer    user_data)
{
  GString *seen = user_data;

  if (line != NULL)
    g_string_append_len (seen, line, (gssize) length);
  else
    g_string_append (seen, "(too long)");
  g_string_append_c (seen, '|');
}

static void
test_lines (void)
{
  static const char text[] = "one\n\n  \t\r\n12345678\n123456789\nlast\n1234567890123456789012345\nend\nrest";

  /* however it comes in parts */
  for (gsize part = 1; part <= sizeof text; part++)
    {
      g_autoptr(GString) seen = g_string_new (NULL);
      GlbMcpLines lines;

      glb_mcp_lines_init (&lines, 8, collect, seen);
      for (gsize i = 0; i < strlen (text); i += part)
        glb_mcp_lines_feed (&lines, text + i, MIN (part, strlen (text) - i));
      glb_mcp_lines_finish (&lines);
      g_assert_cmpstr (seen->str, ==, "one|12345678|(too long)|last|(too long)|end|");
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = g_strconcat ("/mcp-message/wrong/", wrong[i].name, NULL);

      g_test_add_data_func (path, &wrong[i], test_wrong);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autofree char *path = g_strconcat ("/mcp-message/arguments/", arguments[i].name, NULL);

      g_test_add_data_func (path, &arguments[i], test_schema);
    }
  g_test_add_func ("/mcp-message/initialize", test_initialize);
  g_test_add_func ("/mcp-message/discover", test_discover);
  g_test_add_func ("/mcp-message/call", test_call);
  g_test_add_func ("/mcp-message/bad-arguments", test_arguments);
  g_test_add_func ("/mcp-message/notifications", test_notifications);
  g_test_add_func ("/mcp-message/tools", test_tools);
  g_test_add_func ("/mcp-message/lines", test_lines);
  return g_test_run ();
}
