/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/mcp/glb-mcp-output.h"

#define TIMEOUT_MS_DEFAULT 60000
#define MAX_BYTES_DEFAULT  65536

/* One command that is waited for, until whatever comes first: its exit, its time, the call's cancelling, the session's end. */
typedef struct
{
  GlbMcpCall *call;
  GlbMcpSession *session;
  guint64 number;
  GlbMcpOutput *outputs[2];
  guint timeout_id;
  gulong exited_id, changed_id, cancelled_id;
} Exec;

static void
exec_free (Exec *self)
{
  if (self->exited_id != 0)
    g_signal_handler_disconnect (self->session, self->exited_id);
  if (self->changed_id != 0)
    g_signal_handler_disconnect (self->session, self->changed_id);
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (glb_mcp_call_get_cancellable (self->call), self->cancelled_id);
  if (self->timeout_id != 0)
    g_source_remove (self->timeout_id);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->outputs[i], glb_mcp_output_free);
  glb_mcp_call_unref (self->call);
  g_object_unref (self->session);
  g_free (self);
}

static void
add_output (JsonObject   *answer,
            const char   *name,
            const char   *bytes_name,
            GlbMcpOutput *output)
{
  guint64 total;
  g_autofree char *text = glb_mcp_output_finish (output, &total);

  json_object_set_string_member (answer, name, text);
  json_object_set_int_member (answer, bytes_name, (gint64) total);
}

/* Frees self. */
static void
finish (Exec    *self,
        int      status,
        gboolean timed_out)
{
  JsonObject *answer = json_object_new ();

  json_object_set_int_member (answer, "exitCode", WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status));
  json_object_set_boolean_member (answer, "timedOut", timed_out);
  add_output (answer, "stdout", "stdoutBytes", self->outputs[0]);
  add_output (answer, "stderr", "stderrBytes", self->outputs[1]);
  glb_mcp_call_return (self->call, answer, NULL, timed_out);
  exec_free (self);
}

static void
on_exited (GlbMcpSession *session,
           guint64        number,
           int            status,
           gpointer       user_data)
{
  Exec *self = user_data;

  if (number == self->number)
    finish (self, status, FALSE);
}

static void
on_changed (GlbMcpSession *session,
            gpointer       user_data)
{
  Exec *self = user_data;

  if (!glb_mcp_session_has_ended (session))
    return;

  glb_mcp_call_refuse (self->call, "session_ended", "the session ended before the command: %s",
                       glb_mcp_session_get_reason (session));
  exec_free (self);
}

/* Not waited for: what is frozen dies when it goes on. */
static gboolean
on_timeout (gpointer user_data)
{
  Exec *self = user_data;

  self->timeout_id = 0;
  glb_mcp_session_kill (self->session, self->number);
  finish (self, SIGKILL, TRUE);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  Exec *self = user_data;

  glb_mcp_session_kill (self->session, self->number);
  finish (self, SIGKILL, FALSE);
}

static void
watch (Exec *self,
       int   stdio[3])
{
  gsize max_bytes = (gsize) glb_mcp_call_get_int (self->call, "maxBytes", MAX_BYTES_DEFAULT);

  close (stdio[0]);
  for (guint i = 0; i < 2; i++)
    self->outputs[i] = glb_mcp_output_new (stdio[i + 1], max_bytes);
  self->exited_id = g_signal_connect (self->session, "exited", G_CALLBACK (on_exited), self);
  self->changed_id = g_signal_connect (self->session, "changed", G_CALLBACK (on_changed), self);
  self->cancelled_id = g_signal_connect (glb_mcp_call_get_cancellable (self->call), "cancelled", G_CALLBACK (on_cancelled), self);
  self->timeout_id = g_timeout_add ((guint) glb_mcp_call_get_int (self->call, "timeoutMs", TIMEOUT_MS_DEFAULT), on_timeout, self);
}

static void
exec_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Exec *self = user_data;
  GError *error = NULL;
  int stdio[3], status;

  self->number = glb_mcp_session_exec_finish (self->session, result, stdio, &error);
  if (self->number == 0)
    {
      glb_mcp_call_refuse_error (self->call, error);
      exec_free (self);
      return;
    }

  watch (self, stdio);
  if (glb_mcp_session_take_exit (self->session, self->number, &status))
    finish (self, status, FALSE);
  else if (glb_mcp_call_is_cancelled (self->call))
    on_cancelled (NULL, self);
  else
    on_changed (self->session, self);
}

static void
start (GlbMcpCall          *call,
       GAsyncReadyCallback  callback)
{
  g_auto(GStrv) argv = glb_mcp_call_dup_strings (call, "command");
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  Exec *self;

  if (session == NULL)
    return;

  self = g_new0 (Exec, 1);
  self->call = glb_mcp_call_ref (call);
  self->session = g_object_ref (session);
  glb_mcp_session_exec_async (session, (const char * const *) argv, glb_mcp_call_get_string (call, "cwd"), callback, self);
}

void
glb_mcp_tool_exec (GlbMcpCall *call)
{
  start (call, exec_cb);
}

static void
launch_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Exec *self = user_data;
  JsonObject *answer;
  GError *error = NULL;
  int stdio[3];

  self->number = glb_mcp_session_exec_finish (self->session, result, stdio, &error);
  if (self->number == 0)
    glb_mcp_call_refuse_error (self->call, error);
  else
    {
      glb_mcp_session_drain (stdio);
      if (glb_mcp_call_is_cancelled (self->call))
        glb_mcp_session_kill (self->session, self->number);
      answer = json_object_new ();
      json_object_set_int_member (answer, "command", (gint64) self->number);
      glb_mcp_call_return (self->call, answer, NULL, FALSE);
    }
  exec_free (self);
}

void
glb_mcp_tool_launch_app (GlbMcpCall *call)
{
  start (call, launch_cb);
}
