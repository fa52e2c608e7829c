/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-network-publish.h"
#include "session-broker/client/glb-broker-error.h"

G_STATIC_ASSERT (GLB_NETWORK_PUBLISH_RESERVED_PORT == GLB_NETWORK_PROXY_PORT);

/* Who comes while a session is paused, or faster than they are let in. */
#define BACKLOG     1024
#define ACCEPT_MAX  64
/* Until there may be descriptors again. */
#define RETRY_MS    200

/* One socket that listens. */
typedef struct
{
  GlbNetworkPublish *publish;
  const GlbNetworkPublishRule *rule;
  int fd;
  guint16 port;                  /* as it is */
  guint source_id;               /* of fd, 0: nobody is let in now */
} Door;

struct _GlbNetworkPublish
{
  GlbNetworkGate *gate;
  GlbBox *box;
  GPtrArray *doors;
  gboolean paused;
  guint retry_id;
};

typedef union
{
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
} Address;

static socklen_t
fill_address (Address *self, const GlbNetworkAddress *address, guint16 port)
{
  memset (self, 0, sizeof *self);
  if (address->is_ipv6)
    {
      self->in6.sin6_family = AF_INET6;
      self->in6.sin6_port = g_htons (port);
      memcpy (&self->in6.sin6_addr, address->bytes, 16);
      return sizeof self->in6;
    }

  self->in.sin_family = AF_INET;
  self->in.sin_port = g_htons (port);
  memcpy (&self->in.sin_addr, address->bytes, 4);
  return sizeof self->in;
}

static guint16
take_address (const Address *self, GlbNetworkAddress *address)
{
  if (self->any.sa_family == AF_INET6)
    {
      glb_network_address_set_ipv6 (address, (const guint8 *) &self->in6.sin6_addr);
      return g_ntohs (self->in6.sin6_port);
    }

  glb_network_address_set_ipv4 (address, (const guint8 *) &self->in.sin_addr);
  return g_ntohs (self->in.sin_port);
}

/* ---- who comes -------------------------------------------------------------------- */

static void close_doors (GlbNetworkPublish *self);
static void open_doors (GlbNetworkPublish *self);

static gboolean
on_retry (gpointer user_data)
{
  GlbNetworkPublish *self = user_data;

  self->retry_id = 0;
  open_doors (self);
  return G_SOURCE_REMOVE;
}

/* Who waits goes on waiting; to ask the kernel again at once would be to do nothing else. */
static void
wait_for_descriptors (GlbNetworkPublish *self, int error_number)
{
  g_warning ("Can't let anybody in to a published port: %s; it is tried again", g_strerror (error_number));
  close_doors (self);
  self->retry_id = g_timeout_add (RETRY_MS, on_retry, self);
}

/* FALSE: nobody is there, or nobody can be let in. */
static gboolean
let_one_in (Door *door)
{
  GlbNetworkPublish *self = door->publish;
  Address from = { 0 };
  socklen_t size = sizeof from;
  GlbNetworkArrival arrival = { .rule = door->rule, .box = self->box };

  arrival.fd = accept4 (door->fd, &from.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (arrival.fd < 0)
    {
      int error_number = errno;

      if (error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS || error_number == ENOMEM)
        wait_for_descriptors (self, error_number);
      /* one that went away while it waited is no reason to stop */
      return error_number == ECONNABORTED || error_number == EINTR;
    }

  arrival.port = take_address (&from, &arrival.address);
  glb_network_gate_let_in (self->gate, &arrival);
  return TRUE;
}

static gboolean
on_arrival (int fd, GIOCondition condition, gpointer user_data)
{
  Door *door = user_data;
  GSource *source = g_main_current_source ();

  /* a record that fails ends the session, and the door with it */
  for (guint i = 0; i < ACCEPT_MAX && !g_source_is_destroyed (source); i++)
    if (!let_one_in (door))
      break;

  return G_SOURCE_CONTINUE;
}

static void
open_doors (GlbNetworkPublish *self)
{
  for (guint i = 0; i < self->doors->len; i++)
    {
      Door *door = g_ptr_array_index (self->doors, i);

      if (door->source_id == 0)
        door->source_id = g_unix_fd_add (door->fd, G_IO_IN, on_arrival, door);
    }
}

static void
close_doors (GlbNetworkPublish *self)
{
  for (guint i = 0; i < self->doors->len; i++)
    {
      Door *door = g_ptr_array_index (self->doors, i);

      g_clear_handle_id (&door->source_id, g_source_remove);
    }
}

void
glb_network_publish_set_paused (GlbNetworkPublish *self, gboolean paused)
{
  if (self->paused == paused)
    return;

  self->paused = paused;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  if (paused)
    close_doors (self);
  else
    open_doors (self);
}

/* ---- listening --------------------------------------------------------------------- */

static const char *
find_remedy (int error_number)
{
  switch (error_number)
    {
    case EADDRINUSE:
      return "choose another port in network.publish";
    case EACCES:
      return "choose a port above 1023 in network.publish";
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return "name an address of this machine in network.publish";
    default:
      return "change network.publish";
    }
}

static int
listen_at (const GlbNetworkPublishRule *rule)
{
  const int yes = 1;
  Address address;
  socklen_t size = fill_address (&address, &rule->address, rule->port);
  int fd = socket (address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  int error_number;

  if (fd < 0)
    return -1;
  /* :: is every IPv6 address and no IPv4 one, whatever the machine's default */
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      (!rule->address.is_ipv6 || setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) == 0) &&
      bind (fd, &address.any, size) == 0 && listen (fd, BACKLOG) == 0)
    return fd;

  error_number = errno;
  close (fd);
  errno = error_number;
  return -1;
}

static gboolean
add_door (GlbNetworkPublish *self, const GlbNetworkPublishRule *rule, GError **error)
{
  GlbNetworkAddress unused;
  Address address;
  socklen_t size = sizeof address;
  int fd = listen_at (rule);
  Door *door;

  if (fd < 0 || getsockname (fd, &address.any, &size) < 0)
    {
      int error_number = errno;
      g_autofree char *place = glb_network_publish_format_place (&rule->address, rule->port);

      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "network: %s: %s; %s", place, g_strerror (error_number),
                   find_remedy (error_number));
      if (fd >= 0)
        close (fd);
      return FALSE;
    }

  door = g_new0 (Door, 1);
  door->publish = self;
  door->rule = rule;
  door->fd = fd;
  door->port = take_address (&address, &unused);
  g_ptr_array_add (self->doors, door);
  return TRUE;
}

static void
door_free (gpointer data)
{
  Door *door = data;

  g_clear_handle_id (&door->source_id, g_source_remove);
  close (door->fd);
  g_free (door);
}

GlbNetworkPublish *
glb_network_publish_new (GlbNetworkGate *gate, GlbBox *box, const GPtrArray *rules, GError **error)
{
  g_autoptr(GlbNetworkPublish) self = g_new0 (GlbNetworkPublish, 1);

  self->gate = g_object_ref (gate);
  self->box = g_object_ref (box);
  self->doors = g_ptr_array_new_with_free_func (door_free);
  for (guint i = 0; i < rules->len; i++)
    if (!add_door (self, g_ptr_array_index (rules, i), error))
      return NULL;

  open_doors (self);
  return g_steal_pointer (&self);
}

void
glb_network_publish_free (GlbNetworkPublish *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_ptr_array_unref (self->doors);
  g_object_unref (self->gate);
  g_object_unref (self->box);
  g_free (self);
}

GStrv
glb_network_publish_describe (GlbNetworkPublish *self)
{
  GStrv list = g_new0 (char *, self->doors->len + 1);

  for (guint i = 0; i < self->doors->len; i++)
    {
      const Door *door = g_ptr_array_index (self->doors, i);
      g_autofree char *place = glb_network_publish_format_place (&door->rule->address, door->port);

      list[i] = g_strdup_printf ("%s -> %u", place, door->rule->session_port);
    }
  return list;
}
