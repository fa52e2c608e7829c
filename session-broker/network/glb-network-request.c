/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a program asks for a connection: HTTP or SOCKS 5, told by the first byte, and the addresses that stand for names. */

#include "session-broker/network/glb-network-connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "session-broker/network/glb-network-answer.h"
#include "session-broker/network/glb-network-sniff.h"
#include "session-broker/network/glb-network-socks.h"

#define NOT_WHOLE "the request is not whole"
#define NO_NAME   "an address of 198.18.0.0/15 that stands for no name"

/* ::ffff:0:0/96 is IPv4. */
static void
unwrap (GlbNetworkOpen *open)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

  if (open->host_kind != GLB_NETWORK_HOST_IPV6 || memcmp (open->address, mapped, sizeof mapped) != 0)
    return;
  open->host_kind = GLB_NETWORK_HOST_IPV4;
  memmove (open->address, open->address + 12, 4);
  memset (open->address + 4, 0, 12);
}

static bool
resolve_standin (GlbNetworkConnection *self,
                 GlbNetworkOpen       *open)
{
  const char *name;

  if (open->host_kind != GLB_NETWORK_HOST_IPV4 || !glb_network_names_is_standin (open->address))
    return true;
  name = glb_network_names_find (self->gate->names, open->address);
  if (name == NULL)
    return false;
  open->host_kind = GLB_NETWORK_HOST_NAME;
  memset (open->address, 0, sizeof open->address);
  snprintf (open->name, sizeof open->name, "%s", name);
  return true;
}

static void
refuse_http (GlbNetworkConnection *self,
             const char           *text)
{
  char answer[GLB_NETWORK_ANSWER_MAX];

  glb_network_connection_malformed (self, text);
  glb_network_connection_last_words (self, answer, glb_network_answer_write_http (GLB_NETWORK_STATUS_BAD_REQUEST, text, answer));
}

static void
refuse_socks (GlbNetworkConnection *self,
              uint8_t               reply,
              const char           *text)
{
  uint8_t answer[GLB_NETWORK_SOCKS_REPLY_SIZE];

  glb_network_connection_malformed (self, text);
  glb_network_socks_write_reply (reply, answer);
  glb_network_connection_last_words (self, answer, sizeof answer);
}

static void
refuse_standin (GlbNetworkConnection *self)
{
  if (self->how == GLB_NETWORK_HOW_CONNECT)
    refuse_http (self, NO_NAME);
  else if (self->how == GLB_NETWORK_HOW_SOCKS)
    refuse_socks (self, 4, NO_NAME);
  else
    {
      glb_network_connection_malformed (self, NO_NAME);
      glb_network_side_reset (&self->program);
      glb_network_connection_drop (self);
    }
}

bool
glb_network_request_ask_address (GlbNetworkConnection *self,
                                 GlbNetworkOpen       *open)
{
  unwrap (open);
  if (!resolve_standin (self, open))
    {
      refuse_standin (self);
      return false;
    }
  glb_network_connection_ask (self, open);
  return true;
}

/* A program that resolved a name by itself, and then uses the proxy. */
static void
ask_connect (GlbNetworkConnection *self,
             GlbNetworkOpen       *open)
{
  struct in_addr address;
  GlbNetworkOpen by_address = { .host_kind = GLB_NETWORK_HOST_IPV4, .port = open->port };

  if (inet_pton (AF_INET, open->name, &address) == 1)
    {
      memcpy (by_address.address, &address, 4);
      if (glb_network_names_is_standin (by_address.address))
        {
          glb_network_request_ask_address (self, &by_address);
          return;
        }
    }
  glb_network_connection_ask (self, open);
}

static void
ask_http (GlbNetworkConnection        *self,
          const GlbNetworkHttpRequest *request)
{
  GlbNetworkOpen open = { .host_kind = GLB_NETWORK_HOST_NAME, .port = request->port };

  if (request->form == GLB_NETWORK_HTTP_ORIGIN)
    {
      refuse_http (self, "a request without a host in its target: a proxy needs CONNECT, or the whole address");
      return;
    }
  if (!glb_network_sniff_host_agrees (request))
    {
      refuse_http (self, "the Host field names another host than the target");
      return;
    }
  snprintf (open.name, sizeof open.name, "%s", request->host);
  if (request->form == GLB_NETWORK_HTTP_ABSOLUTE)
    {
      self->how = GLB_NETWORK_HOW_HTTP;
      glb_network_connection_ask (self, &open);
      return;
    }
  self->buffer.start += request->head_size;
  self->buffer.looked_at = 0;
  ask_connect (self, &open);
}

static void
http_step (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;
  GlbNetworkHttpResult result = GLB_NETWORK_HTTP_MORE;
  bool is_other = glb_network_http_is_request (buffer->bytes, buffer->end) == 0;
  GlbNetworkHttpRequest request;

  if (is_other || glb_network_sniff_has_head (buffer->bytes, buffer->end, buffer->looked_at))
    result = glb_network_http_parse (buffer->bytes, buffer->end, &request);
  buffer->looked_at = buffer->end;

  if (result == GLB_NETWORK_HTTP_REQUEST)
    ask_http (self, &request);
  else if (result == GLB_NETWORK_HTTP_BAD)
    refuse_http (self, request.error);
  else if (is_other)
    refuse_http (self, "it is neither a request of HTTP nor a greeting of SOCKS 5");
  else if (self->program_ended)
    refuse_http (self, NOT_WHOLE);
}

/* true: there may be more to read of what is there. */
static bool
socks_greeting_step (GlbNetworkConnection *self)
{
  static const uint8_t chosen[2] = { 5, 0 }, none[2] = { 5, 0xff };
  GlbNetworkBuffer *buffer = &self->buffer;
  const char *error = NULL;
  size_t used = 0;

  switch (glb_network_socks_parse_greeting ((const uint8_t *) buffer->bytes, buffer->end, &used, &error))
    {
    case GLB_NETWORK_SOCKS_DONE:
      buffer->start += used;
      self->socks_greeted = true;
      glb_network_side_send (&self->program, chosen, sizeof chosen);
      return true;
    case GLB_NETWORK_SOCKS_BAD:
      glb_network_connection_malformed (self, error);
      glb_network_connection_last_words (self, none, sizeof none);
      return false;
    default:
      if (self->program_ended)
        refuse_socks (self, 1, NOT_WHOLE);
      return false;
    }
}

static void
socks_request_step (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;
  GlbNetworkSocksRequest request = { 0 };
  GlbNetworkOpen open = { 0 };

  switch (glb_network_socks_parse_request ((const uint8_t *) buffer->bytes + buffer->start, buffer->end - buffer->start, &request))
    {
    case GLB_NETWORK_SOCKS_DONE:
      buffer->start += request.used;
      open.host_kind = request.host_kind;
      open.port = request.port;
      memcpy (open.address, request.address, sizeof open.address);
      snprintf (open.name, sizeof open.name, "%s", request.name);
      glb_network_request_ask_address (self, &open);
      break;
    case GLB_NETWORK_SOCKS_BAD:
      refuse_socks (self, request.reply, request.error);
      break;
    default:
      if (self->program_ended)
        refuse_socks (self, 1, NOT_WHOLE);
    }
}

bool
glb_network_request_step (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;

  if (!glb_network_connection_read (self, GLB_NETWORK_HTTP_HEAD_MAX) || (buffer->end == 0 && self->program_ended))
    {
      glb_network_connection_drop (self);
      return false;
    }
  if (buffer->end == 0)
    return false;
  if ((unsigned char) buffer->bytes[0] >= ' ')
    {
      http_step (self);
      return false;
    }
  self->how = GLB_NETWORK_HOW_SOCKS;
  if (!self->socks_greeted)
    return socks_greeting_step (self);
  socks_request_step (self);
  return false;
}
