/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What happens in a session, told to the person's clients as it happens: Trace
 * of org.glovebox.Session1, see docs/trace.md. Typed text is in it as it was
 * typed. Nobody traces: nothing of this costs anything.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "input-filter/glb-trace-gestures.h"
#include "session-broker/broker/glb-approval.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/broker/glb-trace-elements.h"
#include "session-broker/broker/glb-trace.h"
#include "session-broker/client/glb-broker-error.h"

#define TRACES_MAX    4u
/* When the screen counts as still after an action. */
#define QUIET_MS      50
#define SETTLE_MAX_MS 2000
/* Actions whose screen is waited for at the same time: a session that never rests must not pile them up. */
#define SETTLING_MAX  32u

typedef struct
{
  GlbTrace *trace;
  guint64 number;
  gboolean stdio;
} Listener;

/* Of a session that somebody traces. */
struct _GlbSessionTraces
{
  GPtrArray *listeners;      /* (element-type Listener) */
  gboolean windows_changed;  /* and no record says so yet */
  GArray *told;              /* of GlbShimWindow: as the last record has them */
  GlbTraceGestures *gestures;   /* (nullable): of the person who drives */
  GlbTraceElements *elements;   /* (nullable): likewise */
  guint gesture_id;
};

typedef struct
{
  GlbSession *self;
  guint64 action;
} Settling;

static void
listener_free (gpointer data)
{
  Listener *listener = data;

  g_object_unref (listener->trace);
  g_free (listener);
}

/* ---- records --------------------------------------------------------------------- */

/* Takes fields, which may be anything's, and puts what each record has before them. */
static JsonNode *
make_record (GlbSession *self, const char *type, JsonObject *fields)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *record = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_set_string_member (record, "type", type);
  json_object_set_int_member (record, "timeUs", g_get_real_time ());
  json_object_set_int_member (record, "frame", self->compositor != NULL ? glb_compositor_get_newest_frame (self->compositor) : 0);
  json_object_iter_init (&iter, fields);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (record, name, json_node_copy (value));
  json_object_unref (fields);
  json_node_take_object (node, record);
  return node;
}

static void
send (GlbSession *self, const char *type, JsonObject *fields, gboolean stdio_only)
{
  g_autoptr(JsonNode) record = make_record (self, type, fields);

  for (guint i = 0; i < self->traces->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->traces->listeners, i);

      if (!stdio_only || listener->stdio)
        glb_trace_write (listener->trace, record);
    }
}

static JsonObject *
describe_window (const GlbShimWindow *window, guint32 focus)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "window", window->id);
  json_object_set_int_member (object, "parent", window->parent);
  json_object_set_string_member (object, "appId", window->app_id);
  json_object_set_string_member (object, "title", window->title);
  json_object_set_int_member (object, "x", window->geometry.x);
  json_object_set_int_member (object, "y", window->geometry.y);
  json_object_set_int_member (object, "width", window->geometry.width);
  json_object_set_int_member (object, "height", window->geometry.height);
  json_object_set_boolean_member (object, "focused", window->id == focus);
  json_object_set_boolean_member (object, "maximized", (window->flags & GLB_SHIM_WINDOW_MAXIMIZED) != 0);
  json_object_set_boolean_member (object, "x11", (window->flags & GLB_SHIM_WINDOW_X11) != 0);
  return object;
}

static JsonObject *
describe_windows (GlbSession *self)
{
  JsonObject *fields = json_object_new ();
  JsonArray *array = json_array_new ();
  guint focus = 0;
  const GArray *windows = self->compositor != NULL ? glb_compositor_get_windows (self->compositor, &focus) : NULL;

  for (guint i = 0; windows != NULL && i < windows->len; i++)
    json_array_add_object_element (array, describe_window (&g_array_index (windows, GlbShimWindow, i), focus));
  json_object_set_array_member (fields, "windows", array);
  return fields;
}

static JsonArray *
describe_command (GlbSession *self)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; self->request->argv[i] != NULL; i++)
    json_array_add_string_element (array, self->request->argv[i]);
  return array;
}

static JsonObject *
describe_session (GlbSession *self)
{
  const GlbPolicy *policy = self->request->policy;
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "version", 1);
  json_object_set_string_member (fields, "id", self->id);
  json_object_set_string_member (fields, "name", self->name);
  json_object_set_array_member (fields, "command", describe_command (self));
  json_object_set_member (fields, "policy", json_from_string (glb_policy_get_canonical (policy), NULL));
  json_object_set_string_member (fields, "policyHash", glb_policy_get_hash (policy));
  json_object_set_int_member (fields, "width", self->compositor != NULL ? policy->desktop.width : 0);
  json_object_set_int_member (fields, "height", self->compositor != NULL ? policy->desktop.height : 0);
  json_object_set_string_member (fields, "driver", glb_driver_to_string (self->lease.driver));
  json_object_set_int_member (fields, "epoch", self->lease.epoch);
  json_object_set_int_member (fields, "startedUs", glb_dbus_session1_get_started (self->skeleton));
  return fields;
}

static gboolean
is_told (GlbSession *self, const GlbShimWindow *window)
{
  for (guint i = 0; i < self->traces->told->len; i++)
    {
      const GlbShimWindow *told = &g_array_index (self->traces->told, GlbShimWindow, i);

      if (told->id == window->id)
        return memcmp (&told->geometry, &window->geometry, sizeof told->geometry) == 0;
    }
  return FALSE;
}

/* Whether all windows are where the last record says. */
static gboolean
are_told (GlbSession *self)
{
  guint focus;
  const GArray *windows = glb_compositor_get_windows (self->compositor, &focus);

  for (guint i = 0; i < windows->len; i++)
    if (!is_told (self, &g_array_index (windows, GlbShimWindow, i)))
      return FALSE;
  return TRUE;
}

static void
keep_told (GlbSession *self)
{
  guint focus;
  const GArray *windows = self->compositor != NULL ? glb_compositor_get_windows (self->compositor, &focus) : NULL;

  g_array_set_size (self->traces->told, 0);
  if (windows != NULL)
    g_array_append_vals (self->traces->told, windows->data, windows->len);
}

/* Windows are told of when their time has come, but always before what may come of them. */
void
glb_session_trace_windows (GlbSession *self)
{
  if (self->traces == NULL || !self->traces->windows_changed)
    return;

  self->traces->windows_changed = FALSE;
  keep_told (self);
  send (self, "windows", describe_windows (self), FALSE);
}

/* Titles may change with each frame, so they wait. Who masks windows has to hear of each place in which one ever was. */
void
glb_session_note_windows (GlbSession *self)
{
  if (self->traces == NULL)
    return;
  self->traces->windows_changed = TRUE;
  if (self->compositor != NULL && !are_told (self))
    glb_session_trace_windows (self);
}

gboolean
glb_session_is_traced (GlbSession *self)
{
  return self->traces != NULL;
}

void
glb_session_trace (GlbSession *self, const char *type, JsonObject *fields)
{
  if (self->traces == NULL)
    {
      json_object_unref (fields);
      return;
    }

  glb_session_trace_windows (self);
  send (self, type, fields, FALSE);
}

/* ---- actions ------------------------------------------------------------------------ */

static void
send_settled (GlbSession *self, guint64 action, const GlbShimSettled *settled)
{
  JsonObject *fields = json_object_new ();
  const GlbShimRect *changed = &settled->bounds;

  json_object_set_int_member (fields, "action", action);
  json_object_set_boolean_member (fields, "settled", settled->settled != 0);
  if (changed->width > 0 && changed->height > 0)
    {
      JsonObject *rect = json_object_new ();

      json_object_set_int_member (rect, "x", changed->x);
      json_object_set_int_member (rect, "y", changed->y);
      json_object_set_int_member (rect, "width", changed->width);
      json_object_set_int_member (rect, "height", changed->height);
      json_object_set_object_member (fields, "changed", rect);
    }
  else
    json_object_set_null_member (fields, "changed");
  glb_session_trace (self, "settled", fields);
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Settling *settling = user_data;
  g_autoptr(GlbSession) self = settling->self;
  g_autoptr(GError) error = NULL;
  GlbShimSettled settled;

  self->n_settling--;
  /* else the compositor has ended, and with it the session */
  if (glb_compositor_settle_finish (GLB_COMPOSITOR (source), result, &settled, &error))
    send_settled (self, settling->action, &settled);
}

static void
await_settled (GlbSession *self, guint64 action, guint64 since_frame)
{
  Settling *settling;

  if (self->n_settling >= SETTLING_MAX)
    {
      const GlbShimSettled unknown = { 0 };

      send_settled (self, action, &unknown);
      return;
    }

  settling = g_new0 (Settling, 1);
  settling->self = g_object_ref (self);
  settling->action = action;
  self->n_settling++;
  glb_compositor_settle_async (self->compositor, QUIET_MS, SETTLE_MAX_MS, since_frame, settled_cb, settling);
}

void
glb_session_trace_action (GlbSession *self, const GlbActionRecord *record)
{
  JsonObject *fields;

  if (self->traces == NULL)
    return;

  self->n_traced++;
  fields = json_object_new ();
  json_object_set_int_member (fields, "number", self->n_traced);
  json_object_set_string_member (fields, "actor", glb_driver_to_string (record->actor));
  json_object_set_member (fields, "action", json_node_copy (record->action));
  json_object_set_member (fields, "result", json_node_copy (record->result));
  if (record->window != NULL)
    json_object_set_object_member (fields, "window", describe_window (record->window, 0));
  else
    json_object_set_null_member (fields, "window");
  if (record->element != NULL)
    json_object_set_member (fields, "element", json_node_copy (record->element));
  else
    json_object_set_null_member (fields, "element");
  json_object_set_int_member (fields, "beganUs", record->began_us);
  json_object_set_int_member (fields, "frameBefore", record->frame_before);
  glb_session_trace (self, "action", fields);
  if (glb_compositor_is_alive (self->compositor))
    await_settled (self, self->n_traced, record->frame_before);
}

/* ---- a person's input -------------------------------------------------------------------- */

static gboolean
is_of_keys (JsonNode *action)
{
  static const char * const names[] = { "type", "key", "hold_key", NULL };

  return g_strv_contains (names, json_object_get_string_member (json_node_get_object (action), "action"));
}

static void
trace_gesture (GlbSession *self, const GlbTraceGesture *gesture)
{
  g_autoptr(JsonNode) result = json_from_string ("{\"status\":\"delivered\"}", NULL);
  const GlbActionRecord record = {
    .actor = GLB_DRIVER_HUMAN, .action = gesture->action, .result = result, .window = gesture->window.id != 0 ? &gesture->window : NULL,
    .element = glb_trace_elements_find (self->traces->elements, !is_of_keys (gesture->action), gesture->began_us),
    .began_us = g_get_real_time () - (g_get_monotonic_time () - gesture->began_us), .frame_before = gesture->frame,
  };

  glb_session_trace_action (self, &record);
}

static gboolean on_gesture_due (gpointer user_data);

static void
trace_gestures (GlbSession *self)
{
  GlbSessionTraces *traces = self->traces;
  GlbTraceGesture *gesture;
  gint64 due_us = glb_trace_gestures_get_due (traces->gestures);

  while ((gesture = glb_trace_gestures_take (traces->gestures)) != NULL)
    {
      trace_gesture (self, gesture);
      glb_trace_gesture_free (gesture);
    }
  g_clear_handle_id (&traces->gesture_id, g_source_remove);
  if (due_us != G_MAXINT64)
    traces->gesture_id = g_timeout_add (MAX (due_us - g_get_monotonic_time (), 0) / 1000 + 1, on_gesture_due, self);
}

static gboolean
on_gesture_due (gpointer user_data)
{
  GlbSession *self = user_data;

  self->traces->gesture_id = 0;
  glb_trace_gestures_pass (self->traces->gestures, g_get_monotonic_time ());
  trace_gestures (self);
  return G_SOURCE_REMOVE;
}

void
glb_session_trace_input (GlbSession *self, const GlbShimEvent *events, guint n_events)
{
  GlbSessionTraces *traces = self->traces;
  GlbInputScene scene = { 0 };
  const GlbTraceMoment moment = {
    g_get_monotonic_time (), glb_compositor_get_newest_frame (self->compositor), &scene
  };

  if (traces == NULL)
    return;

  glb_compositor_get_scene (self->compositor, &scene);
  if (traces->gestures == NULL)
    {
      traces->gestures = glb_trace_gestures_new (self->request->input_rules->keys, scene.pointer_x, scene.pointer_y);
      traces->elements = glb_trace_elements_new (self->accessibility, scene.pointer_x, scene.pointer_y);
    }
  for (guint i = 0; i < n_events; i++)
    {
      glb_trace_elements_add (traces->elements, &events[i], moment.time_us);
      glb_trace_gestures_add (traces->gestures, &events[i], &moment);
    }
  trace_gestures (self);
}

static void
free_gestures (GlbSessionTraces *traces)
{
  g_clear_handle_id (&traces->gesture_id, g_source_remove);
  g_clear_pointer (&traces->gestures, glb_trace_gestures_free);
  g_clear_pointer (&traces->elements, glb_trace_elements_free);
}

void
glb_session_trace_release (GlbSession *self)
{
  if (self->traces == NULL || self->traces->gestures == NULL)
    return;

  glb_trace_gestures_release (self->traces->gestures, g_get_monotonic_time ());
  trace_gestures (self);
  free_gestures (self->traces);
}

/* ---- what commands write ------------------------------------------------------------------- */

void
glb_session_trace_output (GlbSession *self, guint64 command, guint stream, const char *untrusted_bytes, gsize length)
{
  JsonObject *fields;

  if (self->traces == NULL)
    return;

  fields = json_object_new ();
  json_object_set_int_member (fields, "command", command);
  json_object_set_int_member (fields, "stream", stream);
  if (g_utf8_validate_len (untrusted_bytes, length, NULL))
    {
      g_autofree char *text = g_strndup (untrusted_bytes, length);

      json_object_set_string_member (fields, "text", text);
    }
  else
    {
      g_autofree char *base64 = g_base64_encode ((const guchar *) untrusted_bytes, length);

      json_object_set_string_member (fields, "base64", base64);
    }
  send (self, "output", fields, TRUE);
}

/* ---- the driver ------------------------------------------------------------------------- */

void
glb_session_trace_driver (GlbSession *self)
{
  JsonObject *fields;

  if (self->traces == NULL)
    return;

  fields = json_object_new ();
  json_object_set_string_member (fields, "driver", glb_driver_to_string (self->lease.driver));
  json_object_set_int_member (fields, "epoch", self->lease.epoch);
  glb_session_trace (self, "driver", fields);
}

/* ---- begin and end ---------------------------------------------------------------------- */

static void
audit_ended (GlbSession *self, const Listener *listener, const char *why)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "trace", listener->number);
  json_object_set_string_member (fields, "why", why);
  json_object_set_int_member (fields, "lines", glb_trace_get_n_lines (listener->trace));
  json_object_set_int_member (fields, "bytes", glb_trace_get_n_bytes (listener->trace));
  if (self->audit != NULL)
    glb_session_audit (self, "trace-ended", GLB_DRIVER_HUMAN, fields, NULL);
}

static void
on_trace_ended (GlbTrace *trace, const char *why, gpointer user_data)
{
  g_autoptr(GlbSession) self = g_object_ref (GLB_SESSION (user_data));

  for (guint i = 0; self->traces != NULL && i < self->traces->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->traces->listeners, i);

      if (listener->trace != trace)
        continue;
      audit_ended (self, listener, why);
      g_ptr_array_remove_index (self->traces->listeners, i);
      break;
    }
  if (self->traces != NULL && self->traces->listeners->len == 0)
    glb_session_free_traces (self);
}

void
glb_session_free_traces (GlbSession *self)
{
  GlbSessionTraces *traces = g_steal_pointer (&self->traces);

  if (traces == NULL)
    return;
  for (guint i = 0; i < traces->listeners->len; i++)
    g_signal_handlers_disconnect_by_data (((Listener *) g_ptr_array_index (traces->listeners, i))->trace, self);
  free_gestures (traces);
  g_array_unref (traces->told);
  g_ptr_array_unref (traces->listeners);
  g_free (traces);
}

void
glb_session_end_traces (GlbSession *self)
{
  JsonObject *fields;

  if (self->traces == NULL)
    return;

  fields = json_object_new ();
  json_object_set_string_member (fields, "reason", glb_end_reason_to_string (self->reason));
  if (self->detail != NULL)
    json_object_set_string_member (fields, "detail", self->detail);
  glb_session_trace (self, "end", fields);
  for (guint i = 0; i < self->traces->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->traces->listeners, i);

      audit_ended (self, listener, "session-ended");
      glb_trace_finish (listener->trace);
    }
  glb_session_free_traces (self);
}

/* The new one begins with what is there. */
static void
begin (GlbSession *self, GlbTrace *trace, gboolean stdio)
{
  g_autoptr(JsonNode) session = make_record (self, "session", describe_session (self));
  g_autoptr(JsonNode) windows = make_record (self, "windows", describe_windows (self));
  Listener *listener = g_new0 (Listener, 1);

  if (self->traces == NULL)
    {
      self->traces = g_new0 (GlbSessionTraces, 1);
      self->traces->listeners = g_ptr_array_new_with_free_func (listener_free);
      self->traces->told = g_array_new (FALSE, FALSE, sizeof (GlbShimWindow));
    }
  listener->trace = g_object_ref (trace);
  listener->number = self->n_traces;
  listener->stdio = stdio;
  g_ptr_array_add (self->traces->listeners, listener);
  g_signal_connect (trace, "ended", G_CALLBACK (on_trace_ended), self);
  glb_trace_write (trace, session);
  glb_trace_write (trace, windows);
}

static gboolean
audit_began (GlbSession *self, gboolean stdio, GError **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "trace", self->n_traces + 1);
  json_object_set_boolean_member (fields, "stdio", stdio);
  return glb_session_audit (self, "trace-began", GLB_DRIVER_HUMAN, fields, error);
}

/* (nullable): why it may not be traced */
static const char *
why_not_traced (GlbSession *self)
{
  switch (self->state)
    {
    case GLB_SESSION_STARTING: return "it is still starting; try again";
    case GLB_SESSION_RUNNING:
    case GLB_SESSION_PAUSED:   break;
    default:                   return "it has ended; start a new one";
    }
  return self->traces != NULL && self->traces->listeners->len >= TRACES_MAX ? "it has 4 traces already; end one of them" : NULL;
}

/* Typed text is in a trace: it is for the person's own clients, whatever else may be let in to see a session. */
static gboolean
is_for (GDBusMethodInvocation *invocation)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (invocation);
  GCredentials *peer = g_dbus_connection_get_peer_credentials (connection);

  return glb_approval_of (invocation) == NULL && g_dbus_connection_get_unique_name (connection) == NULL && peer != NULL &&
         g_credentials_get_unix_user (peer, NULL) == geteuid ();
}

static gboolean
handle_trace (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fd_list, GVariant *options, GlbSession *self)
{
  static const GlbOption known[] = { { "stdio", "b" }, { NULL } };
  const char *why = why_not_traced (self);
  g_autoptr(GlbTrace) trace = NULL;
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GError) error = NULL;
  gboolean stdio = FALSE;
  int reader;

  if (!is_for (invocation))
    g_set_error_literal (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "trace: only the person whose broker this is may trace");
  else if (why != NULL)
    g_set_error (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "session %s: %s", self->name, why);
  else if (glb_run_request_check_options ("trace", options, known, &error))
    g_variant_lookup (options, "stdio", "b", &stdio);
  if (error != NULL || !audit_began (self, stdio, &error) || (trace = glb_trace_new (&reader, &error)) == NULL)
    {
      g_dbus_method_invocation_take_error (invocation, glb_session_map_error (error));
      return TRUE;
    }

  self->n_traces++;
  begin (self, trace, stdio);
  list = g_unix_fd_list_new_from_array (&reader, 1);
  glb_dbus_session1_complete_trace (object, invocation, list, g_variant_new_handle (0));
  return TRUE;
}

void
glb_session_export_trace (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-trace", G_CALLBACK (handle_trace), self, 0);
}
