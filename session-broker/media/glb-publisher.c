/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-publisher"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/media/glb-media-connect.h"
#include "session-broker/media/glb-media-sandbox.h"
#include "session-broker/media/glb-publish-message.h"
#include "session-broker/media/glb-publisher.h"
#include "session-broker/sandbox/glb-receive-fds.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-seccomp.h"
#include "session-broker/sandbox/glb-send-fd.h"

#define PROGRAM           "glovebox-publish"
#define PRIVATE_DIR       "/run/glovebox"
#define RUNTIME_DIR       "/run/media"

#define FILES_MAX         256
/* Measured: 200 MiB without a frame. Pictures of 64 MiB: one, and eight in buffers. */
#define ADDRESSES_MAX     (1024ull << 20)
#define PROCESSES_MAX     16

#define BEGIN_DEADLINE_MS 8000
#define END_DEADLINE_MS   500
#define READ_BURST        32
/* Of messages in a second: recorders come and go by hand. */
#define MESSAGES_MAX      500

struct _GlbPublisher
{
  GObject parent_instance;

  GlbPublisherConfig config;     /* strings and objects are ours */
  GlbSandbox *sandbox;           /* (nullable) */
  GTask *task;                   /* (nullable): of the beginning */
  const char *why;               /* (nullable) (static): why it was killed */
  int fd;                        /* of the control socket; -1 */
  int stream_fd;                 /* a second hold on what it reads from; -1 */
  guint read_id, deadline_id;
  gboolean wants;                /* a recorder takes frames, as it says */
  gboolean in_use, ending;
  gint64 ended_us;               /* when glb_publisher_end() was called */
  guint elapsed_us;
  int n_left;
  gint64 messages_since;
  guint n_messages;
};

G_DEFINE_FINAL_TYPE (GlbPublisher, glb_publisher, G_TYPE_OBJECT)

enum { IN_USE, GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- the end --------------------------------------------------------------------- */

/* Whoever has it reads and writes nothing any more. */
static void
cut_stream (GlbPublisher *self)
{
  if (self->stream_fd < 0)
    return;
  shutdown (self->stream_fd, SHUT_RDWR);
  close (self->stream_fd);
  self->stream_fd = -1;
}

static void
close_control (GlbPublisher *self)
{
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  cut_stream (self);
}

static void
set_in_use (GlbPublisher *self, gboolean in_use)
{
  if (self->in_use == in_use)
    return;

  self->in_use = in_use;
  if (!in_use)
    cut_stream (self);
  g_signal_emit (self, signals[IN_USE], 0, in_use);
}

static void
on_exited (GlbSandbox *sandbox, int wait_status, gpointer user_data)
{
  g_autoptr(GlbPublisher) self = g_object_ref (GLB_PUBLISHER (user_data));
  g_autoptr(GTask) task = g_steal_pointer (&self->task);
  g_autofree char *failure = glb_sandbox_dup_failure (sandbox);
  const char *why = self->why != NULL ? self->why : failure != NULL ? failure : "it ended by itself";

  if (g_str_has_prefix (why, PROGRAM ": "))
    why += strlen (PROGRAM ": ");
  close_control (self);
  g_clear_object (&self->sandbox);
  set_in_use (self, FALSE);
  if (task != NULL)
    g_task_return_new_error (task, GLB_MEDIA_ERROR, failure != NULL && self->why == NULL ? GLB_MEDIA_ERROR_HOST : GLB_MEDIA_ERROR_FAILED,
                             "publish: %s", why);
  g_signal_emit (self, signals[GONE], 0, why);
}

void
glb_publisher_kill (GlbPublisher *self, const char *why)
{
  g_return_if_fail (GLB_IS_PUBLISHER (self));

  if (self->why == NULL && self->sandbox != NULL)
    self->why = why;
  close_control (self);
  if (self->sandbox != NULL)
    glb_sandbox_kill (self->sandbox);
}

/* ---- messages ----------------------------------------------------------------------- */

/* FALSE: it is dead, or as good as. fd: -1, or the caller's. */
static gboolean
send_message (GlbPublisher *self, GlbPublishMessageType type, const void *payload, gsize size, int fd)
{
  GlbPublishHeader header = { .type = type, .size = size };
  struct iovec iov[2] = { { &header, sizeof header }, { (void *) payload, size } };

  if (self->fd >= 0 && glb_send_with_fd (self->fd, iov, 2, fd) >= 0)
    return TRUE;

  glb_publisher_kill (self, "it does not read what it is sent");
  return FALSE;
}

static void
handle_begun (GlbPublisher *self)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->task);

  if (task == NULL)
    return;
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  g_task_return_boolean (task, TRUE);
  set_in_use (self, self->wants);
}

static void
handle_ended (GlbPublisher *self, guint n_nodes)
{
  if (!self->ending)
    {
      glb_publisher_kill (self, "it says that it ended");
      return;
    }
  self->n_left = n_nodes;
  self->elapsed_us = MIN (g_get_monotonic_time () - self->ended_us, G_MAXUINT32);
  glb_publisher_kill (self, NULL);
}

static gboolean
is_flood (GlbPublisher *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now - self->messages_since > G_USEC_PER_SEC)
    {
      self->messages_since = now;
      self->n_messages = 0;
    }
  return ++self->n_messages > MESSAGES_MAX;
}

static void
handle_message (GlbPublisher *self, const GlbPublishMessage *message)
{
  if (is_flood (self))
    {
      glb_publisher_kill (self, "it sends without end");
      return;
    }

  switch (message->type)
    {
    case GLB_PUBLISH_BEGUN:
      handle_begun (self);
      break;
    case GLB_PUBLISH_IN_USE:
      /* it has given up its rights before it says that it begun: no frame, which is hostile, before that */
      self->wants = message->value != 0;
      if (!self->ending && self->task == NULL)
        set_in_use (self, self->wants);
      break;
    case GLB_PUBLISH_ENDED:
      handle_ended (self, message->value);
      break;
    case GLB_PUBLISH_BEGIN:
    case GLB_PUBLISH_STREAM:
    case GLB_PUBLISH_END:
    default:
      g_assert_not_reached ();   /* the parser let it through */
    }
}

/* FALSE: nothing there, or nothing any more. */
static gboolean
read_one (GlbPublisher *self)
{
  guint8 packet[GLB_PUBLISH_MESSAGE_MAX + 1];
  guint n_fds;
  int fd;
  gssize n = glb_receive_with_fds (self->fd, packet, sizeof packet, &fd, 1, &n_fds);
  g_autoptr(GError) error = NULL;
  GlbPublishMessage message;

  if (n < 0)
    return FALSE;
  if (n == 0)
    {
      /* its end follows, with the reason; should it not, it is made to */
      glb_publisher_kill (self, NULL);
      return FALSE;
    }

  if (fd >= 0)
    close (fd);
  if (glb_publish_message_parse (packet, n, n_fds, &message, &error))
    handle_message (self, &message);
  else
    glb_publisher_kill (self, "it sent a bad message");

  return self->fd >= 0;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbPublisher) self = g_object_ref (GLB_PUBLISHER (user_data));

  for (guint i = 0; i < READ_BURST; i++)
    if (!read_one (self))
      break;

  /* close_control() has removed this source already */
  return self->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- the beginning -------------------------------------------------------------------- */

/* /usr, the program and PipeWire's configuration. No path to any socket. Takes control_fd. */
static GlbSandboxSpec *
make_spec (const GlbPublisherConfig *config, int control_fd, GError **error)
{
  static const char * const argv[] = { PRIVATE_DIR "/" PROGRAM, NULL };
  g_autoptr(GlbSandboxSpec) spec = glb_sandbox_spec_new (config->name, config->account);
  g_autofree char *program = glb_sandbox_find_private (PROGRAM);
  g_autoptr(GBytes) conf = g_bytes_new (glb_media_client_config, strlen (glb_media_client_config));
  g_autoptr(GBytes) seccomp = NULL;

  glb_sandbox_spec_take_fd (spec, control_fd, 3);
  if (program == NULL)
    {
      g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, PROGRAM " is missing; reinstall Glovebox");
      return NULL;
    }
  seccomp = glb_seccomp_build (GLB_SECCOMP_MEDIA, FALSE, error);
  if (seccomp == NULL)
    return NULL;

  glb_sandbox_spec_set_seccomp (spec, seccomp);
  glb_sandbox_spec_set_limits (spec, FILES_MAX, ADDRESSES_MAX);
  glb_sandbox_spec_set_max_processes (spec, PROCESSES_MAX);
  if (config->cgroup != NULL)
    glb_sandbox_spec_set_cgroup (spec, config->cgroup);
  glb_sandbox_spec_add_mount (spec, program, PRIVATE_DIR "/" PROGRAM, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_add_data (spec, PRIVATE_DIR "/pipewire-client.conf", conf);
  glb_sandbox_spec_add_tmpfs (spec, RUNTIME_DIR, 1 << 20, 0700);
  glb_sandbox_spec_set_home (spec, RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "XDG_RUNTIME_DIR", RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "PATH", "/usr/bin");
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  glb_sandbox_spec_set_argv (spec, argv);

  return g_steal_pointer (&spec);
}

static gboolean
launch (GlbPublisher *self, GError **error)
{
  g_autoptr(GlbSandboxSpec) spec = NULL;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, "publish: can't make a socket: %s", g_strerror (errno));
      return FALSE;
    }

  self->fd = pair[0];
  spec = make_spec (&self->config, pair[1], error);
  if (spec != NULL)
    self->sandbox = glb_sandbox_launch (spec, error);
  if (self->sandbox == NULL)
    {
      close_control (self);
      return FALSE;
    }

  g_signal_connect_object (self->sandbox, "exited", G_CALLBACK (on_exited), self, 0);
  self->read_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  return TRUE;
}

static gboolean
on_begin_deadline (gpointer user_data)
{
  GlbPublisher *self = user_data;

  self->deadline_id = 0;
  glb_publisher_kill (self, "the person's PipeWire does not answer; restart it (systemctl --user restart pipewire)");
  return G_SOURCE_REMOVE;
}

void
glb_publisher_begin_async (GlbPublisher *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  GlbPublishBegin begin = { .width = self->config.width, .height = self->config.height };
  GError *error = NULL;
  int fd;

  g_return_if_fail (self->sandbox == NULL && self->task == NULL);

  g_task_set_source_tag (task, glb_publisher_begin_async);
  g_strlcpy (begin.name, self->config.node_name, sizeof begin.name);
  g_strlcpy (begin.description, self->config.description, sizeof begin.description);
  fd = glb_media_connect (self->config.host_socket, "publish", "", &error);
  if (fd < 0 || !launch (self, &error))
    {
      if (fd >= 0)
        close (fd);
      g_task_return_error (task, error);
      return;
    }

  self->task = g_steal_pointer (&task);
  self->deadline_id = g_timeout_add (BEGIN_DEADLINE_MS, on_begin_deadline, self);
  send_message (self, GLB_PUBLISH_BEGIN, &begin, sizeof begin, fd);
  close (fd);
}

gboolean
glb_publisher_begin_finish (GlbPublisher *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
glb_publisher_give_stream (GlbPublisher *self, int fd)
{
  cut_stream (self);
  self->stream_fd = fd;
  if (self->in_use && self->fd >= 0)
    send_message (self, GLB_PUBLISH_STREAM, NULL, 0, fd);
  else
    cut_stream (self);
}

static gboolean
on_end_deadline (gpointer user_data)
{
  GlbPublisher *self = user_data;

  self->deadline_id = 0;
  glb_publisher_kill (self, "it did not end in time");
  return G_SOURCE_REMOVE;
}

void
glb_publisher_end (GlbPublisher *self)
{
  if (self->ending || self->sandbox == NULL)
    return;

  self->ending = TRUE;
  self->ended_us = g_get_monotonic_time ();
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  self->deadline_id = g_timeout_add (END_DEADLINE_MS, on_end_deadline, self);
  if (self->fd >= 0)
    send_message (self, GLB_PUBLISH_END, NULL, 0, -1);
}

/* ---- the object ---------------------------------------------------------------------- */

static void
glb_publisher_dispose (GObject *object)
{
  GlbPublisher *self = GLB_PUBLISHER (object);

  close_control (self);
  if (self->sandbox != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->sandbox, self);
      glb_sandbox_kill (self->sandbox);
    }
  g_clear_object (&self->sandbox);
  g_clear_object (&self->config.account);
  g_clear_object (&self->config.cgroup);

  G_OBJECT_CLASS (glb_publisher_parent_class)->dispose (object);
}

static void
glb_publisher_finalize (GObject *object)
{
  GlbPublisher *self = GLB_PUBLISHER (object);

  g_free ((char *) self->config.name);
  g_free ((char *) self->config.host_socket);
  g_free ((char *) self->config.node_name);
  g_free ((char *) self->config.description);

  G_OBJECT_CLASS (glb_publisher_parent_class)->finalize (object);
}

static void
glb_publisher_class_init (GlbPublisherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_publisher_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_publisher_finalize;

  signals[IN_USE] = g_signal_new ("in-use", GLB_TYPE_PUBLISHER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[GONE] = g_signal_new ("gone", GLB_TYPE_PUBLISHER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_publisher_init (GlbPublisher *self)
{
  self->fd = self->stream_fd = self->n_left = -1;
}

GlbPublisher *
glb_publisher_new (const GlbPublisherConfig *config)
{
  GlbPublisher *self;

  g_return_val_if_fail (GLB_IS_ACCOUNT (config->account), NULL);

  self = g_object_new (GLB_TYPE_PUBLISHER, NULL);
  self->config.name = g_strdup (config->name);
  self->config.account = g_object_ref (config->account);
  g_set_object (&self->config.cgroup, config->cgroup);
  self->config.host_socket = g_strdup (config->host_socket);
  self->config.node_name = g_strdup (config->node_name);
  self->config.description = g_strdup (config->description);
  self->config.width = config->width;
  self->config.height = config->height;
  return self;
}

gboolean
glb_publisher_is_running (GlbPublisher *self)
{
  return self->sandbox != NULL;
}

int
glb_publisher_get_n_left (GlbPublisher *self)
{
  return self->n_left;
}

guint
glb_publisher_get_elapsed_us (GlbPublisher *self)
{
  return self->elapsed_us;
}

char *
glb_publisher_diagnose (void)
{
  g_autofree char *program = glb_sandbox_find_private (PROGRAM);

  if (program == NULL)
    return g_strdup ("publish: Glovebox was built without PipeWire; install libpipewire-0.3-dev and build it again");
  return NULL;
}
