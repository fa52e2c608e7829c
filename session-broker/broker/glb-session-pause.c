/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session that stands still: by a call for it, or with all others, when the
 * person stops everything. The latter only takes from agents, so it does not
 * wait for records, and no session that is on its way to run escapes it.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-call.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

static const char *
why_not (GlbSession *self)
{
  switch (self->state)
    {
    case GLB_SESSION_STARTING: return "it is still starting; try again";
    case GLB_SESSION_RUNNING:  return "it is not paused";
    case GLB_SESSION_PAUSED:   return "it is paused already";
    default:                   return "it has ended; start a new one";
    }
}

/* The box stands still. FALSE: the session ends. */
static gboolean
finish_pause (GlbSession *self)
{
  glb_session_set_state (self, GLB_SESSION_EVENT_PAUSE);
  if (self->state != GLB_SESSION_PAUSED)
    {
      /* killed before it was frozen: frozen tasks of version 1 would not end */
      if (self->cgroup != NULL)
        glb_cgroup_kill (self->cgroup);
      return FALSE;
    }

  if (self->runner != NULL)
    glb_action_runner_interrupt (self->runner);
  glb_session_trace_release (self);
  /* the person's next events are refused, those that release what is held too */
  if (self->lease_client != NULL)
    glb_compositor_release_input (self->compositor);
  return TRUE;
}

/* ---- one of them -------------------------------------------------------------------- */

static void
paused_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSessionCall) call = user_data;
  g_autoptr(GError) error = NULL;

  if (!glb_box_pause_finish (GLB_BOX (source), result, &error))
    glb_session_return_error (call->invocation, error);
  else if (!finish_pause (call->self))
    glb_session_return_state_error (call->self, call->invocation, "it ends");
  else
    g_dbus_method_invocation_return_value (call->invocation, NULL);
}

static gboolean
handle_pause (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  g_autoptr(GError) error = NULL;

  if (self->state != GLB_SESSION_RUNNING)
    return glb_session_return_state_error (self, invocation, why_not (self));
  if (!glb_session_audit (self, "session-pause", GLB_DRIVER_HUMAN, NULL, &error))
    return glb_session_return_error (invocation, error);

  /* nobody is there to look or listen */
  if (self->devices != NULL)
    glb_device_gate_end_all (self->devices, "paused");
  glb_box_pause_async (self->box, TRUE, NULL, paused_cb, glb_session_call_new (self, invocation));
  return TRUE;
}

static void
resumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSessionCall) call = user_data;
  GlbSession *self = call->self;
  g_autoptr(GError) error = NULL;

  self->resuming = FALSE;
  if (!glb_box_pause_finish (GLB_BOX (source), result, &error))
    {
      glb_session_return_error (call->invocation, error);
      return;
    }

  glb_session_set_state (self, GLB_SESSION_EVENT_RESUME);
  glb_session_freeze_if_wanted (self);
  g_dbus_method_invocation_return_value (call->invocation, NULL);
}

static gboolean
handle_resume (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  g_autoptr(GError) error = NULL;

  if (self->state != GLB_SESSION_PAUSED)
    return glb_session_return_state_error (self, invocation, why_not (self));
  if (!glb_session_audit (self, "session-resume", GLB_DRIVER_HUMAN, NULL, &error))
    return glb_session_return_error (invocation, error);

  self->resuming = TRUE;
  self->freeze_wanted = FALSE;
  glb_box_pause_async (self->box, FALSE, NULL, resumed_cb, glb_session_call_new (self, invocation));
  return TRUE;
}

/* ---- with all others ----------------------------------------------------------------- */

static void
frozen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbSession *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;

  if (glb_box_pause_finish (GLB_BOX (source), result, &error))
    g_task_return_boolean (task, finish_pause (self));
  else
    g_task_return_error (task, glb_session_map_error (error));
}

static void
audit_freeze (GlbSession *self)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_boolean_member (fields, "everything", TRUE);
  glb_session_audit (self, "session-pause", GLB_DRIVER_HUMAN, fields, NULL);
}

void
glb_session_freeze_async (GlbSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, glb_session_freeze_async);
  self->freeze_wanted = self->state == GLB_SESSION_STARTING || self->resuming;
  if (self->state != GLB_SESSION_RUNNING)
    {
      g_task_return_boolean (task, FALSE);
      return;
    }

  glb_box_pause_async (self->box, TRUE, NULL, frozen_cb, g_steal_pointer (&task));
}

void
glb_session_freeze_recorded (GlbSession *self)
{
  if (self->state != GLB_SESSION_RUNNING && self->state != GLB_SESSION_PAUSED)
    return;

  if (self->devices != NULL)
    glb_device_gate_end_all (self->devices, "paused");
  audit_freeze (self);
}

gboolean
glb_session_freeze_finish (GlbSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
late_freeze_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  /* everything was to stand still, and nobody waits to hear that this does not */
  if (!glb_session_freeze_finish (GLB_SESSION (source), result, &error) && error != NULL)
    glb_session_end (GLB_SESSION (source), GLB_END_KILLED, error->message);
}

void
glb_session_freeze_if_wanted (GlbSession *self)
{
  if (!self->freeze_wanted || self->state != GLB_SESSION_RUNNING)
    return;

  glb_session_freeze_async (self, late_freeze_cb, NULL);
  glb_session_freeze_recorded (self);
}

void
glb_session_export_pause (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-pause", G_CALLBACK (handle_pause), self, 0);
  g_signal_connect_object (self->skeleton, "handle-resume", G_CALLBACK (handle_resume), self, 0);
}
