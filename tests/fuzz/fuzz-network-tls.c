/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-tls.h"

/* Whatever the bytes: a name is one that a host may have, and no part of them is judged in another way than the whole. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_name (GlbNetworkTlsResult result, const char *name)
{
  const char *bytes = "abcdefghijklmnopqrstuvwxyz0123456789.-_";

  g_assert_nonnull (memchr (name, '\0', GLB_NETWORK_NAME_SIZE));
  g_assert_cmpuint (strspn (name, bytes), ==, strlen (name));
  g_assert_true ((name[0] != '\0') == (result == GLB_NETWORK_TLS_NAME));
}

static void
check_parts (const guint8 *data, gsize size, GlbNetworkTlsResult whole, const char *name)
{
  for (gsize part = 0; part < size; part += 1 + size / 256)
    {
      char part_name[GLB_NETWORK_NAME_SIZE];
      GlbNetworkTlsResult result = glb_network_tls_parse_hello (data, part, part_name);

      if (result == GLB_NETWORK_TLS_MORE)
        continue;
      g_assert_cmpint (result, ==, whole);
      g_assert_cmpstr (part_name, ==, name);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  char name[GLB_NETWORK_NAME_SIZE];
  GlbNetworkTlsResult result = glb_network_tls_parse_hello (data, size, name);

  check_name (result, name);
  check_parts (data, size, result, name);
  if (size >= GLB_NETWORK_TLS_HELLO_MAX)
    g_assert_cmpint (result, !=, GLB_NETWORK_TLS_MORE);
  return 0;
}
