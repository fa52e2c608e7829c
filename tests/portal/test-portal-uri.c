/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/portal/glb-portal-uri.h"

#include <string.h>

#define SCHEME  "only http, https and mailto addresses are opened on the host"
#define PLAIN   "the address has characters that a URI has not; percent-encode them"
#define WEB     "a web address begins with http:// or https:// and a host"
#define USER    "a user name in a web address hides where it leads"
#define MAIL    "of a mail an application may set to, cc, subject and body only"
#define LONG    "the address is longer than 2048 characters"

static void
test_refused (void)
{
  static const struct { const char *uri, *why; } uris[] = {
    { "", SCHEME },
    { "http", SCHEME },
    { "//example.org/", SCHEME },
    { "file:///etc/passwd", SCHEME },
    { "javascript:alert(1)", SCHEME },
    { "ftp://example.org/", SCHEME },
    { "httpx://example.org/", SCHEME },
    { " https://example.org/", SCHEME },
    { "ssh://example.org", SCHEME },
    { "x-scheme-handler:https://example.org/", SCHEME },
    { "https://example.org/a b", PLAIN },
    { "https://example.org/\n", PLAIN },
    { "https://example.org/\x1b[2J", PLAIN },
    { "https://example.org/\xe2\x80\xae" "moc", PLAIN },
    { "https://\xd0\xb0pple.com/", PLAIN },
    { "https://example.org/\"", PLAIN },
    { "https://example.org\\@evil.example/", PLAIN },
    { "https://example.org/%", PLAIN },
    { "https://example.org/%4", PLAIN },
    { "https://example.org/%zz", PLAIN },
    { "https://example.org/%00", PLAIN },
    { "http:", WEB },
    { "http:example.org", WEB },
    { "http:/example.org", WEB },
    { "http://", WEB },
    { "http:///etc/passwd", WEB },
    { "http://?q", WEB },
    { "http://:80/", WEB },
    { "https://bank.example@evil.example/", USER },
    { "https://bank.example:443@evil.example", USER },
    { "https://@evil.example/", USER },
    { "mailto:a@example.org?attach=/etc/passwd", MAIL },
    { "mailto:a@example.org?subject=x&attachment=/etc/passwd", MAIL },
    { "mailto:?Attach=x", MAIL },
    { "mailto:a@example.org?%61ttach=x", MAIL },
    { "mailto:a@example.org?", MAIL },
    { "mailto:a@example.org?subject=x&", MAIL },
    { "mailto:a@example.org?bcc=b@example.org", MAIL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autofree char *shown = g_strescape (uris[i].uri, NULL);
      const char *why = NULL;

      g_test_message ("%s", shown);
      g_assert_false (glb_portal_uri_check (uris[i].uri, &why));
      g_assert_cmpstr (why, ==, uris[i].why);
    }
}

static void
test_longest (void)
{
  g_autofree char *path = g_strnfill (GLB_PORTAL_URI_MAX, 'a');
  g_autofree char *too_long = NULL;
  const char *why = NULL;

  memcpy (path, "http://x/", 9);
  too_long = g_strconcat (path, "a", NULL);
  g_assert_false (glb_portal_uri_check (too_long, &why));
  g_assert_cmpstr (why, ==, LONG);
  g_assert_true (glb_portal_uri_check (path, &why));
}

static void
test_accepted (void)
{
  static const struct { const char *uri, *place; } uris[] = {
    { "http://example.org", "example.org" },
    { "HTTPS://example.org:8443/a/b?c=d&e=%20#f", "example.org:8443" },
    { "https://example.org/@user", "example.org" },
    { "https://[2001:db8::1]/", "[2001:db8::1]" },
    { "https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com" },
    { "https://example.org?x", "example.org" },
    { "mailto:a@example.org", "a@example.org" },
    { "mailto:a@example.org?Subject=Hello%20you&body=x%0Ay&cc=b@example.org", "a@example.org" },
    { "mailto:?to=a@example.org", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autofree char *place = NULL;
      const char *why = NULL;

      g_test_message ("%s", uris[i].uri);
      g_assert_true (glb_portal_uri_check (uris[i].uri, &why));
      place = glb_portal_uri_dup_place (uris[i].uri);
      g_assert_cmpstr (place, ==, uris[i].place);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/portal/uri/refused", test_refused);
  g_test_add_func ("/portal/uri/longest", test_longest);
  g_test_add_func ("/portal/uri/accepted", test_accepted);
  return g_test_run ();
}
