/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-network-address.h"

G_BEGIN_DECLS

/**
 * GlbNetworkHostRule:
 *
 * An entry of `network.hosts`: `NAME=ADDRESS`. The name leads to this address
 * and is not looked up. It allows nothing: name and address are judged as
 * any others.
 */
typedef struct
{
  char *text;                /* as written */
  char *canonical;           /* the one way to write it */
  char *name;                /* canonical */
  GlbNetworkAddress address;
} GlbNetworkHostRule;

/* NULL with why: (out) (transfer full): what is wrong and what to do. (transfer full) */
GlbNetworkHostRule *glb_network_host_rule_parse (const char *text, char **why);
void                glb_network_host_rule_free  (GlbNetworkHostRule *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkHostRule, glb_network_host_rule_free)

G_END_DECLS
