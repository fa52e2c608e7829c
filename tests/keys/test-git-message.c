/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/keys/glb-git-message.h"

#define HOST "protocol=https\nhost=git.example.org\n"

static void
test_refused (void)
{
  g_autofree char *long_host = g_strnfill (GLB_GIT_PLACE_MAX, 'a');
  g_autofree char *long_path = g_strdup_printf (HOST "path=%s\n\n", long_host);
  const struct { const char *text, *why; } requests[] = {
    { "", "malformed" },
    { "\n", "malformed" },
    { "protocol=https\n\n", "malformed" },
    { "host=git.example.org\n\n", "malformed" },
    { HOST, "malformed" },                                  /* without its end */
    { HOST "\nmore\n\n", "malformed" },
    { HOST "host=other.example\n\n", "malformed" },
    { HOST "url=https://other.example\n\n", "malformed" },
    { HOST "password=x\n\n", "malformed" },
    { HOST "username=\n\n", "malformed" },
    { HOST "username=a b\n\n", "malformed" },
    { HOST "path=\x1b[2J\n\n", "malformed" },
    { HOST "path=\xe2\x80\xae\n\n", "malformed" },
    { HOST "path=a\rpassword=x\n\n", "malformed" },
    { "protocol=https \nhost=git.example.org\n\n", "not-https" },
    { "protocol=http\nhost=git.example.org\n\n", "not-https" },
    { "protocol=ssh\nhost=git.example.org\n\n", "not-https" },
    { "protocol=https\nhost=\n\n", "bad-host" },
    { "protocol=https\nhost=127.0.0.1\n\n", "bad-host" },
    { "protocol=https\nhost=0x7f.1\n\n", "bad-host" },
    { "protocol=https\nhost=[::1]\n\n", "bad-host" },
    { "protocol=https\nhost=me@git.example.org\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org/a\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org:\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org:0\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org:0443\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org:65536\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org:443:1\n\n", "bad-host" },
    { long_path, "too-long" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      const char *why;
      g_autoptr(GlbGitRequest) request = glb_git_request_parse (requests[i].text, strlen (requests[i].text), &why);

      g_test_message ("%s", requests[i].text);
      g_assert_null (request);
      g_assert_cmpstr (why, ==, requests[i].why);
    }
}

static void
test_nul (void)
{
  static const char text[] = HOST "username=me\0password=x\n\n";
  const char *why;

  g_assert_null (glb_git_request_parse (text, sizeof text - 1, &why));
  g_assert_cmpstr (why, ==, "malformed");
}

static void
test_requests (void)
{
  static const struct { const char *text, *place, *asked; } requests[] = {
    { HOST "\n", "https://git.example.org", HOST "\n" },
    { "host=GIT.Example.org.\nprotocol=https\n\n", "https://git.example.org", HOST "\n" },
    { "protocol=https\nhost=b\xc3\xbc" "cher.example:8443\n\n", "https://xn--bcher-kva.example:8443",
      "protocol=https\nhost=xn--bcher-kva.example:8443\n\n" },
    { HOST "path=a/b.git\nusername=me\n\n", "https://git.example.org/a/b.git", HOST "path=a/b.git\nusername=me\n\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      const char *why;
      g_autoptr(GlbGitRequest) request = glb_git_request_parse (requests[i].text, strlen (requests[i].text), &why);
      g_autofree char *place = NULL;
      g_autofree char *asked = NULL;

      g_assert_nonnull (request);
      place = glb_git_request_dup_place (request);
      asked = glb_git_request_dup_text (request);
      g_assert_cmpstr (place, ==, requests[i].place);
      g_assert_cmpstr (asked, ==, requests[i].asked);
    }
}

/* A helper of the person's may answer for another place than was asked about, and with more than the session is to have. */
static void
test_answers (void)
{
  static const struct { const char *text; gboolean is_one; } answers[] = {
    { HOST "username=me\npassword=x\n", TRUE },
    { HOST "username=me\npassword=x\noauth_refresh_token=y\npassword_expiry_utc=1\n\n", TRUE },
    { "", FALSE },
    { HOST "username=me\n", FALSE },
    { HOST "password=x\n", FALSE },
    { "username=me\npassword=x\n", FALSE },
    { HOST "username=you\npassword=x\n", FALSE },
    { "protocol=https\nhost=other.example\nusername=me\npassword=x\n", FALSE },
    { "protocol=http\nhost=git.example.org\nusername=me\npassword=x\n", FALSE },
    { HOST "username=me\npassword=x\npassword=y\n", FALSE },
    { HOST "username=me\npassword=x", FALSE },
    { "fatal\n" HOST "username=me\npassword=x\n", FALSE },
  };
  static const char text[] = HOST "username=me\n\n";
  const char *why;
  g_autoptr(GlbGitRequest) request = glb_git_request_parse (text, strlen (text), &why);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr(GlbGitAnswer) answer = glb_git_answer_parse (answers[i].text, strlen (answers[i].text), request);

      g_test_message ("%s", answers[i].text);
      g_assert_cmpint (answer != NULL, ==, answers[i].is_one);
      if (answer != NULL)
        g_assert_cmpstr (answer->password, ==, "x");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/git-message/refused", test_refused);
  g_test_add_func ("/git-message/nul", test_nul);
  g_test_add_func ("/git-message/requests", test_requests);
  g_test_add_func ("/git-message/answers", test_answers);
  return g_test_run ();
}
