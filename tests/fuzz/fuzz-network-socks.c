/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-socks.h"

/* Whatever the bytes: what is let through is in its bounds, and no part of it is judged in another way than the whole. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
is_printable (const char *text)
{
  for (; *text; text++)
    if (!g_ascii_isgraph (*text))
      return FALSE;
  return TRUE;
}

static void
check_request (const GlbNetworkSocksRequest *request, gsize size)
{
  g_assert_true (request->host_kind >= GLB_NETWORK_HOST_NAME && request->host_kind <= GLB_NETWORK_HOST_IPV6);
  g_assert_cmpuint (request->port, >, 0);
  g_assert_cmpuint (request->used, <=, size);
  g_assert_nonnull (memchr (request->name, '\0', sizeof request->name));
  g_assert_true (is_printable (request->name));
  g_assert_true ((request->name[0] != '\0') == (request->host_kind == GLB_NETWORK_HOST_NAME));
}

static void
check_parts (const guint8 *data, gsize size, GlbNetworkSocksResult whole, gsize used)
{
  for (gsize part = 0; part < size; part++)
    {
      GlbNetworkSocksRequest request;
      GlbNetworkSocksResult result = glb_network_socks_parse_request (data, part, &request);

      if (result != GLB_NETWORK_SOCKS_MORE)
        g_assert_cmpint (result, ==, whole);
      if (whole == GLB_NETWORK_SOCKS_DONE)
        g_assert_true ((result == GLB_NETWORK_SOCKS_DONE) == (part >= used));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  GlbNetworkSocksRequest request;
  GlbNetworkSocksResult result;
  const char *error = NULL;
  gsize used = 0;

  result = glb_network_socks_parse_greeting (data, size, &used, &error);
  g_assert_cmpuint (used, <=, size);
  g_assert_true ((result == GLB_NETWORK_SOCKS_BAD) == (error != NULL));
  if (result == GLB_NETWORK_SOCKS_DONE)
    g_assert_nonnull (memchr (data + 2, 0, data[1]));

  result = glb_network_socks_parse_request (data, size, &request);
  if (result == GLB_NETWORK_SOCKS_DONE)
    check_request (&request, size);
  else if (result == GLB_NETWORK_SOCKS_BAD)
    g_assert_true (request.error != NULL && request.reply != 0 && request.host_kind == 0);
  check_parts (data, MIN (size, 300), result, request.used);
  return 0;
}
