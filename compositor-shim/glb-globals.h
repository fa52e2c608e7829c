/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <wayland-server-core.h>

/*
 * Which Wayland globals a client can see.  Clients that came in through the
 * sockets that the broker gave us are the agent's; anything that is not on the
 * list does not exist for them, and binding it is a fatal protocol error.
 * Others can only be Weston's own child, Xwayland.
 */
typedef struct GlbGlobals GlbGlobals;

GlbGlobals *glb_globals_new (struct wl_display *display);
void glb_globals_free (GlbGlobals *globals);

/* Accepts the agent's clients on @fd, a listening socket; takes it. */
void glb_globals_listen (GlbGlobals *globals,
                         int         fd);
