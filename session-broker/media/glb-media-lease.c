/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/media/glb-media-lease.h"

/* One is enough where the daemon answers in order; this is against waiting for ever. */
#define TURNS_MAX 100

/*
 * The states of streams and filters do not tell: newer versions suspend a
 * node, which shows as "paused", before they say which node it is.
 */
static void
on_done (void *data, guint32 id, int seq)
{
  GlbMediaBinding *self = data;
  guint32 node_id;

  if (id != PW_ID_CORE || seq != self->seq)
    return;

  node_id = self->get_node_id (self->user_data);
  if (node_id == PW_ID_ANY && --self->n_turns > 0)
    {
      self->seq = pw_core_sync (self->core, PW_ID_CORE, 0);
      return;
    }
  glb_media_binding_stop (self);
  self->bound (node_id, self->user_data);
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_done,
};

void
glb_media_binding_start (GlbMediaBinding *self)
{
  self->n_turns = TURNS_MAX;
  pw_core_add_listener (self->core, &self->listener, &core_events, self);
  self->seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}

void
glb_media_binding_stop (GlbMediaBinding *self)
{
  if (self->n_turns == 0 && self->seq == 0)
    return;
  spa_hook_remove (&self->listener);
  self->n_turns = 0;
  self->seq = 0;
}
