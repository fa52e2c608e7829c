/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-decide.h"

#include <string.h>

#define ALLOW_DOMAINS   "network.allowDomains"
#define ALLOW_CIDRS     "network.allowCidrs"
#define DENY_CIDRS      "network.denyCidrs"
#define NETWORK_DEFAULT "network.default"

static void
decide (GlbNetworkDecision *decision,
        GlbVerdict          verdict,
        const char         *code,
        const char         *key,
        const char         *rule)
{
  *decision = (GlbNetworkDecision) { .verdict = verdict, .code = code, .key = key, .rule = rule };
}

/* What no entry decided. key: where an entry would allow it; other_ports: (nullable): the entry that has it with others */
static void
decide_by_default (const GlbPolicy    *policy,
                   const char         *key,
                   const char         *other_ports,
                   GlbNetworkSays      says,
                   GlbNetworkDecision *decision)
{
  if (policy->network.default_verdict != GLB_VERDICT_DENY)
    {
      decide (decision, policy->network.default_verdict, "default", NETWORK_DEFAULT, NULL);
      decision->says = says;
    }
  else if (other_ports != NULL)
    decide (decision, GLB_VERDICT_DENY, "port-not-allowed", key, other_ports);
  else
    decide (decision, GLB_VERDICT_DENY, "not-allowed", key, NULL);
}

gboolean
glb_network_is_wanted (const GlbPolicy *policy)
{
  g_return_val_if_fail (policy != NULL, FALSE);

  return policy->network.default_verdict != GLB_VERDICT_DENY || policy->network.allow_domains->len > 0 ||
         policy->network.allow_cidrs->len > 0 || policy->network.publish->len > 0;
}

/* 0: it is another name's; else more, the nearer to the name it is. */
static guint
match_name (const GlbNetworkDomainRule *rule,
            const char                 *name)
{
  gsize length = strlen (name);
  gsize own = strlen (rule->name);

  if (!rule->wildcard)
    return strcmp (rule->name, name) == 0 ? G_MAXUINT : 0;
  return length > own + 1 && name[length - own - 1] == '.' && g_str_has_suffix (name, rule->name) ? (guint) own : 0;
}

static GlbNetworkSays
says_at_port (const GlbNetworkDomainRule *rule,
              guint16                     port)
{
  GlbNetworkSays says = 0;

  for (guint i = 0; i < rule->n_ports; i++)
    if (rule->ports[i].first <= port && port <= rule->ports[i].last)
      says |= rule->ports[i].says;
  return says;
}

/* What an entry means that names only the port. */
static GlbNetworkSays
says_by_port (guint16 port)
{
  return port == 443 ? GLB_NETWORK_SAYS_TLS : port == 80 ? GLB_NETWORK_SAYS_HTTP : GLB_NETWORK_SAYS_ALL;
}

void
glb_network_decide_name (const GlbPolicy    *policy,
                         const char         *name,
                         guint16             port,
                         GlbNetworkDecision *decision)
{
  const char *other_ports = NULL;
  guint nearest = 0;

  g_return_if_fail (policy != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (decision != NULL);

  for (guint i = 0; i < policy->network.allow_domains->len; i++)
    {
      const GlbNetworkDomainRule *rule = policy->network.allow_domains->pdata[i];
      guint match = match_name (rule, name);
      GlbNetworkSays says = match > 0 ? says_at_port (rule, port) : 0;

      if (match > 0 && says == 0)
        other_ports = rule->text;
      if (says == 0 || match < nearest)
        continue;
      if (match > nearest)
        decide (decision, GLB_VERDICT_ALLOW, "allowed-domain", ALLOW_DOMAINS, rule->text);
      decision->says |= says;
      nearest = match;
    }
  if (nearest == 0)
    decide_by_default (policy, ALLOW_DOMAINS, other_ports, says_by_port (port), decision);
}

gboolean
glb_network_may_look_up (const GlbPolicy *policy,
                         const char      *name)
{
  g_return_val_if_fail (policy != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  for (guint i = 0; i < policy->network.allow_domains->len; i++)
    if (match_name (policy->network.allow_domains->pdata[i], name) > 0)
      return TRUE;
  return policy->network.default_verdict != GLB_VERDICT_DENY;
}

static gboolean
has_port (const GlbNetworkAddressRule *rule,
          guint16                      port)
{
  return rule->first <= port && port <= rule->last;
}

/* The first entry that has address and port. within: (nullable): an entry must lie within it, to count;
 * other_ports: (out) (optional): an entry that has the address with other ports. (nullable) */
static const GlbNetworkAddressRule *
find_rule (const GPtrArray          *rules,
           const GlbNetworkAddress  *address,
           guint16                   port,
           const GlbNetworkPrefix   *within,
           const char              **other_ports)
{
  for (guint i = 0; i < rules->len; i++)
    {
      const GlbNetworkAddressRule *rule = rules->pdata[i];

      if (!glb_network_prefix_contains (&rule->prefix, address) ||
          (within != NULL && !glb_network_prefix_covers (within, &rule->prefix)))
        continue;
      if (has_port (rule, port))
        return rule;
      if (other_ports != NULL)
        *other_ports = rule->text;
    }
  return NULL;
}

static void
decide_special (const char         *kind,
                const char         *other_ports,
                GlbNetworkDecision *decision)
{
  if (other_ports != NULL)
    decide (decision, GLB_VERDICT_DENY, "port-not-allowed", ALLOW_CIDRS, other_ports);
  else
    decide (decision, GLB_VERDICT_DENY, "special-address", ALLOW_CIDRS, NULL);
  decision->special = kind;
}

void
glb_network_decide_address (const GlbPolicy         *policy,
                            const GlbNetworkAddress *address,
                            guint16                  port,
                            gboolean                 by_name,
                            GlbNetworkDecision      *decision)
{
  const GlbNetworkAddressRule *denied, *allowed;
  const GlbNetworkPrefix *special;
  const char *other_ports = NULL;
  const char *kind = NULL;

  g_return_if_fail (policy != NULL);
  g_return_if_fail (address != NULL);
  g_return_if_fail (decision != NULL);

  denied = find_rule (policy->network.deny_cidrs, address, port, NULL, NULL);
  special = glb_network_address_find_special (address, &kind);
  allowed = find_rule (policy->network.allow_cidrs, address, port, special, &other_ports);

  if (denied != NULL)
    decide (decision, GLB_VERDICT_DENY, "denied-cidr", DENY_CIDRS, denied->text);
  else if (allowed != NULL)
    decide (decision, GLB_VERDICT_ALLOW, "allowed-cidr", ALLOW_CIDRS, allowed->text);
  else if (special != NULL)
    decide_special (kind, other_ports, decision);
  else if (by_name)
    decide (decision, GLB_VERDICT_ALLOW, "by-name", NULL, NULL);
  else
    decide_by_default (policy, ALLOW_CIDRS, other_ports, GLB_NETWORK_SAYS_ALL, decision);

  decision->says = decision->verdict == GLB_VERDICT_DENY ? 0 : GLB_NETWORK_SAYS_ALL;
}

char *
glb_network_decision_explain (const GlbNetworkDecision *decision)
{
  g_return_val_if_fail (decision != NULL, NULL);

  if (decision->verdict == GLB_VERDICT_PROMPT)
    return g_strdup ("the policy leaves it to the person; say yes, or name it in the policy");
  if (strcmp (decision->code, "denied-cidr") == 0)
    return g_strdup_printf ("%s \"%s\" denies it; that wins over all that allows", decision->key, decision->rule);
  if (strcmp (decision->code, "special-address") == 0)
    return g_strdup_printf ("%s %s address; name it in %s", g_str_has_prefix (decision->special, "IPv") ? "an" : "a",
                            decision->special, decision->key);
  if (strcmp (decision->code, "own-address") == 0)
    return g_strdup_printf ("an address of this machine itself; name it in %s", decision->key);
  if (strcmp (decision->code, "port-not-allowed") == 0)
    return g_strdup_printf ("%s \"%s\" is for other ports; add this one", decision->key, decision->rule);
  return g_strdup_printf ("the policy does not name it; add it to %s", decision->key);
}
