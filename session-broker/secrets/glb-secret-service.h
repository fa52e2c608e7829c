/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/secrets/glb-secret-text.h"

G_BEGIN_DECLS

/*
 * Secrets in the person's keyring: the Secret Service on the session bus, items of the schema org.glovebox.Secret with the
 * attribute "name". The keyring may ask the person for its password, for as long as cancellable lets it.
 */

/* Whether there is one. FALSE without an error: there is none, as for root, or without a session bus. */
gboolean       glb_secret_service_is_there (GCancellable *cancellable, GError **error);
/* NULL without an error: it has none of that name. Not checked. (transfer full) (nullable) */
GlbSecretText *glb_secret_service_read   (const char *name, GCancellable *cancellable, GError **error);
gboolean       glb_secret_service_write  (const char *name, const GlbSecretText *text, GCancellable *cancellable, GError **error);
/* removed: (out): it had one */
gboolean       glb_secret_service_remove (const char *name, gboolean *removed, GCancellable *cancellable, GError **error);
/* (transfer full) (element-type utf8) */
GPtrArray     *glb_secret_service_list   (GCancellable *cancellable, GError **error);

G_END_DECLS
