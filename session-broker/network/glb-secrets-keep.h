/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "session-broker/network/glb-secrets-head.h"
#include "session-broker/network/glb-secrets-protocol.h"

/* The secrets of one session, in memory that is in no core dump and, where the host lets it, not swapped. */
typedef struct GlbSecretsKeep GlbSecretsKeep;

GlbSecretsKeep *glb_secrets_keep_new  (unsigned max);
void            glb_secrets_keep_free (GlbSecretsKeep *self);
/* secret: checked, copied. false: it has max already. */
bool            glb_secrets_keep_add  (GlbSecretsKeep *self, const GlbSecretsSecret *secret);
unsigned        glb_secrets_keep_count (const GlbSecretsKeep *self);
/* The hosts of https; hosts: space for GLB_SECRETS_MAX. Returns how many. */
unsigned        glb_secrets_keep_list_tls (const GlbSecretsKeep *self, const char **hosts);
/* What is added to requests for place; fields: space for GLB_SECRETS_MAX. They live as long as self. Returns how many. */
unsigned        glb_secrets_keep_find (const GlbSecretsKeep *self, const GlbSecretsPlace *place, GlbSecretsField *fields);
