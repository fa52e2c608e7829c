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

G_END_DECLS
