/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-git-fill.h"
#include "session-broker/client/glb-broker-error.h"

/* For what was killed to be gone. */
#define GROUP_TICK_MS     5
#define GROUP_DEADLINE_US (2 * G_USEC_PER_SEC)

/* One run of Git. It is a group of processes of its own; while it is not reaped, nobody else can have its number. */
typedef struct
{
  GlbGitRequest *request;    /* copied */
  GPid pid;
  int out_fd;
  guint deadline_id;
  GSource *cancelled;        /* (nullable) */
  GlbGitAnswer *answer;      /* (nullable) */
  gint64 group_deadline;
  gboolean late;
} Fill;

static void
fill_free (gpointer data)
{
  Fill *fill = data;

  g_clear_handle_id (&fill->deadline_id, g_source_remove);
  if (fill->cancelled != NULL)
    {
      g_source_destroy (fill->cancelled);
      g_source_unref (fill->cancelled);
    }
  if (fill->out_fd >= 0)
    close (fill->out_fd);
  glb_git_request_free (fill->request);
  g_clear_pointer (&fill->answer, glb_git_answer_free);
  g_free (fill);
}

static gboolean
on_deadline (gpointer user_data)
{
  Fill *fill = user_data;

  fill->deadline_id = 0;
  fill->late = TRUE;
  kill (-fill->pid, SIGKILL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Fill *fill = user_data;

  kill (-fill->pid, SIGKILL);
  return G_SOURCE_REMOVE;
}

/* All that Git wrote: it has ended, and a pipe holds an answer whole. What it left running may still hold the other end. */
static GlbGitAnswer *
read_answer (Fill *fill)
{
  g_autofree char *text = g_malloc (GLB_GIT_ANSWER_MAX + 1);
  GlbGitAnswer *answer;
  gsize size = 0;
  gssize n;

  do
    {
      n = read (fill->out_fd, text + size, GLB_GIT_ANSWER_MAX + 1 - size);
      size += MAX (n, 0);
    }
  while ((n > 0 && size <= GLB_GIT_ANSWER_MAX) || (n < 0 && errno == EINTR));
  answer = glb_git_answer_parse (text, size, fill->request);
  explicit_bzero (text, size);
  return answer;
}

/* Helpers that outlive Git come to us, as the broker takes in orphans; nobody waits for them. TRUE: none is left. While there is
 * one, the group's number is its own. */
static gboolean
reap_group (Fill *fill)
{
  siginfo_t info;

  for (;;)
    {
      info.si_pid = 0;
      if (waitid (P_PGID, fill->pid, &info, WEXITED | WNOHANG) < 0 && errno != EINTR)
        return TRUE;
      if (info.si_pid != 0)
        continue;
      kill (-fill->pid, SIGKILL);
      return FALSE;
    }
}

static void
finish (GTask *task)
{
  Fill *fill = g_task_get_task_data (task);

  if (fill->answer != NULL)
    g_task_return_pointer (task, g_steal_pointer (&fill->answer), (GDestroyNotify) glb_git_answer_free);
  else
    g_task_return_new_error (task, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                             "git credential fill: %s; see whether it answers you on the host",
                             fill->late ? "it took too long" : "it has none");
}

static gboolean
on_group_tick (gpointer user_data)
{
  GTask *task = user_data;
  Fill *fill = g_task_get_task_data (task);

  if (!reap_group (fill) && g_get_monotonic_time () < fill->group_deadline)
    return G_SOURCE_CONTINUE;

  finish (task);
  return G_SOURCE_REMOVE;
}

static void
exited_cb (GPid pid, int status, gpointer user_data)
{
  GTask *task = user_data;
  Fill *fill = g_task_get_task_data (task);

  /* its number is free now */
  g_clear_handle_id (&fill->deadline_id, g_source_remove);
  if (fill->cancelled != NULL)
    g_source_destroy (fill->cancelled);
  g_spawn_close_pid (pid);

  if (g_spawn_check_wait_status (status, NULL))
    fill->answer = read_answer (fill);
  fill->group_deadline = g_get_monotonic_time () + GROUP_DEADLINE_US;
  if (reap_group (fill))
    finish (task);
  else
    g_timeout_add_full (G_PRIORITY_DEFAULT, GROUP_TICK_MS, on_group_tick, g_object_ref (task), g_object_unref);
}

static void
lead_group (gpointer user_data)
{
  setsid ();
}

/* The person's, but for what would let Git ask on a terminal or a screen, or look at a repository. (transfer full) */
static GStrv
make_environ (void)
{
  static const char * const left_out[] = { "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT",
                                           "GIT_CONFIG_PARAMETERS", "GIT_TRACE", "GIT_TRACE_CURL" };
  GStrv env = g_get_environ ();

  for (guint i = 0; i < G_N_ELEMENTS (left_out); i++)
    env = g_environ_unsetenv (env, left_out[i]);
  env = g_environ_setenv (env, "GIT_TERMINAL_PROMPT", "0", TRUE);
  /* empty: neither core.askPass nor SSH_ASKPASS, which unset would let in */
  return g_environ_setenv (env, "GIT_ASKPASS", "", TRUE);
}

static gboolean
start (Fill *fill, GError **error)
{
  const char * const argv[] = { "git", "credential", "fill", NULL };
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL;
  g_autofree char *text = glb_git_request_dup_text (fill->request);
  g_auto(GStrv) env = make_environ ();
  gsize size = strlen (text);
  int in_fd;
  gboolean written;

  if (!g_spawn_async_with_pipes ("/", (char **) argv, env, flags, lead_group, NULL, &fill->pid, &in_fd, &fill->out_fd, NULL,
                                 error))
    {
      g_prefix_error (error, "git credential fill: ");
      return FALSE;
    }

  /* it fits into the pipe; if Git is gone already, that is seen when it is reaped */
  written = write (in_fd, text, size) == (gssize) size;
  close (in_fd);
  if (!written || !g_unix_set_fd_nonblocking (fill->out_fd, TRUE, NULL))
    kill (-fill->pid, SIGKILL);
  return TRUE;
}

static GlbGitRequest *
copy_request (const GlbGitRequest *request)
{
  GlbGitRequest *copy = g_new0 (GlbGitRequest, 1);

  copy->host = g_strdup (request->host);
  copy->path = g_strdup (request->path);
  copy->username = g_strdup (request->username);
  return copy;
}

void
glb_git_fill_async (const GlbGitRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Fill *fill = g_new0 (Fill, 1);
  g_autoptr(GError) error = NULL;

  g_task_set_source_tag (task, glb_git_fill_async);
  g_task_set_task_data (task, fill, fill_free);
  fill->request = copy_request (request);
  fill->out_fd = -1;
  if (!start (fill, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  fill->deadline_id = g_timeout_add_seconds (GLB_GIT_DEADLINE_S, on_deadline, fill);
  if (cancellable != NULL)
    {
      fill->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (fill->cancelled, G_SOURCE_FUNC (on_cancelled), fill, NULL);
      g_source_attach (fill->cancelled, NULL);
    }
  g_child_watch_add_full (G_PRIORITY_DEFAULT, fill->pid, exited_cb, g_steal_pointer (&task), g_object_unref);
}

GlbGitAnswer *
glb_git_fill_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
