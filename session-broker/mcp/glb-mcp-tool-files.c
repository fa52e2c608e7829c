/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include <string.h>

#define MAX_BYTES_DEFAULT 262144

/* What a thread does, because a disk may be slow: it has its own copy of all that it needs. */
typedef struct
{
  GlbMcpWorkspace *workspace;
  char *path;
  guint64 offset, total;
  gsize max_bytes;
  GBytes *content;               /* to write, or what was read */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  glb_mcp_workspace_unref (job->workspace);
  g_clear_pointer (&job->content, g_bytes_unref);
  g_free (job->path);
  g_free (job);
}

/* NULL: answered */
static Job *
job_new (GlbMcpCall *call)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  GlbMcpWorkspace *workspace = session != NULL ? glb_mcp_session_get_workspace (session) : NULL;
  Job *job;

  if (session == NULL)
    return NULL;
  if (workspace == NULL)
    {
      glb_mcp_call_refuse (call, "policy_denied", "the policy gives this session no workspace");
      return NULL;
    }

  job = g_new0 (Job, 1);
  job->workspace = glb_mcp_workspace_ref (workspace);
  job->path = g_strdup (glb_mcp_call_get_string (call, "path"));
  return job;
}

static void
run_job (GlbMcpCall          *call,
         Job                 *job,
         GTaskThreadFunc      function,
         GAsyncReadyCallback  callback)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, callback, glb_mcp_call_ref (call));

  g_task_set_source_tag (task, run_job);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, function);
}

/* ---- read_file -------------------------------------------------------------------------- */

static void
read_thread (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;

  job->content = glb_mcp_workspace_read (job->workspace, job->path, job->offset, job->max_bytes, &job->total, &error);
  if (job->content != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GlbMcpCall) call = user_data;
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autofree char *content = NULL;
  GError *error = NULL;
  JsonObject *answer;
  const char *bytes;
  gboolean is_text;
  gsize length;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }

  bytes = g_bytes_get_data (job->content, &length);
  is_text = length == 0 || g_utf8_validate (bytes, (gssize) length, NULL);
  content = is_text ? g_strndup (length > 0 ? bytes : "", length) : g_base64_encode ((const guchar *) bytes, length);
  answer = json_object_new ();
  json_object_set_string_member (answer, "encoding", is_text ? "utf-8" : "base64");
  json_object_set_string_member (answer, "content", content);
  json_object_set_int_member (answer, "bytes", (gint64) length);
  json_object_set_int_member (answer, "totalBytes", (gint64) job->total);
  glb_mcp_call_return (call, answer, NULL, FALSE);
}

void
glb_mcp_tool_read_file (GlbMcpCall *call)
{
  Job *job = job_new (call);

  if (job == NULL)
    return;

  job->offset = (guint64) glb_mcp_call_get_int (call, "offset", 0);
  job->max_bytes = (gsize) glb_mcp_call_get_int (call, "maxBytes", MAX_BYTES_DEFAULT);
  run_job (call, job, read_thread, read_cb);
}

/* ---- write_file ------------------------------------------------------------------------- */

static void
write_thread (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;

  if (glb_mcp_workspace_write (job->workspace, job->path, job->content, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
write_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbMcpCall) call = user_data;
  Job *job = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  JsonObject *answer;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }

  answer = json_object_new ();
  json_object_set_int_member (answer, "bytes", (gint64) g_bytes_get_size (job->content));
  glb_mcp_call_return (call, answer, NULL, FALSE);
}

/* NULL: it is no base64, which GLib would read over */
static GBytes *
decode (const char *untrusted_text)
{
  gsize text_length = strlen (untrusted_text), length;
  guchar *bytes = g_base64_decode (untrusted_text, &length);
  g_autofree char *again = g_base64_encode (bytes, length);
  g_autoptr(GBytes) decoded = g_bytes_new_take (bytes, length);

  return strlen (again) == text_length && g_str_equal (again, untrusted_text) ? g_steal_pointer (&decoded) : NULL;
}

void
glb_mcp_tool_write_file (GlbMcpCall *call)
{
  const char *content = glb_mcp_call_get_string (call, "content");
  g_autoptr(GBytes) bytes = g_strcmp0 (glb_mcp_call_get_string (call, "encoding"), "base64") == 0 ? decode (content)
                            : g_bytes_new (content, strlen (content));
  Job *job;

  if (bytes == NULL || g_bytes_get_size (bytes) > GLB_MCP_FILE_MAX)
    {
      glb_mcp_call_refuse (call, "invalid_arguments", bytes == NULL ? "content: is no base64" : "content: is more than 1 MiB");
      return;
    }

  job = job_new (call);
  if (job == NULL)
    return;
  job->content = g_bytes_ref (bytes);
  run_job (call, job, write_thread, write_cb);
}
