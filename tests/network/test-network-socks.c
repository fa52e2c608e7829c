/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-socks.h"

/* Each string literal has its size, so that bytes of 0 may be in it. */
#define BYTES(literal) (const guint8 *) (literal), sizeof (literal) - 1

static void
assert_greeting (const guint8 *bytes, gsize size, GlbNetworkSocksResult expected, const char *expected_error)
{
  const char *error = NULL;
  gsize used = 0;

  g_assert_cmpint (glb_network_socks_parse_greeting (bytes, size, &used, &error), ==, expected);
  g_assert_cmpstr (error, ==, expected_error);
}

static void
test_greeting_refused (void)
{
  const char *no_method = "it asks for authentication, and there is none";

  assert_greeting (BYTES ("\4\1\0\120"), GLB_NETWORK_SOCKS_BAD, "SOCKS 4 is not spoken here, only SOCKS 5 is");
  assert_greeting (BYTES ("\4"), GLB_NETWORK_SOCKS_BAD, "SOCKS 4 is not spoken here, only SOCKS 5 is");
  assert_greeting (BYTES ("GET / HTTP/1.1\r\n"), GLB_NETWORK_SOCKS_BAD, "it is no message of SOCKS 5");
  assert_greeting (BYTES ("\5\1\2"), GLB_NETWORK_SOCKS_BAD, no_method);
  assert_greeting (BYTES ("\5\0"), GLB_NETWORK_SOCKS_BAD, no_method);
  /* A 0 behind the message is no method of it. */
  assert_greeting (BYTES ("\5\1\2\0"), GLB_NETWORK_SOCKS_BAD, no_method);
}

static void
test_greeting (void)
{
  const guint8 curl[] = { 5, 2, 0, 1, 5, 1, 0 };
  const char *error = NULL;
  gsize used = 0;

  for (gsize size = 0; size < 4; size++)
    assert_greeting (curl, size, GLB_NETWORK_SOCKS_MORE, NULL);
  g_assert_cmpint (glb_network_socks_parse_greeting (curl, sizeof curl, &used, &error), ==, GLB_NETWORK_SOCKS_DONE);
  g_assert_cmpuint (used, ==, 4);
}

static void
assert_refused (const guint8 *bytes, gsize size, guint8 reply, const char *error)
{
  GlbNetworkSocksRequest request;

  g_assert_cmpint (glb_network_socks_parse_request (bytes, size, &request), ==, GLB_NETWORK_SOCKS_BAD);
  g_assert_cmpuint (request.reply, ==, reply);
  g_assert_cmpstr (request.error, ==, error);
  g_assert_cmpuint (request.host_kind, ==, 0);
  g_assert_cmpstr (request.name, ==, "");
}

static void
test_request_refused (void)
{
  const char *other_command = "it asks for another command than CONNECT";
  const char *not_printable = "its host name has bytes that are not printable ASCII";

  assert_refused (BYTES ("\5\2"), 7, other_command);
  assert_refused (BYTES ("\5\3\0\1\177\0\0\1\0\65"), 7, other_command);
  assert_refused (BYTES ("\5\1\0\2"), 8, "its kind of address is unknown");
  assert_refused (BYTES ("\5\1\1"), 1, "its reserved byte is not 0");
  assert_refused (BYTES ("\4\1\0\120"), 1, "SOCKS 4 is not spoken here, only SOCKS 5 is");
  assert_refused (BYTES ("\5\1\0\3\0\0\120"), 1, "its host name is empty");
  assert_refused (BYTES ("\5\1\0\3\1a\0\0"), 1, "its port is 0");
  assert_refused (BYTES ("\5\1\0\3\4a\0.b\0\120"), 1, not_printable);
  assert_refused (BYTES ("\5\1\0\3\3a\nb\0\120"), 1, not_printable);
  assert_refused (BYTES ("\5\1\0\3\3a b\0\120"), 1, not_printable);
  assert_refused (BYTES ("\5\1\0\3\3a\303\244\0\120"), 1, not_printable);
}

/* All before the last byte is MORE; what follows is not the request's. */
static void
parse_whole (const guint8 *bytes, gsize size, gsize behind, GlbNetworkSocksRequest *request)
{
  for (gsize part = 0; part < size - behind; part++)
    g_assert_cmpint (glb_network_socks_parse_request (bytes, part, request), ==, GLB_NETWORK_SOCKS_MORE);
  g_assert_cmpint (glb_network_socks_parse_request (bytes, size, request), ==, GLB_NETWORK_SOCKS_DONE);
  g_assert_cmpuint (request->used, ==, size - behind);
  g_assert_null (request->error);
}

static void
test_request_addresses (void)
{
  static const guint8 ipv6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };
  GlbNetworkSocksRequest request;

  parse_whole (BYTES ("\5\1\0\1\300\0\2\7\1\273"), 0, &request);
  g_assert_cmpuint (request.host_kind, ==, GLB_NETWORK_HOST_IPV4);
  g_assert_cmpmem (request.address, 4, "\300\0\2\7", 4);
  g_assert_cmpuint (request.port, ==, 443);
  g_assert_cmpstr (request.name, ==, "");

  parse_whole (BYTES ("\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\7\0\26SSH-2.0"), 7, &request);
  g_assert_cmpuint (request.host_kind, ==, GLB_NETWORK_HOST_IPV6);
  g_assert_cmpmem (request.address, 16, ipv6, 16);
  g_assert_cmpuint (request.port, ==, 22);
}

static void
test_request_name (void)
{
  GlbNetworkSocksRequest request;
  guint8 longest[4 + 1 + 255 + 2];

  parse_whole (BYTES ("\5\1\0\3\13Example.ORG\377\377"), 0, &request);
  g_assert_cmpuint (request.host_kind, ==, GLB_NETWORK_HOST_NAME);
  g_assert_cmpstr (request.name, ==, "Example.ORG");
  g_assert_cmpuint (request.port, ==, 65535);

  memset (longest, 'a', sizeof longest);
  memcpy (longest, "\5\1\0\3\377", 5);
  parse_whole (longest, sizeof longest, 0, &request);
  g_assert_cmpuint (strlen (request.name), ==, 255);
}

static void
test_reply (void)
{
  guint8 reply[GLB_NETWORK_SOCKS_REPLY_SIZE];

  glb_network_socks_write_reply (2, reply);
  g_assert_cmpmem (reply, sizeof reply, "\5\2\0\1\0\0\0\0\0\0", 10);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/socks/greeting/refused", test_greeting_refused);
  g_test_add_func ("/network/socks/greeting/done", test_greeting);
  g_test_add_func ("/network/socks/request/refused", test_request_refused);
  g_test_add_func ("/network/socks/request/addresses", test_request_addresses);
  g_test_add_func ("/network/socks/request/name", test_request_name);
  g_test_add_func ("/network/socks/reply", test_reply);
  return g_test_run ();
}
