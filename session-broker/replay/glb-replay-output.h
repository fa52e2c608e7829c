/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads what a command writes, so that it never waits for us, and keeps the end of it. */
typedef struct _GlbReplayOutput GlbReplayOutput;

/* Takes both descriptors: of its output and its errors. */
GlbReplayOutput *glb_replay_output_new  (int out, int err);
/* Waits until both ends are closed, which they are when nothing of the session is left. (transfer full) */
char            *glb_replay_output_end  (GlbReplayOutput *self);

G_END_DECLS
