/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libweston/libweston.h>

#include "compositor-shim/glb-control.h"
#include "compositor-shim/glb-seat.h"

/*
 * Windows: floating and stacked, dialogs above their parents, focus by click.
 * It tells the broker about each change of the list.
 */
typedef struct GlbShell GlbShell;

GlbShell *glb_shell_new (struct weston_compositor *compositor,
                         struct weston_output     *output,
                         GlbSeat                  *seat,
                         GlbControl               *control);
void glb_shell_free (GlbShell *shell);

/* Returns 0 or ENOENT. */
int glb_shell_window_op (GlbShell              *shell,
                         const GlbShimWindowOp *op);
/* The focused window's id, 0: none. */
uint32_t glb_shell_get_focus (GlbShell *shell);
/* The clients with a mapped window, each once, as many as there are of the list that the broker gets at most.  Returns how many. */
unsigned glb_shell_get_owners (GlbShell         *shell,
                               struct wl_client *owners[GLB_SHIM_WINDOWS_MAX]);
/* Sends the list again if it could not be sent before. */
void glb_shell_drained (GlbShell *shell);

/* Makes Weston's window manager send what it has for the X server; without an X11 window nothing happens. */
void glb_shell_flush_x11 (GlbShell *shell);

/* Asks the focused client whether it is alive; @pong runs when it answered.  False: it can't be asked. */
bool glb_shell_ping_focus (GlbShell  *shell,
                           void     (*pong) (void *data),
                           void      *data);
