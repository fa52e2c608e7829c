/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-network"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/network/glb-packet-queue.h"
#include "session-broker/network/glb-secrets.h"
#include "session-broker/sandbox/glb-receive-fds.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-seccomp.h"

#define PROGRAM       "glovebox-secrets"
#define PRIVATE_DIR   "/run/glovebox"

/* Two sockets for each connection. */
#define FILES_MAX     (GLB_SECRETS_CONNECTIONS_MAX * 2 + 64)
#define ADDRESSES_MAX (512ull << 20)
#define PROCESSES_MAX 4

#define MESSAGE_MAX   (sizeof (GlbSecretsHeader) + sizeof (GlbSecretsReady))
#define READ_BURST    64
#define QUEUE_MAX     (GLB_NETWORK_CONNECTIONS_MAX + GLB_SECRETS_MAX + 1)

G_STATIC_ASSERT (GLB_SECRETS_HEADER_SIZE > GLB_NETWORK_SECRET_HEADER_MAX);
G_STATIC_ASSERT (GLB_SECRETS_VALUE_MAX >= GLB_NETWORK_SECRET_PREFIX_MAX + GLB_SECRET_TEXT_MAX);

struct _GlbSecrets
{
  GObject parent_instance;

  GlbSandbox *sandbox;       /* (nullable) */
  const char *why;           /* (nullable) (static): why it was killed */
  int fd;                    /* of the control socket; -1 */
  guint read_id;
  GlbPacketQueue *queue;     /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbSecrets, glb_secrets, G_TYPE_OBJECT)

enum { READY, ENDED, GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- the end ------------------------------------------------------------------------ */

static void
close_control (GlbSecrets *self)
{
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_pointer (&self->queue, glb_packet_queue_free);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
on_exited (GlbSandbox *sandbox, int wait_status, gpointer user_data)
{
  g_autoptr(GlbSecrets) self = g_object_ref (GLB_SECRETS (user_data));
  g_autofree char *failure = glb_sandbox_dup_failure (sandbox);
  const char *why = self->why != NULL ? self->why : failure != NULL ? failure : "it ended by itself";

  if (g_str_has_prefix (why, PROGRAM ": "))
    why += strlen (PROGRAM ": ");
  close_control (self);
  g_clear_object (&self->sandbox);
  g_signal_emit (self, signals[GONE], 0, why);
}

void
glb_secrets_kill (GlbSecrets *self, const char *why)
{
  g_return_if_fail (GLB_IS_SECRETS (self));

  if (self->why == NULL && self->sandbox != NULL)
    self->why = why;
  close_control (self);
  if (self->sandbox != NULL)
    glb_sandbox_kill (self->sandbox);
}

/* From within the queue, which must not be freed there. */
static void
on_broken (gpointer user_data)
{
  GlbSecrets *self = user_data;

  if (self->why == NULL)
    self->why = "it does not read what it is sent";
  if (self->sandbox != NULL)
    glb_sandbox_kill (self->sandbox);
}

/* ---- to it ---------------------------------------------------------------------------- */

/* Takes fds. */
static void
send_message (GlbSecrets *self, GlbSecretsMessageType type, const void *payload, gsize size, const int *fds, guint n_fds)
{
  struct { GlbSecretsHeader header; guint8 payload[sizeof (GlbSecretsSecret)]; } packet = { { .type = type, .size = size } };

  if (self->queue == NULL)
    {
      for (guint i = 0; i < n_fds; i++)
        close (fds[i]);
      return;
    }
  memcpy (packet.payload, payload, size);
  glb_packet_queue_send (self->queue, &packet, sizeof packet.header + size, fds, n_fds);
  explicit_bzero (&packet, sizeof packet);
}

void
glb_secrets_set_up (GlbSecrets *self, guint n, guint64 valid_seconds, int trust_fd)
{
  const GlbSecretsSetup setup = { .version = GLB_SECRETS_PROTOCOL_VERSION, .n_secrets = n, .valid_seconds = valid_seconds };

  send_message (self, GLB_SECRETS_SETUP, &setup, sizeof setup, &trust_fd, 1);
}

static void
set_place (GlbSecretsPlace *place, const GlbNetworkSecretRule *rule)
{
  place->tls = rule->says == GLB_NETWORK_SAYS_TLS;
  place->port = rule->port;
  g_strlcpy (place->host, rule->host, sizeof place->host);
}

void
glb_secrets_add (GlbSecrets *self, const GlbNetworkSecretRule *rule, const GlbSecretText *text)
{
  GlbSecretsSecret secret = { .prefix_size = strlen (rule->prefix) };

  g_return_if_fail (text->size <= GLB_SECRET_TEXT_MAX);

  set_place (&secret.place, rule);
  g_strlcpy (secret.header, rule->header, sizeof secret.header);
  secret.size = secret.prefix_size + text->size;
  memcpy (secret.value, rule->prefix, secret.prefix_size);
  memcpy (secret.value + secret.prefix_size, text->bytes, text->size);
  send_message (self, GLB_SECRETS_SECRET, &secret, G_STRUCT_OFFSET (GlbSecretsSecret, value) + secret.size, NULL, 0);
  explicit_bzero (&secret, sizeof secret);
}

void
glb_secrets_carry (GlbSecrets *self, guint64 id, const GlbNetworkSecretRule *rule, int server, int program)
{
  GlbSecretsCarry carry = { .id = id };
  const int fds[] = { server, program };

  set_place (&carry.place, rule);
  send_message (self, GLB_SECRETS_CARRY, &carry, sizeof carry, fds, G_N_ELEMENTS (fds));
}

/* ---- from it --------------------------------------------------------------------------- */

static void
handle (GlbSecrets *self, const GlbSecretsMessage *message)
{
  if (message->type == GLB_SECRETS_READY)
    g_signal_emit (self, signals[READY], 0, &message->ready);
  else
    g_signal_emit (self, signals[ENDED], 0, &message->ended);
}

/* FALSE: nothing there, or nothing any more. */
static gboolean
read_one (GlbSecrets *self)
{
  guint8 packet[MESSAGE_MAX + 1];
  g_autoptr(GError) error = NULL;
  GlbSecretsMessage message;
  guint n_fds;
  int fd;
  gssize n = glb_receive_with_fds (self->fd, packet, sizeof packet, &fd, 1, &n_fds);

  if (n < 0)
    return FALSE;
  if (n == 0)
    {
      /* its end follows, with the reason; should it not, it is made to */
      glb_secrets_kill (self, NULL);
      return FALSE;
    }

  if (fd >= 0)
    close (fd);
  if (glb_secrets_message_parse (packet, n, n_fds, &message, &error))
    handle (self, &message);
  else
    glb_secrets_kill (self, "it sent a bad message");

  return self->fd >= 0;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GlbSecrets) self = g_object_ref (GLB_SECRETS (user_data));

  for (guint i = 0; i < READ_BURST; i++)
    if (!read_one (self))
      break;

  /* close_control() has removed this source already */
  return self->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- the beginning ---------------------------------------------------------------------- */

/* The program and what is always there: no file of the person's, no network, no path to any socket. Takes control_fd. */
static GlbSandboxSpec *
make_spec (const char *name, GlbAccount *account, int control_fd, GError **error)
{
  static const char * const argv[] = { PRIVATE_DIR "/" PROGRAM, NULL };
  g_autoptr(GlbSandboxSpec) spec = glb_sandbox_spec_new (name, account);
  g_autofree char *program = glb_sandbox_find_private (PROGRAM);
  g_autoptr(GBytes) seccomp = NULL;

  glb_sandbox_spec_take_fd (spec, control_fd, 3);
  if (program == NULL)
    {
      g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, PROGRAM " is missing; install Glovebox again");
      return NULL;
    }
  seccomp = glb_seccomp_build (GLB_SECCOMP_SECRETS, FALSE, error);
  if (seccomp == NULL)
    return NULL;

  glb_sandbox_spec_set_seccomp (spec, seccomp);
  glb_sandbox_spec_set_limits (spec, FILES_MAX, ADDRESSES_MAX);
  glb_sandbox_spec_set_max_processes (spec, PROCESSES_MAX);
  glb_sandbox_spec_add_mount (spec, program, PRIVATE_DIR "/" PROGRAM, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  glb_sandbox_spec_set_pid_one (spec, TRUE);   /* it has no children */
  glb_sandbox_spec_set_argv (spec, argv);
  return g_steal_pointer (&spec);
}

GlbSecrets *
glb_secrets_launch (const char *name, GlbAccount *account, GError **error)
{
  g_autoptr(GlbSecrets) self = g_object_new (GLB_TYPE_SECRETS, NULL);
  g_autoptr(GlbSandboxSpec) spec = NULL;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "secrets: can't make a socket: %s", g_strerror (errno));
      return NULL;
    }

  self->fd = pair[0];
  spec = make_spec (name, account, pair[1], error);
  if (spec != NULL)
    self->sandbox = glb_sandbox_launch (spec, error);
  if (self->sandbox == NULL)
    return NULL;

  g_signal_connect_object (self->sandbox, "exited", G_CALLBACK (on_exited), self, 0);
  self->queue = glb_packet_queue_new (self->fd, QUEUE_MAX, on_broken, self);
  self->read_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  return g_steal_pointer (&self);
}

/* ---- the object ------------------------------------------------------------------------- */

static void
glb_secrets_dispose (GObject *object)
{
  GlbSecrets *self = GLB_SECRETS (object);

  close_control (self);
  if (self->sandbox != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->sandbox, self);
      glb_sandbox_kill (self->sandbox);
    }
  g_clear_object (&self->sandbox);

  G_OBJECT_CLASS (glb_secrets_parent_class)->dispose (object);
}

static void
glb_secrets_class_init (GlbSecretsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_secrets_dispose;

  signals[READY] = g_signal_new ("ready", GLB_TYPE_SECRETS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[ENDED] = g_signal_new ("ended", GLB_TYPE_SECRETS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[GONE] = g_signal_new ("gone", GLB_TYPE_SECRETS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glb_secrets_init (GlbSecrets *self)
{
  self->fd = -1;
}

gboolean
glb_secrets_is_running (GlbSecrets *self)
{
  return self->sandbox != NULL;
}

GPid
glb_secrets_get_pid (GlbSecrets *self)
{
  return self->sandbox != NULL ? glb_sandbox_get_init_pid (self->sandbox) : 0;
}
