/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/network/glb-network-host.h"
#include "session-broker/network/glb-network-http-private.h"

#define METHOD_SIZE_MAX 32u
#define LENGTH_DIGITS_MAX 19u
#define FIELDS_MAX 128u

/* What is known of a head while its lines are read. */
typedef struct
{
  GlbNetworkHttpRequest *request;
  bool is_1_1;
  bool has_host, has_length, has_coding;
  unsigned n_fields;
  GlbNetworkAuthority host;   /* of the Host field */
} Head;

static const char *
parse_version (GlbNetworkSpan version, Head *head)
{
  head->is_1_1 = glb_network_span_is (version, "HTTP/1.1");
  if (head->is_1_1 || glb_network_span_is (version, "HTTP/1.0"))
    return NULL;
  return "its first line does not end with HTTP/1.1 or HTTP/1.0";
}

static const char *
parse_method (GlbNetworkSpan method)
{
  if (method.size > METHOD_SIZE_MAX || !glb_network_http_is_token (method))
    return "its method is no token";
  /* Its answer has the request in it, with what was added on the way. */
  if (glb_network_span_is_in_any_case (method, "trace"))
    return "the method TRACE is not allowed";
  return NULL;
}

static const char *
set_target (Head *head, GlbNetworkHttpForm form, GlbNetworkSpan text)
{
  GlbNetworkAuthority authority;
  const char *error = glb_network_authority_parse (text, &authority);

  if (error)
    return error;
  head->request->form = form;
  memcpy (head->request->host, authority.host, sizeof authority.host);
  head->request->port = authority.port;
  head->request->is_ipv6 = authority.is_ipv6;
  return NULL;
}

static const char *
parse_connect_target (GlbNetworkSpan target, Head *head)
{
  const char *error = set_target (head, GLB_NETWORK_HTTP_CONNECT, target);

  if (!error && head->request->port == 0)
    error = "its CONNECT does not say a port";
  return error;
}

static const char *
parse_absolute_target (GlbNetworkSpan target, Head *head)
{
  GlbNetworkSpan authority, path;
  const char *error;

  if (glb_network_span_begins_in_any_case (target, "https://"))
    return "a proxy is asked for https:// with CONNECT";
  if (!glb_network_http_split_absolute (target, &authority, &path))
    return "its target is neither a path nor http://";
  error = set_target (head, GLB_NETWORK_HTTP_ABSOLUTE, authority);
  if (!error && head->request->port == 0)
    head->request->port = 80;
  return error;
}

static const char *
parse_target (const GlbNetworkHttpStart *start, Head *head)
{
  GlbNetworkSpan target = start->target;

  for (size_t i = 0; i < target.size; i++)
    if (target.bytes[i] <= ' ' || target.bytes[i] > '~' || target.bytes[i] == '#')
      return "its target has bytes that no target has";

  if (glb_network_span_is (start->method, "CONNECT"))
    return parse_connect_target (target, head);
  if ((target.size > 0 && target.bytes[0] == '/') ||
      (glb_network_span_is (start->method, "OPTIONS") && glb_network_span_is (target, "*")))
    {
      head->request->form = GLB_NETWORK_HTTP_ORIGIN;
      return NULL;
    }
  return parse_absolute_target (target, head);
}

static const char *
parse_start (GlbNetworkSpan line, Head *head)
{
  GlbNetworkHttpStart start;
  const char *error;

  if (!glb_network_http_split_start (line, &start))
    return "its first line is not a method, a target and a version";
  error = parse_method (start.method);
  if (!error)
    error = parse_version (start.version, head);
  if (!error)
    error = parse_target (&start, head);
  return error;
}

static const char *
take_host (GlbNetworkSpan value, Head *head)
{
  if (head->has_host)
    return "it has more than one Host field";
  head->has_host = true;
  return glb_network_authority_parse (value, &head->host);
}

static const char *
take_length (GlbNetworkSpan value, Head *head)
{
  uint64_t length = 0;

  if (head->has_length)
    return "it has more than one Content-Length field";
  head->has_length = true;
  /* 19 digits are less than 2^64. */
  if (value.size == 0 || value.size > LENGTH_DIGITS_MAX)
    return "its Content-Length is no number, or too large";
  for (size_t i = 0; i < value.size; i++)
    {
      if (!glb_network_is_digit (value.bytes[i]))
        return "its Content-Length is no number, or too large";
      length = length * 10 + (uint64_t) (value.bytes[i] - '0');
    }
  if (length > INT64_MAX)
    return "its Content-Length is no number, or too large";
  head->request->body = GLB_NETWORK_HTTP_LENGTH;
  head->request->length = length;
  return NULL;
}

static const char *
take_coding (GlbNetworkSpan value, Head *head)
{
  if (head->has_coding)
    return "it has more than one Transfer-Encoding field";
  head->has_coding = true;
  if (!glb_network_span_is (value, "chunked"))
    return "its Transfer-Encoding is not \"chunked\"";
  head->request->body = GLB_NETWORK_HTTP_CHUNKED;
  return NULL;
}

/* What it names is left out on the way: without these, the next server would see another request, or another body. */
static const char *
take_connection (GlbNetworkSpan value, Head *head)
{
  GlbNetworkSpan option;

  while (glb_network_http_take_element (&value, &option))
    {
      if (!glb_network_http_is_token (option))
        return "its Connection field is no list of tokens";
      if (glb_network_span_is_in_any_case (option, "host") || glb_network_span_is_in_any_case (option, "content-length") ||
          glb_network_span_is_in_any_case (option, "transfer-encoding"))
        return "its Connection field names Host, Content-Length or Transfer-Encoding";
    }
  return NULL;
}

static const char *
parse_field (GlbNetworkSpan line, Head *head)
{
  static const struct { const char *name; const char *(*take) (GlbNetworkSpan value, Head *head); } fields[] = {
    { "host", take_host },
    { "content-length", take_length },
    { "transfer-encoding", take_coding },
    { "connection", take_connection },
  };
  GlbNetworkHttpField field;

  if (++head->n_fields > FIELDS_MAX)
    return "it has more than 128 fields";
  if (!glb_network_http_split_field (line, &field))
    return "a field of it has no name, or white space in its name";
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (glb_network_span_is_in_any_case (field.name, fields[i].name))
      return fields[i].take (field.value, head);
  return NULL;
}

static void
take_host_over (Head *head)
{
  GlbNetworkHttpRequest *request = head->request;

  if (request->form == GLB_NETWORK_HTTP_ORIGIN)
    {
      memcpy (request->host, head->host.host, sizeof request->host);
      request->port = head->host.port;
      request->is_ipv6 = head->host.is_ipv6;
      return;
    }
  memcpy (request->other_host, head->host.host, sizeof request->other_host);
  request->other_port = head->host.port;
}

static const char *
finish (Head *head)
{
  if (head->is_1_1 && !head->has_host)
    return "it has no Host field";
  if (head->has_coding && !head->is_1_1)
    return "it has a Transfer-Encoding in HTTP/1.0";
  if (head->has_coding && head->has_length)
    return "it has both Transfer-Encoding and Content-Length";
  if (head->request->form == GLB_NETWORK_HTTP_CONNECT && (head->has_coding || head->request->length > 0))
    return "its CONNECT has a body";
  take_host_over (head);
  return NULL;
}

static GlbNetworkHttpResult
parse_head (GlbNetworkSpan bytes, GlbNetworkHttpRequest *request)
{
  Head head = { .request = request };
  GlbNetworkSpan line;
  size_t at = 0;

  for (bool is_start = true;; is_start = false)
    {
      GlbNetworkHttpResult result = glb_network_http_take_line (bytes, &at, &line, &request->error);

      if (result != GLB_NETWORK_HTTP_REQUEST)
        return result;
      if (line.size == 0 && !is_start)
        break;
      request->error = is_start ? parse_start (line, &head) : parse_field (line, &head);
      if (request->error)
        return GLB_NETWORK_HTTP_BAD;
    }

  request->error = finish (&head);
  request->head_size = at;
  return request->error ? GLB_NETWORK_HTTP_BAD : GLB_NETWORK_HTTP_REQUEST;
}

GlbNetworkHttpResult
glb_network_http_parse (const char *bytes, size_t size, GlbNetworkHttpRequest *request)
{
  GlbNetworkSpan head = { bytes, size < GLB_NETWORK_HTTP_HEAD_MAX ? size : GLB_NETWORK_HTTP_HEAD_MAX };
  GlbNetworkHttpResult result;

  memset (request, 0, sizeof *request);
  result = parse_head (head, request);
  if (result == GLB_NETWORK_HTTP_MORE && size >= GLB_NETWORK_HTTP_HEAD_MAX)
    {
      request->error = "its head is larger than 32 KiB";
      result = GLB_NETWORK_HTTP_BAD;
    }
  if (result != GLB_NETWORK_HTTP_REQUEST)
    *request = (GlbNetworkHttpRequest) { .error = request->error };
  return result;
}

/* "method SP … SP HTTP/": lenient, since what is taken for HTTP is then read strictly, and the rest is not read at all. */
int
glb_network_http_is_request (const char *bytes, size_t size)
{
  size_t method = 0, at;

  while (method < size && method <= METHOD_SIZE_MAX && glb_network_http_is_token_byte (bytes[method]))
    method++;
  if (method == size)
    return method <= METHOD_SIZE_MAX ? -1 : 0;
  if (method == 0 || method > METHOD_SIZE_MAX || bytes[method] != ' ')
    return 0;

  for (at = method; at < size && at < GLB_NETWORK_HTTP_HEAD_MAX; at++)
    {
      if (at + 6 <= size && memcmp (bytes + at, " HTTP/", 6) == 0)
        return 1;
      if (!glb_network_http_is_text_byte (bytes[at]))
        return 0;
    }
  return at < GLB_NETWORK_HTTP_HEAD_MAX ? -1 : 1;
}
