/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"
#include "session-broker/network/glb-secrets.h"

G_BEGIN_DECLS

/* What servers are checked against, and what a session's own authority is added to: $SSL_CERT_FILE of the broker, as OpenSSL has
 * it, or the host's. */
const char *glb_secret_load_get_bundle (void);

/**
 * glb_secret_load_async:
 * @secrets: launched, not set up
 *
 * Reads what the policy's network.secrets name, gives it to @secrets and waits until it is ready. Nothing is kept. The person may
 * have to unlock the keyring first, so it may take a while.
 */
void     glb_secret_load_async  (GlbSecrets *secrets, const GlbPolicy *policy, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* bundle: (out) (transfer full) (nullable): all that the session trusts, PEM; NULL: nothing but http. FALSE with a
 * GLB_BROKER_ERROR. */
gboolean glb_secret_load_finish (GlbSecrets *secrets, GAsyncResult *result, GBytes **bundle, GError **error);

G_END_DECLS
