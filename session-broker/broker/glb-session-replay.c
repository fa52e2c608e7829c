/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A replay at the seat: its client acts as "replay", bound by the agent's rules. It takes from the agent and from nobody; a person
 * takes from it at any time. Once it has the seat, its client is never taken for the agent again before it gave the seat back:
 * what it does after a person took over is refused, not done in the agent's name.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

gboolean
glb_session_is_replay (GlbSession *self, GDBusConnection *client)
{
  return self->replay_client != NULL && self->replay_client == client;
}

static gboolean
audit (GlbSession *self, const char *event, const char *why, GError **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "epoch", self->lease.epoch);
  if (why != NULL)
    json_object_set_string_member (fields, "why", why);
  return glb_session_audit (self, event, GLB_DRIVER_REPLAY, fields, error);
}

void
glb_session_release_replay (GlbSession *self, const char *why)
{
  gboolean drove;

  if (self->replay_client == NULL)
    return;

  drove = glb_lease_release (&self->lease, glb_session_holder_of (self->replay_client));
  g_clear_object (&self->replay_client);
  if (!drove)
    return;
  if (self->audit != NULL)
    audit (self, "lease-released", why, NULL);
  glb_session_lease_changed (self);
}

/* NULL: it may. */
static const char *
why_not (GlbSession *self, GDBusConnection *client, GlbLease *next)
{
  if (self->state != GLB_SESSION_RUNNING)
    return "it does not run";
  if (self->compositor == NULL)
    return "it has no display; use --tier session";
  if (self->replay_client != NULL && self->replay_client != client)
    return "another replay drives; wait for its end";
  if (!glb_lease_take (next, GLB_DRIVER_REPLAY, glb_session_holder_of (client)))
    return "a person drives; release the lease first";
  return NULL;
}

static gboolean
handle_take_replay_lease (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  GlbLease next = self->lease;
  GError *error = NULL;
  const char *why;

  if (self->request->policy->desktop.agent_input != GLB_VERDICT_ALLOW)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                             "lease: the policy lets no agent drive, and so no replay; set desktop.input.agent to \"allow\"");
      return TRUE;
    }
  why = why_not (self, client, &next);
  if (why != NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "session %s: %s", self->name, why);
      return TRUE;
    }

  self->lease = next;
  g_set_object (&self->replay_client, client);
  glb_session_lease_changed (self);
  if (!audit (self, "lease-taken", NULL, &error))
    g_dbus_method_invocation_take_error (invocation, glb_session_map_error (error));
  else
    glb_dbus_session1_complete_take_replay_lease (object, invocation, self->lease.epoch);
  return TRUE;
}

void
glb_session_export_replay (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-take-replay-lease", G_CALLBACK (handle_take_replay_lease), self, 0);
}
