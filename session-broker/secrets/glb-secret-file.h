/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/secrets/glb-secret-text.h"

G_BEGIN_DECLS

/*
 * Secrets as files, one each: $XDG_CONFIG_HOME/glovebox/secrets/NAME (~/.config where it is not set), or for root
 * /etc/glovebox/secrets.d/NAME. Folder and files
 * are the caller's alone: what is not is refused, as others may have read or written it. Names are as
 * glb_network_secret_is_name() has them.
 *
 * Errors: G_IO_ERROR_NOT_FOUND where there is none of that name, else one line with what to do.
 */

/* The folder, which may not be there. (transfer full) */
char          *glb_secret_file_dup_folder (void);
/* (transfer full) */
GlbSecretText *glb_secret_file_read   (const char *name, GError **error);
/* text: checked */
gboolean       glb_secret_file_write  (const char *name, const GlbSecretText *text, GError **error);
gboolean       glb_secret_file_remove (const char *name, GError **error);
/* Sorted names. (transfer full) */
GStrv          glb_secret_file_list   (GError **error);

G_END_DECLS
