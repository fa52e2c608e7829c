/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLB_REPLAY_PROGRAM_HEX 16u

/* What tells one version of a program from another: the first digits of its file's SHA-256. NULL: it is not there.
 * (transfer full) */
char *glb_replay_program_identify (const char *name);

G_END_DECLS
