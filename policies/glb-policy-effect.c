/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-network-decide.h"
#include "policies/glb-network-secret-rule.h"
#include "policies/glb-policy-key.h"

/*
 * Permissions without effect
 * ==========================
 *
 * A permission that nothing could come of is a mistake of who wrote it, or a
 * surprise for who reads it: this is the one list of what permissions need
 * that the same policy may lack. A denial needs nothing. Whether a permission
 * is given is asked of its default, which denies.
 */

typedef enum { NEEDS_DESKTOP, NEEDS_SPAWN } Need;

static const struct { const char *pointer; Need need; } permissions[] = {
  { "/desktop/clipboard/hostToSession", NEEDS_DESKTOP },
  { "/desktop/clipboard/sessionToHost", NEEDS_DESKTOP },
  { "/desktop/input/agent", NEEDS_DESKTOP },
  { "/desktop/input/human", NEEDS_DESKTOP },
  { "/desktop/input/touch", NEEDS_DESKTOP },
  { "/desktop/listen", NEEDS_DESKTOP },
  { "/desktop/publish", NEEDS_DESKTOP },
  { "/desktop/xwayland", NEEDS_DESKTOP },
  { "/devices/camera", NEEDS_DESKTOP },
  { "/devices/microphone", NEEDS_DESKTOP },
  { "/devices/speaker", NEEDS_DESKTOP },
  { "/portals/fileChooser", NEEDS_SPAWN },
  { "/portals/notification", NEEDS_SPAWN },
  { "/portals/openUri", NEEDS_SPAWN },
  { "/portals/settings", NEEDS_SPAWN },
};

static gboolean
is_met (const GlbPolicy *policy,
        Need             need)
{
  return need == NEEDS_DESKTOP ? policy->isolation.tier != GLB_TIER_PROCESS : policy->process.allow_spawn;
}

const char *
glb_policy_find_without_effect (const GlbPolicy  *policy,
                                const char      **remedy)
{
  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    {
      const GlbPolicyKey *key = glb_policy_find_key (permissions[i].pointer);

      if (is_met (policy, permissions[i].need) || *glb_policy_key_int ((GlbPolicy *) policy, key) == key->fallback)
        continue;
      *remedy = permissions[i].need == NEEDS_DESKTOP
                  ? "has no effect at the tier process, which has no screen and no devices; leave it out, or set /isolation/tier to \"session\""
                  : "has no effect where /process/allowSpawn is false, as nothing could start a portal; leave it out, or set that to true";
      return permissions[i].pointer;
    }
  return NULL;
}

void
glb_policy_deny_without_effect (GlbPolicy *policy)
{
  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    if (!is_met (policy, permissions[i].need))
      glb_policy_value_reset (policy, glb_policy_find_key (permissions[i].pointer));
}

/* Two entries would send the same header twice. */
static gboolean
are_same_header (const GlbNetworkSecretRule *one,
                 const GlbNetworkSecretRule *other)
{
  return one->says == other->says && one->port == other->port && g_str_equal (one->host, other->host) &&
         g_ascii_strcasecmp (one->header, other->header) == 0;
}

char *
glb_policy_check_secrets (const GlbPolicy *policy)
{
  const GPtrArray *secrets = policy->network.secrets;

  for (guint i = 0; i < secrets->len; i++)
    {
      const GlbNetworkSecretRule *rule = secrets->pdata[i];
      GlbNetworkDecision decision;

      glb_network_decide_name (policy, rule->host, rule->port, &decision);
      if (decision.verdict == GLB_VERDICT_DENY || (decision.says & rule->says) == 0)
        return g_strdup_printf ("\"%s\" has no effect, as the session may not connect there; "
                                "name %s://%s:%u in /network/allowDomains",
                                rule->canonical, rule->says == GLB_NETWORK_SAYS_TLS ? "https" : "http", rule->host, rule->port);
      for (guint j = 0; j < i; j++)
        if (are_same_header (rule, secrets->pdata[j]))
          return g_strdup_printf ("\"%s\" is the second for this host and header; leave one of them out", rule->canonical);
    }
  return NULL;
}
