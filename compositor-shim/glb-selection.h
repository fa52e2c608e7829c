/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-control.h"
#include "compositor-shim/glb-seat.h"
#include "compositor-shim/glb-shell.h"
#include "compositor-shim/glb-weston-compat.h"

/*
 * The session's two selections, and the host's hand on them: tells the broker
 * of each change by a client (types, not content), gives a pipe of the broker's
 * to the owner, and puts the host's content in the place of a client's.  What
 * may cross is not decided here.
 */
typedef struct GlbSelections GlbSelections;

GlbSelections *glb_selections_new (struct weston_compositor *compositor,
                                   GlbSeat                  *seat,
                                   GlbShell                 *shell,
                                   GlbControl               *control);
void glb_selections_free (GlbSelections *self);

/* Each returns 0 or an errno value, and takes @fd. */
int glb_selections_read (GlbSelections              *self,
                         const GlbShimReadSelection *read,
                         int                         fd);
int glb_selections_set (GlbSelections             *self,
                        uint64_t                   serial,
                        const GlbShimSetSelection *set,
                        int                        fd);
int glb_selections_clear (GlbSelections               *self,
                          const GlbShimClearSelection *clear);

/* The broker reads again. */
void glb_selections_drained (GlbSelections *self);
