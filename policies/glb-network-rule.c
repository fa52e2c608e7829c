/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-rule.h"

#include <string.h>

#include "policies/glb-network-name.h"

#define PORT_HTTP  80
#define PORT_HTTPS 443
#define PORT_MAX   65535

#define SCHEME_END "://"
#define WILDCARD   "*."

static const struct
{
  const char *name;
  GlbNetworkSays says;
  guint16 port;              /* where none is written; 0: one must be */
} schemes[] = {
  { "https", GLB_NETWORK_SAYS_TLS, PORT_HTTPS },
  { "http", GLB_NETWORK_SAYS_HTTP, PORT_HTTP },
  { "tcp", GLB_NETWORK_SAYS_ALL, 0 },
};

/* Always FALSE, so that callers can return it. what: (transfer full) */
static gboolean
fail (char **why,
      char  *what)
{
  *why = what;
  return FALSE;
}

/* Digits only, and none too many. */
static gboolean
parse_number (const char *text,
              guint64     minimum,
              guint64     maximum,
              guint      *number)
{
  guint64 value = 0;

  if (!g_ascii_isdigit (text[0]) || (text[0] == '0' && text[1] != '\0') ||
      !g_ascii_string_to_unsigned (text, 10, minimum, maximum, &value, NULL))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

/* PORT or PORT-PORT. */
static gboolean
parse_ports (const char  *text,
             guint16     *first,
             guint16     *last,
             char       **why)
{
  g_auto(GStrv) ends = g_strsplit (text, "-", 2);
  guint low = 0;
  guint high = 0;

  if (ends[0] == NULL || !parse_number (ends[0], 1, PORT_MAX, &low) ||
      !parse_number (ends[1] != NULL ? ends[1] : ends[0], low, PORT_MAX, &high))
    return fail (why, g_strdup ("a port is written as 443, a range as 8000-8010, from 1 to 65535"));
  *first = (guint16) low;
  *last = (guint16) high;
  return TRUE;
}

/* (transfer full) */
static char *
ports_to_string (guint first,
                 guint last)
{
  return first == last ? g_strdup_printf ("%u", first) : g_strdup_printf ("%u-%u", first, last);
}

/* Takes the scheme off *text. scheme: its index, -1: there is none. */
static gboolean
take_scheme (char **text,
             int   *scheme,
             char **why)
{
  char *end = strstr (*text, SCHEME_END);

  *scheme = -1;
  if (end == NULL)
    return TRUE;
  *end = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (strcmp (*text, schemes[i].name) == 0)
      *scheme = (int) i;
  if (*scheme < 0)
    return fail (why, g_strdup ("what is spoken is https, http or tcp; use one of them or leave it out"));
  *text = end + strlen (SCHEME_END);
  return TRUE;
}

static gboolean
set_ports_without_scheme (GlbNetworkDomainRule  *self,
                          guint16                first,
                          guint16                last,
                          char                 **why)
{
  gboolean has_http = first <= PORT_HTTP && PORT_HTTP <= last;
  gboolean has_https = first <= PORT_HTTPS && PORT_HTTPS <= last;
  GlbNetworkSays says = has_https ? GLB_NETWORK_SAYS_TLS : has_http ? GLB_NETWORK_SAYS_HTTP : GLB_NETWORK_SAYS_ALL;

  if (first != last && (has_http || has_https))
    return fail (why, g_strdup ("a range with port 80 or 443 in it needs what is spoken in front; write tcp:// for anything"));
  self->ports[0] = (GlbNetworkPorts) { first, last, says };
  self->n_ports = 1;
  return TRUE;
}

/* ports: (nullable): as written; scheme: an index, or -1 */
static gboolean
set_ports (GlbNetworkDomainRule  *self,
           int                    scheme,
           const char            *ports,
           char                 **why)
{
  guint16 first = scheme >= 0 ? schemes[scheme].port : 0;
  guint16 last = first;

  if (ports != NULL && !parse_ports (ports, &first, &last, why))
    return FALSE;
  if (scheme < 0 && ports == NULL)
    {
      self->ports[0] = (GlbNetworkPorts) { PORT_HTTPS, PORT_HTTPS, GLB_NETWORK_SAYS_TLS };
      self->ports[1] = (GlbNetworkPorts) { PORT_HTTP, PORT_HTTP, GLB_NETWORK_SAYS_HTTP };
      self->n_ports = 2;
      return TRUE;
    }
  if (scheme < 0)
    return set_ports_without_scheme (self, first, last, why);
  if (first == 0)
    return fail (why, g_strdup ("tcp:// needs a port, as in tcp://example.org:22"));
  self->ports[0] = (GlbNetworkPorts) { first, last, schemes[scheme].says };
  self->n_ports = 1;
  return TRUE;
}

static gboolean
set_name (GlbNetworkDomainRule  *self,
          const char            *name,
          char                 **why)
{
  GlbNetworkAddress address;
  const char *fault = NULL;

  if (strcmp (name, "*") == 0)
    return fail (why, g_strdup ("'*' is no name; set /network/default to \"allow\" for every name"));
  if (strpbrk (name, "[]:") != NULL || glb_network_address_parse (name, &address))
    return fail (why, g_strdup ("an address goes into /network/allowCidrs"));

  self->wildcard = g_str_has_prefix (name, WILDCARD);
  if (self->wildcard)
    name += strlen (WILDCARD);
  if (strchr (name, '*') != NULL)
    return fail (why, g_strdup ("'*' stands for whole parts at the beginning only, as in *.example.org"));
  self->name = glb_network_name_normalise (name, &fault);
  return self->name != NULL || fail (why, g_strdup (fault));
}

/* (transfer full) */
static char *
domain_to_string (const GlbNetworkDomainRule *self)
{
  const char *wildcard = self->wildcard ? WILDCARD : "";
  g_autofree char *ports = NULL;
  const char *scheme = NULL;

  if (self->n_ports > 1)
    return g_strconcat (wildcard, self->name, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (schemes[i].says == self->ports[0].says)
      scheme = schemes[i].name;
  ports = ports_to_string (self->ports[0].first, self->ports[0].last);
  return g_strconcat (scheme, SCHEME_END, wildcard, self->name, ":", ports, NULL);
}

GlbNetworkDomainRule *
glb_network_domain_rule_parse (const char  *text,
                               char       **why)
{
  g_autoptr(GlbNetworkDomainRule) self = NULL;
  g_autofree char *copy = NULL;
  char *name;
  char *colon;
  int scheme;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (why != NULL, NULL);

  self = g_new0 (GlbNetworkDomainRule, 1);
  self->text = g_strdup (text);
  copy = g_strdup (text);
  name = copy;
  if (!take_scheme (&name, &scheme, why))
    return NULL;
  if (strpbrk (name, "/?#@") != NULL)
    {
      *why = g_strdup ("only a name and ports can be allowed; leave path and user out, and write addresses into "
                       "/network/allowCidrs");
      return NULL;
    }

  colon = name[0] == '[' ? NULL : strchr (name, ':');
  if (colon != NULL && strchr (colon + 1, ':') == NULL)
    *colon++ = '\0';
  else
    colon = NULL;
  if (!set_name (self, name, why) || !set_ports (self, scheme, colon, why))
    return NULL;
  self->canonical = domain_to_string (self);
  return g_steal_pointer (&self);
}

void
glb_network_domain_rule_free (GlbNetworkDomainRule *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->text);
  g_free (self->canonical);
  g_free (self->name);
  g_free (self);
}

/* The bracket that closes an IPv6 address. (nullable) */
static char *
find_bracket (char *text)
{
  gsize length = strcspn (text, "]/");

  if (text[0] != '[' || text[length] != ']' || memchr (text, ':', length) == NULL || strchr ("/:", text[length + 1]) == NULL)
    return NULL;
  return text + length;
}

/* Takes the ports off the end of text, and the brackets off its address. FALSE with why, or what is left is ADDRESS[/LENGTH]. */
static gboolean
take_ports (GlbNetworkAddressRule  *self,
            char                   *text,
            char                  **why)
{
  char *close = find_bracket (text);
  char *colon = strchr (close != NULL ? close : text, ':');

  self->first = 0;
  self->last = PORT_MAX;
  /* More than one is an IPv6 address without brackets, which has no port. */
  if (colon != NULL && (close != NULL || strchr (colon + 1, ':') == NULL))
    {
      *colon = '\0';
      if (!parse_ports (colon + 1, &self->first, &self->last, why))
        return FALSE;
    }
  if (close != NULL)
    {
      memmove (close, close + 1, strlen (close));
      memmove (text, text + 1, strlen (text));
    }
  return TRUE;
}

/* (transfer full) */
static char *
prefix_to_string (const GlbNetworkPrefix *prefix,
                  gboolean                brackets)
{
  g_autofree char *address = glb_network_address_to_string (&prefix->address);

  return g_strdup_printf (brackets ? "[%s]/%u" : "%s/%u", address, prefix->length);
}

/* Sets what is behind the prefix to zero; whether it was. */
static gboolean
clear_host_bits (GlbNetworkPrefix *prefix)
{
  gboolean were_clear = TRUE;

  for (guint bit = prefix->length; bit < (prefix->address.is_ipv6 ? 128 : 32); bit++)
    {
      guint8 mask = (guint8) (0x80 >> bit % 8);

      were_clear = were_clear && (prefix->address.bytes[bit / 8] & mask) == 0;
      prefix->address.bytes[bit / 8] &= (guint8) ~mask;
    }
  return were_clear;
}

/* text: ADDRESS[/LENGTH], is changed */
static gboolean
parse_prefix (char              *text,
              GlbNetworkPrefix  *prefix,
              char             **why)
{
  char *slash = strchr (text, '/');
  guint most;

  if (slash != NULL)
    *slash++ = '\0';
  if (!glb_network_address_parse (text, &prefix->address))
    return fail (why, g_strdup ("an entry is written as 192.0.2.0/24, 2001:db8::/32, 192.0.2.1:443 or [2001:db8::1]:443; "
                                "a name goes into /network/allowDomains"));
  if (!prefix->address.is_ipv6 && strchr (text, ':') != NULL)
    return fail (why, g_strdup ("this is an IPv4 address in IPv6 notation; write the IPv4 address"));

  most = prefix->address.is_ipv6 ? 128 : 32;
  prefix->length = most;
  if (slash != NULL && !parse_number (slash, 0, most, &prefix->length))
    return fail (why, g_strdup_printf ("the length behind '/' is a number from 0 to %u", most));
  if (!clear_host_bits (prefix))
    {
      g_autofree char *range = prefix_to_string (prefix, FALSE);

      return fail (why, g_strdup_printf ("the address is not the first of its range; write %s, or leave the length out", range));
    }
  return TRUE;
}

/* (transfer full) */
static char *
address_to_string (const GlbNetworkAddressRule *self)
{
  gboolean has_ports = self->first != 0;
  g_autofree char *prefix = prefix_to_string (&self->prefix, has_ports && self->prefix.address.is_ipv6);
  g_autofree char *ports = ports_to_string (self->first, self->last);

  return has_ports ? g_strconcat (prefix, ":", ports, NULL) : g_steal_pointer (&prefix);
}

GlbNetworkAddressRule *
glb_network_address_rule_parse (const char  *text,
                                char       **why)
{
  static const char tcp[] = "tcp" SCHEME_END;
  g_autoptr(GlbNetworkAddressRule) self = NULL;
  g_autofree char *copy = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (why != NULL, NULL);

  self = g_new0 (GlbNetworkAddressRule, 1);
  self->text = g_strdup (text);
  copy = g_strdup (g_str_has_prefix (text, tcp) ? text + strlen (tcp) : text);
  if (strstr (copy, SCHEME_END) != NULL)
    {
      *why = g_strdup ("what is spoken with an address is tcp:// only; use that or leave it out");
      return NULL;
    }
  if (!take_ports (self, copy, why) || !parse_prefix (copy, &self->prefix, why))
    return NULL;
  self->canonical = address_to_string (self);
  return g_steal_pointer (&self);
}

void
glb_network_address_rule_free (GlbNetworkAddressRule *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->text);
  g_free (self->canonical);
  g_free (self);
}
