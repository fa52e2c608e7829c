/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <wayland-server-core.h>

#include "compositor-shim/glb-control.h"

/* Answers the question "has the screen stopped changing?". */
typedef struct GlbSettle GlbSettle;

GlbSettle *glb_settle_new (struct wl_event_loop *loop,
                           GlbControl           *control,
                           int                   width,
                           int                   height);
void glb_settle_free (GlbSettle *settle);

/* Feeds a repaint that changed pixels. */
void glb_settle_damaged (GlbSettle         *settle,
                         uint64_t           frame,
                         const GlbShimRect *bounds);
void glb_settle_request (GlbSettle           *settle,
                         uint64_t             serial,
                         const GlbShimSettle *request);
