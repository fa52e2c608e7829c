/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/portal/glb-portal-request.h"
#include "session-broker/portal/glb-portal-uri.h"

/* Whatever the line: a request or a one-line error. What a person would see of it is visible and bounded, and no address
 * gets as far as a question that is not what it looks like. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_visible (const char *text, gboolean lines, glong max)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, max);
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    g_assert_true ((lines && *c == '\n') || (g_unichar_isprint (g_utf8_get_char (c)) && !g_unichar_iszerowidth (g_utf8_get_char (c))));
}

static void
check_uri (const char *uri)
{
  g_autofree char *place = glb_portal_uri_dup_place (uri);
  g_autofree char *scheme = g_uri_parse_scheme (uri);

  g_assert_cmpuint (strlen (uri), <=, GLB_PORTAL_URI_MAX);
  for (const char *c = uri; *c != '\0'; c++)
    g_assert_true (g_ascii_isgraph (*c));
  g_assert_nonnull (strstr (uri, place));
  g_assert_nonnull (scheme);
  g_assert_true (g_ascii_strcasecmp (scheme, "http") == 0 || g_ascii_strcasecmp (scheme, "https") == 0 ||
                 g_ascii_strcasecmp (scheme, "mailto") == 0);
  if (g_ascii_strcasecmp (scheme, "mailto") != 0)
    {
      g_assert_cmpuint (strlen (place), >, 0);
      g_assert_null (strchr (place, '@'));
    }
}

static void
check_request (const GlbPortalRequest *request)
{
  GlbPolicy open = { .portals = { GLB_VERDICT_PROMPT, GLB_VERDICT_PROMPT, GLB_VERDICT_ALLOW, GLB_VERDICT_ALLOW } };
  GlbPolicy shut = { 0 };
  GlbPortalDecision decision = glb_portal_decide (&open, request);

  g_assert_cmpuint (request->id, >=, 1);
  g_assert_true (request->kind == GLB_PORTAL_CLOSE || glb_portal_decide (&shut, request).verdict == GLB_VERDICT_DENY);
  g_assert_true ((decision.verdict == GLB_VERDICT_DENY) == (decision.code != NULL));
  if (request->title != NULL)
    check_visible (request->title, FALSE, GLB_PORTAL_TITLE_MAX + 1);
  if (request->body != NULL)
    check_visible (request->body, TRUE, GLB_PORTAL_BODY_MAX + 2 * GLB_PORTAL_BODY_LINES);
  if (request->name != NULL && decision.verdict == GLB_VERDICT_ALLOW)
    check_visible (request->name, FALSE, GLB_PORTAL_NAME_MAX);
  if (request->kind == GLB_PORTAL_OPEN_URI && decision.verdict == GLB_VERDICT_PROMPT)
    check_uri (request->uri);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr(GlbPortalRequest) request = NULL;
  g_autoptr(GError) error = NULL;
  const char *why = NULL;

  if (glb_portal_uri_check (text, &why))
    check_uri (text);
  else
    g_assert_nonnull (why);

  request = glb_portal_request_new_from_json ((const char *) data, size, &error);
  if (request != NULL)
    check_request (request);
  else
    {
      g_assert_error (error, GLB_PORTAL_ERROR, GLB_PORTAL_ERROR_MALFORMED);
      g_assert_null (strchr (error->message, '\n'));
    }
  return 0;
}
