/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-pool.h"

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
  gboolean closed;
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
    retire (self, compositor);
  else
    g_ptr_array_add (self->ready, g_object_ref (compositor));
}

static void
glb_pool_dispose (GObject *object)
{
  GlbPool *self = GLB_POOL (object);

  for (guint i = 0; i < self->ready->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->ready, i), self);
  for (guint i = 0; i < self->dying->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->dying, i), self);
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

void
glb_pool_refill (GlbPool *self)
{
  if (self->closed || !self->has_config)
    return;

  while (self->ready->len + self->n_starting < self->n_spares)
    {
      self->n_starting++;
      glb_compositor_new_async (self->host, &self->config, NULL, started_cb, g_object_ref (self));
    }
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
  glb_pool_drop (self);
  check_empty (self);
}

gboolean
glb_pool_is_empty (GlbPool *self)
{
  return self->ready->len + self->dying->len + self->n_starting == 0;
}
