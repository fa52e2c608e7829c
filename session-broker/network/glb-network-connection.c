/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/network/glb-network-answer.h"
#include "session-broker/network/glb-network-socks.h"

static GlbNetworkConnection **
bucket (GlbNetworkGate *gate,
        uint64_t        id)
{
  return &gate->by_id[id % GLB_NETWORK_ID_BUCKETS];
}

GlbNetworkConnection *
glb_network_connection_find (GlbNetworkGate *gate,
                             uint64_t        id)
{
  GlbNetworkConnection *found = *bucket (gate, id);

  while (found != NULL && found->id != id)
    found = found->next_by_id;
  return found;
}

static void
register_id (GlbNetworkConnection *self,
             uint64_t              id)
{
  GlbNetworkConnection **first = bucket (self->gate, id);

  self->id = id;
  self->next_by_id = *first;
  *first = self;
  self->gate->n_open++;
}

static void
forget_id (GlbNetworkConnection *self)
{
  GlbNetworkConnection **link = bucket (self->gate, self->id);

  while (*link != self)
    link = &(*link)->next_by_id;
  *link = self->next_by_id;
  self->id = 0;
  self->gate->n_open--;
}

void
glb_network_connection_free_buffer (GlbNetworkConnection *self)
{
  free (self->buffer.bytes);
  memset (&self->buffer, 0, sizeof self->buffer);
  free (self->name);
  self->name = NULL;
}

static void
stop_relays (GlbNetworkConnection *self)
{
  glb_network_relay_finish (&self->to_host, &self->gate->pipes, &self->gate->rate);
  glb_network_relay_finish (&self->to_program, &self->gate->pipes, &self->gate->rate);
}

void
glb_network_connection_report (GlbNetworkConnection *self,
                               GlbNetworkEnd         end,
                               const char           *detail)
{
  GlbNetworkClosed closed = { .id = self->id, .sent = self->to_host.moved, .received = self->to_program.moved, .end = end };

  stop_relays (self);
  glb_network_connection_free_buffer (self);
  if (end == GLB_NETWORK_END_DONE)
    glb_network_side_close (&self->host);
  else
    glb_network_side_reset (&self->host);
  if (self->id == 0)
    return;
  if (detail != NULL)
    snprintf (closed.detail, sizeof closed.detail, "%s", detail);
  glb_network_control_send (&self->gate->control, GLB_NETWORK_CLOSED, &closed, sizeof closed);
  forget_id (self);
}

void
glb_network_connection_drop (GlbNetworkConnection *self)
{
  GlbNetworkGate *gate = self->gate;

  if (self->id != 0)
    forget_id (self);
  stop_relays (self);
  glb_network_connection_free_buffer (self);
  glb_network_side_close (&self->program);
  glb_network_side_close (&self->host);
  glb_network_loop_clear_timer (&gate->loop, &self->timer);
  gate->n_connections--;
  free (self);
}

/* One that is not the program's to read to the end: it sees that something was cut. */
static void
end_with_reset (GlbNetworkConnection *self,
                GlbNetworkEnd         end)
{
  glb_network_connection_report (self, end, NULL);
  glb_network_side_reset (&self->program);
  glb_network_connection_drop (self);
}

/* After the last words: what the program still sends is thrown away, because unread bytes make close() a reset, which overtakes them. */
static void
linger (GlbNetworkConnection *self)
{
  char rest[4096];
  ssize_t n = 1;

  for (int i = 0; i < 64 && n > 0; i++)
    n = glb_network_side_receive (&self->program, rest, sizeof rest);
  if (self->timed_out || n == 0 || (n < 0 && errno != EAGAIN))
    glb_network_connection_drop (self);
  else if (n > 0)
    glb_network_loop_queue (&self->gate->loop, &self->task);
}

void
glb_network_connection_last_words (GlbNetworkConnection *self,
                                   const void           *bytes,
                                   size_t                size)
{
  glb_network_connection_free_buffer (self);
  self->state = GLB_NETWORK_STATE_LAST_WORDS;
  self->timed_out = false;
  if (size > 0)
    glb_network_side_send (&self->program, bytes, size);
  shutdown (self->program.fd, SHUT_WR);
  glb_network_loop_set_timer (&self->gate->loop, &self->timer, GLB_NETWORK_WAIT_LINGER);
  glb_network_loop_queue (&self->gate->loop, &self->task);
}

void
glb_network_connection_malformed (GlbNetworkConnection *self,
                                  const char           *text)
{
  GlbNetworkMalformed malformed = { .how = self->how };

  snprintf (malformed.text, sizeof malformed.text, "%s", text);
  glb_network_control_send (&self->gate->control, GLB_NETWORK_MALFORMED, &malformed, sizeof malformed);
}

static void
refuse (GlbNetworkConnection *self,
        GlbNetworkRefusal     refusal,
        const char           *text)
{
  char answer[GLB_NETWORK_ANSWER_MAX];
  uint8_t reply[GLB_NETWORK_SOCKS_REPLY_SIZE];

  switch (self->how)
    {
    case GLB_NETWORK_HOW_CONNECT:
    case GLB_NETWORK_HOW_HTTP:
      glb_network_connection_last_words (self, answer, glb_network_answer_write_http (glb_network_answer_status (refusal), text, answer));
      break;
    case GLB_NETWORK_HOW_SOCKS:
      glb_network_socks_write_reply (glb_network_answer_socks (refusal), reply);
      glb_network_connection_last_words (self, reply, sizeof reply);
      break;
    default:
      glb_network_side_reset (&self->program);
      self->state = GLB_NETWORK_STATE_LAST_WORDS;
      self->timed_out = true;
      glb_network_loop_queue (&self->gate->loop, &self->task);
    }
}

/* What was used of the buffer makes room. */
static void
compact (GlbNetworkBuffer *buffer)
{
  if (buffer->start == 0)
    return;
  buffer->end -= buffer->start;
  memmove (buffer->bytes, buffer->bytes + buffer->start, buffer->end);
  buffer->start = buffer->looked_at = 0;
}

void
glb_network_connection_ask (GlbNetworkConnection *self,
                            const GlbNetworkOpen *open)
{
  GlbNetworkGate *gate = self->gate;
  GlbNetworkOpen message = *open;

  compact (&self->buffer);
  glb_network_loop_clear_timer (&gate->loop, &self->timer);
  self->port = open->port;
  if (gate->n_open >= gate->max_connections)
    {
      refuse (self, GLB_NETWORK_REFUSAL_LIMIT, "as many connections as the policy allows are open: close one, or raise the limit in the policy");
      return;
    }
  self->state = GLB_NETWORK_STATE_DECIDING;
  register_id (self, ++gate->last_id);
  message.id = self->id;
  message.how = self->how;
  glb_network_control_send (&gate->control, GLB_NETWORK_OPEN, &message, sizeof message);
  glb_network_loop_queue (&gate->loop, &self->task);
}

/* Room for the next bytes: twice as much as before, up to max. false: there is none. */
static bool
grow (GlbNetworkBuffer *buffer,
      size_t            max)
{
  size_t space = buffer->space == 0 ? 2048 : buffer->space * 2;
  char *bytes;

  if (buffer->end < buffer->space)
    return buffer->end < max;
  if (buffer->end >= max)
    return false;
  bytes = realloc (buffer->bytes, space < max ? space : max);
  if (bytes == NULL)
    abort ();
  buffer->bytes = bytes;
  buffer->space = space < max ? space : max;
  return true;
}

bool
glb_network_connection_read (GlbNetworkConnection *self,
                             size_t                max)
{
  GlbNetworkBuffer *buffer = &self->buffer;

  while (self->program.readable && !self->program_ended && grow (buffer, max))
    {
      size_t size = (buffer->space < max ? buffer->space : max) - buffer->end;
      ssize_t n = glb_network_side_receive (&self->program, buffer->bytes + buffer->end, size);

      if (n < 0)
        return errno == EAGAIN;
      if (n == 0)
        self->program_ended = true;
      buffer->end += (size_t) n;
    }
  return true;
}

/* Whether nobody waits for the broker's answer. Who only ended its own direction may: but not one that was to speak, or TLS, next. */
static bool
is_given_up (GlbNetworkConnection *self)
{
  unsigned char first;

  if (self->program.broken)
    return true;
  if (!self->program.hung_up)
    return false;
  if (self->how != GLB_NETWORK_HOW_TRANSPARENT)
    return true;
  return recv (self->program.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || first == 0x16;
}

static void
wait_for_decision (GlbNetworkConnection *self)
{
  if (!is_given_up (self))
    return;
  glb_network_connection_report (self, GLB_NETWORK_END_GIVEN_UP, NULL);
  glb_network_connection_drop (self);
}

static void
time_out (GlbNetworkConnection *self)
{
  glb_network_connection_report (self, GLB_NETWORK_END_TIMEOUT, NULL);
  glb_network_connection_drop (self);
}

static bool
step (GlbNetworkConnection *self)
{
  switch (self->state)
    {
    case GLB_NETWORK_STATE_REQUEST:
      return glb_network_request_step (self);
    case GLB_NETWORK_STATE_DECIDING:
      wait_for_decision (self);
      return false;
    case GLB_NETWORK_STATE_SPEECH:
      return glb_network_speech_step (self);
    case GLB_NETWORK_STATE_RELAY:
      return glb_network_forward_step (self);
    default:
      linger (self);
      return false;
    }
}

static void
run (GlbNetworkTask *task)
{
  GlbNetworkConnection *self = glb_network_container (task, GlbNetworkConnection, task);

  if (self->state == GLB_NETWORK_STATE_LAST_WORDS)
    linger (self);
  else if (self->doomed != 0)
    end_with_reset (self, self->doomed);
  else if (self->timed_out)
    time_out (self);
  else
    while (step (self))
      ;
}

static void
on_timer (GlbNetworkTimer *timer)
{
  GlbNetworkConnection *self = glb_network_container (timer, GlbNetworkConnection, timer);

  self->timed_out = true;
  glb_network_loop_queue (&self->gate->loop, &self->task);
}

static GlbNetworkConnection *
create (GlbNetworkGate *gate,
        uint32_t        how)
{
  GlbNetworkConnection *self = calloc (1, sizeof *self);

  if (self == NULL)
    abort ();
  self->gate = gate;
  self->how = how;
  self->task.run = run;
  self->timer.expired = on_timer;
  glb_network_side_init (&self->program, &gate->loop, &self->task);
  glb_network_side_init (&self->host, &gate->loop, &self->task);
  glb_network_relay_init (&self->to_host, &self->program, &self->host, &self->task);
  glb_network_relay_init (&self->to_program, &self->host, &self->program, &self->task);
  gate->n_connections++;
  return self;
}

static void
set_ipv4 (GlbNetworkOpen *open,
          const void     *bytes)
{
  open->host_kind = GLB_NETWORK_HOST_IPV4;
  memcpy (open->address, bytes, 4);
}

static void
set_socket_address (GlbNetworkOpen        *open,
                    const struct sockaddr *to)
{
  const struct sockaddr_in *ipv4 = (const void *) to;
  const struct sockaddr_in6 *ipv6 = (const void *) to;

  if (to->sa_family == AF_INET)
    {
      open->port = ntohs (ipv4->sin_port);
      set_ipv4 (open, &ipv4->sin_addr);
      return;
    }
  open->port = ntohs (ipv6->sin6_port);
  open->host_kind = GLB_NETWORK_HOST_IPV6;
  memcpy (open->address, &ipv6->sin6_addr, sizeof open->address);
}

void
glb_network_connection_accept (GlbNetworkGate        *gate,
                               int                    fd,
                               const struct sockaddr *to)
{
  GlbNetworkConnection *self = create (gate, to == NULL ? GLB_NETWORK_HOW_CONNECT : GLB_NETWORK_HOW_TRANSPARENT);
  GlbNetworkOpen open = { 0 };

  if (!glb_network_side_open (&self->program, fd))
    {
      glb_network_connection_drop (self);
      return;
    }
  if (to == NULL)
    {
      glb_network_loop_set_timer (&gate->loop, &self->timer, GLB_NETWORK_WAIT_REQUEST);
      glb_network_loop_queue (&gate->loop, &self->task);
      return;
    }
  set_socket_address (&open, to);
  glb_network_request_ask_address (self, &open);
}

void
glb_network_connection_publish (GlbNetworkGate *gate,
                                uint64_t        id,
                                int             host,
                                int             program)
{
  GlbNetworkConnection *self = create (gate, GLB_NETWORK_HOW_TRANSPARENT);

  register_id (self, id);
  self->state = GLB_NETWORK_STATE_RELAY;
  if (!glb_network_side_open (&self->host, host))
    self->doomed = GLB_NETWORK_END_HOST_RESET;
  if (!glb_network_side_open (&self->program, program))
    self->doomed = GLB_NETWORK_END_SESSION_RESET;
  glb_network_loop_queue (&gate->loop, &self->task);
}

/* The program may go on: its proxy has what it asked for. */
static bool
say_yes (GlbNetworkConnection *self)
{
  static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
  uint8_t reply[GLB_NETWORK_SOCKS_REPLY_SIZE];

  switch (self->how)
    {
    case GLB_NETWORK_HOW_CONNECT:
      return glb_network_side_send (&self->program, established, sizeof established - 1) == sizeof established - 1;
    case GLB_NETWORK_HOW_SOCKS:
      glb_network_socks_write_reply (0, reply);
      return glb_network_side_send (&self->program, reply, sizeof reply) == sizeof reply;
    default:
      return true;
    }
}

void
glb_network_connection_opened (GlbNetworkConnection   *self,
                               const GlbNetworkOpened *opened,
                               int                     fd)
{
  if (self->state != GLB_NETWORK_STATE_DECIDING || self->doomed != 0)
    {
      close (fd);
      return;
    }
  self->speech = opened->speech;
  self->state = GLB_NETWORK_STATE_RELAY;
  if (opened->name[0] != '\0')
    {
      self->name = strdup (opened->name);
      if (self->name == NULL)
        abort ();
      self->state = GLB_NETWORK_STATE_SPEECH;
      if ((opened->speech & GLB_NETWORK_SPEECH_ANY) == 0)
        glb_network_loop_set_timer (&self->gate->loop, &self->timer, GLB_NETWORK_WAIT_REQUEST);
    }
  if (!glb_network_side_open (&self->host, fd))
    self->doomed = GLB_NETWORK_END_HOST_RESET;
  else if (!say_yes (self))
    self->doomed = GLB_NETWORK_END_SESSION_RESET;
  else if (self->how == GLB_NETWORK_HOW_HTTP)
    glb_network_speech_begin_absolute (self);
  glb_network_loop_queue (&self->gate->loop, &self->task);
}

void
glb_network_connection_refused (GlbNetworkConnection    *self,
                                const GlbNetworkRefused *refused)
{
  if (self->state != GLB_NETWORK_STATE_DECIDING || self->doomed != 0)
    return;
  forget_id (self);
  refuse (self, (GlbNetworkRefusal) refused->refusal, refused->text);
}

void
glb_network_connection_cut (GlbNetworkConnection *self)
{
  self->doomed = GLB_NETWORK_END_CLOSED;
  glb_network_loop_queue (&self->gate->loop, &self->task);
}
