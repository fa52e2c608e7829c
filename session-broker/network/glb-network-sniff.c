/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-sniff.h"

#include <stdio.h>
#include <string.h>

#include "session-broker/network/glb-network-tls.h"

_Static_assert (GLB_NETWORK_SNIFF_MAX >= GLB_NETWORK_TLS_HELLO_MAX && GLB_NETWORK_SNIFF_MAX >= GLB_NETWORK_HTTP_HEAD_MAX, "");

static size_t
length_without_dot (const char *name)
{
  size_t length = strlen (name);

  return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

bool
glb_network_sniff_same_name (const char *a,
                             const char *b)
{
  size_t length = length_without_dot (a);

  return length == length_without_dot (b) && memcmp (a, b, length) == 0;
}

bool
glb_network_sniff_host_agrees (const GlbNetworkHttpRequest *request)
{
  uint16_t port = request->other_port;

  if (request->other_host[0] == '\0')
    return true;
  if (port == 0)
    port = request->form == GLB_NETWORK_HTTP_CONNECT ? request->port : 80;
  return port == request->port && glb_network_sniff_same_name (request->other_host, request->host);
}

bool
glb_network_sniff_has_head (const char *bytes,
                            size_t      size,
                            size_t      looked_at)
{
  size_t from = looked_at < 3 ? 0 : looked_at - 3;

  return size >= GLB_NETWORK_HTTP_HEAD_MAX || memmem (bytes + from, size - from, "\r\n\r\n", 4) != NULL ||
         memmem (bytes + from, size - from, "\n\n", 2) != NULL;
}

static void
malformed (GlbNetworkSniff *result,
           const char      *error)
{
  result->verdict = GLB_NETWORK_SNIFF_MALFORMED;
  result->error = error;
}

static void
sniff_tls (GlbNetworkSniff     *result,
           GlbNetworkTlsResult  hello,
           const char          *name,
           uint32_t             speech,
           bool                 ended)
{
  result->speech = GLB_NETWORK_SPEECH_TLS;
  if (hello == GLB_NETWORK_TLS_BAD || (hello == GLB_NETWORK_TLS_MORE && ended))
    malformed (result, hello == GLB_NETWORK_TLS_BAD ? "the TLS greeting is malformed" : "the TLS greeting is not whole");
  else if (hello == GLB_NETWORK_TLS_MORE)
    result->verdict = GLB_NETWORK_SNIFF_MORE;
  else if (hello == GLB_NETWORK_TLS_NO_NAME && (speech & GLB_NETWORK_SPEECH_ANY) != 0)
    result->verdict = GLB_NETWORK_SNIFF_RAW;
  else if ((speech & GLB_NETWORK_SPEECH_TLS) == 0)
    result->verdict = GLB_NETWORK_SNIFF_NOT_SPOKEN;
  else if (hello == GLB_NETWORK_TLS_NAME && glb_network_sniff_same_name (result->detail, name))
    result->verdict = GLB_NETWORK_SNIFF_RAW;
  else
    result->verdict = GLB_NETWORK_SNIFF_WRONG_NAME;
}

/* Of a request in a tunnel the Host field, and the target where it has one; and it says no other port. */
static bool
names_host (const GlbNetworkHttpRequest *request,
            const char                  *name,
            uint16_t                     port)
{
  return glb_network_sniff_same_name (request->host, name) && (request->port == 0 || request->port == port) &&
         (request->form == GLB_NETWORK_HTTP_ORIGIN || glb_network_sniff_host_agrees (request));
}

/* The name that is not the right one. */
static void
tell_host (GlbNetworkSniff *result,
           const char      *name)
{
  const GlbNetworkHttpRequest *request = &result->request;
  bool by_target = !glb_network_sniff_same_name (request->host, name) || request->form == GLB_NETWORK_HTTP_ORIGIN;
  const char *host = by_target ? request->host : request->other_host;
  uint16_t port = by_target ? request->port : request->other_port;

  if (glb_network_sniff_same_name (host, name) && port != 0)
    snprintf (result->detail, sizeof result->detail, "%.240s:%u", host, port);
  else
    snprintf (result->detail, sizeof result->detail, "%s", host);
}

static void
sniff_http (GlbNetworkSniff *result,
            const char      *bytes,
            size_t           size,
            size_t           looked_at,
            bool             ended,
            const char      *name,
            uint16_t         port,
            uint32_t         speech)
{
  GlbNetworkHttpResult parsed = GLB_NETWORK_HTTP_MORE;

  result->speech = GLB_NETWORK_SPEECH_HTTP;
  if ((speech & GLB_NETWORK_SPEECH_HTTP) == 0)
    {
      result->verdict = GLB_NETWORK_SNIFF_NOT_SPOKEN;
      return;
    }
  if (glb_network_sniff_has_head (bytes, size, looked_at))
    parsed = glb_network_http_parse (bytes, size, &result->request);

  if (parsed == GLB_NETWORK_HTTP_BAD)
    malformed (result, result->request.error);
  else if (parsed == GLB_NETWORK_HTTP_MORE && ended)
    malformed (result, "the request is not whole");
  else if (parsed == GLB_NETWORK_HTTP_MORE)
    result->verdict = GLB_NETWORK_SNIFF_MORE;
  else if (result->request.form == GLB_NETWORK_HTTP_CONNECT)
    malformed (result, "a CONNECT within a connection");
  else if (names_host (&result->request, name, port))
    result->verdict = GLB_NETWORK_SNIFF_REQUEST;
  else
    {
      result->verdict = GLB_NETWORK_SNIFF_WRONG_NAME;
      tell_host (result, name);
    }
}

/* A server reads over empty lines before a request. */
static size_t
count_empty_lines (const char *bytes,
                   size_t      size)
{
  size_t n = 0;

  while (n < size && (bytes[n] == '\r' || bytes[n] == '\n'))
    n++;
  return n;
}

void
glb_network_sniff (const void      *bytes,
                   size_t           size,
                   size_t           looked_at,
                   bool             ended,
                   const char      *name,
                   uint16_t         port,
                   uint32_t         speech,
                   GlbNetworkSniff *result)
{
  GlbNetworkTlsResult hello;
  size_t n_empty = count_empty_lines (bytes, size);
  int is_request;

  memset (result, 0, sizeof *result);
  result->speech = GLB_NETWORK_SPEECH_ANY;
  if (size == 0 && !ended)
    return;

  hello = size > 0 ? glb_network_tls_parse_hello (bytes, size, result->detail) : GLB_NETWORK_TLS_OTHER;
  if (hello != GLB_NETWORK_TLS_OTHER)
    {
      sniff_tls (result, hello, name, speech, ended);
      if (result->verdict != GLB_NETWORK_SNIFF_WRONG_NAME)
        result->detail[0] = '\0';
      return;
    }
  result->detail[0] = '\0';

  is_request = size > 0 ? glb_network_http_is_request ((const char *) bytes + n_empty, size - n_empty) : 0;
  if (is_request == 1 && n_empty > 0)
    {
      result->speech = GLB_NETWORK_SPEECH_HTTP;
      malformed (result, "empty lines before the request");
    }
  else if (is_request == 1)
    sniff_http (result, bytes, size, looked_at, ended, name, port, speech);
  else if (is_request < 0 && !ended)
    result->verdict = GLB_NETWORK_SNIFF_MORE;
  else
    result->verdict = (speech & GLB_NETWORK_SPEECH_ANY) != 0 ? GLB_NETWORK_SNIFF_RAW : GLB_NETWORK_SNIFF_NOT_SPOKEN;
}
