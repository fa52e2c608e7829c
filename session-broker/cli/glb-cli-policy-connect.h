/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* Prints what policy says of a connection to target, "HOST:PORT", and which entry says it. The exit code: 0, it is allowed;
 * GLB_EXIT_REFUSED, it is not, or the person would be asked; GLB_EXIT_FAILED: target is neither, told. */
int glb_cli_policy_connect (const GlbPolicy *policy, const char *target, gboolean json);

G_END_DECLS
