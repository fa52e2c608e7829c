/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-host-rule.h"
#include "policies/glb-network-name.h"

#include <string.h>

GlbNetworkHostRule *
glb_network_host_rule_parse (const char  *text,
                             char       **why)
{
  g_autoptr(GlbNetworkHostRule) self = g_new0 (GlbNetworkHostRule, 1);
  const char *equals = strchr (text, '=');
  const char *fault = NULL;
  g_autofree char *name = NULL;
  g_autofree char *address = NULL;

  if (equals == NULL)
    {
      *why = g_strdup ("a host is written as NAME=ADDRESS");
      return NULL;
    }

  name = g_strndup (text, (gsize) (equals - text));
  self->name = glb_network_name_normalise (name, &fault);
  if (self->name == NULL)
    {
      *why = g_strdup (fault);
      return NULL;
    }
  if (!glb_network_address_parse (equals + 1, &self->address))
    {
      *why = g_strdup ("behind '=' is one address, as 192.0.2.1 or 2001:db8::1");
      return NULL;
    }

  address = glb_network_address_to_string (&self->address);
  self->text = g_strdup (text);
  self->canonical = g_strconcat (self->name, "=", address, NULL);
  return g_steal_pointer (&self);
}

void
glb_network_host_rule_free (GlbNetworkHostRule *self)
{
  g_free (self->text);
  g_free (self->canonical);
  g_free (self->name);
  g_free (self);
}
