/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-network-address.h"

G_BEGIN_DECLS

/* What may be spoken. */
typedef enum
{
  GLB_NETWORK_SAYS_TLS   = 1 << 0,
  GLB_NETWORK_SAYS_HTTP  = 1 << 1,
  GLB_NETWORK_SAYS_OTHER = 1 << 2,
  GLB_NETWORK_SAYS_ALL   = 7,
} GlbNetworkSays;

/* One port or a range, and what may be spoken there. */
typedef struct
{
  guint16 first, last;
  GlbNetworkSays says;
} GlbNetworkPorts;

/**
 * GlbNetworkDomainRule:
 *
 * An entry of `network.allowDomains`: `[SCHEME://]NAME[:PORT[-PORT]]`. NAME is a
 * host name, or `*.` and a name: each name below it, not itself. SCHEME is
 * `https` (TLS), `http`, or `tcp` (anything). Left out: port 443 is https and
 * 80 is http, another port is whatever is spoken; without a port, too, the
 * first two. `https://NAME` is port 443, `http://NAME` port 80, `tcp` needs a port.
 * A range with 80 or 443 in it needs a scheme.
 */
typedef struct
{
  char *text;                /* as written */
  char *canonical;           /* the one way to write it: what the policy's hash is of */
  char *name;                /* canonical, without "*." */
  gboolean wildcard;
  GlbNetworkPorts ports[2];
  guint n_ports;
} GlbNetworkDomainRule;

/**
 * GlbNetworkAddressRule:
 *
 * An entry of `network.allowCidrs` or `network.denyCidrs`:
 * `[tcp://]ADDRESS[/LENGTH][:PORT[-PORT]]`, an IPv6 address in brackets where a
 * port follows: `[2001:db8::]/32:443`. Bits behind the prefix must be zero.
 */
typedef struct
{
  char *text;
  char *canonical;
  GlbNetworkPrefix prefix;
  guint16 first, last;       /* ports; 0 and 65535: all */
} GlbNetworkAddressRule;

/* NULL with why: (out) (transfer full): what is wrong and what to do. (transfer full) */
GlbNetworkDomainRule  *glb_network_domain_rule_parse  (const char *text, char **why);
void                   glb_network_domain_rule_free   (GlbNetworkDomainRule *self);
GlbNetworkAddressRule *glb_network_address_rule_parse (const char *text, char **why);
void                   glb_network_address_rule_free  (GlbNetworkAddressRule *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkDomainRule, glb_network_domain_rule_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkAddressRule, glb_network_address_rule_free)

G_END_DECLS
