/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A memory file with exactly these bytes, which nobody can change any more. -1 with error where there is no memory. */
int glb_memfd_new_sealed (const char *name, GBytes *bytes, GError **error);

G_END_DECLS
