/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* The policy that a JSON merge patch (RFC 7396) makes of this one's canonical form: as strictly read as any other. NULL with
 * GLB_POLICY_ERROR. (transfer full) */
GlbPolicy *glb_policy_new_from_patch (const GlbPolicy *self, JsonObject *untrusted_patch, GError **error);

G_END_DECLS
