/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-network-address.h"
#include "policies/glb-network-rule.h"
#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* What the policy says of one request. Plain value; text lives as long as the policy. */
typedef struct
{
  GlbVerdict verdict;
  GlbNetworkSays says;       /* of allow and prompt: what may be spoken; of an address: all. By default: as of an entry that has
                              * only the port */
  const char *code;          /* (static): "allowed-domain", "allowed-cidr", "by-name" (an address of a name that was), "default",
                              * "not-allowed", "denied-cidr", "special-address", "port-not-allowed" (it is, with another port),
                              * "own-address" (of this machine: who has the policy alone can't know) */
  const char *key;           /* (nullable) (static): of the policy, that decided or would have to: "network.allowDomains",
                              * "network.default", ... NULL: of "by-name" */
  const char *rule;          /* (nullable): the entry that decided, as written */
  const char *special;       /* (nullable) (static): the kind of range, of "special-address" */
} GlbNetworkDecision;

/* Whether a session under the policy has a gate at all: something is allowed, prompted for or published. */
gboolean glb_network_is_wanted (const GlbPolicy *policy);

/* A canonical name and a port, before the name is resolved. An entry for the very name goes before wildcards; of several all ports count. */
void glb_network_decide_name (const GlbPolicy *policy, const char *name, guint16 port, GlbNetworkDecision *decision);

/* Whether any port of the name may be connected to, perhaps after a question. */
gboolean glb_network_may_look_up (const GlbPolicy *policy, const char *name);

/* An address. by_name: a name that was allowed, or that the person agreed to, resolved to it: then an address that is neither
 * denied nor special is allowed. A special one needs an entry of allowCidrs within its special range. */
void glb_network_decide_address (const GlbPolicy *policy, const GlbNetworkAddress *address, guint16 port, gboolean by_name,
                                 GlbNetworkDecision *decision);

/* One clause for a person, for what is not allowed: "the policy does not name it; add it to network.allowDomains".
 * (transfer full) */
char *glb_network_decision_explain (const GlbNetworkDecision *decision);

G_END_DECLS
