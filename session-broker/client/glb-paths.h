/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where things are. All (transfer full), and G_IO_ERROR with the remedy where a folder cannot be had. */

/* $XDG_RUNTIME_DIR/glovebox; /run/glovebox for root without one of its own. Made, 0700, checked to be ours. */
char *glb_paths_get_runtime_dir (GError **error);
/* The same for all brokers of one person, whatever the environment says: /run/glovebox for root, /run/user/UID/glovebox, or
 * /tmp/glovebox-UID without a login session. Made, 0700, checked to be ours. */
char *glb_paths_get_person_dir  (GError **error);
/* $XDG_STATE_HOME/glovebox (~/.local/state/glovebox); /var/lib/glovebox for root. Made, 0700, checked. */
char *glb_paths_get_state_dir   (GError **error);
/* STATE/audit. Made, 0700, checked. */
char *glb_paths_get_audit_dir   (GError **error);
/* A program of ours, as "NAME" or "FOLDER/NAME": in $GLOVEBOX_PRIVATE_PATH (colon-separated folders), then libexecdir, then
 * beside this program. */
char *glb_paths_find_program    (const char *name, GError **error);

G_END_DECLS
