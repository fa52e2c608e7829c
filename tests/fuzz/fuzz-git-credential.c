/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/keys/glb-git-message.h"

/* Whatever a session asks: what gets as far as the person's Git is one question in Git's protocol, of the place that the person
 * is shown; and what comes back is of no other place. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_request (const GlbGitRequest *request)
{
  g_autofree char *place = glb_git_request_dup_place (request);
  g_autofree char *text = glb_git_request_dup_text (request);
  g_autoptr(GlbGitRequest) again = NULL;
  const char *why;
  guint n_lines = 0;

  g_assert_true (g_str_has_prefix (place, "https://"));
  g_assert_cmpuint (strlen (place), <=, GLB_GIT_PLACE_MAX);
  for (const char *c = place; *c != '\0'; c++)
    g_assert_true (g_ascii_isgraph (*c));
  for (const char *c = text; *c != '\0'; c++)
    n_lines += *c == '\n';
  g_assert_cmpuint (n_lines, ==, 3u + (request->path != NULL) + (request->username != NULL));

  /* it means the same again */
  again = glb_git_request_parse (text, strlen (text), &why);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->host, ==, request->host);
  g_assert_cmpstr (again->path, ==, request->path);
  g_assert_cmpstr (again->username, ==, request->username);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  GlbGitRequest asked = { .host = (char *) "git.example.org" };
  const char *why;
  g_autoptr(GlbGitRequest) request = glb_git_request_parse ((const char *) data, size, &why);
  g_autoptr(GlbGitAnswer) answer = glb_git_answer_parse ((const char *) data, size, &asked);

  g_assert_true ((request == NULL) == (why != NULL));
  if (request != NULL)
    check_request (request);
  if (answer != NULL)
    {
      g_assert_null (strchr (answer->username, '\n'));
      g_assert_null (strchr (answer->password, '\n'));
    }
  return 0;
}
