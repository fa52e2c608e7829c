/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Addresses that may be opened on the host
 * ========================================
 *
 * The host's handlers do what an address says, with the person's rights: a
 * "file:" starts programs, "mailto:…?attach=" has sent people's keys, and
 * hundreds of other schemes belong to programs that never expected a hostile
 * caller. So three schemes pass, and of them only what can be read off the
 * screen: no character but RFC 3986's, no user name that looks like a host
 * ("https://bank.example@evil.example/"), no mail header but the harmless.
 */

#include "session-broker/portal/glb-portal-uri.h"

#include <string.h>

#define OTHER_CHARACTERS "-._~:/?#[]@!$&'()*+,;="

/* Whose values a mail program puts into its window, and nothing more. */
static const char * const mail_headers[] = { "body", "cc", "subject", "to" };

/* What follows scheme and colon; NULL: it is of another scheme. */
static const char *
after_scheme (const char *uri, const char *scheme)
{
  gsize length = strlen (scheme);

  return g_ascii_strncasecmp (uri, scheme, length) == 0 && uri[length] == ':' ? uri + length + 1 : NULL;
}

static gboolean
has_plain_characters (const char *uri)
{
  for (const char *c = uri; *c != '\0'; c++)
    {
      if (*c == '%')
        {
          if (!g_ascii_isxdigit (c[1]) || !g_ascii_isxdigit (c[2]) || (c[1] == '0' && c[2] == '0'))
            return FALSE;
          c += 2;
        }
      else if (!g_ascii_isalnum (*c) && strchr (OTHER_CHARACTERS, *c) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_web (const char *rest, const char **why)
{
  gsize length;

  *why = "a web address begins with http:// or https:// and a host";
  if (!g_str_has_prefix (rest, "//"))
    return FALSE;

  rest += 2;
  length = strcspn (rest, "/?#");
  if (length == 0 || *rest == ':')
    return FALSE;
  if (memchr (rest, '@', length) != NULL)
    {
      *why = "a user name in a web address hides where it leads";
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_mail (const char *rest, const char **why)
{
  const char *query = strchr (rest, '?');

  while (query != NULL)
    {
      gsize length = strcspn (++query, "=&");
      gboolean known = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (mail_headers); i++)
        known |= strlen (mail_headers[i]) == length && g_ascii_strncasecmp (query, mail_headers[i], length) == 0;
      if (!known)
        {
          *why = "of a mail an application may set to, cc, subject and body only";
          return FALSE;
        }
      query = strchr (query, '&');
    }
  return TRUE;
}

gboolean
glb_portal_uri_check (const char *untrusted_uri, const char **why)
{
  const char *web = after_scheme (untrusted_uri, "http");
  const char *mail = after_scheme (untrusted_uri, "mailto");

  if (web == NULL)
    web = after_scheme (untrusted_uri, "https");
  if (strlen (untrusted_uri) > GLB_PORTAL_URI_MAX)
    *why = "the address is longer than 2048 characters";
  else if (web == NULL && mail == NULL)
    *why = "only http, https and mailto addresses are opened on the host";
  else if (!has_plain_characters (untrusted_uri))
    *why = "the address has characters that a URI has not; percent-encode them";
  else if (web != NULL ? check_web (web, why) : check_mail (mail, why))
    return TRUE;
  return FALSE;
}

char *
glb_portal_uri_dup_place (const char *uri)
{
  const char *rest = strchr (uri, ':') + 1;

  return g_str_has_prefix (rest, "//") ? g_strndup (rest + 2, strcspn (rest + 2, "/?#")) : g_strndup (rest, strcspn (rest, "?"));
}
