/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection that comes from the host, to a published port:
 *
 *   connecting (glovebox-init, inside, begins it) ──► open
 *
 * It has no verdict, since the policy named the port; the record comes before
 * anything of it reaches the session. From open on it is as any other.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/broker/glb-network-gate-private.h"
#include "session-broker/sandbox/glb-box-dial.h"

/* Takes session. */
static void
hand_over (GlbNetworkLink *self, int session)
{
  const int yes = 1;

  setsockopt (session, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  if (!glb_network_link_hold (self, self->came))
    {
      close (session);
      return;
    }

  glb_network_send_published (self->gate->network, self->id, self->came, session);
  self->came = -1;
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbNetworkLink) self = user_data;
  g_autoptr(GError) error = NULL;
  int fd = glb_box_dial_finish (result, &error);

  if (self->gate == NULL)
    {
      if (fd >= 0)
        close (fd);
    }
  else if (fd < 0)
    glb_network_link_fail (self, error);
  else
    hand_over (self, fd);
}

void
glb_network_link_begin_published (GlbNetworkGate *gate, const GlbNetworkArrival *arrival)
{
  g_autoptr(GlbNetworkLink) self = NULL;

  self = glb_network_link_ref (glb_network_link_new (gate, GLB_NETWORK_ID_PUBLISHED | ++gate->n_published, "published"));
  self->came = arrival->fd;
  self->port = arrival->port;
  self->host = glb_network_address_to_string (&arrival->address);
  self->by = g_strdup (arrival->rule->text);
  g_array_append_val (self->addresses, arrival->address);
  self->state = GLB_NETWORK_LINK_CONNECTING;
  g_hash_table_insert (gate->links, &self->id, self);
  if (!glb_network_link_audit_open (self))
    return;

  glb_box_dial_async (arrival->box, arrival->rule->session_port, self->cancellable, dialled_cb, glb_network_link_ref (self));
}
