/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-drag.h"

#include "compositor-shim/glb-memory.h"

struct GlbDrag
{
  struct weston_pointer_grab grab;
  GlbWindow *window;
  const GlbDragHandler *handler;
  void *data;
  enum weston_desktop_surface_edge edges;   /* none: move */
  double start_x, start_y;                  /* of the pointer */
  GlbShimRect start;                        /* of the window */
};

static void
drag_end (GlbDrag *drag)
{
  GlbWindow *window = drag->window;
  const GlbDragHandler *handler = drag->handler;
  void *data = drag->data;

  if (drag->edges != WESTON_DESKTOP_SURFACE_EDGE_NONE)
    weston_desktop_surface_set_resizing (window->desktop_surface, false);
  weston_pointer_end_grab (drag->grab.pointer);
  free (drag);
  handler->ended (window, data);
}

static void
ignore_grab (struct weston_pointer_grab *grab)
{
}

static void
ignore_axis (struct weston_pointer_grab        *grab,
             const struct timespec             *time,
             struct weston_pointer_axis_event *event)
{
}

static void
ignore_axis_source (struct weston_pointer_grab *grab,
                    uint32_t                    source)
{
}

static void
move_motion (GlbDrag *drag,
             int      dx,
             int      dy)
{
  glb_window_move (drag->window, drag->start.x + dx, drag->start.y + dy);
  drag->handler->changed (drag->window, drag->data);
}

static int
limit (int size,
       int min,
       int max)
{
  if (max > 0 && size > max)
    size = max;
  if (size < min)
    size = min;
  return size < 1 ? 1 : size;
}

static void
resize_motion (GlbDrag *drag,
               int      dx,
               int      dy)
{
  struct weston_desktop_surface *surface = drag->window->desktop_surface;
  struct weston_size min = weston_desktop_surface_get_min_size (surface);
  struct weston_size max = weston_desktop_surface_get_max_size (surface);
  int width = drag->start.width, height = drag->start.height;

  if (drag->edges & WESTON_DESKTOP_SURFACE_EDGE_LEFT)
    width -= dx;
  else if (drag->edges & WESTON_DESKTOP_SURFACE_EDGE_RIGHT)
    width += dx;
  if (drag->edges & WESTON_DESKTOP_SURFACE_EDGE_TOP)
    height -= dy;
  else if (drag->edges & WESTON_DESKTOP_SURFACE_EDGE_BOTTOM)
    height += dy;
  weston_desktop_surface_set_size (surface, limit (width, min.width, max.width),
                                   limit (height, min.height, max.height));
}

static void
grab_motion (struct weston_pointer_grab         *grab,
             const struct timespec              *time,
             struct weston_pointer_motion_event *event)
{
  GlbDrag *drag = wl_container_of (grab, drag, grab);
  double x, y;

  weston_pointer_move (grab->pointer, event);
  glb_compat_pointer_get_position (grab->pointer, &x, &y);
  if (drag->edges == WESTON_DESKTOP_SURFACE_EDGE_NONE)
    move_motion (drag, (int) (x - drag->start_x), (int) (y - drag->start_y));
  else
    resize_motion (drag, (int) (x - drag->start_x), (int) (y - drag->start_y));
}

static void
grab_button (struct weston_pointer_grab *grab,
             const struct timespec      *time,
             uint32_t                    button,
             uint32_t                    state)
{
  GlbDrag *drag = wl_container_of (grab, drag, grab);

  if (grab->pointer->button_count == 0 && state == WL_POINTER_BUTTON_STATE_RELEASED)
    drag_end (drag);
}

static void
grab_cancel (struct weston_pointer_grab *grab)
{
  GlbDrag *drag = wl_container_of (grab, drag, grab);

  drag_end (drag);
}

static const struct weston_pointer_grab_interface grab_interface = {
  .focus = ignore_grab,
  .motion = grab_motion,
  .button = grab_button,
  .axis = ignore_axis,
  .axis_source = ignore_axis_source,
  .frame = ignore_grab,
  .cancel = grab_cancel,
};

static GlbDrag *
drag_start (GlbWindow                       *window,
            struct weston_pointer           *pointer,
            enum weston_desktop_surface_edge edges,
            const GlbDragHandler            *handler,
            void                            *data)
{
  GlbDrag *drag = glb_new0 (GlbDrag);

  drag->grab.interface = &grab_interface;
  drag->window = window;
  drag->edges = edges;
  drag->handler = handler;
  drag->data = data;
  drag->start = glb_window_get_geometry (window);
  glb_compat_pointer_get_position (pointer, &drag->start_x, &drag->start_y);
  weston_seat_break_desktop_grabs (pointer->seat);
  weston_pointer_clear_focus (pointer);
  weston_pointer_start_grab (pointer, &drag->grab);
  return drag;
}

GlbDrag *
glb_drag_start_move (GlbWindow             *window,
                     struct weston_pointer *pointer,
                     const GlbDragHandler  *handler,
                     void                  *data)
{
  return drag_start (window, pointer, WESTON_DESKTOP_SURFACE_EDGE_NONE, handler, data);
}

GlbDrag *
glb_drag_start_resize (GlbWindow                       *window,
                       struct weston_pointer           *pointer,
                       enum weston_desktop_surface_edge edges,
                       const GlbDragHandler            *handler,
                       void                            *data)
{
  window->resize_edges = edges;
  weston_desktop_surface_set_resizing (window->desktop_surface, true);
  return drag_start (window, pointer, edges, handler, data);
}

GlbWindow *
glb_drag_get_window (GlbDrag *drag)
{
  return drag->window;
}

void
glb_drag_cancel (GlbDrag *drag)
{
  drag_end (drag);
}
