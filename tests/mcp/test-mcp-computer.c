/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <webp/decode.h>

#include "tests/mcp/mcp-session.h"

/* The tool computer: calls of several models by what a terminal gets of them, and the pictures that clients ask for. */

/* A terminal whose shell waits for lines and writes each into a file. */
static char *
open_terminal (BrokerFixture *fixture,
               McpClient     *client)
{
  char *session = mcp_start_session (fixture, client, NULL);

  json_object_unref (mcp_call (client, "launch_app", session, ",\"command\":[\"foot\",\"cat\"]"));
  json_object_unref (mcp_call (client, "wait_for", session, ",\"appId\":\"foot\",\"quietMs\":100"));
  return session;
}

typedef struct
{
  char *path;
  const char *expected;
} Written;

static gboolean
is_written (gpointer user_data)
{
  const Written *written = user_data;
  g_autofree char *content = NULL;

  return g_file_get_contents (written->path, &content, NULL, NULL) && g_str_equal (content, written->expected);
}

/* ---- dialects ------------------------------------------------------------------------ */

typedef struct
{
  const char *name;
  const char *dialect;       /* as it is found out */
  const char *call;          /* types "word" and Return */
  const char *id;            /* (nullable): of the provider */
} Typing;

static const Typing typings[] = {
  { "glovebox-batch", "anthropic", ",\"actions\":[{\"action\":\"type\",\"text\":\"wo\"},{\"action\":\"type\",\"text\":\"rd\"},"
    "{\"action\":\"key\",\"text\":\"Return\"}]", NULL },
  { "anthropic", "anthropic", ",\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"computer\",\"input\":{\"action\":\"type\","
    "\"text\":\"word\\n\"}", "toolu_1" },
  { "openai", "openai", ",\"actions\":[{\"type\":\"type\",\"text\":\"word\"},{\"type\":\"keypress\",\"keys\":[\"ENTER\"]},"
    "{\"type\":\"screenshot\"}]", NULL },
  { "openai-call", "openai", ",\"type\":\"computer_call\",\"call_id\":\"call_7\",\"action\":{\"type\":\"type\",\"text\":\"word\\n\"}",
    "call_7" },
  { "gemini", "gemini", ",\"name\":\"type\",\"args\":{\"text\":\"word\",\"press_enter\":true}", NULL },
};

/* By the file that the terminal's program writes, not by the answer. */
static void
test_dialect (BrokerFixture *fixture,
              gconstpointer  data)
{
  const Typing *sample = data;
  g_autofree char *session = NULL;
  g_autofree char *arguments = NULL;
  g_autoptr(JsonObject) result = NULL;
  g_autoptr(GBytes) picture = NULL;
  Written written = { NULL, "word\n" };
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, TRUE);
  session = mcp_start_session (fixture, client, NULL);
  json_object_unref (mcp_call (client, "launch_app", session, ",\"command\":[\"foot\",\"sh\",\"-c\",\"read line; echo $line > typed; cat\"]"));
  json_object_unref (mcp_call (client, "wait_for", session, ",\"appId\":\"foot\",\"quietMs\":100"));
  arguments = g_strconcat (session, sample->call, NULL);
  result = mcp_client_call (client, "computer", arguments, FALSE, &picture);
  written.path = g_build_filename (fixture->workspace, "typed", NULL);
  test_wait (is_written, &written, "what was typed");
  g_assert_cmpstr (json_object_get_string_member (result, "dialect"), ==, sample->dialect);
  g_assert_cmpstr (json_object_get_string_member_with_default (result, "callId", NULL), ==, sample->id);
  g_assert_true (json_object_get_boolean_member (result, "settled") || strstr (sample->call, "screenshot") != NULL);
  g_assert_nonnull (picture);
  mcp_client_close (client);
  g_free (written.path);
}

/* Of a list that is refused nothing is done; what is refused later says how far it came. */
static void
test_batch_refused (BrokerFixture *fixture,
                    gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *arguments = NULL;
  g_autoptr(JsonObject) before = NULL;
  g_autoptr(JsonObject) after = NULL;
  g_autoptr(JsonObject) result = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = open_terminal (fixture, client);
  before = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\"");
  mcp_call_refused (client, "computer", session,
                    ",\"actions\":[{\"action\":\"type\",\"text\":\"x\"},{\"action\":\"key\",\"text\":\"no-such-key\"}]", "malformed");
  mcp_call_refused (client, "computer", session,
                    ",\"actions\":[{\"action\":\"type\",\"text\":\"x\"},{\"action\":\"left_click\",\"coordinate\":[9999,1]}]", "out_of_bounds");
  mcp_call_refused (client, "computer", session, ",\"actions\":[{\"action\":\"type\",\"text\":\"x\"},{\"type\":\"wait\"}]", "malformed");
  mcp_call_refused (client, "computer", session, ",\"action\":\"type\",\"text\":\"x\",\"frameId\":1,\"expect\":{\"nobody\":1}", "malformed");
  mcp_call_refused (client, "computer", session, ",\"type\":\"click\",\"action\":\"left_click\"", "malformed");
  mcp_call_refused (client, "computer", session, "", "malformed");
  after = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\"");
  g_assert_cmpint (json_object_get_int_member (before, "frameId"), ==, json_object_get_int_member (after, "frameId"));

  arguments = g_strconcat (session, ",\"actions\":[{\"action\":\"wait\",\"duration\":0.01},{\"action\":\"key\",\"text\":\"a\","
                           "\"expect\":{\"title\":\"none\"}},{\"action\":\"type\",\"text\":\"x\"}]", NULL);
  result = mcp_client_call (client, "computer", arguments, TRUE, NULL);
  g_assert_cmpstr (json_object_get_string_member (result, "code"), ==, "expectation_failed");
  g_assert_cmpint (json_object_get_int_member (result, "done"), ==, 1);
  mcp_client_close (client);
}

/* A model that was told of half the screen points at half the coordinates, and gets half the picture. */
static void
test_model_size (BrokerFixture *fixture,
                 gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autoptr(JsonObject) started = NULL;
  g_autoptr(GlbDBusSession1) proxy = NULL;
  g_autoptr(JsonObject) moved = NULL;
  g_autoptr(JsonObject) whole = NULL;
  g_autoptr(JsonObject) own = NULL;
  JsonObject *image;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  started = mcp_client_call (client, "session_start", "\"modelSize\":[640,400]", FALSE, NULL);
  proxy = mcp_remember (fixture, json_object_get_string_member (started, "id"));
  session = g_strdup_printf ("\"session\":\"%s\"", json_object_get_string_member (started, "session"));
  moved = mcp_call (client, "computer", session, ",\"action\":\"mouse_move\",\"coordinate\":[320,200]");
  own = mcp_call (client, "computer", session, ",\"action\":\"cursor_position\",\"modelSize\":[1280,800]");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (moved, "pointer"), 0), ==, 320);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (own, "pointer"), 0), ==, 641);
  mcp_call_refused (client, "computer", session, ",\"action\":\"mouse_move\",\"coordinate\":[640,200]", "out_of_bounds");

  whole = mcp_call (client, "computer", session, ",\"action\":\"screenshot\"");
  image = json_object_get_object_member (whole, "image");
  g_assert_cmpint (json_object_get_int_member (image, "width"), ==, 640);
  g_assert_cmpint (json_object_get_int_member (image, "height"), ==, 400);
  g_assert_cmpfloat (json_object_get_double_member (image, "scale"), ==, 1);
  mcp_client_close (client);
}

/* ---- pictures -------------------------------------------------------------------------- */

static void
check_size (const char *mime_type,
            GBytes     *bytes,
            int         width,
            int         height)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  int found_width = 0, found_height = 0;

  if (g_str_equal (mime_type, "image/webp"))
    g_assert_true (WebPGetInfo (data, length, &found_width, &found_height));
  else if (g_str_equal (mime_type, "image/jpeg"))
    {
      struct jpeg_decompress_struct info;
      struct jpeg_error_mgr errors;

      info.err = jpeg_std_error (&errors);
      jpeg_create_decompress (&info);
      jpeg_mem_src (&info, data, length);
      g_assert_cmpint (jpeg_read_header (&info, TRUE), ==, JPEG_HEADER_OK);
      found_width = (int) info.image_width;
      found_height = (int) info.image_height;
      jpeg_destroy_decompress (&info);
    }
  else
    {
      guint32 sizes[2];

      memcpy (sizes, data + 16, sizeof sizes);
      found_width = (int) GUINT32_FROM_BE (sizes[0]);
      found_height = (int) GUINT32_FROM_BE (sizes[1]);
    }
  g_assert_cmpint (found_width, ==, width);
  g_assert_cmpint (found_height, ==, height);
}

static void
check_picture (McpClient  *client,
               const char *session,
               const char *more,
               const char *mime_type,
               int         width,
               int         height)
{
  g_autofree char *arguments = g_strconcat (session, more, NULL);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(JsonObject) result = mcp_client_call (client, "computer", arguments, FALSE, &bytes);
  JsonObject *image = json_object_get_object_member (result, "image");

  g_assert_cmpstr (json_object_get_string_member (image, "mimeType"), ==, mime_type);
  g_assert_cmpint (json_object_get_int_member (image, "width"), ==, width);
  g_assert_cmpint (json_object_get_int_member (image, "height"), ==, height);
  g_assert_cmpint (json_object_get_int_member (result, "frameId"), >, 0);
  check_size (mime_type, bytes, width, height);
}

#define SHOT ",\"action\":\"screenshot\",\"image\":"

static void
test_pictures (BrokerFixture *fixture,
               gconstpointer  data)
{
  g_autofree char *session = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, TRUE);
  session = open_terminal (fixture, client);
  check_picture (client, session, ",\"action\":\"screenshot\"", "image/png", 1280, 800);
  check_picture (client, session, SHOT "{\"format\":\"jpeg\"}", "image/jpeg", 1280, 800);
  check_picture (client, session, SHOT "{\"format\":\"jpeg\",\"quality\":1,\"scale\":0.5}", "image/jpeg", 640, 400);
  check_picture (client, session, SHOT "{\"format\":\"webp\",\"quality\":100,\"maxWidth\":320}", "image/webp", 320, 200);
  check_picture (client, session, SHOT "{\"format\":\"png\",\"region\":[10,20,110,70]}", "image/png", 100, 50);
  check_picture (client, session, SHOT "{\"region\":[1279,799,1280,800],\"scale\":0.05}", "image/png", 1, 1);
  check_picture (client, session, ",\"action\":\"zoom\",\"region\":[0,0,200,100],\"image\":{\"format\":\"webp\"}", "image/webp", 200, 100);
  mcp_call_refused (client, "computer", session, SHOT "{\"region\":[0,0,1281,800]}", "out_of_bounds");
  mcp_call_refused (client, "computer", session, SHOT "{\"region\":[5,5,5,9]}", "out_of_bounds");
  mcp_call_refused (client, "computer", session, SHOT "{\"format\":\"gif\"}", "invalid_arguments");
  mcp_call_refused (client, "computer", session, SHOT "{\"quality\":0}", "invalid_arguments");
  mcp_call_refused (client, "computer", session, SHOT "\"everything\"", "invalid_arguments");
  mcp_client_close (client);
}

/* Only what changed, and no picture where nothing did; a frame that is not the newest any more is refused. */
static void
test_changed (BrokerFixture *fixture,
              gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *type = NULL;
  g_autofree char *wait = NULL;
  g_autofree char *stale = NULL;
  g_autoptr(JsonObject) seen = NULL;
  g_autoptr(JsonObject) typed = NULL;
  g_autoptr(JsonObject) waited = NULL;
  g_autoptr(GBytes) part = NULL;
  g_autoptr(GBytes) none = NULL;
  JsonObject *image, *changed;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, TRUE);
  session = open_terminal (fixture, client);
  seen = mcp_call (client, "computer", session, ",\"action\":\"screenshot\",\"image\":\"none\"");
  type = g_strconcat (session, ",\"action\":\"type\",\"text\":\"abc\",\"image\":\"changed\"", NULL);
  typed = mcp_client_call (client, "computer", type, FALSE, &part);
  changed = json_object_get_object_member (typed, "changed");
  image = json_object_get_object_member (typed, "image");
  g_assert_false (json_object_has_member (seen, "image"));
  g_assert_nonnull (part);
  g_assert_cmpint (json_object_get_int_member (image, "width"), ==, json_object_get_int_member (changed, "width"));
  g_assert_cmpint (json_object_get_int_member (image, "width"), <, 1280);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (image, "region"), 0), ==,
                   json_object_get_int_member (changed, "x"));

  wait = g_strconcat (session, ",\"action\":\"key\",\"text\":\"shift\",\"image\":\"changed\"", NULL);
  waited = mcp_client_call (client, "computer", wait, FALSE, &none);
  g_assert_true (json_object_get_null_member (waited, "changed"));
  g_assert_null (none);
  g_assert_false (json_object_has_member (waited, "image"));

  stale = g_strdup_printf (",\"action\":\"type\",\"text\":\"x\",\"frameId\":%" G_GINT64_FORMAT, json_object_get_int_member (seen, "frameId"));
  mcp_call_refused (client, "computer", session, stale, "stale_frame");
  mcp_client_close (client);
}

/* ---- progress, batches of messages -------------------------------------------------------- */

static gboolean
has_progress (gpointer user_data)
{
  const McpClient *client = user_data;

  return client->n_progress > 0;
}

static void
test_progress (BrokerFixture *fixture,
               gconstpointer  data)
{
  g_autofree char *session = NULL;
  g_autofree char *params = NULL;
  g_autofree char *quiet = NULL;
  g_autofree char *cancel = NULL;
  McpClient *client;
  gint64 id;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_start_client (fixture, FALSE);
  session = mcp_start_session (fixture, client, NULL);
  quiet = g_strdup_printf ("%s,\"command\":[\"sleep\",\"1.5\"]", session);
  json_object_unref (mcp_client_call (client, "exec", quiet, FALSE, NULL));
  /* who does not ask does not hear */
  g_assert_cmpuint (client->n_progress, ==, 0);

  params = g_strdup_printf ("\"name\":\"exec\",\"arguments\":{%s,\"command\":[\"sleep\",\"1000\"]},\"_meta\":{\"progressToken\":\"mine\"}",
                            session);
  id = mcp_client_send (client, "tools/call", params);
  test_wait (has_progress, client, "progress");
  g_assert_false (mcp_client_has (client, id));
  cancel = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%" G_GINT64_FORMAT "}}", id);
  mcp_client_send_line (client, cancel);
  mcp_check_alive (client);
  mcp_client_close (client);
}

/* Only of the version that has them: another client's are refused (see test-mcp). */
static void
test_batches (BrokerFixture *fixture,
              gconstpointer  data)
{
  const char *options[] = { "--workspace", fixture->workspace, NULL };
  g_autofree char *session = NULL;
  g_autofree char *batch = NULL;
  McpClient *client;

  if (!broker_fixture_can_run (TRUE))
    return;

  client = mcp_client_new_of (mcp_get_program (), "2025-03-26", options);
  session = mcp_start_session (fixture, client, NULL);
  batch = g_strdup_printf ("[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"},1,"
                           "{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"method\":\"tools/call\",\"params\":{\"name\":\"exec\",\"arguments\":{%s,"
                           "\"command\":[\"echo\",\"hi\"]}}}]", session);
  mcp_client_send_line (client, batch);
  for (guint i = 0; i < 3; i++)
    {
      static const char * const ids[] = { "\"a\"", "\"b\"", "null" };
      g_autoptr(JsonObject) answer = mcp_client_wait_for (client, ids[i]);

      g_assert_true (json_object_has_member (answer, i < 2 ? "result" : "error"));
    }
  g_assert_cmpuint (client->n_batches, ==, 1);
  /* nothing to answer: no line */
  mcp_client_send_line (client, "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}]");
  mcp_check_alive (client);
  g_assert_cmpuint (client->n_batches, ==, 1);
  mcp_client_close (client);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *path; void (*test) (BrokerFixture *, gconstpointer); } tests[] = {
    { "/mcp-computer/batch-refused", test_batch_refused },
    { "/mcp-computer/model-size", test_model_size },
    { "/mcp-computer/pictures", test_pictures },
    { "/mcp-computer/changed", test_changed },
    { "/mcp-computer/progress", test_progress },
    { "/mcp-computer/batches", test_batches },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  mcp_set_program (argv[1]);
  for (gsize i = 0; i < G_N_ELEMENTS (typings); i++)
    {
      g_autofree char *path = g_strconcat ("/mcp-computer/dialect/", typings[i].name, NULL);

      g_test_add (path, BrokerFixture, &typings[i], broker_fixture_set_up, test_dialect, broker_fixture_tear_down);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, BrokerFixture, NULL, broker_fixture_set_up, tests[i].test, broker_fixture_tear_down);
  return g_test_run ();
}
