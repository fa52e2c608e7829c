/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "input-filter/glb-lease.h"
#include "session-broker/broker/glb-chores.h"
#include "session-broker/broker/glb-screen-gate.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/media/glb-media.h"

#define MEMORY_MB     768
#define PROCESSES_MAX 16
/* A recorder can come and go as fast as it likes: one record a second says so. */
#define IN_USE_S      1

/*
 *   off ──► beginning ──► on ──► ending ──► off
 *               └────────────────►┘
 *
 * From beginning on there is a helper, and the way back leads over its end.
 */
typedef enum { SCREEN_OFF, SCREEN_BEGINNING, SCREEN_ON, SCREEN_ENDING } ScreenState;

struct _GlbScreenGate
{
  GObject parent_instance;

  GlbScreenContext context;
  ScreenState state;
  GTask *turn;                 /* (nullable): who is being answered; beginning */
  GPtrArray *waiting;          /* GTask: for it to be off */
  GlbPublisher *publisher;     /* (nullable) */
  GlbAccount *account;
  GlbCgroup *cgroup;
  GlbChores *chores;
  char *node_name;
  const char *why;             /* (nullable) (static): of an end that was asked for */
  gboolean in_use, closed;
  guint n_changes;             /* of in_use, since the last record */
  guint record_id;
};

G_DEFINE_FINAL_TYPE (GlbScreenGate, glb_screen_gate, G_TYPE_OBJECT)

static gboolean
audit (GlbScreenGate *self, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  g_autoptr(JsonObject) owned = fields;

  json_object_set_string_member (owned, "node", self->node_name);
  return self->context.audit (self->context.user_data, event, actor, owned, error);
}

/* ---- in use ---------------------------------------------------------------------- */

static void
record_in_use (GlbScreenGate *self)
{
  JsonObject *fields = json_object_new ();

  json_object_set_boolean_member (fields, "inUse", self->in_use);
  json_object_set_int_member (fields, "changes", self->n_changes);
  self->n_changes = 0;
  audit (self, "screen-in-use", GLB_DRIVER_NOBODY, fields, NULL);
}

static gboolean
on_record_time (gpointer user_data)
{
  GlbScreenGate *self = user_data;

  if (self->n_changes == 0)
    {
      self->record_id = 0;
      return G_SOURCE_REMOVE;
    }

  record_in_use (self);
  return G_SOURCE_CONTINUE;
}

/* The indicator follows at once, the records at a bounded pace. */
static void
set_in_use (GlbScreenGate *self, gboolean in_use)
{
  if (self->in_use == in_use)
    return;

  self->in_use = in_use;
  self->n_changes++;
  if (self->record_id == 0)
    {
      record_in_use (self);
      self->record_id = g_timeout_add_seconds (IN_USE_S, on_record_time, self);
    }
  self->context.changed (self->context.user_data);
}

static void
on_in_use (GlbPublisher *publisher, gboolean in_use, gpointer user_data)
{
  GlbScreenGate *self = user_data;
  g_autoptr(GError) error = NULL;
  int fd;

  if (in_use && self->state != SCREEN_ENDING)
    {
      fd = glb_frame_hub_add_viewer (self->context.hub, 0, &error);
      if (fd < 0)
        {
          g_warning ("Session %s: no frames for its recorder: %s", self->context.id, error->message);
          glb_publisher_kill (publisher, "too many watch this session already; close one");
          return;
        }
      glb_publisher_give_stream (publisher, fd);
    }
  set_in_use (self, in_use);
}

/* ---- the helper -------------------------------------------------------------------- */

static void
clean_up (GlbScreenGate *self)
{
  g_autoptr(GError) error = NULL;

  if (self->publisher != NULL)
    g_signal_handlers_disconnect_by_data (self->publisher, self);
  g_clear_object (&self->publisher);
  if (self->cgroup != NULL && !glb_cgroup_remove (self->cgroup, &error))
    g_warning ("Can't remove a publisher's control group: %s", error->message);
  g_clear_object (&self->cgroup);
  glb_chores_done (self->chores);
  g_clear_object (&self->account);
}

/* Nothing of it is left. */
static void
be_off (GlbScreenGate *self)
{
  g_autoptr(GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  set_in_use (self, FALSE);
  if (self->n_changes > 0)
    record_in_use (self);
  g_clear_handle_id (&self->record_id, g_source_remove);
  clean_up (self);
  self->state = SCREEN_OFF;
  self->why = NULL;
  self->context.changed (self->context.user_data);
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_boolean (g_ptr_array_index (waiting, i), TRUE);
}

static void fail (GlbScreenGate *self, GError *error);

static void
on_gone (GlbPublisher *publisher, const char *why, gpointer user_data)
{
  g_autoptr(GlbScreenGate) self = g_object_ref (GLB_SCREEN_GATE (user_data));
  JsonObject *fields;

  /* begun_cb() has it */
  if (self->state == SCREEN_BEGINNING)
    return;
  if (self->turn != NULL)
    {
      fail (self, g_error_new_literal (GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, why));
      return;
    }

  fields = json_object_new ();
  json_object_set_string_member (fields, "why", self->why != NULL ? self->why : why);
  if (glb_publisher_get_n_left (publisher) >= 0)
    {
      json_object_set_int_member (fields, "nodes", glb_publisher_get_n_left (publisher));
      json_object_set_int_member (fields, "elapsedUs", glb_publisher_get_elapsed_us (publisher));
    }
  else if (self->why != NULL)
    json_object_set_string_member (fields, "killed", why);
  audit (self, "screen-unpublished", GLB_DRIVER_NOBODY, fields, NULL);
  be_off (self);
  if (self->closed)
    self->context.gone (self->context.user_data);
}

/* Good to have; the helper's other limits hold without it. */
static gboolean
make_cgroup (GlbScreenGate *self, GError **error)
{
  const GlbCgroupLimits limits = { .memory_mb = MEMORY_MB, .max_processes = PROCESSES_MAX };
  g_autofree char *name = g_strconcat ("publish-", self->context.id, NULL);

  self->cgroup = glb_cgroup_new (name, &limits, NULL);
  return self->cgroup == NULL || glb_chores_tell_cgroup (self->chores, self->cgroup, error);
}

static gboolean
make_publisher (GlbScreenGate *self, GError **error)
{
  g_autofree char *description = g_strdup_printf ("Glovebox: %s", self->context.name);
  GlbPublisherConfig config = {
    .name = self->context.id, .node_name = self->node_name, .description = description,
    .width = self->context.policy->desktop.width, .height = self->context.policy->desktop.height,
  };

  self->account = glb_account_allocate (self->context.host->accounts_dir, error);
  if (self->account == NULL || !glb_chores_tell_account (self->chores, self->account, error) || !make_cgroup (self, error))
    {
      clean_up (self);
      return FALSE;
    }

  config.account = self->account;
  config.cgroup = self->cgroup;
  self->publisher = glb_publisher_new (&config);
  g_signal_connect (self->publisher, "in-use", G_CALLBACK (on_in_use), self);
  g_signal_connect (self->publisher, "gone", G_CALLBACK (on_gone), self);
  return TRUE;
}

/* ---- on ---------------------------------------------------------------------------- */

/* Takes task. */
static void
refuse (GlbScreenGate *self, GTask *task, const char *code, const char *message)
{
  JsonObject *fields = json_object_new ();

  json_object_set_string_member (fields, "code", code);
  json_object_set_string_member (fields, "message", message);
  audit (self, "screen-refused", GLB_DRIVER_HUMAN, fields, NULL);
  g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "publish: %s: %s", code, message);
  g_object_unref (task);
}

/* It could not begin. Takes error. */
static void
fail (GlbScreenGate *self, GError *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->turn);
  g_autoptr(GError) owned = error;
  JsonObject *fields = json_object_new ();

  json_object_set_string_member (fields, "why", self->why != NULL ? self->why : error->message);
  audit (self, "screen-unpublished", GLB_DRIVER_NOBODY, fields, NULL);
  if (self->why != NULL)
    g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "publish: %s",
                             self->closed ? "the session ends" : "it was switched off meanwhile");
  else if (g_error_matches (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST))
    g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s", error->message);
  else
    g_task_return_error (task, g_steal_pointer (&owned));
  be_off (self);
  if (self->closed)
    self->context.gone (self->context.user_data);
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbScreenGate) self = user_data;
  GError *error = NULL;

  if (!glb_publisher_begin_finish (GLB_PUBLISHER (source), result, &error))
    {
      fail (self, error);
      return;
    }
  /* gone between its answer and this, */
  if (!glb_publisher_is_running (GLB_PUBLISHER (source)))
    {
      fail (self, g_error_new (GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, "publish: it ended at once; try again"));
      return;
    }
  /* or just being killed: on_gone() has the rest */
  if (self->why != NULL)
    {
      self->state = SCREEN_ENDING;
      return;
    }

  self->state = SCREEN_ON;
  self->context.changed (self->context.user_data);
  g_task_return_boolean (self->turn, TRUE);
  g_clear_object (&self->turn);
}

void
glb_screen_gate_on_async (GlbScreenGate *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *missing = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, glb_screen_gate_on_async);
  if (self->context.policy->desktop.publish != GLB_VERDICT_ALLOW)
    {
      refuse (self, task, "policy_denied", "the policy does not let the screen out; see desktop.publish in it");
      return;
    }
  missing = glb_publisher_diagnose ();
  if (self->closed || self->state != SCREEN_OFF)
    g_set_error (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "publish: %s",
                 self->closed ? "the session ends" : "it is on, or about to be, already");
  else if (missing != NULL)
    g_set_error_literal (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, missing);
  if (error != NULL || !audit (self, "screen-published", GLB_DRIVER_HUMAN, json_object_new (), &error) ||
      !make_publisher (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  self->state = SCREEN_BEGINNING;
  self->turn = task;
  glb_publisher_begin_async (self->publisher, begun_cb, g_object_ref (self));
}

/* ---- off --------------------------------------------------------------------------- */

/* be_off() follows, if there is something. why: static */
static void
take_back (GlbScreenGate *self, const char *why)
{
  switch (self->state)
    {
    case SCREEN_BEGINNING:
      self->why = why;
      glb_publisher_kill (self->publisher, why);
      return;
    case SCREEN_ON:
      self->why = why;
      self->state = SCREEN_ENDING;
      glb_publisher_end (self->publisher);
      return;
    case SCREEN_OFF:
    case SCREEN_ENDING:
    default:
      return;
    }
}

void
glb_screen_gate_off_async (GlbScreenGate *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, glb_screen_gate_off_async);
  if (self->state == SCREEN_OFF)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  g_ptr_array_add (self->waiting, task);
  take_back (self, "switched off");
}

gboolean
glb_screen_gate_finish (GlbScreenGate *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

GVariant *
glb_screen_gate_describe (GlbScreenGate *self)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "output", "s", "screen");
  g_variant_dict_insert (&dict, "verdict", "s", self->context.policy->desktop.publish == GLB_VERDICT_ALLOW ? "allow" : "deny");
  g_variant_dict_insert (&dict, "on", "b", self->state == SCREEN_ON);
  g_variant_dict_insert (&dict, "in-use", "b", self->in_use);
  g_variant_dict_insert (&dict, "target", "s", self->state == SCREEN_ON ? self->node_name : "");
  return g_variant_dict_end (&dict);
}

/* ---- the object ---------------------------------------------------------------------- */

void
glb_screen_gate_close (GlbScreenGate *self, const char *why)
{
  self->closed = TRUE;
  take_back (self, why);
}

gboolean
glb_screen_gate_is_gone (GlbScreenGate *self)
{
  return self->state == SCREEN_OFF;
}

static void
glb_screen_gate_dispose (GObject *object)
{
  GlbScreenGate *self = GLB_SCREEN_GATE (object);

  g_clear_handle_id (&self->record_id, g_source_remove);
  clean_up (self);
  g_clear_object (&self->context.hub);

  G_OBJECT_CLASS (glb_screen_gate_parent_class)->dispose (object);
}

static void
glb_screen_gate_finalize (GObject *object)
{
  GlbScreenGate *self = GLB_SCREEN_GATE (object);

  g_ptr_array_unref (self->waiting);
  g_clear_pointer (&self->chores, glb_chores_free);
  g_free (self->node_name);
  g_free ((char *) self->context.id);
  g_free ((char *) self->context.name);

  G_OBJECT_CLASS (glb_screen_gate_parent_class)->finalize (object);
}

static void
glb_screen_gate_class_init (GlbScreenGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_screen_gate_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_screen_gate_finalize;
}

static void
glb_screen_gate_init (GlbScreenGate *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

GlbScreenGate *
glb_screen_gate_new (const GlbScreenContext *context)
{
  GlbScreenGate *self = g_object_new (GLB_TYPE_SCREEN_GATE, NULL);

  self->context = *context;
  self->chores = glb_chores_new (context->host->janitor);
  g_object_ref (self->context.hub);
  self->context.id = g_strdup (context->id);
  self->context.name = g_strdup (context->name);
  /* a session's name is letters, digits and the like, whoever chose it; the id makes it one of a kind */
  self->node_name = g_strdup_printf (GLB_PUBLISH_NODE_PREFIX "%s", self->context.id);
  return self;
}
