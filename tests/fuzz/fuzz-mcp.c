/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "policies/glb-strict-json.h"
#include "session-broker/mcp/glb-mcp-lines.h"
#include "session-broker/mcp/glb-mcp-router.h"
#include "session-broker/mcp/glb-mcp-schema.h"
#include "session-broker/mcp/glb-mcp-tools.h"

/* Whatever a client writes: each answer is one line that our own strict parser takes, with either a result or an error; what is
 * handed on to a tool fits its schema, and names it. */

#define LINE_MAX_BYTES 4096

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_answer (const char *answer)
{
  static const GlbStrictJsonLimits limits = { 1024 * 1024, GLB_MCP_DEPTH_MAX + 8 };
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = glb_strict_json_parse (answer, strlen (answer), GLB_STRICT_JSON_DEFAULT, &limits, NULL, &error);
  JsonObject *object;

  g_assert_no_error (error);
  g_assert_null (strchr (answer, '\n'));
  object = json_node_get_object (node);
  g_assert_true (json_object_has_member (object, "id"));
  g_assert_true (json_object_has_member (object, "result") != json_object_has_member (object, "error"));
}

static void
check_call (GlbMcpRouter *router,
            GlbMcpRoute  *route)
{
  JsonObject *tool = glb_mcp_tools_find (glb_mcp_router_get_tools (router), route->tool);
  g_autoptr(JsonNode) arguments = json_node_init_object (json_node_alloc (), route->arguments);

  g_assert_nonnull (tool);
  g_assert_nonnull (route->key);
  g_assert_null (glb_mcp_schema_check (json_object_get_object_member (tool, "inputSchema"), arguments));
}

static void
on_line (const char *line,
         gsize       length,
         gpointer    user_data)
{
  GlbMcpRouter *router = user_data;
  g_autoptr(GPtrArray) routes = NULL;
  gboolean is_batch;

  g_assert_cmpuint (length, <=, LINE_MAX_BYTES);
  if (line == NULL)
    return;

  routes = glb_mcp_router_route (router, line, length, &is_batch);
  g_assert_true (is_batch ? routes->len <= GLB_MCP_BATCH_MAX : routes->len == 1);
  for (guint i = 0; i < routes->len; i++)
    {
      GlbMcpRoute *route = routes->pdata[i];

      if (route->kind == GLB_MCP_ROUTE_ANSWER)
        check_answer (route->answer);
      else if (route->kind == GLB_MCP_ROUTE_CALL)
        check_call (router, route);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GlbMcpRouter) router = glb_mcp_router_new ();
  GlbMcpLines lines;
  gsize half = size / 2;

  glb_mcp_lines_init (&lines, LINE_MAX_BYTES, on_line, router);
  glb_mcp_lines_feed (&lines, (const char *) data, half);
  glb_mcp_lines_feed (&lines, (const char *) data + half, size - half);
  glb_mcp_lines_finish (&lines);
  return 0;
}
