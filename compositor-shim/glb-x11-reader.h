/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The pipe that Weston's bridge to X11 reads.  It serves one program at a time;
 * when another asks before it is done, it forgets the pipe of the first but goes
 * on listening to it, takes what comes for the second's, and Weston crashes.  So
 * nothing comes any more.
 */
typedef struct GlbX11Reader GlbX11Reader;

GlbX11Reader *glb_x11_reader_new (void);
void glb_x11_reader_free (GlbX11Reader *self);

/* The bridge begins to read the pipe with the write end @fd, which stays the caller's. */
void glb_x11_reader_begin (GlbX11Reader *self,
                           int           fd);
