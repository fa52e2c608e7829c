/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The methods of org.glovebox.Session1 by which the person lets a session's output out. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

typedef struct
{
  GlbSession *self;
  GDBusMethodInvocation *invocation;
} Call;

static Call *
call_new (GlbSession *self, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (self);
  call->invocation = invocation;
  return call;
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr(GError) error = NULL;

  /* whoever hears the answer knows the property already */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (call->self->skeleton));
  if (glb_screen_gate_finish (GLB_SCREEN_GATE (source), result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    g_dbus_method_invocation_take_error (call->invocation, glb_session_map_error (error));
  g_object_unref (call->self);
  g_free (call);
}

/* FALSE with an answer. */
static gboolean
check (GlbSession *self, GDBusMethodInvocation *invocation)
{
  if (self->request->policy->isolation.tier == GLB_TIER_PROCESS)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                           "publish: policy_denied: a session of the tier process has no screen");
  else if (self->screen == NULL || (self->state != GLB_SESSION_RUNNING && self->state != GLB_SESSION_PAUSED))
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "session %s: %s", self->name,
                                           self->state == GLB_SESSION_STARTING ? "it is still starting; try again"
                                                                               : "it has ended; start a new one");
  else
    return TRUE;
  return FALSE;
}

static gboolean
handle_publish_on (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  if (check (self, invocation))
    glb_screen_gate_on_async (self->screen, done_cb, call_new (self, invocation));
  return TRUE;
}

static gboolean
handle_publish_off (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  if (check (self, invocation))
    glb_screen_gate_off_async (self->screen, done_cb, call_new (self, invocation));
  return TRUE;
}

/* ---- the gate -------------------------------------------------------------------- */

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

static void
changed (gpointer user_data)
{
  GlbSession *self = user_data;
  GVariantBuilder builder;

  if (self->screen == NULL)
    return;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_add_value (&builder, glb_screen_gate_describe (self->screen));
  glb_dbus_session1_set_outputs (self->skeleton, g_variant_builder_end (&builder));
}

static void
gone (gpointer user_data)
{
  glb_session_check_gone (user_data);
}

void
glb_session_make_screen (GlbSession *self)
{
  const GlbScreenContext context = {
    .host = self->host, .hub = self->hub, .policy = self->request->policy, .id = self->id, .name = self->name,
    .audit = audit, .changed = changed, .gone = gone, .user_data = self,
  };

  self->screen = glb_screen_gate_new (&context);
  changed (self);
}

void
glb_session_export_screen (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-publish-on", G_CALLBACK (handle_publish_on), self, 0);
  g_signal_connect_object (self->skeleton, "handle-publish-off", G_CALLBACK (handle_publish_off), self, 0);
}
