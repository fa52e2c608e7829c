/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

/* What a pipe holds is read in some; nobody is there any more who could write more. */
#define FINISH_READS 64

typedef struct
{
  guint64 number;
  GDBusConnection *client;     /* (nullable): whose end is the command's */
} GlbCommand;

typedef struct
{
  GDBusConnection *client;
  int fds[3];
  guint64 command;
} ExecJob;

/* Output that no client reads. */
typedef struct
{
  GlbSession *self;          /* not owned: it owns this */
  guint64 command;
  guint stream;
  int fd;
  guint source_id;
  char begun[4];             /* of a character, from the read before */
  gsize n_begun;
} Drain;

static void
drain_free (gpointer data)
{
  Drain *drain = data;

  g_clear_handle_id (&drain->source_id, g_source_remove);
  close (drain->fd);
  g_free (drain);
}

static void
command_free (gpointer data)
{
  GlbCommand *command = data;

  g_clear_object (&command->client);
  g_free (command);
}

static void
exec_job_free (gpointer data)
{
  ExecJob *job = data;

  for (guint i = 0; i < 3; i++)
    if (job->fds[i] >= 0)
      close (job->fds[i]);
  g_clear_object (&job->client);
  g_free (job);
}

/* The bytes of a character that is not whole yet. */
static gsize
count_begun (const char *bytes, gsize length)
{
  const char *end;

  if (g_utf8_validate_len (bytes, length, &end) || g_utf8_get_char_validated (end, bytes + length - end) != (gunichar) -2)
    return 0;
  return bytes + length - end;
}

/* FALSE: that was all. */
static gboolean
read_drain (Drain *drain)
{
  char untrusted_bytes[16 * 1024];
  ssize_t n = read (drain->fd, untrusted_bytes + drain->n_begun, sizeof untrusted_bytes - drain->n_begun);
  gsize length = drain->n_begun + MAX (n, 0), n_begun;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;

  memcpy (untrusted_bytes, drain->begun, drain->n_begun);
  n_begun = n > 0 ? count_begun (untrusted_bytes, length) : 0;
  if (length > n_begun)
    glb_session_trace_output (drain->self, drain->command, drain->stream, untrusted_bytes, length - n_begun);
  drain->n_begun = n_begun;
  memcpy (drain->begun, untrusted_bytes + length - n_begun, n_begun);
  return n > 0;
}

static gboolean
on_drain (int fd, GIOCondition condition, gpointer user_data)
{
  Drain *drain = user_data;

  if (read_drain (drain))
    return G_SOURCE_CONTINUE;

  drain->source_id = 0;
  g_ptr_array_remove (drain->self->drains, drain);
  return G_SOURCE_REMOVE;
}

void
glb_session_drain (GlbSession *self, guint64 command, int fds[3])
{
  if (fds[0] >= 0)
    close (fds[0]);
  for (guint i = 1; i < 3; i++)
    if (fds[i] >= 0)
      {
        Drain *drain = g_new0 (Drain, 1);

        drain->self = self;
        drain->command = command;
        drain->stream = i;
        drain->fd = fds[i];
        drain->source_id = g_unix_fd_add (fds[i], G_IO_IN | G_IO_HUP | G_IO_ERR, on_drain, drain);
        g_ptr_array_add (self->drains, drain);
      }
  fds[0] = fds[1] = fds[2] = -1;
}

void
glb_session_finish_drains (GlbSession *self)
{
  for (guint i = 0; i < self->drains->len; i++)
    {
      Drain *drain = g_ptr_array_index (self->drains, i);
      struct pollfd readable = { .fd = drain->fd, .events = POLLIN };

      for (guint n = 0; n < FINISH_READS && poll (&readable, 1, 0) > 0 && read_drain (drain); n++)
        ;
    }
  g_ptr_array_set_size (self->drains, 0);
}

/* Whether the kernel's out-of-memory killer is what ended a command. */
static gboolean
was_out_of_memory (GlbSession *self, int status)
{
  GlbCgroupUsage usage = { 0 };

  if (self->cgroup == NULL || !((WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL) || WEXITSTATUS (status) == 128 + SIGKILL))
    return FALSE;

  glb_cgroup_get_usage (self->cgroup, &usage);
  return usage.oom_kills > 0;
}

/* The session ends with its first command; one that nobody waits for goes on while anything runs in it. */
static void
check_exited (GlbSession *self)
{
  if (self->state == GLB_SESSION_STARTING)
    return;
  /* programs end with their compositor, and are often heard of first: its "died" follows, and says why */
  if (self->compositor != NULL && !glb_compositor_is_alive (self->compositor))
    return;
  if (self->request->detach ? self->n_execs == 0 && g_hash_table_size (self->commands) == 0
                            : !glb_session_has_command (self, self->first_command))
    glb_session_end (self, GLB_END_EXITED, NULL);
}

static void
on_command_exited (GlbBox *box, guint64 number, int status, gpointer user_data)
{
  g_autoptr(GlbSession) self = g_object_ref (GLB_SESSION (user_data));
  g_autoptr(JsonObject) fields = json_object_new ();

  /* it was quicker than the answer to its start, which looks here; or it is none of the session's commands, but Glovebox's own */
  if (!glb_session_has_command (self, number))
    {
      if (self->n_execs > 0)
        g_hash_table_insert (self->early_exits, g_memdup2 (&number, sizeof number), GINT_TO_POINTER (status));
      return;
    }

  json_object_set_int_member (fields, "command", number);
  json_object_set_int_member (fields, "status", status);
  glb_session_audit (self, "command-exit", GLB_DRIVER_NOBODY, fields, NULL);

  g_hash_table_remove (self->commands, &number);
  if (was_out_of_memory (self, status))
    glb_session_end (self, GLB_END_OUT_OF_MEMORY, NULL);
  glb_dbus_session1_emit_command_exited (self->skeleton, number, status);
  check_exited (self);
  glb_session_check_gone (self);
}

static void
on_box_closed (GlbBox *box, const char *reason, gpointer user_data)
{
  g_autoptr(GlbSession) self = g_object_ref (GLB_SESSION (user_data));
  GlbCgroupUsage usage = { 0 };

  if (self->cgroup != NULL)
    glb_cgroup_get_usage (self->cgroup, &usage);
  g_signal_handlers_disconnect_by_data (box, self);
  g_clear_object (&self->box);
  glb_session_end (self, usage.oom_kills > 0 ? GLB_END_OUT_OF_MEMORY : GLB_END_SANDBOX_DIED, reason);
  glb_session_check_gone (self);
}

void
glb_session_init_commands (GlbSession *self)
{
  self->commands = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, command_free);
  self->early_exits = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->drains = g_ptr_array_new_with_free_func (drain_free);
}

void
glb_session_watch_box (GlbSession *self)
{
  g_signal_connect_object (self->box, "command-exited", G_CALLBACK (on_command_exited), self, 0);
  g_signal_connect_object (self->box, "closed", G_CALLBACK (on_box_closed), self, 0);
}

static void
exec_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GlbSession) self = g_object_ref (g_task_get_source_object (task));
  ExecJob *job = g_task_get_task_data (task);
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;
  guint64 *number;
  gpointer status;
  GlbCommand *command;
  int pid = 0;

  self->n_execs--;
  job->command = glb_box_exec_finish (GLB_BOX (source), result, job->fds, &pid, &error);
  if (job->command == 0)
    {
      json_object_set_string_member (fields, "error", error->message);
      glb_session_audit (self, "command-failed", GLB_DRIVER_NOBODY, fields, NULL);
      g_task_return_error (task, glb_session_map_error (error));
      check_exited (self);
      glb_session_check_gone (self);
      return;
    }

  json_object_set_int_member (fields, "command", job->command);
  json_object_set_int_member (fields, "pid", pid);
  glb_session_audit (self, "command-running", GLB_DRIVER_NOBODY, fields, NULL);
  command = g_new0 (GlbCommand, 1);
  command->number = job->command;
  command->client = g_steal_pointer (&job->client);
  g_hash_table_insert (self->commands, &command->number, command);
  /* gone while the command started */
  if (command->client != NULL && g_dbus_connection_is_closed (command->client))
    glb_box_signal (self->box, command->number, SIGKILL);
  g_task_return_boolean (task, TRUE);

  if (g_hash_table_steal_extended (self->early_exits, &command->number, (gpointer *) &number, &status))
    {
      on_command_exited (GLB_BOX (source), *number, GPOINTER_TO_INT (status), self);
      g_free (number);
    }
}

static JsonObject *
describe_command (const char *cwd, const char * const *argv, const char * const *env, gboolean debug)
{
  JsonObject *fields = json_object_new ();
  JsonArray *args = json_array_new (), *names = json_array_new ();

  for (guint i = 0; argv[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (argv[i], -1);

      json_array_add_string_element (args, valid);
    }
  /* the values may be secrets */
  for (guint i = 0; env != NULL && env[i] != NULL; i++)
    {
      g_autofree char *name = g_strndup (env[i], strcspn (env[i], "="));

      json_array_add_string_element (names, name);
    }
  json_object_set_array_member (fields, "argv", args);
  json_object_set_array_member (fields, "env", names);
  json_object_set_string_member (fields, "cwd", cwd);
  if (debug)
    json_object_set_boolean_member (fields, "debug", TRUE);
  return fields;
}

void
glb_session_exec_async (GlbSession          *self,
                        const char          *cwd,
                        const char * const  *argv,
                        const char * const  *env,
                        gboolean             debug,
                        GlbDriver            actor,
                        GDBusConnection     *client,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr(JsonObject) fields = describe_command (cwd, argv, env, debug);
  ExecJob *job = g_new0 (ExecJob, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, glb_session_exec_async);
  g_task_set_task_data (task, job, exec_job_free);
  job->fds[0] = job->fds[1] = job->fds[2] = -1;
  job->client = client != NULL ? g_object_ref (client) : NULL;
  if (!glb_session_audit (self, "command-start", actor, fields, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  self->n_execs++;
  glb_box_exec_async (self->box, cwd, argv, env, debug, NULL, exec_cb, g_steal_pointer (&task));
}

guint64
glb_session_exec_finish (GlbSession *self, GAsyncResult *result, int fds[3], GError **error)
{
  ExecJob *job = g_task_get_task_data (G_TASK (result));

  fds[0] = fds[1] = fds[2] = -1;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return 0;

  memcpy (fds, job->fds, sizeof job->fds);
  job->fds[0] = job->fds[1] = job->fds[2] = -1;
  return job->command;
}

gboolean
glb_session_has_command (GlbSession *self, guint64 command)
{
  return g_hash_table_contains (self->commands, &command);
}

void
glb_session_kill_commands_of (GlbSession *self, GDBusConnection *client)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->commands);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GlbCommand *command = value;

      if (command->client == client && self->box != NULL)
        glb_box_signal (self->box, command->number, SIGKILL);
    }
}
