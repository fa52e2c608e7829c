/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two directions of an open connection, each for itself, until both are over. */

#include "session-broker/network/glb-network-connection.h"

#include <errno.h>
#include <sys/socket.h>

/* Of a chunked body, read at a time. */
#define CHUNK_SPACE 16384u
#define ROUNDS      16

static void
fail (GlbNetworkConnection *self,
      GlbNetworkEnd         how)
{
  if (self->failed == 0)
    self->failed = how;
}

static void
finish_relay (GlbNetworkConnection *self,
              GlbNetworkRelay      *relay)
{
  glb_network_relay_finish (relay, &self->gate->pipes, &self->gate->rate);
}

/* The end of a direction goes on to the other side. */
static void
pass_on_eof (GlbNetworkConnection *self,
             GlbNetworkRelay      *relay)
{
  relay->eof = true;
  shutdown (relay->to->fd, SHUT_WR);
  finish_relay (self, relay);
}

static GlbNetworkEnd
reset_of (const GlbNetworkConnection *self,
          const GlbNetworkSide       *side)
{
  return side == &self->host ? GLB_NETWORK_END_HOST_RESET : GLB_NETWORK_END_SESSION_RESET;
}

static void
move (GlbNetworkConnection *self,
      GlbNetworkRelay      *relay)
{
  switch (glb_network_relay_move (relay, &self->gate->pipes, &self->gate->rate))
    {
    case GLB_NETWORK_RELAY_WAITS:
      break;
    case GLB_NETWORK_RELAY_AGAIN:
      glb_network_loop_queue (&self->gate->loop, &self->task);
      break;
    case GLB_NETWORK_RELAY_EOF:
      pass_on_eof (self, relay);
      break;
    case GLB_NETWORK_RELAY_ALL:
      self->body = GLB_NETWORK_BODY_FINISHED;
      finish_relay (self, relay);
      break;
    case GLB_NETWORK_RELAY_READ_FAILED:
      fail (self, reset_of (self, relay->from));
      finish_relay (self, relay);
      break;
    case GLB_NETWORK_RELAY_WRITE_FAILED:
      fail (self, reset_of (self, relay->to));
      finish_relay (self, relay);
      break;
    }
}

void
glb_network_forward_to_program (GlbNetworkConnection *self)
{
  if (!self->to_program.ended)
    move (self, &self->to_program);
}

/* What was read goes before what is spliced. true: all of it went. */
static bool
send_buffer (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;

  while (buffer->start < buffer->end)
    {
      ssize_t n = self->host.writable ? glb_network_side_send (&self->host, buffer->bytes + buffer->start, buffer->end - buffer->start) : 0;

      if (n < 0 && errno != EAGAIN)
        {
          fail (self, GLB_NETWORK_END_HOST_RESET);
          finish_relay (self, &self->to_host);
        }
      if (n <= 0)
        return false;
      buffer->start += (size_t) n;
      self->to_host.moved += (uint64_t) n;
      glb_network_rate_take (&self->gate->rate, (size_t) n);
    }
  if (self->body != GLB_NETWORK_BODY_CHUNKED)
    glb_network_connection_free_buffer (self);
  return true;
}

/* The next bytes of a chunked body. What is behind its end stays out. */
static bool
read_chunks (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;
  bool done = false;
  long taken;

  if (!self->program.readable || glb_network_rate_ask (&self->gate->rate, &self->to_host.waiter, CHUNK_SPACE) == 0)
    return false;
  buffer->start = buffer->end = 0;
  if (!glb_network_connection_read (self, CHUNK_SPACE))
    {
      fail (self, GLB_NETWORK_END_SESSION_RESET);
      return false;
    }
  if (buffer->end == 0)
    return false;
  taken = glb_network_http_chunks_feed (&self->chunks, buffer->bytes, buffer->end, &done);
  buffer->end = taken > 0 ? (size_t) taken : 0;
  if (taken < 0)
    fail (self, GLB_NETWORK_END_MALFORMED);
  else if (done)
    self->body = GLB_NETWORK_BODY_FINISHED;
  return taken > 0;
}

static void
forward_chunks (GlbNetworkConnection *self)
{
  for (int i = 0; i < ROUNDS; i++)
    if (!send_buffer (self) || self->body != GLB_NETWORK_BODY_CHUNKED || self->program_ended || !read_chunks (self))
      return;
  glb_network_loop_queue (&self->gate->loop, &self->task);
}

static void
forward_to_host (GlbNetworkConnection *self)
{
  if (self->to_host.ended)
    return;
  if (self->body == GLB_NETWORK_BODY_CHUNKED)
    forward_chunks (self);
  if (self->to_host.ended || !send_buffer (self))
    return;
  if (self->body == GLB_NETWORK_BODY_FINISHED)
    finish_relay (self, &self->to_host);
  else if (self->program_ended)
    pass_on_eof (self, &self->to_host);
  else if (self->body != GLB_NETWORK_BODY_CHUNKED)
    move (self, &self->to_host);
}

/* A side that is gone, where nothing is read from it or written to it any more that would say so. */
static void
notice_gone (GlbNetworkConnection *self)
{
  if (self->program.broken && self->to_host.ended && !self->to_program.ended)
    fail (self, GLB_NETWORK_END_SESSION_RESET);
  if (self->host.broken && self->to_program.ended && !self->to_host.ended)
    fail (self, GLB_NETWORK_END_HOST_RESET);
}

static bool
is_over (const GlbNetworkConnection *self)
{
  if (self->failed != 0 && self->failed != GLB_NETWORK_END_HOST_RESET)
    return true;
  return self->to_program.ended && (self->to_host.ended || self->body != GLB_NETWORK_BODY_RAW || self->failed != 0);
}

static void
finish (GlbNetworkConnection *self)
{
  bool is_request = self->body != GLB_NETWORK_BODY_RAW;

  glb_network_connection_report (self, self->failed != 0 ? self->failed : GLB_NETWORK_END_DONE, NULL);
  if (self->failed == 0 && is_request)
    {
      glb_network_connection_last_words (self, NULL, 0);
      return;
    }
  if (self->failed != 0)
    glb_network_side_reset (&self->program);
  glb_network_connection_drop (self);
}

/* Half of it is closed: then the other half must not stand still for ever. */
static void
watch_half (GlbNetworkConnection *self)
{
  bool is_half = self->to_program.ended || self->to_host.eof || (self->to_host.ended && self->program.hung_up);
  uint64_t moved = self->to_host.moved + self->to_program.moved;

  if (!is_half || (self->timer.set && moved == self->moved))
    return;
  self->moved = moved;
  glb_network_loop_set_timer (&self->gate->loop, &self->timer, GLB_NETWORK_WAIT_HALF);
}

bool
glb_network_forward_step (GlbNetworkConnection *self)
{
  forward_to_host (self);
  glb_network_forward_to_program (self);
  notice_gone (self);
  if (is_over (self))
    finish (self);
  else
    watch_half (self);
  return false;
}
