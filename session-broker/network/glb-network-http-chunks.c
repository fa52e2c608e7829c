/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/network/glb-network-http-private.h"

#define SIZE_DIGITS_MAX 15u       /* of 60 bits */
#define TRAILERS_SIZE_MAX 8192u   /* all together */

/* Where in the body the next byte is (RFC 9112, 7.1). A trailer must be a field: what looks like a request there, a server that
 * knows no trailers would take for one. */
enum
{
  SIZE,
  SIZE_LF,
  DATA,
  DATA_CR,
  DATA_LF,
  TRAILER_START,   /* of a line: a name, or the empty line */
  TRAILER_NAME,
  TRAILER_VALUE,
  TRAILER_LF,
  LAST_LF,
  DONE,
  BAD,
};

static int
hex_digit (char c)
{
  if (glb_network_is_digit (c))
    return c - '0';
  c = glb_network_to_lower (c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
expect (char c, char expected, int next)
{
  return c == expected ? next : BAD;
}

static int
take_size (GlbNetworkHttpChunks *self, char c)
{
  int digit = hex_digit (c);

  if (c == '\r' && self->line > 0)
    return SIZE_LF;
  if (digit < 0 || ++self->line > SIZE_DIGITS_MAX)
    return BAD;
  self->left = self->left << 4 | (uint64_t) digit;
  return SIZE;
}

static int
take_trailer (GlbNetworkHttpChunks *self, char c)
{
  if (++self->line > TRAILERS_SIZE_MAX)
    return BAD;
  if (self->state == TRAILER_VALUE)
    return glb_network_http_is_text_byte (c) ? TRAILER_VALUE : expect (c, '\r', TRAILER_LF);
  if (self->state == TRAILER_START && c == '\r')
    return LAST_LF;
  if (self->state == TRAILER_NAME && c == ':')
    return TRAILER_VALUE;
  return glb_network_http_is_token_byte (c) ? TRAILER_NAME : BAD;
}

static int
end_size (GlbNetworkHttpChunks *self, char c)
{
  self->line = 0;
  return expect (c, '\n', self->left > 0 ? DATA : TRAILER_START);
}

static int
take_byte (GlbNetworkHttpChunks *self, char c)
{
  switch (self->state)
    {
    case SIZE:
      return take_size (self, c);
    case SIZE_LF:
      return end_size (self, c);
    case DATA_CR:
      return expect (c, '\r', DATA_LF);
    case DATA_LF:
      return expect (c, '\n', SIZE);
    case TRAILER_START:
    case TRAILER_NAME:
    case TRAILER_VALUE:
      return take_trailer (self, c);
    case TRAILER_LF:
      return expect (c, '\n', TRAILER_START);
    case LAST_LF:
      return expect (c, '\n', DONE);
    default:
      return BAD;
    }
}

static size_t
take_data (GlbNetworkHttpChunks *self, size_t size)
{
  if (size >= self->left)
    {
      size = (size_t) self->left;
      self->state = DATA_CR;
    }
  self->left -= size;
  return size;
}

long
glb_network_http_chunks_feed (GlbNetworkHttpChunks *self, const char *bytes, size_t size, bool *done)
{
  size_t at = 0;

  while (at < size && self->state != DONE && self->state != BAD)
    {
      if (self->state == DATA)
        at += take_data (self, size - at);
      else
        self->state = take_byte (self, bytes[at++]);
    }

  *done = self->state == DONE;
  return self->state == BAD ? -1 : (long) at;
}
