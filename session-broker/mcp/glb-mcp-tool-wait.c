/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include "input-filter/glb-glob.h"
#include "session-broker/mcp/glb-mcp-act.h"
#include "session-broker/mcp/glb-mcp-window.h"

#define TIMEOUT_MS_DEFAULT 10000
/* For the broker's answer, beyond what it waits. */
#define ACT_SPARE_MS       (30 * 1000)

/* First a window, then quiet, each only where it is asked for; or all of what is asked for at once, where the broker waits for it. */
typedef struct
{
  GlbMcpCall *call;
  GlbMcpSession *session;
  gint64 begin, deadline;        /* monotonic, microseconds */
  JsonObject *window;            /* (nullable): the one that came */
  guint timeout_id;
  gulong changed_id, cancelled_id;
} Wait;

static void
stop_watching (Wait *self)
{
  if (self->timeout_id != 0)
    g_source_remove (self->timeout_id);
  if (self->changed_id != 0)
    g_signal_handler_disconnect (self->session, self->changed_id);
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (glb_mcp_call_get_cancellable (self->call), self->cancelled_id);
  self->timeout_id = 0;
  self->changed_id = self->cancelled_id = 0;
}

static void
wait_free (Wait *self)
{
  stop_watching (self);
  g_clear_pointer (&self->window, json_object_unref);
  glb_mcp_call_unref (self->call);
  g_object_unref (self->session);
  g_free (self);
}

static void
refuse_late (Wait       *self,
             const char *what)
{
  glb_mcp_call_refuse (self->call, "timeout", "%s within %" G_GINT64_FORMAT " ms", what, (self->deadline - self->begin) / 1000);
}

static JsonObject *
start_answer (Wait *self)
{
  JsonObject *answer = json_object_new ();

  if (self->window != NULL)
    json_object_set_object_member (answer, "window", json_object_ref (self->window));
  json_object_set_int_member (answer, "waitedMs", (g_get_monotonic_time () - self->begin) / 1000);
  return answer;
}

/* ---- quiet ---------------------------------------------------------------------------- */

/* FALSE: it was delivered. */
static gboolean
refuse_undelivered (Wait       *self,
                    JsonObject *result)
{
  if (g_strcmp0 (json_object_get_string_member_with_default (result, "status", NULL), "delivered") == 0)
    return FALSE;

  glb_mcp_call_refuse (self->call, json_object_get_string_member_with_default (result, "code", "failed"), "%s",
                       json_object_get_string_member_with_default (result, "message", ""));
  return TRUE;
}

static void
return_frame (Wait       *self,
              JsonObject *result)
{
  JsonObject *answer = start_answer (self);

  json_object_set_int_member (answer, "frameId", json_object_get_int_member_with_default (result, "frameId", 0));
  glb_mcp_call_return (self->call, answer, NULL, FALSE);
}

static void
return_quiet (Wait       *self,
              JsonObject *result)
{
  if (refuse_undelivered (self, result))
    return;

  if (json_object_get_boolean_member_with_default (result, "settled", FALSE))
    return_frame (self, result);
  else
    refuse_late (self, "the screen was not quiet");
}

static void
quiet_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Wait *self = user_data;
  g_autoptr(GBytes) png = NULL;
  GError *error = NULL;
  g_autoptr(JsonObject) answer = glb_mcp_act_finish (self->session, result, &png, &error);

  if (answer == NULL)
    glb_mcp_call_refuse_error (self->call, error);
  else
    return_quiet (self, answer);
  wait_free (self);
}

/* An action that does nothing but settle. */
static void
wait_quiet (Wait *self)
{
  g_autoptr(JsonObject) action = json_object_new ();
  JsonObject *settle = json_object_new ();
  gint64 rest_ms = MAX (1, (self->deadline - g_get_monotonic_time ()) / 1000);

  json_object_set_int_member (settle, "quietMs", glb_mcp_call_get_int (self->call, "quietMs", 0));
  json_object_set_int_member (settle, "maxMs", rest_ms);
  json_object_set_string_member (action, "action", "cursor_position");
  json_object_set_object_member (action, "settle", settle);
  glb_mcp_act_async (self->session, action, (guint) rest_ms + ACT_SPARE_MS, glb_mcp_call_get_cancellable (self->call), quiet_cb,
                     self);
}

/* Frees self, now or when it is quiet. */
static void
go_on (Wait *self)
{
  stop_watching (self);
  if (glb_mcp_call_get_int (self->call, "quietMs", 0) > 0)
    {
      wait_quiet (self);
      return;
    }

  glb_mcp_call_return (self->call, start_answer (self), NULL, FALSE);
  wait_free (self);
}

/* ---- a window --------------------------------------------------------------------------- */

static gboolean
matches (GlbMcpCall *call,
         const char *argument,
         GVariant   *window,
         const char *key)
{
  const char *pattern = glb_mcp_call_get_string (call, argument);
  const char *text = "";

  g_variant_lookup (window, key, "&s", &text);
  return pattern == NULL || glb_glob_match (pattern, text);
}

/* (nullable): the topmost that fits */
static JsonObject *
find_window (Wait *self)
{
  GVariant *windows = glb_dbus_session1_get_windows (glb_mcp_session_get_proxy (self->session));

  for (gsize i = windows != NULL ? g_variant_n_children (windows) : 0; i > 0; i--)
    {
      g_autoptr(GVariant) window = g_variant_get_child_value (windows, i - 1);

      if (matches (self->call, "appId", window, "app-id") && matches (self->call, "title", window, "title"))
        return glb_mcp_window_to_json (window);
    }
  return NULL;
}

static void
on_changed (GlbMcpSession *session,
            gpointer       user_data)
{
  Wait *self = user_data;

  if (glb_mcp_session_has_ended (session))
    {
      glb_mcp_call_refuse (self->call, "session_ended", "the session ended before the window came: %s",
                           glb_mcp_session_get_reason (session));
      wait_free (self);
      return;
    }

  self->window = find_window (self);
  if (self->window != NULL)
    go_on (self);
}

static gboolean
on_timeout (gpointer user_data)
{
  Wait *self = user_data;

  self->timeout_id = 0;
  refuse_late (self, "no such window came");
  wait_free (self);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  wait_free (user_data);
}

static void
wait_window (Wait *self)
{
  self->changed_id = g_signal_connect (self->session, "changed", G_CALLBACK (on_changed), self);
  self->cancelled_id = g_signal_connect (glb_mcp_call_get_cancellable (self->call), "cancelled", G_CALLBACK (on_cancelled), self);
  self->timeout_id = g_timeout_add ((guint) ((self->deadline - self->begin) / 1000), on_timeout, self);
  on_changed (self->session, self);
}

/* ---- what the broker waits for ------------------------------------------------------------ */

static const char * const broker_members[] = { "element", "text", "colour", "gone", NULL };

static gboolean
is_for_broker (JsonObject *arguments)
{
  for (guint i = 0; broker_members[i] != NULL; i++)
    if (json_object_has_member (arguments, broker_members[i]))
      return TRUE;
  return FALSE;
}

static void
copy_member (JsonObject *from,
             const char *name,
             JsonObject *to)
{
  if (json_object_has_member (from, name))
    json_object_set_member (to, name, json_node_copy (json_object_get_member (from, name)));
}

static JsonObject *
make_action (Wait *self)
{
  JsonObject *arguments = glb_mcp_call_get_arguments (self->call);
  JsonObject *action = json_object_new ();
  g_autoptr(JsonObject) window = json_object_new ();

  json_object_set_string_member (action, "action", "wait_for");
  for (guint i = 0; broker_members[i] != NULL; i++)
    copy_member (arguments, broker_members[i], action);
  copy_member (arguments, "quietMs", action);
  copy_member (arguments, "appId", window);
  copy_member (arguments, "title", window);
  if (json_object_get_size (window) > 0)
    json_object_set_object_member (action, "window", g_steal_pointer (&window));
  json_object_set_int_member (action, "timeoutMs", (self->deadline - self->begin) / 1000);
  return action;
}

static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Wait *self = user_data;
  g_autoptr(GBytes) png = NULL;
  GError *error = NULL;
  g_autoptr(JsonObject) answer = glb_mcp_act_finish (self->session, result, &png, &error);

  if (answer == NULL)
    glb_mcp_call_refuse_error (self->call, error);
  else if (!refuse_undelivered (self, answer))
    return_frame (self, answer);
  wait_free (self);
}

/* An action of the broker's, which sees elements and colours as they come. */
static void
wait_in_broker (Wait *self)
{
  g_autoptr(JsonObject) action = make_action (self);

  glb_mcp_act_async (self->session, action, (guint) ((self->deadline - self->begin) / 1000) + ACT_SPARE_MS,
                     glb_mcp_call_get_cancellable (self->call), waited_cb, self);
}

void
glb_mcp_tool_wait_for (GlbMcpCall *call)
{
  gboolean wants_window = glb_mcp_call_get_string (call, "appId") != NULL || glb_mcp_call_get_string (call, "title") != NULL;
  gboolean for_broker = is_for_broker (glb_mcp_call_get_arguments (call));
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  Wait *self;

  if (session == NULL)
    return;
  if (!wants_window && !for_broker && glb_mcp_call_get_int (call, "quietMs", 0) == 0)
    {
      glb_mcp_call_refuse (call, "invalid_arguments", "nothing to wait for; give appId, title, element, text, colour or quietMs");
      return;
    }

  self = g_new0 (Wait, 1);
  self->call = glb_mcp_call_ref (call);
  self->session = g_object_ref (session);
  self->begin = g_get_monotonic_time ();
  self->deadline = self->begin + glb_mcp_call_get_int (call, "timeoutMs", TIMEOUT_MS_DEFAULT) * 1000;
  if (for_broker)
    wait_in_broker (self);
  else if (wants_window)
    wait_window (self);
  else
    go_on (self);
}
