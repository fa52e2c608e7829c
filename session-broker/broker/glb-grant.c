/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "glb-broker-dbus-generated.h"
#include "session-broker/broker/glb-grant.h"

typedef struct
{
  guint number;
  GlbGrantEnded ended;       /* (nullable) */
  gpointer user_data;
} Hold;

struct _GlbGrant
{
  GObject parent_instance;

  guint64 id;
  GlbGrantTerms terms;       /* its strings are owned */
  GlbDBusGrant1 *skeleton;
  GArray *holds;             /* Hold */
  guint last_hold;
  guint n_uses;
  guint timeout_id;
  const char *why;           /* (nullable): ended; static */
};

G_DEFINE_FINAL_TYPE (GlbGrant, glb_grant, G_TYPE_OBJECT)

enum { ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
glb_grant_finalize (GObject *object)
{
  GlbGrant *self = GLB_GRANT (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_object_unref (self->skeleton);
  g_array_unref (self->holds);
  g_free ((char *) self->terms.sha256);
  g_free ((char *) self->terms.target);

  G_OBJECT_CLASS (glb_grant_parent_class)->finalize (object);
}

static void
glb_grant_class_init (GlbGrantClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_grant_finalize;

  signals[ENDED] = g_signal_new ("ended", GLB_TYPE_GRANT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_grant_init (GlbGrant *self)
{
  self->holds = g_array_new (FALSE, FALSE, sizeof (Hold));
  self->skeleton = glb_dbus_grant1_skeleton_new ();
}

static gboolean
on_timeout (gpointer user_data)
{
  GlbGrant *self = user_data;

  self->timeout_id = 0;
  glb_grant_end (self, "expired");
  return G_SOURCE_REMOVE;
}

GlbGrant *
glb_grant_new (guint64 id, const GlbGrantTerms *terms)
{
  GlbGrant *self = g_object_new (GLB_TYPE_GRANT, NULL);
  gint64 left_us = terms->until_us - g_get_monotonic_time ();

  self->id = id;
  self->terms = *terms;
  self->terms.sha256 = g_strdup (terms->sha256);
  self->terms.target = g_strdup (terms->target);
  if (terms->until_us != 0)
    self->timeout_id = g_timeout_add (MAX (left_us, 0) / 1000, on_timeout, self);

  glb_dbus_grant1_set_id (self->skeleton, id);
  glb_dbus_grant1_set_kind (self->skeleton, glb_prompt_kind_to_string (terms->kind));
  glb_dbus_grant1_set_scope (self->skeleton, glb_grant_scope_to_string (terms->scope));
  glb_dbus_grant1_set_expires (self->skeleton, terms->until_us != 0 ? g_get_real_time () + left_us : 0);
  glb_dbus_grant1_set_sha256 (self->skeleton, terms->sha256);
  return self;
}

guint
glb_grant_hold (GlbGrant *self, GlbGrantEnded ended, gpointer user_data)
{
  Hold hold = { self->last_hold + 1, ended, user_data };

  g_return_val_if_fail (GLB_IS_GRANT (self), 0);

  if (self->why != NULL)
    return 0;

  self->last_hold = hold.number;
  g_array_append_val (self->holds, hold);
  return hold.number;
}

void
glb_grant_release (GlbGrant *self, guint hold)
{
  g_return_if_fail (GLB_IS_GRANT (self));

  for (guint i = 0; i < self->holds->len; i++)
    if (g_array_index (self->holds, Hold, i).number == hold)
      {
        g_array_remove_index (self->holds, i);
        if (self->holds->len == 0 && self->terms.scope == GLB_GRANT_ONCE)
          glb_grant_end (self, "used");
        return;
      }
}

/* The first reason stays. Each hold hears of it once, however the holders release meanwhile. */
void
glb_grant_end (GlbGrant *self, const char *why)
{
  g_autoptr(GlbGrant) ref = g_object_ref (self);

  if (self->why != NULL)
    return;

  self->why = why;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_signal_emit (self, signals[ENDED], 0);
  while (self->holds->len > 0)
    {
      Hold hold = g_array_index (self->holds, Hold, 0);

      g_array_remove_index (self->holds, 0);
      if (hold.ended != NULL)
        hold.ended (self, why, hold.user_data);
    }
}

void
glb_grant_count_use (GlbGrant *self)
{
  self->n_uses++;
  glb_dbus_grant1_set_uses (self->skeleton, self->n_uses);
}

guint64
glb_grant_get_id (GlbGrant *self)
{
  return self->id;
}

const char *
glb_grant_get_why (GlbGrant *self)
{
  return self->why;
}

const GlbGrantTerms *
glb_grant_get_terms (GlbGrant *self)
{
  return &self->terms;
}

GDBusInterfaceSkeleton *
glb_grant_get_skeleton (GlbGrant *self)
{
  return G_DBUS_INTERFACE_SKELETON (self->skeleton);
}
