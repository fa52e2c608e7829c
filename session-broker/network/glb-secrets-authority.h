/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>
#include <stdint.h>

/*
 * The authority of one session: its key is made here and never leaves this process. It may speak for the hosts it is made for and
 * nobody else (name constraints), and has no authority below it.
 */
typedef struct GlbSecretsAuthority GlbSecretsAuthority;

/* hosts: at least one. NULL with why: (out) (static) */
GlbSecretsAuthority *glb_secrets_authority_new  (const char * const *hosts, unsigned n_hosts, uint64_t valid_seconds,
                                                 const char **why);
void                 glb_secrets_authority_free (GlbSecretsAuthority *self);

/* Its certificate, PEM; size: (out) */
const char *glb_secrets_authority_get_certificate (GlbSecretsAuthority *self, unsigned *size);

/* What this process shows to a program that wants to speak to host, one of hosts. */
gnutls_certificate_credentials_t glb_secrets_authority_get_credentials (GlbSecretsAuthority *self, const char *host);
