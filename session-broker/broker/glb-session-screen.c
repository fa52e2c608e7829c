/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The methods of org.glovebox.Session1 by which the person lets a session's output out. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

typedef struct
{
  GlbSession *self;
  GDBusMethodInvocation *invocation;
  int fd;                        /* of sound: the end to read from; -1 */
} Call;

static Call *
call_new (GlbSession *self, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (self);
  call->invocation = invocation;
  call->fd = -1;
  return call;
}

static void
call_free (Call *call)
{
  if (call->fd >= 0)
    close (call->fd);
  g_object_unref (call->self);
  g_free (call);
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
  call_free (call);
}

/* FALSE with an answer. output: "screen" or "sound". */
static gboolean
check (GlbSession *self, GDBusMethodInvocation *invocation, const char *verb, const char *output)
{
  if (self->request->policy->isolation.tier == GLB_TIER_PROCESS)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                           "%s: policy_denied: a session of the tier process has no %s", verb, output);
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
  if (check (self, invocation, "publish", "screen"))
    glb_screen_gate_on_async (self->screen, done_cb, call_new (self, invocation));
  return TRUE;
}

static gboolean
handle_publish_off (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  if (check (self, invocation, "publish", "screen"))
    glb_screen_gate_off_async (self->screen, done_cb, call_new (self, invocation));
  return TRUE;
}

/* ---- sound ----------------------------------------------------------------------- */

static void
sound_off_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr(GError) error = NULL;

  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (call->self->skeleton));
  if (glb_device_gate_finish (GLB_DEVICE_GATE (source), result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    g_dbus_method_invocation_take_error (call->invocation, glb_session_map_error (error));
  call_free (call);
}

static void
listened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr(GError) error = NULL;
  GVariantBuilder info;

  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (call->self->skeleton));
  if (!glb_device_gate_finish (GLB_DEVICE_GATE (source), result, &error) || g_unix_fd_list_append (fds, call->fd, &error) < 0)
    g_dbus_method_invocation_take_error (call->invocation, glb_session_map_error (error));
  else
    {
      g_variant_builder_init (&info, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&info, "{sv}", "format", g_variant_new_string ("S16LE"));
      g_variant_builder_add (&info, "{sv}", "rate", g_variant_new_uint32 (48000));
      g_variant_builder_add (&info, "{sv}", "channels", g_variant_new_uint32 (2));
      glb_dbus_session1_complete_listen (call->self->skeleton, call->invocation, fds, g_variant_new_handle (0),
                                         g_variant_builder_end (&info));
    }
  /* the caller has it alone: when it goes, so does the listener */
  call_free (call);
}

/* FALSE with an answer. */
static gboolean
check_sound (GlbSession *self, GDBusMethodInvocation *invocation)
{
  if (!check (self, invocation, "sound", "sound"))
    return FALSE;
  if (self->state == GLB_SESSION_PAUSED)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                           "session %s: it is paused, and plays nothing; resume it first", self->name);
  else if (self->devices == NULL)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                           "sound: policy_denied: the policy lets nobody listen; see desktop.listen in it");
  else
    return TRUE;
  return FALSE;
}

static gboolean
handle_listen (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *list, GVariant *options, GlbSession *self)
{
  Call *call;
  int ends[2];

  if (!check_sound (self, invocation))
    return TRUE;
  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "sound: can't make a pipe: %s",
                                             g_strerror (errno));
      return TRUE;
    }

  call = call_new (self, invocation);
  call->fd = ends[0];
  glb_device_gate_listen_async (self->devices, ends[1], listened_cb, call);
  return TRUE;
}

static gboolean
handle_listen_off (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  if (check_sound (self, invocation))
    glb_device_gate_off_async (self->devices, GLB_MEDIA_SOUND, sound_off_cb, call_new (self, invocation));
  return TRUE;
}

/* ---- the gate -------------------------------------------------------------------- */

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

void
glb_session_update_outputs (GlbSession *self)
{
  GVariantBuilder builder;

  if (self->screen == NULL)
    return;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_add_value (&builder, glb_screen_gate_describe (self->screen));
  g_variant_builder_add_value (&builder, glb_device_gate_describe_sound (self->devices));
  glb_dbus_session1_set_outputs (self->skeleton, g_variant_builder_end (&builder));
}

static void
changed (gpointer user_data)
{
  glb_session_update_outputs (user_data);
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
  g_signal_connect_object (self->skeleton, "handle-listen", G_CALLBACK (handle_listen), self, 0);
  g_signal_connect_object (self->skeleton, "handle-listen-off", G_CALLBACK (handle_listen_off), self, 0);
}
