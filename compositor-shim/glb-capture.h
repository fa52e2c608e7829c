/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <libweston/libweston.h>

#include "compositor-shim/glb-control.h"

/*
 * Watches what changes on the output and, while somebody watches, publishes it
 * in a ring of images in a sealed memory file.  Each slot remembers what has
 * changed since it was last drawn, and only that is drawn before it is handed
 * out.  A slot that was handed out is not touched until it comes back; where
 * all are out, changes gather and the next slot that comes back gets them all.
 */
typedef struct GlbCapture GlbCapture;

/* A repaint that changed pixels; @bounds covers all of them. */
typedef void (*GlbCaptureDamaged) (uint64_t frame, int64_t time_us, const GlbShimRect *bounds, void *data);

GlbCapture *glb_capture_new (struct weston_output *output,
                             GlbControl           *control,
                             GlbCaptureDamaged     damaged,
                             void                 *data);
void glb_capture_free (GlbCapture *capture);

/* Makes the ring's memory, for a watch that is to begin at once. */
void glb_capture_prepare (GlbCapture *capture,
                          uint32_t    n_slots);
/* Gives it back where nobody watches. */
void glb_capture_drop_prepared (GlbCapture *capture);
void glb_capture_watch (GlbCapture *capture,
                        uint32_t    n_slots);
void glb_capture_unwatch (GlbCapture *capture);
void glb_capture_release (GlbCapture           *capture,
                          const GlbShimRelease *release);
void glb_capture_once (GlbCapture *capture);

/* The newest frame. */
uint64_t glb_capture_get_frame (GlbCapture *capture);
