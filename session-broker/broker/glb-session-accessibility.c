/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where glovebox-accessibility runs: in the session's sandbox, as one of its programs, but none of its commands. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <signal.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

#define PROGRAM GLB_AGENT_TOOLS "/glovebox-accessibility"

static gboolean
may_start (GlbSession *self, GError **error)
{
  if (self->state != GLB_SESSION_RUNNING || self->box == NULL || self->frozen)
    g_set_error_literal (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "the session is not running");
  else if (!self->request->policy->process.allow_spawn)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         "the policy allows no further processes (process.allowSpawn), and so no D-Bus");
  else
    return glb_session_audit (self, "accessibility-start", GLB_DRIVER_NOBODY, NULL, error);
  return FALSE;
}

static void
start_async (gpointer user_data, GAsyncReadyCallback callback, gpointer callback_data)
{
  static const char * const argv[] = { PROGRAM, NULL };
  GlbSession *self = g_object_ref (GLB_SESSION (user_data));   /* for start_finish */
  g_auto(GStrv) env = glb_session_dup_env (self, NULL);
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  if (may_start (self, &error))
    {
      glb_box_exec_async (self->box, "/", argv, (const char * const *) env, FALSE, NULL, callback, callback_data);
      return;
    }

  task = g_task_new (self, NULL, callback, callback_data);
  g_task_set_source_tag (task, start_async);
  g_task_return_error (task, error);
}

static gboolean
start_finish (gpointer user_data, GAsyncResult *result, int *input_fd, int *output_fd, guint64 *command, GError **error)
{
  g_autoptr(GObject) source = g_async_result_get_source_object (result);
  g_autoptr(GlbSession) self = user_data;
  int fds[3] = { -1, -1, -1 };
  int pid;

  if (!GLB_IS_BOX (source))
    return g_task_propagate_boolean (G_TASK (result), error);

  *command = glb_box_exec_finish (GLB_BOX (source), result, fds, &pid, error);
  if (*command == 0)
    return FALSE;

  *input_fd = fds[0];
  *output_fd = fds[1];
  fds[0] = fds[1] = -1;
  glb_session_drain (self, *command, fds);
  return TRUE;
}

static void
kill_program (gpointer user_data, guint64 command)
{
  GlbSession *self = user_data;

  if (self->box != NULL)
    glb_box_signal (self->box, command, SIGKILL);
}

static gboolean
is_frozen (gpointer user_data)
{
  GlbSession *self = user_data;

  return self->frozen || self->state == GLB_SESSION_PAUSED;
}

void
glb_session_make_accessibility (GlbSession *self)
{
  const GlbAccessibilityContext context = {
    .compositor = self->compositor, .start_async = start_async, .start_finish = start_finish, .kill = kill_program,
    .is_frozen = is_frozen, .user_data = self,
  };

  self->accessibility = glb_accessibility_new (&context);
}
