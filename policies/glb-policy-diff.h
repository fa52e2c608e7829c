/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* A key that two policies say different things of. */
typedef struct
{
  char *pointer;
  char *before, *after;   /* canonical JSON */
} GlbPolicyChange;

/* Every key that differs, what is left out included. Pure. (transfer full) (element-type GlbPolicyChange): sorted by pointer */
GPtrArray *glb_policy_diff (const GlbPolicy *before, const GlbPolicy *after);

/* The same for a person to read, a line for each thing: `network.allowDomains: + "example.org"`, and a line for each element of a list
 * that came or went. Printable text, none of it left out. Pure. (transfer full) (element-type utf8): empty for no change */
GPtrArray *glb_policy_diff_to_lines (GPtrArray *changes);

G_END_DECLS
