/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

#include "compositor-shim/glb-control.h"

/* Answers the question "has the screen stopped changing?". */
typedef struct GlbSettle GlbSettle;

/* is_due: whether a repaint is still to come, of which nobody knows yet whether it changes anything. */
GlbSettle *glb_settle_new (struct wl_event_loop *loop,
                           GlbControl           *control,
                           int                   width,
                           int                   height,
                           bool                (*is_due) (void *data),
                           void                 *data);
void glb_settle_free (GlbSettle *settle);

/* Feeds a repaint that changed pixels. */
void glb_settle_damaged (GlbSettle         *settle,
                         uint64_t           frame,
                         const GlbShimRect *bounds);
void glb_settle_request (GlbSettle           *settle,
                         uint64_t             serial,
                         const GlbShimSettle *request);
