/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* The policies that a person wrote: NAME.json in $XDG_CONFIG_HOME/glovebox/policies. */

gboolean   glb_own_policies_is_name  (const char *name);
/* (transfer full): sorted */
GStrv      glb_own_policies_list     (void);
/* (transfer full) */
char      *glb_own_policies_get_path (const char *name);
/* (transfer full): its text, which is UTF-8 but may be no policy */
char      *glb_own_policies_load     (const char *name, GError **error);
/* All of it or nothing. before: (nullable): the text that was read, NULL where there was none: what somebody else wrote meanwhile
 * is not overwritten, but G_IO_ERROR_WRONG_ETAG. */
gboolean   glb_own_policies_save     (const char *name, const char *before, const char *text, GError **error);
gboolean   glb_own_policies_remove   (const char *name, GError **error);

/* A name that is free: base, base-2, … (transfer full) */
char      *glb_own_policies_find_free_name (const char *base);
/* The text of a template as it was written, with its comments. (transfer full) (nullable) */
char      *glb_own_policies_get_template_text (const char *name);

G_END_DECLS
