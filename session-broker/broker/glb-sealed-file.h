/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A memfd with exactly bytes, which nobody can change any more. name: for /proc. -1 on error. */
int glb_sealed_file_new    (const char *name, GBytes *bytes, GError **error);
/* The same file with a position of its own, to read. -1 on error. */
int glb_sealed_file_reopen (int fd, GError **error);

G_END_DECLS
