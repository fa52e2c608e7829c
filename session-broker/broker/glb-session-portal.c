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

static void
camera_async (gpointer user_data, GAsyncReadyCallback callback, gpointer callback_data)
{
  GlbSession *self = user_data;
  gboolean running = self->state == GLB_SESSION_RUNNING && self->devices != NULL;
  g_autoptr(GTask) task = NULL;

  if (running && !glb_device_gate_is_on (self->devices, GLB_MEDIA_CAMERA))
    {
      glb_device_gate_on_async (self->devices, GLB_DRIVER_AGENT, GLB_MEDIA_CAMERA, NULL, callback, callback_data);
      return;
    }

  /* one camera for all of the session's programs */
  task = g_task_new (self, NULL, callback, callback_data);
  if (running)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "camera: the session is not running");
}

static gboolean
camera_finish (gpointer user_data, GAsyncResult *result, const char **code, GError **error)
{
  gpointer source = g_task_get_source_object (G_TASK (result));

  /* else it is ours, and not the gate's */
  *code = GLB_IS_DEVICE_GATE (source) ? glb_device_gate_get_refusal (source, result) : NULL;
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
camera_withdraw (gpointer user_data)
{
  GlbSession *self = user_data;

  if (self->devices != NULL)
    glb_device_gate_withdraw (self->devices, GLB_MEDIA_CAMERA);
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
    .uri_allowed = uri_allowed, .notified = notified, .withdrawn = withdrawn,
    .camera_async = camera_async, .camera_finish = camera_finish, .camera_withdraw = camera_withdraw, .user_data = self,
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
