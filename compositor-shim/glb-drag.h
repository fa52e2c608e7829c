/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-window.h"

/* Interactive move and resize: a pointer grab that ends when all buttons are up. */
typedef struct GlbDrag GlbDrag;

/* @changed runs when the window moved, @ended once (the drag frees itself before). */
typedef struct
{
  void (*changed) (GlbWindow *window, void *data);
  void (*ended) (GlbWindow *window, void *data);
} GlbDragHandler;

GlbDrag *glb_drag_start_move (GlbWindow             *window,
                              struct weston_pointer *pointer,
                              const GlbDragHandler  *handler,
                              void                  *data);
GlbDrag *glb_drag_start_resize (GlbWindow                       *window,
                                struct weston_pointer           *pointer,
                                enum weston_desktop_surface_edge edges,
                                const GlbDragHandler            *handler,
                                void                            *data);
GlbWindow *glb_drag_get_window (GlbDrag *drag);
/* Ends it early, because the window goes away. */
void glb_drag_cancel (GlbDrag *drag);
