/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The methods of org.glovebox.Session1. Each that has an effect is recorded before the effect. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <linux/input-event-codes.h>
#include <signal.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "session-broker/broker/glb-session-call.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

/* A person's events are counted into one record this often. */
#define HUMAN_RECORD_MS 1000
/* Windows' titles may change with each frame. */
#define WINDOWS_MS      50

guint64
glb_session_holder_of (GDBusConnection *client)
{
  /* a connection lives at least as long as its lease */
  return (guint64) (gsize) client;
}

/* NULL: may be used. The one gate of all methods that need a living session. */
static const char *
why_not_alive (GlbSession *self)
{
  switch (self->state)
    {
    case GLB_SESSION_STARTING: return "it is still starting; try again";
    case GLB_SESSION_RUNNING:
    case GLB_SESSION_PAUSED:   return NULL;
    default:                   return "it has ended; start a new one";
    }
}

static const char *
why_no_desktop (GlbSession *self)
{
  const char *why = why_not_alive (self);

  return why != NULL ? why : self->compositor == NULL ? "it has no display; use --tier session" : NULL;
}

/* ---- windows ----------------------------------------------------------------- */

static gboolean
on_windows_timeout (gpointer user_data)
{
  GlbSession *self = user_data;
  guint focus;
  const GArray *windows = glb_compositor_get_windows (self->compositor, &focus);
  GVariantBuilder builder;

  self->windows_id = 0;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < windows->len; i++)
    {
      const GlbShimWindow *window = &g_array_index (windows, GlbShimWindow, i);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "id", "u", window->id);
      g_variant_dict_insert (&dict, "parent", "u", window->parent);
      g_variant_dict_insert (&dict, "app-id", "s", window->app_id);
      g_variant_dict_insert (&dict, "title", "s", window->title);
      g_variant_dict_insert (&dict, "x", "i", window->geometry.x);
      g_variant_dict_insert (&dict, "y", "i", window->geometry.y);
      g_variant_dict_insert (&dict, "width", "i", window->geometry.width);
      g_variant_dict_insert (&dict, "height", "i", window->geometry.height);
      g_variant_dict_insert (&dict, "focused", "b", window->id == focus);
      g_variant_dict_insert (&dict, "maximized", "b", (window->flags & GLB_SHIM_WINDOW_MAXIMIZED) != 0);
      g_variant_dict_insert (&dict, "x11", "b", (window->flags & GLB_SHIM_WINDOW_X11) != 0);
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  glb_dbus_session1_set_windows (self->skeleton, g_variant_builder_end (&builder));
  glb_session_trace_windows (self);
  return G_SOURCE_REMOVE;
}

void
glb_session_update_windows (GlbSession *self)
{
  glb_session_note_windows (self);
  if (self->windows_id == 0)
    self->windows_id = g_timeout_add (WINDOWS_MS, on_windows_timeout, self);
}

/* ---- life ---------------------------------------------------------------------- */

static gboolean
end_by_call (GlbSession *self, GDBusMethodInvocation *invocation, const char *event, GlbEndReason reason)
{
  if (self->state == GLB_SESSION_ENDED)
    return glb_session_return_state_error (self, invocation, "it has ended already");

  g_ptr_array_add (self->end_calls, invocation);
  glb_session_audit (self, event, GLB_DRIVER_HUMAN, NULL, NULL);
  glb_session_end (self, reason, NULL);
  return TRUE;
}

static gboolean
handle_stop (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  return end_by_call (self, invocation, "session-stop", GLB_END_STOPPED);
}

static gboolean
handle_kill (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  return end_by_call (self, invocation, "session-kill", GLB_END_KILLED);
}

/* ---- commands --------------------------------------------------------------------- */

static void
exec_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSessionCall) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GUnixFDList) list = NULL;
  int fds[3];
  guint64 command = glb_session_exec_finish (GLB_SESSION (source), result, fds, &error);
  GVariant *handles[3];

  if (command == 0)
    {
      glb_session_return_error (call->invocation, error);
      return;
    }

  list = g_unix_fd_list_new_from_array (fds, 3);
  for (guint i = 0; i < 3; i++)
    handles[i] = g_variant_new_handle (i);
  glb_dbus_session1_complete_exec (call->self->skeleton, call->invocation, list, command,
                                   g_variant_new_array (G_VARIANT_TYPE_HANDLE, handles, 3));
}

static gboolean
handle_exec (GlbDBusSession1       *object,
             GDBusMethodInvocation *invocation,
             GUnixFDList           *fd_list,
             GVariant              *options,
             const char * const    *argv,
             GlbSession            *self)
{
  static const GlbOption known[] = { { "env", "a{ss}" }, { "cwd", "s" }, { "debug", "b" }, { "actor", "s" }, { NULL } };
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (options);
  g_autoptr(GVariant) extra_env = g_variant_dict_lookup_value (&dict, "env", G_VARIANT_TYPE ("a{ss}"));
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) extra = NULL;
  g_auto(GStrv) env = NULL;
  const char *cwd = NULL;
  gboolean debug = FALSE;
  GlbDriver actor;

  if (self->state != GLB_SESSION_RUNNING)
    return glb_session_return_state_error (self, invocation,
                                           self->state == GLB_SESSION_PAUSED ? "it is paused; resume it first" : why_not_alive (self));
  if (!glb_run_request_check_options ("exec", options, known, &error))
    return glb_session_return_error (invocation, error);

  g_variant_dict_lookup (&dict, "cwd", "&s", &cwd);
  g_variant_dict_lookup (&dict, "debug", "b", &debug);
  if (debug && !self->request->policy->process.allow_debug)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                             "exec: the policy does not allow a debugger; set process.allowDebug");
      return TRUE;
    }
  if (!glb_run_request_take_actor ("exec", &dict, &actor, &error) || !glb_run_request_check_argv (argv, &error) ||
      !glb_run_request_check_cwd (cwd, &error))
    return glb_session_return_error (invocation, error);
  if (extra_env != NULL && (extra = glb_run_request_dup_env (extra_env, &error)) == NULL)
    return glb_session_return_error (invocation, error);

  env = glb_session_dup_env (self, extra);
  glb_session_exec_async (self, cwd != NULL ? cwd : glb_session_get_cwd (self), argv, (const char * const *) env, debug, actor,
                          g_dbus_method_invocation_get_connection (invocation), exec_cb, glb_session_call_new (self, invocation));
  return TRUE;
}

static gboolean
handle_signal (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, guint64 command, int signo, GlbSession *self)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;
  const char *why = why_not_alive (self);

  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);
  if (signo < 1 || signo > SIGRTMAX || !glb_session_has_command (self, command))
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                             "signal: no such signal, or the command has ended");
      return TRUE;
    }

  json_object_set_int_member (fields, "command", command);
  json_object_set_int_member (fields, "signal", signo);
  if (!glb_session_audit (self, "command-signal", GLB_DRIVER_HUMAN, fields, &error))
    return glb_session_return_error (invocation, error);

  glb_box_signal (self->box, command, signo);
  glb_dbus_session1_complete_signal (object, invocation);
  return TRUE;
}

/* ---- looking ------------------------------------------------------------------------ */

static const GlbOption no_options[] = { { NULL } };

static void
screenshot_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSessionCall) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbImage) image = glb_screenshot_take_finish (GLB_SCREENSHOT (source), result, &error);
  g_autoptr(GUnixFDList) list = NULL;
  GVariantDict info;
  int fd;

  if (image == NULL || (fd = glb_image_open (image, &error)) < 0)
    {
      glb_session_return_error (call->invocation, error);
      return;
    }

  list = g_unix_fd_list_new_from_array (&fd, 1);
  g_variant_dict_init (&info, NULL);
  g_variant_dict_insert (&info, "frame", "t", image->frame);
  g_variant_dict_insert (&info, "width", "u", image->width);
  g_variant_dict_insert (&info, "height", "u", image->height);
  glb_dbus_session1_complete_screenshot (call->self->skeleton, call->invocation, list, g_variant_new_handle (0),
                                         g_variant_dict_end (&info));
}

static gboolean
handle_screenshot (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fd_list, GVariant *options, GlbSession *self)
{
  g_autoptr(GError) error = NULL;
  const char *why = why_no_desktop (self);

  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);
  if (!glb_run_request_check_options ("screenshot", options, no_options, &error))
    return glb_session_return_error (invocation, error);
  if (!glb_session_audit (self, "screenshot", GLB_DRIVER_HUMAN, NULL, &error))
    return glb_session_return_error (invocation, error);

  glb_screenshot_take_async (self->screenshot, NULL, screenshot_cb, glb_session_call_new (self, invocation));
  return TRUE;
}

static gboolean
handle_watch (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fd_list, GVariant *options, GlbSession *self)
{
  static const GlbOption known[] = { { "interval-ms", "u" }, { NULL } };
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GError) error = NULL;
  const char *why = why_no_desktop (self);
  guint interval_ms = 0;
  int fd;

  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);
  if (!glb_run_request_check_options ("watch", options, known, &error))
    return glb_session_return_error (invocation, error);
  if (!glb_session_audit (self, "watch", GLB_DRIVER_HUMAN, NULL, &error))
    return glb_session_return_error (invocation, error);
  g_variant_lookup (options, "interval-ms", "u", &interval_ms);
  fd = glb_frame_hub_add_viewer (self->hub, interval_ms, &error);
  if (fd < 0)
    return glb_session_return_error (invocation, error);

  list = g_unix_fd_list_new_from_array (&fd, 1);
  glb_dbus_session1_complete_watch (object, invocation, list, g_variant_new_handle (0));
  return TRUE;
}

/* ---- acting ---------------------------------------------------------------------------- */

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSessionCall) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbActionReply) reply = glb_action_runner_run_finish (GLB_ACTION_RUNNER (source), result, &error);
  g_autofree char *text = json_to_string (reply->result, FALSE);
  g_autoptr(GUnixFDList) list = g_unix_fd_list_new ();
  GVariant *handle = g_variant_ref_sink (g_variant_new_handle (0));
  int fd = -1;

  if (reply->image != NULL && (fd = glb_image_open (reply->image, &error)) < 0)
    {
      g_variant_unref (handle);
      glb_session_return_error (call->invocation, error);
      return;
    }

  if (fd >= 0)
    {
      g_unix_fd_list_append (list, fd, NULL);
      close (fd);
    }
  glb_dbus_session1_complete_act (call->self->skeleton, call->invocation, list, text,
                                  g_variant_new_array (G_VARIANT_TYPE_HANDLE, &handle, fd >= 0 ? 1 : 0));
  g_variant_unref (handle);
}

static gboolean
handle_act (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fd_list, const char *action, GlbSession *self)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  gboolean human = self->lease.driver == GLB_DRIVER_HUMAN && self->lease_client == client;
  const char *why = why_no_desktop (self);
  GlbDriver actor;

  if (why == NULL && human && !glb_session_may_drive (self))
    why = "the agent is being frozen; wait for the lease's answer";
  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);

  actor = human ? GLB_DRIVER_HUMAN : glb_session_is_replay (self, client) ? GLB_DRIVER_REPLAY : GLB_DRIVER_AGENT;
  glb_action_runner_run_async (self->runner, actor, actor != GLB_DRIVER_AGENT ? glb_session_holder_of (client) : 0,
                               action, strlen (action), acted_cb, glb_session_call_new (self, invocation));
  return TRUE;
}

/* ---- driving ------------------------------------------------------------------------------ */

static void
record_human_input (GlbSession *self)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  g_clear_handle_id (&self->human_id, g_source_remove);
  if (self->n_human_events == 0)
    return;

  json_object_set_int_member (fields, "events", self->n_human_events);
  json_object_set_int_member (fields, "epoch", self->lease.epoch);
  self->n_human_events = 0;
  glb_session_audit (self, "human-input", GLB_DRIVER_HUMAN, fields, NULL);
}

static gboolean
on_human_timeout (gpointer user_data)
{
  GlbSession *self = user_data;

  self->human_id = 0;
  record_human_input (self);
  return G_SOURCE_REMOVE;
}

static gboolean
audit_lease (GlbSession *self, const char *event, const char *why, GError **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "epoch", self->lease.epoch);
  if (why != NULL)
    json_object_set_string_member (fields, "why", why);
  return glb_session_audit (self, event, GLB_DRIVER_HUMAN, fields, error);
}

void
glb_session_lease_changed (GlbSession *self)
{
  glb_dbus_session1_set_driver (self->skeleton, glb_driver_to_string (self->lease.driver));
  glb_session_trace_driver (self);
  if (self->runner != NULL)
    glb_action_runner_interrupt (self->runner);
  if (self->compositor != NULL)
    glb_compositor_release_input (self->compositor);
  if (self->runner != NULL)
    glb_action_runner_seat_released (self->runner);
}

void
glb_session_release_lease (GlbSession *self, const char *why)
{
  if (self->lease_client == NULL)
    return;

  record_human_input (self);
  glb_session_trace_release (self);
  glb_lease_release (&self->lease, glb_session_holder_of (self->lease_client));
  g_clear_object (&self->lease_client);
  glb_session_end_meanwhile (self);
  if (self->audit != NULL)
    audit_lease (self, "lease-released", why, NULL);
  glb_session_lease_changed (self);
  glb_session_update_freeze (self);
}

static gboolean
handle_take_lease (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  GlbLease next = self->lease;
  g_autoptr(GError) error = NULL;
  const char *why = why_no_desktop (self);

  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);
  if (self->request->policy->desktop.human_input == GLB_HUMAN_NEVER)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                             "lease: the policy lets no person take over; set desktop.input.human to \"on-takeover\"");
      return TRUE;
    }
  if (self->lease_client == client)
    {
      glb_session_await_freeze (self, invocation);
      return TRUE;
    }
  if (!glb_lease_take (&next, GLB_DRIVER_HUMAN, glb_session_holder_of (client)))
    return glb_session_return_state_error (self, invocation, "another person drives; release the lease there");

  /*
   * The fence comes before the record, which waits for the disk: that the agent
   * stops needs none. What needs one is that the person drives, and the person
   * learns of that right by the answer; without a record the session ends.
   * Where the policy freezes the agent, the answer comes when it stands still.
   */
  glb_session_begin_meanwhile (self);
  self->lease = next;
  self->lease_client = g_object_ref (client);
  glb_session_lease_changed (self);
  if (!audit_lease (self, "lease-taken", NULL, &error))
    return glb_session_return_error (invocation, error);
  glb_session_update_freeze (self);
  glb_session_await_freeze (self, invocation);
  return TRUE;
}

static gboolean
handle_release_lease (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  g_autofree char *meanwhile = NULL;

  if (self->lease_client == NULL && self->replay_client == NULL)
    return glb_session_return_state_error (self, invocation, "nobody holds the lease");
  if (self->lease_client == NULL)
    {
      glb_session_release_replay (self, glb_session_is_replay (self, client) ? NULL : "given back by another client");
      glb_dbus_session1_complete_release_lease (object, invocation, "null");
      return TRUE;
    }

  /* All clients are the same person's: one may give back what a window that hangs holds. */
  glb_session_release_lease (self, self->lease_client == client ? NULL : "given back by another client");
  meanwhile = self->last_meanwhile != NULL ? json_to_string (self->last_meanwhile, FALSE) : g_strdup ("null");
  glb_dbus_session1_complete_release_lease (object, invocation, meanwhile);
  return TRUE;
}

static gboolean
is_on_screen (const GlbShimEvent *event, const GlbCompositorConfig *config)
{
  return event->x >= 0 && event->y >= 0 && (guint) event->x < config->width * 256 && (guint) event->y < config->height * 256;
}

static gboolean
event_is_sane (const GlbShimEvent *event, const GlbCompositorConfig *config)
{
  switch (event->kind)
    {
    case GLB_SHIM_EVENT_MOTION:
      return is_on_screen (event, config);
    case GLB_SHIM_EVENT_TOUCH_DOWN:
    case GLB_SHIM_EVENT_TOUCH_MOTION:
    case GLB_SHIM_EVENT_TOUCH_UP:
      return config->touch && event->code < GLB_SHIM_TOUCHES_MAX && is_on_screen (event, config);
    case GLB_SHIM_EVENT_BUTTON:
      return event->code >= BTN_LEFT && event->code <= BTN_TASK && (event->value == 0 || event->value == 1);
    case GLB_SHIM_EVENT_AXIS:
      return event->code <= 1 && event->value >= -120 * 100 && event->value <= 120 * 100;
    case GLB_SHIM_EVENT_KEY:
      return event->code >= KEY_ESC && event->code < 248 && (event->value == 0 || event->value == 1);
    default:
      return FALSE;
    }
}

static gboolean
read_events (GVariant *variant, const GlbCompositorConfig *config, GArray *events)
{
  GVariantIter iter;
  GlbShimEvent event;

  if (g_variant_n_children (variant) > GLB_SHIM_EVENTS_MAX)
    return FALSE;

  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "(uuiii)", &event.kind, &event.code, &event.value, &event.x, &event.y))
    {
      if (!event_is_sane (&event, config))
        return FALSE;
      g_array_append_val (events, event);
    }
  return TRUE;
}

static void
input_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSessionCall) call = user_data;
  g_autoptr(GError) error = NULL;

  if (glb_compositor_done_finish (GLB_COMPOSITOR (source), result, NULL, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    glb_session_return_error (call->invocation, error);
}

static gboolean
handle_input (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, guint64 epoch, GVariant *variant, GlbSession *self)
{
  g_autoptr(GArray) events = g_array_new (FALSE, FALSE, sizeof (GlbShimEvent));
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  const char *why = why_no_desktop (self), *code;

  if (why == NULL && self->state == GLB_SESSION_PAUSED)
    why = "it is paused; resume it first";
  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);
  code = glb_lease_check (&self->lease, GLB_DRIVER_HUMAN, glb_session_holder_of (client), epoch);
  if (code != NULL || self->lease_client != client)
    return glb_session_return_state_error (self, invocation, "you do not hold the lease; take it first");
  if (!glb_session_may_drive (self))
    return glb_session_return_state_error (self, invocation, "the agent is being frozen; wait for the lease's answer");
  if (!read_events (variant, glb_compositor_get_config (self->compositor), events))
    return glb_session_return_state_error (self, invocation, "input: an event is no event of this screen");

  glb_input_rules_clamp (self->request->input_rules, (GlbShimEvent *) events->data, events->len);

  /* the first event of a span has its record before it; the rest is counted */
  self->n_human_events += events->len;
  if (self->human_id == 0)
    {
      record_human_input (self);
      if (self->state != GLB_SESSION_RUNNING)
        return glb_session_return_state_error (self, invocation, "it ends");
      self->human_id = g_timeout_add (HUMAN_RECORD_MS, on_human_timeout, self);
    }
  glb_session_trace_input (self, (const GlbShimEvent *) events->data, events->len);
  glb_compositor_input_async (self->compositor, (GlbShimEvent *) events->data, events->len, input_cb,
                              glb_session_call_new (self, invocation));
  return TRUE;
}

static gboolean
handle_window_op (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, guint window, const char *operation, GlbSession *self)
{
  static const char * const names[] = { NULL, "activate", "close", "maximize", "restore" };
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;
  const char *why = why_no_desktop (self);

  if (why != NULL)
    return glb_session_return_state_error (self, invocation, why);
  for (guint op = GLB_SHIM_WINDOW_ACTIVATE; op <= GLB_SHIM_WINDOW_RESTORE; op++)
    {
      if (!g_str_equal (names[op], operation))
        continue;

      json_object_set_int_member (fields, "window", window);
      json_object_set_string_member (fields, "operation", operation);
      if (!glb_session_audit (self, "window-op", GLB_DRIVER_HUMAN, fields, &error))
        return glb_session_return_error (invocation, error);
      glb_compositor_window_op_async (self->compositor, window, op, input_cb, glb_session_call_new (self, invocation));
      return TRUE;
    }

  return glb_session_return_state_error (self, invocation, "no such window operation; use activate, close, maximize or restore");
}

void
glb_session_export_methods (GlbSession *self)
{
  static const struct { const char *signal; GCallback handler; } handlers[] = {
    { "handle-stop", G_CALLBACK (handle_stop) },
    { "handle-kill", G_CALLBACK (handle_kill) },
    { "handle-exec", G_CALLBACK (handle_exec) },
    { "handle-signal", G_CALLBACK (handle_signal) },
    { "handle-screenshot", G_CALLBACK (handle_screenshot) },
    { "handle-act", G_CALLBACK (handle_act) },
    { "handle-take-lease", G_CALLBACK (handle_take_lease) },
    { "handle-release-lease", G_CALLBACK (handle_release_lease) },
    { "handle-input", G_CALLBACK (handle_input) },
    { "handle-watch", G_CALLBACK (handle_watch) },
    { "handle-window-op", G_CALLBACK (handle_window_op) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->skeleton, handlers[i].signal, handlers[i].handler, self, 0);
  glb_session_export_clipboard (self);
  glb_session_export_replay (self);
  glb_session_export_devices (self);
  glb_session_export_portal (self);
  glb_session_export_screen (self);
  glb_session_export_pause (self);
  glb_session_export_usage (self);
  glb_session_export_network (self);
  glb_session_export_trace (self);
  glb_session_export_requests (self);
}
