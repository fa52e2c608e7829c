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

typedef struct
{
  const char *head;
  const char *error;
} Refused;

static void
assert_refused (const Refused *cases, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      GlbNetworkHttpRequest request;

      say (cases[i].head);
      g_assert_cmpint (glb_network_http_parse (cases[i].head, strlen (cases[i].head), &request), ==, GLB_NETWORK_HTTP_BAD);
      g_assert_cmpstr (request.error, ==, cases[i].error);
      g_assert_cmpstr (request.host, ==, "");
      g_assert_cmpuint (request.head_size, ==, 0);
    }
}

static void
test_lines_refused (void)
{
  const char *no_crlf = "a line of it does not end with CR LF", *control = "a line of it has control bytes";
  const char *name = "a field of it has no name, or white space in its name";
  const Refused cases[] = {
    { "GET / HTTP/1.1\nHost: a\r\n\r\n", no_crlf },
    { "GET / HTTP/1.1\r\nHost: a\n\r\n", no_crlf },
    { "GET / HTTP/1.1\r\nHost: a\r\n\n", no_crlf },
    { "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", no_crlf },
    { "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", no_crlf },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: \1\r\n\r\n", control },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: \177\r\n\r\n", control },
    { "\26\3\1\2\1", control },
    { "GET / HTTP/1.1\r\nHost: a\r\n b.example\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost: a\r\n\tX: b\r\n\r\n", name },
    { "GET / HTTP/1.1\r\n Host: a\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost : a\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", name },
    { "GET / HTTP/1.1\r\nHost: a\r\nX\303\244: b\r\n\r\n", name },
  };

  assert_refused (cases, G_N_ELEMENTS (cases));
}

static void
test_start_refused (void)
{
  const char *shape = "its first line is not a method, a target and a version";
  const char *method = "its method is no token";
  const char *version = "its first line does not end with HTTP/1.1 or HTTP/1.0";
  const char *bytes = "its target has bytes that no target has";
  const char *target = "its target is neither a path nor http://", *trace = "the method TRACE is not allowed";
  const Refused cases[] = {
    { "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", shape },
    { "GET /\r\n", shape },
    { "GET\r\n", shape },
    { "GET\t/\tHTTP/1.1\r\n", shape },
    { " GET / HTTP/1.1\r\n", method },
    { "G(T / HTTP/1.1\r\n", method },
    { "GETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\n", method },
    { "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", trace },
    { "Trace / HTTP/1.1\r\nHost: a\r\n\r\n", trace },
    { "GET / HTTP/1.2\r\n", version },
    { "GET / HTTP/2.0\r\n", version },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", version },
    { "GET / HTTP/0.9\r\n", version },
    { "GET / http/1.1\r\n", version },
    { "GET / HTTP/1.1 \r\n", version },
    { "GET / x HTTP/1.1\r\n", version },
    { "GET /a#b HTTP/1.1\r\n", bytes },
    { "GET /\303\244 HTTP/1.1\r\n", bytes },
    { "GET /a\tb HTTP/1.1\r\n", bytes },
    { "GET  / HTTP/1.1\r\n", version },
    { "GET  HTTP/1.1\r\n", target },
    { "GET * HTTP/1.1\r\n", target },
    { "GET example.org HTTP/1.1\r\n", target },
    { "GET ftp://a/ HTTP/1.1\r\n", target },
    { "GET http:/a HTTP/1.1\r\n", target },
    { "connect a:443 HTTP/1.1\r\n", target },
    { "GET https://a/ HTTP/1.1\r\n", "a proxy is asked for https:// with CONNECT" },
    { "GET HTTPS://a/ HTTP/1.1\r\n", "a proxy is asked for https:// with CONNECT" },
    { "CONNECT a HTTP/1.1\r\n", "its CONNECT does not say a port" },
  };

  assert_refused (cases, G_N_ELEMENTS (cases));
}

static void
test_host_refused (void)
{
  const char *host = "its host is empty, too long, or has bytes that no host name has";
  const char *port = "its port is not a number from 1 to 65535", *ipv6 = "its host in brackets is no IPv6 address";
  const char *user = "its host has a user before it";
  const Refused cases[] = {
    { "GET http:///a HTTP/1.1\r\n", host },
    { "GET http://:80/ HTTP/1.1\r\n", host },
    { "GET http://a%2eb/ HTTP/1.1\r\n", host },
    { "GET http://a\\b/ HTTP/1.1\r\n", host },
    { "GET http://a:/ HTTP/1.1\r\n", port },
    { "GET http://a:0/ HTTP/1.1\r\n", port },
    { "GET http://a:080/ HTTP/1.1\r\n", port },
    { "GET http://a:65536/ HTTP/1.1\r\n", port },
    { "GET http://a:+80/ HTTP/1.1\r\n", port },
    { "GET http://a:80:80/ HTTP/1.1\r\n", port },
    { "GET http://user@a/ HTTP/1.1\r\n", user },
    { "GET http://allowed:80@a/ HTTP/1.1\r\n", user },
    { "GET http://allowed?@a/ HTTP/1.1\r\nHost: a@b\r\n", user },
    { "GET http://[a.example]/ HTTP/1.1\r\n", ipv6 },
    { "GET http://[fe80::1%25eth0]/ HTTP/1.1\r\n", ipv6 },
    { "GET http://[::1/ HTTP/1.1\r\n", ipv6 },
    { "GET http://[]/ HTTP/1.1\r\n", ipv6 },
    { "GET http://[::1]a/ HTTP/1.1\r\n", port },
    { "CONNECT ::1:443 HTTP/1.1\r\n", host },
    { "CONNECT a:443/ HTTP/1.1\r\n", port },
    { "GET / HTTP/1.1\r\nHost:\r\n\r\n", host },
    { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", host },
    { "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", host },
    { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", host },
    { "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", port },
    { "GET / HTTP/1.1\r\n\r\n", "it has no Host field" },
    { "GET http://a/ HTTP/1.1\r\n\r\n", "it has no Host field" },
    { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "it has more than one Host field" },
    { "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", "it has more than one Host field" },
    { "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "it has more than one Host field" },
  };

  assert_refused (cases, G_N_ELEMENTS (cases));
}

#define POST "POST / HTTP/1.1\r\nHost: a\r\n"

static void
test_body_refused (void)
{
  const char *number = "its Content-Length is no number, or too large";
  const char *both = "it has both Transfer-Encoding and Content-Length";
  const char *coding = "its Transfer-Encoding is not \"chunked\"", *codings = "it has more than one Transfer-Encoding field";
  const char *lengths = "it has more than one Content-Length field";
  const char *named = "its Connection field names Host, Content-Length or Transfer-Encoding";
  const Refused cases[] = {
    { POST "Content-Length:\r\n\r\n", number },
    { POST "Content-Length: +1\r\n\r\n", number },
    { POST "Content-Length: -1\r\n\r\n", number },
    { POST "Content-Length: 0x1\r\n\r\n", number },
    { POST "Content-Length: 1 1\r\n\r\n", number },
    { POST "Content-Length: 5, 5\r\n\r\n", number },
    { POST "Content-Length: 9223372036854775808\r\n\r\n", number },
    { POST "Content-Length: 18446744073709551617\r\n\r\n", number },
    { POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", lengths },
    { POST "Content-Length: 5\r\ncontent-length: 6\r\n\r\n", lengths },
    { POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", both },
    { POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", both },
    { POST "Transfer-Encoding: gzip\r\n\r\n", coding },
    { POST "Transfer-Encoding: gzip, chunked\r\n\r\n", coding },
    { POST "Transfer-Encoding: chunked, chunked\r\n\r\n", coding },
    { POST "Transfer-Encoding: chunked;a=b\r\n\r\n", coding },
    { POST "Transfer-Encoding: \"chunked\"\r\n\r\n", coding },
    { POST "Transfer-Encoding: xchunked\r\n\r\n", coding },
    { POST "Transfer-Encoding: Chunked\r\n\r\n", coding },
    { POST "Transfer-Encoding:\r\n\r\n", coding },
    { POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", codings },
    { POST "Transfer-Encoding : chunked\r\n\r\n", "a field of it has no name, or white space in its name" },
    { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "it has a Transfer-Encoding in HTTP/1.0" },
    { "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", "its CONNECT has a body" },
    { "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "its CONNECT has a body" },
    { POST "Connection: Content-Length\r\nContent-Length: 5\r\n\r\n", named },
    { POST "Connection: close, transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n", named },
    { POST "Connection:,HOST\r\n\r\n", named },
    { POST "Connection: close x\r\n\r\n", "its Connection field is no list of tokens" },
  };

  assert_refused (cases, G_N_ELEMENTS (cases));
}

/* All before the head's last byte is MORE; what follows is not of the head. */
static void
parse (const char *head, const char *behind, GlbNetworkHttpRequest *request)
{
  g_autofree char *bytes = g_strconcat (head, behind, NULL);

  say (head);
  for (gsize part = 0; part < strlen (head); part++)
    g_assert_cmpint (glb_network_http_parse (bytes, part, request), ==, GLB_NETWORK_HTTP_MORE);
  g_assert_cmpint (glb_network_http_parse (bytes, strlen (bytes), request), ==, GLB_NETWORK_HTTP_REQUEST);
  g_assert_cmpstr (request->error, ==, NULL);
  g_assert_cmpuint (request->head_size, ==, strlen (head));
}

static void
test_forms (void)
{
  const struct
  {
    const char *head;
    GlbNetworkHttpForm form;
    const char *host;
    guint port;
    gboolean is_ipv6;
    const char *other;
    guint other_port;
  } cases[] = {
    { "CONNECT Example.ORG:443 HTTP/1.1\r\nHost: Example.ORG:443\r\n\r\n", GLB_NETWORK_HTTP_CONNECT, "example.org", 443, FALSE,
      "example.org", 443 },
    { "CONNECT a:65535 HTTP/1.0\r\n\r\n", GLB_NETWORK_HTTP_CONNECT, "a", 65535, FALSE, "", 0 },
    { "CONNECT [2001:DB8::1]:22 HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n", GLB_NETWORK_HTTP_CONNECT, "2001:db8::1", 22,
      TRUE, "2001:db8::1", 0 },
    { "GET http://a_b.example HTTP/1.1\r\nHost: other.example:81\r\n\r\n", GLB_NETWORK_HTTP_ABSOLUTE, "a_b.example", 80, FALSE,
      "other.example", 81 },
    { "GET HTTP://a:8080?b@c HTTP/1.1\r\nHost: a\r\n\r\n", GLB_NETWORK_HTTP_ABSOLUTE, "a", 8080, FALSE, "a", 0 },
    { "GET http://[::ffff:10.0.0.1]/ HTTP/1.0\r\n\r\n", GLB_NETWORK_HTTP_ABSOLUTE, "::ffff:10.0.0.1", 80, TRUE, "", 0 },
    { "GET / HTTP/1.1\r\nhost:\tExample.org:80 \r\n\r\n", GLB_NETWORK_HTTP_ORIGIN, "example.org", 80, FALSE, "", 0 },
    { "GET //b/@c HTTP/1.1\r\nHost: a\r\n\r\n", GLB_NETWORK_HTTP_ORIGIN, "a", 0, FALSE, "", 0 },
    { "GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n", GLB_NETWORK_HTTP_ORIGIN, "::1", 81, TRUE, "", 0 },
    { "OPTIONS * HTTP/1.1\r\nHost: a\r\nX: \303\244\t\r\nY:\r\n\r\n", GLB_NETWORK_HTTP_ORIGIN, "a", 0, FALSE, "", 0 },
    { "GET / HTTP/1.0\r\n\r\n", GLB_NETWORK_HTTP_ORIGIN, "", 0, FALSE, "", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlbNetworkHttpRequest request;

      parse (cases[i].head, "GET / HTTP/1.1\n", &request);
      g_assert_cmpint (request.form, ==, cases[i].form);
      g_assert_cmpstr (request.host, ==, cases[i].host);
      g_assert_cmpuint (request.port, ==, cases[i].port);
      g_assert_true (request.is_ipv6 == cases[i].is_ipv6);
      g_assert_cmpstr (request.other_host, ==, cases[i].other);
      g_assert_cmpuint (request.other_port, ==, cases[i].other_port);
      g_assert_cmpint (request.body, ==, GLB_NETWORK_HTTP_NO_BODY);
    }
}

static void
test_bodies (void)
{
  GlbNetworkHttpRequest request;

  parse (POST "Content-Length: 9223372036854775807\r\n\r\n", "", &request);
  g_assert_cmpint (request.body, ==, GLB_NETWORK_HTTP_LENGTH);
  g_assert_cmpuint (request.length, ==, G_MAXINT64);

  parse ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "", &request);
  g_assert_cmpint (request.body, ==, GLB_NETWORK_HTTP_LENGTH);
  g_assert_cmpuint (request.length, ==, 0);

  parse (POST "transfer-encoding: chunked\r\n\r\n", "0\r\n\r\n", &request);
  g_assert_cmpint (request.body, ==, GLB_NETWORK_HTTP_CHUNKED);
  g_assert_cmpuint (request.length, ==, 0);
}

/* A head with n fields of size bytes each after its Host. */
static char *
make_head (guint n, guint size)
{
  GString *head = g_string_new ("GET / HTTP/1.1\r\nHost: a\r\n");

  for (guint i = 0; i < n; i++)
    {
      g_string_append (head, "X: ");
      for (guint b = 5; b < size; b++)
        g_string_append_c (head, 'b');
      g_string_append (head, "\r\n");
    }
  g_string_append (head, "\r\n");
  return g_string_free (head, FALSE);
}

static void
test_bounds (void)
{
  g_autofree char *many = make_head (127, 5), *too_many = make_head (128, 5);
  g_autofree char *large = make_head (1, GLB_NETWORK_HTTP_HEAD_MAX - 27);
  g_autofree char *too_large = make_head (1, GLB_NETWORK_HTTP_HEAD_MAX - 26);
  g_autofree char *name = g_strnfill (255, 'a'), *long_name = g_strnfill (256, 'a');
  g_autofree char *head = g_strdup_printf ("GET http://%s/ HTTP/1.0\r\n\r\n", name);
  g_autofree char *long_head = g_strdup_printf ("GET http://%s/ HTTP/1.0\r\n\r\n", long_name);
  const Refused cases[] = {
    { too_many, "it has more than 128 fields" },
    { too_large, "its head is larger than 32 KiB" },
    { long_head, "its host is empty, too long, or has bytes that no host name has" },
  };
  GlbNetworkHttpRequest request;

  assert_refused (cases, G_N_ELEMENTS (cases));
  parse (many, "", &request);
  g_assert_cmpint (glb_network_http_parse (large, strlen (large), &request), ==, GLB_NETWORK_HTTP_REQUEST);
  g_assert_cmpuint (request.head_size, ==, GLB_NETWORK_HTTP_HEAD_MAX);
  g_assert_cmpint (glb_network_http_parse (too_large, GLB_NETWORK_HTTP_HEAD_MAX - 1, &request), ==, GLB_NETWORK_HTTP_MORE);
  parse (head, "", &request);
  g_assert_cmpstr (request.host, ==, name);
}

static void
test_is_request (void)
{
  const struct { const char *bytes; int expected; } cases[] = {
    { "", -1 }, { "GET", -1 }, { "GET ", -1 }, { "GET / HTTP", -1 }, { "GET / HTTP/", 1 }, { "GET /a b HTTP/1.1\r\n", 1 },
    { "OPTIONS * HTTP/1.1\r\n", 1 }, { "CONNECT a:1 HTTP/1.0", 1 }, { "PRI * HTTP/2.0\r\n", 1 },
    { "GET /\r\n", 0 }, { "\r\n", 0 }, { " GET", 0 }, { "EHLO a.example\r\n", 0 }, { "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 0 },
    { "\26\3\1", 0 }, { "*1\r\n$4\r\nPING\r\n", 0 }, { "0032git-upload-pack /a.git\1host=b", 0 }, { "GET\t/ HTTP/1.1\r\n", 0 },
    { "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      say (cases[i].bytes);
      g_assert_cmpint (glb_network_http_is_request (cases[i].bytes, strlen (cases[i].bytes)), ==, cases[i].expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/http/refused/lines", test_lines_refused);
  g_test_add_func ("/network/http/refused/start", test_start_refused);
  g_test_add_func ("/network/http/refused/host", test_host_refused);
  g_test_add_func ("/network/http/refused/body", test_body_refused);
  g_test_add_func ("/network/http/forms", test_forms);
  g_test_add_func ("/network/http/bodies", test_bodies);
  g_test_add_func ("/network/http/bounds", test_bounds);
  g_test_add_func ("/network/http/is-request", test_is_request);
  return g_test_run ();
}
