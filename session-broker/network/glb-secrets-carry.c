/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session-broker/network/glb-network-answer.h"
#include "session-broker/network/glb-network-http.h"
#include "session-broker/network/glb-network-sniff.h"
#include "session-broker/network/glb-secrets-channel.h"
#include "session-broker/network/glb-secrets-mask.h"

#define GREETING_MS   30000
#define IDLE_MS       3600000   /* an answer may be long in coming */
#define LINGER_MS     5000
#define BUFFER_SIZE   32768u

typedef enum { GREETING, RELAY, LAST_WORDS } State;

typedef struct
{
  char  *bytes;
  size_t start, end, space;
} Buffer;

struct GlbSecretsCarrier
{
  uint64_t id;
  GlbSecretsPlace place;
  GlbSecretsField fields[GLB_SECRETS_MAX + 1];
  unsigned n_fields;
  size_t reach;              /* of the mask */

  GlbSecretsChannel program, server;
  State state;
  int64_t deadline;
  int64_t hold_until;        /* 0: nothing is held back */
  bool head_read;
  GlbNetworkHttpRequest request;

  Buffer to_server, to_program;
  GlbNetworkHttpChunks chunks;
  uint64_t left;             /* of a body with a length */
  bool sent;                 /* all of the request is in to_server */

  GlbNetworkStatus status;   /* of a failure that the program is to be told; 0: none */
  GlbSecretsEnded ended;
};

static void
buffer_init (Buffer *self,
             size_t  space)
{
  self->bytes = malloc (space);
  if (self->bytes == NULL)
    abort ();
  self->space = space;
}

/* It may have had a secret. */
static void
buffer_finish (Buffer *self)
{
  if (self->bytes != NULL)
    explicit_bzero (self->bytes, self->space);
  free (self->bytes);
}

static bool
buffer_is_empty (const Buffer *self)
{
  return self->start == self->end;
}

static void
set_end (GlbSecretsCarrier *self,
         GlbSecretsEnd      end,
         const char        *detail)
{
  if (self->ended.end != 0)
    return;
  self->ended.end = end;
  snprintf (self->ended.detail, sizeof self->ended.detail, "%s", detail);
}

/* The program hears of it when it can. */
static void
fail (GlbSecretsCarrier *self,
      GlbNetworkStatus   status,
      GlbSecretsEnd      end,
      const char        *detail)
{
  set_end (self, end, detail);
  if (self->status == 0)
    self->status = status;
}

/* ---- the greeting ------------------------------------------------------------------------ */

static void
greet_server (GlbSecretsCarrier *self)
{
  char why[GLB_NETWORK_TEXT_SIZE];
  bool untrusted;

  if (self->status == 0 && glb_secrets_channel_greet (&self->server, why, sizeof why, &untrusted) < 0)
    fail (self, GLB_NETWORK_STATUS_BAD_GATEWAY, untrusted ? GLB_SECRETS_END_UNTRUSTED : GLB_SECRETS_END_SERVER, why);
}

/* false: there will be none. */
static bool
greet_program (GlbSecretsCarrier *self)
{
  char why[GLB_NETWORK_TEXT_SIZE];
  bool untrusted;

  if (glb_secrets_channel_greet (&self->program, why, sizeof why, &untrusted) < 0)
    {
      set_end (self, GLB_SECRETS_END_PROGRAM, why);
      return false;
    }
  if (self->program.greeted && !glb_secrets_channel_is_for (&self->program, self->place.host))
    {
      set_end (self, GLB_SECRETS_END_WRONG_NAME, "");
      return false;
    }
  return true;
}

static void
judge_request (GlbSecretsCarrier *self)
{
  const GlbNetworkHttpRequest *request = &self->request;

  if (request->form != GLB_NETWORK_HTTP_ORIGIN)
    fail (self, GLB_NETWORK_STATUS_BAD_REQUEST, GLB_SECRETS_END_MALFORMED, "a request to a proxy, within a connection to a host");
  else if (!glb_network_sniff_same_name (request->host, self->place.host) ||
           (request->port != 0 && request->port != self->place.port))
    fail (self, GLB_NETWORK_STATUS_MISDIRECTED, GLB_SECRETS_END_WRONG_NAME, request->host);
}

/* false: nothing more comes. */
static bool
read_head (GlbSecretsCarrier *self,
           bool              *moved)
{
  Buffer *buffer = &self->to_server;
  ssize_t n = glb_secrets_channel_read (&self->program, buffer->bytes + buffer->end, GLB_NETWORK_HTTP_HEAD_MAX - buffer->end);
  size_t looked_at = buffer->end;
  GlbNetworkHttpResult result;

  if (n == GLB_SECRETS_CHANNEL_AGAIN)
    return true;
  if (n <= 0)
    {
      set_end (self, GLB_SECRETS_END_PROGRAM, n == 0 ? "it closed before it asked" : "it broke off");
      return false;
    }

  *moved = true;
  buffer->end += (size_t) n;
  if (!glb_network_sniff_has_head (buffer->bytes, buffer->end, looked_at))
    return true;
  result = glb_network_http_parse (buffer->bytes, buffer->end, &self->request);
  self->head_read = result != GLB_NETWORK_HTTP_MORE;
  if (result == GLB_NETWORK_HTTP_BAD)
    fail (self, GLB_NETWORK_STATUS_BAD_REQUEST, GLB_SECRETS_END_MALFORMED, self->request.error);
  else if (result == GLB_NETWORK_HTTP_REQUEST)
    judge_request (self);
  return true;
}

/* ---- the request ------------------------------------------------------------------------- */

/* How many of bytes belong to the body. -1: they are wrong. sent: that was the end of it. */
static long
take_body (GlbSecretsCarrier *self,
           const char        *bytes,
           size_t             size)
{
  size_t taken;

  if (self->request.body == GLB_NETWORK_HTTP_CHUNKED)
    return size > 0 ? glb_network_http_chunks_feed (&self->chunks, bytes, size, &self->sent) : 0;

  taken = self->left < size ? (size_t) self->left : size;
  self->left -= taken;
  self->sent = self->left == 0;
  return (long) taken;
}

static size_t
fields_size (const GlbSecretsCarrier *self)
{
  size_t size = 0;

  for (unsigned i = 0; i < self->n_fields; i++)
    size += strlen (self->fields[i].name) + self->fields[i].value_size + 4;
  return size;
}

/* Head and what is there of the body, as they go out. */
static void
begin_relay (GlbSecretsCarrier *self,
             int64_t            now)
{
  static char head[GLB_NETWORK_HTTP_HEAD_MAX + 512];
  Buffer *from = &self->to_server;
  Buffer out = { 0 };
  size_t head_size = glb_network_http_rewrite (&self->request, from->bytes, head);
  const char *rest = from->bytes + self->request.head_size;
  long body_size;

  self->left = self->request.body == GLB_NETWORK_HTTP_LENGTH ? self->request.length : 0;
  body_size = take_body (self, rest, from->end - self->request.head_size);
  if (body_size < 0)
    {
      fail (self, GLB_NETWORK_STATUS_BAD_REQUEST, GLB_SECRETS_END_MALFORMED, "its body is malformed");
      return;
    }

  buffer_init (&out, head_size + fields_size (self) + (size_t) body_size + BUFFER_SIZE);
  out.end = glb_secrets_head_write (head, head_size, self->fields, self->n_fields, out.bytes, out.space);
  if (out.end == 0)
    abort ();
  memcpy (out.bytes + out.end, rest, (size_t) body_size);
  out.end += (size_t) body_size;
  buffer_finish (from);
  *from = out;
  self->state = RELAY;
  self->deadline = now + IDLE_MS;
}

/* ---- the last words ------------------------------------------------------------------------ */

/* Closes the program's end when it has read all. Unread bytes would break it off. */
static void
begin_last_words (GlbSecretsCarrier *self,
                  int64_t            now)
{
  glb_secrets_channel_close (&self->program);
  self->state = LAST_WORDS;
  self->deadline = now + LINGER_MS;
}

static void
answer (GlbSecretsCarrier *self,
        int64_t            now)
{
  char text[1024];
  char bytes[GLB_NETWORK_ANSWER_MAX];
  size_t size;

  if (self->ended.end == GLB_SECRETS_END_WRONG_NAME)
    snprintf (text, sizeof text, "the request names %s, but the connection is to %s: open one to the host that is meant",
              self->ended.detail[0] != '\0' ? self->ended.detail : "no host", self->place.host);
  else if (self->ended.end == GLB_SECRETS_END_UNTRUSTED)
    snprintf (text, sizeof text, "%s is not who it says it is, and got nothing: %s", self->place.host, self->ended.detail);
  else
    snprintf (text, sizeof text, "%s: %s", self->place.host, self->ended.detail);
  size = glb_network_answer_write_http (self->status, text, bytes);
  glb_secrets_channel_write (&self->program, bytes, size);
  begin_last_words (self, now);
}

/* false: nothing more is to come. */
static bool
linger (GlbSecretsCarrier *self)
{
  char rest[4096];
  ssize_t n;

  for (int i = 0; i < 64; i++)
    if ((n = glb_secrets_channel_read (&self->program, rest, sizeof rest)) <= 0)
      return n == GLB_SECRETS_CHANNEL_AGAIN;
  return true;
}

/* ---- the relay ----------------------------------------------------------------------------- */

/* false: it broke. */
static bool
write_buffer (GlbSecretsChannel *channel,
              Buffer            *buffer,
              size_t             size,
              bool              *moved)
{
  ssize_t n = size > 0 ? glb_secrets_channel_write (channel, buffer->bytes + buffer->start, size) : GLB_SECRETS_CHANNEL_AGAIN;

  if (n == GLB_SECRETS_CHANNEL_BROKEN)
    return false;
  if (n > 0)
    {
      *moved = true;
      buffer->start += (size_t) n;
      if (buffer_is_empty (buffer))
        buffer->start = buffer->end = 0;
    }
  return true;
}

/* false: it is over, and why is said. */
static bool
relay_up (GlbSecretsCarrier *self,
          bool              *moved)
{
  Buffer *buffer = &self->to_server;
  ssize_t n = GLB_SECRETS_CHANNEL_AGAIN;
  long taken;

  /* a server that does not want the rest may have answered nevertheless */
  if (!self->server.ended && !write_buffer (&self->server, buffer, buffer->end - buffer->start, moved))
    {
      buffer->start = buffer->end = 0;
      self->sent = true;
    }
  self->ended.used |= *moved;
  if (self->sent || self->server.ended || !buffer_is_empty (buffer))
    return true;

  n = glb_secrets_channel_read (&self->program, buffer->bytes, BUFFER_SIZE);
  if (n == GLB_SECRETS_CHANNEL_AGAIN)
    return true;
  taken = n > 0 ? take_body (self, buffer->bytes, (size_t) n) : -1;
  if (taken < 0)
    {
      set_end (self, n > 0 ? GLB_SECRETS_END_MALFORMED : GLB_SECRETS_END_PROGRAM,
               n > 0 ? "its body is malformed" : "it broke off");
      return false;
    }
  buffer->end = (size_t) taken;
  *moved = true;
  return true;
}

/* What may be a secret's beginning stays. */
static size_t
count_free (const GlbSecretsCarrier *self,
            int64_t                  now)
{
  size_t size = self->to_program.end - self->to_program.start;

  if (self->server.ended || self->hold_until == 0 || now >= self->hold_until)
    return size;
  return size > self->reach ? size - self->reach : 0;
}

/* 1: something came, 0: not now, -1: that was all. */
static int
read_answer (GlbSecretsCarrier *self,
             int64_t            now)
{
  Buffer *buffer = &self->to_program;
  ssize_t n;

  if (buffer->start > 0)
    {
      memmove (buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
      buffer->end -= buffer->start;
      buffer->start = 0;
    }
  if (self->server.ended || buffer->end == buffer->space)
    return 0;

  n = glb_secrets_channel_read (&self->server, buffer->bytes + buffer->end, buffer->space - buffer->end);
  if (n == GLB_SECRETS_CHANNEL_AGAIN)
    return 0;
  if (n < 0)
    {
      set_end (self, GLB_SECRETS_END_SERVER, "it broke off");
      self->server.ended = true;
      return -1;
    }
  buffer->end += (size_t) n;
  glb_secrets_mask (buffer->bytes, buffer->end, self->fields, self->n_fields);
  self->hold_until = self->reach > 0 ? now + GLB_SECRETS_HOLD_MS : 0;
  return n > 0 ? 1 : -1;
}

/* false: it is over, and why is said, or it is in its last words. */
static bool
relay_down (GlbSecretsCarrier *self,
            int64_t            now,
            bool              *moved)
{
  *moved |= read_answer (self, now) != 0;
  if (!write_buffer (&self->program, &self->to_program, count_free (self, now), moved))
    {
      set_end (self, GLB_SECRETS_END_PROGRAM, "it broke off");
      return false;
    }
  return !self->server.ended || !buffer_is_empty (&self->to_program);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* false: it ended. */
static bool
step_greeting (GlbSecretsCarrier *self,
               int64_t            now,
               bool              *moved)
{
  bool greeted = self->program.greeted && self->server.greeted;

  greet_server (self);
  if (!greet_program (self))
    return false;
  if (self->program.greeted && !self->head_read && !read_head (self, moved))
    return false;
  *moved |= greeted != (self->program.greeted && self->server.greeted);

  if (self->head_read && self->status == 0 && self->server.greeted)
    begin_relay (self, now);
  if (self->head_read && self->status != 0)
    answer (self, now);
  *moved |= self->state != GREETING;
  return true;
}

static bool
step_relay (GlbSecretsCarrier *self,
            int64_t            now,
            bool              *moved)
{
  if (!relay_up (self, moved))
    return false;
  if (relay_down (self, now, moved))
    return true;
  if (self->ended.end != 0)
    return false;
  set_end (self, GLB_SECRETS_END_DONE, "");
  begin_last_words (self, now);
  return true;
}

static bool
step_once (GlbSecretsCarrier *self,
           int64_t            now,
           bool              *moved)
{
  switch (self->state)
    {
    case GREETING:
      return step_greeting (self, now, moved);
    case RELAY:
      return step_relay (self, now, moved);
    case LAST_WORDS:
    default:
      return linger (self);
    }
}

bool
glb_secrets_carrier_step (GlbSecretsCarrier *self,
                          int64_t            now,
                          bool               hung_up)
{
  if (hung_up)
    {
      set_end (self, GLB_SECRETS_END_PROGRAM, "it did not wait for the answer");
      return false;
    }
  /* others have their turn, too */
  for (int i = 0; i < 16; i++)
    {
      bool moved = false;

      if (self->ended.end == GLB_SECRETS_END_LIMIT || !step_once (self, now, &moved))
        return false;
      if (moved && self->state == RELAY)
        self->deadline = now + IDLE_MS;
      if (!moved)
        break;
    }
  if (now < self->deadline)
    return true;
  set_end (self, GLB_SECRETS_END_TIMEOUT, "");
  return false;
}

static void
make_channels (GlbSecretsCarrier      *self,
               const GlbSecretsShared *shared,
               int                     server,
               int                     program)
{
  bool made = true;

  if (!self->place.tls)
    {
      glb_secrets_channel_init_clear (&self->server, server);
      glb_secrets_channel_init_clear (&self->program, program);
      return;
    }
  made &= glb_secrets_channel_init_connect (&self->server, server, shared->trust, self->place.host);
  made &= glb_secrets_channel_init_accept (&self->program, program,
                                           glb_secrets_authority_get_credentials (shared->authority, self->place.host));
  if (!made)
    set_end (self, GLB_SECRETS_END_LIMIT, "TLS has no memory");
}

GlbSecretsCarrier *
glb_secrets_carrier_new (const GlbSecretsShared *shared,
                         const GlbSecretsCarry  *carry,
                         int                     server,
                         int                     program,
                         int64_t                 now)
{
  GlbSecretsCarrier *self = calloc (1, sizeof *self);

  if (self == NULL)
    abort ();
  self->id = carry->id;
  self->place = carry->place;
  self->n_fields = glb_secrets_keep_find (shared->keep, &carry->place, self->fields);
  self->reach = glb_secrets_mask_reach (self->fields, self->n_fields);
  /* what is packed can't be looked at */
  if (self->reach > 0)
    self->fields[self->n_fields++] = (GlbSecretsField) { "Accept-Encoding", "identity", 8, 8 };
  self->deadline = now + GREETING_MS;
  buffer_init (&self->to_server, GLB_NETWORK_HTTP_HEAD_MAX);
  buffer_init (&self->to_program, BUFFER_SIZE);
  make_channels (self, shared, server, program);
  return self;
}

void
glb_secrets_carrier_free (GlbSecretsCarrier *self)
{
  glb_secrets_channel_finish (&self->program);
  glb_secrets_channel_finish (&self->server);
  buffer_finish (&self->to_server);
  buffer_finish (&self->to_program);
  free (self);
}

void
glb_secrets_carrier_report (const GlbSecretsCarrier *self,
                            GlbSecretsEnded         *ended)
{
  *ended = self->ended;
  ended->id = self->id;
}

static void
wait_greeting (GlbSecretsCarrier *self,
               short             *program,
               short             *server)
{
  if (!self->program.greeted)
    *program = glb_secrets_channel_wait (&self->program);
  else if (!self->head_read)
    *program = POLLIN;
  if (!self->server.greeted && self->status == 0)
    *server = glb_secrets_channel_wait (&self->server);
}

static void
wait_relay (GlbSecretsCarrier *self,
            int64_t            now,
            short             *program,
            short             *server,
            int64_t           *until)
{
  size_t waiting = self->to_program.end - self->to_program.start;

  if (!self->sent && buffer_is_empty (&self->to_server))
    *program |= POLLIN;
  if (count_free (self, now) > 0)
    *program |= POLLOUT;
  else if (waiting > 0 && self->hold_until < *until)
    *until = self->hold_until;

  if (!self->server.ended && waiting < self->to_program.space)
    *server |= POLLIN;
  if (!buffer_is_empty (&self->to_server))
    *server |= POLLOUT;
}

int64_t
glb_secrets_carrier_wait (GlbSecretsCarrier *self,
                          int64_t            now,
                          struct pollfd      polls[2])
{
  short program = 0, server = 0;
  int64_t until = self->deadline;

  if (self->state == GREETING)
    wait_greeting (self, &program, &server);
  else if (self->state == RELAY)
    wait_relay (self, now, &program, &server, &until);
  else
    program = POLLIN;

  /* of the program also whether it hung up; a server that did is found out about when there is something to do with it */
  polls[0] = (struct pollfd) { .fd = self->program.fd, .events = program };
  polls[1] = (struct pollfd) { .fd = server != 0 ? self->server.fd : -1, .events = server };
  return until;
}
