/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-secret-rule.h"

#include <string.h>

#include "policies/glb-network-name.h"

#define ALNUM     G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
/* RFC 9110, section 5.6.2 */
#define TOKEN     ALNUM "!#$%&'*+-.^_`|~"
#define NAME      ALNUM "._-"
#define PORT_MAX  65535

static const struct
{
  const char *text;
  GlbNetworkSays says;
  guint16 port;
} schemes[] = {
  { "https://", GLB_NETWORK_SAYS_TLS, 443 },
  { "http://", GLB_NETWORK_SAYS_HTTP, 80 },
};

/* Those that say where a request goes and where it ends, or that are for the next hop only. */
static const char * const reserved_headers[] = {
  "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
  "http2-settings",
};

/* Always FALSE, so that callers can return it. */
static gboolean
fail (char       **why,
      const char  *what)
{
  *why = g_strdup (what);
  return FALSE;
}

gboolean
glb_network_secret_is_name (const char *untrusted_name)
{
  gsize length = strlen (untrusted_name);

  return length >= 1 && length <= GLB_NETWORK_SECRET_NAME_MAX && g_ascii_isalnum (untrusted_name[0]) &&
         strspn (untrusted_name, NAME) == length;
}

static gboolean
is_reserved (const char *header)
{
  for (guint i = 0; i < G_N_ELEMENTS (reserved_headers); i++)
    if (g_ascii_strcasecmp (header, reserved_headers[i]) == 0)
      return TRUE;
  return g_ascii_strncasecmp (header, "proxy-", strlen ("proxy-")) == 0;
}

static gboolean
is_prefix (const char *prefix)
{
  if (strlen (prefix) > GLB_NETWORK_SECRET_PREFIX_MAX || prefix[0] == ' ')
    return FALSE;
  for (const char *c = prefix; *c != '\0'; c++)
    if (!g_ascii_isprint (*c) || *c == '{' || *c == '}')
      return FALSE;
  return TRUE;
}

static gboolean
parse_port (const char  *text,
            guint16     *port,
            char       **why)
{
  guint64 value = 0;

  if (!g_ascii_isdigit (text[0]) || text[0] == '0' || !g_ascii_string_to_unsigned (text, 10, 1, PORT_MAX, &value, NULL))
    return fail (why, "a port is one number from 1 to 65535");
  *port = (guint16) value;
  return TRUE;
}

/* SCHEME://HOST[:PORT] */
static gboolean
parse_place (GlbNetworkSecretRule  *self,
             const char            *text,
             char                 **why)
{
  g_autofree char *name = NULL;
  const char *fault = NULL;
  const char *colon;
  guint scheme = 0;

  while (scheme < G_N_ELEMENTS (schemes) && !g_str_has_prefix (text, schemes[scheme].text))
    scheme++;
  if (scheme == G_N_ELEMENTS (schemes))
    return fail (why, "it begins with https:// or http:// and one host");

  text += strlen (schemes[scheme].text);
  colon = strchr (text, ':');
  name = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  if (g_str_has_prefix (name, "*."))
    return fail (why, "a secret is for one host; write its name in full, without '*'");
  self->says = schemes[scheme].says;
  self->port = schemes[scheme].port;
  self->host = glb_network_name_normalise (name, &fault);
  if (self->host == NULL)
    return fail (why, fault);
  return colon == NULL || parse_port (colon + 1, &self->port, why);
}

/* HEADER: [PREFIX]{NAME} */
static gboolean
parse_header (GlbNetworkSecretRule  *self,
              const char            *text,
              char                 **why)
{
  const char *colon = strstr (text, ": ");
  const char *open = strchr (text, '{');
  const char *end = text + strlen (text);

  if (colon == NULL || open == NULL || open < colon || end[-1] != '}')
    return fail (why, "behind the host is the header, as Authorization: Bearer {NAME}");

  self->header = g_strndup (text, (gsize) (colon - text));
  self->prefix = g_strndup (colon + 2, (gsize) (open - colon) - 2);
  self->secret = g_strndup (open + 1, (gsize) (end - open) - 2);
  if (self->header[0] == '\0' || strlen (self->header) > GLB_NETWORK_SECRET_HEADER_MAX ||
      strspn (self->header, TOKEN) != strlen (self->header))
    return fail (why, "a header's name has 1 to 64 letters, digits and '-'");
  if (is_reserved (self->header))
    return fail (why, "this header says how a request is carried, which is the gate's to say; use another");
  if (!is_prefix (self->prefix))
    return fail (why, "before {NAME} are at most 64 printable ASCII characters, no space first");
  if (!glb_network_secret_is_name (self->secret))
    return fail (why, "in the braces is a name of 1 to 64 of the characters A-Z a-z 0-9 . _ - that begins with a letter or a "
                      "digit");
  return TRUE;
}

static gboolean
parse (GlbNetworkSecretRule  *self,
       const char            *text,
       char                 **why)
{
  const char *space = strchr (text, ' ');
  g_autofree char *place = NULL;
  g_autofree char *header = NULL;

  if (space == NULL)
    return fail (why, "a secret is written as https://HOST HEADER: {NAME}");
  place = g_strndup (text, (gsize) (space - text));
  if (!parse_place (self, place, why) || !parse_header (self, space + 1, why))
    return FALSE;

  header = g_ascii_strdown (self->header, -1);
  self->text = g_strdup (text);
  self->canonical = g_strdup_printf ("%s://%s:%u %s: %s{%s}", self->says == GLB_NETWORK_SAYS_TLS ? "https" : "http", self->host,
                                     self->port, header, self->prefix, self->secret);
  return TRUE;
}

GlbNetworkSecretRule *
glb_network_secret_rule_parse (const char  *text,
                               char       **why)
{
  g_autoptr(GlbNetworkSecretRule) self = g_new0 (GlbNetworkSecretRule, 1);

  return parse (self, text, why) ? g_steal_pointer (&self) : NULL;
}

void
glb_network_secret_rule_free (GlbNetworkSecretRule *self)
{
  g_free (self->text);
  g_free (self->canonical);
  g_free (self->host);
  g_free (self->header);
  g_free (self->prefix);
  g_free (self->secret);
  g_free (self);
}
