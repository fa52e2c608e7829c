/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/secrets/glb-secret-text.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What the person, or the administrator, stored: a file (glb-secret-file.h), else what the person's keyring has. It is stored in
 * the keyring where there is one. They wait, for disks and for a person who unlocks the keyring: not on a main loop. Errors are one
 * line for the person; G_IO_ERROR_NOT_FOUND where there is none of that name.
 */

/* Checked. (transfer full) */
GlbSecretText *glb_secret_store_read   (const char *name, GCancellable *cancellable, GError **error);
/* text: checked */
gboolean       glb_secret_store_write  (const char *name, const GlbSecretText *text, GCancellable *cancellable, GError **error);
gboolean       glb_secret_store_remove (const char *name, GCancellable *cancellable, GError **error);
/* Sorted names. (transfer full) */
GStrv          glb_secret_store_list   (GCancellable *cancellable, GError **error);

G_END_DECLS
