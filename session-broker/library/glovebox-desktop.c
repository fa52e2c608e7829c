/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How a call runs
 * ===============
 *
 * All of one object's calls go over one connection, in the order in which they
 * were made, from whatever threads. A call waits for its turn, sends its line
 * and waits for the answer, all within its deadline. The asynchronous ones do
 * the same in a thread of GTask's, so there is one way only.
 */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include <string.h>

#include "glb-connection.h"
#include "glb-library-private.h"
#include "glovebox-error.h"
#include "policies/glb-json-writer.h"

/* The longest action (wait, hold_key) and its settling; a person who is asked has a minute by most policies. */
#define TIMEOUT_MS       180000u
#define SETTLE_QUIET_MS  50u
#define SETTLE_MAX_MS    2000u

/**
 * GloveboxDesktop:
 *
 * The desktop of the session that the program runs in.
 *
 * Each function does one action of `docs/actions.md` and returns when it is
 * done and, unless [method@Desktop.set_settle] says otherwise, the screen has
 * settled: there is no need to sleep. It may be used from several threads; its
 * actions happen one after the other, in the order of the calls.
 *
 * A synchronous call blocks its thread. It ends with its answer, with the
 * deadline of [method@Desktop.set_timeout], or when its #GCancellable is
 * cancelled.
 */
struct _GloveboxDesktop
{
  GObject parent_instance;

  GMutex mutex;                /* of what follows */
  GCond turn_changed;
  GQueue turns;                /* Call: the head has the connection */
  guint timeout_ms;
  guint quiet_ms, max_ms;      /* quiet_ms 0: nothing is waited for */
  gboolean screenshots;

  GlbConnection *connection;   /* the head's */
};

G_DEFINE_FINAL_TYPE (GloveboxDesktop, glovebox_desktop, G_TYPE_OBJECT)

typedef struct
{
  char *line;
  gint64 deadline_us;
  gboolean any_answer;         /* a refusal is a result, not an error */
} Call;

/* ---- turns --------------------------------------------------------------------------- */

/* Takes line. */
static Call *
call_new (GloveboxDesktop *self, char *line, gboolean any_answer)
{
  Call *call = g_new0 (Call, 1);

  call->line = line;
  call->any_answer = any_answer;
  g_mutex_lock (&self->mutex);
  call->deadline_us = g_get_monotonic_time () + (gint64) self->timeout_ms * 1000;
  g_queue_push_tail (&self->turns, call);
  g_mutex_unlock (&self->mutex);
  return call;
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->line);
  g_free (call);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GloveboxDesktop *self = user_data;

  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->turn_changed);
  g_mutex_unlock (&self->mutex);
}

static gboolean
wait_for_turn (GloveboxDesktop *self, Call *call, GCancellable *cancellable, GError **error)
{
  gulong id = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL) : 0;
  gboolean in_time = TRUE;

  g_mutex_lock (&self->mutex);
  while (g_queue_peek_head (&self->turns) != call && in_time && !g_cancellable_is_cancelled (cancellable))
    in_time = g_cond_wait_until (&self->turn_changed, &self->mutex, call->deadline_us);
  in_time = g_queue_peek_head (&self->turns) == call;
  g_mutex_unlock (&self->mutex);
  /* waits for a handler that runs, which takes the mutex */
  g_cancellable_disconnect (cancellable, id);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!in_time)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The action before this one took all of its time");
  return in_time;
}

static void
end_turn (GloveboxDesktop *self, Call *call)
{
  g_mutex_lock (&self->mutex);
  g_queue_remove (&self->turns, call);
  g_cond_broadcast (&self->turn_changed);
  g_mutex_unlock (&self->mutex);
}

/* ---- a call ----------------------------------------------------------------------------- */

static GloveboxResult *
run_in_turn (GloveboxDesktop *self, Call *call, GCancellable *cancellable, GError **error)
{
  g_autoptr(GBytes) untrusted_answer = NULL;
  g_autoptr(GloveboxResult) result = NULL;
  const char *json;
  gsize length;

  untrusted_answer = glb_connection_request (self->connection, call->line, call->deadline_us, cancellable, error);
  if (untrusted_answer == NULL)
    return NULL;

  json = g_bytes_get_data (untrusted_answer, &length);
  result = glb_result_read (json != NULL ? json : "", length, error);
  if (result == NULL || (!call->any_answer && !glovebox_result_check (result, error)))
    return NULL;
  return g_steal_pointer (&result);
}

static GloveboxResult *
run_call (GloveboxDesktop *self, Call *call, GCancellable *cancellable, GError **error)
{
  GloveboxResult *result = NULL;

  if (wait_for_turn (self, call, cancellable, error))
    result = run_in_turn (self, call, cancellable, error);
  end_turn (self, call);
  return result;
}

static void
call_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GloveboxResult *result = run_call (source, data, cancellable, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* Takes call. */
static void
start_call (GloveboxDesktop *self, Call *call, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, start_call);
  g_task_set_task_data (task, call, call_free);
  g_task_run_in_thread (task, call_thread);
}

/* ---- actions -------------------------------------------------------------------------------- */

JsonObject *
glb_desktop_action (const char *name)
{
  JsonObject *action = json_object_new ();

  json_object_set_string_member (action, "action", name);
  return action;
}

void
glb_desktop_set_point (JsonObject *action, const char *name, int x, int y)
{
  JsonArray *point = json_array_new ();

  json_array_add_int_element (point, x);
  json_array_add_int_element (point, y);
  json_object_set_array_member (action, name, point);
}

JsonObject *
glb_desktop_action_at (const char *name, int x, int y)
{
  JsonObject *action = glb_desktop_action (name);

  glb_desktop_set_point (action, "coordinate", x, y);
  return action;
}

static gboolean
is_a_look (const char *name)
{
  static const char * const looks[] = { "screenshot", "ui_tree", "find", "list_windows", "clipboard_read", "wait_for", NULL };

  return g_strv_contains (looks, name);
}

/* Takes action. (transfer full) */
static char *
write_action (GloveboxDesktop *self, JsonObject *action)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  gboolean look = is_a_look (json_object_get_string_member (action, "action"));

  g_mutex_lock (&self->mutex);
  if (!look && self->quiet_ms > 0)
    {
      JsonObject *settle = json_object_new ();

      json_object_set_int_member (settle, "quietMs", self->quiet_ms);
      json_object_set_int_member (settle, "maxMs", self->max_ms);
      json_object_set_object_member (action, "settle", settle);
    }
  if (!look && self->screenshots)
    json_object_set_boolean_member (action, "screenshot", TRUE);
  g_mutex_unlock (&self->mutex);

  json_node_take_object (node, action);
  return glb_json_write (node);
}

GloveboxResult *
glb_desktop_do (GloveboxDesktop *self, JsonObject *action, GCancellable *cancellable, GError **error)
{
  GloveboxResult *result;
  Call *call;

  g_return_val_if_fail (GLOVEBOX_IS_DESKTOP (self) && action != NULL, NULL);

  call = call_new (self, write_action (self, action), FALSE);
  result = run_call (self, call, cancellable, error);
  call_free (call);
  return result;
}

void
glb_desktop_do_async (GloveboxDesktop *self, JsonObject *action, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (GLOVEBOX_IS_DESKTOP (self) && action != NULL);

  start_call (self, call_new (self, write_action (self, action), FALSE), cancellable, callback, user_data);
}

/* A newline would begin another action; JSON needs none. (transfer full) (nullable) */
static char *
check_action (const char *action, GError **error)
{
  char *line;

  if (!g_utf8_validate (action, -1, NULL))
    {
      g_set_error_literal (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_MALFORMED, "The action is not UTF-8");
      return NULL;
    }

  line = g_strdelimit (g_strdup (action), "\r\n", ' ');
  if (*g_strchug (line) != '\0')
    return line;

  g_free (line);
  g_set_error_literal (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_MALFORMED, "The action is empty; it is a JSON object as {\"action\":\"screenshot\"}");
  return NULL;
}

/**
 * glovebox_desktop_act:
 * @self: a desktop
 * @action: one action as JSON, see `docs/actions.md`
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Does any action, as it is given: no setting of @self but the timeout is
 * added to it. Whatever Glovebox answers is a result, a refusal too; see
 * [method@Result.check].
 *
 * Returns: (transfer full): what came of it
 */
GloveboxResult *
glovebox_desktop_act (GloveboxDesktop *self, const char *action, GCancellable *cancellable, GError **error)
{
  GloveboxResult *result;
  Call *call;
  char *line;

  g_return_val_if_fail (GLOVEBOX_IS_DESKTOP (self), NULL);
  g_return_val_if_fail (action != NULL, NULL);

  line = check_action (action, error);
  if (line == NULL)
    return NULL;

  call = call_new (self, line, TRUE);
  result = run_call (self, call, cancellable, error);
  call_free (call);
  return result;
}

/**
 * glovebox_desktop_act_async:
 * @self: a desktop
 * @action: one action as JSON, see `docs/actions.md`
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.act]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_act_async (GloveboxDesktop     *self,
                            const char          *action,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GError *error = NULL;
  char *line;

  g_return_if_fail (GLOVEBOX_IS_DESKTOP (self));
  g_return_if_fail (action != NULL);

  line = check_action (action, &error);
  if (line != NULL)
    start_call (self, call_new (self, line, TRUE), cancellable, callback, user_data);
  else
    g_task_report_error (self, callback, user_data, glovebox_desktop_act_async, error);
}

/**
 * glovebox_desktop_act_finish:
 * @self: a desktop
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends each of the asynchronous functions of @self.
 *
 * Returns: (transfer full): what came of it
 */
GloveboxResult *
glovebox_desktop_act_finish (GloveboxDesktop *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (GLOVEBOX_IS_DESKTOP (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- settings ---------------------------------------------------------------------------------- */

/**
 * glovebox_desktop_set_timeout:
 * @self: a desktop
 * @milliseconds: more than 0; at first 180000
 *
 * How long each call that is made from now on may take. One that takes longer
 * ends with %G_IO_ERROR_TIMED_OUT, whatever becomes of its action.
 */
void
glovebox_desktop_set_timeout (GloveboxDesktop *self, guint milliseconds)
{
  g_return_if_fail (GLOVEBOX_IS_DESKTOP (self));
  g_return_if_fail (milliseconds > 0);

  g_mutex_lock (&self->mutex);
  self->timeout_ms = milliseconds;
  g_mutex_unlock (&self->mutex);
}

/**
 * glovebox_desktop_set_settle:
 * @self: a desktop
 * @quiet_ms: how long nothing has changed when the screen counts as settled, at first 50; 0: actions do not wait for it
 * @max_ms: how long to wait for that, at first 2000
 *
 * When an action is over. [method@Desktop.act] does not heed it.
 */
void
glovebox_desktop_set_settle (GloveboxDesktop *self, guint quiet_ms, guint max_ms)
{
  g_return_if_fail (GLOVEBOX_IS_DESKTOP (self));
  g_return_if_fail (quiet_ms <= max_ms);

  g_mutex_lock (&self->mutex);
  self->quiet_ms = quiet_ms;
  self->max_ms = max_ms;
  g_mutex_unlock (&self->mutex);
}

/**
 * glovebox_desktop_set_screenshots:
 * @self: a desktop
 * @screenshots: whether each result has an image of the screen after the action; at first not
 *
 * One call then does what a person does with a glance. [method@Desktop.act] does not heed it.
 */
void
glovebox_desktop_set_screenshots (GloveboxDesktop *self, gboolean screenshots)
{
  g_return_if_fail (GLOVEBOX_IS_DESKTOP (self));

  g_mutex_lock (&self->mutex);
  self->screenshots = screenshots;
  g_mutex_unlock (&self->mutex);
}

/* ---- the object ---------------------------------------------------------------------------------- */

static void
glovebox_desktop_finalize (GObject *object)
{
  GloveboxDesktop *self = GLOVEBOX_DESKTOP (object);

  g_clear_pointer (&self->connection, glb_connection_free);
  g_cond_clear (&self->turn_changed);
  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (glovebox_desktop_parent_class)->finalize (object);
}

static void
glovebox_desktop_class_init (GloveboxDesktopClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glovebox_desktop_finalize;
}

static void
glovebox_desktop_init (GloveboxDesktop *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->turn_changed);
  g_queue_init (&self->turns);
  self->timeout_ms = TIMEOUT_MS;
  self->quiet_ms = SETTLE_QUIET_MS;
  self->max_ms = SETTLE_MAX_MS;
}

/**
 * glovebox_desktop_new_for_path:
 * @path: (type filename): an action socket
 * @error: return location for an error
 *
 * Returns: (transfer full): the desktop that is driven over this socket
 */
GloveboxDesktop *
glovebox_desktop_new_for_path (const char *path, GError **error)
{
  g_autoptr(GloveboxDesktop) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (GLOVEBOX_TYPE_DESKTOP, NULL);
  self->connection = glb_connection_new (path);
  return glb_connection_open (self->connection, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * glovebox_desktop_new:
 * @error: return location for an error
 *
 * Connects to the session that this program runs in (`GLOVEBOX_ACTION_SOCKET`).
 *
 * Returns: (transfer full): its desktop
 */
GloveboxDesktop *
glovebox_desktop_new (GError **error)
{
  const char *path = g_getenv ("GLOVEBOX_ACTION_SOCKET");

  if (path != NULL && *path != '\0')
    return glovebox_desktop_new_for_path (path, error);

  g_set_error_literal (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_NO_SESSION,
                       "GLOVEBOX_ACTION_SOCKET is not set: run this inside a session that has a desktop");
  return NULL;
}
