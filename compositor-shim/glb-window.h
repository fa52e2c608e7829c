/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "compositor-shim/glb-weston-compat.h"

/* One top-level window.  What happens to it is decided by GlbShell. */
typedef struct GlbWindow GlbWindow;
struct GlbWindow
{
  struct wl_list link;                    /* GlbShell.windows, bottom to top */
  uint32_t id;
  struct weston_desktop_surface *desktop_surface;
  struct weston_view *view;
  GlbWindow *parent;                      /* not owned; cleared when it goes */
  bool mapped;
  bool minimized;
  bool placed;

  int last_width, last_height;            /* of the geometry in the commit before */
  enum weston_desktop_surface_edge resize_edges;
  bool has_saved;
  GlbShimRect saved;                      /* geometry before maximised or fullscreen */
  bool has_x11_position;
  int x11_x, x11_y;

  struct wl_listener metadata_listener;
  void (*metadata_changed) (void *data);
  void *metadata_data;
};

GlbWindow *glb_window_new (struct weston_desktop_surface *desktop_surface,
                           uint32_t                       id,
                           void                         (*metadata_changed) (void *data),
                           void                          *data);
void glb_window_free (GlbWindow *window);

/* The window of a top-level's surface or of one of its subsurfaces, or NULL. */
GlbWindow *glb_window_from_surface (struct weston_surface *surface);
struct weston_surface *glb_window_get_surface (GlbWindow *window);

/* The visible window, without its shadow, on the output. */
GlbShimRect glb_window_get_geometry (GlbWindow *window);
void glb_window_move (GlbWindow *window,
                      int        x,
                      int        y);
bool glb_window_is_maximized (GlbWindow *window);
bool glb_window_is_fullscreen (GlbWindow *window);
/* Whether @ancestor is @window or above it in the line of parents. */
bool glb_window_descends_from (const GlbWindow *window,
                               const GlbWindow *ancestor);
void glb_window_describe (GlbWindow     *window,
                          bool           focused,
                          GlbShimWindow *out);
