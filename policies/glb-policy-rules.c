/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-host-rule.h"
#include "policies/glb-network-publish-rule.h"
#include "policies/glb-network-rule.h"
#include "policies/glb-network-secret-rule.h"
#include "policies/glb-policy-key.h"

/* Rules of the network as values of a policy's keys. */

static gpointer
parse_domain (const char  *text,
              char       **why)
{
  return glb_network_domain_rule_parse (text, why);
}

static void
free_domain (gpointer rule)
{
  glb_network_domain_rule_free (rule);
}

static const char *
get_domain_text (gconstpointer rule)
{
  return ((const GlbNetworkDomainRule *) rule)->text;
}

static const char *
get_domain_canonical (gconstpointer rule)
{
  return ((const GlbNetworkDomainRule *) rule)->canonical;
}

static gpointer
parse_address (const char  *text,
               char       **why)
{
  return glb_network_address_rule_parse (text, why);
}

static void
free_address (gpointer rule)
{
  glb_network_address_rule_free (rule);
}

static const char *
get_address_text (gconstpointer rule)
{
  return ((const GlbNetworkAddressRule *) rule)->text;
}

static const char *
get_address_canonical (gconstpointer rule)
{
  return ((const GlbNetworkAddressRule *) rule)->canonical;
}

static gpointer
parse_host (const char  *text,
            char       **why)
{
  return glb_network_host_rule_parse (text, why);
}

static void
free_host (gpointer rule)
{
  glb_network_host_rule_free (rule);
}

static const char *
get_host_text (gconstpointer rule)
{
  return ((const GlbNetworkHostRule *) rule)->text;
}

static const char *
get_host_canonical (gconstpointer rule)
{
  return ((const GlbNetworkHostRule *) rule)->canonical;
}

static gpointer
parse_publish (const char  *text,
               char       **why)
{
  return glb_network_publish_rule_parse (text, why);
}

static void
free_publish (gpointer rule)
{
  glb_network_publish_rule_free (rule);
}

static const char *
get_publish_text (gconstpointer rule)
{
  return ((const GlbNetworkPublishRule *) rule)->text;
}

static const char *
get_publish_canonical (gconstpointer rule)
{
  return ((const GlbNetworkPublishRule *) rule)->canonical;
}

static gpointer
parse_secret (const char  *text,
              char       **why)
{
  return glb_network_secret_rule_parse (text, why);
}

static void
free_secret (gpointer rule)
{
  glb_network_secret_rule_free (rule);
}

static const char *
get_secret_text (gconstpointer rule)
{
  return ((const GlbNetworkSecretRule *) rule)->text;
}

static const char *
get_secret_canonical (gconstpointer rule)
{
  return ((const GlbNetworkSecretRule *) rule)->canonical;
}

const GlbPolicyRules glb_policy_domain_rules = { parse_domain, free_domain, get_domain_text, get_domain_canonical };
const GlbPolicyRules glb_policy_address_rules = { parse_address, free_address, get_address_text, get_address_canonical };
const GlbPolicyRules glb_policy_host_rules = { parse_host, free_host, get_host_text, get_host_canonical };
const GlbPolicyRules glb_policy_publish_rules = { parse_publish, free_publish, get_publish_text, get_publish_canonical };
const GlbPolicyRules glb_policy_secret_rules = { parse_secret, free_secret, get_secret_text, get_secret_canonical };
