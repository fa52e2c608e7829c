/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-resolver.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/network/glb-network-dns.h"

#define CLASS_INTERNET     1
#define RCODE_FORMAT_ERROR 1
#define RCODE_FAILURE      2
#define RCODE_UNKNOWN      4
/* Shorter than a name keeps its address unused, even where names are asked for all the time. */
#define TTL_SECONDS        60
#define PACKETS_A_TURN     64

/* A question that the broker was asked about. */
typedef struct
{
  GlbNetworkTimer       timer;
  GlbNetworkResolver   *resolver;
  uint64_t              id;           /* 0: free */
  struct sockaddr_in    from;
  GlbNetworkDnsQuestion question;
  size_t                size;
  uint8_t               packet[];     /* up to the end of the question */
} Pending;

struct GlbNetworkResolver
{
  GlbNetworkWatch  watch;
  GlbNetworkGate  *gate;
  int              fd;
  uint64_t         last_id;
  unsigned         n_pending;
  Pending         *pending[GLB_NETWORK_LOOKUPS_MAX];   /* NULL: free */
};

static void
answer (GlbNetworkResolver       *self,
        const struct sockaddr_in *to,
        const uint8_t            *packet,
        size_t                    size)
{
  if (size > 0)
    sendto (self->fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL, (const void *) to, sizeof *to);
}

static void
answer_error (GlbNetworkResolver       *self,
              const struct sockaddr_in *to,
              uint16_t                  id,
              unsigned                  rcode)
{
  uint8_t out[GLB_NETWORK_DNS_MAX];

  answer (self, to, out, glb_network_dns_write_error (id, rcode, out));
}

static void
forget (GlbNetworkResolver *self,
        unsigned            slot)
{
  glb_network_loop_clear_timer (&self->gate->loop, &self->pending[slot]->timer);
  free (self->pending[slot]);
  self->pending[slot] = NULL;
  self->n_pending--;
}

static unsigned
find_slot (const GlbNetworkResolver *self,
           uint64_t                  id)
{
  unsigned slot = 0;

  while (slot < GLB_NETWORK_LOOKUPS_MAX && (self->pending[slot] == NULL ? 0 : self->pending[slot]->id) != id)
    slot++;
  return slot;
}

static void
on_expired (GlbNetworkTimer *timer)
{
  Pending *pending = glb_network_container (timer, Pending, timer);
  GlbNetworkResolver *self = pending->resolver;

  answer_error (self, &pending->from, pending->question.id, RCODE_FAILURE);
  forget (self, find_slot (self, pending->id));
}

/* The same packet again: its program lost patience, and will have its answer. */
static bool
is_asked (const GlbNetworkResolver    *self,
          const struct sockaddr_in    *from,
          const GlbNetworkDnsQuestion *question)
{
  for (unsigned slot = 0; slot < GLB_NETWORK_LOOKUPS_MAX && self->n_pending > 0; slot++)
    {
      const Pending *pending = self->pending[slot];

      if (pending != NULL && pending->question.id == question->id && pending->question.type == question->type &&
          pending->from.sin_port == from->sin_port && pending->from.sin_addr.s_addr == from->sin_addr.s_addr &&
          strcmp (pending->question.name, question->name) == 0)
        return true;
    }
  return false;
}

static void
ask (GlbNetworkResolver          *self,
     const struct sockaddr_in    *from,
     const uint8_t               *packet,
     const GlbNetworkDnsQuestion *question)
{
  size_t size = question->question_offset + question->question_size;
  unsigned slot = find_slot (self, 0);
  GlbNetworkLookUp look_up = { 0 };
  Pending *pending;

  if (is_asked (self, from, question))
    return;
  if (slot == GLB_NETWORK_LOOKUPS_MAX || glb_network_control_is_full (&self->gate->control))
    {
      answer_error (self, from, question->id, RCODE_FAILURE);
      return;
    }

  pending = calloc (1, sizeof *pending + size);
  if (pending == NULL)
    abort ();
  pending->timer.expired = on_expired;
  pending->resolver = self;
  pending->id = look_up.id = ++self->last_id;
  pending->from = *from;
  pending->question = *question;
  pending->size = size;
  memcpy (pending->packet, packet, size);
  self->pending[slot] = pending;
  self->n_pending++;
  glb_network_loop_set_timer (&self->gate->loop, &pending->timer, GLB_NETWORK_WAIT_REQUEST);
  snprintf (look_up.name, sizeof look_up.name, "%s", question->name);
  glb_network_control_send (&self->gate->control, GLB_NETWORK_LOOK_UP, &look_up, sizeof look_up);
}

static void
handle_packet (GlbNetworkResolver       *self,
               const struct sockaddr_in *from,
               const uint8_t            *packet,
               size_t                    size)
{
  GlbNetworkDnsQuestion question = { 0 };
  uint8_t out[GLB_NETWORK_DNS_MAX];

  switch (glb_network_dns_parse (packet, size, &question))
    {
    case GLB_NETWORK_DNS_QUESTION:
      if (question.dns_class != CLASS_INTERNET)
        answer_error (self, from, question.id, RCODE_UNKNOWN);
      else if (question.name[0] == '\0')
        answer (self, from, out, glb_network_dns_write_empty (packet, &question, out));
      else
        ask (self, from, packet, &question);
      break;
    case GLB_NETWORK_DNS_FORMAT_ERROR:
      answer_error (self, from, question.id, RCODE_FORMAT_ERROR);
      break;
    case GLB_NETWORK_DNS_UNKNOWN:
      answer_error (self, from, question.id, RCODE_UNKNOWN);
      break;
    default:
      break;
    }
}

static void
on_ready (GlbNetworkWatch *watch,
          uint32_t         events)
{
  GlbNetworkResolver *self = glb_network_container (watch, GlbNetworkResolver, watch);

  for (int i = 0; i < PACKETS_A_TURN; i++)
    {
      uint8_t packet[GLB_NETWORK_DNS_MAX + 1];
      struct sockaddr_in from;
      socklen_t from_size = sizeof from;
      ssize_t size = recvfrom (self->fd, packet, sizeof packet, MSG_DONTWAIT, (void *) &from, &from_size);

      if (size < 0)
        return;
      if (from_size == sizeof from && from.sin_family == AF_INET && (size_t) size <= GLB_NETWORK_DNS_MAX)
        handle_packet (self, &from, packet, (size_t) size);
    }
}

static size_t
write_answer (GlbNetworkResolver       *self,
              const Pending            *pending,
              const GlbNetworkLookedUp *looked_up,
              uint8_t                  *out)
{
  uint8_t address[4];

  if (looked_up->known == 0)
    return glb_network_dns_write_unknown (pending->packet, &pending->question, looked_up->text, out);
  if (pending->question.type != GLB_NETWORK_DNS_A)
    return glb_network_dns_write_empty (pending->packet, &pending->question, out);
  glb_network_names_add (self->gate->names, looked_up->name, address);
  return glb_network_dns_write_address (pending->packet, &pending->question, address, TTL_SECONDS, out);
}

void
glb_network_resolver_looked_up (GlbNetworkResolver       *self,
                                const GlbNetworkLookedUp *looked_up)
{
  unsigned slot = looked_up->id == 0 ? GLB_NETWORK_LOOKUPS_MAX : find_slot (self, looked_up->id);
  uint8_t out[GLB_NETWORK_DNS_MAX];

  if (slot == GLB_NETWORK_LOOKUPS_MAX)
    return;
  answer (self, &self->pending[slot]->from, out, write_answer (self, self->pending[slot], looked_up, out));
  forget (self, slot);
}

GlbNetworkResolver *
glb_network_resolver_new (GlbNetworkGate *gate,
                          int             fd)
{
  GlbNetworkResolver *self = calloc (1, sizeof *self);

  if (self == NULL)
    abort ();
  self->watch.ready = on_ready;
  self->gate = gate;
  self->fd = fd;
  glb_network_loop_add (&gate->loop, fd, EPOLLIN, &self->watch);
  return self;
}

void
glb_network_resolver_free (GlbNetworkResolver *self)
{
  for (unsigned slot = 0; slot < GLB_NETWORK_LOOKUPS_MAX; slot++)
    if (self->pending[slot] != NULL)
      forget (self, slot);
  glb_network_loop_remove (&self->gate->loop, self->fd);
  close (self->fd);
  free (self);
}
