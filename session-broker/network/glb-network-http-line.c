/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/network/glb-network-http-private.h"

bool
glb_network_http_is_token_byte (char c)
{
  return glb_network_is_letter (c) || glb_network_is_digit (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

bool
glb_network_http_is_token (GlbNetworkSpan text)
{
  for (size_t i = 0; i < text.size; i++)
    if (!glb_network_http_is_token_byte (text.bytes[i]))
      return false;
  return text.size > 0;
}

bool
glb_network_http_is_text_byte (char c)
{
  return c == '\t' || ((unsigned char) c >= ' ' && c != '\177');
}

/* Judges the bytes of a line that is not all there too, so that what is no HTTP at all need not be waited for. */
GlbNetworkHttpResult
glb_network_http_take_line (GlbNetworkSpan bytes, size_t *at, GlbNetworkSpan *line, const char **error)
{
  for (size_t i = *at; i < bytes.size; i++)
    {
      if (glb_network_http_is_text_byte (bytes.bytes[i]))
        continue;
      if (bytes.bytes[i] == '\r' && i + 1 == bytes.size)
        return GLB_NETWORK_HTTP_MORE;
      if (bytes.bytes[i] == '\r' && bytes.bytes[i + 1] == '\n')
        {
          *line = (GlbNetworkSpan) { bytes.bytes + *at, i - *at };
          *at = i + 2;
          return GLB_NETWORK_HTTP_REQUEST;
        }
      *error = bytes.bytes[i] == '\r' || bytes.bytes[i] == '\n' ? "a line of it does not end with CR LF"
                                                                : "a line of it has control bytes";
      return GLB_NETWORK_HTTP_BAD;
    }
  return GLB_NETWORK_HTTP_MORE;
}

bool
glb_network_http_split_start (GlbNetworkSpan line, GlbNetworkHttpStart *start)
{
  size_t end = glb_network_span_find (line, ' ');
  GlbNetworkSpan rest;

  if (end == line.size)
    return false;
  start->method = (GlbNetworkSpan) { line.bytes, end };
  rest = glb_network_span_from (line, end + 1);
  end = glb_network_span_find (rest, ' ');
  if (end == rest.size)
    return false;
  start->target = (GlbNetworkSpan) { rest.bytes, end };
  start->version = glb_network_span_from (rest, end + 1);
  return true;
}

bool
glb_network_http_split_absolute (GlbNetworkSpan target, GlbNetworkSpan *authority, GlbNetworkSpan *path)
{
  const char *scheme = "http://";
  GlbNetworkSpan rest;
  size_t slash, question;

  if (!glb_network_span_begins_in_any_case (target, scheme))
    return false;
  rest = glb_network_span_from (target, strlen (scheme));
  slash = glb_network_span_find (rest, '/');
  question = glb_network_span_find (rest, '?');
  authority->bytes = rest.bytes;
  authority->size = slash < question ? slash : question;
  *path = glb_network_span_from (rest, authority->size);
  return true;
}

static GlbNetworkSpan
strip (GlbNetworkSpan text)
{
  while (text.size > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t'))
    text = glb_network_span_from (text, 1);
  while (text.size > 0 && (text.bytes[text.size - 1] == ' ' || text.bytes[text.size - 1] == '\t'))
    text.size--;
  return text;
}

bool
glb_network_http_split_field (GlbNetworkSpan line, GlbNetworkHttpField *field)
{
  size_t colon = glb_network_span_find (line, ':');

  if (colon == line.size)
    return false;
  field->name = (GlbNetworkSpan) { line.bytes, colon };
  field->value = strip (glb_network_span_from (line, colon + 1));
  return glb_network_http_is_token (field->name);
}

bool
glb_network_http_take_element (GlbNetworkSpan *list, GlbNetworkSpan *element)
{
  while (list->size > 0)
    {
      size_t comma = glb_network_span_find (*list, ',');

      *element = strip ((GlbNetworkSpan) { list->bytes, comma });
      *list = glb_network_span_from (*list, comma < list->size ? comma + 1 : comma);
      if (element->size > 0)
        return true;
    }
  return false;
}
