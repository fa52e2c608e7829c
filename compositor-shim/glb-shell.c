/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-shell.h"

#include <errno.h>
#include <string.h>

#include "compositor-shim/glb-drag.h"
#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-placement.h"
#include "compositor-shim/glb-window.h"

#define BACKGROUND_RGB 0x30343bu

/* Top-level windows of one session; the list that the broker gets is shorter still. */
#define WINDOWS_MAX 512

struct GlbShell
{
  struct weston_compositor *compositor;
  struct weston_output *output;
  GlbSeat *seat;
  GlbControl *control;
  struct weston_desktop *desktop;
  struct weston_layer background_layer, window_layer, hidden_layer;
  GlbCompatBackground *background;

  struct wl_list windows;                 /* GlbWindow.link, bottom to top */
  unsigned n_windows;
  GlbWindow *focus;
  GlbDrag *drag;
  uint32_t last_id;
  unsigned n_placed;

  struct wl_listener transform_listener;
  struct wl_event_source *idle;           /* the list will be sent */
  bool unsent;
  GlbShimWindows *sent;                   /* as the broker has it */
  size_t sent_size;

  struct weston_desktop_client *pinged;
  void (*pong) (void *data);
  void *pong_data;
};

/* ---- the list ------------------------------------------------------------- */

static void
send_windows (void *data)
{
  GlbShell *shell = data;
  GlbShimWindows *list;
  GlbWindow *window;
  uint32_t n = 0, skip = 0;
  size_t size;

  shell->idle = NULL;
  if (glb_control_is_congested (shell->control))
    {
      shell->unsent = true;
      return;
    }
  shell->unsent = false;

  wl_list_for_each (window, &shell->windows, link)
    n += window->mapped;
  if (n > GLB_SHIM_WINDOWS_MAX)
    {
      skip = n - GLB_SHIM_WINDOWS_MAX;
      n = GLB_SHIM_WINDOWS_MAX;
    }
  size = sizeof *list + n * sizeof list->windows[0];
  list = glb_calloc (1, size);
  list->focus_window = glb_shell_get_focus (shell);
  wl_list_for_each (window, &shell->windows, link)
    if (window->mapped && (skip == 0 || skip-- == 0))
      glb_window_describe (window, window == shell->focus, &list->windows[list->n_windows++]);
  if (size == shell->sent_size && memcmp (list, shell->sent, size) == 0)
    {
      free (list);
      return;
    }
  glb_control_send (shell->control, GLB_SHIM_WINDOWS, 0, list, size);
  free (shell->sent);
  shell->sent = list;
  shell->sent_size = size;
}

static void
windows_changed (void *data)
{
  GlbShell *shell = data;

  if (shell->idle == NULL)
    shell->idle = wl_event_loop_add_idle (wl_display_get_event_loop (shell->compositor->wl_display), send_windows,
                                          shell);
}

unsigned
glb_shell_get_owners (GlbShell         *shell,
                      struct wl_client *owners[GLB_SHIM_WINDOWS_MAX])
{
  GlbWindow *window;
  unsigned n = 0;

  wl_list_for_each_reverse (window, &shell->windows, link)
    {
      struct weston_surface *surface = glb_window_get_surface (window);
      struct wl_client *client;
      unsigned i = 0;

      if (!window->mapped || surface->resource == NULL)
        continue;
      client = wl_resource_get_client (surface->resource);
      while (i < n && owners[i] != client)
        i++;
      if (i == n && n < GLB_SHIM_WINDOWS_MAX)
        owners[n++] = client;
    }
  return n;
}

void
glb_shell_drained (GlbShell *shell)
{
  if (shell->unsent)
    windows_changed (shell);
}

/* ---- stacking and focus --------------------------------------------------- */

static GlbShimRect
screen_rect (GlbShell *shell)
{
  return (GlbShimRect) { 0, 0, shell->output->width, shell->output->height };
}

static void
raise_one (GlbShell  *shell,
           GlbWindow *window)
{
  wl_list_remove (&window->link);
  wl_list_insert (shell->windows.prev, &window->link);
  if (window->mapped)
    glb_compat_view_raise (window->view, window->minimized ? &shell->hidden_layer : &shell->window_layer);
}

/* How far down the line of parents @window is. */
static int
depth (const GlbWindow *window)
{
  int n = 0;

  for (window = window->parent; window != NULL; window = window->parent)
    n++;
  return n;
}

/*
 * Brings the whole family of @window up: elders first, so that each child is
 * above its parent, and the line that leads to @window last of its generation.
 */
static void
raise_family (GlbShell  *shell,
              GlbWindow *window)
{
  GlbWindow *root = window, *member, *next;
  GlbWindow **family = glb_calloc (shell->n_windows, sizeof *family);
  int *rank = glb_calloc (shell->n_windows, sizeof *rank);
  unsigned n = 0;

  while (root->parent != NULL)
    root = root->parent;
  wl_list_for_each_safe (member, next, &shell->windows, link)
    if (glb_window_descends_from (member, root))
      {
        int key = depth (member) * 2 + glb_window_descends_from (window, member);
        unsigned at = n++;

        /* insertion keeps the present order of equals */
        for (; at > 0 && rank[at - 1] > key; at--)
          {
            rank[at] = rank[at - 1];
            family[at] = family[at - 1];
          }
        rank[at] = key;
        family[at] = member;
      }
  for (unsigned i = 0; i < n; i++)
    raise_one (shell, family[i]);
  free (family);
  free (rank);
}

static void
set_focus (GlbShell  *shell,
           GlbWindow *window,
           uint32_t   flags)
{
  if (window != shell->focus)
    {
      if (shell->focus != NULL)
        weston_desktop_surface_set_activated (shell->focus->desktop_surface, false);
      shell->focus = window;
      if (window != NULL)
        weston_desktop_surface_set_activated (window->desktop_surface, true);
      windows_changed (shell);
    }
  if (window != NULL)
    weston_view_activate_input (window->view, glb_seat_get_weston_seat (shell->seat), flags);
  else
    weston_seat_set_keyboard_focus (glb_seat_get_weston_seat (shell->seat), NULL);
}

static void
activate (GlbShell  *shell,
          GlbWindow *window,
          uint32_t   flags)
{
  window->minimized = false;
  raise_family (shell, window);
  set_focus (shell, window, flags);
  windows_changed (shell);
}

/* The next one to have the focus when @window loses it. */
static GlbWindow *
choose_successor (GlbShell  *shell,
                  GlbWindow *window)
{
  GlbWindow *candidate;

  if (window->parent != NULL && window->parent->mapped && !window->parent->minimized)
    return window->parent;
  wl_list_for_each_reverse (candidate, &shell->windows, link)
    if (candidate != window && candidate->mapped && !candidate->minimized)
      return candidate;
  return NULL;
}

static void
pass_focus_on (GlbShell  *shell,
               GlbWindow *window)
{
  GlbWindow *successor = choose_successor (shell, window);

  if (successor != NULL)
    activate (shell, successor, WESTON_ACTIVATE_FLAG_NONE);
  else
    set_focus (shell, NULL, 0);
}

/* ---- the windows' states -------------------------------------------------- */

static void
save_geometry (GlbWindow *window)
{
  if (window->has_saved || !window->mapped || glb_window_is_maximized (window) || glb_window_is_fullscreen (window))
    return;
  window->saved = glb_window_get_geometry (window);
  window->has_saved = true;
}

static void
fill_screen (GlbShell  *shell,
             GlbWindow *window)
{
  weston_desktop_surface_set_size (window->desktop_surface, shell->output->width, shell->output->height);
}

/* Back to the size before; a window that never had one chooses. */
static void
restore_size (GlbWindow *window)
{
  weston_desktop_surface_set_size (window->desktop_surface, window->has_saved ? window->saved.width : 0,
                                   window->has_saved ? window->saved.height : 0);
}

static void
set_maximized (GlbShell  *shell,
               GlbWindow *window,
               bool       maximized)
{
  if (maximized)
    {
      save_geometry (window);
      weston_desktop_surface_set_maximized (window->desktop_surface, true);
      fill_screen (shell, window);
    }
  else
    {
      weston_desktop_surface_set_maximized (window->desktop_surface, false);
      if (!glb_window_is_fullscreen (window))
        restore_size (window);
    }
  windows_changed (shell);
}

static void
set_fullscreen (GlbShell  *shell,
                GlbWindow *window,
                bool       fullscreen)
{
  if (fullscreen)
    save_geometry (window);
  weston_desktop_surface_set_fullscreen (window->desktop_surface, fullscreen);
  if (fullscreen || glb_window_is_maximized (window))
    fill_screen (shell, window);
  else
    restore_size (window);
  windows_changed (shell);
}

static void
minimize (GlbShell  *shell,
          GlbWindow *window)
{
  GlbWindow *member;

  if (!window->mapped)
    return;
  /* Its dialogs go with it. */
  wl_list_for_each (member, &shell->windows, link)
    if (member->mapped && glb_window_descends_from (member, window))
      {
        member->minimized = true;
        glb_compat_view_raise (member->view, &shell->hidden_layer);
      }
  weston_compositor_schedule_repaint (shell->compositor);
  windows_changed (shell);
  if (shell->focus != NULL && shell->focus->minimized)
    pass_focus_on (shell, shell->focus);
}

/* A session has no task bar: a click on the empty desktop brings back what was minimised last. */
static void
restore_last_minimized (GlbShell *shell)
{
  GlbWindow *window;

  wl_list_for_each_reverse (window, &shell->windows, link)
    if (window->minimized)
      {
        activate (shell, window, WESTON_ACTIVATE_FLAG_CLICKED);
        return;
      }
}

/* ---- mapping and commits -------------------------------------------------- */

static void
place (GlbShell  *shell,
       GlbWindow *window)
{
  GlbShimRect screen = screen_rect (shell), geometry = glb_window_get_geometry (window);

  if (glb_window_is_maximized (window) || glb_window_is_fullscreen (window))
    geometry.x = geometry.y = 0;
  /* Weston says "at the corner of its own frame" for windows that want no place in particular. */
  else if (window->has_x11_position && (window->x11_x != geometry.x || window->x11_y != geometry.y))
    {
      geometry.x = window->x11_x;
      geometry.y = window->x11_y;
      geometry = glb_placement_clamp (screen, geometry);
    }
  else
    {
      GlbShimRect parent = { 0 };
      bool has_parent = window->parent != NULL && window->parent->mapped;

      if (has_parent)
        parent = glb_window_get_geometry (window->parent);
      geometry = glb_placement_choose (screen, geometry.width, geometry.height, has_parent ? &parent : NULL,
                                       shell->n_placed);
      if (!has_parent)
        shell->n_placed++;
    }
  glb_window_move (window, geometry.x, geometry.y);
}

static void
map (GlbShell  *shell,
     GlbWindow *window)
{
  GlbShimRect geometry = glb_window_get_geometry (window);

  place (shell, window);
  glb_compat_surface_map (glb_window_get_surface (window), window->view);
  window->mapped = true;
  activate (shell, window, WESTON_ACTIVATE_FLAG_NONE);

  /* Larger than the screen: ask it to be as large as the screen. */
  if (!glb_window_is_maximized (window) && !glb_window_is_fullscreen (window) &&
      (geometry.width > shell->output->width || geometry.height > shell->output->height))
    weston_desktop_surface_set_size (window->desktop_surface,
                                     geometry.width > shell->output->width ? shell->output->width : geometry.width,
                                     geometry.height > shell->output->height ? shell->output->height
                                                                            : geometry.height);
}

/* The committed size is new: keep the corner that should stay where it is. */
static void
resized (GlbShell  *shell,
         GlbWindow *window,
         int        dx,
         int        dy)
{
  GlbShimRect geometry = glb_window_get_geometry (window);

  if (glb_window_is_maximized (window) || glb_window_is_fullscreen (window))
    {
      geometry.x = (shell->output->width - geometry.width) / 2;
      geometry.y = (shell->output->height - geometry.height) / 2;
    }
  else if (window->has_saved)
    {
      geometry.x = window->saved.x;
      geometry.y = window->saved.y;
      geometry = glb_placement_clamp (screen_rect (shell), geometry);
      window->has_saved = false;
    }
  else
    {
      if (window->resize_edges & WESTON_DESKTOP_SURFACE_EDGE_LEFT)
        geometry.x += window->last_width - geometry.width;
      if (window->resize_edges & WESTON_DESKTOP_SURFACE_EDGE_TOP)
        geometry.y += window->last_height - geometry.height;
      geometry.x += dx;
      geometry.y += dy;
    }
  glb_window_move (window, geometry.x, geometry.y);
}

static void
handle_committed (struct weston_desktop_surface *surface,
                  int                            dx,
                  int                            dy,
                  void                          *data)
{
  GlbShell *shell = data;
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);
  GlbShimRect geometry;
  bool changed;

  if (window == NULL || glb_window_get_surface (window)->width == 0)
    return;

  if (!window->mapped)
    map (shell, window);
  geometry = glb_window_get_geometry (window);
  changed = geometry.width != window->last_width || geometry.height != window->last_height;
  if (window->last_width > 0 && (changed || dx != 0 || dy != 0))
    resized (shell, window, dx, dy);
  if (changed)
    windows_changed (shell);
  window->last_width = geometry.width;
  window->last_height = geometry.height;
  if (shell->drag == NULL || glb_drag_get_window (shell->drag) != window)
    if (!weston_desktop_surface_get_resizing (surface))
      window->resize_edges = WESTON_DESKTOP_SURFACE_EDGE_NONE;
}

static void
handle_added (struct weston_desktop_surface *surface,
              void                          *data)
{
  GlbShell *shell = data;
  GlbWindow *window;

  /* Without a window nothing of it is ever shown. */
  if (shell->n_windows >= WINDOWS_MAX)
    {
      weston_log ("glovebox: too many windows\n");
      return;
    }
  window = glb_window_new (surface, ++shell->last_id, windows_changed, shell);
  wl_list_insert (shell->windows.prev, &window->link);
  shell->n_windows++;
}

static void
handle_removed (struct weston_desktop_surface *surface,
                void                          *data)
{
  GlbShell *shell = data;
  GlbWindow *window = weston_desktop_surface_get_user_data (surface), *other;

  if (window == NULL)
    return;
  if (shell->drag != NULL && glb_drag_get_window (shell->drag) == window)
    glb_drag_cancel (shell->drag);
  if (shell->focus == window)
    {
      window->mapped = false;
      pass_focus_on (shell, window);
    }
  wl_list_for_each (other, &shell->windows, link)
    if (other->parent == window)
      other->parent = window->parent;
  shell->n_windows--;
  glb_window_free (window);
  windows_changed (shell);
  weston_compositor_schedule_repaint (shell->compositor);
}

static void
handle_set_parent (struct weston_desktop_surface *surface,
                   struct weston_desktop_surface *parent_surface,
                   void                          *data)
{
  GlbShell *shell = data;
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);
  GlbWindow *parent = parent_surface != NULL ? weston_desktop_surface_get_user_data (parent_surface) : NULL;

  /* A ring of parents would have no root. */
  if (window == NULL || (parent != NULL && glb_window_descends_from (parent, window)))
    return;
  window->parent = parent;
  if (window->mapped && parent != NULL)
    raise_family (shell, window);
  windows_changed (shell);
}

/* ---- interactive move and resize ------------------------------------------ */

static void
drag_changed (GlbWindow *window,
              void      *data)
{
  windows_changed (data);
}

/* A title bar that is out of sight could never be caught again. */
static void
drag_ended (GlbWindow *window,
            void      *data)
{
  GlbShell *shell = data;
  GlbShimRect geometry = glb_window_get_geometry (window), screen = screen_rect (shell);
  int margin = 48;

  shell->drag = NULL;
  if (geometry.y < 0)
    geometry.y = 0;
  if (geometry.y > screen.height - margin)
    geometry.y = screen.height - margin;
  if (geometry.x > screen.width - margin)
    geometry.x = screen.width - margin;
  if (geometry.x + geometry.width < margin)
    geometry.x = margin - geometry.width;
  if (window->mapped)
    glb_window_move (window, geometry.x, geometry.y);
  windows_changed (shell);
}

static const GlbDragHandler drag_handler = { drag_changed, drag_ended };

/* A client may only start a drag while a button that was pressed on its window is down. */
static struct weston_pointer *
check_drag (GlbShell           *shell,
            GlbWindow          *window,
            struct weston_seat *seat,
            uint32_t            serial)
{
  struct weston_pointer *pointer = weston_seat_get_pointer (seat);

  if (window == NULL || !window->mapped || shell->drag != NULL || pointer == NULL || pointer->focus == NULL ||
      pointer->button_count == 0 || pointer->grab_serial != serial ||
      glb_window_from_surface (pointer->focus->surface) != window || glb_window_is_fullscreen (window) ||
      glb_window_is_maximized (window))
    return NULL;
  return pointer;
}

static void
handle_move (struct weston_desktop_surface *surface,
             struct weston_seat            *seat,
             uint32_t                       serial,
             void                          *data)
{
  GlbShell *shell = data;
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);
  struct weston_pointer *pointer = check_drag (shell, window, seat, serial);

  if (pointer != NULL)
    shell->drag = glb_drag_start_move (window, pointer, &drag_handler, shell);
}

static void
handle_resize (struct weston_desktop_surface   *surface,
               struct weston_seat              *seat,
               uint32_t                         serial,
               enum weston_desktop_surface_edge edges,
               void                            *data)
{
  GlbShell *shell = data;
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);
  struct weston_pointer *pointer = check_drag (shell, window, seat, serial);
  unsigned horizontal = edges & (WESTON_DESKTOP_SURFACE_EDGE_LEFT | WESTON_DESKTOP_SURFACE_EDGE_RIGHT);
  unsigned vertical = edges & (WESTON_DESKTOP_SURFACE_EDGE_TOP | WESTON_DESKTOP_SURFACE_EDGE_BOTTOM);

  if (pointer == NULL || edges == WESTON_DESKTOP_SURFACE_EDGE_NONE || edges != (horizontal | vertical) ||
      horizontal == (WESTON_DESKTOP_SURFACE_EDGE_LEFT | WESTON_DESKTOP_SURFACE_EDGE_RIGHT) ||
      vertical == (WESTON_DESKTOP_SURFACE_EDGE_TOP | WESTON_DESKTOP_SURFACE_EDGE_BOTTOM))
    return;
  shell->drag = glb_drag_start_resize (window, pointer, edges, &drag_handler, shell);
}

/* ---- requests of clients -------------------------------------------------- */

static void
handle_fullscreen (struct weston_desktop_surface *surface,
                   bool                           fullscreen,
                   void                          *data)
{
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);

  if (window != NULL)
    set_fullscreen (data, window, fullscreen);
}

static void
handle_maximized (struct weston_desktop_surface *surface,
                  bool                           maximized,
                  void                          *data)
{
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);

  if (window != NULL)
    set_maximized (data, window, maximized);
}

static void
handle_minimized (struct weston_desktop_surface *surface,
                  void                          *data)
{
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);

  if (window != NULL)
    minimize (data, window);
}

static void
handle_set_xwayland_position (struct weston_desktop_surface *surface,
                              int                            x,
                              int                            y,
                              void                          *data)
{
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);

  if (window == NULL)
    return;
  window->has_x11_position = true;
  window->x11_x = x;
  window->x11_y = y;
}

static void
handle_get_position (struct weston_desktop_surface *surface,
                     int32_t                       *x,
                     int32_t                       *y,
                     void                          *data)
{
  GlbWindow *window = weston_desktop_surface_get_user_data (surface);
  double view_x = 0, view_y = 0;

  if (window != NULL)
    glb_compat_view_get_position (window->view, &view_x, &view_y);
  *x = (int32_t) view_x;
  *y = (int32_t) view_y;
}

static void
handle_pong (struct weston_desktop_client *client,
             void                         *data)
{
  GlbShell *shell = data;

  if (client != shell->pinged)
    return;
  shell->pinged = NULL;
  shell->pong (shell->pong_data);
}

static const GlbCompatDesktopApi desktop_api = {
  .added = handle_added,
  .removed = handle_removed,
  .committed = handle_committed,
  .set_parent = handle_set_parent,
  .move = handle_move,
  .resize = handle_resize,
  .fullscreen = handle_fullscreen,
  .maximized = handle_maximized,
  .minimized = handle_minimized,
  .pong = handle_pong,
  .set_xwayland_position = handle_set_xwayland_position,
  .get_position = handle_get_position,
};

/* ---- the seat's side ------------------------------------------------------ */

static void
handle_click (struct weston_pointer *pointer,
              void                  *data)
{
  GlbShell *shell = data;
  GlbWindow *window;

  if (pointer->grab != &pointer->default_grab || pointer->focus == NULL)
    return;
  window = glb_window_from_surface (pointer->focus->surface);
  if (window != NULL && window->mapped)
    activate (shell, window, WESTON_ACTIVATE_FLAG_CLICKED);
  else if (!weston_surface_is_desktop_surface (pointer->focus->surface))
    restore_last_minimized (shell);
}

/* As a click; what it touched is known by now. */
static void
handle_touch (struct weston_touch *touch,
              void                *data)
{
  GlbShell *shell = data;
  GlbWindow *window;

  if (touch->grab != &touch->default_grab || touch->focus == NULL)
    return;
  window = glb_window_from_surface (touch->focus->surface);
  if (window != NULL && window->mapped)
    activate (shell, window, WESTON_ACTIVATE_FLAG_CLICKED);
  else if (!weston_surface_is_desktop_surface (touch->focus->surface))
    restore_last_minimized (shell);
}

/* X11 programs place their menus by what they believe to be their position. */
static void
handle_transform (struct wl_listener *listener,
                  void               *data)
{
  GlbShell *shell = wl_container_of (listener, shell, transform_listener);
  struct weston_surface *surface = data;
  GlbWindow *window;
  double x, y;

  if (!glb_compat_is_xwayland_surface (shell->compositor, surface))
    return;
  window = glb_window_from_surface (surface);
  if (window == NULL || !window->mapped)
    return;
  glb_compat_view_get_position (window->view, &x, &y);
  glb_compat_xwayland_send_position (shell->compositor, surface, (int) x, (int) y);
}

void
glb_shell_flush_x11 (GlbShell *shell)
{
  GlbWindow *window;
  double x, y;

  wl_list_for_each (window, &shell->windows, link)
    {
      struct weston_surface *surface = glb_window_get_surface (window);

      if (!window->mapped || !glb_compat_is_xwayland_surface (shell->compositor, surface))
        continue;
      /* Only a new position is sent at all. */
      glb_compat_view_get_position (window->view, &x, &y);
      glb_compat_xwayland_send_position (shell->compositor, surface, (int) x + 1, (int) y);
      glb_compat_xwayland_send_position (shell->compositor, surface, (int) x, (int) y);
      return;
    }
  /* X11's window manager hears of it when a window is activated again that is active. */
  if (shell->focus != NULL && weston_xwayland_surface_get_api (shell->compositor) != NULL)
    weston_view_activate_input (shell->focus->view, glb_seat_get_weston_seat (shell->seat), WESTON_ACTIVATE_FLAG_NONE);
}

bool
glb_shell_ping_focus (GlbShell  *shell,
                      void     (*pong) (void *data),
                      void      *data)
{
  struct weston_desktop_client *client;

  if (shell->focus == NULL)
    return false;
  client = weston_desktop_surface_get_client (shell->focus->desktop_surface);
  if (weston_desktop_client_ping (client) < 0)
    return false;
  shell->pinged = client;
  shell->pong = pong;
  shell->pong_data = data;
  return true;
}

static GlbWindow *
find_window (GlbShell *shell,
             uint32_t  id)
{
  GlbWindow *window;

  wl_list_for_each (window, &shell->windows, link)
    if (window->id == id && window->mapped)
      return window;
  return NULL;
}

int
glb_shell_window_op (GlbShell              *shell,
                     const GlbShimWindowOp *op)
{
  GlbWindow *window = find_window (shell, op->window);

  if (window == NULL)
    return ENOENT;
  switch (op->op)
    {
    case GLB_SHIM_WINDOW_ACTIVATE:
      activate (shell, window, WESTON_ACTIVATE_FLAG_NONE);
      return 0;
    case GLB_SHIM_WINDOW_CLOSE:
      weston_desktop_surface_close (window->desktop_surface);
      return 0;
    case GLB_SHIM_WINDOW_MAXIMIZE:
      set_maximized (shell, window, true);
      return 0;
    case GLB_SHIM_WINDOW_RESTORE:
      if (window->minimized)
        activate (shell, window, WESTON_ACTIVATE_FLAG_NONE);
      else if (glb_window_is_fullscreen (window))
        set_fullscreen (shell, window, false);
      else
        set_maximized (shell, window, false);
      return 0;
    default:
      return EINVAL;
    }
}

uint32_t
glb_shell_get_focus (GlbShell *shell)
{
  return shell->focus != NULL ? shell->focus->id : 0;
}

GlbShell *
glb_shell_new (struct weston_compositor *compositor,
               struct weston_output     *output,
               GlbSeat                  *seat,
               GlbControl               *control)
{
  GlbShell *shell = glb_new0 (GlbShell);

  shell->compositor = compositor;
  shell->output = output;
  shell->seat = seat;
  shell->control = control;
  wl_list_init (&shell->windows);
  weston_layer_init (&shell->background_layer, compositor);
  weston_layer_init (&shell->window_layer, compositor);
  weston_layer_init (&shell->hidden_layer, compositor);
  weston_layer_set_position (&shell->background_layer, WESTON_LAYER_POSITION_BACKGROUND);
  weston_layer_set_position (&shell->window_layer, WESTON_LAYER_POSITION_NORMAL);
  weston_layer_set_position (&shell->hidden_layer, WESTON_LAYER_POSITION_HIDDEN);
  shell->background = glb_compat_background_new (compositor, output, &shell->background_layer, BACKGROUND_RGB);
  shell->desktop = glb_compat_desktop_new (compositor, &desktop_api, shell);
  if (shell->desktop == NULL)
    abort ();
  glb_seat_set_clicked (seat, handle_click, handle_touch, shell);
  shell->transform_listener.notify = handle_transform;
  wl_signal_add (&compositor->transform_signal, &shell->transform_listener);
  return shell;
}

void
glb_shell_free (GlbShell *shell)
{
  GlbWindow *window, *next;

  if (shell->drag != NULL)
    glb_drag_cancel (shell->drag);
  if (shell->idle != NULL)
    wl_event_source_remove (shell->idle);
  wl_list_remove (&shell->transform_listener.link);
  glb_seat_set_clicked (shell->seat, NULL, NULL, NULL);
  wl_list_for_each_safe (window, next, &shell->windows, link)
    glb_window_free (window);
  weston_desktop_destroy (shell->desktop);
  glb_compat_background_free (shell->background);
  weston_layer_fini (&shell->background_layer);
  weston_layer_fini (&shell->window_layer);
  weston_layer_fini (&shell->hidden_layer);
  free (shell->sent);
  free (shell);
}
