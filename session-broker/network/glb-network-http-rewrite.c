/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <stdio.h>

#include "session-broker/network/glb-network-http-private.h"

typedef struct
{
  char  *bytes;
  size_t size;
} Out;

static void
put (Out *out, GlbNetworkSpan text)
{
  memcpy (out->bytes + out->size, text.bytes, text.size);
  out->size += text.size;
}

static void
put_text (Out *out, const char *text)
{
  put (out, (GlbNetworkSpan) { text, strlen (text) });
}

/* The origin form of an absolute target (RFC 9112, 3.2.1 and 3.2.4). */
static void
put_path (Out *out, const GlbNetworkHttpStart *start)
{
  GlbNetworkSpan authority, path;

  if (!glb_network_http_split_absolute (start->target, &authority, &path))
    {
      put (out, start->target);
      return;
    }
  if (path.size == 0 && glb_network_span_is (start->method, "OPTIONS"))
    put_text (out, "*");
  else if (path.size == 0 || path.bytes[0] != '/')
    put_text (out, "/");
  put (out, path);
}

static void
put_start (Out *out, GlbNetworkSpan line)
{
  GlbNetworkHttpStart start;

  if (!glb_network_http_split_start (line, &start))
    assert (!"the request was parsed");
  put (out, start.method);
  put_text (out, " ");
  put_path (out, &start);
  put_text (out, " ");
  put (out, start.version);
  put_text (out, "\r\n");
}

static void
put_host (Out *out, const GlbNetworkHttpRequest *request)
{
  char port[sizeof ":65535"] = "";

  if (request->host[0] == '\0')
    return;
  if (request->port != 0 && request->port != 80)
    snprintf (port, sizeof port, ":%hu", request->port);
  put_text (out, request->is_ipv6 ? "Host: [" : "Host: ");
  put_text (out, request->host);
  put_text (out, request->is_ipv6 ? "]" : "");
  put_text (out, port);
  put_text (out, "\r\n");
}

/* The next field of the head; false: that was the last. */
static bool
take_field (GlbNetworkSpan head, size_t *at, GlbNetworkSpan *line, GlbNetworkHttpField *field)
{
  const char *error;

  return glb_network_http_take_line (head, at, line, &error) == GLB_NETWORK_HTTP_REQUEST &&
         glb_network_http_split_field (*line, field);
}

static bool
is_named_by_connection (GlbNetworkSpan head, size_t at, GlbNetworkSpan name)
{
  GlbNetworkHttpField field;
  GlbNetworkSpan line, option;

  while (take_field (head, &at, &line, &field))
    if (glb_network_span_is_in_any_case (field.name, "connection"))
      while (glb_network_http_take_element (&field.value, &option))
        if (glb_network_span_equals_in_any_case (option, name))
          return true;
  return false;
}

/* Host is written anew; the others are for the next hop only (RFC 9110, 7.6.1), or ask for another protocol. */
static bool
is_left_out (GlbNetworkSpan name)
{
  static const char *names[] = { "host", "connection", "keep-alive", "upgrade", "te", "http2-settings" };

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (glb_network_span_is_in_any_case (name, names[i]))
      return true;
  return glb_network_span_begins_in_any_case (name, "proxy-");
}

static void
put_fields (Out *out, GlbNetworkSpan head, size_t fields)
{
  GlbNetworkHttpField field;
  GlbNetworkSpan line;

  for (size_t at = fields; take_field (head, &at, &line, &field);)
    if (!is_left_out (field.name) && !is_named_by_connection (head, fields, field.name))
      {
        put (out, line);
        put_text (out, "\r\n");
      }
}

size_t
glb_network_http_rewrite (const GlbNetworkHttpRequest *request, const char *bytes, char *out_bytes)
{
  GlbNetworkSpan head = { bytes, request->head_size }, line = { NULL, 0 };
  Out out = { .bytes = out_bytes };
  const char *error;
  size_t at = 0;

  if (glb_network_http_take_line (head, &at, &line, &error) != GLB_NETWORK_HTTP_REQUEST)
    assert (!"the request was parsed");
  put_start (&out, line);
  put_host (&out, request);
  put_fields (&out, head, at);
  put_text (&out, "Connection: close\r\n\r\n");
  return out.size;
}
