/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-pool.h"

#include "session-broker/broker/glb-frame-hub.h"

#define REFILL_DELAY_MS     150
#define PREPARE_DEADLINE_MS 10000

struct _GlbPool
{
  GObject parent_instance;

  GlbHost *host;
  guint n_spares;
  gboolean has_config;
  GlbCompositorConfig config;  /* of the last session */
  GPtrArray *ready;            /* GlbCompositor */
  GPtrArray *dying;            /* GlbCompositor: killed, not yet gone */
  guint n_starting;
  guint refill_id;
  gboolean closed;

  GlbPolicy *policy;           /* (nullable): of the last session */
  char *workspace;             /* (nullable) */
  GlbNest *nest;               /* (nullable): prepared */
  GPtrArray *old_nests;        /* GlbNest: their boxes are ending */
  gboolean preparing;
};

G_DEFINE_FINAL_TYPE (GlbPool, glb_pool, G_TYPE_OBJECT)

enum { EMPTIED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
check_empty (GlbPool *self)
{
  if (self->closed && glb_pool_is_empty (self))
    g_signal_emit (self, signals[EMPTIED], 0);
}

static void
on_died (GlbCompositor *compositor, const char *why, gpointer user_data)
{
  g_autoptr(GlbPool) self = g_object_ref (GLB_POOL (user_data));

  g_debug ("A spare compositor ended: %s", why);
  g_signal_handlers_disconnect_by_data (compositor, self);
  g_ptr_array_remove (self->ready, compositor);
  g_ptr_array_remove (self->dying, compositor);
  check_empty (self);
}

static void
retire (GlbPool *self, GlbCompositor *compositor)
{
  g_ptr_array_add (self->dying, g_object_ref (compositor));
  glb_compositor_kill (compositor, "it is not needed any more");
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbPool) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbCompositor) compositor = glb_compositor_new_finish (result, &error);

  self->n_starting--;
  if (compositor == NULL)
    {
      g_debug ("No spare compositor: %s", error->message);
      check_empty (self);
      return;
    }

  g_signal_connect (compositor, "died", G_CALLBACK (on_died), self);
  if (self->closed || !glb_compositor_config_equal (&self->config, glb_compositor_get_config (compositor)))
    {
      retire (self, compositor);
      return;
    }

  /* most sessions are watched as they begin */
  glb_compositor_prepare (compositor, GLB_FRAME_HUB_SLOTS);
  g_ptr_array_add (self->ready, g_object_ref (compositor));
}

/* ---- the nest ------------------------------------------------------------------ */

static void
on_box_closed (GlbBox *box, const char *reason, gpointer user_data)
{
  g_autoptr(GlbPool) self = g_object_ref (GLB_POOL (user_data));
  g_autoptr(GlbBox) ref = g_object_ref (box);

  g_debug ("A spare sandbox ended: %s", reason);
  g_signal_handlers_disconnect_by_data (box, self);
  if (self->nest != NULL && self->nest->box == box)
    g_clear_pointer (&self->nest, glb_nest_free);
  for (guint i = 0; i < self->old_nests->len; i++)
    if (((GlbNest *) g_ptr_array_index (self->old_nests, i))->box == box)
      {
        g_ptr_array_remove_index_fast (self->old_nests, i);
        break;
      }
  check_empty (self);
}

typedef struct
{
  GlbPool *self;
  GlbNest *nest;
} Preparing;

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Preparing *preparing = user_data;
  g_autoptr(GlbPool) self = preparing->self;
  GlbNest *nest = preparing->nest;
  g_autoptr(GError) error = NULL;
  guint pid;

  self->preparing = FALSE;
  nest->box = glb_box_prepare_finish (result, &error);
  if (nest->box == NULL)
    {
      g_debug ("No spare sandbox: %s", error->message);
      glb_nest_free (nest);
      check_empty (self);
      return;
    }

  pid = glb_sandbox_get_pid (glb_box_get_sandbox (nest->box));
  glb_nest_tell_process (nest, pid);
  g_signal_connect (nest->box, "closed", G_CALLBACK (on_box_closed), self);
  if (self->closed || self->nest != NULL)
    glb_pool_retire_nest (self, nest);
  else
    self->nest = nest;
}

static void
prepare_nest (GlbPool *self)
{
  g_autofree char *id = glb_nest_make_id ();
  g_autofree char *key = NULL;
  g_autoptr(GlbSandboxSpec) spec = NULL;
  g_autoptr(GError) error = NULL;
  Preparing *preparing;
  GlbNest *nest;

  if (self->nest != NULL || self->preparing || self->policy == NULL || self->n_spares == 0)
    return;
  key = glb_nest_make_key (self->policy, self->workspace);
  if (key == NULL)
    return;
  nest = glb_nest_new (self->host, id, self->policy, self->workspace, NULL, &error);
  if (nest == NULL)
    {
      g_debug ("No spare sandbox: %s", error->message);
      return;
    }

  nest->key = g_steal_pointer (&key);
  spec = glb_nest_make_spec (nest, self->policy, self->workspace, NULL);
  preparing = g_new0 (Preparing, 1);
  preparing->self = g_object_ref (self);
  preparing->nest = nest;
  self->preparing = TRUE;
  glb_box_prepare_async (spec, PREPARE_DEADLINE_MS, NULL, prepared_cb, preparing);
}

void
glb_pool_retire_nest (GlbPool *self, GlbNest *nest)
{
  /* it may have been taken, and is watched in any case */
  g_signal_handlers_disconnect_by_data (nest->box, self);
  g_signal_connect (nest->box, "closed", G_CALLBACK (on_box_closed), self);
  g_ptr_array_add (self->old_nests, nest);
  glb_box_kill (nest->box);
}

GlbNest *
glb_pool_take_nest (GlbPool *self, GlbPolicy *policy, const char *workspace)
{
  g_autofree char *key = NULL;
  GlbNest *nest = g_steal_pointer (&self->nest);

  if (self->policy != policy)
    {
      g_clear_pointer (&self->policy, glb_policy_unref);
      self->policy = glb_policy_ref (policy);
    }
  g_free (self->workspace);
  self->workspace = g_strdup (workspace);
  if (nest == NULL)
    return NULL;

  key = glb_nest_make_key (policy, workspace);
  if (g_strcmp0 (nest->key, key) != 0)
    {
      glb_pool_retire_nest (self, nest);
      return NULL;
    }

  g_signal_handlers_disconnect_by_data (nest->box, self);
  return nest;
}

/* ---- the object ------------------------------------------------------------------ */

static void
glb_pool_dispose (GObject *object)
{
  GlbPool *self = GLB_POOL (object);

  for (guint i = 0; i < self->ready->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->ready, i), self);
  for (guint i = 0; i < self->dying->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->dying, i), self);
  g_clear_handle_id (&self->refill_id, g_source_remove);
  g_ptr_array_set_size (self->ready, 0);
  g_ptr_array_set_size (self->dying, 0);

  G_OBJECT_CLASS (glb_pool_parent_class)->dispose (object);
}

static void
glb_pool_finalize (GObject *object)
{
  GlbPool *self = GLB_POOL (object);

  g_ptr_array_unref (self->ready);
  g_ptr_array_unref (self->dying);
  g_ptr_array_unref (self->old_nests);
  g_clear_pointer (&self->policy, glb_policy_unref);
  g_free (self->workspace);

  G_OBJECT_CLASS (glb_pool_parent_class)->finalize (object);
}

static void
glb_pool_class_init (GlbPoolClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_pool_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_pool_finalize;

  signals[EMPTIED] = g_signal_new ("emptied", GLB_TYPE_POOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_pool_init (GlbPool *self)
{
  self->ready = g_ptr_array_new_with_free_func (g_object_unref);
  self->dying = g_ptr_array_new_with_free_func (g_object_unref);
  self->old_nests = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_nest_free);
}

GlbPool *
glb_pool_new (GlbHost *host, guint n_spares)
{
  GlbPool *self = g_object_new (GLB_TYPE_POOL, NULL);

  self->host = host;
  self->n_spares = n_spares;
  return self;
}

GlbCompositor *
glb_pool_take (GlbPool *self, const GlbCompositorConfig *config)
{
  g_autoptr(GlbCompositor) compositor = NULL;

  if (!self->has_config || !glb_compositor_config_equal (&self->config, config))
    glb_pool_drop (self);
  self->config = *config;
  self->has_config = TRUE;

  while (self->ready->len > 0)
    {
      compositor = g_ptr_array_steal_index (self->ready, self->ready->len - 1);
      g_signal_handlers_disconnect_by_data (compositor, self);
      if (glb_compositor_is_alive (compositor))
        return g_steal_pointer (&compositor);

      /* it has just ended, and says so in a moment */
      g_signal_connect (compositor, "died", G_CALLBACK (on_died), self);
      g_ptr_array_add (self->dying, g_steal_pointer (&compositor));
    }

  return NULL;
}

static gboolean
on_refill (gpointer user_data)
{
  g_autoptr(GlbPool) self = g_object_ref (GLB_POOL (user_data));

  self->refill_id = 0;
  prepare_nest (self);
  while (self->has_config && self->ready->len + self->n_starting < self->n_spares)
    {
      self->n_starting++;
      glb_compositor_new_async (self->host, &self->config, NULL, started_cb, g_object_ref (self));
    }
  return G_SOURCE_REMOVE;
}

/* Not at once: the application that has just been started needs the processors more than a spare does. */
void
glb_pool_refill (GlbPool *self)
{
  if (self->closed)
    return;

  g_clear_handle_id (&self->refill_id, g_source_remove);
  self->refill_id = g_timeout_add (REFILL_DELAY_MS, on_refill, self);
}

void
glb_pool_drop (GlbPool *self)
{
  while (self->ready->len > 0)
    {
      g_autoptr(GlbCompositor) compositor = g_ptr_array_steal_index (self->ready, self->ready->len - 1);

      retire (self, compositor);
    }
}

void
glb_pool_close (GlbPool *self)
{
  self->closed = TRUE;
  g_clear_handle_id (&self->refill_id, g_source_remove);
  glb_pool_drop (self);
  if (self->nest != NULL)
    glb_pool_retire_nest (self, g_steal_pointer (&self->nest));
  check_empty (self);
}

gboolean
glb_pool_is_empty (GlbPool *self)
{
  return self->ready->len + self->dying->len + self->n_starting + self->old_nests->len == 0 && self->nest == NULL && !self->preparing;
}
