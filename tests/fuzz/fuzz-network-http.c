/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-http.h"

/*
 * Whatever the bytes: a part of them is never judged in another way than the
 * whole; what goes to the server is again a request, to the same host, with
 * the same body; and where a chunked body ends does not depend on how it came.
 */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_host (const char host[GLB_NETWORK_NAME_SIZE])
{
  g_assert_nonnull (memchr (host, '\0', GLB_NETWORK_NAME_SIZE));
  g_assert_cmpuint (strspn (host, "abcdefghijklmnopqrstuvwxyz0123456789.-_:"), ==, strlen (host));
}

static void
check_request (const GlbNetworkHttpRequest *request, gsize size)
{
  check_host (request->host);
  check_host (request->other_host);
  g_assert_null (request->error);
  g_assert_cmpuint (request->head_size, <=, size);
  g_assert_true ((strchr (request->host, ':') != NULL) == request->is_ipv6);
  g_assert_cmpuint (request->length, <=, G_MAXINT64);
  g_assert_true (request->length == 0 || request->body == GLB_NETWORK_HTTP_LENGTH);
  if (request->form == GLB_NETWORK_HTTP_ORIGIN)
    g_assert_cmpstr (request->other_host, ==, "");
  else
    g_assert_true (request->host[0] != '\0' && request->port != 0);
}

static guint16
implied_port (const GlbNetworkHttpRequest *request)
{
  return request->port == 80 ? 0 : request->port;
}

static void
check_rewritten (const GlbNetworkHttpRequest *request, const char *bytes)
{
  static char rewritten[GLB_NETWORK_HTTP_HEAD_MAX + 512], again[GLB_NETWORK_HTTP_HEAD_MAX + 512];
  gsize size = glb_network_http_rewrite (request, bytes, rewritten);
  GlbNetworkHttpRequest second;

  g_assert_cmpuint (size, <=, request->head_size + 512);
  g_assert_cmpint (glb_network_http_is_request (rewritten, size), ==, 1);
  if (glb_network_http_parse (rewritten, size, &second) == GLB_NETWORK_HTTP_BAD)
    {
      /* What was added was too much. */
      g_assert_true (size > GLB_NETWORK_HTTP_HEAD_MAX || g_str_equal (second.error, "it has more than 128 fields"));
      return;
    }

  g_assert_cmpuint (second.head_size, ==, size);
  g_assert_cmpint (second.form, ==, GLB_NETWORK_HTTP_ORIGIN);
  g_assert_cmpstr (second.host, ==, request->host);
  g_assert_cmpuint (implied_port (&second), ==, implied_port (request));
  g_assert_true (second.is_ipv6 == request->is_ipv6);
  g_assert_cmpint (second.body, ==, request->body);
  g_assert_cmpuint (second.length, ==, request->length);
  g_assert_cmpmem (again, glb_network_http_rewrite (&second, rewritten, again), rewritten, size);
}

static void
check_parts (const char *bytes, gsize size, GlbNetworkHttpResult whole, gsize head_size)
{
  int is_request = glb_network_http_is_request (bytes, size);

  if (whole == GLB_NETWORK_HTTP_REQUEST)
    g_assert_cmpint (is_request, ==, 1);
  for (gsize part = 0; part < size; part += 1 + size / 256)
    {
      GlbNetworkHttpRequest request;
      GlbNetworkHttpResult result = glb_network_http_parse (bytes, part, &request);
      int is_one = glb_network_http_is_request (bytes, part);

      if (result != GLB_NETWORK_HTTP_MORE)
        g_assert_cmpint (result, ==, whole);
      if (whole == GLB_NETWORK_HTTP_REQUEST)
        g_assert_true ((result == GLB_NETWORK_HTTP_REQUEST) == (part >= head_size));
      if (is_one != -1)
        g_assert_cmpint (is_one, ==, is_request);
    }
}

/* Returns -1 or how many bytes belong to the body. step: so many bytes at a time. */
static long
feed (const char *bytes, gsize size, gsize step, gboolean *ended)
{
  GlbNetworkHttpChunks chunks = { 0 };
  bool done = false;
  long total = 0;

  for (gsize at = 0; at < size && !done; at += step)
    {
      gsize n = MIN (step, size - at);
      long taken = glb_network_http_chunks_feed (&chunks, bytes + at, n, &done);

      if (taken < 0)
        return -1;
      g_assert_cmpuint (taken, <=, n);
      g_assert_true (done || (gsize) taken == n);
      total += taken;
    }
  *ended = done;
  return total;
}

static void
check_chunks (const char *bytes, gsize size)
{
  gboolean ended = FALSE, ended_in_steps = FALSE;
  long whole = feed (bytes, size, MAX (size, 1), &ended);

  for (gsize step = 1; step <= 7; step += 3)
    {
      g_assert_cmpint (feed (bytes, size, step, &ended_in_steps), ==, whole);
      g_assert_true (whole < 0 || ended_in_steps == ended);
    }
  if (ended)
    g_assert_cmpmem (bytes + whole - 2, 2, "\r\n", 2);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *bytes = (const char *) data;
  GlbNetworkHttpRequest request;
  GlbNetworkHttpResult result = glb_network_http_parse (bytes, size, &request);

  if (result == GLB_NETWORK_HTTP_BAD)
    g_assert_nonnull (request.error);
  if (result == GLB_NETWORK_HTTP_REQUEST)
    {
      check_request (&request, size);
      if (request.form != GLB_NETWORK_HTTP_CONNECT)
        check_rewritten (&request, bytes);
    }
  check_parts (bytes, size, result, request.head_size);
  check_chunks (bytes, size);
  check_chunks (bytes + request.head_size, size - request.head_size);
  return 0;
}
