/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The device methods of org.glovebox.Session1. Who gets what is the gate's to decide. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <unistd.h>

#include "policies/glb-strict-json.h"
#include "session-broker/broker/glb-device-source.h"
#include "session-broker/broker/glb-session-call.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/broker/glb-source-options.h"
#include "session-broker/client/glb-broker-error.h"

typedef struct
{
  GlbSession *self;
  GDBusMethodInvocation *invocation;
  char *device;                /* (nullable): whose file is being read */
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
call_free (Call *call)
{
  g_object_unref (call->self);
  g_free (call->device);
  g_free (call);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr(GError) error = NULL;

  /* whoever hears the answer knows the property already */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (call->self->skeleton));
  if (glb_device_gate_finish (GLB_DEVICE_GATE (source), result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    glb_session_return_error (call->invocation, error);
  call_free (call);
}

/* FALSE with an answer: there is no such device, or not now. */
static gboolean
check (GlbSession *self, GDBusMethodInvocation *invocation, const char *name, GlbMediaDevice *device)
{
  const char *why = NULL;

  if (!glb_media_device_from_string (name, device))
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "device: no such device; use camera, microphone or speaker");
      return FALSE;
    }
  if (self->state == GLB_SESSION_STARTING)
    why = "it is still starting; try again";
  else if (self->state == GLB_SESSION_PAUSED)
    why = "it is paused, and has no devices; resume it first";
  else if (self->state != GLB_SESSION_RUNNING)
    why = "it has ended; start a new one";
  if (why != NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "session %s: %s", self->name, why);
      return FALSE;
    }
  if (self->devices == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                             "%s: policy_denied: %s", name,
                                             self->request->policy->isolation.tier == GLB_TIER_PROCESS
                                               ? "a session of the tier process has no devices"
                                               : "the policy denies all devices; see devices in it");
      return FALSE;
    }

  return TRUE;
}

static gboolean
handle_device_on (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, const char *name, GlbSession *self)
{
  GlbMediaDevice device;

  if (check (self, invocation, name, &device))
    glb_device_gate_on_async (self->devices, GLB_DRIVER_HUMAN, device, NULL, done_cb, call_new (self, invocation));
  return TRUE;
}

static void
file_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbSourceFile) file = glb_source_file_finish (result, &error);
  const GlbDeviceChoice choice = { GLB_MEDIA_SOURCE_FILE, file };
  GlbMediaDevice device;

  /* the session may have ended meanwhile */
  if (file != NULL && check (call->self, call->invocation, call->device, &device))
    {
      glb_device_gate_on_async (call->self->devices, GLB_DRIVER_HUMAN, device, &choice, done_cb, call);
      return;
    }
  if (file == NULL)
    g_dbus_method_invocation_return_error (call->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "%s: %s", call->device, error->message);
  call_free (call);
}

static gboolean
handle_device_on_with (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, const char *name, GVariant *options,
                       GlbSession *self)
{
  GlbDeviceChoice choice = { 0 };
  GlbSourceOptions source;
  GlbMediaDevice device;
  GError *error = NULL;
  Call *call;

  if (!check (self, invocation, name, &device))
    return TRUE;
  if (!glb_source_options_read (&source, name, options, fds, &error))
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return TRUE;
    }
  if (!glb_device_source_from_string (device, source.source, &choice.source))
    {
      g_autofree char *word = glb_strict_json_printable (source.source, -1, 40);

      if (source.fd >= 0)
        close (source.fd);
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "%s: %s: not a source of this device; %s", name,
                                             word, "see glovebox device --help");
      return TRUE;
    }

  call = call_new (self, invocation);
  call->device = g_strdup (name);
  if (source.fd >= 0)
    glb_source_file_copy_async (source.fd, source.name, file_cb, call);
  else
    glb_device_gate_on_async (self->devices, GLB_DRIVER_HUMAN, device, &choice, done_cb, call);
  return TRUE;
}

static gboolean
handle_device_off (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, const char *name, GlbSession *self)
{
  GlbMediaDevice device;

  if (check (self, invocation, name, &device))
    glb_device_gate_off_async (self->devices, device, done_cb, call_new (self, invocation));
  return TRUE;
}

static gboolean
handle_device_mute (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, const char *name, gboolean muted, GlbSession *self)
{
  GlbMediaDevice device;

  if (check (self, invocation, name, &device))
    glb_device_gate_mute_async (self->devices, device, muted, done_cb, call_new (self, invocation));
  return TRUE;
}

/* ---- the gate ------------------------------------------------------------------- */

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

static void
refused (gpointer user_data, const char *device, const char *code, const char *message)
{
  glb_dbus_session1_emit_device_refused (GLB_SESSION (user_data)->skeleton, device, code, message);
}

static void
changed (gpointer user_data)
{
  GlbSession *self = user_data;

  if (self->devices != NULL)
    glb_dbus_session1_set_devices (self->skeleton, glb_device_gate_describe (self->devices));
  glb_session_update_outputs (self);
}

static void
gone (gpointer user_data)
{
  glb_session_check_gone (user_data);
}

void
glb_session_make_devices (GlbSession *self)
{
  g_autofree char *socket_path = g_build_filename (self->dir, "pipewire-0", NULL);
  const GlbDeviceContext context = {
    .host = self->host, .session = self, .prompts = self->prompts, .policy = self->request->policy, .id = self->id,
    .listen_fd = self->pipewire_fd, .socket_path = socket_path, .workspace = self->request->workspace,
    .audit = audit, .refused = refused, .changed = changed, .gone = gone, .user_data = self,
  };

  if (self->pipewire_fd < 0)
    return;

  self->devices = glb_device_gate_new (&context);
  changed (self);
}

void
glb_session_export_devices (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-device-on", G_CALLBACK (handle_device_on), self, 0);
  g_signal_connect_object (self->skeleton, "handle-device-on-with", G_CALLBACK (handle_device_on_with), self, 0);
  g_signal_connect_object (self->skeleton, "handle-device-off", G_CALLBACK (handle_device_off), self, 0);
  g_signal_connect_object (self->skeleton, "handle-device-mute", G_CALLBACK (handle_device_mute), self, 0);
}
