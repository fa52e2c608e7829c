/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include <string.h>

#include "session-broker/mcp/glb-mcp-act.h"

/* The longest wait or hold of an action, and its settling. */
#define ACT_DEADLINE_MS    (180 * 1000)
/* As long as a person may think. */
#define ANSWER_DEADLINE_MS ((3600 + 30) * 1000)

/* Where in each PNG its size is: after the signature, and the length and name of its first chunk. */
#define PNG_WIDTH_OFFSET  16
#define PNG_HEIGHT_OFFSET 20

typedef struct
{
  GlbMcpCall *call;
  GlbMcpSession *session;
} Act;

static gboolean
asks_person (const char *action)
{
  return g_str_equal (action, "clipboard_request") || g_str_equal (action, "device_request");
}

/* What only looks has nothing to settle. */
static gboolean
may_change_screen (const char *action)
{
  static const char * const looks[] = { "screenshot", "zoom", "cursor_position", "lease_status", NULL };

  return !asks_person (action) && !g_strv_contains (looks, action);
}

static JsonObject *
make_action (JsonObject *arguments)
{
  JsonObject *action = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, arguments);
  while (json_object_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "session"))
      json_object_set_member (action, name, json_node_copy (value));

  if (!may_change_screen (json_object_get_string_member (action, "action")))
    return action;
  if (!json_object_has_member (action, "settle"))
    json_object_set_boolean_member (action, "settle", TRUE);
  if (!json_object_has_member (action, "screenshot"))
    json_object_set_boolean_member (action, "screenshot", TRUE);
  return action;
}

static guint32
read_be32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_BE (value);
}

static void
add_image (JsonObject *result,
           GBytes     *png)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (png, &length);
  JsonObject *image;

  if (length < PNG_HEIGHT_OFFSET + 4)
    return;

  image = json_object_new ();
  json_object_set_int_member (image, "width", read_be32 (bytes + PNG_WIDTH_OFFSET));
  json_object_set_int_member (image, "height", read_be32 (bytes + PNG_HEIGHT_OFFSET));
  json_object_set_int_member (image, "scale", 1);
  json_object_set_object_member (result, "image", image);
}

static void
act_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autofree Act *act = user_data;
  g_autoptr(GlbMcpCall) call = act->call;
  g_autoptr(GlbMcpSession) session = act->session;
  g_autoptr(GBytes) png = NULL;
  GError *error = NULL;
  JsonObject *answer = glb_mcp_act_finish (session, result, &png, &error);
  const char *status;

  if (answer == NULL)
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }

  if (png != NULL)
    add_image (answer, png);
  status = json_object_get_string_member_with_default (answer, "status", "");
  glb_mcp_call_return (call, answer, png, !g_str_equal (status, "delivered"));
}

void
glb_mcp_tool_computer (GlbMcpCall *call)
{
  g_autoptr(JsonObject) action = NULL;
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  guint deadline_ms;
  Act *act;

  if (session == NULL)
    return;

  action = make_action (glb_mcp_call_get_arguments (call));
  act = g_new (Act, 1);
  act->call = glb_mcp_call_ref (call);
  act->session = g_object_ref (session);
  deadline_ms = asks_person (glb_mcp_call_get_string (call, "action")) ? ANSWER_DEADLINE_MS : ACT_DEADLINE_MS;
  glb_mcp_act_async (session, action, deadline_ms, glb_mcp_call_get_cancellable (call), act_cb, act);
}
