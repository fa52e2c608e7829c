/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "policies/glb-network-rule.h"

G_BEGIN_DECLS

/**
 * GlbNetworkSecretRule:
 *
 * An entry of `network.secrets`: `SCHEME://HOST[:PORT] HEADER: [PREFIX]{NAME}`, as in
 * `https://api.example.org Authorization: Bearer {api-token}`. It reads as what
 * is added to a request; the braces hold the name of what is stored, never
 * the secret. It allows nothing: the host is judged as any other.
 */
typedef struct
{
  char *text;                /* as written */
  char *canonical;           /* the one way to write it */
  GlbNetworkSays says;       /* GLB_NETWORK_SAYS_TLS or _HTTP */
  char *host;                /* canonical name */
  guint16 port;
  char *header;              /* as written; of any case */
  char *prefix;              /* before the secret, perhaps "" */
  char *secret;              /* the name of what is stored */
} GlbNetworkSecretRule;

#define GLB_NETWORK_SECRET_NAME_MAX   64
#define GLB_NETWORK_SECRET_HEADER_MAX 64
#define GLB_NETWORK_SECRET_PREFIX_MAX 64

/* NULL with why: (out) (transfer full): what is wrong and what to do. (transfer full) */
GlbNetworkSecretRule *glb_network_secret_rule_parse (const char *text, char **why);
void                  glb_network_secret_rule_free  (GlbNetworkSecretRule *self);

/* Whether it can be the name of a secret; it is a file's name, too. */
gboolean              glb_network_secret_is_name    (const char *untrusted_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkSecretRule, glb_network_secret_rule_free)

G_END_DECLS
