/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A server's answer must not have what was added to the request: some answer with the whole request. Plain C, pure. */

#include "session-broker/network/glb-secrets-head.h"

/* A shorter secret would be found where it is none. */
#define GLB_SECRETS_MASK_MIN 8u

/* How many bytes before new ones may be the beginning of a secret that goes on in them; 0: there is nothing to be masked. */
size_t glb_secrets_mask_reach (const GlbSecretsField *fields, size_t n_fields);
/* Overwrites each secret in bytes with as many '*'. */
void   glb_secrets_mask       (char *bytes, size_t size, const GlbSecretsField *fields, size_t n_fields);
