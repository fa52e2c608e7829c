/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-tools.h"

#include "session-broker/mcp/glb-mcp-resources.h"

#define TOOLS_PATH "/org/glovebox/mcp/tools.json"

static JsonObject *
require (JsonArray *names)
{
  JsonObject *schema = json_object_new ();

  json_object_set_array_member (schema, "required", names);
  return schema;
}

static void
add_string_property (JsonObject *properties,
                     const char *name,
                     const char *description)
{
  JsonObject *schema = json_object_new ();

  json_object_set_string_member (schema, "type", "string");
  json_object_set_string_member (schema, "description", description);
  json_object_set_object_member (properties, name, schema);
}

/* What is required holds, or else it is a refusal. */
static void
add_refusal (JsonObject *schema)
{
  JsonObject *properties = json_object_get_object_member (schema, "properties");
  JsonArray *choices = json_array_new (), *refusal = json_array_new ();

  add_string_property (properties, "code", "Why it failed or was refused, for programs.");
  add_string_property (properties, "message", "The same in words.");
  json_array_add_string_element (refusal, "code");
  json_array_add_string_element (refusal, "message");
  json_array_add_object_element (choices, require (json_array_ref (json_object_get_array_member (schema, "required"))));
  json_array_add_object_element (choices, require (refusal));
  json_object_remove_member (schema, "required");
  json_object_set_array_member (schema, "anyOf", choices);
}

static JsonArray *
load_tools (void)
{
  g_autoptr(GBytes) bytes = g_resource_lookup_data (glb_mcp_get_resource (), TOOLS_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr(JsonParser) parser = json_parser_new ();
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  JsonArray *tools;

  /* our own text, not a stranger's: the resource is a part of the program */
  if (!json_parser_load_from_data (parser, text, length, NULL))
    g_error ("tools.json is broken");
  tools = json_array_ref (json_node_get_array (json_parser_get_root (parser)));
  for (guint i = 0; i < json_array_get_length (tools); i++)
    add_refusal (json_object_get_object_member (json_array_get_object_element (tools, i), "outputSchema"));
  return tools;
}

JsonArray *
glb_mcp_tools_list (void)
{
  static JsonArray *tools;

  if (g_once_init_enter (&tools))
    g_once_init_leave (&tools, load_tools ());
  return json_array_ref (tools);
}

JsonObject *
glb_mcp_tools_find (JsonArray  *tools,
                    const char *name)
{
  for (guint i = 0; i < json_array_get_length (tools); i++)
    {
      JsonObject *tool = json_array_get_object_element (tools, i);

      if (g_str_equal (json_object_get_string_member (tool, "name"), name))
        return tool;
    }
  return NULL;
}
