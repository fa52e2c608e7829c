/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The version of Landlock that this kernel gives; 0: none, or it was not enabled at boot. */
guint glb_landlock_get_abi (void);
/* What that version leaves out, in words, or NULL where nothing. (transfer full) (nullable) */
char *glb_landlock_diagnose (void);

G_END_DECLS
