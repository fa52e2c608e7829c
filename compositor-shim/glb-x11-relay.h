/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <wayland-server-core.h>

/*
 * What the broker reads of an X11 program's clipboard, one at a time.  Weston's
 * bridge takes a pipe that is full just when the program's next part arrives
 * for one that is broken, and the reader for one who has it all.  So it gets a
 * pipe of this, which is emptied in Weston's own loop, and the broker gets what
 * came out of it when it is whole: all or nothing.
 */
typedef struct GlbX11Relay GlbX11Relay;

/* Called when a part has come. */
typedef void (*GlbX11RelayCame) (void *data);

GlbX11Relay *glb_x11_relay_new (struct wl_event_loop *loop,
                                GlbX11RelayCame       came,
                                void                 *data);
void glb_x11_relay_free (GlbX11Relay *self);

/* The write end of the pipe for the bridge, or minus an errno value: EBUSY while another reader waits.  Takes @fd. */
int glb_x11_relay_start (GlbX11Relay *self,
                         int          fd);
