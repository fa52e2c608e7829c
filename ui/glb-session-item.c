/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-session-item.h"

struct _GlbSessionItem
{
  GObject parent_instance;

  GlbDBusSession1 *session;
  GlbSessionGates *gates;
  GlbTimeline *timeline;
  GdkTexture *picture;         /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbSessionItem, glb_session_item, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
emit_changed (GlbSessionItem *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
glb_session_item_finalize (GObject *object)
{
  GlbSessionItem *self = GLB_SESSION_ITEM (object);

  g_clear_object (&self->picture);
  g_clear_object (&self->timeline);
  g_clear_object (&self->gates);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (glb_session_item_parent_class)->finalize (object);
}

static void
glb_session_item_class_init (GlbSessionItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_session_item_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_session_item_init (GlbSessionItem *self)
{
}

GlbSessionItem *
glb_session_item_new (GDBusObjectManager *manager,
                      GlbDBusSession1    *session)
{
  GlbSessionItem *self = g_object_new (GLB_TYPE_SESSION_ITEM, NULL);

  self->session = g_object_ref (session);
  self->gates = glb_session_gates_new (manager, g_dbus_proxy_get_object_path (G_DBUS_PROXY (session)));
  self->timeline = glb_timeline_new (session, self->gates);
  g_signal_connect_object (session, "g-properties-changed", G_CALLBACK (emit_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gates, "changed", G_CALLBACK (emit_changed), self, G_CONNECT_SWAPPED);

  return self;
}

GlbDBusSession1 *
glb_session_item_get_session (GlbSessionItem *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), NULL);

  return self->session;
}

GlbSessionGates *
glb_session_item_get_gates (GlbSessionItem *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), NULL);

  return self->gates;
}

GlbTimeline *
glb_session_item_get_timeline (GlbSessionItem *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), NULL);

  return self->timeline;
}

GlbSessionGroup
glb_session_item_get_group (GlbSessionItem *self)
{
  const char *state;

  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), GLB_SESSION_GROUP_ENDED);

  state = glb_dbus_session1_get_state (self->session);
  if (g_strcmp0 (state, "ended") == 0 || g_strcmp0 (state, "stopping") == 0)
    return GLB_SESSION_GROUP_ENDED;
  if (glb_session_gates_get_n_prompts (self->gates) > 0)
    return GLB_SESSION_GROUP_ASKING;
  if (g_strcmp0 (state, "paused") == 0)
    return GLB_SESSION_GROUP_PAUSED;
  if (g_strcmp0 (glb_dbus_session1_get_driver (self->session), "human") == 0)
    return GLB_SESSION_GROUP_DRIVEN;

  return GLB_SESSION_GROUP_RUNNING;
}

gboolean
glb_session_item_is (GlbSessionItem *self,
                     const char     *session)
{
  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), FALSE);

  return g_strcmp0 (session, glb_dbus_session1_get_id (self->session)) == 0 ||
         g_strcmp0 (session, glb_dbus_session1_get_name (self->session)) == 0;
}

gboolean
glb_session_item_is_alive (GlbSessionItem *self)
{
  const char *state;

  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), FALSE);

  state = glb_dbus_session1_get_state (self->session);

  return g_strcmp0 (state, "running") == 0 || g_strcmp0 (state, "paused") == 0;
}

gboolean
glb_session_item_has_screen (GlbSessionItem *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), FALSE);

  return g_strcmp0 (glb_dbus_session1_get_tier (self->session), "process") != 0;
}

GdkTexture *
glb_session_item_get_picture (GlbSessionItem *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_ITEM (self), NULL);

  return self->picture;
}

void
glb_session_item_set_picture (GlbSessionItem *self,
                              GdkTexture     *picture)
{
  g_return_if_fail (GLB_IS_SESSION_ITEM (self));

  g_set_object (&self->picture, picture);
}
