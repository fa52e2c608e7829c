/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-secrets-head.h"
#include "session-broker/network/glb-secrets-mask.h"

#define SECRET "0123456789abcdef"

static const GlbSecretsField fields[] = {
  { "Authorization", "Bearer " SECRET, 7 + sizeof SECRET - 1, 7 },
  { "X-Api-Key", "another-secret", 14, 0 },
};

#define ADDED "Authorization: Bearer " SECRET "\r\nX-Api-Key: another-secret\r\n"

static void
assert_written (const char *head,
                const char *expected)
{
  char out[4096];
  gsize size = glb_secrets_head_write (head, strlen (head), fields, G_N_ELEMENTS (fields), out, sizeof out);
  g_autofree char *text = g_strndup (out, size);

  g_assert_cmpstr (text, ==, expected);
}

/* What the program sent of these names goes, however it wrote them; nothing else does. */
static void
test_head (void)
{
  assert_written ("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n" ADDED "\r\n");
  assert_written ("GET / HTTP/1.1\r\nAUTHORIZATION: mine\r\nHost: a.example\r\nx_api_key: mine\r\nX-API_Key:mine\r\nauthorization:\r\n\r\n",
                  "GET / HTTP/1.1\r\nHost: a.example\r\n" ADDED "\r\n");
  assert_written ("GET /?Authorization: HTTP/1.1\r\nAuthorizations: mine\r\nX-Authorization: mine\r\nA: Authorization: mine\r\n\r\n",
                  "GET /?Authorization: HTTP/1.1\r\nAuthorizations: mine\r\nX-Authorization: mine\r\nA: Authorization: mine\r\n" ADDED "\r\n");
}

static void
test_space (void)
{
  static const char head[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
  char out[256];
  gsize whole = glb_secrets_head_write (head, strlen (head), fields, G_N_ELEMENTS (fields), out, sizeof out);

  g_assert_cmpuint (whole, ==, strlen (head) + strlen (ADDED));
  for (gsize space = 0; space < whole; space++)
    g_assert_cmpuint (glb_secrets_head_write (head, strlen (head), fields, G_N_ELEMENTS (fields), out, space), ==, 0);
  g_assert_cmpuint (glb_secrets_head_write (head, strlen (head), fields, G_N_ELEMENTS (fields), out, whole), ==, whole);
}

static void
assert_masked (const char *text,
               const char *expected)
{
  g_autofree char *bytes = g_strdup (text);

  glb_secrets_mask (bytes, strlen (bytes), fields, G_N_ELEMENTS (fields));
  g_assert_cmpstr (bytes, ==, expected);
}

static void
test_mask (void)
{
  static const GlbSecretsField small = { "X", "1234567", 7, 0 };
  static const GlbSecretsField open = { "Accept-Encoding", "identity", 8, 8 };
  char bytes[] = "1234567 identity";

  assert_masked ("", "");
  assert_masked (SECRET, "****************");
  assert_masked ("a " SECRET SECRET " another-secret b", "a ******************************** ************** b");
  assert_masked ("Bearer 0123456789abcde", "Bearer 0123456789abcde");
  g_assert_cmpuint (glb_secrets_mask_reach (fields, G_N_ELEMENTS (fields)), ==, strlen (SECRET) - 1);

  /* what is no secret, or too short to be found by chance alone */
  glb_secrets_mask (bytes, strlen (bytes), &small, 1);
  glb_secrets_mask (bytes, strlen (bytes), &open, 1);
  g_assert_cmpstr (bytes, ==, "1234567 identity");
  g_assert_cmpuint (glb_secrets_mask_reach (&small, 1), ==, 0);
  g_assert_cmpuint (glb_secrets_mask_reach (&open, 1), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secrets-head/head", test_head);
  g_test_add_func ("/secrets-head/space", test_space);
  g_test_add_func ("/secrets-head/mask", test_mask);
  return g_test_run ();
}
