/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-publish-rule.h"

#include <string.h>

#define LOOPBACK "127.0.0.1"

/* Always FALSE, so that callers can return it. what: (transfer full) */
static gboolean
fail (char **why,
      char  *what)
{
  *why = what;
  return FALSE;
}

static gboolean
fail_form (char **why)
{
  return fail (why, g_strdup ("a port is published as 8080, 8080:80, 127.0.0.1:8080:80 or [::1]:8080:80"));
}

/* Digits only, and none too many. */
static gboolean
parse_port (const char  *text,
            guint16     *port,
            char       **why)
{
  guint64 value = 0;

  if (!g_ascii_isdigit (text[0]) || (text[0] == '0' && text[1] != '\0') ||
      !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &value, NULL))
    return fail (why, g_strdup ("a port is a number from 1 to 65535, and 0 for any free one of the host"));
  *port = (guint16) value;
  return TRUE;
}

/* PORT[:SESSION-PORT] */
static gboolean
parse_ports (GlbNetworkPublishRule  *self,
             char                  **ports,
             char                  **why)
{
  gboolean has_both = ports[0] != NULL && ports[1] != NULL;

  if (ports[0] == NULL || (has_both && ports[2] != NULL))
    return fail_form (why);
  if (!parse_port (ports[0], &self->port, why) || !parse_port (ports[has_both ? 1 : 0], &self->session_port, why))
    return FALSE;
  if (self->session_port == 0)
    return fail (why, g_strdup ("the session's port is not 0; write any free port of the host as 0:80"));
  if (self->session_port == GLB_NETWORK_PUBLISH_RESERVED_PORT)
    return fail (why, g_strdup_printf ("port %u of a session is its own way out; let the program inside listen on another one",
                                       GLB_NETWORK_PUBLISH_RESERVED_PORT));
  return TRUE;
}

/* text: what is in front of the ports. */
static gboolean
parse_address (GlbNetworkPublishRule  *self,
               const char             *text,
               char                  **why)
{
  return glb_network_address_parse (text, &self->address) || fail_form (why);
}

/* [ADDRESS]:PORTS */
static gboolean
parse_bracketed (GlbNetworkPublishRule  *self,
                 const char             *text,
                 char                  **why)
{
  const char *end = strchr (text, ']');
  g_autofree char *address = NULL;
  g_auto(GStrv) ports = NULL;

  if (end == NULL || end[1] != ':')
    return fail_form (why);

  address = g_strndup (text + 1, (gsize) (end - text - 1));
  ports = g_strsplit (end + 2, ":", -1);
  if (strchr (address, ':') == NULL)
    return fail_form (why);
  if (!parse_address (self, address, why))
    return FALSE;
  if (!self->address.is_ipv6)
    return fail (why, g_strdup ("this is an IPv4 address in IPv6 notation; write the IPv4 address"));
  return parse_ports (self, ports, why);
}

static gboolean
parse_plain (GlbNetworkPublishRule  *self,
             const char             *text,
             char                  **why)
{
  g_auto(GStrv) parts = g_strsplit (text, ":", -1);
  gboolean has_address = parts[0] != NULL && strchr (parts[0], '.') != NULL;

  return parse_address (self, has_address ? parts[0] : LOOPBACK, why) && parse_ports (self, has_address ? parts + 1 : parts, why);
}

GlbNetworkPublishRule *
glb_network_publish_rule_parse (const char  *text,
                                char       **why)
{
  g_autoptr(GlbNetworkPublishRule) self = g_new0 (GlbNetworkPublishRule, 1);
  g_autofree char *place = NULL;

  if (!(text[0] == '[' ? parse_bracketed (self, text, why) : parse_plain (self, text, why)))
    return NULL;

  place = glb_network_publish_format_place (&self->address, self->port);
  self->text = g_strdup (text);
  self->canonical = g_strdup_printf ("%s:%u", place, self->session_port);
  return g_steal_pointer (&self);
}

void
glb_network_publish_rule_free (GlbNetworkPublishRule *self)
{
  g_free (self->text);
  g_free (self->canonical);
  g_free (self);
}

char *
glb_network_publish_format_place (const GlbNetworkAddress *address,
                                  guint16                  port)
{
  g_autofree char *text = glb_network_address_to_string (address);

  return g_strdup_printf (address->is_ipv6 ? "[%s]:%u" : "%s:%u", text, port);
}
