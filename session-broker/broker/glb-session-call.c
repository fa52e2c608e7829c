/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-call.h"

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

GlbSessionCall *
glb_session_call_new (GlbSession *self, GDBusMethodInvocation *invocation)
{
  GlbSessionCall *call = g_new0 (GlbSessionCall, 1);

  call->self = g_object_ref (self);
  call->invocation = invocation;
  return call;
}

void
glb_session_call_free (GlbSessionCall *call)
{
  g_object_unref (call->self);
  g_free (call);
}

gboolean
glb_session_return_error (GDBusMethodInvocation *invocation, const GError *error)
{
  g_dbus_method_invocation_take_error (invocation, glb_session_map_error (error));
  return TRUE;
}

gboolean
glb_session_return_state_error (GlbSession *self, GDBusMethodInvocation *invocation, const char *what)
{
  g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "session %s: %s", self->name, what);
  return TRUE;
}
