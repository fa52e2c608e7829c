/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Between the broker's yes and the relay: the first bytes must be what was allowed, before one of them goes to the host. */

#include "session-broker/network/glb-network-connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session-broker/network/glb-network-answer.h"
#include "session-broker/network/glb-network-sniff.h"

static size_t
write_reason (const GlbNetworkConnection *self,
              const GlbNetworkSniff      *sniff,
              char                       *out)
{
  char text[512];
  GlbNetworkStatus status = GLB_NETWORK_STATUS_BAD_REQUEST;

  if (sniff->verdict == GLB_NETWORK_SNIFF_WRONG_NAME)
    {
      status = GLB_NETWORK_STATUS_MISDIRECTED;
      snprintf (text, sizeof text, "the request names %s, but the connection is to %s: open one to the host that is meant",
                sniff->detail[0] != '\0' ? sniff->detail : "no host", self->name);
    }
  else if (sniff->verdict == GLB_NETWORK_SNIFF_NOT_SPOKEN)
    {
      status = GLB_NETWORK_STATUS_FORBIDDEN;
      snprintf (text, sizeof text, "HTTP in the clear is not allowed to %s on port %u: use https, or let the policy allow http://%s",
                self->name, self->port, self->name);
    }
  else
    snprintf (text, sizeof text, "%s", sniff->error);
  return glb_network_answer_write_http (status, text, out);
}

static GlbNetworkAlert
choose_alert (GlbNetworkSniffVerdict verdict)
{
  switch (verdict)
    {
    case GLB_NETWORK_SNIFF_WRONG_NAME:
      return GLB_NETWORK_ALERT_UNRECOGNIZED_NAME;
    case GLB_NETWORK_SNIFF_NOT_SPOKEN:
      return GLB_NETWORK_ALERT_ACCESS_DENIED;
    default:
      return GLB_NETWORK_ALERT_DECODE_ERROR;
    }
}

static GlbNetworkEnd
choose_end (GlbNetworkSniffVerdict verdict)
{
  switch (verdict)
    {
    case GLB_NETWORK_SNIFF_WRONG_NAME:
      return GLB_NETWORK_END_WRONG_NAME;
    case GLB_NETWORK_SNIFF_NOT_SPOKEN:
      return GLB_NETWORK_END_NOT_SPOKEN;
    default:
      return GLB_NETWORK_END_MALFORMED;
    }
}

/* In the speech that the program spoke, so that a person sees a reason. */
static void
deny (GlbNetworkConnection  *self,
      const GlbNetworkSniff *sniff)
{
  char answer[GLB_NETWORK_ANSWER_MAX];
  size_t size = 0;

  if (sniff->speech == GLB_NETWORK_SPEECH_HTTP)
    size = write_reason (self, sniff, answer);
  else if (sniff->speech == GLB_NETWORK_SPEECH_TLS)
    {
      glb_network_answer_write_tls (choose_alert (sniff->verdict), (uint8_t *) answer);
      size = GLB_NETWORK_ANSWER_ALERT_SIZE;
    }
  glb_network_connection_report (self, choose_end (sniff->verdict), sniff->detail);
  glb_network_connection_last_words (self, answer, size);
}

/* How many of the bytes behind the head are its body; the rest of it is still to come. -1: they are wrong. */
static long
begin_body (GlbNetworkConnection        *self,
            const GlbNetworkHttpRequest *request,
            const char                  *bytes,
            size_t                       size)
{
  long taken = 0;
  bool done = true;

  if (request->body == GLB_NETWORK_HTTP_LENGTH)
    {
      taken = (long) (request->length < size ? request->length : size);
      self->to_host.left = request->length - (uint64_t) taken;
      self->body = GLB_NETWORK_BODY_LENGTH;
      done = self->to_host.left == 0;
    }
  else if (request->body == GLB_NETWORK_HTTP_CHUNKED)
    {
      done = false;
      self->body = GLB_NETWORK_BODY_CHUNKED;
      if (size > 0)
        taken = glb_network_http_chunks_feed (&self->chunks, bytes, size, &done);
    }
  if (done)
    self->body = GLB_NETWORK_BODY_FINISHED;
  return taken;
}

/* The request that is in the buffer goes to the host, and its body after it. false: what is there of the body is wrong. */
static bool
begin_request (GlbNetworkConnection        *self,
               const GlbNetworkHttpRequest *request)
{
  static char head[GLB_NETWORK_HTTP_HEAD_MAX + 512];
  GlbNetworkBuffer *buffer = &self->buffer;
  const char *bytes = buffer->bytes + buffer->start;
  const char *rest = bytes + request->head_size;
  size_t head_size = glb_network_http_rewrite (request, bytes, head);
  long body_size = begin_body (self, request, rest, buffer->end - buffer->start - request->head_size);
  char *whole;

  if (body_size < 0)
    return false;
  whole = malloc (head_size + (size_t) body_size);
  if (whole == NULL)
    abort ();
  memcpy (whole, head, head_size);
  memcpy (whole + head_size, rest, (size_t) body_size);
  free (buffer->bytes);
  *buffer = (GlbNetworkBuffer) { .bytes = whole, .end = head_size + (size_t) body_size, .space = head_size + (size_t) body_size };
  return true;
}

static void
pass (GlbNetworkConnection *self)
{
  free (self->name);
  self->name = NULL;
  glb_network_loop_clear_timer (&self->gate->loop, &self->timer);
  self->state = GLB_NETWORK_STATE_RELAY;
}

static void
pass_request (GlbNetworkConnection *self,
              GlbNetworkSniff      *sniff)
{
  if (begin_request (self, &sniff->request))
    {
      pass (self);
      return;
    }
  sniff->verdict = GLB_NETWORK_SNIFF_MALFORMED;
  sniff->error = "the body is malformed";
  deny (self, sniff);
}

void
glb_network_speech_begin_absolute (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;
  GlbNetworkSniff sniff = { .verdict = GLB_NETWORK_SNIFF_REQUEST, .speech = GLB_NETWORK_SPEECH_HTTP };

  glb_network_http_parse (buffer->bytes, buffer->end, &sniff.request);
  if (self->name != NULL)
    {
      if ((self->speech & GLB_NETWORK_SPEECH_HTTP) == 0)
        sniff.verdict = GLB_NETWORK_SNIFF_NOT_SPOKEN;
    }
  if (sniff.verdict == GLB_NETWORK_SNIFF_REQUEST)
    pass_request (self, &sniff);
  else
    deny (self, &sniff);
}

/* Too few bytes to say. Where anything may be spoken, the host may begin; if it did before the program, nothing is looked at. */
static bool
wait_for_more (GlbNetworkConnection *self)
{
  bool silent = self->buffer.end == self->buffer.start;

  if ((self->speech & GLB_NETWORK_SPEECH_ANY) == 0)
    return false;
  if (!silent && !self->timer.set)
    glb_network_loop_set_timer (&self->gate->loop, &self->timer, GLB_NETWORK_WAIT_REQUEST);
  glb_network_forward_to_program (self);
  if (self->failed != 0)
    {
      self->doomed = self->failed;
      glb_network_loop_queue (&self->gate->loop, &self->task);
      return false;
    }
  if (!silent || self->to_program.moved == 0)
    return false;
  pass (self);
  return true;
}

static bool
end_quietly (GlbNetworkConnection *self,
             GlbNetworkEnd         end)
{
  glb_network_connection_report (self, end, NULL);
  glb_network_connection_drop (self);
  return false;
}

bool
glb_network_speech_step (GlbNetworkConnection *self)
{
  GlbNetworkBuffer *buffer = &self->buffer;
  GlbNetworkSniff sniff;
  size_t size;

  if (!glb_network_connection_read (self, GLB_NETWORK_SNIFF_MAX))
    return end_quietly (self, GLB_NETWORK_END_SESSION_RESET);
  size = buffer->end - buffer->start;
  if (size == 0 && self->program_ended && (self->speech & GLB_NETWORK_SPEECH_ANY) == 0)
    return end_quietly (self, GLB_NETWORK_END_DONE);

  glb_network_sniff (buffer->bytes != NULL ? buffer->bytes + buffer->start : NULL, size, buffer->looked_at, self->program_ended,
                     self->name, self->port, self->speech, &sniff);
  buffer->looked_at = size;
  switch (sniff.verdict)
    {
    case GLB_NETWORK_SNIFF_MORE:
      return wait_for_more (self);
    case GLB_NETWORK_SNIFF_RAW:
      pass (self);
      return true;
    case GLB_NETWORK_SNIFF_REQUEST:
      pass_request (self, &sniff);
      return self->state == GLB_NETWORK_STATE_RELAY;
    default:
      deny (self, &sniff);
      return false;
    }
}
