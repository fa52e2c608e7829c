/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Weston with our shell, behind its own glass: another account than the
 * agent's, no network, no files but /usr and its plugin, a small control
 * group, a seccomp allow-list. What it can do to us is send packets, and those
 * are read by glb-shim-message.c.
 *
 * Sending never blocks: what the socket does not take waits in a queue with a
 * bound. A compositor that lets it overflow, or does not answer a ping, hangs
 * and is killed: its session then ends with that reason instead of waiting.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "session-broker/broker/glb-chores.h"
#include "session-broker/broker/glb-compositor.h"
#include "session-broker/broker/glb-sealed-file.h"
#include "session-broker/broker/glb-pipe-reader.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "session-broker/sandbox/glb-seccomp.h"
#include "session-broker/sandbox/glb-receive-fds.h"
#include "session-broker/sandbox/glb-send-fd.h"

#define READY_DEADLINE_MS  8000
#define ANSWER_DEADLINE_MS 5000
#define PING_INTERVAL_S    5
/* Between two looks; a busy screen with a busy person has some thousands. */
#define MESSAGES_MAX       200000
#define QUEUE_MAX          256
/* Messages read in one go before other sources have their turn. */
#define READ_BURST         64

#define MEMORY_MB          512
#define PROCESSES_MAX      32
#define FILES_MAX          1024

#define PLUGIN_PATH        "/run/glovebox/glovebox-shell.so"
#define XWAYLAND_PATH      "/run/glovebox/glovebox-xwayland"
#define CONFIG_PATH        "/run/glovebox/weston.ini"
#define RUNTIME_DIR        "/run/compositor"

struct _GlbCompositor
{
  GObject parent_instance;

  GlbHost *host;
  GlbCompositorConfig config;
  GlbAccount *account;
  GlbCgroup *cgroup;
  GlbSandbox *sandbox;
  char *dir;                   /* (nullable): its folder outside */
  char *x11_dir;               /* (nullable) */
  GlbChores *chores;
  char *why;                   /* (nullable): why it was killed */
  gboolean died;

  int fd;
  guint read_id, write_id, ping_id, ready_id;
  GQueue queue;                /* Packet */
  GTask *ready_task;           /* (nullable): not READY yet */
  GHashTable *requests;        /* serial to Request */
  guint64 last_serial;
  gboolean ping_open;
  gboolean heard;              /* since the last ping */
  guint n_messages;            /* the same */
  guint8 *buffer;

  GlbShimExpect expect;
  GlbShimMessage *message;     /* the one being read */
  guint64 newest_frame;
  GArray *windows;
  guint focus_window;
  int pointer_x, pointer_y;
  GlbCompositorSelection selections[GLB_SHIM_N_SELECTIONS];
  GArray *owners;              /* struct ucred, since the last ASK_OWNERS */
};

G_DEFINE_FINAL_TYPE (GlbCompositor, glb_compositor, G_TYPE_OBJECT)
G_DEFINE_QUARK (glb-selection-error, glb_selection_error)

enum { RING, FRAME, DAMAGE, WINDOWS, SELECTION, PASTED, DIED, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct
{
  GBytes *bytes;
  int fd;
} Packet;

typedef struct
{
  GlbCompositor *self;
  GTask *task;
  guint64 serial;
  GlbShimMessageType answer;
  GlbShimSelectionKind set_kind;   /* whose client's selection is gone with a good answer */
  guint timeout_id;
} Request;

static void
packet_free (gpointer data)
{
  Packet *packet = data;

  g_bytes_unref (packet->bytes);
  if (packet->fd >= 0)
    close (packet->fd);
  g_free (packet);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_handle_id (&request->timeout_id, g_source_remove);
  if (request->task != NULL)
    g_task_return_new_error (request->task, G_IO_ERROR, G_IO_ERROR_CLOSED, "compositor: it ended; start a new session");
  g_clear_object (&request->task);
  g_free (request);
}

static void
close_control (GlbCompositor *self)
{
  g_autoptr(GHashTable) requests = g_steal_pointer (&self->requests);

  self->requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, request_free);
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->write_id, g_source_remove);
  g_clear_handle_id (&self->ping_id, g_source_remove);
  g_clear_handle_id (&self->ready_id, g_source_remove);
  g_queue_clear_full (&self->queue, packet_free);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/* Everything outside its sandbox; the sandbox is gone. */
static void
clean_up (GlbCompositor *self)
{
  g_autoptr(GError) error = NULL;

  if (self->cgroup != NULL && !glb_cgroup_remove (self->cgroup, &error))
    g_warning ("Can't remove a compositor's control group: %s", error->message);
  g_clear_error (&error);
  if (self->dir != NULL && !glb_sandbox_remove_tree (self->dir, &error))
    g_warning ("Can't remove %s: %s", self->dir, error->message);
  g_clear_object (&self->cgroup);
  g_clear_pointer (&self->dir, g_free);
  glb_chores_done (self->chores);
}

static void
on_exited (GlbSandbox *sandbox, int wait_status, gpointer user_data)
{
  g_autoptr(GlbCompositor) self = g_object_ref (GLB_COMPOSITOR (user_data));
  g_autofree char *failure = glb_sandbox_dup_failure (sandbox);
  const char *why = self->why != NULL ? self->why : failure != NULL ? failure : "it ended by itself";
  GTask *task = g_steal_pointer (&self->ready_task);

  close_control (self);
  clean_up (self);
  self->died = TRUE;
  if (task != NULL)
    {
      g_task_return_new_error (task, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "compositor: %s", why);
      g_object_unref (task);
    }
  g_signal_emit (self, signals[DIED], 0, why);
}

/* ---- sending -------------------------------------------------------------- */

/* FALSE: not now (EAGAIN). Errors come as the end of file that follows. */
static gboolean
send_packet (GlbCompositor *self, GBytes *bytes, int fd)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  struct iovec iov = { .iov_base = (void *) data, .iov_len = size };

  return glb_send_with_fd (self->fd, &iov, 1, fd) >= 0 ||
         (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR && errno != ENOBUFS);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  GlbCompositor *self = user_data;
  Packet *packet;

  while ((packet = g_queue_peek_head (&self->queue)) != NULL)
    {
      if (!send_packet (self, packet->bytes, packet->fd))
        return G_SOURCE_CONTINUE;
      packet_free (g_queue_pop_head (&self->queue));
    }

  self->write_id = 0;
  return G_SOURCE_REMOVE;
}

/* Takes fd. 0 where the compositor is gone. */
static guint64
send_message (GlbCompositor *self, GlbShimMessageType type, const void *payload, gsize size, const void *tail, gsize tail_size,
              int fd)
{
  GlbShimHeader header = { .type = type, .size = size + tail_size, .serial = ++self->last_serial };
  g_autoptr(GByteArray) array = g_byte_array_sized_new (sizeof header + size + tail_size);
  g_autoptr(GBytes) bytes = NULL;
  Packet *packet;

  g_byte_array_append (array, (const guint8 *) &header, sizeof header);
  if (size > 0)
    g_byte_array_append (array, payload, size);
  if (tail_size > 0)
    g_byte_array_append (array, tail, tail_size);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&array));

  if (self->fd < 0 || (g_queue_is_empty (&self->queue) && send_packet (self, bytes, fd)))
    {
      if (fd >= 0)
        close (fd);
      return self->fd < 0 ? 0 : header.serial;
    }

  packet = g_new (Packet, 1);
  packet->bytes = g_steal_pointer (&bytes);
  packet->fd = fd;
  g_queue_push_tail (&self->queue, packet);
  if (self->write_id == 0)
    self->write_id = g_unix_fd_add (self->fd, G_IO_OUT, on_writable, self);
  if (g_queue_get_length (&self->queue) > QUEUE_MAX)
    glb_compositor_kill (self, "it does not read what it is sent");

  return header.serial;
}

static gboolean
on_request_timeout (gpointer user_data)
{
  Request *request = user_data;
  g_autoptr(GTask) task = g_steal_pointer (&request->task);

  request->timeout_id = 0;
  g_hash_table_remove (request->self->requests, &request->serial);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "compositor: it did not answer in time; try again");
  return G_SOURCE_REMOVE;
}

/* Takes task. */
static Request *
await_answer (GlbCompositor *self, GTask *task, guint64 serial, GlbShimMessageType answer, guint deadline_ms)
{
  Request *request = g_new0 (Request, 1);

  request->self = self;
  request->task = task;
  request->serial = serial;
  request->answer = answer;
  request->set_kind = GLB_SHIM_N_SELECTIONS;
  if (serial == 0)
    {
      request_free (request);
      return NULL;
    }
  request->timeout_id = g_timeout_add (deadline_ms, on_request_timeout, request);
  g_hash_table_insert (self->requests, &request->serial, request);
  return request;
}

/* ---- receiving ------------------------------------------------------------ */

static void
forget_selection (GlbCompositor *self, GlbShimSelectionKind kind)
{
  GlbCompositorSelection *selection = &self->selections[kind];

  selection->id = 0;
  selection->n_offered = 0;
  g_strfreev (selection->types);
  selection->types = g_new0 (char *, 1);
}

static void
take_selection (GlbCompositor *self, const GlbShimMessage *message)
{
  GlbShimSelectionKind kind = message->selection.kind;
  GlbCompositorSelection *selection = &self->selections[kind];

  forget_selection (self, kind);
  if (message->selection.id > 0)
    self->expect.selection_id[kind] = message->selection.id;
  selection->id = message->selection.id;
  selection->n_offered = message->selection.n_offered;
  g_strfreev (selection->types);
  selection->types = g_new0 (char *, message->n_types + 1);
  for (guint i = 0; i < message->n_types; i++)
    selection->types[i] = g_strdup (message->types[i]);
  g_signal_emit (self, signals[SELECTION], 0, kind);
}

static void
answer_request (GlbCompositor *self, const GlbShimMessage *message, gconstpointer result, gsize size)
{
  Request *request = g_hash_table_lookup (self->requests, &message->serial);
  g_autoptr(GTask) task = NULL;

  /* an answer that is too late, or to nothing, is no harm */
  if (request == NULL || request->answer != message->type)
    return;

  task = g_steal_pointer (&request->task);
  if (request->set_kind < GLB_SHIM_N_SELECTIONS && message->done.error == 0)
    forget_selection (self, request->set_kind);
  g_hash_table_remove (self->requests, &message->serial);
  g_task_return_pointer (task, g_memdup2 (result, size), g_free);
}

static void
note_frame (GlbCompositor *self, guint64 frame)
{
  if (frame <= self->newest_frame)
    return;

  self->newest_frame = frame;
}

static void
take_ring (GlbCompositor *self, const GlbShimMessage *message, int fd)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRing) ring = glb_ring_new (&message->ring, fd, &error);

  if (ring == NULL)
    {
      glb_compositor_kill (self, error->message);
      return;
    }

  self->expect.n_rings++;
  self->expect.generation = ring->info.generation;
  self->expect.n_slots = ring->info.n_slots;
  g_signal_emit (self, signals[RING], 0, ring);
}

/* The one thing that a compositor can do about it is to hand over a connection or not: the kernel says whose it is. */
static void
take_owner (GlbCompositor *self, int fd)
{
  struct ucred credentials;
  socklen_t size = sizeof credentials;

  self->expect.n_owners++;
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 && size == sizeof credentials && credentials.pid > 0)
    g_array_append_val (self->owners, credentials);
  close (fd);
}

static void
become_ready (GlbCompositor *self)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->ready_task);

  self->expect.ready = TRUE;
  g_clear_handle_id (&self->ready_id, g_source_remove);
  if (task != NULL)
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
handle_message (GlbCompositor *self, const GlbShimMessage *message, int fd)
{
  self->heard = TRUE;
  self->n_messages++;

  switch (message->type)
    {
    case GLB_SHIM_READY:
      become_ready (self);
      break;
    case GLB_SHIM_RING:
      take_ring (self, message, fd);
      break;
    case GLB_SHIM_FRAME:
      note_frame (self, message->frame.frame);
      g_signal_emit (self, signals[FRAME], 0, message);
      break;
    case GLB_SHIM_DAMAGE:
      note_frame (self, message->damage.frame);
      g_signal_emit (self, signals[DAMAGE], 0, message->damage.frame, &message->damage.bounds);
      break;
    case GLB_SHIM_SETTLED:
      note_frame (self, message->settled.frame);
      answer_request (self, message, &message->settled, sizeof message->settled);
      break;
    case GLB_SHIM_DONE:
      self->pointer_x = CLAMP (message->done.pointer_x, 0, (int) self->config.width - 1);
      self->pointer_y = CLAMP (message->done.pointer_y, 0, (int) self->config.height - 1);
      self->focus_window = message->done.focus_window;
      answer_request (self, message, &message->done, sizeof message->done);
      break;
    case GLB_SHIM_WINDOWS:
      g_array_set_size (self->windows, 0);
      g_array_append_vals (self->windows, message->windows, message->n_windows);
      self->focus_window = message->focus_window;
      g_signal_emit (self, signals[WINDOWS], 0);
      break;
    case GLB_SHIM_PONG:
      self->ping_open = FALSE;
      break;
    case GLB_SHIM_SELECTION:
      take_selection (self, message);
      break;
    case GLB_SHIM_PASTED:
      g_signal_emit (self, signals[PASTED], 0, &message->pasted);
      break;
    case GLB_SHIM_OWNER:
      take_owner (self, fd);
      break;
    default:
      g_assert_not_reached ();   /* the parser let it through */
    }
}

/* FALSE: nothing there, or nothing any more. */
static gboolean
read_one (GlbCompositor *self)
{
  guint n_fds;
  int fd;
  gssize n = glb_receive_with_fds (self->fd, self->buffer, GLB_SHIM_MESSAGE_MAX + 1, &fd, 1, &n_fds);
  g_autoptr(GError) error = NULL;

  if (n < 0)
    return FALSE;
  if (n == 0)
    {
      /* its end follows, or is made to follow */
      close_control (self);
      glb_compositor_kill (self, NULL);
      return FALSE;
    }

  if (!glb_shim_message_parse (self->buffer, n, n_fds, &self->expect, self->message, &error))
    {
      if (fd >= 0)
        close (fd);
      glb_compositor_kill (self, error->message);
      return FALSE;
    }

  handle_message (self, self->message, fd);
  return self->fd >= 0;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbCompositor) self = g_object_ref (GLB_COMPOSITOR (user_data));

  for (guint i = 0; i < READ_BURST; i++)
    if (!read_one (self))
      break;

  /* close_control() has removed this source already */
  return self->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_ping (gpointer user_data)
{
  GlbCompositor *self = user_data;

  if (self->ping_open || self->n_messages > MESSAGES_MAX)
    {
      self->ping_id = 0;
      glb_compositor_kill (self, self->ping_open ? "it does not answer" : "it sends without end");
      return G_SOURCE_REMOVE;
    }
  self->n_messages = 0;
  if (!self->heard)
    {
      self->ping_open = TRUE;
      send_message (self, GLB_SHIM_PING, NULL, 0, NULL, 0, -1);
    }
  self->heard = FALSE;

  return G_SOURCE_CONTINUE;
}

/* ---- starting ------------------------------------------------------------- */

static gboolean
on_ready_timeout (gpointer user_data)
{
  GlbCompositor *self = user_data;

  self->ready_id = 0;
  glb_compositor_kill (self, "it was not ready in time");
  return G_SOURCE_REMOVE;
}

/* A control group is good to have and nothing that the policy promised: the address space is limited in any case. */
static gboolean
make_cgroup (GlbCompositor *self, const char *name, GError **error)
{
  GlbCgroupLimits limits = { .memory_mb = MEMORY_MB, .max_processes = PROCESSES_MAX };

  self->cgroup = glb_cgroup_new (name, &limits, NULL);
  return self->cgroup == NULL || glb_chores_tell_cgroup (self->chores, self->cgroup, error);
}

/* Xwayland's socket is the one thing beside the Wayland socket that both sides see. */
static gboolean
make_x11_dir (GlbCompositor *self, const char *name, GError **error)
{
  self->dir = g_build_filename (self->host->sessions_dir, name, NULL);
  self->x11_dir = g_build_filename (self->dir, "x11", NULL);
  if (!glb_chores_tell (self->chores, GLB_CHORE_TREE, 0, self->dir, error))
    return FALSE;
  /* the sticky folder below the broker's own 0700 is reachable through the mounts only */
  if (g_mkdir (self->dir, 0700) != 0 || g_mkdir (self->x11_dir, 0700) != 0 || g_chmod (self->x11_dir, 01777) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "broker: can't make %s: %s", self->x11_dir,
                   g_strerror (errno));
      return FALSE;
    }

  return TRUE;
}

static void
set_argv (GlbCompositor *self, GlbSandboxSpec *spec)
{
  g_autofree char *width = g_strdup_printf ("--width=%u", self->config.width);
  g_autofree char *height = g_strdup_printf ("--height=%u", self->config.height);
  const char *argv[16] = { "/usr/bin/weston", self->config.xwayland ? "--config=" CONFIG_PATH : "--no-config",
#if GLB_WESTON_MAJOR >= 12
                           "--backend=headless", "--renderer=pixman",
#else
                           "--backend=headless-backend.so", "--use-pixman",
#endif
                           "--idle-time=0", "--flight-rec-scopes=", "--socket=wayland-broker", "--shell=" PLUGIN_PATH,
                           width, height, self->config.xwayland ? "--xwayland" : NULL, NULL };

  glb_sandbox_spec_set_argv (spec, argv);
}

static GlbSandboxSpec *
make_spec (GlbCompositor *self, const char *name, int control_fd, GError **error)
{
  g_autoptr(GlbSandboxSpec) spec = glb_sandbox_spec_new (name, self->account);
  g_autofree char *plugin = glb_paths_find_program ("glovebox-shell.so", error);
  g_autofree char *xwayland = NULL;
  g_autoptr(GBytes) seccomp = NULL;

  glb_sandbox_spec_take_fd (spec, control_fd, 3);
  if (plugin == NULL)
    return NULL;

  seccomp = glb_seccomp_build (self->config.xwayland ? GLB_SECCOMP_COMPOSITOR_XWAYLAND : GLB_SECCOMP_COMPOSITOR, FALSE, error);
  if (seccomp == NULL)
    return NULL;

  glb_sandbox_spec_set_seccomp (spec, seccomp);
  glb_sandbox_spec_set_limits (spec, FILES_MAX, 0);
  /* one process less; but Xwayland does not tell a process 1 that it is ready */
  glb_sandbox_spec_set_pid_one (spec, !self->config.xwayland);
  if (self->cgroup != NULL)
    glb_sandbox_spec_set_cgroup (spec, self->cgroup);
  glb_sandbox_spec_add_mount (spec, plugin, PLUGIN_PATH, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_add_tmpfs (spec, RUNTIME_DIR, 1024 * 1024, 0700);
  glb_sandbox_spec_set_home (spec, RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "XDG_RUNTIME_DIR", RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "GLOVEBOX_CONTROL_FD", "3");
  if (self->config.keyboard_layout[0] != '\0')
    glb_sandbox_spec_set_env (spec, GLB_SHIM_LAYOUT_VARIABLE, self->config.keyboard_layout);
  if (self->config.touch)
    glb_sandbox_spec_set_env (spec, GLB_SHIM_TOUCH_VARIABLE, "1");
  glb_sandbox_spec_set_env (spec, "PATH", "/usr/bin");
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  if (self->config.xwayland)
    {
      static const char config[] = "[xwayland]\npath=" XWAYLAND_PATH "\n";
      g_autoptr(GBytes) bytes = g_bytes_new_static (config, strlen (config));

      glb_sandbox_spec_add_data (spec, CONFIG_PATH, bytes);
      xwayland = glb_paths_find_program ("glovebox-xwayland", error);
      if (xwayland == NULL)
        return NULL;
      glb_sandbox_spec_add_mount (spec, xwayland, XWAYLAND_PATH, GLB_MOUNT_READ_ONLY);
      glb_sandbox_spec_add_mount (spec, self->x11_dir, "/tmp/.X11-unix", GLB_MOUNT_WRITABLE);
    }
  set_argv (self, spec);

  return g_steal_pointer (&spec);
}

static gboolean
launch (GlbCompositor *self, GError **error)
{
  static guint last_number;
  g_autofree char *name = g_strdup_printf ("compositor-%u-%u", (guint) getpid (), ++last_number);
  g_autoptr(GlbSandboxSpec) spec = NULL;
  int pair[2];

  self->account = glb_account_allocate (self->host->accounts_dir, error);
  if (self->account == NULL || !glb_chores_tell_account (self->chores, self->account, error) || !make_cgroup (self, name, error))
    return FALSE;
  if (self->config.xwayland && !make_x11_dir (self, name, error))
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "broker: can't make a socket: %s", g_strerror (errno));
      return FALSE;
    }

  self->fd = pair[0];
  spec = make_spec (self, name, pair[1], error);
  if (spec == NULL)
    return FALSE;
  self->sandbox = glb_sandbox_launch (spec, error);
  if (self->sandbox == NULL)
    return FALSE;

  g_signal_connect_object (self->sandbox, "exited", G_CALLBACK (on_exited), self, 0);
  self->read_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  return glb_chores_tell (self->chores, GLB_CHORE_PROCESS, glb_sandbox_get_pid (self->sandbox), NULL, error);
}

static void
glb_compositor_dispose (GObject *object)
{
  GlbCompositor *self = GLB_COMPOSITOR (object);

  close_control (self);
  if (self->sandbox != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->sandbox, self);
      if (!self->died)
        glb_sandbox_kill (self->sandbox);
    }
  g_clear_object (&self->sandbox);
  if (self->host != NULL && (self->cgroup != NULL || self->dir != NULL))
    clean_up (self);
  g_clear_object (&self->account);

  G_OBJECT_CLASS (glb_compositor_parent_class)->dispose (object);
}

static void
glb_compositor_finalize (GObject *object)
{
  GlbCompositor *self = GLB_COMPOSITOR (object);

  g_free (self->x11_dir);
  g_free (self->why);
  g_free (self->buffer);
  g_free (self->message);
  g_clear_pointer (&self->chores, glb_chores_free);
  g_array_unref (self->windows);
  g_array_unref (self->owners);
  for (guint kind = 0; kind < GLB_SHIM_N_SELECTIONS; kind++)
    g_strfreev (self->selections[kind].types);
  g_hash_table_unref (self->requests);

  G_OBJECT_CLASS (glb_compositor_parent_class)->finalize (object);
}

static void
glb_compositor_class_init (GlbCompositorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = glb_compositor_dispose;
  object_class->finalize = glb_compositor_finalize;

  signals[RING] = g_signal_new ("ring", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[FRAME] = g_signal_new ("frame", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[DAMAGE] = g_signal_new ("damage", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_UINT64, G_TYPE_POINTER);
  signals[WINDOWS] = g_signal_new ("windows", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SELECTION] = g_signal_new ("selection", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[PASTED] = g_signal_new ("pasted", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[DIED] = g_signal_new ("died", GLB_TYPE_COMPOSITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_compositor_init (GlbCompositor *self)
{
  self->fd = -1;
  self->owners = g_array_new (FALSE, FALSE, sizeof (struct ucred));
  self->windows = g_array_new (FALSE, FALSE, sizeof (GlbShimWindow));
  self->requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, request_free);
  self->buffer = g_malloc (GLB_SHIM_MESSAGE_MAX + 1);
  self->message = g_new0 (GlbShimMessage, 1);
  g_queue_init (&self->queue);
  for (guint kind = 0; kind < GLB_SHIM_N_SELECTIONS; kind++)
    forget_selection (self, kind);
}

gboolean
glb_compositor_config_equal (const GlbCompositorConfig *a, const GlbCompositorConfig *b)
{
  return a->width == b->width && a->height == b->height && a->xwayland == b->xwayland && a->touch == b->touch &&
         g_str_equal (a->keyboard_layout, b->keyboard_layout);
}

void
glb_compositor_new_async (GlbHost                   *host,
                          const GlbCompositorConfig *config,
                          GCancellable              *cancellable,
                          GAsyncReadyCallback        callback,
                          gpointer                   user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr(GlbCompositor) self = g_object_new (GLB_TYPE_COMPOSITOR, NULL);
  GError *error = NULL;

  g_task_set_source_tag (task, glb_compositor_new_async);
  self->host = host;
  self->chores = glb_chores_new (host->janitor);
  self->config = *config;
  self->expect.width = config->width;
  self->expect.height = config->height;
  if (!launch (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  self->ready_id = g_timeout_add (READY_DEADLINE_MS, on_ready_timeout, self);
  self->ping_id = g_timeout_add_seconds (PING_INTERVAL_S, on_ping, self);
  /* the compositor lives as long as the task, and the task until READY or the end */
  g_task_set_task_data (task, g_steal_pointer (&self), g_object_unref);
  self = g_object_ref (g_task_get_task_data (task));
  self->ready_task = g_steal_pointer (&task);
}

GlbCompositor *
glb_compositor_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const GlbCompositorConfig *
glb_compositor_get_config (GlbCompositor *self)
{
  return &self->config;
}

guint
glb_compositor_get_uid (GlbCompositor *self)
{
  return glb_account_get_uid (self->account);
}

GPid
glb_compositor_get_pid (GlbCompositor *self)
{
  return glb_sandbox_get_pid (self->sandbox);
}

const char *
glb_compositor_get_x11_dir (GlbCompositor *self)
{
  return self->x11_dir;
}

gboolean
glb_compositor_is_alive (GlbCompositor *self)
{
  struct pollfd control = { .fd = self->fd };

  /* it may have hung up, and that not been read yet */
  return self->fd >= 0 && (poll (&control, 1, 0) <= 0 || (control.revents & (POLLHUP | POLLERR)) == 0);
}

void
glb_compositor_kill (GlbCompositor *self, const char *why)
{
  if (self->why == NULL)
    self->why = g_strdup (why);
  close_control (self);
  if (self->sandbox != NULL && !self->died)
    glb_sandbox_kill (self->sandbox);
}

guint64
glb_compositor_get_newest_frame (GlbCompositor *self)
{
  return self->newest_frame;
}

const GArray *
glb_compositor_get_windows (GlbCompositor *self, guint *focus_window)
{
  if (focus_window != NULL)
    *focus_window = self->focus_window;
  return self->windows;
}

void
glb_compositor_get_pointer (GlbCompositor *self, int *x, int *y)
{
  *x = self->pointer_x;
  *y = self->pointer_y;
}

const GlbCompositorSelection *
glb_compositor_get_selection (GlbCompositor *self, GlbShimSelectionKind kind)
{
  g_return_val_if_fail (kind < GLB_SHIM_N_SELECTIONS, NULL);

  return &self->selections[kind];
}

void
glb_compositor_get_scene (GlbCompositor *self, GlbInputScene *scene)
{
  scene->windows = (const GlbShimWindow *) self->windows->data;
  scene->n_windows = self->windows->len;
  scene->focus = self->focus_window;
  scene->pointer_x = self->pointer_x;
  scene->pointer_y = self->pointer_y;
}

void
glb_compositor_listen (GlbCompositor *self, int fd)
{
  send_message (self, GLB_SHIM_LISTEN, NULL, 0, NULL, 0, fd);
}

void
glb_compositor_prepare (GlbCompositor *self, guint n_slots)
{
  GlbShimWatch watch = { .n_slots = n_slots };

  send_message (self, GLB_SHIM_PREPARE, &watch, sizeof watch, NULL, 0, -1);
}

void
glb_compositor_watch (GlbCompositor *self, guint n_slots)
{
  GlbShimWatch watch = { .n_slots = n_slots };

  send_message (self, GLB_SHIM_WATCH, &watch, sizeof watch, NULL, 0, -1);
}

void
glb_compositor_unwatch (GlbCompositor *self)
{
  self->expect.n_rings--;
  send_message (self, GLB_SHIM_UNWATCH, NULL, 0, NULL, 0, -1);
}

void
glb_compositor_release (GlbCompositor *self, guint generation, guint slot)
{
  GlbShimRelease release = { .generation = generation, .slot = slot };

  send_message (self, GLB_SHIM_RELEASE, &release, sizeof release, NULL, 0, -1);
}

void
glb_compositor_release_input (GlbCompositor *self)
{
  send_message (self, GLB_SHIM_RELEASE_INPUT, NULL, 0, NULL, 0, -1);
}

void
glb_compositor_capture (GlbCompositor *self)
{
  send_message (self, GLB_SHIM_CAPTURE, NULL, 0, NULL, 0, -1);
}

void
glb_compositor_input_async (GlbCompositor       *self,
                            const GlbShimEvent  *events,
                            guint                n_events,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GlbShimInput input = { .n_events = n_events };

  g_return_if_fail (n_events <= GLB_SHIM_EVENTS_MAX);

  g_task_set_source_tag (task, glb_compositor_input_async);
  await_answer (self, task, send_message (self, GLB_SHIM_INPUT, &input, sizeof input, events, n_events * sizeof *events, -1),
                GLB_SHIM_DONE, ANSWER_DEADLINE_MS);
}

void
glb_compositor_text_async (GlbCompositor *self, const char *text, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GlbShimText header = { .length = strlen (text) };

  g_return_if_fail (header.length <= GLB_SHIM_TEXT_MAX);

  g_task_set_source_tag (task, glb_compositor_text_async);
  /* the shim paces what it types: some seconds for the longest text */
  await_answer (self, task, send_message (self, GLB_SHIM_TEXT, &header, sizeof header, text, header.length, -1), GLB_SHIM_DONE,
                ANSWER_DEADLINE_MS + header.length * 4);
}

void
glb_compositor_window_op_async (GlbCompositor       *self,
                                guint                window,
                                GlbShimWindowOpKind  op,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GlbShimWindowOp message = { .window = window, .op = op };

  g_task_set_source_tag (task, glb_compositor_window_op_async);
  await_answer (self, task, send_message (self, GLB_SHIM_WINDOW_OP, &message, sizeof message, NULL, 0, -1), GLB_SHIM_DONE,
                ANSWER_DEADLINE_MS);
}

gboolean
glb_compositor_done_finish (GlbCompositor *self, GAsyncResult *result, GlbShimDone *done, GError **error)
{
  g_autofree GlbShimDone *answer = g_task_propagate_pointer (G_TASK (result), error);

  if (answer == NULL)
    return FALSE;
  if (answer->error != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (answer->error), "compositor: %s",
                   answer->error == ENOENT ? "no such window" : answer->error == EAGAIN ? "no window has the focus" :
                   g_strerror (answer->error));
      return FALSE;
    }
  if (done != NULL)
    *done = *answer;

  return TRUE;
}

void
glb_compositor_settle_async (GlbCompositor       *self,
                             guint                quiet_ms,
                             guint                max_ms,
                             guint64              since_frame,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GlbShimSettle settle = { .quiet_ms = quiet_ms, .max_ms = max_ms, .since_frame = since_frame };

  g_task_set_source_tag (task, glb_compositor_settle_async);
  await_answer (self, task, send_message (self, GLB_SHIM_SETTLE, &settle, sizeof settle, NULL, 0, -1), GLB_SHIM_SETTLED,
                max_ms + ANSWER_DEADLINE_MS);
}

gboolean
glb_compositor_settle_finish (GlbCompositor *self, GAsyncResult *result, GlbShimSettled *settled, GError **error)
{
  g_autofree GlbShimSettled *answer = g_task_propagate_pointer (G_TASK (result), error);

  if (answer == NULL)
    return FALSE;

  *settled = *answer;
  return TRUE;
}

void
glb_compositor_ask_owners_async (GlbCompositor *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  guint64 serial = send_message (self, GLB_SHIM_ASK_OWNERS, NULL, 0, NULL, 0, -1);

  g_task_set_source_tag (task, glb_compositor_ask_owners_async);
  g_array_set_size (self->owners, 0);
  self->expect.owners_serial = serial;
  self->expect.n_owners = 0;
  await_answer (self, task, serial, GLB_SHIM_DONE, ANSWER_DEADLINE_MS);
}

GArray *
glb_compositor_ask_owners_finish (GlbCompositor *self, GAsyncResult *result, guint uid, GError **error)
{
  GArray *pids;

  if (!glb_compositor_done_finish (self, result, NULL, error))
    return NULL;

  pids = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < self->owners->len; i++)
    {
      const struct ucred *owner = &g_array_index (self->owners, struct ucred, i);

      /* Xwayland has windows for programs that it cannot name */
      if (owner->uid == uid)
        g_array_append_val (pids, owner->pid);
    }
  return pids;
}

/* ---- selections ----------------------------------------------------------- */

/* Two things have to happen: the compositor says that the pipe has gone to the client, and the client writes to the end. */
typedef struct
{
  GCancellable *stop;          /* of the reader */
  GCancellable *cancellable;   /* (nullable): the caller's */
  gulong cancelled_id;
  guint n_open;                /* of the two */
  GBytes *bytes;               /* (nullable) */
  GError *error;               /* (nullable): the first */
} SelectionRead;

static void
selection_read_free (gpointer data)
{
  SelectionRead *read = data;

  g_object_unref (read->stop);
  g_clear_object (&read->cancellable);
  g_clear_pointer (&read->bytes, g_bytes_unref);
  g_clear_error (&read->error);
  g_free (read);
}

/* Takes error. */
static void
selection_read_fail (SelectionRead *read, GError *error)
{
  if (read->error == NULL)
    read->error = error;
  else
    g_error_free (error);
  g_cancellable_cancel (read->stop);
}

static void
selection_read_step (GTask *task)
{
  SelectionRead *read = g_task_get_task_data (task);

  if (--read->n_open > 0)
    return;

  g_cancellable_disconnect (read->cancellable, read->cancelled_id);
  if (read->error != NULL)
    g_task_return_error (task, g_steal_pointer (&read->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&read->bytes), (GDestroyNotify) g_bytes_unref);
}

static void
on_pipe_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  SelectionRead *read = g_task_get_task_data (task);
  GError *error = NULL;

  read->bytes = glb_pipe_reader_read_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    {
      error->domain = GLB_SELECTION_ERROR;
      error->code = GLB_SELECTION_ERROR_TOO_LARGE;
      g_prefix_error (&error, "selection: ");
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      error->domain = GLB_SELECTION_ERROR;
      error->code = GLB_SELECTION_ERROR_TIMED_OUT;
      g_prefix_error (&error, "selection: ");
    }
  if (error != NULL)
    selection_read_fail (read, error);
  selection_read_step (task);
}

static void
on_read_sent (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  SelectionRead *read = g_task_get_task_data (task);
  GError *error = NULL;
  g_autofree GlbShimDone *done = g_task_propagate_pointer (G_TASK (result), &error);

  if (done != NULL && done->error == ESTALE)
    error = g_error_new_literal (GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_CHANGED, "selection: it is another one by now; ask again");
  else if (done != NULL && done->error == ENOENT)
    error = g_error_new_literal (GLB_SELECTION_ERROR, GLB_SELECTION_ERROR_NO_SUCH_TYPE, "selection: it is not offered as this type");
  else if (done != NULL && done->error == EBUSY)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "selection: another request reads it already; ask again");
  else if (done != NULL && done->error != 0)
    error = g_error_new (G_IO_ERROR, g_io_error_from_errno (done->error), "compositor: %s", g_strerror (done->error));
  if (error != NULL)
    selection_read_fail (read, error);
  selection_read_step (task);
}

static void
on_read_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
glb_compositor_read_selection_async (GlbCompositor        *self,
                                     GlbShimSelectionKind  kind,
                                     guint64               id,
                                     const char           *type,
                                     gsize                 max_bytes,
                                     guint                 deadline_ms,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  SelectionRead *read;
  GlbShimReadSelection message = { .kind = kind, .id = id };
  GTask *sent;
  int ends[2];

  g_return_if_fail (kind < GLB_SHIM_N_SELECTIONS && glb_shim_type_is_valid (type));

  g_task_set_source_tag (task, glb_compositor_read_selection_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "selection: can't make a pipe: %s", g_strerror (errno));
      return;
    }

  read = g_new0 (SelectionRead, 1);
  read->stop = g_cancellable_new ();
  read->n_open = 2;
  g_task_set_task_data (task, read, selection_read_free);
  if (cancellable != NULL)
    {
      read->cancellable = g_object_ref (cancellable);
      read->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (on_read_cancelled), g_object_ref (read->stop), g_object_unref);
    }

  g_strlcpy (message.type, type, sizeof message.type);
  sent = g_task_new (self, NULL, on_read_sent, g_object_ref (task));
  g_task_set_source_tag (sent, glb_compositor_read_selection_async);
  glb_pipe_reader_read_async (ends[0], max_bytes, deadline_ms, read->stop, on_pipe_read, g_object_ref (task));
  await_answer (self, sent, send_message (self, GLB_SHIM_READ_SELECTION, &message, sizeof message, NULL, 0, ends[1]), GLB_SHIM_DONE,
                ANSWER_DEADLINE_MS);
}

GBytes *
glb_compositor_read_selection_finish (GlbCompositor *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
glb_compositor_set_selection_async (GlbCompositor        *self,
                                    GlbShimSelectionKind  kind,
                                    const char * const   *types,
                                    GBytes               *content,
                                    guint                 uses,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  char names[GLB_SHIM_SET_TYPES_MAX][GLB_SHIM_TYPE_MAX] = { 0 };
  GlbShimSetSelection message = { .kind = kind, .n_types = g_strv_length ((GStrv) types), .length = g_bytes_get_size (content), .uses = uses };
  GError *error = NULL;
  Request *request;
  guint64 serial;
  int fd;

  g_return_if_fail (kind < GLB_SHIM_N_SELECTIONS && message.n_types >= 1 && message.n_types <= GLB_SHIM_SET_TYPES_MAX);
  g_return_if_fail (message.length <= GLB_SHIM_SET_LENGTH_MAX);

  g_task_set_source_tag (task, glb_compositor_set_selection_async);
  for (guint i = 0; i < message.n_types; i++)
    {
      g_return_if_fail (glb_shim_type_is_valid (types[i]));
      g_strlcpy (names[i], types[i], sizeof names[i]);
    }

  fd = glb_sealed_file_new ("glovebox-selection", content, &error);
  if (fd < 0)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  serial = send_message (self, GLB_SHIM_SET_SELECTION, &message, sizeof message, names, message.n_types * sizeof names[0], fd);
  g_task_set_task_data (task, g_memdup2 (&serial, sizeof serial), g_free);
  request = await_answer (self, task, serial, GLB_SHIM_DONE, ANSWER_DEADLINE_MS);
  if (request != NULL)
    request->set_kind = kind;
}

guint64
glb_compositor_set_selection_finish (GlbCompositor *self, GAsyncResult *result, GError **error)
{
  guint64 serial;

  if (!glb_compositor_done_finish (self, result, NULL, error))
    return 0;

  memcpy (&serial, g_task_get_task_data (G_TASK (result)), sizeof serial);
  return serial;
}

void
glb_compositor_clear_selection_async (GlbCompositor *self, GlbShimSelectionKind kind, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GlbShimClearSelection message = { .kind = kind };

  g_return_if_fail (kind < GLB_SHIM_N_SELECTIONS);

  g_task_set_source_tag (task, glb_compositor_clear_selection_async);
  await_answer (self, task, send_message (self, GLB_SHIM_CLEAR_SELECTION, &message, sizeof message, NULL, 0, -1), GLB_SHIM_DONE,
                ANSWER_DEADLINE_MS);
}
