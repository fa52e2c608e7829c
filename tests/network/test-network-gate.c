/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-seccomp.h"
#include "tests/network/gate-fixture.h"

#define ALL_SPEECH (GLB_NETWORK_SPEECH_TLS | GLB_NETWORK_SPEECH_HTTP | GLB_NETWORK_SPEECH_ANY)
#define BIG        (64u << 20)
#define CROWD      1000

static const char *gate_program;
static GBytes *gate_filter;

static void
close_both (int ends[2])
{
  close (ends[0]);
  close (ends[1]);
}

/* A greeting of TLS with that name, or without one. */
static GByteArray *
make_hello (const char *name)
{
  static const guint8 front[] = {
    22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3,
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    0, 0, 2, 0x13, 0x01, 1, 0, 0, 0,
  };
  GByteArray *hello = g_byte_array_new ();
  gsize length = name != NULL ? strlen (name) : 0;
  guint8 server_name[] = { 0, 0, 0, length + 5, 0, length + 3, 0, 0, length };

  g_byte_array_append (hello, front, sizeof front);
  if (name != NULL)
    {
      g_byte_array_append (hello, server_name, sizeof server_name);
      g_byte_array_append (hello, (const guint8 *) name, length);
      hello->data[sizeof front - 1] = length + 9;
    }
  hello->data[4] = hello->len - 5;
  hello->data[8] = hello->len - 9;
  return hello;
}

static void
test_tunnel (void)
{
  Gate gate;
  int ends[2];
  guint64 id;
  GlbNetworkClosed closed;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  id = gate_tunnel (&gate, ALL_SPEECH, "", ends);
  g_assert_cmpuint (id, ==, 1);
  say (ends[0], "hello", 5);
  expect_bytes (ends[1], "hello", 5);
  say (ends[1], "goodbye", 7);
  expect_bytes (ends[0], "goodbye", 7);

  /* Each half by itself. */
  shutdown (ends[0], SHUT_WR);
  expect_eof (ends[1]);
  say (ends[1], "after", 5);
  expect_bytes (ends[0], "after", 5);
  shutdown (ends[1], SHUT_WR);
  expect_eof (ends[0]);
  closed = gate_expect_closed (&gate, id, GLB_NETWORK_END_DONE);
  g_assert_cmpuint (closed.sent, ==, 5);
  g_assert_cmpuint (closed.received, ==, 12);
  close_both (ends);

  id = gate_tunnel (&gate, ALL_SPEECH, "", ends);
  g_assert_cmpuint (id, ==, 2);
  shutdown (ends[1], SHUT_WR);
  expect_eof (ends[0]);
  say (ends[0], "late", 4);
  expect_bytes (ends[1], "late", 4);
  shutdown (ends[0], SHUT_WR);
  expect_eof (ends[1]);
  gate_expect_closed (&gate, id, GLB_NETWORK_END_DONE);
  close_both (ends);
  gate_stop (&gate);
}

static void
test_reset (void)
{
  const struct linger now = { 1, 0 };
  Gate gate;
  int ends[2];
  guint64 id;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint side = 0; side < 2; side++)
    {
      id = gate_tunnel (&gate, ALL_SPEECH, "", ends);
      setsockopt (ends[side], SOL_SOCKET, SO_LINGER, &now, sizeof now);
      close (ends[side]);
      expect_reset (ends[1 - side]);
      gate_expect_closed (&gate, id, side == 0 ? GLB_NETWORK_END_SESSION_RESET : GLB_NETWORK_END_HOST_RESET);
      close (ends[1 - side]);
    }
  gate_stop (&gate);
}

static void
test_refusals (void)
{
  static const struct { GlbNetworkRefusal refusal; const char *status; guint8 reply; } rows[] = {
    { GLB_NETWORK_REFUSAL_POLICY, "HTTP/1.1 403 Forbidden\r\n", 2 },
    { GLB_NETWORK_REFUSAL_PERSON, "HTTP/1.1 403 Forbidden\r\n", 2 },
    { GLB_NETWORK_REFUSAL_LIMIT, "HTTP/1.1 429 Too Many Requests\r\n", 1 },
    { GLB_NETWORK_REFUSAL_BAD_NAME, "HTTP/1.1 400 Bad Request\r\n", 8 },
    { GLB_NETWORK_REFUSAL_NO_NAME, "HTTP/1.1 502 Bad Gateway\r\n", 4 },
    { GLB_NETWORK_REFUSAL_UNREACHABLE, "HTTP/1.1 502 Bad Gateway\r\n", 4 },
    { GLB_NETWORK_REFUSAL_CONNECTION, "HTTP/1.1 502 Bad Gateway\r\n", 5 },
    { GLB_NETWORK_REFUSAL_TIMEOUT, "HTTP/1.1 504 Gateway Timeout\r\n", 6 },
  };
  static const char * const requests[] = {
    "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
    "GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "\x05\x01\0\x05\x01\0\x01\x08\x08\x08\x08\x01\xbb",
  };
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint r = 0; r < G_N_ELEMENTS (requests); r++)
      {
        int fd = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
        guint8 socks[] = { 5, 0, 5, rows[i].reply, 0, 1, 0, 0, 0, 0, 0, 0 };
        g_autofree char *text = NULL;

        say (fd, requests[r], r == 2 ? 13 : -1);
        gate_refused (&gate, gate_expect (&gate, GLB_NETWORK_OPEN).open.id, rows[i].refusal, "not here: the policy does not name it");
        if (r == 2)
          {
            expect_bytes (fd, socks, sizeof socks);
            expect_eof (fd);
          }
        else
          {
            text = hear_all (fd);
            g_assert_true (g_str_has_prefix (text, rows[i].status));
            g_assert_nonnull (strstr (text, "\r\nContent-Type: text/plain\r\n"));
            g_assert_nonnull (strstr (text, "\r\nConnection: close\r\n"));
            g_assert_true (g_str_has_suffix (text, "\r\n\r\nglovebox: not here: the policy does not name it\n"));
          }
        close (fd);
      }
  gate_stop (&gate);
}

static void
test_transparent (void)
{
  static const guint8 address[16] = { 127, 0, 0, 2 };
  Gate gate;
  int ends[2], fd;
  GlbNetworkOpen open;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  ends[0] = gate_dial (&gate, GLB_NETWORK_SOCKET_TRANSPARENT);
  say (ends[0], "early", 5);
  open = gate_expect (&gate, GLB_NETWORK_OPEN).open;
  g_assert_cmpint (open.how, ==, GLB_NETWORK_HOW_TRANSPARENT);
  g_assert_cmpint (open.host_kind, ==, GLB_NETWORK_HOST_IPV4);
  g_assert_cmpmem (open.address, 16, address, 16);
  g_assert_cmpint (open.port, ==, gate.ports[GLB_NETWORK_SOCKET_TRANSPARENT]);
  ends[1] = gate_opened (&gate, open.id, ALL_SPEECH, "");
  expect_bytes (ends[1], "early", 5);
  say (ends[1], "back", 4);
  expect_bytes (ends[0], "back", 4);
  close_both (ends);
  gate_expect_closed (&gate, open.id, GLB_NETWORK_END_DONE);

  fd = gate_dial (&gate, GLB_NETWORK_SOCKET_TRANSPARENT);
  gate_refused (&gate, gate_expect (&gate, GLB_NETWORK_OPEN).open.id, GLB_NETWORK_REFUSAL_POLICY, "no");
  expect_reset (fd);
  close (fd);
  gate_stop (&gate);
}

static void
test_socks (void)
{
  static const struct { const char *request; gsize size; guint kind; guint8 address[16]; const char *name; } rows[] = {
    { "\x05\x01\0\x03\x0b" "example.org\x01\xbb", 18, GLB_NETWORK_HOST_NAME, { 0 }, "example.org" },
    { "\x05\x01\0\x01\xc0\0\x02\x07\x01\xbb", 10, GLB_NETWORK_HOST_IPV4, { 192, 0, 2, 7 }, "" },
    { "\x05\x01\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb", 22, GLB_NETWORK_HOST_IPV6,
      { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, "" },
    { "\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01\x01\xbb", 22, GLB_NETWORK_HOST_IPV4, { 10, 0, 0, 1 }, "" },
  };
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int ends[2] = { gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY) };
      GlbNetworkOpen open;

      say (ends[0], "\x05\x01\0", 3);
      expect_bytes (ends[0], "\x05\0", 2);
      say (ends[0], rows[i].request, rows[i].size);
      open = gate_expect (&gate, GLB_NETWORK_OPEN).open;
      g_assert_cmpint (open.how, ==, GLB_NETWORK_HOW_SOCKS);
      g_assert_cmpint (open.host_kind, ==, rows[i].kind);
      g_assert_cmpmem (open.address, 16, rows[i].address, 16);
      g_assert_cmpstr (open.name, ==, rows[i].name);
      g_assert_cmpint (open.port, ==, 443);
      ends[1] = gate_opened (&gate, open.id, ALL_SPEECH, "");
      expect_bytes (ends[0], "\x05\0\0\x01\0\0\0\0\0\0", 10);
      say (ends[1], "banner", 6);
      expect_bytes (ends[0], "banner", 6);
      close_both (ends);
      gate_expect_closed (&gate, open.id, GLB_NETWORK_END_DONE);
    }
  gate_stop (&gate);
}

/* Answers one request with that body, and nothing comes after it. */
static void
serve_request (int         host,
               int         program,
               const char *first_line,
               const char *body)
{
  g_autofree char *end = g_strconcat ("\r\n\r\n", body, NULL);
  g_autofree char *request = hear_until (host, end);
  g_autofree char *rest = NULL;

  g_assert_true (g_str_has_prefix (request, first_line));
  g_assert_nonnull (strstr (request, "\r\nConnection: close\r\n"));
  g_assert_cmpuint (strlen (strstr (request, "\r\n\r\n")), ==, strlen (end));
  say (host, "HTTP/1.1 200 OK\r\n\r\nanswer", -1);
  expect_bytes (program, "HTTP/1.1 200 OK\r\n\r\nanswer", -1);
  shutdown (host, SHUT_WR);
  expect_eof (program);
  rest = hear_all (host);
  g_assert_cmpstr (rest, ==, "");
}

/* One request is all that a connection carries, whatever follows it. */
static void
test_one_request (void)
{
  static const struct { const char *method, *fields, *body, *body_seen; } rows[] = {
    { "GET", "", "", "" },
    { "POST", "Content-Length: 5\r\n", "12345", "12345" },
    { "POST", "Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n0\r\n\r\n", "5\r\n12345\r\n0\r\n\r\n" },
  };
  static const char smuggled[] = "GET /smuggled HTTP/1.1\r\nHost: evil.example\r\n\r\n";
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint absolute = 0; absolute < 2; absolute++)
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autofree char *target = g_strdup_printf ("%s/%s", absolute ? "http://example.org:443" : "", "path");
        g_autofree char *head = g_strdup_printf ("%s %s HTTP/1.1\r\nHost: example.org:443\r\n%s\r\n", rows[i].method, target, rows[i].fields);
        g_autofree char *first_line = g_strdup_printf ("%s /path HTTP/1.1\r\n", rows[i].method);
        GlbNetworkClosed closed;
        int ends[2];
        guint64 id;

        if (absolute)
          {
            GlbNetworkOpen open;

            ends[0] = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
            say (ends[0], head, -1);
            open = gate_expect (&gate, GLB_NETWORK_OPEN).open;
            g_assert_cmpint (open.how, ==, GLB_NETWORK_HOW_HTTP);
            g_assert_cmpstr (open.name, ==, "example.org");
            id = open.id;
            ends[1] = gate_opened (&gate, id, GLB_NETWORK_SPEECH_HTTP, "example.org");
          }
        else
          {
            id = gate_tunnel (&gate, GLB_NETWORK_SPEECH_HTTP, "example.org", ends);
            say (ends[0], head, -1);
          }
        say (ends[0], rows[i].body, -1);
        say (ends[0], smuggled, -1);
        serve_request (ends[1], ends[0], first_line, rows[i].body_seen);
        closed = gate_expect_closed (&gate, id, GLB_NETWORK_END_DONE);
        g_assert_cmpuint (closed.received, ==, 25);
        close_both (ends);
      }
  gate_stop (&gate);
}

/* The same to an address, where nothing is looked at: all of it arrives. */
static void
test_smuggled_where_allowed (void)
{
  static const char two[] = "GET /path HTTP/1.1\r\nHost: example.org\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: evil.example\r\n\r\n";
  Gate gate;
  int ends[2];

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  gate_tunnel (&gate, ALL_SPEECH, "", ends);
  say (ends[0], two, -1);
  expect_bytes (ends[1], two, -1);
  close_both (ends);
  gate_expect (&gate, GLB_NETWORK_CLOSED);
  gate_stop (&gate);
}

/* A body that comes slowly, in pieces of one byte, and a chunk that lies. */
static void
test_slow_body (void)
{
  static const char body[] = "5\r\nabcde\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
  Gate gate;
  int ends[2];
  guint64 id;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  id = gate_tunnel (&gate, GLB_NETWORK_SPEECH_HTTP, "example.org", ends);
  say (ends[0], "POST / HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n", -1);
  for (const char *at = body; *at != '\0'; at++)
    say (ends[0], at, 1);
  say (ends[0], "more", -1);
  serve_request (ends[1], ends[0], "POST / HTTP/1.1\r\n", body);
  gate_expect_closed (&gate, id, GLB_NETWORK_END_DONE);
  close_both (ends);

  id = gate_tunnel (&gate, GLB_NETWORK_SPEECH_HTTP, "example.org", ends);
  say (ends[0], "POST / HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", -1);
  say (ends[0], "no size\r\n", -1);
  gate_expect_closed (&gate, id, GLB_NETWORK_END_MALFORMED);
  expect_reset (ends[0]);
  close_both (ends);
  gate_stop (&gate);
}

static void
test_bad_requests (void)
{
  static const struct { const char *request; gssize size; GlbNetworkHow how; } rows[] = {
    { "CONNECT example.org:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:444\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "GET http://example.org/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "GET http://example.org:81/ HTTP/1.1\r\nHost: example.org\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "GET https://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "POST http://example.org/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", -1,
      GLB_NETWORK_HOW_CONNECT },
    { "GET http://example.org/ HTTP/1.1\nHost: example.org\n\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "hello\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "\xff\xfe\xfd", -1, GLB_NETWORK_HOW_CONNECT },
    { "\x04\x01\x01\xbb\x01\x02\x03\x04\0", 9, GLB_NETWORK_HOW_SOCKS },
    { "\x05\x01\x02", 3, GLB_NETWORK_HOW_SOCKS },
    { "\x05\x01\0\x05\x02\0\x01\x01\x02\x03\x04\x01\xbb", 13, GLB_NETWORK_HOW_SOCKS },
    { "\x05\x01\0\x05\x01\0\x01\x01\x02\x03\x04\0\0", 13, GLB_NETWORK_HOW_SOCKS },
    { "\x05\x01\0\x05\x01\0\x01\xc6\x12\x01\x01\x01\xbb", 13, GLB_NETWORK_HOW_SOCKS },
    { "CONNECT 198.18.7.7:443 HTTP/1.1\r\nHost: 198.18.7.7\r\n\r\n", -1, GLB_NETWORK_HOW_CONNECT },
    { "\x16\x03\x01\x02", -1, GLB_NETWORK_HOW_SOCKS },
  };
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int fd = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
      g_autofree char *answer = NULL;

      g_test_message ("row %u", i);
      say (fd, rows[i].request, rows[i].size);
      answer = hear_all (fd);
      gate_expect_malformed (&gate, rows[i].how);
      if (rows[i].how == GLB_NETWORK_HOW_CONNECT)
        g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 Bad Request\r\n"));
      else
        g_assert_cmpint (answer[0], ==, 5);
      close (fd);
    }
  gate_stop (&gate);
}

/* Where the name's dot or the port's absence is no disagreement. */
static void
test_agreeing_hosts (void)
{
  static const char * const requests[] = {
    "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "CONNECT example.org.:443 HTTP/1.1\r\nHost: EXAMPLE.org\r\n\r\n",
    "CONNECT example.org:443 HTTP/1.0\r\n\r\n",
    "GET http://example.org:80/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
  };
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      int fd = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
      guint64 id;

      say (fd, requests[i], -1);
      id = gate_expect (&gate, GLB_NETWORK_OPEN).open.id;
      close (fd);
      gate_expect_closed (&gate, id, GLB_NETWORK_END_GIVEN_UP);
    }
  gate_stop (&gate);
}

typedef struct
{
  const char *name;
  guint speech;
  const char *hello;               /* the name in a greeting of TLS, "" for one without; NULL: text */
  const char *text;
  GlbNetworkEnd end;               /* 0: it passes */
  const char *detail;
  const char *answer;              /* begins so; NULL: none */
} Speech;

static const Speech speeches[] = {
  { "tls", GLB_NETWORK_SPEECH_TLS, "example.org", NULL, 0, NULL, NULL },
  { "tls of many", ALL_SPEECH, "example.org", NULL, 0, NULL, NULL },
  { "tls to another", GLB_NETWORK_SPEECH_TLS, "evil.example", NULL, GLB_NETWORK_END_WRONG_NAME, "evil.example", "\x15\x03\x03" },
  { "tls to another of many", ALL_SPEECH, "evil.example", NULL, GLB_NETWORK_END_WRONG_NAME, "evil.example", "\x15\x03\x03" },
  { "tls below it", ALL_SPEECH, "a.example.org", NULL, GLB_NETWORK_END_WRONG_NAME, "a.example.org", "\x15\x03\x03" },
  { "tls without a name", GLB_NETWORK_SPEECH_TLS, "", NULL, GLB_NETWORK_END_WRONG_NAME, "", "\x15\x03\x03" },
  { "tls without a name of many", ALL_SPEECH, "", NULL, 0, NULL, NULL },
  { "tls where http is", GLB_NETWORK_SPEECH_HTTP, "example.org", NULL, GLB_NETWORK_END_NOT_SPOKEN, "", "\x15\x03\x03" },
  { "http where tls is", GLB_NETWORK_SPEECH_TLS, NULL, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", GLB_NETWORK_END_NOT_SPOKEN, "",
    "HTTP/1.1 403 Forbidden\r\n" },
  { "http to another", GLB_NETWORK_SPEECH_HTTP, NULL, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", GLB_NETWORK_END_WRONG_NAME,
    "evil.example", "HTTP/1.1 421 Misdirected Request\r\n" },
  { "http to another of many", ALL_SPEECH, NULL, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", GLB_NETWORK_END_WRONG_NAME,
    "evil.example", "HTTP/1.1 421 Misdirected Request\r\n" },
  { "http to another port", ALL_SPEECH, NULL, "GET / HTTP/1.1\r\nHost: example.org:81\r\n\r\n", GLB_NETWORK_END_WRONG_NAME,
    "example.org:81", "HTTP/1.1 421 Misdirected Request\r\n" },
  { "http to another target", ALL_SPEECH, NULL, "GET http://evil.example:443/ HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    GLB_NETWORK_END_WRONG_NAME, "evil.example", "HTTP/1.1 421 Misdirected Request\r\n" },
  { "http without a host", ALL_SPEECH, NULL, "GET / HTTP/1.0\r\n\r\n", GLB_NETWORK_END_WRONG_NAME, "", "HTTP/1.1 421 Misdirected Request\r\n" },
  { "http after an empty line", ALL_SPEECH, NULL, "\r\nGET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", GLB_NETWORK_END_MALFORMED, "",
    "HTTP/1.1 400 Bad Request\r\n" },
  { "http with two hosts", ALL_SPEECH, NULL, "GET / HTTP/1.1\r\nHost: example.org\r\nHost: evil.example\r\n\r\n", GLB_NETWORK_END_MALFORMED,
    "", "HTTP/1.1 400 Bad Request\r\n" },
  { "connect in a tunnel", ALL_SPEECH, NULL, "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", GLB_NETWORK_END_MALFORMED,
    "", "HTTP/1.1 400 Bad Request\r\n" },
  { "something", GLB_NETWORK_SPEECH_TLS | GLB_NETWORK_SPEECH_HTTP, NULL, "SSH-2.0-x\r\n", GLB_NETWORK_END_NOT_SPOKEN, "", NULL },
  { "something of many", ALL_SPEECH, NULL, "SSH-2.0-x\r\n", 0, NULL, NULL },
  { "broken tls", ALL_SPEECH, NULL, "\x16\x03\x01\x02\x01\x07\x07\x07\x07\x07\x07", GLB_NETWORK_END_MALFORMED, "", "\x15\x03\x03" },
};

static void
try_speech (Gate         *gate,
            const Speech *row,
            gboolean      by_bytes)
{
  g_autoptr(GByteArray) bytes = row->hello != NULL ? make_hello (row->hello[0] != '\0' ? row->hello : NULL) : g_byte_array_new ();
  g_autofree char *answer = NULL;
  GlbNetworkClosed closed;
  int ends[2];
  guint64 id = gate_tunnel (gate, row->speech, "example.org", ends);

  g_test_message ("%s", row->name);
  if (row->text != NULL)
    g_byte_array_append (bytes, (const guint8 *) row->text, strlen (row->text));
  for (guint i = 0; i < bytes->len; i += by_bytes ? 1 : bytes->len)
    if (send (ends[0], bytes->data + i, by_bytes ? 1 : bytes->len, MSG_NOSIGNAL) < 0)
      break;
  if (row->end == 0)
    {
      expect_bytes (ends[1], bytes->data, bytes->len);
      close_both (ends);
      gate_expect_closed (gate, id, GLB_NETWORK_END_DONE);
      return;
    }

  closed = gate_expect_closed (gate, id, row->end);
  g_assert_cmpstr (closed.detail, ==, row->detail);
  g_assert_cmpuint (closed.sent, ==, 0);
  expect_reset (ends[1]);
  shutdown (ends[0], SHUT_WR);
  answer = hear_all (ends[0]);
  if (row->answer != NULL)
    g_assert_true (g_str_has_prefix (answer, row->answer));
  else
    g_assert_cmpstr (answer, ==, "");
  close_both (ends);
}

static void
test_speech (void)
{
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (speeches); i++)
    for (guint by_bytes = 0; by_bytes < 2; by_bytes++)
      try_speech (&gate, &speeches[i], by_bytes);
  gate_stop (&gate);
}

/* The same bytes to an address: what the names' check refuses arrives. */
static void
test_speech_where_allowed (void)
{
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (speeches); i++)
    {
      g_autoptr(GByteArray) hello = make_hello (speeches[i].hello != NULL && speeches[i].hello[0] != '\0' ? speeches[i].hello : NULL);
      const void *bytes = speeches[i].text != NULL ? (const void *) speeches[i].text : hello->data;
      gsize size = speeches[i].text != NULL ? strlen (speeches[i].text) : hello->len;
      int ends[2];
      guint64 id = gate_tunnel (&gate, ALL_SPEECH, "", ends);

      say (ends[0], bytes, size);
      expect_bytes (ends[1], bytes, size);
      close_both (ends);
      gate_expect_closed (&gate, id, GLB_NETWORK_END_DONE);
    }
  gate_stop (&gate);
}

/* The greeting is in a page that the program shares with the kernel, and changes once the gate let it pass. What the host gets. */
static GByteArray *
change_after_look (Gate       *gate,
                   guint       speech,
                   const char *name)
{
  g_autoptr(GByteArray) right = make_hello ("example.org");
  g_autoptr(GByteArray) wrong = make_hello ("evil.exampl");
  GByteArray *got = g_byte_array_new ();
  int ends[2], file = memfd_create ("greeting", MFD_CLOEXEC);
  struct pollfd ready;

  g_assert_cmpint (pwrite (file, right->data, right->len, 0), ==, right->len);
  gate_tunnel (gate, speech, name, ends);
  g_assert_cmpint (sendfile (ends[0], file, NULL, right->len), ==, right->len);
  ready = (struct pollfd) { ends[1], POLLIN };
  g_assert_cmpint (poll (&ready, 1, 30000), ==, 1);
  g_assert_cmpint (pwrite (file, wrong->data, wrong->len, 0), ==, wrong->len);

  g_byte_array_set_size (got, right->len);
  g_assert_cmpint (recv (ends[1], got->data, got->len, MSG_WAITALL), ==, right->len);
  close (file);
  close_both (ends);
  gate_expect (gate, GLB_NETWORK_CLOSED);
  return got;
}

/* To a name the host gets what was looked at. To an address, where nothing is looked at, it gets what became of it. */
static void
test_change_after_look (void)
{
  g_autoptr(GByteArray) right = make_hello ("example.org");
  g_autoptr(GByteArray) wrong = make_hello ("evil.exampl");
  g_autoptr(GByteArray) looked_at = NULL;
  g_autoptr(GByteArray) not_looked_at = NULL;
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  looked_at = change_after_look (&gate, GLB_NETWORK_SPEECH_TLS, "example.org");
  not_looked_at = change_after_look (&gate, ALL_SPEECH, "");
  g_assert_cmpmem (looked_at->data, looked_at->len, right->data, right->len);
  g_assert_cmpmem (not_looked_at->data, not_looked_at->len, wrong->data, wrong->len);
  gate_stop (&gate);
}

static void
test_server_begins (void)
{
  Gate gate;
  int ends[2];

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  gate_tunnel (&gate, GLB_NETWORK_SPEECH_ANY, "example.org", ends);
  say (ends[1], "220 ready\r\n", -1);
  expect_bytes (ends[0], "220 ready\r\n", -1);
  say (ends[0], "GET me a shell\r\n", -1);
  expect_bytes (ends[1], "GET me a shell\r\n", -1);
  close_both (ends);
  gate_expect (&gate, GLB_NETWORK_CLOSED);

  /* Where only TLS is, nothing of the host's comes before it. */
  gate_tunnel (&gate, GLB_NETWORK_SPEECH_TLS, "example.org", ends);
  say (ends[1], "220 ready\r\n", -1);
  say (ends[0], "QUIT\r\n", -1);
  gate_expect_closed (&gate, 2, GLB_NETWORK_END_NOT_SPOKEN);
  expect_eof (ends[0]);
  close_both (ends);
  gate_stop (&gate);
}

static void
test_given_up (void)
{
  Gate gate;
  GlbNetworkSocket sockets[] = { GLB_NETWORK_SOCKET_PROXY, GLB_NETWORK_SOCKET_TRANSPARENT };

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      int fd = gate_dial (&gate, sockets[i]), host;
      guint64 id;

      say (fd, i == 0 ? "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n" : "\x16\x03\x01", -1);
      id = gate_expect (&gate, GLB_NETWORK_OPEN).open.id;
      close (fd);
      gate_expect_closed (&gate, id, GLB_NETWORK_END_GIVEN_UP);
      /* The broker's yes crossed it. */
      host = gate_opened (&gate, id, ALL_SPEECH, "");
      expect_eof (host);
      close (host);
    }
  gate_stop (&gate);
}

static void
test_cut (void)
{
  Gate gate;
  int ends[2], fd;
  guint64 id;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  gate_close (&gate, 77);
  id = gate_tunnel (&gate, ALL_SPEECH, "", ends);
  gate_close (&gate, id);
  gate_close (&gate, id);
  gate_expect_closed (&gate, id, GLB_NETWORK_END_CLOSED);
  expect_reset (ends[0]);
  expect_reset (ends[1]);
  close_both (ends);

  fd = gate_dial (&gate, GLB_NETWORK_SOCKET_TRANSPARENT);
  id = gate_expect (&gate, GLB_NETWORK_OPEN).open.id;
  gate_close (&gate, id);
  gate_expect_closed (&gate, id, GLB_NETWORK_END_CLOSED);
  expect_reset (fd);
  close (fd);
  gate_stop (&gate);
}

static void
make_pair (Gate *gate,
           int   pair[2])
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (gate->server_port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  pair[0] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (connect (pair[0], (void *) &in, sizeof in));
  pair[1] = accept4 (gate->server, NULL, NULL, SOCK_CLOEXEC);
  g_assert_no_errno (pair[1]);
}

static void
test_published (void)
{
  const GlbNetworkPublished published = { GLB_NETWORK_ID_PUBLISHED | 5 };
  GlbNetworkClosed closed;
  int came[2], session[2];
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  make_pair (&gate, came);
  make_pair (&gate, session);
  gate_send (&gate, GLB_NETWORK_PUBLISHED, &published, sizeof published, (int[]) { came[0], session[0] }, 2);
  close (came[0]);
  close (session[0]);
  say (came[1], "question", -1);
  expect_bytes (session[1], "question", -1);
  say (session[1], "answer", -1);
  expect_bytes (came[1], "answer", -1);
  close (session[1]);
  expect_eof (came[1]);
  close (came[1]);
  closed = gate_expect_closed (&gate, published.id, GLB_NETWORK_END_DONE);
  g_assert_cmpuint (closed.sent, ==, 6);
  g_assert_cmpuint (closed.received, ==, 8);
  gate_stop (&gate);
}

typedef struct
{
  int fd;
  gsize size;
  guint seed;
} Flow;

static void
fill_block (guint8 *block,
            gsize   size,
            guint  *state)
{
  for (gsize i = 0; i < size; i++)
    {
      *state = *state * 1664525u + 1013904223u;
      block[i] = *state >> 24;
    }
}

static gpointer
send_flow (gpointer data)
{
  Flow *flow = data;
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *block = g_malloc (65536);

  for (gsize sent = 0; sent < flow->size; sent += 65536)
    {
      fill_block (block, 65536, &flow->seed);
      g_checksum_update (sum, block, 65536);
      say (flow->fd, block, 65536);
    }
  shutdown (flow->fd, SHUT_WR);
  return g_strdup (g_checksum_get_string (sum));
}

static gpointer
receive_flow (gpointer data)
{
  Flow *flow = data;
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *block = g_malloc (65536);
  gssize n;

  while ((n = recv (flow->fd, block, 65536, 0)) > 0)
    {
      g_checksum_update (sum, block, n);
      flow->size += n;
    }
  g_assert_no_errno (n);
  return g_strdup (g_checksum_get_string (sum));
}

/* size bytes each way at once. */
static void
exchange (Gate *gate,
          gsize size)
{
  int ends[2];
  guint64 id = gate_tunnel (gate, ALL_SPEECH, "", ends);
  Flow out[] = { { ends[0], size, 1 }, { ends[1], size, 2 } };
  Flow in[] = { { ends[1] }, { ends[0] } };
  GThread *threads[4];
  GlbNetworkClosed closed;

  for (guint i = 0; i < 2; i++)
    {
      threads[i] = g_thread_new ("out", send_flow, &out[i]);
      threads[2 + i] = g_thread_new ("in", receive_flow, &in[i]);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *sent = g_thread_join (threads[i]);
      g_autofree char *received = g_thread_join (threads[2 + i]);

      g_assert_cmpstr (sent, ==, received);
      g_assert_cmpuint (in[i].size, ==, size);
    }
  closed = gate_expect_closed (gate, id, GLB_NETWORK_END_DONE);
  g_assert_cmpuint (closed.sent, ==, size);
  g_assert_cmpuint (closed.received, ==, size);
  close_both (ends);
}

static void
test_big (void)
{
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  exchange (&gate, BIG);
  gate_stop (&gate);
}

/* A limit is seen as time that passes at least. */
static void
test_rate (void)
{
  gint64 began;
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 1 << 20);
  began = g_get_monotonic_time ();
  exchange (&gate, 1 << 20);
  /* 2 MiB at 1 MiB a second, less what was saved up. */
  g_assert_cmpint (g_get_monotonic_time () - began, >, 3 * G_USEC_PER_SEC / 2);
  gate_stop (&gate);
}

/* Who does not read stops who writes; the other direction and other connections go on. */
static void
test_backpressure (void)
{
  static guint8 block[65536];
  int ends[2], others[2];
  Gate gate;
  gsize sent = 0, received = 0;
  gssize n;
  struct pollfd ready;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  gate_tunnel (&gate, ALL_SPEECH, "", ends);
  ready = (struct pollfd) { ends[0], POLLOUT };
  while (poll (&ready, 1, 500) == 1)
    {
      n = send (ends[0], block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
      g_assert_true (n > 0 || errno == EAGAIN);
      sent += n > 0 ? n : 0;
      g_assert_cmpuint (sent, <, 64 << 20);
    }
  g_test_message ("%" G_GSIZE_FORMAT " bytes on their way", sent);

  say (ends[1], "still", 5);
  expect_bytes (ends[0], "still", 5);
  gate_tunnel (&gate, ALL_SPEECH, "", others);
  say (others[0], "open", 4);
  expect_bytes (others[1], "open", 4);
  close_both (others);
  gate_expect (&gate, GLB_NETWORK_CLOSED);

  shutdown (ends[0], SHUT_WR);
  while ((n = recv (ends[1], block, sizeof block, 0)) > 0)
    received += n;
  g_assert_cmpuint (received, ==, sent);
  close_both (ends);
  g_assert_cmpuint (gate_expect (&gate, GLB_NETWORK_CLOSED).closed.sent, ==, sent);
  gate_stop (&gate);
}

static void
test_limit (void)
{
  static const guint8 too_many[] = { 5, 0, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0 };
  g_autofree char *answer = NULL;
  int first[2], second[2], fd;
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 2, 0);
  gate_tunnel (&gate, ALL_SPEECH, "", first);
  gate_tunnel (&gate, ALL_SPEECH, "", second);

  fd = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
  say (fd, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n", -1);
  answer = hear_all (fd);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 429 Too Many Requests\r\n"));
  close (fd);
  fd = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
  say (fd, "\x05\x01\0\x05\x01\0\x01\x08\x08\x08\x08\x01\xbb", 13);
  expect_bytes (fd, too_many, sizeof too_many);
  close (fd);
  fd = gate_dial (&gate, GLB_NETWORK_SOCKET_TRANSPARENT);
  expect_reset (fd);
  close (fd);

  /* One less, one more. */
  close_both (first);
  gate_expect_closed (&gate, 1, GLB_NETWORK_END_DONE);
  g_assert_cmpuint (gate_tunnel (&gate, ALL_SPEECH, "", first), ==, 3);
  close_both (first);
  close_both (second);
  gate_stop (&gate);
}

/* Programs that only connect take no more than their share, and are turned away beyond it. */
static void
test_silent_crowd (void)
{
  int fds[2 + 64 + 1];
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 2, 0);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
  expect_reset (fds[G_N_ELEMENTS (fds) - 1]);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  gate_stop (&gate);
}

static void
test_crowd (void)
{
  g_autofree int *ends = g_new (int, CROWD * 2);
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, CROWD, 0);
  for (guint i = 0; i < CROWD; i++)
    gate_tunnel (&gate, ALL_SPEECH, "", ends + 2 * i);
  for (guint i = 0; i < CROWD; i++)
    say (ends[2 * i], &i, sizeof i);
  for (guint i = 0; i < CROWD; i++)
    expect_bytes (ends[2 * i + 1], &i, sizeof i);
  for (guint i = 0; i < CROWD; i++)
    close_both (ends + 2 * i);
  for (guint i = 0; i < CROWD; i++)
    g_assert_cmpint (gate_expect (&gate, GLB_NETWORK_CLOSED).closed.end, ==, GLB_NETWORK_END_DONE);
  gate_stop (&gate);
}

/* The broker reads nothing while many come and go: no more is asked than may wait, and nothing is lost. */
static void
test_slow_broker (void)
{
  const guint n = 2000;
  g_autofree int *fds = g_new (int, n);
  guint n_open = 0, n_closed = 0;
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 4096, 0);
  for (guint i = 0; i < n; i++)
    {
      fds[i] = gate_dial (&gate, GLB_NETWORK_SOCKET_TRANSPARENT);
      close (fds[i]);
    }
  while (n_open < n || n_closed < n)
    {
      g_autoptr(GError) error = NULL;
      guint8 packet[1024];
      gssize size = recv (gate.control, packet, sizeof packet, 0);
      GlbNetworkMessage message;

      g_assert_no_errno (size);
      glb_network_message_parse (packet, size, 0, &message, &error);
      g_assert_no_error (error);
      if (message.type == GLB_NETWORK_OPEN)
        g_assert_cmpuint (message.open.id, ==, ++n_open);
      else
        {
          g_assert_cmpint (message.closed.end, ==, GLB_NETWORK_END_GIVEN_UP);
          n_closed++;
        }
    }
  gate_stop (&gate);
}

static gsize
write_question (guint8     *packet,
                guint16     id,
                const char *name)
{
  g_auto(GStrv) labels = g_strsplit (name, ".", -1);
  gsize size = 12;

  memset (packet, 0, 512);
  packet[0] = id >> 8;
  packet[1] = id & 0xff;
  packet[2] = 1;
  packet[5] = 1;
  for (guint i = 0; labels[i] != NULL; i++)
    {
      packet[size] = strlen (labels[i]);
      memcpy (packet + size + 1, labels[i], packet[size]);
      size += packet[size] + 1;
    }
  packet[size + 2] = 1;
  packet[size + 4] = 1;
  return size + 5;
}

static int
dial_names (Gate *gate)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const struct timeval deadline = { 30, 0 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  in.sin_port = htons (gate->ports[GLB_NETWORK_SOCKET_NAMES]);
  g_assert_no_errno (connect (fd, (void *) &in, sizeof in));
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  return fd;
}

/* The answer's return code; address: the last 4 bytes. */
static guint
look_up (Gate       *gate,
         int         fd,
         guint16     id,
         const char *name,
         gboolean    known,
         guint8      address[4])
{
  GlbNetworkLookedUp looked_up = { .known = known };
  GlbNetworkLookUp asked;
  guint8 packet[1500];
  gssize size = write_question (packet, id, name);

  g_assert_cmpint (send (fd, packet, size, 0), ==, size);
  asked = gate_expect (gate, GLB_NETWORK_LOOK_UP).look_up;
  g_assert_cmpstr (asked.name, ==, name);
  looked_up.id = asked.id;
  g_strlcpy (looked_up.name, known ? name : "", sizeof looked_up.name);
  g_strlcpy (looked_up.text, known ? "" : "not allowed", sizeof looked_up.text);
  gate_send (gate, GLB_NETWORK_LOOKED_UP, &looked_up, sizeof looked_up, NULL, 0);
  size = recv (fd, packet, sizeof packet, 0);
  g_assert_cmpint (size, >=, 12);
  g_assert_cmpuint (packet[0] << 8 | packet[1], ==, id);
  memcpy (address, packet + size - 4, 4);
  return packet[3] & 0xf;
}

static void
test_names (void)
{
  static const guint8 garbage[] = { 9, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12 };
  guint8 address[4], again[4], packet[512];
  g_autofree char *request = NULL;
  Gate gate;
  GlbNetworkOpen open;
  int fd, client;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  fd = dial_names (&gate);
  g_assert_cmpuint (look_up (&gate, fd, 0x1234, "example.org", TRUE, address), ==, 0);
  g_assert_cmpuint (address[0], ==, 198);
  g_assert_cmpuint (address[1] & ~1u, ==, 18);
  g_assert_cmpuint (look_up (&gate, fd, 0x1235, "example.org", TRUE, again), ==, 0);
  g_assert_cmpmem (address, 4, again, 4);
  g_assert_cmpuint (look_up (&gate, fd, 0x1236, "evil.example", FALSE, again), ==, 3);

  g_assert_cmpint (send (fd, garbage, sizeof garbage, 0), ==, sizeof garbage);
  g_assert_cmpint (recv (fd, packet, sizeof packet, 0), >=, 12);
  g_assert_cmpuint (packet[3] & 0xf, ==, 1);

  /* Whoever connects to the address means the name. */
  client = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);
  request = g_strdup_printf ("CONNECT %u.%u.%u.%u:443 HTTP/1.0\r\n\r\n", address[0], address[1], address[2], address[3]);
  say (client, request, -1);
  open = gate_expect (&gate, GLB_NETWORK_OPEN).open;
  g_assert_cmpint (open.host_kind, ==, GLB_NETWORK_HOST_NAME);
  g_assert_cmpstr (open.name, ==, "example.org");
  close (client);
  gate_expect (&gate, GLB_NETWORK_CLOSED);
  close (fd);
  gate_stop (&gate);
}

/* More questions than may wait are told so, and the gate goes on. */
static void
test_many_names (void)
{
  guint8 packet[512];
  Gate gate;
  int fd;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  fd = dial_names (&gate);
  for (guint i = 0; i <= GLB_NETWORK_LOOKUPS_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u.example", i);
      gsize size = write_question (packet, i, name);

      g_assert_cmpint (send (fd, packet, size, 0), ==, size);
      if (i < GLB_NETWORK_LOOKUPS_MAX)
        gate_expect (&gate, GLB_NETWORK_LOOK_UP);
    }
  g_assert_cmpint (recv (fd, packet, sizeof packet, 0), >=, 12);
  g_assert_cmpuint (packet[0] << 8 | packet[1], ==, GLB_NETWORK_LOOKUPS_MAX);
  g_assert_cmpuint (packet[3] & 0xf, ==, 2);
  close (fd);
  gate_stop (&gate);
}

static void
test_garbage (void)
{
  GlbNetworkMessage message;
  guint state = 7;
  Gate gate;
  int fd;

  gate_start (&gate, gate_program, gate_filter, 64, 0);
  for (guint i = 0; i < 300; i++)
    {
      guint8 block[512];

      fd = gate_dial (&gate, GLB_NETWORK_SOCKET_PROXY);

      fill_block (block, sizeof block, &state);
      if (i % 3 == 1)
        memcpy (block, "\x05\x01\0\x05\x01\0\x01", 7);
      else if (i % 3 == 2)
        memcpy (block, "CONNECT a:1 HTTP/1.1\r\n", 22);
      send (fd, block, sizeof block, MSG_NOSIGNAL);
      close (fd);
    }
  /* Whatever came of them, the next one is served. */
  fd = gate_dial (&gate, GLB_NETWORK_SOCKET_TRANSPARENT);
  do
    {
      guint8 packet[1024];
      gssize size = recv (gate.control, packet, sizeof packet, 0);

      g_assert_no_errno (size);
      g_assert_true (glb_network_message_parse (packet, size, 0, &message, NULL));
    }
  while (message.type != GLB_NETWORK_OPEN || message.open.how != GLB_NETWORK_HOW_TRANSPARENT);
  close (fd);
  gate_stop (&gate);
}

static void
test_broker_gone (void)
{
  Gate gate;
  int ends[2];

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  gate_tunnel (&gate, ALL_SPEECH, "", ends);
  gate_stop (&gate);
  expect_eof (ends[0]);
  expect_eof (ends[1]);
  close_both (ends);
}

static void
test_unknown_message (void)
{
  const guint8 garbage[40] = { 0 };
  g_autofree char *text = NULL;
  Gate gate;

  gate_start (&gate, gate_program, gate_filter, 8, 0);
  gate_send (&gate, GLB_NETWORK_OPEN, garbage, sizeof garbage, NULL, 0);
  text = hear_all (gate.errors);
  g_assert_cmpstr (text, ==, "glovebox-network: message 65 of 48 bytes and 0 descriptors is not known: the broker is of another version; "
                             "install both from one build\n");
  gate_expect_exit (&gate, 1);
}

/* A thousand connections have two ends here, and the usual soft limit has room for one of them. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  raise_descriptor_limit ();
  g_assert_cmpint (argc, >=, 2);
  gate_program = argv[1];
  if (argc == 3)
    gate_filter = glb_seccomp_build (GLB_SECCOMP_NETWORK, FALSE, &error);
  g_assert_no_error (error);
  g_test_add_func ("/network-gate/tunnel", test_tunnel);
  g_test_add_func ("/network-gate/reset", test_reset);
  g_test_add_func ("/network-gate/refusals", test_refusals);
  g_test_add_func ("/network-gate/transparent", test_transparent);
  g_test_add_func ("/network-gate/socks", test_socks);
  g_test_add_func ("/network-gate/one-request", test_one_request);
  g_test_add_func ("/network-gate/smuggled-where-allowed", test_smuggled_where_allowed);
  g_test_add_func ("/network-gate/slow-body", test_slow_body);
  g_test_add_func ("/network-gate/bad-requests", test_bad_requests);
  g_test_add_func ("/network-gate/agreeing-hosts", test_agreeing_hosts);
  g_test_add_func ("/network-gate/speech", test_speech);
  g_test_add_func ("/network-gate/speech-where-allowed", test_speech_where_allowed);
  g_test_add_func ("/network-gate/change-after-look", test_change_after_look);
  g_test_add_func ("/network-gate/server-begins", test_server_begins);
  g_test_add_func ("/network-gate/given-up", test_given_up);
  g_test_add_func ("/network-gate/cut", test_cut);
  g_test_add_func ("/network-gate/published", test_published);
  g_test_add_func ("/network-gate/big", test_big);
  g_test_add_func ("/network-gate/rate", test_rate);
  g_test_add_func ("/network-gate/backpressure", test_backpressure);
  g_test_add_func ("/network-gate/limit", test_limit);
  g_test_add_func ("/network-gate/silent-crowd", test_silent_crowd);
  g_test_add_func ("/network-gate/crowd", test_crowd);
  g_test_add_func ("/network-gate/slow-broker", test_slow_broker);
  g_test_add_func ("/network-gate/names", test_names);
  g_test_add_func ("/network-gate/many-names", test_many_names);
  g_test_add_func ("/network-gate/garbage", test_garbage);
  g_test_add_func ("/network-gate/broker-gone", test_broker_gone);
  g_test_add_func ("/network-gate/unknown-message", test_unknown_message);
  status = g_test_run ();
  g_clear_pointer (&gate_filter, g_bytes_unref);
  return status;
}
