/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-media"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/media/glb-media-connect.h"
#include "session-broker/media/glb-media.h"
#include "session-broker/media/glb-media-message.h"
#include "session-broker/media/glb-media-sandbox.h"
#include "session-broker/sandbox/glb-receive-fds.h"
#include "session-broker/sandbox/glb-send-fd.h"

#define START_DEADLINE_MS  8000
/* The helper gives the person's PipeWire four seconds, and a camera five for a picture. */
#define ANSWER_DEADLINE_MS 8000
/* A revoke waits for nobody but the session's PipeWire; past that it is killed. */
#define REVOKE_DEADLINE_MS 500
#define REQUESTS_MAX       32
#define READ_BURST         32
/* Of events in a second; a program that links and unlinks as fast as it can makes some hundred. */
#define EVENTS_MAX         2000

struct _GlbMedia
{
  GObject parent_instance;

  GlbMediaConfig config;         /* strings and objects are ours */
  GlbSandbox *sandbox;           /* (nullable) */
  char *why;                     /* (nullable): why it was killed */
  int fd;                        /* of the control socket; -1 */
  guint read_id, ready_id;
  GHashTable *requests;          /* serial to Request */
  guint64 last_serial;
  gint64 events_since;
  guint n_events;

  gboolean granted[GLB_MEDIA_N_DEVICES];
  guint n_users[GLB_MEDIA_N_DEVICES];
};

G_DEFINE_FINAL_TYPE (GlbMedia, glb_media, G_TYPE_OBJECT)
G_DEFINE_QUARK (glb-media-error, glb_media_error)

enum { IN_USE, ENDED, GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct
{
  GlbMedia *self;
  GTask *task;                   /* (nullable): answered already */
  guint64 serial;
  GlbMediaMessageType type;
  GlbMediaDevice device;
  guint timeout_id;
  GSource *cancelled;            /* (nullable) */
} Request;

static const char * const device_names[GLB_MEDIA_N_DEVICES] = { "camera", "microphone", "speaker", "sound" };

void
glb_media_answer_free (GlbMediaAnswer *self)
{
  g_free (self->target);
  g_free (self->description);
  g_clear_pointer (&self->picture, g_bytes_unref);
  g_free (self);
}

static void
answer_destroy (gpointer data)
{
  glb_media_answer_free (data);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_handle_id (&request->timeout_id, g_source_remove);
  if (request->cancelled != NULL)
    {
      g_source_destroy (request->cancelled);
      g_source_unref (request->cancelled);
    }
  if (request->task != NULL)
    g_task_return_new_error (request->task, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, "%s: the session's PipeWire ended; try again",
                             device_names[request->device]);
  g_clear_object (&request->task);
  g_free (request);
}

/* ---- the end --------------------------------------------------------------------- */

static void
close_control (GlbMedia *self)
{
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->ready_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
set_users (GlbMedia *self, GlbMediaDevice device, guint n_users)
{
  gboolean was = self->n_users[device] > 0;

  self->n_users[device] = n_users;
  if (was != (n_users > 0))
    g_signal_emit (self, signals[IN_USE], 0, device, n_users > 0);
}

/* A revoke has what it wants when everything is dead. */
static void
finish_requests (GlbMedia *self)
{
  g_autoptr(GHashTable) requests = g_steal_pointer (&self->requests);
  GHashTableIter iter;
  Request *request;

  self->requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, request_free);
  g_hash_table_iter_init (&iter, requests);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &request))
    if (request->type == GLB_MEDIA_REVOKE && request->task != NULL)
      {
        g_task_return_pointer (request->task, g_new0 (GlbMediaAnswer, 1), answer_destroy);
        g_clear_object (&request->task);
      }
}

static void
on_exited (GlbSandbox *sandbox, int wait_status, gpointer user_data)
{
  g_autoptr(GlbMedia) self = g_object_ref (GLB_MEDIA (user_data));
  g_autofree char *failure = glb_sandbox_dup_failure (sandbox);
  g_autofree char *killed = g_steal_pointer (&self->why);
  const char *why = killed != NULL ? killed : failure != NULL ? failure : "it ended by itself";

  if (g_str_has_prefix (why, "glovebox-media: "))
    why += strlen ("glovebox-media: ");
  close_control (self);
  g_clear_object (&self->sandbox);
  for (guint device = 0; device < GLB_MEDIA_N_DEVICES; device++)
    {
      self->granted[device] = FALSE;
      set_users (self, device, 0);
    }
  finish_requests (self);
  g_signal_emit (self, signals[GONE], 0, why);
}

void
glb_media_stop (GlbMedia *self, const char *why)
{
  g_return_if_fail (GLB_IS_MEDIA (self));

  if (self->why == NULL && why != NULL && self->sandbox != NULL)
    self->why = g_strdup (why);
  close_control (self);
  if (self->sandbox != NULL)
    glb_sandbox_kill (self->sandbox);
}

/* ---- requests --------------------------------------------------------------------- */

static gboolean send_revoke (GlbMedia *self, guint64 serial, GlbMediaDevice device);

static gboolean
on_request_timeout (gpointer user_data)
{
  Request *request = user_data;

  /* on_exited() answers it, with the others */
  request->timeout_id = 0;
  glb_media_stop (request->self, "it did not answer in time");
  return G_SOURCE_REMOVE;
}

/* The answer still comes, and is dropped; what was granted meanwhile is taken back. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Request *request = user_data;

  if (request->task != NULL)
    {
      g_task_return_error_if_cancelled (request->task);
      g_clear_object (&request->task);
      if (request->type == GLB_MEDIA_GRANT)
        {
          request->self->granted[request->device] = FALSE;
          send_revoke (request->self, ++request->self->last_serial, request->device);
        }
    }
  return G_SOURCE_REMOVE;
}

/* Takes task. */
static void
await_answer (GlbMedia *self, GTask *task, guint64 serial, GlbMediaMessageType type, GlbMediaDevice device)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Request *request = g_new0 (Request, 1);

  request->self = self;
  request->task = task;
  request->serial = serial;
  request->type = type;
  request->device = device;
  request->timeout_id = g_timeout_add (type == GLB_MEDIA_REVOKE ? REVOKE_DEADLINE_MS : ANSWER_DEADLINE_MS,
                                       on_request_timeout, request);
  if (cancellable != NULL)
    {
      request->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (request->cancelled, G_SOURCE_FUNC (on_cancelled), request, NULL);
      g_source_attach (request->cancelled, NULL);
    }
  g_hash_table_insert (self->requests, &request->serial, request);
}

/* FALSE: it is dead, or as good as. Takes fd. */
static gboolean
send_message (GlbMedia *self, GlbMediaMessageType type, guint64 serial, const void *payload, gsize size, int fd)
{
  GlbMediaHeader header = { .type = type, .size = size, .serial = serial };
  struct iovec iov[2] = { { &header, sizeof header }, { (void *) payload, size } };
  gboolean sent;

  /* requests are few and small: a socket that has no room for one has a dead reader */
  sent = self->fd >= 0 && glb_send_with_fd (self->fd, iov, 2, fd) >= 0;
  if (fd >= 0)
    close (fd);
  if (!sent)
    glb_media_stop (self, "it does not read what it is sent");
  return sent;
}

static gboolean
send_revoke (GlbMedia *self, guint64 serial, GlbMediaDevice device)
{
  GlbMediaRevoke revoke = { .device = device };

  return send_message (self, GLB_MEDIA_REVOKE, serial, &revoke, sizeof revoke, -1);
}

/* ---- answers ----------------------------------------------------------------------- */

static GlbMediaError
get_error_code (GlbMediaWhy why)
{
  switch (why)
    {
    case GLB_MEDIA_WHY_HOST_GONE:
    case GLB_MEDIA_WHY_NO_DEVICE:
    case GLB_MEDIA_WHY_UNPLUGGED:
    case GLB_MEDIA_WHY_FORMAT:
      return GLB_MEDIA_ERROR_HOST;
    case GLB_MEDIA_WHY_FILE:
      return GLB_MEDIA_ERROR_FILE;
    case GLB_MEDIA_WHY_EXISTS:
    case GLB_MEDIA_WHY_NO_LEASE:
      return GLB_MEDIA_ERROR_STATE;
    case GLB_MEDIA_WHY_NONE:
    case GLB_MEDIA_WHY_INTERNAL:
    case GLB_MEDIA_N_WHYS:
    default:
      return GLB_MEDIA_ERROR_FAILED;
    }
}

/* The picture as our own copy. NULL: it is not what was said. */
static GBytes *
read_picture (int fd, const GlbMediaPreviewed *previewed)
{
  const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  gsize size = (gsize) previewed->stride * previewed->height, done = 0;
  g_autofree guint8 *bytes = NULL;
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat st;

  if (seals < 0 || (seals & wanted) != wanted || fstat (fd, &st) != 0 || (gsize) st.st_size != size)
    return NULL;

  bytes = g_malloc (size);
  while (done < size)
    {
      gssize n = pread (fd, bytes + done, size - done, done);

      if (n <= 0)
        return NULL;
      done += n;
    }

  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

static gboolean
is_picture_wanted (const Request *request)
{
  return request->type == GLB_MEDIA_PREVIEW && request->device == GLB_MEDIA_CAMERA;
}

/* The request that this answers, taken out; NULL: nobody waits, or not for this. */
static Request *
take_request (GlbMedia *self, const GlbMediaMessage *message)
{
  Request *request = g_hash_table_lookup (self->requests, &message->serial);

  if (request == NULL || is_picture_wanted (request) != (message->type == GLB_MEDIA_PREVIEWED))
    return NULL;
  if (message->type == GLB_MEDIA_DONE && message->done.device != request->device)
    return NULL;

  g_hash_table_steal (self->requests, &message->serial);
  return request;
}

static void
answer_done (GlbMedia *self, const GlbMediaMessage *message)
{
  Request *request = take_request (self, message);
  GlbMediaAnswer *answer;

  if (request == NULL)
    return;

  /* It counted, and something is left: on_exited() answers it. */
  if (request->type == GLB_MEDIA_REVOKE && (message->done.n_links > 0 || message->done.n_nodes > 0))
    {
      g_hash_table_insert (self->requests, &request->serial, request);
      glb_media_stop (self, "it did not revoke");
      return;
    }
  if (request->type == GLB_MEDIA_GRANT && request->task != NULL)
    self->granted[request->device] = TRUE;
  if (request->task != NULL)
    {
      answer = g_new0 (GlbMediaAnswer, 1);
      answer->target = g_strdup (message->done.target);
      answer->description = g_strdup (message->done.description);
      answer->n_links = message->done.n_links;
      answer->n_nodes = message->done.n_nodes;
      answer->elapsed_us = message->done.elapsed_us;
      g_task_return_pointer (request->task, answer, answer_destroy);
      g_clear_object (&request->task);
    }
  request_free (request);
}

static void
answer_failed (GlbMedia *self, const GlbMediaMessage *message)
{
  Request *request = g_hash_table_lookup (self->requests, &message->serial);

  if (request == NULL)
    return;
  /* There is no way for it to fail: on_exited() answers it. */
  if (request->type == GLB_MEDIA_REVOKE)
    {
      glb_media_stop (self, "it did not revoke");
      return;
    }

  g_hash_table_steal (self->requests, &message->serial);
  if (request->task != NULL)
    g_task_return_new_error (request->task, GLB_MEDIA_ERROR, get_error_code (message->failed.why), "%s: %s",
                             device_names[request->device], message->failed.detail);
  g_clear_object (&request->task);
  request_free (request);
}

static void
answer_previewed (GlbMedia *self, const GlbMediaMessage *message, int fd)
{
  g_autoptr(GBytes) picture = read_picture (fd, &message->previewed);
  Request *request = take_request (self, message);

  if (picture == NULL)
    glb_media_stop (self, "it sent a picture that is none");
  if (request == NULL)
    return;

  if (request->task != NULL && picture != NULL)
    {
      GlbMediaAnswer *answer = g_new0 (GlbMediaAnswer, 1);

      answer->target = g_strdup (message->previewed.target);
      answer->description = g_strdup (message->previewed.description);
      answer->picture = g_steal_pointer (&picture);
      answer->width = message->previewed.width;
      answer->height = message->previewed.height;
      g_task_return_pointer (request->task, answer, answer_destroy);
      g_clear_object (&request->task);
    }
  request_free (request);
}

static void
handle_ended (GlbMedia *self, const GlbMediaFailed *failed)
{
  g_autofree char *why = NULL;

  set_users (self, failed->device, 0);
  if (!self->granted[failed->device])
    return;

  self->granted[failed->device] = FALSE;
  why = g_strdup_printf ("%s: %s", device_names[failed->device], failed->detail);
  g_signal_emit (self, signals[ENDED], 0, failed->device, why);
}

static gboolean
is_flood (GlbMedia *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now - self->events_since > G_USEC_PER_SEC)
    {
      self->events_since = now;
      self->n_events = 0;
    }
  return ++self->n_events > EVENTS_MAX;
}

/* fd is the caller's. */
static void
handle_message (GlbMedia *self, const GlbMediaMessage *message, int fd)
{
  if (is_flood (self))
    {
      glb_media_stop (self, "it sends without end");
      return;
    }

  switch (message->type)
    {
    case GLB_MEDIA_READY:
      g_clear_handle_id (&self->ready_id, g_source_remove);
      break;
    case GLB_MEDIA_DONE:
      answer_done (self, message);
      break;
    case GLB_MEDIA_FAILED:
      answer_failed (self, message);
      break;
    case GLB_MEDIA_PREVIEWED:
      answer_previewed (self, message, fd);
      break;
    case GLB_MEDIA_IN_USE:
      set_users (self, message->in_use.device, message->in_use.n_users);
      break;
    case GLB_MEDIA_ENDED:
      handle_ended (self, &message->failed);
      break;
    case GLB_MEDIA_GRANT:
    case GLB_MEDIA_REVOKE:
    case GLB_MEDIA_MUTE:
    case GLB_MEDIA_PREVIEW:
    default:
      g_assert_not_reached ();   /* the parser let it through */
    }
}

/* FALSE: nothing there, or nothing any more. */
static gboolean
read_one (GlbMedia *self)
{
  guint8 packet[GLB_MEDIA_MESSAGE_MAX + 1];
  guint n_fds;
  int fd;
  gssize n = glb_receive_with_fds (self->fd, packet, sizeof packet, &fd, 1, &n_fds);
  g_autoptr(GError) error = NULL;
  GlbMediaMessage message;

  if (n < 0)
    return FALSE;
  if (n == 0)
    {
      /* its end follows, with the reason, or is made to follow */
      close_control (self);
      return FALSE;
    }

  if (glb_media_message_parse (packet, n, n_fds, &message, &error))
    handle_message (self, &message, fd);
  else
    glb_media_stop (self, error->message);
  if (fd >= 0)
    close (fd);

  return self->fd >= 0;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbMedia) self = g_object_ref (GLB_MEDIA (user_data));

  for (guint i = 0; i < READ_BURST; i++)
    if (!read_one (self))
      break;

  /* close_control() has removed this source already */
  return self->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- the beginning ------------------------------------------------------------------ */

static gboolean
on_ready_timeout (gpointer user_data)
{
  GlbMedia *self = user_data;

  self->ready_id = 0;
  glb_media_stop (self, "it was not ready in time");
  return G_SOURCE_REMOVE;
}

static gboolean
launch (GlbMedia *self, GError **error)
{
  g_autoptr(GlbSandboxSpec) spec = NULL;
  g_autofree char *missing = glb_media_diagnose ();
  int pair[2];

  if (missing != NULL)
    {
      g_set_error_literal (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST, missing);
      return FALSE;
    }
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, "devices: can't make a socket: %s", g_strerror (errno));
      return FALSE;
    }

  self->fd = pair[0];
  spec = glb_media_sandbox_new (&self->config, pair[1], error);
  if (spec != NULL)
    self->sandbox = glb_sandbox_launch (spec, error);
  if (self->sandbox == NULL)
    {
      close_control (self);
      return FALSE;
    }

  g_signal_connect_object (self->sandbox, "exited", G_CALLBACK (on_exited), self, 0);
  self->read_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  self->ready_id = g_timeout_add (START_DEADLINE_MS, on_ready_timeout, self);
  return TRUE;
}

gboolean
glb_media_start (GlbMedia *self, GError **error)
{
  if (self->sandbox == NULL)
    return launch (self, error);
  if (self->fd >= 0)
    return TRUE;

  g_set_error_literal (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE, "devices: the session's PipeWire is just ending; try again");
  return FALSE;
}

gboolean
glb_media_source_fits (GlbMediaDevice device, GlbMediaSource source)
{
  switch (source)
    {
    case GLB_MEDIA_SOURCE_HOST:
      return device != GLB_MEDIA_SOUND;
    case GLB_MEDIA_SOURCE_TEST_PATTERN:
      return device == GLB_MEDIA_CAMERA;
    case GLB_MEDIA_SOURCE_TONE:
      return device == GLB_MEDIA_MICROPHONE;
    case GLB_MEDIA_SOURCE_SILENCE:
      return device != GLB_MEDIA_CAMERA && device != GLB_MEDIA_SOUND;
    case GLB_MEDIA_SOURCE_FILE:
      return device == GLB_MEDIA_CAMERA || device == GLB_MEDIA_MICROPHONE;
    case GLB_MEDIA_SOURCE_PIPE:
      return device == GLB_MEDIA_SOUND;
    case GLB_MEDIA_N_SOURCES:
    default:
      return FALSE;
    }
}

static int
dup_file (int file_fd, GlbMediaDevice device, GError **error)
{
  int fd = fcntl (file_fd, F_DUPFD_CLOEXEC, 3);

  if (fd < 0)
    g_set_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED, "%s: the file: %s", device_names[device], g_strerror (errno));
  return fd;
}

/* Takes task and fd, which is -1 but for a pipe. */
static void
ask_for_device (GlbMedia *self, GTask *task, GlbMediaMessageType type, GlbMediaDevice device, const GlbMediaChoice *choice,
                int fd)
{
  GlbMediaGrant grant = { .device = device, .source = choice->source };
  GError *error = NULL;
  guint64 serial = ++self->last_serial;

  if (g_hash_table_size (self->requests) >= REQUESTS_MAX)
    g_set_error (&error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE, "%s: too many requests at a time; wait for them",
                 device_names[device]);
  else if (choice->target != NULL && g_strlcpy (grant.target, choice->target, sizeof grant.target) >= sizeof grant.target)
    g_set_error (&error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST, "%s: no device has a name that long", device_names[device]);
  else if (choice->source == GLB_MEDIA_SOURCE_HOST)
    fd = glb_media_connect (self->config.host_socket, device_names[device], ", or set a synthetic source in the policy", &error);
  else if (choice->source == GLB_MEDIA_SOURCE_FILE)
    fd = dup_file (choice->file_fd, device, &error);

  if (error != NULL || !glb_media_start (self, &error))
    {
      if (fd >= 0)
        close (fd);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  await_answer (self, task, serial, type, device);
  send_message (self, type, serial, &grant, sizeof grant, fd);
}

static void
glb_media_dispose (GObject *object)
{
  GlbMedia *self = GLB_MEDIA (object);

  close_control (self);
  if (self->sandbox != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->sandbox, self);
      glb_sandbox_kill (self->sandbox);
    }
  g_clear_object (&self->sandbox);
  finish_requests (self);
  g_clear_object (&self->config.account);
  g_clear_object (&self->config.cgroup);

  G_OBJECT_CLASS (glb_media_parent_class)->dispose (object);
}

static void
glb_media_finalize (GObject *object)
{
  GlbMedia *self = GLB_MEDIA (object);

  g_hash_table_unref (self->requests);
  close (self->config.listen_fd);
  g_free ((char *) self->config.name);
  g_free ((char *) self->config.socket_path);
  g_free ((char *) self->config.host_socket);
  g_free (self->why);

  G_OBJECT_CLASS (glb_media_parent_class)->finalize (object);
}

static void
glb_media_class_init (GlbMediaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = glb_media_dispose;
  object_class->finalize = glb_media_finalize;

  signals[IN_USE] = g_signal_new ("in-use", GLB_TYPE_MEDIA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT,
                                  G_TYPE_BOOLEAN);
  signals[ENDED] = g_signal_new ("ended", GLB_TYPE_MEDIA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT,
                                 G_TYPE_STRING);
  signals[GONE] = g_signal_new ("gone", GLB_TYPE_MEDIA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_media_init (GlbMedia *self)
{
  self->fd = -1;
  self->config.listen_fd = -1;
  self->requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, request_free);
}

GlbMedia *
glb_media_new (const GlbMediaConfig *config)
{
  GlbMedia *self;

  g_return_val_if_fail (GLB_IS_ACCOUNT (config->account), NULL);
  g_return_val_if_fail (config->socket_path != NULL && g_path_is_absolute (config->socket_path), NULL);

  self = g_object_new (GLB_TYPE_MEDIA, NULL);
  self->config.name = g_strdup (config->name);
  self->config.account = g_object_ref (config->account);
  g_set_object (&self->config.cgroup, config->cgroup);
  self->config.listen_fd = fcntl (config->listen_fd, F_DUPFD_CLOEXEC, 3);
  self->config.socket_path = g_strdup (config->socket_path);
  self->config.host_socket = g_strdup (config->host_socket);

  return self;
}

gboolean
glb_media_is_running (GlbMedia *self)
{
  return self->sandbox != NULL;
}

gboolean
glb_media_is_granted (GlbMedia *self, GlbMediaDevice device)
{
  return self->granted[device];
}

guint
glb_media_get_n_users (GlbMedia *self, GlbMediaDevice device)
{
  return self->n_users[device];
}

void
glb_media_grant_async (GlbMedia            *self,
                       GlbMediaDevice       device,
                       const GlbMediaChoice *choice,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (device < GLB_MEDIA_N_DEVICES);
  g_return_if_fail (device != GLB_MEDIA_SOUND && glb_media_source_fits (device, choice->source));

  g_task_set_source_tag (task, glb_media_grant_async);
  ask_for_device (self, task, GLB_MEDIA_GRANT, device, choice, -1);
}

void
glb_media_listen_async (GlbMedia *self, int fd, GAsyncReadyCallback callback, gpointer user_data)
{
  const GlbMediaChoice choice = { .source = GLB_MEDIA_SOURCE_PIPE, .file_fd = -1 };
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (fd >= 0);

  g_task_set_source_tag (task, glb_media_listen_async);
  ask_for_device (self, task, GLB_MEDIA_GRANT, GLB_MEDIA_SOUND, &choice, fd);
}

void
glb_media_revoke_async (GlbMedia *self, GlbMediaDevice device, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  guint64 serial = ++self->last_serial;

  g_return_if_fail (device < GLB_MEDIA_N_DEVICES);

  g_task_set_source_tag (task, glb_media_revoke_async);
  self->granted[device] = FALSE;
  if (self->sandbox == NULL)
    {
      g_task_return_pointer (task, g_new0 (GlbMediaAnswer, 1), answer_destroy);
      g_object_unref (task);
      return;
    }

  await_answer (self, task, serial, GLB_MEDIA_REVOKE, device);
  if (self->fd >= 0)
    send_revoke (self, serial, device);
}

void
glb_media_mute_async (GlbMedia *self, GlbMediaDevice device, gboolean muted, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GlbMediaMute mute = { .device = device, .muted = muted != FALSE };
  guint64 serial = ++self->last_serial;

  g_return_if_fail (device < GLB_MEDIA_N_DEVICES);

  g_task_set_source_tag (task, glb_media_mute_async);
  if (self->fd < 0 || !self->granted[device])
    {
      g_task_return_new_error (task, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE, "%s: the session does not have this device",
                               device_names[device]);
      g_object_unref (task);
      return;
    }

  await_answer (self, task, serial, GLB_MEDIA_MUTE, device);
  send_message (self, GLB_MEDIA_MUTE, serial, &mute, sizeof mute, -1);
}

void
glb_media_preview_async (GlbMedia            *self,
                         GlbMediaDevice       device,
                         const GlbMediaChoice *choice,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (device < GLB_MEDIA_N_DEVICES);
  g_return_if_fail (glb_media_source_fits (device, choice->source));

  g_task_set_source_tag (task, glb_media_preview_async);
  ask_for_device (self, task, GLB_MEDIA_PREVIEW, device, choice, -1);
}

GlbMediaAnswer *
glb_media_finish (GlbMedia *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
