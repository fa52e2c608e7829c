/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include "input-filter/glb-action-plan.h"
#include "input-filter/glb-action-result.h"
#include "input-filter/glb-action.h"
#include "session-broker/broker/glb-action-runner.h"
#include "session-broker/broker/glb-waiter.h"
#include "session-broker/client/glb-broker-error.h"

#define QUEUE_MAX 64
/* wait_for, which waits beside the queue. */
#define WAITS_MAX 16
/* For the first frame in which a window is on top. */
#define RAISE_MS  500

struct _GlbActionRunner
{
  GObject parent_instance;

  GlbActionContextual context;
  GlbInputState state;       /* of the seat, as the rules see it */
  GQueue queue;              /* Job: the head is being carried out */
  guint n_waits;
  GCancellable *closing;     /* for what waits beside the queue */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (GlbActionRunner, glb_action_runner, G_TYPE_OBJECT)

typedef struct
{
  GlbActionRunner *self;     /* strong: a runner lives as long as its jobs */
  GTask *task;
  GlbDriver actor;
  guint64 holder;
  gboolean inside;           /* who asks is in the session */
  GlbAction *action;
  guint64 epoch;
  guint64 start_frame;
  gint64 began_us;           /* CLOCK_REALTIME */
  GlbShimWindow *window;     /* (nullable): what it acts on, for a trace */
  JsonNode *element;         /* (nullable): likewise */
  GPtrArray *steps;
  guint next_step;
  guint timeout_id;
  gulong raised_id;          /* handler of the compositor's damage */
  GlbShimSettled settled;
  gboolean has_settled;
  GlbImage *image;
  GlbClipboardContent *copied;   /* (nullable): out of the session */
  GlbAccessibilityTrees *trees;  /* (nullable): what was asked for, or where the target is */
  const GlbElement *target;      /* (nullable): of trees */
  GlbOwnContent *read;           /* (nullable): inside */
} Job;

static void run_head (GlbActionRunner *self);
static void next_step (Job *job);
static gboolean may_go_on (Job *job);
static gboolean still_may (Job *job);

void
glb_action_reply_free (GlbActionReply *self)
{
  json_node_unref (self->result);
  g_clear_pointer (&self->image, glb_image_unref);
  g_clear_pointer (&self->copied, g_bytes_unref);
  g_free (self);
}

static void
job_free (Job *job)
{
  g_clear_handle_id (&job->timeout_id, g_source_remove);
  g_clear_signal_handler (&job->raised_id, job->self->context.compositor);
  g_clear_pointer (&job->action, glb_action_free);
  g_clear_pointer (&job->steps, g_ptr_array_unref);
  g_clear_pointer (&job->image, glb_image_unref);
  g_clear_pointer (&job->copied, glb_clipboard_content_free);
  g_free (job->window);
  g_clear_pointer (&job->element, json_node_unref);
  g_clear_pointer (&job->trees, glb_accessibility_trees_free);
  g_clear_pointer (&job->read, glb_own_content_free);
  g_clear_object (&job->task);
  g_object_unref (job->self);
  g_free (job);
}

/* ---- results -------------------------------------------------------------- */

/* The agent hears once, with the first action that begins after the person's, what the person did; and when it asks. */
static void
tell_meanwhile (Job *job, JsonNode *result)
{
  const GlbActionContextual *context = &job->self->context;
  gboolean asked = job->action->kind == GLB_ACTION_LEASE_STATUS;
  JsonNode *meanwhile;

  if (job->actor != GLB_DRIVER_AGENT || job->epoch != context->lease->epoch || context->lease->driver == GLB_DRIVER_HUMAN)
    return;

  meanwhile = context->meanwhile (context->user_data, !asked);
  if (meanwhile != NULL)
    glb_action_result_set_meanwhile (result, meanwhile);
}

static void
trace (Job *job, JsonNode *result)
{
  const GlbActionContextual *context = &job->self->context;
  g_autoptr(JsonNode) action = NULL;
  GlbActionRecord record;

  if (!context->is_traced (context->user_data))
    return;

  action = glb_action_to_node (job->action, FALSE);
  record = (GlbActionRecord) {
    .actor = job->actor, .action = action, .result = result, .window = job->window, .element = job->element,
    .began_us = job->began_us, .frame_before = job->start_frame,
  };
  context->trace (context->user_data, &record);
}

/* Takes result, ends the job, begins the next one. */
static void
finish (Job *job, JsonNode *result, const char *refusal)
{
  g_autoptr(GlbActionRunner) self = g_object_ref (job->self);
  GlbActionReply *reply = g_new0 (GlbActionReply, 1);
  g_autoptr(JsonNode) redacted = job->action != NULL ? glb_action_to_node (job->action, TRUE) : NULL;
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(JsonNode) summary = NULL;
  g_autoptr(GError) error = NULL;

  if (redacted != NULL)
    tell_meanwhile (job, result);
  summary = glb_action_result_summarise (result);
  if (redacted != NULL)
    json_object_set_member (fields, "action", json_node_ref (redacted));
  json_object_set_member (fields, "result", json_node_ref (summary));
  /* the effect has happened or was refused: nothing can be taken back where this record fails, but the session ends */
  if (!self->closed &&
      !self->context.audit (self->context.user_data, refusal != NULL ? "action-refused" : "action-done", job->actor, fields, &error))
    g_debug ("%s", error->message);
  if (redacted != NULL && !self->closed)
    self->context.done (self->context.user_data, job->actor, redacted, summary);
  if (job->action != NULL)
    trace (job, summary);

  reply->result = result;
  reply->image = refusal == NULL ? g_steal_pointer (&job->image) : NULL;
  reply->copied = refusal == NULL && job->read != NULL ? g_bytes_ref (job->read->bytes) : NULL;
  reply->malformed = job->action == NULL;
  g_queue_remove (&self->queue, job);
  g_task_return_pointer (job->task, reply, (GDestroyNotify) glb_action_reply_free);
  job_free (job);
  run_head (self);
}

static void
refuse (Job *job, const char *code, const char *message)
{
  finish (job, glb_action_result_new_refused (code, message), code);
}

static void
fail (Job *job, const GError *error)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "status", "failed");
  json_object_set_string_member (object, "message", error->message);
  json_node_take_object (node, object);
  finish (job, g_steal_pointer (&node), "failed");
}

/* Valid until the compositor's next message. */
static GlbInputScene
get_scene (Job *job)
{
  GlbInputScene scene = { 0 };

  glb_compositor_get_scene (job->self->context.compositor, &scene);
  return scene;
}

static void
set_elements (Job *job, JsonNode *result)
{
  GlbInputScene scene = get_scene (job);

  if (job->action->kind == GLB_ACTION_UI_TREE)
    glb_action_result_set_windows (result, job->trees->trees, &scene, job->trees->truncated);
  else if (job->action->kind == GLB_ACTION_FIND)
    {
      g_autoptr(GPtrArray) found = glb_target_find (job->action->target, &scene, job->trees->trees);

      glb_action_result_set_elements (result, found);
    }
  else if (job->target != NULL)
    glb_action_result_set_target (result, job->target);
}

static void
describe_read (const GlbOwnContent *content, JsonNode *result)
{
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content->bytes);

  glb_action_result_set_clipboard (result, content->type, g_bytes_get_size (content->bytes), sha256, (const char * const *) content->types);
}

static void
deliver (Job *job)
{
  GlbCompositor *compositor = job->self->context.compositor;
  GlbActionOutcome outcome = { .frame_id = job->image != NULL ? job->image->frame : glb_compositor_get_newest_frame (compositor) };
  GlbInputScene scene = get_scene (job);
  const GlbShimWindow *window = glb_input_scene_find (&scene, scene.focus);
  const GlbLease *lease = job->self->context.lease;
  JsonNode *result;

  outcome.focus_window = scene.focus;
  if (window != NULL)
    {
      outcome.focus_app_id = window->app_id;
      outcome.focus_title = window->title;
    }
  if (job->has_settled)
    {
      outcome.changed = job->settled.bounds;
      outcome.settled = job->settled.settled != 0;
    }
  outcome.pointer_x = scene.pointer_x;
  outcome.pointer_y = scene.pointer_y;
  result = glb_action_result_new_delivered (&outcome);
  set_elements (job, result);
  if (job->action->kind == GLB_ACTION_LEASE_STATUS)
    glb_action_result_set_lease (result, glb_driver_to_string (lease->driver), lease->epoch);
  if (job->copied != NULL)
    glb_action_result_set_clipboard (result, job->copied->type, g_bytes_get_size (job->copied->bytes), job->copied->sha256, NULL);
  if (job->read != NULL)
    describe_read (job->read, result);
  if (job->action->kind == GLB_ACTION_LIST_WINDOWS)
    glb_action_result_set_window_list (result, &scene);
  finish (job, result, NULL);
}

/* ---- elements ------------------------------------------------------------- */

static void
refuse_elements (Job *job, const GError *error)
{
  if (job->self->closed)
    refuse (job, GLB_REFUSED_SESSION_ENDED, "the session has ended");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    refuse (job, GLB_REFUSED_TIMEOUT, error->message);
  else
    refuse (job, GLB_REFUSED_UNSUPPORTED, error->message);
}

/* Of the windows that are meant. */
static void
ask_elements (Job *job, GAsyncReadyCallback callback)
{
  const GlbAction *action = job->action;
  const GlbAccessibilityQuery query = {
    .window = action->window,
    .app_id = action->target != NULL ? action->target->app_id : action->app_id,
    .title = action->target != NULL ? action->target->title : action->title,
    .max_nodes = action->target != NULL ? GLB_ACTION_NODES_MAX : action->max_nodes,
    .max_depth = action->target != NULL ? GLB_ACTION_TREE_DEPTH_MAX : action->max_depth,
  };

  glb_accessibility_get_async (job->self->context.accessibility, &query, callback, job);
}

/* ---- after the effect ----------------------------------------------------- */

/* Input was delivered, whatever becomes of what was to follow: who hears that it failed would do it again. */

static void
screenshot_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  job->image = glb_screenshot_take_finish (GLB_SCREENSHOT (source), result, &error);
  if (job->image == NULL && !glb_action_is_input (job->action->kind))
    fail (job, error);
  else
    deliver (job);
}

static void
take_screenshot (Job *job)
{
  gboolean zoom = job->action->kind == GLB_ACTION_ZOOM;

  if (zoom || job->action->screenshot || job->action->kind == GLB_ACTION_SCREENSHOT)
    glb_screenshot_take_async (job->self->context.screenshot, zoom ? job->action->region : NULL, screenshot_cb, job);
  else
    deliver (job);
}

static void
trees_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  job->trees = glb_accessibility_get_finish (GLB_ACCESSIBILITY (source), result, &error);
  if (job->trees == NULL)
    refuse_elements (job, error);
  else
    take_screenshot (job);
}

/* What is on the screen now that it is quiet. */
static void
look (Job *job)
{
  if (job->action->kind == GLB_ACTION_UI_TREE || job->action->kind == GLB_ACTION_FIND)
    ask_elements (job, trees_cb);
  else
    take_screenshot (job);
}

static void
settle_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  job->has_settled = glb_compositor_settle_finish (GLB_COMPOSITOR (source), result, &job->settled, &error);
  if (!job->has_settled && !glb_action_is_input (job->action->kind))
    fail (job, error);
  else
    look (job);
}

static void
settle (Job *job)
{
  if (job->action->settle)
    glb_compositor_settle_async (job->self->context.compositor, job->action->quiet_ms, job->action->max_ms,
                                 job->start_frame, settle_cb, job);
  else
    look (job);
}

/* ---- the effect ----------------------------------------------------------- */

/* Which stand still while the session is paused. */
static gboolean
asks_programs (const GlbAction *action)
{
  return action->kind == GLB_ACTION_UI_TREE || action->kind == GLB_ACTION_FIND ||
         (action->wait != NULL && glb_wait_needs_elements (action->wait));
}

/* NULL: may go on. */
static const char *
check_right (Job *job, const char **message)
{
  const GlbActionContextual *context = &job->self->context;
  const char *code;

  if (job->self->closed)
    {
      *message = job->next_step > 0 ? "the session ended before the rest of the action" : "the session has ended";
      return GLB_REFUSED_SESSION_ENDED;
    }
  /* to whom is outside it would be a way over the border beside the gate */
  if (!job->inside && glb_action_is_own_clipboard (job->action->kind))
    {
      *message = "the session's own clipboard is for programs inside; use `glovebox clipboard put|get`, which asks the person";
      return GLB_REFUSED_POLICY_DENIED;
    }
  if (!glb_action_is_input (job->action->kind) && !asks_programs (job->action))
    return NULL;
  if (context->is_paused (context->user_data))
    {
      *message = "the session is paused; resume it first";
      return GLB_REFUSED_SESSION_PAUSED;
    }
  if (!glb_action_is_input (job->action->kind))
    return NULL;

  code = glb_lease_check (context->lease, job->actor, job->holder, job->epoch);
  if (code != NULL)
    *message = g_str_equal (code, GLB_REFUSED_LEASE_HUMAN) ? "a person drives; wait until the lease is released"
                                                           : "the policy does not allow this input";
  return code;
}

/* What was pressed and not released by an action that ends early. */
static void
unwind (Job *job)
{
  g_autoptr(GlbActionStep) step = job->steps != NULL ? glb_action_plan_unwind (job->steps, job->next_step) : NULL;

  for (guint i = 0; step != NULL && step->events != NULL && i < step->events->len; i++)
    glb_input_state_press (&job->self->state, g_array_index (step->events, GlbShimEvent, i).code, FALSE);
  if (step != NULL && step->events != NULL && glb_compositor_is_alive (job->self->context.compositor))
    glb_compositor_input_async (job->self->context.compositor, (GlbShimEvent *) step->events->data, step->events->len, NULL, NULL);
}

static void
step_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  if (glb_compositor_done_finish (GLB_COMPOSITOR (source), result, NULL, &error))
    {
      next_step (job);
      return;
    }

  /* text that a takeover cut off, or the session's end: how much of it happened nobody can say */
  if (!still_may (job))
    return;
  unwind (job);
  fail (job, error);
}

/* FALSE: the right to act is gone, and the job is finished. */
static gboolean
still_may (Job *job)
{
  const char *message, *code = check_right (job, &message);

  if (code == NULL)
    return TRUE;

  unwind (job);
  refuse (job, code, message);
  return FALSE;
}

/* The same after a step that was carried out. */
static gboolean
may_go_on (Job *job)
{
  /* a click on the last window's close button: all of it happened, and what was left to release went with the session */
  if (job->self->closed && job->steps != NULL && glb_action_plan_is_spent (job->steps, job->next_step))
    {
      deliver (job);
      return FALSE;
    }

  return still_may (job);
}

/* What the whole plan was allowed may not be so any more: a window came up, the focus went elsewhere. */
static gboolean
step_is_allowed (Job *job, const GlbActionStep *step)
{
  GlbActionRunner *self = job->self;
  GlbInputScene scene = get_scene (job);
  g_autofree char *message = NULL;
  const char *code = glb_input_rules_check_step (self->context.rules, &self->state, job->actor, &scene, step,
                                                 g_get_monotonic_time (), &message);

  if (code == NULL)
    return TRUE;

  unwind (job);
  refuse (job, code, message);
  return FALSE;
}

static void
do_step (Job *job)
{
  GlbCompositor *compositor = job->self->context.compositor;
  GlbActionStep *step = g_ptr_array_index (job->steps, job->next_step);

  if (!step_is_allowed (job, step))
    return;

  job->next_step++;
  if (step->text != NULL)
    glb_compositor_text_async (compositor, step->text, step_cb, job);
  else if (step->events != NULL && step->events->len > 0)
    glb_compositor_input_async (compositor, (GlbShimEvent *) step->events->data, step->events->len, step_cb, job);
  else
    next_step (job);
}

static gboolean
on_step_delay (gpointer user_data)
{
  Job *job = user_data;

  job->timeout_id = 0;
  if (may_go_on (job))
    do_step (job);
  return G_SOURCE_REMOVE;
}

static void
next_step (Job *job)
{
  GlbActionStep *step;

  if (job->steps == NULL || job->next_step >= job->steps->len)
    {
      settle (job);
      return;
    }

  /* before the pause too: who took over meanwhile does not wait for its end */
  if (!may_go_on (job))
    return;

  step = g_ptr_array_index (job->steps, job->next_step);
  if (step->delay_ms > 0)
    job->timeout_id = g_timeout_add_full (G_PRIORITY_HIGH, step->delay_ms, on_step_delay, job, NULL);
  else
    do_step (job);
}

static gboolean
on_wait_over (gpointer user_data)
{
  Job *job = user_data;

  job->timeout_id = 0;
  settle (job);
  return G_SOURCE_REMOVE;
}

/* What a person decides on: asked for, and answered with what came of it. */

static void
finish_request (Job *job, const GError *error)
{
  if (error == NULL)
    settle (job);
  else if (g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY))
    refuse (job, GLB_REFUSED_POLICY_DENIED, error->message);
  else
    fail (job, error);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  job->copied = glb_clipboard_gate_finish (GLB_CLIPBOARD_GATE (source), result, &error);
  finish_request (job, error);
}

static void
device_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  glb_device_gate_finish (GLB_DEVICE_GATE (source), result, &error);
  finish_request (user_data, error);
}

/* A person who is asked hears of an agent: a replay stands for the one that was recorded. */
static GlbDriver
get_requester (const Job *job)
{
  return job->actor == GLB_DRIVER_REPLAY ? GLB_DRIVER_AGENT : job->actor;
}

static void
request_clipboard (Job *job)
{
  glb_clipboard_gate_offer_async (job->self->context.clipboard, get_requester (job), job->action->primary ? GLB_SHIM_PRIMARY : GLB_SHIM_CLIPBOARD,
                                  job->action->type, NULL, copied_cb, job);
}

static void
request_device (Job *job)
{
  GlbDeviceGate *devices = job->self->context.devices;
  GlbMediaDevice device = GLB_MEDIA_CAMERA;

  glb_media_device_from_string (job->action->device, &device);
  if (devices == NULL)
    refuse (job, GLB_REFUSED_POLICY_DENIED, "the policy denies all devices");
  else
    glb_device_gate_on_async (devices, get_requester (job), device, NULL, device_cb, job);
}

/* ---- waiting -------------------------------------------------------------- */

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autofree char *missing = NULL;
  g_autofree char *message = NULL;
  g_autoptr(GError) error = NULL;

  job->self->n_waits--;
  if (glb_waiter_run_finish (result, &missing, &error))
    {
      settle (job);
      return;
    }
  if (error != NULL)
    {
      refuse_elements (job, error);
      return;
    }

  message = g_strdup_printf ("within %u ms this did not come to be so: %s%s", job->action->wait->timeout_ms, missing,
                             job->action->wait->gone ? " (gone)" : "");
  refuse (job, GLB_REFUSED_TIMEOUT, message);
}

/* Its turn has come, and from now on no other action waits for it. */
static void
wait_for (Job *job)
{
  g_autoptr(GlbActionRunner) self = g_object_ref (job->self);

  if (self->n_waits >= WAITS_MAX)
    {
      refuse (job, GLB_REFUSED_RATE_LIMITED, "too many wait_for at once; wait for their results");
      return;
    }

  self->n_waits++;
  g_queue_remove (&self->queue, job);
  glb_waiter_run_async (self->context.compositor, self->context.hub, self->context.accessibility, job->action->wait, self->closing,
                        waited_cb, job);
  run_head (self);
}

/* The session's own clipboard: nothing crosses, so nobody is asked. */

static void
finish_own (Job *job, const GError *error)
{
  if (error == NULL)
    settle (job);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    refuse (job, GLB_REFUSED_NOT_FOUND, error->message);
  else
    fail (job, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  job->read = glb_own_clipboard_read_finish (GLB_OWN_CLIPBOARD (source), result, &error);
  finish_own (job, error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  glb_own_clipboard_write_finish (GLB_OWN_CLIPBOARD (source), result, &error);
  finish_own (user_data, error);
}

static void
use_own_clipboard (Job *job)
{
  GlbClipboardGate *gate = job->self->context.clipboard;
  GlbOwnClipboard *own = glb_clipboard_gate_get_own (gate);
  GlbShimSelectionKind kind = job->action->primary ? GLB_SHIM_PRIMARY : GLB_SHIM_CLIPBOARD;
  g_autoptr(GBytes) bytes = NULL;

  if (job->action->kind == GLB_ACTION_CLIPBOARD_WRITE)
    {
      bytes = g_bytes_new (job->action->text, strlen (job->action->text));
      glb_own_clipboard_write_async (own, kind, job->action->type, bytes, written_cb, job);
    }
  else if (glb_clipboard_gate_is_placed (gate, kind))
    refuse (job, GLB_REFUSED_POLICY_DENIED, "what lies there came from the person; paste it into a program (ctrl+v)");
  else
    glb_own_clipboard_read_async (own, kind, job->action->type, read_cb, job);
}

static void
window_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GError) error = NULL;

  glb_compositor_done_finish (GLB_COMPOSITOR (source), result, NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    refuse (job, GLB_REFUSED_NOT_FOUND, "there is no such window; see list_windows");
  else if (error != NULL)
    fail (job, error);
  else
    settle (job);
}

static void
operate_window (Job *job)
{
  gboolean closes = job->action->kind == GLB_ACTION_CLOSE_WINDOW;
  GlbInputScene scene = get_scene (job);
  g_autofree char *message = NULL;
  const char *code = glb_input_rules_check_window (job->self->context.rules, &job->self->state, job->actor, &scene,
                                                   job->action->window, g_get_monotonic_time (), &message);

  if (code != NULL)
    refuse (job, code, message);
  else
    glb_compositor_window_op_async (job->self->context.compositor, job->action->window,
                                    closes ? GLB_SHIM_WINDOW_CLOSE : GLB_SHIM_WINDOW_ACTIVATE, window_cb, job);
}

/* It waits for a person, or for a program that copied something: the actions after it do not. */
static gboolean
is_request (GlbActionKind kind)
{
  return kind == GLB_ACTION_CLIPBOARD_REQUEST || kind == GLB_ACTION_DEVICE_REQUEST || kind == GLB_ACTION_CLIPBOARD_READ;
}

/* ---- checks --------------------------------------------------------------- */

/* The plan, or FALSE: the job is finished. */
static gboolean
make_plan (Job *job)
{
  GlbCompositor *compositor = job->self->context.compositor;
  const GlbCompositorConfig *config = glb_compositor_get_config (compositor);
  GlbActionContext plan_context = { .width = config->width, .height = config->height };
  g_autoptr(GError) error = NULL;
  JsonNode *result;

  glb_compositor_get_pointer (compositor, &plan_context.pointer_x, &plan_context.pointer_y);
  job->steps = glb_action_plan (job->action, &plan_context, &error);
  if (job->steps != NULL)
    return TRUE;

  result = glb_action_result_new_from_error (error);
  finish (job, result, "malformed");
  return FALSE;
}

/* Where a pointer action begins. */
static void
get_place (const GlbAction *action, const GlbInputScene *scene, int *x, int *y)
{
  /* a drag without a start begins where the pointer is */
  gboolean has_coordinate = action->has_coordinate && action->kind != GLB_ACTION_LEFT_CLICK_DRAG;

  *x = action->has_start_coordinate ? action->start_x : has_coordinate ? action->x : scene->pointer_x;
  *y = action->has_start_coordinate ? action->start_y : has_coordinate ? action->y : scene->pointer_y;
}

/* (nullable): what the action acts on */
static const GlbShimWindow *
find_target (const GlbAction *action, const GlbInputScene *scene)
{
  int x, y;

  if (action->window != 0)
    return glb_input_scene_find (scene, action->window);
  if (!glb_action_is_pointer (action->kind))
    return glb_input_scene_find (scene, scene->focus);

  get_place (action, scene, &x, &y);
  return glb_input_scene_find_at (scene, x, y);
}

/* NULL: as the action expects and the rules allow. */
static const char *
check_plan (Job *job, char **message)
{
  GlbActionRunner *self = job->self;
  GlbInputScene scene = get_scene (job);
  const char *code = NULL;

  if (job->action->expect != NULL)
    code = glb_expect_check (job->action->expect, &scene, find_target (job->action, &scene), job->start_frame, message);
  if (code == NULL)
    code = glb_input_rules_check_plan (self->context.rules, &self->state, job->actor, &scene, job->steps,
                                       g_get_monotonic_time (), message);
  return code;
}

/* It may be another one, or gone, when the action is over. */
static void
note_window (Job *job)
{
  const GlbActionContextual *context = &job->self->context;
  GlbInputScene scene = get_scene (job);
  const GlbShimWindow *window = find_target (job->action, &scene);

  if (window != NULL && glb_action_is_input (job->action->kind) && context->is_traced (context->user_data))
    job->window = g_memdup2 (window, sizeof *window);
}

static void
begin (Job *job)
{
  const GlbActionContextual *context = &job->self->context;
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *reason = NULL;
  const char *code;

  note_window (job);
  if (!make_plan (job))
    return;
  code = check_plan (job, &reason);
  if (code != NULL)
    {
      refuse (job, code, reason);
      return;
    }

  json_object_set_member (fields, "action", glb_action_to_node (job->action, TRUE));
  json_object_set_int_member (fields, "frame", job->start_frame);
  if (job->target != NULL)
    json_object_set_member (fields, "element", json_node_ref (job->element));
  if (!context->audit (context->user_data, "action", job->actor, fields, &error))
    fail (job, error);
  else if (job->action->kind == GLB_ACTION_WAIT)
    job->timeout_id = g_timeout_add (job->action->duration * 1000, on_wait_over, job);
  else if (job->action->kind == GLB_ACTION_WAIT_FOR)
    wait_for (job);
  else if (job->action->kind == GLB_ACTION_CLIPBOARD_REQUEST)
    request_clipboard (job);
  else if (job->action->kind == GLB_ACTION_DEVICE_REQUEST)
    request_device (job);
  else if (glb_action_is_own_clipboard (job->action->kind))
    use_own_clipboard (job);
  else if (job->action->kind == GLB_ACTION_ACTIVATE_WINDOW || job->action->kind == GLB_ACTION_CLOSE_WINDOW)
    operate_window (job);
  else
    next_step (job);
}

/* A click would go to what is above it. */
static void
begin_raised (Job *job)
{
  GlbInputScene scene = get_scene (job);
  const GlbShimWindow *top = glb_input_scene_find_at (&scene, job->action->x, job->action->y);

  g_clear_handle_id (&job->timeout_id, g_source_remove);
  g_clear_signal_handler (&job->raised_id, job->self->context.compositor);
  if (!still_may (job))
    return;
  if (top == NULL || top->id == job->target->window)
    begin (job);
  else
    refuse (job, GLB_REFUSED_NOT_FOUND, "another window covers the element, and stays above it; look at the screen");
}

static void
on_raised_frame (GlbCompositor *compositor, guint64 frame, const GlbShimRect *bounds, gpointer user_data)
{
  begin_raised (user_data);
}

static gboolean
on_raise_over (gpointer user_data)
{
  Job *job = user_data;

  job->timeout_id = 0;
  begin_raised (job);
  return G_SOURCE_REMOVE;
}

/* Where a click goes is decided by what was last painted. */
static void
raised_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  GlbCompositor *compositor = GLB_COMPOSITOR (source);
  g_autoptr(GError) error = NULL;

  if (!still_may (job))
    return;
  if (!glb_compositor_done_finish (compositor, result, NULL, &error))
    {
      fail (job, error);
      return;
    }

  job->raised_id = g_signal_connect (compositor, "damage", G_CALLBACK (on_raised_frame), job);
  job->timeout_id = g_timeout_add (RAISE_MS, on_raise_over, job);
}

static void
noted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;

  job->element = glb_accessibility_at_finish (GLB_ACCESSIBILITY (source), result, NULL);
  if (still_may (job))
    begin (job);
}

/* Before it is clicked away. */
static void
note_element (Job *job)
{
  GlbAccessibility *accessibility = job->self->context.accessibility;
  GlbInputScene scene = get_scene (job);
  int x, y;

  if (glb_action_is_pointer (job->action->kind))
    {
      get_place (job->action, &scene, &x, &y);
      glb_accessibility_at_async (accessibility, x, y, NULL, noted_cb, job);
    }
  else
    glb_accessibility_focus_async (accessibility, NULL, noted_cb, job);
}

/* The middle of what can be seen of it; its window comes on top, if it is not. */
static void
aim (Job *job)
{
  const GlbShimRect *rect = &job->target->visible;
  GlbInputScene scene = get_scene (job);
  const GlbShimWindow *top;

  job->action->has_coordinate = TRUE;
  job->action->x = rect->x + rect->width / 2;
  job->action->y = rect->y + rect->height / 2;
  top = glb_input_scene_find_at (&scene, job->action->x, job->action->y);
  if (top == NULL || top->id == job->target->window)
    begin (job);
  else
    glb_compositor_window_op_async (job->self->context.compositor, job->target->window, GLB_SHIM_WINDOW_ACTIVATE, raised_cb, job);
}

static void
target_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr(GPtrArray) found = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *message = NULL;
  const char *code = GLB_REFUSED_NOT_FOUND;
  GlbInputScene scene;

  job->trees = glb_accessibility_get_finish (GLB_ACCESSIBILITY (source), result, &error);
  if (!still_may (job))
    return;
  if (job->trees == NULL)
    {
      refuse_elements (job, error);
      return;
    }

  scene = get_scene (job);
  found = glb_target_find (job->action->target, &scene, job->trees->trees);
  job->target = glb_target_choose (job->action->target, found, &code, &message);
  if (job->target == NULL)
    {
      refuse (job, code, message);
      return;
    }

  job->element = glb_element_to_node (job->target, FALSE, TRUE);
  aim (job);
}

static void
start_job (Job *job)
{
  const GlbActionContextual *context = &job->self->context;
  const char *message, *code;

  job->epoch = context->lease->epoch;
  job->start_frame = glb_compositor_get_newest_frame (context->compositor);
  job->began_us = g_get_real_time ();
  code = check_right (job, &message);
  if (code != NULL)
    {
      refuse (job, code, message);
      return;
    }
  if (job->action->has_frame_id && job->action->frame_id != job->start_frame)
    {
      refuse (job, GLB_REFUSED_STALE_FRAME, "the screen changed since that frame; look again");
      return;
    }

  if (job->action->target != NULL && job->action->kind != GLB_ACTION_FIND)
    ask_elements (job, target_cb);
  else if (glb_action_is_input (job->action->kind) && context->is_traced (context->user_data))
    note_element (job);
  else
    begin (job);
}

static void
run_head (GlbActionRunner *self)
{
  Job *job = g_queue_peek_head (&self->queue);

  /* the head was started when it became the head: it has an epoch then */
  if (job != NULL && job->epoch == G_MAXUINT64)
    start_job (job);
}

static void
glb_action_runner_finalize (GObject *object)
{
  GlbActionRunner *self = GLB_ACTION_RUNNER (object);

  g_clear_object (&self->context.compositor);
  g_clear_object (&self->context.screenshot);
  g_clear_object (&self->context.hub);
  g_clear_object (&self->context.accessibility);
  g_clear_object (&self->closing);
  g_clear_object (&self->context.clipboard);
  g_clear_object (&self->context.devices);

  G_OBJECT_CLASS (glb_action_runner_parent_class)->finalize (object);
}

static void
glb_action_runner_class_init (GlbActionRunnerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_action_runner_finalize;
}

static void
glb_action_runner_init (GlbActionRunner *self)
{
  g_queue_init (&self->queue);
  self->closing = g_cancellable_new ();
  glb_input_state_init (&self->state);
}

GlbActionRunner *
glb_action_runner_new (const GlbActionContextual *context)
{
  GlbActionRunner *self = g_object_new (GLB_TYPE_ACTION_RUNNER, NULL);

  self->context = *context;
  g_object_ref (self->context.compositor);
  g_object_ref (self->context.screenshot);
  g_object_ref (self->context.hub);
  g_object_ref (self->context.accessibility);
  g_object_ref (self->context.clipboard);
  if (self->context.devices != NULL)
    g_object_ref (self->context.devices);
  return self;
}

static Job *
job_new (GlbActionRunner *self, GlbDriver actor, guint64 holder, GAsyncReadyCallback callback, gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->self = g_object_ref (self);
  job->task = g_task_new (self, NULL, callback, user_data);
  job->actor = actor;
  job->holder = holder;
  job->epoch = G_MAXUINT64;
  job->began_us = g_get_real_time ();
  return job;
}

/* Takes job. */
static void
run (Job *job, const char *untrusted_json, gsize length)
{
  GlbActionRunner *self = job->self;
  g_autoptr(GError) error = NULL;

  job->action = glb_action_new_from_json (self->context.rules != NULL ? self->context.rules->keys : NULL, untrusted_json, length, &error);
  if (job->action == NULL)
    {
      finish (job, glb_action_result_new_from_error (error), "malformed");
      return;
    }
  if (self->closed || g_queue_get_length (&self->queue) >= QUEUE_MAX)
    {
      refuse (job, GLB_REFUSED_RATE_LIMITED, "too many actions wait; wait for their results");
      return;
    }

  if (is_request (job->action->kind))
    {
      start_job (job);
      return;
    }

  g_queue_push_tail (&self->queue, job);
  run_head (self);
}

void
glb_action_runner_run_async (GlbActionRunner     *self,
                             GlbDriver            actor,
                             guint64              holder,
                             const char          *untrusted_json,
                             gsize                length,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  Job *job = job_new (self, actor, holder, callback, user_data);

  g_task_set_source_tag (job->task, glb_action_runner_run_async);
  run (job, untrusted_json, length);
}

void
glb_action_runner_run_inside_async (GlbActionRunner     *self,
                                    const char          *untrusted_json,
                                    gsize                length,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  Job *job = job_new (self, GLB_DRIVER_AGENT, 0, callback, user_data);

  g_task_set_source_tag (job->task, glb_action_runner_run_inside_async);
  job->inside = TRUE;
  run (job, untrusted_json, length);
}

GlbActionReply *
glb_action_runner_run_finish (GlbActionRunner *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
glb_action_runner_interrupt (GlbActionRunner *self)
{
  Job *job = g_queue_peek_head (&self->queue);
  const char *message;

  if (job == NULL || job->timeout_id == 0 || check_right (job, &message) == NULL)
    return;

  g_clear_handle_id (&job->timeout_id, g_source_remove);
  may_go_on (job);
}

void
glb_action_runner_seat_released (GlbActionRunner *self)
{
  glb_input_state_release (&self->state);
}

void
glb_action_runner_close (GlbActionRunner *self)
{
  self->closed = TRUE;
  g_cancellable_cancel (self->closing);
  glb_action_runner_interrupt (self);
}
