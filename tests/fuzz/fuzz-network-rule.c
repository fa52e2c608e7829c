/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

#include "policies/glb-network-address.h"
#include "policies/glb-network-name.h"
#include "policies/glb-network-publish-rule.h"
#include "policies/glb-network-rule.h"
#include "policies/glb-network-secret-rule.h"

/* Whatever the text: a reason, or a name, an address or a rule whose usual form means the same; and no name is an address to
 * anybody. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_reason (const char *why)
{
  g_assert_nonnull (why);
  g_assert_null (strchr (why, '\n'));
  g_assert_true (g_str_is_ascii (why));
}

static void
check_canonical_name (const char *name)
{
  const char *why = NULL;
  g_autofree char *again = glb_network_name_normalise (name, &why);
  GlbNetworkAddress address;
  struct in_addr ipv4;

  g_assert_cmpstr (again, ==, name);
  g_assert_cmpuint (strlen (name), <=, 253);
  g_assert_cmpuint (strspn (name, G_CSET_a_2_z G_CSET_DIGITS "-."), ==, strlen (name));
  g_assert_false (glb_network_address_parse (name, &address));
  g_assert_false (inet_aton (name, &ipv4));
}

static void
check_name (const char *text)
{
  const char *why = NULL;
  g_autofree char *name = glb_network_name_normalise (text, &why);

  if (name)
    check_canonical_name (name);
  else
    check_reason (why);
}

static void
check_address (const char *text)
{
  GlbNetworkAddress address, again;
  g_autofree char *usual = NULL;
  const GlbNetworkPrefix *special;

  if (!glb_network_address_parse (text, &address))
    return;
  usual = glb_network_address_to_string (&address);
  g_assert_true (glb_network_address_parse (usual, &again));
  g_assert_true (glb_network_address_equal (&address, &again));
  special = glb_network_address_find_special (&address, NULL);
  g_assert_true (special == NULL || glb_network_prefix_contains (special, &address));
}

static void
check_domain_rule (const char *text)
{
  g_autofree char *why = NULL;
  g_autoptr(GlbNetworkDomainRule) rule = glb_network_domain_rule_parse (text, &why);
  g_autoptr(GlbNetworkDomainRule) again = NULL;

  if (!rule)
    {
      check_reason (why);
      return;
    }
  check_canonical_name (rule->name);
  again = glb_network_domain_rule_parse (rule->canonical, &why);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->canonical, ==, rule->canonical);
  g_assert_cmpstr (again->name, ==, rule->name);
  g_assert_cmpint (again->wildcard, ==, rule->wildcard);
  g_assert_cmpuint (again->n_ports, ==, rule->n_ports);
  for (guint i = 0; i < rule->n_ports; i++)
    {
      g_assert_cmpuint (rule->ports[i].first, >=, 1);
      g_assert_cmpuint (rule->ports[i].first, <=, rule->ports[i].last);
      g_assert_cmpuint (again->ports[i].first, ==, rule->ports[i].first);
      g_assert_cmpuint (again->ports[i].last, ==, rule->ports[i].last);
      g_assert_cmpint (again->ports[i].says, ==, rule->ports[i].says);
    }
}

static void
check_address_rule (const char *text)
{
  g_autofree char *why = NULL;
  g_autoptr(GlbNetworkAddressRule) rule = glb_network_address_rule_parse (text, &why);
  g_autoptr(GlbNetworkAddressRule) again = NULL;

  if (!rule)
    {
      check_reason (why);
      return;
    }
  g_assert_cmpuint (rule->prefix.length, <=, rule->prefix.address.is_ipv6 ? 128 : 32);
  g_assert_true (glb_network_prefix_contains (&rule->prefix, &rule->prefix.address));
  again = glb_network_address_rule_parse (rule->canonical, &why);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->canonical, ==, rule->canonical);
  g_assert_true (glb_network_address_equal (&again->prefix.address, &rule->prefix.address));
  g_assert_cmpuint (again->prefix.length, ==, rule->prefix.length);
  g_assert_cmpuint (again->first, ==, rule->first);
  g_assert_cmpuint (again->last, ==, rule->last);
}

static void
check_publish_rule (const char *text)
{
  g_autofree char *why = NULL;
  g_autoptr(GlbNetworkPublishRule) rule = glb_network_publish_rule_parse (text, &why);
  g_autoptr(GlbNetworkPublishRule) again = NULL;

  if (!rule)
    {
      check_reason (why);
      return;
    }
  g_assert_cmpuint (rule->session_port, !=, 0);
  again = glb_network_publish_rule_parse (rule->canonical, &why);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->canonical, ==, rule->canonical);
  g_assert_true (glb_network_address_equal (&again->address, &rule->address));
  g_assert_cmpuint (again->port, ==, rule->port);
  g_assert_cmpuint (again->session_port, ==, rule->session_port);
}

/* What is added to a request can end neither the field nor the head. */
static void
check_secret_rule (const char *text)
{
  g_autofree char *why = NULL;
  g_autoptr(GlbNetworkSecretRule) rule = glb_network_secret_rule_parse (text, &why);
  g_autoptr(GlbNetworkSecretRule) again = NULL;

  if (!rule)
    {
      check_reason (why);
      return;
    }
  check_canonical_name (rule->host);
  g_assert_true (glb_network_secret_is_name (rule->secret));
  g_assert_null (strpbrk (rule->header, "\r\n:"));
  g_assert_null (strpbrk (rule->prefix, "\r\n"));
  again = glb_network_secret_rule_parse (rule->canonical, &why);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->canonical, ==, rule->canonical);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);

  check_name (text);
  check_address (text);
  check_domain_rule (text);
  check_address_rule (text);
  check_publish_rule (text);
  check_secret_rule (text);
  return 0;
}
