/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-http.h"
#include "session-broker/network/glb-secrets-head.h"
#include "session-broker/network/glb-secrets-mask.h"

/* Whatever the request: with what is added it is one request to the same host with the same body, and has each header once, as added. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define SECRET "abcabcabd"

static const GlbSecretsField fields[] = { { "Authorization", "Bearer " SECRET, 7 + sizeof SECRET - 1, 7 }, { "X-Api-Key", SECRET, sizeof SECRET - 1, 0 } };

static guint
count (const char *head,
       gsize       size,
       const char *what)
{
  guint n = 0;

  for (const char *at = head; (at = memmem (at, size - (gsize) (at - head), what, strlen (what))) != NULL; at += strlen (what))
    n++;
  return n;
}

static void
check_request (const char                  *bytes,
               const GlbNetworkHttpRequest *request)
{
  static char head[GLB_NETWORK_HTTP_HEAD_MAX + 512];
  static char out[GLB_NETWORK_HTTP_HEAD_MAX + 1024];
  gsize head_size = glb_network_http_rewrite (request, bytes, head);
  gsize size = glb_secrets_head_write (head, head_size, fields, G_N_ELEMENTS (fields), out, sizeof out);
  g_autofree char *lower = g_ascii_strdown (out, (gssize) size);
  GlbNetworkHttpRequest again;

  g_assert_cmpuint (size, >, 0);
  g_assert_cmpuint (count (lower, size, "\r\nauthorization:"), ==, 1);
  g_assert_cmpuint (count (lower, size, "\r\nx-api-key:"), ==, 1);
  g_assert_cmpuint (count (lower, size, "\r\nx_api_key:"), ==, 0);
  g_assert_cmpuint (count (out, size, "\r\nAuthorization: Bearer " SECRET "\r\n"), ==, 1);
  if (size > GLB_NETWORK_HTTP_HEAD_MAX)
    return;
  g_assert_cmpint (glb_network_http_parse (out, size, &again), ==, GLB_NETWORK_HTTP_REQUEST);
  g_assert_cmpuint (again.head_size, ==, size);
  g_assert_cmpint (again.form, ==, GLB_NETWORK_HTTP_ORIGIN);
  g_assert_cmpstr (again.host, ==, request->host);
  g_assert_cmpint (again.body, ==, request->body);
  g_assert_cmpuint (again.length, ==, request->length);
}

/* In whatever pieces it comes, with what is held back. */
static void
check_mask (const guint8 *data,
            gsize         size)
{
  gsize reach = glb_secrets_mask_reach (fields, G_N_ELEMENTS (fields));
  g_autofree char *bytes = g_memdup2 (data, size);
  gsize step = size > 0 ? data[0] % 16 + 1 : 1;
  gsize given = 0;

  for (gsize end = MIN (step, size); size > 0; end = MIN (end + step, size))
    {
      glb_secrets_mask (bytes + given, end - given, fields, G_N_ELEMENTS (fields));
      if (end == size)
        break;
      given = end - given > reach ? end - reach : given;
    }
  g_assert_true (size == 0 || memmem (bytes, size, SECRET, strlen (SECRET)) == NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  GlbNetworkHttpRequest request;

  check_mask (data, size);
  if (size <= GLB_NETWORK_HTTP_HEAD_MAX && glb_network_http_parse ((const char *) data, size, &request) == GLB_NETWORK_HTTP_REQUEST &&
      request.form != GLB_NETWORK_HTTP_CONNECT)
    check_request ((const char *) data, &request);
  return 0;
}
