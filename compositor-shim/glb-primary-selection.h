/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-seat.h"
#include "compositor-shim/glb-weston-compat.h"

/*
 * zwp_primary_selection_v1, which Weston lacks: what is marked in one program
 * can be pasted with the middle button in another.  Only the client with the
 * keyboard focus can set it, sees it and can read it.
 */
typedef struct GlbPrimarySelection GlbPrimarySelection;

GlbPrimarySelection *glb_primary_selection_new (struct weston_compositor *compositor,
                                                GlbSeat                  *seat);
void glb_primary_selection_free (GlbPrimarySelection *self);

/* Emitted with the GlbPrimarySelection after each change. */
struct wl_signal *glb_primary_selection_get_signal (GlbPrimarySelection *self);

/* NULL: there is none. */
struct weston_data_source *glb_primary_selection_get_source (GlbPrimarySelection *self);
/* How many types the client offered; the source keeps only the first ones. */
uint32_t glb_primary_selection_get_n_offered (GlbPrimarySelection *self);

/* @source stays the caller's; NULL takes away what there is. */
void glb_primary_selection_set_source (GlbPrimarySelection       *self,
                                       struct weston_data_source *source);
