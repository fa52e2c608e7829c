/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session's portal lets out, towards the person's clients. What may is the gate's to decide. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

static void
uri_allowed (gpointer user_data, guint number, const char *uri)
{
  glb_dbus_session1_emit_uri_allowed (GLB_SESSION (user_data)->skeleton, number, uri);
}

static void
notified (gpointer user_data, const char *name, const char *title, const char *body)
{
  glb_dbus_session1_emit_notified (GLB_SESSION (user_data)->skeleton, name, title, body);
}

static void
withdrawn (gpointer user_data, const char *name)
{
  glb_dbus_session1_emit_notification_withdrawn (GLB_SESSION (user_data)->skeleton, name);
}

static gboolean
handle_take_uri (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, guint number, GlbSession *self)
{
  g_autofree char *uri = self->portal != NULL ? glb_portal_gate_take_uri (self->portal, number) : NULL;
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;

  if (uri == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                             "session %s: no address waits under this number; another client has taken it", self->name);
      return TRUE;
    }

  json_object_set_int_member (fields, "number", number);
  json_object_set_string_member (fields, "uri", uri);
  if (!glb_session_audit (self, "portal-uri-taken", GLB_DRIVER_HUMAN, fields, &error))
    g_dbus_method_invocation_take_error (invocation, glb_session_map_error (error));
  else
    glb_dbus_session1_complete_take_uri (object, invocation, uri);
  return TRUE;
}

gboolean
glb_session_make_portal (GlbSession *self, GError **error)
{
  const GlbPortalContext context = {
    .host = self->host, .session = self, .prompts = self->prompts, .policy = self->request->policy, .audit = audit,
    .uri_allowed = uri_allowed, .notified = notified, .withdrawn = withdrawn, .user_data = self,
  };

  if (self->portal_fd < 0)
    return TRUE;

  self->portal = glb_portal_gate_new (self->portal_fd, &context, error);
  self->portal_fd = -1;
  return self->portal != NULL;
}

void
glb_session_export_portal (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-take-uri", G_CALLBACK (handle_take_uri), self, 0);
}

void
glb_session_update_appearance (GlbSession *self)
{
  if (self->portal != NULL)
    glb_portal_gate_update_appearance (self->portal);
}
