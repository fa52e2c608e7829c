/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * GlbBox:
 *
 * A small state machine over one packet socket:
 *
 *   LAUNCHED --HELLO--> PREPARED --SETUP, READY--> RUNNING --> CLOSED
 *
 * Whatever does not fit the state, does not parse or does not come in time
 * ends the box: the control socket is closed, which ends glovebox-init, and
 * the sandbox is killed. ::closed waits until the sandbox has gone.
 */

#define G_LOG_DOMAIN "glb-box"

#include "session-broker/sandbox/glb-box.h"
#include "session-broker/sandbox/glb-box-message.h"
#include "session-broker/sandbox/glb-landlock.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-receive-fds.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTROL_FD        3
#define INIT_TARGET       "/run/glovebox/init"
#define ANSWER_DEADLINE_MS 10000
#define QUEUE_BYTES_MAX   (4u * 1024u * 1024u)
/* Room for one descriptor more than any message has, so that too many are seen as such. */
#define MESSAGE_FDS_MAX   4

typedef enum
{
  BOX_LAUNCHED,     /* waits for HELLO */
  BOX_PREPARED,
  BOX_SETTING_UP,   /* waits for READY */
  BOX_RUNNING,
  BOX_FAILED,       /* being killed */
  BOX_CLOSED,
} BoxState;

/* One question that glovebox-init has not answered. */
typedef struct
{
  GlbBox            *box;      /* not owned: it owns this */
  guint64            serial;
  GlbInitMessageType question;
  GTask             *task;     /* (nullable): nobody wants the answer any more */
  GSource           *deadline;
} Pending;

typedef struct
{
  guint64 serial;
  int     pid;
  int     fds[3];
} ExecResult;

struct _GlbBox
{
  GObject parent_instance;

  GMainContext *context;
  GlbSandbox   *sandbox;
  GlbCgroup    *cgroup;
  gulong        exited_id;

  int           fd;
  GSource      *in_source;
  GSource      *out_source;
  GQueue        out;           /* of GBytes */
  gsize         out_bytes;

  BoxState      state;
  guint64       last_serial;
  GHashTable   *pending;       /* serial to Pending */
  GHashTable   *commands;      /* the serials of those that run */
  Pending      *hello;         /* the HELLO that is waited for */
  char         *reason;
  gboolean      paused;
  int           bus_pid;       /* of the session's D-Bus in its pid namespace, 0: none */
};

G_DEFINE_FINAL_TYPE (GlbBox, glb_box, G_TYPE_OBJECT)

enum
{
  SIGNAL_COMMAND_EXITED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
close_fds (int   *fds,
           guint  n)
{
  for (guint i = 0; i < n; i++)
    {
      if (fds[i] >= 0)
        close (fds[i]);
      fds[i] = -1;
    }
}

static void
exec_result_free (gpointer data)
{
  ExecResult *self = data;

  close_fds (self->fds, 3);
  g_free (self);
}

static void
pending_free (gpointer data)
{
  Pending *self = data;

  clear_source (&self->deadline);
  if (self->task != NULL && !g_task_get_completed (self->task))
    g_task_return_new_error (self->task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "%s: %s",
                             self->question == GLB_INIT_HELLO || self->question == GLB_INIT_SETUP ? "Can't start the sandbox"
                                                                                                  : "The sandbox is gone",
                             self->box->reason != NULL ? self->box->reason : "it was given up");
  g_clear_object (&self->task);
  g_free (self);
}

static GTask *
pending_steal_task (Pending *self)
{
  return g_steal_pointer (&self->task);
}

/* The end of the box, from any state: what is asked gets its error now, ::closed comes with the sandbox's own end.
 * A start keeps waiting for that, because the sandbox knows better why it failed; its deadline stays. */
static void
box_fail (GlbBox     *self,
          const char *reason)
{
  gboolean starting = self->state < BOX_RUNNING;

  if (self->state >= BOX_FAILED)
    return;

  g_object_ref (self);
  self->state = BOX_FAILED;
  if (self->reason == NULL)
    self->reason = g_strdup (reason);
  g_debug ("Ending a sandbox: %s", self->reason);

  clear_source (&self->in_source);
  clear_source (&self->out_source);
  g_queue_clear_full (&self->out, (GDestroyNotify) g_bytes_unref);
  close_fds (&self->fd, 1);
  glb_sandbox_kill (self->sandbox);
  if (!starting)
    g_hash_table_remove_all (self->pending);
  g_object_unref (self);
}

static void
on_sandbox_exited (GlbBox *self)
{
  g_autofree char *failure = NULL;

  if (self->state == BOX_CLOSED)
    return;

  g_object_ref (self);

  if (self->state < BOX_RUNNING || (self->state == BOX_FAILED && g_hash_table_size (self->pending) > 0))
    failure = glb_sandbox_dup_failure (self->sandbox);
  if (failure != NULL)
    {
      g_free (self->reason);
      self->reason = g_steal_pointer (&failure);
    }
  box_fail (self, "its first process ended");
  self->state = BOX_CLOSED;
  self->hello = NULL;
  g_hash_table_remove_all (self->pending);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, self->reason);

  g_object_unref (self);
}

static gboolean
deadline_cb (gpointer user_data)
{
  Pending *pending = user_data;
  GlbBox *self = pending->box;

  guint64 serial = pending->serial;

  /* Frozen: it cannot answer, and is not asked to. */
  if (self->paused && self->state == BOX_RUNNING)
    return G_SOURCE_CONTINUE;

  g_object_ref (self);
  box_fail (self, "glovebox-init did not answer in time");   /* this may free pending already */
  self->hello = NULL;
  g_hash_table_remove (self->pending, &serial);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

/* task: (transfer full) */
static Pending *
box_expect (GlbBox             *self,
            GlbInitMessageType  question,
            GTask              *task,
            guint               deadline_ms)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->box = self;
  pending->serial = ++self->last_serial;
  pending->question = question;
  pending->task = task;
  pending->deadline = g_timeout_source_new (deadline_ms);
  g_source_set_callback (pending->deadline, deadline_cb, pending, NULL);
  g_source_attach (pending->deadline, self->context);
  g_hash_table_insert (self->pending, &pending->serial, pending);
  return pending;
}

/* The answered question, (transfer full); NULL: nothing of the kind was asked. */
static Pending *
box_answered (GlbBox             *self,
              guint64             serial,
              GlbInitMessageType  question)
{
  Pending *pending = g_hash_table_lookup (self->pending, &serial);

  if (pending == NULL || pending->question != question)
    return NULL;

  g_hash_table_steal (self->pending, &serial);
  return pending;
}

/* Writing */

static gboolean
out_cb (int          fd,
        GIOCondition condition,
        gpointer     user_data)
{
  GlbBox *self = user_data;

  while (!g_queue_is_empty (&self->out))
    {
      GBytes *packet = g_queue_peek_head (&self->out);
      gsize size;
      gconstpointer data = g_bytes_get_data (packet, &size);

      if (send (fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        {
          if (errno == EAGAIN || errno == EINTR)
            return G_SOURCE_CONTINUE;
          box_fail (self, "its control socket is closed");
          return G_SOURCE_REMOVE;
        }
      self->out_bytes -= size;
      g_bytes_unref (g_queue_pop_head (&self->out));
    }

  clear_source (&self->out_source);
  return G_SOURCE_REMOVE;
}

static void
box_send (GlbBox             *self,
          GlbInitMessageType  type,
          guint64             serial,
          GByteArray         *payload)
{
  GlbInitHeader header = { .type = type, .size = payload != NULL ? payload->len : 0, .serial = serial };
  GByteArray *packet;

  if (self->fd < 0)
    return;

  packet = g_byte_array_sized_new (sizeof header + header.size);
  g_byte_array_append (packet, (const guint8 *) &header, sizeof header);
  if (payload != NULL)
    g_byte_array_append (packet, payload->data, payload->len);

  self->out_bytes += packet->len;
  g_queue_push_tail (&self->out, g_byte_array_free_to_bytes (packet));
  if (self->out_bytes > QUEUE_BYTES_MAX)
    {
      box_fail (self, "glovebox-init does not read");
      return;
    }

  if (self->out_source != NULL)
    return;
  self->out_source = g_unix_fd_source_new (self->fd, G_IO_OUT);
  g_source_set_callback (self->out_source, G_SOURCE_FUNC (out_cb), self, NULL);
  g_source_attach (self->out_source, self->context);
  out_cb (self->fd, G_IO_OUT, self);   /* most go out at once */
}

/* Reading */

static gboolean
is_pipe_end (int fd,
             int mode)
{
  struct stat st;
  int flags = fcntl (fd, F_GETFL);

  return flags >= 0 && (flags & O_ACCMODE) == mode && fstat (fd, &st) == 0 && S_ISFIFO (st.st_mode);
}

static gboolean
has_option (int fd,
            int option,
            int wanted)
{
  int value = 0;
  socklen_t size = sizeof value;

  return getsockopt (fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

/* Nothing that can be told to do anything but to carry bytes. */
static gboolean
is_tcp_socket (int fd)
{
  return (has_option (fd, SO_DOMAIN, AF_INET) || has_option (fd, SO_DOMAIN, AF_INET6)) && has_option (fd, SO_TYPE, SOCK_STREAM) &&
         has_option (fd, SO_PROTOCOL, IPPROTO_TCP) && has_option (fd, SO_ACCEPTCONN, 0);
}

static gboolean
handle_hello (GlbBox              *self,
              const GlbBoxMessage *message)
{
  g_autoptr(GTask) task = NULL;
  Pending *pending = self->hello;

  if (self->state != BOX_LAUNCHED || pending == NULL)
    return FALSE;

  self->state = BOX_PREPARED;
  self->hello = NULL;
  task = pending_steal_task (pending);
  g_hash_table_remove (self->pending, &pending->serial);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
  return TRUE;
}

static gboolean
handle_ready (GlbBox              *self,
              const GlbBoxMessage *message)
{
  g_autoptr(GTask) task = NULL;
  Pending *pending = self->state == BOX_SETTING_UP ? box_answered (self, message->serial, GLB_INIT_SETUP) : NULL;

  if (pending == NULL)
    return FALSE;

  self->state = BOX_RUNNING;
  task = pending_steal_task (pending);
  pending_free (pending);
  g_task_return_boolean (task, TRUE);
  return TRUE;
}

static void
box_signal (GlbBox  *self,
            guint64  command,
            int      signo)
{
  GlbInitSignal message = { .signo = signo, .target = command };
  g_autoptr(GByteArray) payload = g_byte_array_new ();

  g_byte_array_append (payload, (const guint8 *) &message, sizeof message);
  box_send (self, GLB_INIT_SIGNAL, 0, payload);
}

static gboolean
handle_started (GlbBox              *self,
                const GlbBoxMessage *message,
                int                 *fds)
{
  g_autoptr(GTask) task = NULL;
  Pending *pending;
  ExecResult *result;

  if (!is_pipe_end (fds[0], O_WRONLY) || !is_pipe_end (fds[1], O_RDONLY) || !is_pipe_end (fds[2], O_RDONLY))
    return FALSE;

  pending = self->state == BOX_RUNNING ? box_answered (self, message->serial, GLB_INIT_EXEC) : NULL;
  if (pending == NULL)
    return FALSE;

  task = pending_steal_task (pending);
  pending_free (pending);
  g_hash_table_add (self->commands, g_memdup2 (&message->serial, sizeof message->serial));
  if (task == NULL || g_task_return_error_if_cancelled (task))
    {
      box_signal (self, message->serial, SIGKILL);
      return TRUE;
    }

  result = g_new0 (ExecResult, 1);
  result->serial = message->serial;
  result->pid = message->started.pid;
  memcpy (result->fds, fds, sizeof result->fds);
  memset (fds, -1, sizeof result->fds);
  g_task_return_pointer (task, result, exec_result_free);
  return TRUE;
}

static GSpawnError
spawn_error_of (const GlbInitFailed *failed)
{
  if (failed->stage == GLB_INIT_STAGE_FORK)
    return G_SPAWN_ERROR_FORK;
  if (failed->stage == GLB_INIT_STAGE_CHDIR)
    return G_SPAWN_ERROR_CHDIR;

  switch (failed->error)
    {
    case ENOENT:
    case ENOTDIR:
      return G_SPAWN_ERROR_NOENT;
    case EACCES:
    case EPERM:
      return G_SPAWN_ERROR_ACCES;
    case ENOEXEC:
      return G_SPAWN_ERROR_NOEXEC;
    case E2BIG:
      return G_SPAWN_ERROR_TOO_BIG;
    default:
      return G_SPAWN_ERROR_FAILED;
    }
}

static void
return_exec_failure (GTask               *task,
                     const GlbInitFailed *failed)
{
  const char *program = g_task_get_task_data (task);

  if (failed->stage == GLB_INIT_STAGE_SETUP && failed->error == EPERM)
    g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY, "This session may not debug");
  else if (failed->stage == GLB_INIT_STAGE_SETUP)
    g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't restrict %s: %s", program, g_strerror (failed->error));
  else if (failed->stage == GLB_INIT_STAGE_CHDIR)
    g_task_return_new_error (task, G_SPAWN_ERROR, G_SPAWN_ERROR_CHDIR, "Can't start %s in its folder: %s", program, g_strerror (failed->error));
  else
    g_task_return_new_error (task, G_SPAWN_ERROR, spawn_error_of (failed), "Can't start %s: %s", program, g_strerror (failed->error));
}

static gboolean
handle_failed (GlbBox              *self,
               const GlbBoxMessage *message)
{
  g_autoptr(GTask) task = NULL;
  Pending *pending;

  if (self->state == BOX_SETTING_UP && (pending = box_answered (self, message->serial, GLB_INIT_SETUP)) != NULL)
    {
      task = pending_steal_task (pending);
      pending_free (pending);
      box_fail (self, "a restriction could not be put in force");
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "Can't restrict the sandbox: %s: %s",
                               message->failed.detail, g_strerror (message->failed.error));
      return TRUE;
    }

  if (self->state == BOX_RUNNING && (pending = box_answered (self, message->serial, GLB_INIT_CONNECT)) != NULL)
    {
      task = pending_steal_task (pending);
      pending_free (pending);
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (message->failed.error), "Can't connect in the session: %s",
                               g_strerror (message->failed.error));
      return TRUE;
    }

  pending = self->state == BOX_RUNNING ? box_answered (self, message->serial, GLB_INIT_EXEC) : NULL;
  if (pending == NULL)
    return FALSE;

  task = pending_steal_task (pending);
  pending_free (pending);
  if (task != NULL)
    return_exec_failure (task, &message->failed);
  return TRUE;
}

static gboolean
handle_connected (GlbBox              *self,
                  const GlbBoxMessage *message,
                  int                 *fds)
{
  g_autoptr(GTask) task = NULL;
  Pending *pending;

  if (!is_tcp_socket (fds[0]))
    return FALSE;

  pending = self->state == BOX_RUNNING ? box_answered (self, message->serial, GLB_INIT_CONNECT) : NULL;
  if (pending == NULL)
    return FALSE;

  task = pending_steal_task (pending);
  pending_free (pending);
  if (g_task_return_error_if_cancelled (task))
    return TRUE;

  /* what is inside may not say whether a read waits */
  g_unix_set_fd_nonblocking (fds[0], TRUE, NULL);
  g_task_return_int (task, fds[0]);
  fds[0] = -1;
  return TRUE;
}

static gboolean
handle_exited (GlbBox              *self,
               const GlbBoxMessage *message)
{
  if (!g_hash_table_remove (self->commands, &message->serial))
    return FALSE;

  g_signal_emit (self, signals[SIGNAL_COMMAND_EXITED], 0, message->serial, message->exited.status);
  return TRUE;
}

static gboolean
handle_done (GlbBox              *self,
             const GlbBoxMessage *message)
{
  g_autoptr(GTask) task = NULL;
  Pending *pending = box_answered (self, message->serial, GLB_INIT_PAUSE);

  if (pending != NULL)
    self->paused = TRUE;
  else if ((pending = box_answered (self, message->serial, GLB_INIT_RESUME)) != NULL)
    self->paused = FALSE;
  else
    return FALSE;

  task = pending_steal_task (pending);
  pending_free (pending);
  g_task_return_boolean (task, TRUE);
  return TRUE;
}

static gboolean
handle_message (GlbBox              *self,
                const GlbBoxMessage *message,
                int                 *fds)
{
  switch (message->type)
    {
    case GLB_INIT_HELLO:
      return handle_hello (self, message);
    case GLB_INIT_READY:
      return handle_ready (self, message);
    case GLB_INIT_STARTED:
      return handle_started (self, message, fds);
    case GLB_INIT_FAILED:
      return handle_failed (self, message);
    case GLB_INIT_EXITED:
      return handle_exited (self, message);
    case GLB_INIT_DONE:
      return handle_done (self, message);
    case GLB_INIT_CONNECTED:
      return handle_connected (self, message, fds);
    case GLB_INIT_BUS:
      self->bus_pid = message->bus.pid;
      return self->state == BOX_RUNNING;
    default:
      return FALSE;
    }
}

static void
read_message (GlbBox *self)
{
  guint8 untrusted_packet[512];
  int fds[MESSAGE_FDS_MAX];
  guint n_fds;
  gssize length = glb_receive_with_fds (self->fd, untrusted_packet, sizeof untrusted_packet, fds, MESSAGE_FDS_MAX, &n_fds);
  g_autoptr(GError) error = NULL;
  GlbBoxMessage message;

  if (length < 0)
    return;
  if (length == 0)
    {
      box_fail (self, "glovebox-init ended");
      return;
    }

  if (n_fds > MESSAGE_FDS_MAX)
    box_fail (self, "glovebox-init sent too much");
  else if (!glb_box_message_parse (untrusted_packet, (gsize) length, n_fds, &message, &error))
    {
      g_autofree char *reason = g_strdup_printf ("glovebox-init sent %s", error->message);

      g_warning ("A sandbox is ended: %s", reason);
      box_fail (self, reason);
    }
  else if (!handle_message (self, &message, fds))
    {
      g_autofree char *reason = g_strdup_printf ("glovebox-init sent message %u out of turn", message.type);

      g_warning ("A sandbox is ended: %s", reason);
      box_fail (self, reason);
    }
  close_fds (fds, MESSAGE_FDS_MAX);
}

static gboolean
in_cb (int          fd,
       GIOCondition condition,
       gpointer     user_data)
{
  GlbBox *self = g_object_ref (GLB_BOX (user_data));
  gboolean goes_on;

  read_message (self);
  goes_on = self->fd >= 0;
  g_object_unref (self);
  return goes_on ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
glb_box_dispose (GObject *object)
{
  GlbBox *self = GLB_BOX (object);

  if (self->sandbox != NULL)
    {
      g_clear_signal_handler (&self->exited_id, self->sandbox);
      box_fail (self, "it is not needed any more");
    }
  self->hello = NULL;
  g_hash_table_remove_all (self->pending);
  g_clear_object (&self->sandbox);
  g_clear_object (&self->cgroup);

  G_OBJECT_CLASS (glb_box_parent_class)->dispose (object);
}

static void
glb_box_finalize (GObject *object)
{
  GlbBox *self = GLB_BOX (object);

  g_clear_pointer (&self->pending, g_hash_table_unref);
  g_clear_pointer (&self->commands, g_hash_table_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->reason, g_free);

  G_OBJECT_CLASS (glb_box_parent_class)->finalize (object);
}

static void
glb_box_class_init (GlbBoxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = glb_box_dispose;
  object_class->finalize = glb_box_finalize;

  signals[SIGNAL_COMMAND_EXITED] = g_signal_new ("command-exited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                 G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_INT);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_box_init (GlbBox *self)
{
  self->fd = -1;
  self->context = g_main_context_ref_thread_default ();
  self->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, pending_free);
  self->commands = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_queue_init (&self->out);
}

static gboolean
box_launch (GlbBox          *self,
            GlbSandboxSpec  *spec,
            GError         **error)
{
  static const char * const argv[] = { INIT_TARGET, "--control", G_STRINGIFY (CONTROL_FD), NULL };
  const int buffer_size = GLB_INIT_MESSAGE_MAX + 4096;
  g_autofree char *program = glb_sandbox_find_private ("glovebox-init");
  int pair[2];

  if (program == NULL)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST,
                   "Can't find glovebox-init; install Glovebox again, or name its folder in GLOVEBOX_PRIVATE_PATH");
      return FALSE;
    }

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't make a socket: %s", g_strerror (errno));
      return FALSE;
    }
  setsockopt (pair[0], SOL_SOCKET, SO_SNDBUF, &buffer_size, sizeof buffer_size);

  self->fd = pair[0];
  glb_sandbox_spec_take_fd (spec, pair[1], CONTROL_FD);
  glb_sandbox_spec_add_mount (spec, program, INIT_TARGET, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_set_argv (spec, argv);
  glb_sandbox_spec_set_pid_one (spec, TRUE);
  self->sandbox = glb_sandbox_launch (spec, error);
  if (self->sandbox == NULL)
    {
      close_fds (&self->fd, 1);
      return FALSE;
    }

  self->exited_id = g_signal_connect_object (self->sandbox, "exited", G_CALLBACK (on_sandbox_exited), self, G_CONNECT_SWAPPED);
  self->in_source = g_unix_fd_source_new (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->in_source, G_SOURCE_FUNC (in_cb), self, NULL);
  g_source_attach (self->in_source, self->context);
  return TRUE;
}

void
glb_box_prepare_async (GlbSandboxSpec      *spec,
                       guint                deadline_ms,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GlbBox) self = g_object_new (GLB_TYPE_BOX, NULL);
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;

  g_return_if_fail (spec != NULL);

  g_task_set_source_tag (task, glb_box_prepare_async);
  if (!box_launch (self, spec, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  /* The task holds the box until it is answered. */
  g_task_set_task_data (task, g_object_ref (self), g_object_unref);
  self->hello = box_expect (self, GLB_INIT_HELLO, g_steal_pointer (&task), deadline_ms);
}

GlbBox *
glb_box_prepare_finish (GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
append_rules (GByteArray *payload,
              GPtrArray  *rules)
{
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const GlbBoxRule *rule = g_ptr_array_index (rules, i);
      GlbInitLandlockRule head = { .access = rule->access, .length = strlen (rule->path) + 1 };

      g_byte_array_append (payload, (const guint8 *) &head, sizeof head);
      g_byte_array_append (payload, (const guint8 *) rule->path, head.length);
    }
}

static GByteArray *
setup_payload (const GlbBoxSetup  *setup,
               GError            **error)
{
  g_autoptr(GByteArray) payload = g_byte_array_new ();
  GlbInitSetup head = {
    .version = GLB_INIT_PROTOCOL_VERSION,
    .max_processes = setup->max_processes,
    .max_files = setup->max_files,
    .landlock_abi = glb_landlock_get_abi (),
  };

  if (!setup->allow_spawn)
    head.flags |= GLB_INIT_FLAG_NO_SPAWN;
  if (setup->bus)
    head.flags |= GLB_INIT_FLAG_BUS;
  if (setup->allow_debug)
    head.flags |= GLB_INIT_FLAG_DEBUG;

  g_byte_array_append (payload, (const guint8 *) &head, sizeof head);
  if (head.landlock_abi > 0)
    {
      head.n_landlock = setup->landlock != NULL ? setup->landlock->len : 0;
      append_rules (payload, setup->landlock);
    }
  head.landlock_size = payload->len - sizeof head;
  if (setup->seccomp != NULL)
    {
      head.seccomp_size = g_bytes_get_size (setup->seccomp);
      g_byte_array_append (payload, g_bytes_get_data (setup->seccomp, NULL), head.seccomp_size);
    }
  memcpy (payload->data, &head, sizeof head);

  if (payload->len > GLB_INIT_MESSAGE_MAX - sizeof (GlbInitHeader) || head.n_landlock > GLB_INIT_RULES_MAX)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The policy names too many paths (%u); at most %u fit",
                   head.n_landlock, GLB_INIT_RULES_MAX);
      return NULL;
    }
  return g_steal_pointer (&payload);
}

void
glb_box_setup_async (GlbBox              *self,
                     const GlbBoxSetup   *setup,
                     guint                deadline_ms,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GByteArray) payload = NULL;
  Pending *pending;
  GError *error = NULL;

  g_return_if_fail (GLB_IS_BOX (self));
  g_return_if_fail (setup != NULL);

  g_task_set_source_tag (task, glb_box_setup_async);
  payload = setup_payload (setup, &error);
  if (payload == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (self->state != BOX_PREPARED)
    {
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The sandbox is gone: %s",
                               self->reason != NULL ? self->reason : "it was set up before");
      return;
    }

  g_set_object (&self->cgroup, setup->cgroup);
  self->state = BOX_SETTING_UP;
  pending = box_expect (self, GLB_INIT_SETUP, g_steal_pointer (&task), deadline_ms);
  box_send (self, GLB_INIT_SETUP, pending->serial, payload);
}

gboolean
glb_box_setup_finish (GlbBox        *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* new: both steps under one deadline. The message of the second is made first, while the setup is the caller's. */

typedef struct
{
  GlbBox     *box;
  GByteArray *payload;
  GlbCgroup  *cgroup;
  gint64      deadline_us;
} NewData;

static void
new_data_free (gpointer data)
{
  NewData *self = data;

  g_clear_object (&self->box);
  g_clear_object (&self->cgroup);
  g_clear_pointer (&self->payload, g_byte_array_unref);
  g_free (self);
}

static void
new_setup_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = G_TASK (user_data);
  NewData *data = g_task_get_task_data (task);
  GError *error = NULL;

  if (!glb_box_setup_finish (GLB_BOX (object), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&data->box), g_object_unref);
}

static void
new_prepared_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GTask) task = G_TASK (user_data);
  NewData *data = g_task_get_task_data (task);
  gint64 left_ms = MAX ((data->deadline_us - g_get_monotonic_time ()) / 1000, 1);
  GTask *setup_task;
  Pending *pending;
  GError *error = NULL;

  data->box = glb_box_prepare_finish (result, &error);
  if (data->box == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (data->box->state != BOX_PREPARED)
    {
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The sandbox is gone: %s", data->box->reason);
      return;
    }

  g_set_object (&data->box->cgroup, data->cgroup);
  data->box->state = BOX_SETTING_UP;
  setup_task = g_task_new (data->box, g_task_get_cancellable (task), new_setup_cb, g_object_ref (task));
  pending = box_expect (data->box, GLB_INIT_SETUP, setup_task, (guint) left_ms);
  box_send (data->box, GLB_INIT_SETUP, pending->serial, data->payload);
}

void
glb_box_new_async (GlbSandboxSpec      *spec,
                   const GlbBoxSetup   *setup,
                   guint                deadline_ms,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  NewData *data;
  GError *error = NULL;

  g_return_if_fail (spec != NULL);
  g_return_if_fail (setup != NULL);

  g_task_set_source_tag (task, glb_box_new_async);
  data = g_new0 (NewData, 1);
  g_task_set_task_data (task, data, new_data_free);
  data->payload = setup_payload (setup, &error);
  if (data->payload == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_set_object (&data->cgroup, setup->cgroup);
  data->deadline_us = g_get_monotonic_time () + (gint64) deadline_ms * 1000;
  glb_box_prepare_async (spec, deadline_ms, cancellable, new_prepared_cb, g_steal_pointer (&task));
}

GlbBox *
glb_box_new_finish (GAsyncResult  *result,
                    GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
append_strings (GByteArray         *payload,
                const char * const *strings,
                guint32            *n)
{
  for (*n = 0; strings != NULL && strings[*n] != NULL; (*n)++)
    {
      if (*n == GLB_INIT_ARGS_MAX || payload->len > GLB_INIT_MESSAGE_MAX)
        return FALSE;
      g_byte_array_append (payload, (const guint8 *) strings[*n], strlen (strings[*n]) + 1);
    }
  return payload->len <= GLB_INIT_MESSAGE_MAX - sizeof (GlbInitHeader);
}

void
glb_box_exec_async (GlbBox              *self,
                    const char          *cwd,
                    const char * const  *argv,
                    const char * const  *env,
                    gboolean             debug,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GByteArray) payload = g_byte_array_new ();
  GlbInitExec head = { .debug = debug ? 1 : 0 };
  Pending *pending;

  g_return_if_fail (GLB_IS_BOX (self));
  g_return_if_fail (cwd != NULL && argv != NULL && argv[0] != NULL);

  g_task_set_source_tag (task, glb_box_exec_async);
  g_task_set_task_data (task, g_strdup (argv[0]), g_free);
  if (self->state != BOX_RUNNING)
    {
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The sandbox is gone: %s",
                               self->reason != NULL ? self->reason : "it was not set up");
      return;
    }
  if (self->paused)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "The session is paused");
      return;
    }
  if (cwd[0] != '/' || argv[0][0] == '\0')
    {
      g_task_return_new_error (task, G_SPAWN_ERROR, cwd[0] != '/' ? G_SPAWN_ERROR_CHDIR : G_SPAWN_ERROR_NOENT,
                               cwd[0] != '/' ? "The folder to start in is not absolute" : "The command has no name");
      return;
    }

  g_byte_array_append (payload, (const guint8 *) &head, sizeof head);
  g_byte_array_append (payload, (const guint8 *) cwd, strlen (cwd) + 1);
  if (!append_strings (payload, argv, &head.n_args) || !append_strings (payload, env, &head.n_env))
    {
      g_task_return_new_error (task, G_SPAWN_ERROR, G_SPAWN_ERROR_TOO_BIG, "The command's arguments and environment are larger than %u kB",
                               GLB_INIT_MESSAGE_MAX / 1024);
      return;
    }
  memcpy (payload->data, &head, sizeof head);

  pending = box_expect (self, GLB_INIT_EXEC, g_steal_pointer (&task), ANSWER_DEADLINE_MS);
  box_send (self, GLB_INIT_EXEC, pending->serial, payload);
}

guint64
glb_box_exec_finish (GlbBox        *self,
                     GAsyncResult  *result,
                     int            fds[3],
                     int           *pid,
                     GError       **error)
{
  ExecResult *exec;
  guint64 serial;

  g_return_val_if_fail (g_task_is_valid (result, self), 0);

  exec = g_task_propagate_pointer (G_TASK (result), error);
  if (exec == NULL)
    return 0;

  memcpy (fds, exec->fds, sizeof exec->fds);
  memset (exec->fds, -1, sizeof exec->fds);
  if (pid != NULL)
    *pid = exec->pid;
  serial = exec->serial;
  exec_result_free (exec);
  return serial;
}

void
glb_box_connect_async (GlbBox              *self,
                       guint16              port,
                       gboolean             ipv6,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const GlbInitConnect message = { .port = port, .ipv6 = ipv6 ? 1 : 0 };
  g_autoptr(GByteArray) payload = g_byte_array_new ();
  Pending *pending;

  g_return_if_fail (GLB_IS_BOX (self));
  g_return_if_fail (port != 0);

  g_task_set_source_tag (task, glb_box_connect_async);
  /* a socket that is there already is not to be lost */
  g_task_set_check_cancellable (task, FALSE);
  if (self->state != BOX_RUNNING)
    {
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The sandbox is gone: %s",
                               self->reason != NULL ? self->reason : "it was not set up");
      return;
    }

  g_byte_array_append (payload, (const guint8 *) &message, sizeof message);
  pending = box_expect (self, GLB_INIT_CONNECT, g_steal_pointer (&task), ANSWER_DEADLINE_MS);
  box_send (self, GLB_INIT_CONNECT, pending->serial, payload);
}

int
glb_box_connect_finish (GlbBox        *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);

  return (int) g_task_propagate_int (G_TASK (result), error);
}

gboolean
glb_box_signal (GlbBox  *self,
                guint64  command,
                int      signo)
{
  g_return_val_if_fail (GLB_IS_BOX (self), FALSE);
  g_return_val_if_fail (signo > 0, FALSE);

  if (self->state != BOX_RUNNING || (command != 0 && !g_hash_table_contains (self->commands, &command)))
    return FALSE;

  box_signal (self, command, signo);
  return self->state == BOX_RUNNING;
}

static void
freeze_thread (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  GlbBox *self = source_object;
  GError *error = NULL;

  if (glb_cgroup_freeze (self->cgroup, GPOINTER_TO_INT (task_data), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
glb_box_pause_async (GlbBox              *self,
                     gboolean             paused,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GlbInitMessageType question = paused ? GLB_INIT_PAUSE : GLB_INIT_RESUME;
  Pending *pending;

  g_return_if_fail (GLB_IS_BOX (self));

  g_task_set_source_tag (task, glb_box_pause_async);
  g_task_set_task_data (task, GINT_TO_POINTER (paused), NULL);
  if (self->state != BOX_RUNNING)
    {
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The sandbox is gone: %s",
                               self->reason != NULL ? self->reason : "it was not set up");
      return;
    }

  if (self->cgroup != NULL && (glb_cgroup_get_features (self->cgroup) & GLB_CGROUP_FREEZE))
    {
      if (paused)
        self->paused = TRUE;   /* from now on no answer is expected */
      g_task_run_in_thread (task, freeze_thread);
      return;
    }

  pending = box_expect (self, question, g_steal_pointer (&task), ANSWER_DEADLINE_MS);
  box_send (self, question, pending->serial, NULL);
}

gboolean
glb_box_pause_finish (GlbBox        *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  gboolean pause;
  gboolean done;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  pause = GPOINTER_TO_INT (g_task_get_task_data (G_TASK (result)));
  done = g_task_propagate_boolean (G_TASK (result), error);
  if (done || pause)
    self->paused = done && pause;
  return done;
}

gboolean
glb_box_is_paused (GlbBox *self)
{
  g_return_val_if_fail (GLB_IS_BOX (self), FALSE);

  return self->paused;
}

void
glb_box_kill (GlbBox *self)
{
  g_return_if_fail (GLB_IS_BOX (self));

  box_fail (self, "it was killed");
}

int
glb_box_get_bus_pid (GlbBox *self)
{
  g_return_val_if_fail (GLB_IS_BOX (self), 0);

  return self->bus_pid;
}

GlbSandbox *
glb_box_get_sandbox (GlbBox *self)
{
  g_return_val_if_fail (GLB_IS_BOX (self), NULL);

  return self->sandbox;
}
