/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-http.h"

/* Which case it is, in one line. */
static void
say (const char *bytes)
{
  g_autofree char *escaped = g_strescape (bytes, NULL);

  g_test_message ("%s", escaped);
}

static char *
rewrite (const char *head)
{
  GlbNetworkHttpRequest request;
  char *out = g_malloc0 (strlen (head) + 513);
  gsize size;

  say (head);
  g_assert_cmpint (glb_network_http_parse (head, strlen (head), &request), ==, GLB_NETWORK_HTTP_REQUEST);
  size = glb_network_http_rewrite (&request, head, out);
  g_assert_cmpuint (size, ==, strlen (out));
  return out;
}

static void
assert_rewritten (const char *head, const char *expected)
{
  g_autofree char *out = rewrite (head);

  g_assert_cmpstr (out, ==, expected);
}

#define END "Connection: close\r\n\r\n"

static void
test_target (void)
{
  assert_rewritten ("GET http://Example.org HTTP/1.1\r\nHost: Example.org\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: example.org\r\n" END);
  assert_rewritten ("GET http://a:8080?b=http://c/ HTTP/1.1\r\nHost: a:8080\r\n\r\n",
                    "GET /?b=http://c/ HTTP/1.1\r\nHost: a:8080\r\n" END);
  assert_rewritten ("GET http://[::1]:80//b HTTP/1.0\r\n\r\n", "GET //b HTTP/1.0\r\nHost: [::1]\r\n" END);
  assert_rewritten ("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n" END);
  assert_rewritten ("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS / HTTP/1.1\r\nHost: a\r\n" END);
  assert_rewritten ("GET /b HTTP/1.0\r\n\r\n", "GET /b HTTP/1.0\r\n" END);
}

/* What the program wrote as Host never goes on. */
static void
test_host (void)
{
  assert_rewritten ("GET http://a/ HTTP/1.1\r\nX: 1\r\nHost: other.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n" END);
  assert_rewritten ("GET / HTTP/1.1\r\nhOsT: A:81\r\n\r\n", "GET / HTTP/1.1\r\nHost: a:81\r\n" END);
}

static void
test_fields (void)
{
  assert_rewritten ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nx-mine: 1\r\nProxy-Authorization: secret\r\n"
                    "Proxy-Connection: keep-alive\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nTE: trailers\r\n"
                    "Cookie:  b \r\nX-Mine-2: 2\r\nconnection: X-Also\r\nX-Also: 3\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nCookie:  b \r\nX-Mine-2: 2\r\n" END);
  assert_rewritten ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n" END);
  assert_rewritten ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" END);
}

/* The longest host, port and path: what is added has space. */
static void
test_bounds (void)
{
  g_autofree char *name = g_strnfill (255, 'a'), *path = g_strnfill (GLB_NETWORK_HTTP_HEAD_MAX - 300, 'b');
  g_autofree char *head = g_strdup_printf ("GET http://%s:65535/%s HTTP/1.0\r\n\r\n", name, path);
  g_autofree char *out = rewrite (head);

  g_assert_cmpuint (strlen (head), <=, GLB_NETWORK_HTTP_HEAD_MAX);
  g_assert_cmpuint (strlen (out), <=, GLB_NETWORK_HTTP_HEAD_MAX + 512);
  g_assert_true (g_str_has_suffix (out, ":65535\r\n" END));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/http/rewrite/host", test_host);
  g_test_add_func ("/network/http/rewrite/target", test_target);
  g_test_add_func ("/network/http/rewrite/fields", test_fields);
  g_test_add_func ("/network/http/rewrite/bounds", test_bounds);
  return g_test_run ();
}
