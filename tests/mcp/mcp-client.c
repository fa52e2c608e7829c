/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/mcp/mcp-client.h"

#include "session-broker/mcp/glb-mcp-schema.h"
#include "session-broker/mcp/glb-mcp-tools.h"
#include "tests/broker/broker-fixture.h"

#define STATELESS_META \
  "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}"

static void read_line (McpClient *client);

static void
take_message (McpClient *client,
              JsonNode  *node)
{
  JsonObject *message = json_node_get_object (node);

  if (json_object_has_member (message, "method"))
    {
      g_assert_cmpstr (json_object_get_string_member (message, "method"), ==, "notifications/progress");
      g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (message, "params"), "progressToken"), ==, "mine");
      client->n_progress++;
      return;
    }
  g_assert_true (g_hash_table_insert (client->answers, json_to_string (json_object_get_member (message, "id"), FALSE),
                                      json_object_ref (message)));
}

static void
line_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  McpClient *client = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  g_autoptr(JsonNode) node = line != NULL ? json_from_string (line, NULL) : NULL;

  if (line == NULL)
    {
      client->eof = TRUE;
      return;
    }

  g_assert_nonnull (node);
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      client->n_batches++;
      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        take_message (client, json_array_get_element (json_node_get_array (node), i));
    }
  else
    take_message (client, node);
  read_line (client);
}

static void
read_line (McpClient *client)
{
  g_data_input_stream_read_line_async (client->out, G_PRIORITY_DEFAULT, NULL, line_cb, client);
}

void
mcp_client_send_line (McpClient  *client,
                      const char *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  g_autoptr(GError) error = NULL;

  g_output_stream_write_all (g_subprocess_get_stdin_pipe (client->process), text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

gint64
mcp_client_send (McpClient  *client,
                 const char *method,
                 const char *params)
{
  g_autofree char *line = NULL;

  client->last_id++;
  line = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT ",\"method\":\"%s\",\"params\":{%s%s%s}}", client->last_id,
                          method, client->stateless ? STATELESS_META : "", client->stateless && params != NULL ? "," : "",
                          params != NULL ? params : "");
  mcp_client_send_line (client, line);
  return client->last_id;
}

gint64
mcp_client_send_call (McpClient  *client,
                      const char *tool,
                      const char *arguments)
{
  g_autofree char *params = g_strdup_printf ("\"name\":\"%s\",\"arguments\":{%s}", tool, arguments);

  return mcp_client_send (client, "tools/call", params);
}

typedef struct
{
  McpClient *client;
  const char *id;
} Wanted;

static gboolean
has_answer (gpointer user_data)
{
  Wanted *wanted = user_data;

  g_assert_false (wanted->client->eof);
  return g_hash_table_contains (wanted->client->answers, wanted->id);
}

JsonObject *
mcp_client_wait_for (McpClient  *client,
                     const char *id)
{
  Wanted wanted = { client, id };
  JsonObject *answer;

  test_wait (has_answer, &wanted, "an answer");
  answer = json_object_ref (g_hash_table_lookup (client->answers, id));
  g_hash_table_remove (client->answers, id);
  return answer;
}

JsonObject *
mcp_client_wait (McpClient *client,
                 gint64     id)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  return mcp_client_wait_for (client, key);
}

gboolean
mcp_client_has (McpClient *client,
                gint64     id)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  return g_hash_table_contains (client->answers, key);
}

static GBytes *
take_image (JsonObject *content)
{
  static const struct { const char *mime_type, *start; } formats[] = {
    { "image/png", "\x89PNG" }, { "image/jpeg", "\xff\xd8\xff" }, { "image/webp", "RIFF" },
  };
  gsize length;
  guchar *bytes;

  g_assert_cmpstr (json_object_get_string_member (content, "type"), ==, "image");
  bytes = g_base64_decode (json_object_get_string_member (content, "data"), &length);
  g_assert_cmpuint (length, >, 8);
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    g_assert_true (!g_str_equal (formats[i].mime_type, json_object_get_string_member (content, "mimeType")) ||
                   memcmp (bytes, formats[i].start, strlen (formats[i].start)) == 0);
  return g_bytes_new_take (bytes, length);
}

static void
check_structured (McpClient  *client,
                  const char *tool,
                  JsonNode   *structured)
{
  JsonObject *schema = json_object_get_object_member (glb_mcp_tools_find (client->tools, tool), "outputSchema");
  g_autofree char *wrong = glb_mcp_schema_check (schema, structured);

  g_assert_cmpstr (wrong, ==, NULL);
}

JsonObject *
mcp_client_call (McpClient   *client,
                 const char  *tool,
                 const char  *arguments,
                 gboolean     is_error,
                 GBytes     **png)
{
  g_autoptr(JsonObject) answer = mcp_client_wait (client, mcp_client_send_call (client, tool, arguments));
  JsonObject *result = json_object_get_object_member (answer, "result");
  JsonArray *content;
  JsonNode *structured;

  g_assert_nonnull (result);
  content = json_object_get_array_member (result, "content");
  structured = json_object_get_member (result, "structuredContent");
  if (json_object_get_boolean_member (result, "isError") != is_error)
    g_error ("%s: %s", tool, json_object_get_string_member (json_array_get_object_element (content, 0), "text"));
  check_structured (client, tool, structured);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (content, 0), "type"), ==, "text");
  g_assert_cmpstr (json_object_get_string_member_with_default (result, "resultType", NULL), ==,
                   client->stateless ? "complete" : NULL);
  if (png != NULL)
    *png = json_array_get_length (content) > 1 ? take_image (json_array_get_object_element (content, 1)) : NULL;
  return json_node_dup_object (structured);
}

void
mcp_client_call_refused (McpClient  *client,
                         const char *tool,
                         const char *arguments,
                         const char *code)
{
  g_autoptr(JsonObject) structured = mcp_client_call (client, tool, arguments, TRUE, NULL);

  g_assert_cmpstr (json_object_get_string_member (structured, "code"), ==, code);
}

static void
say_hello (McpClient *client)
{
  g_autofree char *hello_params = NULL;
  g_autoptr(JsonObject) hello = NULL;
  g_autoptr(JsonObject) list = NULL;

  hello_params = g_strdup_printf ("\"protocolVersion\":\"%s\",\"capabilities\":{},\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}",
                                  client->version);
  hello = mcp_client_wait (client, client->stateless ? mcp_client_send (client, "server/discover", NULL)
                           : mcp_client_send (client, "initialize", hello_params));
  g_assert_true (json_object_has_member (hello, "result"));
  if (!client->stateless)
    mcp_client_send_line (client, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
  list = mcp_client_wait (client, mcp_client_send (client, "tools/list", NULL));
  client->tools = json_array_ref (json_object_get_array_member (json_object_get_object_member (list, "result"), "tools"));
}

/* version: (nullable): the stateless one */
static McpClient *
client_new (const char         *glovebox,
            const char         *version,
            const char * const *options)
{
  McpClient *client = g_new0 (McpClient, 1);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;

  g_ptr_array_add (argv, (gpointer) glovebox);
  g_ptr_array_add (argv, (gpointer) "mcp");
  for (guint i = 0; options[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) options[i]);
  g_ptr_array_add (argv, NULL);
  client->stateless = version == NULL;
  client->version = version;
  client->process = g_subprocess_newv ((const char * const *) argv->pdata,
                                       G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  client->out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (client->process));
  client->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  read_line (client);
  say_hello (client);
  return client;
}

McpClient *
mcp_client_new (const char         *glovebox,
                gboolean            stateless,
                const char * const *options)
{
  return client_new (glovebox, stateless ? NULL : "2025-11-25", options);
}

McpClient *
mcp_client_new_of (const char         *glovebox,
                   const char         *version,
                   const char * const *options)
{
  return client_new (glovebox, version, options);
}

static gboolean
is_eof (gpointer user_data)
{
  McpClient *client = user_data;

  return client->eof;
}

void
mcp_client_free (McpClient *client)
{
  test_wait (is_eof, client, "the server's output to end");
  g_object_unref (client->out);
  g_object_unref (client->process);
  g_hash_table_unref (client->answers);
  json_array_unref (client->tools);
  g_free (client);
}

void
mcp_client_close (McpClient *client)
{
  g_autoptr(GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (client->process), NULL, &error);
  g_assert_no_error (error);
  test_wait (is_eof, client, "the server's output to end");
  g_subprocess_wait (client->process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (client->process));
  g_assert_cmpint (g_subprocess_get_exit_status (client->process), ==, 0);
  mcp_client_free (client);
}
